"""Tokens, scopes, ownership, clients: what is refused, and that commits of other engines are recorded."""
import duckdb
from pyiceberg.catalog import load_catalog

from engines import DEPS


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
    clients(cases, project, server, engines)
    cases.true("commits of other engines are in leat.commits",
               int(project.one("select count(*) from leat.commits where kind = 'external'")[0]) > 0)


def clients(cases, project, server, engines):
    """Each engine with id and secret of a client of its own, as OAuth 2 has it; the client reaches one table."""
    _, spark, _ = engines
    client = project.json("serve", "token", "create", "etl", "--client", "--scope", "read", "--tables", "trusted.orders")
    name, secret = client["client_id"], client["client_secret"]
    catalog = load_catalog("client", type="rest", uri=server.url, warehouse="lake", credential=f"{name}:{secret}")
    cases.check("PyIceberg as a client sees its table only", catalog.list_tables("trusted"), [("trusted", "orders")])
    rows = catalog.load_table("trusted.orders").scan().to_arrow().num_rows
    cases.check("and reads it", rows, 100)
    for option, value in {"": "org.apache.iceberg.spark.SparkCatalog", ".type": "rest", ".uri": server.url, ".warehouse": "lake",
                          ".credential": f"{name}:{secret}", ".oauth2-server-uri": f"{server.url}/v1/oauth/tokens",
                          ".cache-enabled": "false", ".header.X-Iceberg-Access-Delegation": "remote-signing"}.items():
        spark.session.conf.set(f"spark.sql.catalog.client{option}", value)
    cases.check("Spark as a client reads it", spark.sql("select count(*) from client.trusted.orders"), [(100,)])
    cases.check("and sees no other", spark.sql("show tables in client.trusted"), [("trusted", "orders", False)])
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"})
    for extension in ("avro", "httpfs", "iceberg"):
        connection.execute(f"load '{DEPS}/extensions/{extension}.duckdb_extension'")
    connection.execute(f"attach 'lake' as lake (type iceberg, endpoint '{server.url}', client_id '{name}', client_secret '{secret}', "
                       f"oauth2_server_uri '{server.url}/v1/oauth/tokens')")
    cases.check("DuckDB as a client reads it", connection.execute("select count(*) from lake.trusted.orders").fetchall(), [(100,)])
    refused = ""
    try:
        catalog.load_table("trusted.by_customer")
    except Exception as error:  # whatever the engine throws: its text is asked
        refused = str(error)
    cases.true("another table is refused", "SERVE-206" in refused, refused or "it was opened")
    project.run("serve", "token", "revoke", name)
    try:
        load_catalog("client2", type="rest", uri=server.url, warehouse="lake", credential=f"{name}:{secret}")
        refused = ""
    except Exception as error:
        refused = type(error).__name__ + str(error)
    cases.true("a revoked client gets no token", refused != "")
