"""Tokens, scopes, ownership: what is refused, and that commits of other engines are recorded."""


def access(cases, project, server, engines):
    table = "/v1/lake/namespaces/trusted/tables/orders"
    change = {"requirements": [], "updates": [{"action": "set-properties", "updates": {"note": "x"}}]}
    cases.check("no token: 401", server.call("GET", table)[0], 401)
    cases.check("wrong token: 401", server.call("GET", table, token="leat_" + "0" * 64)[0], 401)
    cases.check("a reader reads", server.call("GET", table, token=server.reader)[0], 200)
    status, body = server.call("POST", table, change, token=server.reader)
    cases.true("a reader does not write", status == 403 and "SERVE-205" in body["error"]["message"], (status, body))
    status, body = server.call("POST", table, change, token=server.writer)
    cases.true("nobody writes tables that a project owns", status == 403 and "SERVE-305" in body["error"]["message"], (status, body))
    for engine in engines:
        try:
            engine.delete("trusted", "orders", "id", 1)
            refused = False
        except Exception as error:
            refused = "SERVE-305" in str(error) or "external" in str(error).lower() or "other engines" in str(error)
        cases.true(f"{engine.name} is told why it may not write there", refused)
    cases.true("commits of other engines are in leat.commits",
               int(project.one("select count(*) from leat.commits where kind = 'external'")[0]) > 0)
