#!/usr/bin/env python3
"""Two `leat serve` on two ports over one PostgreSQL and one bucket behave as one.

usage: two_servers.py LEAT        (LEAT_STRESS_SECONDS: how long clients commit before and after a server is killed)
What one commits the other has at once, whatever it had kept; repeats, plans, tokens and clients work across both; then one of
the two is killed while clients commit and runs publish.
"""
import os
import sys
import time

import pyarrow as pa
import requests

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "support")]
from hostile_store import missing  # noqa: E402
from leat_project import Cases, wait_for  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402
from s3_server import S3Server  # noqa: E402
from servers import AppendClient, Machine, PropertyClient, Publisher, check_clients, pyiceberg  # noqa: E402

SECONDS = float(os.environ.get("LEAT_STRESS_SECONDS") or 4)
IDS = pa.schema([pa.field("id", pa.int64())])
SCHEMA = {"type": "struct", "schema-id": 0, "fields": [{"id": 1, "name": "id", "required": False, "type": "long"}]}


def get(server, path, token, **headers):
    return requests.get(server.url + path, headers={"Authorization": f"Bearer {token}", **headers}, timeout=60)


def seen_at_once(cases, one, two, token):
    """Through one, then looked at through the other: tables, properties, lists, namespaces, views, drops."""
    path, wrong = "/v1/lake/namespaces/shared/tables/turns", []
    two.call("POST", "/v1/lake/namespaces/shared/tables", {"name": "turns", "schema": SCHEMA}, token=token)
    tags = {}
    for number in range(100):
        writer, reader = ((one, two), (two, one))[number % 2]
        before = get(reader, path, token)
        tags[reader.port] = before.headers["ETag"]
        if get(reader, path, token, **{"If-None-Match": tags[reader.port]}).status_code != 304:
            wrong.append((number, "no 304 although nothing changed"))
        status, body = writer.call("POST", path, {"requirements": [], "updates": [
            {"action": "set-properties", "updates": {"turn": str(number)}}]}, token=token)
        after = get(reader, path, token, **{"If-None-Match": tags[reader.port]})
        if status != 200 or after.status_code != 200 or after.json()["metadata-location"] != body["metadata-location"] or \
                after.json()["metadata"]["properties"]["turn"] != str(number):
            wrong.append((number, status, after.status_code, after.text[:200]))
        if get(writer, path, token, **{"If-None-Match": after.headers["ETag"]}).status_code != 304:
            wrong.append((number, "the tag of one is not known to the other"))
    cases.check("a commit through one is seen at once through the other, with ETag (100 turns)", wrong, [])

    wrong = []
    view = {"name": "v", "schema": SCHEMA, "properties": {}, "view-version": {
        "version-id": 1, "timestamp-ms": 1, "schema-id": 0, "summary": {}, "default-namespace": ["shared"],
        "representations": [{"type": "sql", "sql": "select 1 as id", "dialect": "spark"}]}}
    for number in range(20):
        writer, reader = ((one, two), (two, one))[number % 2]
        ns = f"space{number}"
        names = lambda what: reader.call("GET", f"/v1/lake/namespaces/{ns}/{what}", token=token)[1]["identifiers"]
        seen = [reader.call("GET", f"/v1/lake/namespaces/{ns}", token=token)[0],
                writer.call("POST", "/v1/lake/namespaces", {"namespace": [ns]}, token=token)[0],
                [ns] in reader.call("GET", "/v1/lake/namespaces", token=token)[1]["namespaces"], names("tables"), names("views"),
                writer.call("POST", f"/v1/lake/namespaces/{ns}/tables", {"name": "t", "schema": SCHEMA}, token=token)[0],
                writer.call("POST", f"/v1/lake/namespaces/{ns}/views", view, token=token)[0],
                [n["name"] for n in names("tables")], [n["name"] for n in names("views")],
                reader.call("DELETE", f"/v1/lake/namespaces/{ns}/tables/t", token=token)[0],
                writer.call("GET", f"/v1/lake/namespaces/{ns}/tables/t", token=token)[0],
                writer.call("GET", f"/v1/lake/namespaces/{ns}/tables", token=token)[1]["identifiers"]]
        if seen != [404, 200, True, [], [], 200, 200, ["t"], ["v"], 204, 404, []]:
            wrong.append((number, seen))
    cases.check("so are namespaces, lists, views and drops", wrong, [])


