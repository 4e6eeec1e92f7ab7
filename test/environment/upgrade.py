#!/usr/bin/env python3
"""A project whose state and lake an earlier build wrote (test/fixtures/lake_v<N>.json) opens in this one: the state is migrated, the
rows, the history and every earlier state are there, and the next run loads only what is new.

usage: upgrade.py LEAT
       upgrade.py LEAT --make FILE.json     (keeps what this LEAT makes as a fixture; an old one is never made again)
"""
import base64
import fcntl
import glob
import json
import os
import shutil
import sqlite3
import sys
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from leat_project import Cases, Project  # noqa: E402

# Manifests name data files by absolute place, so the fixture lives where it was made.
PLACE = "/tmp/leat-fixture-lake"

FILES = {
    "leat.yml": "version: 1\nname: shop\narchive: false\n",
    "connections.yml": "connections:\n  inbound: { type: csv, path: in }\n  ops: { type: sqlite, file: ops.db }\n",
    "sources/shop.yml": "connection: inbound\ntables:\n  - { name: orders, files: 'orders_*.csv', structured: false }\n",
    "sources/ops.yml": "connection: ops\ntables:\n"
                       "  - { name: people, mode: incremental, update_key: changed, primary_key: [id], structured: false }\n",
    "models/totals.sql": "select p.name, sum(o.amount) as amount from {{ source('shop', 'orders') }} o "
                         "join {{ source('ops', 'people') }} p on p.id = o.person group by 1\n",
    "in/orders_1.csv": "id,person,amount\n1,1,10.50\n2,2,20.25\n",
}
PEOPLE = "select id, name, changed from raw_ops.people order by id"
TOTALS = "select name, amount from totals order by name"


def people(project, *statements):
    database = sqlite3.connect(os.path.join(project.folder, "ops.db"))
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()


def make(leat, path):
    """Two runs, the second with an append and a row delta; a tag between them; an environment."""
    shutil.rmtree(PLACE, ignore_errors=True)
    project = Project(leat, PLACE)
    project.write(FILES)
    people(project, "create table people (id integer primary key, name text, changed integer)",
           "insert into people values (1, 'ann', 1), (2, 'bob', 2)")
    project.run("run")
    project.run("lake", "tag", "first")
    project.write({"in/orders_2.csv": "id,person,amount\n3,1,1.00\n"})
    people(project, "update people set name = 'bobby', changed = 3 where id = 2")
    project.run("run")
    project.run("env", "create", "dev")
    database = sqlite3.connect(os.path.join(PLACE, ".leat", "state.db"))
    kept = {
        "made_by": project.json("version"),
        "state": {"user_version": database.execute("pragma user_version").fetchone()[0],
                  "application_id": database.execute("pragma application_id").fetchone()[0],
                  "sql": list(database.iterdump())},
        "sources": {}, "lake": {},
    }
    database.close()
    for name in glob.glob("**/*", root_dir=PLACE, recursive=True):
        if os.path.isfile(os.path.join(PLACE, name)) and name != "ops.db":
            kept["sources"][name] = open(os.path.join(PLACE, name), encoding="utf-8").read()
    root = os.path.join(PLACE, ".leat", "warehouse")
    for name in sorted(glob.glob("**/*", root_dir=root, recursive=True)):
        if os.path.isfile(os.path.join(root, name)):
            bytes_there = open(os.path.join(root, name), "rb").read()
            kept["lake"][name] = base64.b64encode(zlib.compress(bytes_there, 9)).decode()
    database = sqlite3.connect(os.path.join(PLACE, "ops.db"))
    kept["ops"] = list(database.iterdump())
    database.close()
    with open(path, "w", encoding="utf-8") as out:
        json.dump(kept, out, indent=1)
        out.write("\n")
    shutil.rmtree(PLACE)


