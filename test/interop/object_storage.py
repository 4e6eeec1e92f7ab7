#!/usr/bin/env python3
"""A warehouse in a real object store does what a folder does: the same project in both, step by step, with equal content.

usage: object_storage.py LEAT [DATA_FOLDER]
Also: PyIceberg reads the tables from the bucket through `leat serve`, and what is wrong with a store is said by its code.
"""
import json
import os
import sqlite3
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "support")]
from leat_project import Cases, Project  # noqa: E402
from s3_server import S3Server  # noqa: E402
from server import Server  # noqa: E402

FILES = {
    "connections.yml": "connections:\n  inbound: { type: csv, path: in }\n  ops: { type: sqlite, file: ops.db }\n",
    "sources/shop.yml": "connection: inbound\ntables:\n"
                        "  - name: orders\n    files: 'orders_*.csv'\n    columns:\n"
                        "      - name: state\n        checks: [{ accepted_values: { values: [new, paid], on_fail: quarantine } }]\n",
    "sources/ops.yml": "connection: ops\ntables:\n  - { name: people, mode: incremental, update_key: seen, primary_key: [id] }\n",
    "models/paid.sql": "{{ config(partition_by=['state', 'bucket(3, id)']) }}\n"
                       "select cast(o.id as bigint) as id, o.amount, o.state, p.name from {{ source('shop', 'orders') }} o "
                       "left join {{ source('ops', 'people') }} p on p.id = o.person\n",
    "models/totals.sql": "{{ config(materialized='incremental', unique_key='name', sort_by=['name']) }}\n"
                         "select coalesce(name, '?') as name, sum(amount) as amount, count(*) as n from {{ ref('paid') }} group by 1\n",
    "models/recent.sql": "{{ config(materialized='view') }}\nselect * from {{ source('ops', 'people') }} where id > 2\n",
}


def orders(first, rows=40):
    states = ["new", "paid", "paid", "lost"]
    return "id,person,amount,state\n" + "".join(f"{first + i},{i % 5},{i}.25,{states[i % 4]}\n" for i in range(rows))


def people(project, first, seen):
    """Four people are new or changed in the operational database."""
    database = sqlite3.connect(os.path.join(project.folder, "ops.db"))
    database.execute("create table if not exists people (id integer primary key, name text, seen integer)")
    database.executemany("insert or replace into people values (?, ?, ?)",
                         [(i, f"person {i} {seen}", seen * 100 + i) for i in range(first, first + 4)])
    database.commit()
    database.close()


def make(leat, warehouse):
    project = Project(leat)
    project.write({**FILES, "leat.yml": f"version: 1\nname: shop\nwarehouse: {warehouse}\ndefaults: {{ max_reject: 50% }}\n",
                   "in/orders_1.csv": orders(100)})
    people(project, 0, 1)
    return project


def state(project):
    """What must be equal in a folder and in a bucket."""
    return {
        "content": {row["table"]: row["hash"] for row in project.json("lake", "content-hash")
                    if not row["table"].endswith("__rejected")},
        "rejected": project.rows("select table_name, reason_code, origin, payload, status from leat.rejected order by all"),
        "totals": project.rows("select * from totals order by name"),
        "recent": project.rows("select count(*), max(name) from recent"),
        "files": [int(row[0]) > 0 for row in project.rows("select count(*) from paid where id % 3 = 1")],
        "ledger": project.rows("select asset, rows_in, rows_out, rows_rejected, rows_filtered, rows_inserted, rows_updated, "
                               "rows_deleted from leat.ledger order by run_id, asset"),
    }


def both(cases, name, projects, action):
    """The action on the folder's project and on the bucket's; both must come to the same."""
    results = [action(project) for project in projects]
    cases.check(f"{name}: the same outcome", results[1], results[0])
    states = [state(project) for project in projects]
    for part, expected in states[0].items():
        cases.check(f"{name}: equal {part}", states[1][part], expected)