def engines_alternate(cases, servers, token, storage):
    catalogs = [pyiceberg([server], token, storage)[0] for server in servers]
    table = catalogs[0].create_table("shared.rows", IDS)
    for number in range(12):
        catalogs[number % 2].load_table("shared.rows").append(pa.table({"id": pa.array([number], pa.int64())}))
        got = sorted(catalogs[1 - number % 2].load_table("shared.rows").scan().to_arrow()["id"].to_pylist())
        if got != list(range(number + 1)):
            return cases.check("PyIceberg appends through the two in turn", got, list(range(number + 1)))
    cases.check("PyIceberg appends through the two in turn", len(table.refresh().metadata.snapshots), 12)
    stale = catalogs[0].load_table("shared.rows")
    catalogs[1].load_table("shared.rows").append(pa.table({"id": pa.array([100], pa.int64())}))
    commits = []
    session = catalogs[0]._session
    session.hooks["response"].append(lambda answer, **_: commits.append(answer.status_code) if answer.request.method == "POST" else None)
    stale.delete("id = 3")  # what it read is no longer what there is: PyIceberg is told, and plans again
    session.hooks["response"].pop()
    got = sorted(catalogs[1].load_table("shared.rows").scan().to_arrow()["id"].to_pylist())
    cases.check("a delete planned before the other's commit is refused, then planned on it",
                (commits, got), ([409, 200], [n for n in range(12) if n != 3] + [100]))
    return None


def repeats(cases, one, two, token, catalog):
    """The answer of the first was lost: the very same request goes to the other."""
    made = requests.Request("POST", f"{one.url}/v1/lake/namespaces/shared/tables", json={
        "name": "twice", "schema": SCHEMA, "stage-create": True}, headers={"Authorization": f"Bearer {token}"})
    staged = requests.Session().send(made.prepare(), timeout=60).json()["metadata"]
    create = {"requirements": [{"type": "assert-create"}], "updates": [
        {"action": "assign-uuid", "uuid": staged["table-uuid"]}, {"action": "upgrade-format-version", "format-version": 2},
        {"action": "add-schema", "schema": SCHEMA}, {"action": "set-current-schema", "schema-id": -1},
        {"action": "add-spec", "spec": {"spec-id": 0, "fields": []}}, {"action": "set-default-spec", "spec-id": -1},
        {"action": "add-sort-order", "sort-order": {"order-id": 0, "fields": []}},
        {"action": "set-default-sort-order", "sort-order-id": -1}, {"action": "set-location", "location": staged["location"]}]}
    path = "/v1/lake/namespaces/shared/tables/twice"
    first, again = (server.call("POST", path, create, token=token) for server in (one, two))
    cases.check("a creation repeated through the other server", (first[0], again[0], again[1]["metadata-location"]),
                (200, 200, first[1]["metadata-location"]))
    other = {**create, "updates": [{"action": "assign-uuid", "uuid": "11111111-2222-3333-4444-555555555555"}, *create["updates"][1:]]}
    cases.check("another creation is refused there", two.call("POST", path, other, token=token)[0], 409)

    # An append as an engine made it: kept on its way, and sent again to the other.
    kept = []
    table = catalog.load_table("shared.rows")
    adapter = catalog._session.get_adapter(one.url)
    send = adapter.send
    adapter.send = lambda request, **options: (kept.append(request.copy()) if request.method == "POST" else None) or send(request, **options)
    table.append(pa.table({"id": pa.array([200], pa.int64())}))
    adapter.send = send
    commit = next(request for request in kept if request.url.endswith("/tables/rows"))
    got = []
    for server in (two, one, two):
        commit.url = server.url + commit.url.split("/iceberg")[1]
        got.append(requests.Session().send(commit, timeout=60).status_code)
    rows = catalog.load_table("shared.rows").scan().to_arrow()["id"].to_pylist()
    cases.check("an append repeated through both is there once", (got, rows.count(200)), ([200] * 3, 1))


def plans(cases, one, two, token, catalog):
    """A long plan goes on at the other server."""
    from pyiceberg.manifest import DataFile, DataFileContent, FileFormat
    from pyiceberg.typedef import Record
    table = catalog.create_table("shared.long_plan", IDS)
    with table.transaction() as change, change.update_snapshot().fast_append() as append:
        for number in range(4_500):
            append.append_data_file(DataFile.from_args(
                content=DataFileContent.DATA, file_path=f"{table.location()}/data/{number}.parquet", file_format=FileFormat.PARQUET,
                partition=Record(), record_count=1, file_size_in_bytes=100, column_sizes={}, value_counts={}, null_value_counts={},
                nan_value_counts={}, lower_bounds={}, upper_bounds={}, key_metadata=None, split_offsets=[4], equality_ids=None,
                sort_order_id=None))
    path = "/v1/lake/namespaces/shared/tables/long_plan"
    status, answer = one.call("POST", path + "/plan", {"select": ["id"]}, token=token)
    files, tasks, turns = [], list(answer.get("plan-tasks", [])), 0
    files += [task["data-file"]["file-path"] for task in answer["file-scan-tasks"]]
    while tasks:
        turns += 1
        status, answer = (two, one)[turns % 2 - 1].call("POST", path + "/tasks", {"plan-task": tasks.pop(0)}, token=token)
        tasks += answer.get("plan-tasks", [])
        files += [task["data-file"]["file-path"] for task in answer["file-scan-tasks"]]
    cases.true("a plan that one began goes on at the other", status == 200 and turns >= 2 and len(set(files)) == len(files) == 4_500,
               (status, turns, len(files), len(set(files))))