def restore(leat, path):
    with open(path, encoding="utf-8") as file:
        kept = json.load(file)
    shutil.rmtree(PLACE, ignore_errors=True)
    project = Project(leat, PLACE)
    project.write(kept["sources"])
    os.makedirs(os.path.join(PLACE, ".leat"), mode=0o700)
    for name, text in kept["lake"].items():
        place = os.path.join(PLACE, ".leat", "warehouse", name)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(place, "wb") as out:
            out.write(zlib.decompress(base64.b64decode(text)))
    for name, statements in (("ops.db", kept["ops"]), (".leat/state.db", kept["state"]["sql"])):
        database = sqlite3.connect(os.path.join(PLACE, name))
        database.executescript("\n".join(statements))
        if name != "ops.db":
            for pragma in ("user_version", "application_id"):
                database.execute(f"pragma {pragma} = {kept['state'][pragma]}")
            database.execute("pragma journal_mode = wal")
        database.commit()
        database.close()
    return project


def opens(cases, leat, path):
    name = os.path.basename(path)
    project = restore(leat, path)
    two = [["ann", "11.50"], ["bobby", "20.25"]]
    cases.check(f"{name}: the rows are there", (project.rows(TOTALS), project.rows(PEOPLE)),
                (two, [["1", "ann", "1"], ["2", "bobby", "3"]]))
    cases.check(f"{name}: and the history", [row["message"] for row in project.json("lake", "history", "raw_shop.orders")],
                ["run of shop", "run of shop"])
    first = [["ann", "10.50"], ["bob", "20.25"]]
    commit = project.json("lake", "history", "raw_shop.orders")[-1]["commit"]
    cases.check(f"{name}: an earlier state by its commit", project.rows(TOTALS, "--ref", f"commit/{commit}"), first)
    cases.check(f"{name}: by its tag", project.rows(TOTALS, "--ref", "tag/first"), first)
    cases.check(f"{name}: an environment", project.rows(TOTALS, "--ref", "env/dev"), two)
    cases.check(f"{name}: the ledger", project.one("select sum(rows_in), sum(rows_out) from leat.ledger where kind = 'load'"),
                ["6", "6"])
    doctor = project.run("doctor", expect=None)
    cases.true(f"{name}: the doctor finds nothing wrong", doctor.returncode == 0, doctor.stdout + doctor.stderr)

    loads = lambda run: {step["asset"]: (step["rows_in"], step["reason"]) for step in run["steps"]  # noqa: E731
                         if step["asset"].startswith("source.")}
    again = loads(project.json("run"))
    cases.check(f"{name}: a run finds no new rows", {asset: rows for asset, (rows, _) in again.items()},
                {"source.shop.orders": 0, "source.ops.people": 0})
    project.write({"in/orders_3.csv": "id,person,amount\n4,3,7.00\n5,2,0.75\n"})
    people(project, "insert into people values (3, 'cid', 4)")
    after = loads(project.json("run"))
    cases.check(f"{name}: the next run loads only what is new", {asset: rows for asset, (rows, _) in after.items()},
                {"source.shop.orders": 2, "source.ops.people": 1})
    cases.check(f"{name}: on top of what was there", (project.rows(TOTALS), project.one(
        "select count(*), count(distinct id) from raw_shop.orders")),
        ([["ann", "11.50"], ["bobby", "21.00"], ["cid", "7.00"]], ["5", "5"]))
    project.remove()

    project = restore(leat, path)
    database = sqlite3.connect(os.path.join(PLACE, ".leat", "state.db"))
    database.execute("insert into migration (number, name, applied_at, program) values (9999, '9999_future', 0, '9.9.9')")
    database.commit()
    database.close()
    refused = project.run("sql", "-c", TOTALS, expect=None)
    text = refused.stdout + refused.stderr
    cases.true(f"{name}: a newer state is refused with the version that it needs",
               refused.returncode == 4 and "9.9.9" in text, f"exit {refused.returncode}: {text}")
    project.remove()


def main():
    with open(PLACE + ".lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if sys.argv[2:3] == ["--make"]:
            make(sys.argv[1], sys.argv[3])
            return
        cases = Cases()
        fixtures = sorted(glob.glob(os.path.join(HERE, "..", "fixtures", "lake_v*.json")))
        cases.true("there is a fixture", len(fixtures) > 0)
        for path in fixtures:
            opens(cases, sys.argv[1], path)
        cases.finish()


if __name__ == "__main__":
    main()