def lifecycle(cases, leat, store):
    folder, bucket = make(leat, "./.leat/warehouse"), make(leat, "s3://lake/shop")
    projects = [folder, bucket]

    def run(*options):
        return lambda project: (project.json("run", *options)["status"])

    both(cases, "first run", projects, run())
    names = store.files()
    cases.true("data and metadata are in the bucket", any(n.endswith(".parquet") for n in names)
               and any(n.endswith(".metadata.json") for n in names), names)
    cases.true("nothing of the tables is beside the project", not os.path.exists(os.path.join(bucket.folder, ".leat", "warehouse"))
               and not os.path.exists(os.path.join(bucket.folder, "s3:")))
    both(cases, "second run has nothing to do", projects, run())
    cases.check("and writes nothing", store.files(), names)
    for project in projects:
        project.write({"in/orders_2.csv": orders(200)})
        people(project, 2, 2)
    both(cases, "append and upsert", projects, run())
    both(cases, "everything again", projects, run("--force"))
    last = {id(p): p.rows("select run_id from leat.runs order by started_at desc limit 1")[0][0] for p in projects}
    both(cases, "rollback", projects, lambda p: p.run("lake", "rollback", "--run", last[id(p)]).returncode)
    both(cases, "after the rollback", projects, run())
    both(cases, "the past", projects, lambda p: [
        p.rows("select count(*), sum(amount) from trusted.paid", "--as-of", str(row["commit"]))
        for row in p.json("lake", "history") if any(t["table"] == "trusted.paid" for t in p.json("lake", "tables", "--as-of", str(row["commit"])))])

    for project in projects:
        project.run("env", "create", "dev")
    both(cases, "statements that write, on an environment", projects, lambda p: p.run(
        "sql", "--write", "--ref", "env/dev", "-c",
        "insert into trusted.paid select id + 1000, amount, state, name from trusted.paid where state = 'paid'; "
        "delete from trusted.paid where id % 7 = 0; update trusted.paid set name = 'x' where id % 5 = 0").returncode)
    both(cases, "what they made", projects, lambda p: p.rows(
        "select count(*), sum(id), count(*) filter (name = 'x') from trusted.paid", "--ref", "env/dev"))

    result = bucket.json("run", "--force")["store_requests"]
    cases.true("a run counts its requests", result["put"] > 5 and result["get"] > 5 and result["written_bytes"] > 1000, result)
    log = [json.loads(line) for line in bucket.run("runs", bucket.json("runs")[0]["run_id"], "--log").stdout.splitlines()]
    cases.check("and its log has them", [entry["stage"] for entry in log if "store_requests" in entry], ["publish"])
    cases.check("a folder has none", folder.json("run", "--force")["store_requests"], None)
    folder.remove()
    return bucket


def other_engines(cases, store, project):
    server = Server(project)
    try:
        from pyiceberg.catalog import load_catalog
        catalog = load_catalog("lake", **{
            "type": "rest", "uri": server.url, "warehouse": "lake", "token": server.reader,
            "s3.access-key-id": store.key, "s3.secret-access-key": store.secret})
        cases.check("the server tells where the store is, and no keys", {
            name: value for name, value in server.call("GET", "/v1/config?warehouse=lake", token=server.reader)[1]["defaults"].items()
            if name.startswith("s3.")}, {"s3.endpoint": store.url, "s3.region": "us-east-1", "s3.path-style-access": "true"})
        for table in ("paid", "totals"):
            rows = catalog.load_table(f"trusted.{table}").scan().to_arrow()
            cases.check(f"PyIceberg reads {table} from the bucket", str(rows.num_rows),
                        project.one(f"select count(*) from trusted.{table}")[0])
        location = catalog.load_table("trusted.paid").location()
        cases.true("the location is in the bucket", location.startswith("s3://lake/shop/"), location)
    finally:
        cases.check("SIGTERM ends the server", server.stop(), 0)


def doctor(cases, leat, store, project):
    findings = {row["name"]: row for row in project.json("doctor")}
    cases.check("doctor finds the bucket in order", findings["warehouse"]["state"], "ok")
    cases.true("and says whose keys are used", "the environment" in findings["warehouse"]["text"], findings["warehouse"])
    cases.true("and leaves nothing there", not [n for n in store.files() if "doctor" in n], store.files())

    def code(warehouse="s3://lake/other", storage="", **environment):
        other = make(leat, warehouse)
        with open(os.path.join(other.folder, "leat.yml"), "a", encoding="utf-8") as file:
            file.write(storage)
        done = other.run("run", expect=None, **environment)
        other.remove()
        return done.returncode, [word for word in done.stderr.replace(":", " ").split() if word.startswith("IO-")][:1]

    cases.check("no such bucket", code("s3://nobucket/x"), (4, ["IO-526"]))
    cases.check("a wrong secret", code(AWS_SECRET_ACCESS_KEY="wrong-secret"), (4, ["IO-522"]))
    cases.check("an unknown key", code(AWS_ACCESS_KEY_ID="nobody"), (4, ["IO-522"]))
    cases.check("no keys at all", code(AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY=""), (4, ["IO-521"]))
    cases.check("not a bucket's name", code("s3://No_Bucket/x"), (2, ["IO-501"]))
    cases.check("half a pair of keys", code(storage="storage: { access_key_id: x }\n"), (2, ["IO-501"]))


def main():
    leat, cases = sys.argv[1], Cases()
    with S3Server() as store:
        os.environ.update(store.environment())
        project = lifecycle(cases, leat, store)
        other_engines(cases, store, project)
        doctor(cases, leat, store, project)
        project.remove()
    cases.finish()


if __name__ == "__main__":
    main()