def tokens(cases, one, two):
    """Made on one machine, good on the other; taken back likewise."""
    made = one.project.json("serve", "token", "create", "late", "--scope", "read")
    listed = two.project.json("serve", "token", "list")
    token_id = next(row["id"] for row in listed if row["user"] == "late")
    cases.check("a token made on one machine is good at the other's server", two.call("GET", "/v1/lake/namespaces", token=made["token"])[0], 200)
    client = two.project.json("serve", "token", "create", "etl", "--client", "--scope", "read")
    issued = requests.post(f"{one.url}/v1/oauth/tokens", timeout=60, data={
        "grant_type": "client_credentials", "client_id": client["client_id"], "client_secret": client["client_secret"]}).json()
    cases.check("what one server issues to a client is good at the other",
                two.call("GET", "/v1/lake/namespaces", token=issued["access_token"])[0], 200)
    one.project.run("serve", "token", "revoke", token_id)
    wait_for("a revoked token to be refused by the other server", lambda: two.call("GET", "/v1/lake/namespaces", token=made["token"])[0] == 401, 15)
    one.project.run("serve", "token", "revoke", client["client_id"])
    wait_for("what was issued to a revoked client", lambda: two.call("GET", "/v1/lake/namespaces", token=issued["access_token"])[0] == 401, 15)
    cases.true("what is revoked on one machine ends at both", True)


def killed(cases, store, machines, token, storage):
    """kill -9 of one while clients commit through both and runs publish; it comes back and the other goes."""
    one, two, third = machines
    servers = [one.server, two.server]
    catalog = pyiceberg(servers, token, storage)[0]
    for name in ("props", "appends"):
        catalog.create_table(f"shared.{name}", IDS)
    clients = [PropertyClient(f"p{n}", servers, token, "shared.props") for n in range(3)]
    clients += [AppendClient(f"a{n}", servers, token, "shared.appends", storage, (n + 1) * 10**6) for n in range(3)]
    clients.append(Publisher(third.project, 1))
    for client in clients:
        client.start()
    counts = []
    for machine in (one, two):
        time.sleep(SECONDS)
        machine.kill()
        counts.append(sum(len(client.done) for client in clients))
        time.sleep(SECONDS)  # only the other is left
        counts.append(sum(len(client.done) for client in clients))
        port = machine.server.port
        machine.server.process = machine.project.start("serve", "--listen", f"127.0.0.1:{port}")
        wait_for("the server to come back", machine.server._healthy)
    for client in clients:
        client.ending.set()
    for client in clients:
        client.join(timeout=120)
    lost = sum(client.adapter.lost for client in clients if hasattr(client, "adapter"))
    publisher = clients[-1]
    print(f"        acknowledged {counts}, answers lost {lost}, races of appends {[c.races for c in clients if hasattr(c, 'races')]}, "
          f"longest commit {max(client.longest for client in clients):.1f} s", flush=True)
    cases.true("commits went on with one server left", counts[0] > 0 and counts[1] > counts[0] and counts[3] > counts[2], counts)
    cases.true("answers were lost", lost > 0)
    cases.true("runs published all the time", not publisher.failures, publisher.failures[:2])
    check_clients(cases, "kill -9", clients, catalog, third.project)
    catalog.drop_table("shared.long_plan")  # its data files were never there
    named, gone = missing(third.project, store)
    cases.true(f"nothing that is named is missing ({named})", named > 50 and not gone, gone[:5])


def main():
    cases = Cases()
    with S3Server() as store, PostgresServer() as database:
        os.environ.update(store.environment())
        storage = {"s3.access-key-id": store.key, "s3.secret-access-key": store.secret}
        machines = [Machine(sys.argv[1], database.url, "s3://lake/shop") for _ in range(3)]
        try:
            one, two = (machine.serve() for machine in machines[:2])
            token = one.admin
            one.call("POST", "/v1/lake/namespaces", {"namespace": ["shared"]}, token=token)
            seen_at_once(cases, one, two, token)
            engines_alternate(cases, [one, two], token, storage)
            repeats(cases, one, two, token, pyiceberg([one, two], token, storage)[0])
            plans(cases, one, two, token, pyiceberg([two], token, storage)[0])
            tokens(cases, one, two)
            killed(cases, store, machines, token, storage)
            cases.check("SIGTERM ends both", [one.stop(), two.stop()], [0, 0])
        finally:
            for machine in machines:
                machine.close()
    cases.finish()


if __name__ == "__main__":
    main()
