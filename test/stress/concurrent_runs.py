#!/usr/bin/env python3
"""Runs that overlap: each source row arrives once, derived tables are right, nobody loses a commit.

usage: concurrent_runs.py LEAT
The order of events is fixed with fault points that pause, not with time.
"""
import json
import os
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from leat_project import Cases, Project  # noqa: E402

FILES = {
    "leat.yml": "version: 1\nname: concurrent\n",
    "connections.yml": "connections:\n  inbound: { type: csv, path: in }\n  ops: { type: sqlite, file: ops.db }\n",
    "sources/shop.yml": "connection: inbound\ntables:\n  - { name: orders, files: 'orders_*.csv', structured: false }\n"
                        "  - { name: visits, files: 'visits_*.csv', structured: false }\n",
    "sources/ops.yml": "connection: ops\ntables:\n"
                       "  - { name: events, mode: incremental, update_key: id, primary_key: [id], structured: false }\n",
    "models/total.sql": "select count(*) as n, sum(amount) as amount from {{ source('shop', 'orders') }}\n",
    "in/orders_1.csv": "id,amount\n1,10\n2,20\n",
    "in/visits_1.csv": "id\n1\n",
}


def new_project(leat):
    project = Project(leat)
    project.write(FILES)
    database = sqlite3.connect(os.path.join(project.folder, "ops.db"))
    database.execute("create table events (id integer primary key, note text)")
    database.executemany("insert into events values (?, 'x')", [(i,) for i in range(1, 1001)])
    database.commit()
    database.close()
    return project


def finish(process):
    out, err = process.communicate(timeout=120)
    return process.returncode, out + err


def one_lake(leat, **tables):
    """Projects that share a lake and a state and load into the one table raw_shop.orders, each under a load key of its own
    (`north.orders`, `south.orders`); a keyword's value is what its table says beside name and files."""
    lake = Project(leat)
    projects = {}
    for name, more in tables.items():
        project = projects[name] = Project(leat, os.path.join(lake.folder, name))
        project.write({
            "leat.yml": f"version: 1\nname: {name}\nwarehouse: ../lake/warehouse\nstate: ../lake/state.db\n",
            "connections.yml": "connections:\n  inbound: { type: csv, path: in }\n",
            f"sources/{name}.yml": f"connection: inbound\nschema: raw_shop\ntables:\n"
                                   f"  - {{ name: orders, files: 'orders_*.csv', structured: false{more} }}\n",
            "in/orders_1.csv": f"branch,id\n{name},1\n{name},2\n",
        })
    os.makedirs(os.path.join(lake.folder, "lake"))
    return lake, projects


ORDERS = "select branch, id from raw_shop.orders order by all"


def outcome(process):
    """Exit code, how often the run planned again, and the rows that it says it read."""
    code, text = finish(process)
    if code != 0:
        raise SystemExit(f"a run ended with {code}\n{text}")
    result = json.loads(text[text.index("{"):])
    return result["replans"], sum(step["rows_in"] for step in result["steps"])


def two_load_keys(cases, leat):
    lake, projects = one_lake(leat, north="", south="", west="")
    north, south, west = projects["north"], projects["south"], projects["west"]
    north.run("run")
    south.run("run")
    north.write({"in/orders_2.csv": "branch,id\nnorth,3\n"})
    south.write({"in/orders_2.csv": "branch,id\nsouth,3\nsouth,4\n"})
    for number, point in enumerate(("load.committed", "publish.before"), 9):
        # A third one was the last, so that both now change whatever a load leaves behind about itself.
        west.run("run")
        west.write({f"in/orders_{point}.csv": "branch,id\nwest,9\n"})
        slow, go = north.paused(point, "run", "--output", "json")
        quick = south.json("run")
        go()
        cases.check(f"two load keys, one table: the quick append lands ({point})", [quick["replans"], quick["status"]],
                    [0, "success"])
        cases.check("and the slow one lands on top of it without a retry of its data", outcome(slow), (0, 1))
        for project in (north, south):
            project.write({f"in/orders_{point}.csv": f"branch,id\n{os.path.basename(project.folder)},{number}\n"})
    cases.check("with every row once", north.rows(ORDERS), [
        ["north", "1"], ["north", "2"], ["north", "3"], ["north", "9"],
        ["south", "1"], ["south", "2"], ["south", "3"], ["south", "4"], ["south", "9"],
        ["west", "1"], ["west", "2"], ["west", "9"]])
    final = [project.start("run", "--output", "json") for project in (north, south)]
    cases.check("and both at once, with no order of ours, too", [outcome(process) for process in final], [(0, 1), (0, 1)])
    lake.remove()


def lease_taken_late(cases, leat):
    """A run that lost the race too often takes its tables' write leases: nobody publishes past it, also not one that has already
    looked whether they are free."""
    project = new_project(leat)
    project.run("run")
    project.write({"in/orders_2.csv": "id,amount\n3,30\n"})
    late, go = project.paused("run.publish.before", "run", "--output", "json")
    state = sqlite3.connect(os.path.join(project.folder, ".leat", "state.db"))
    state.execute("insert into lease values ('write:raw_shop.orders', 'another run', 1, 'test', 0, ?)", ((1 << 62),))
    state.commit()
    go()
    try:
        late.wait(timeout=2)
        waits = False
    except subprocess.TimeoutExpired:
        waits = True
    cases.true("a run whose table is taken at the last moment waits", waits)
    cases.check("and nothing of it is visible", project.one("select count(*) from raw_shop.orders"), ["2"])
    state.execute("delete from lease where name = 'write:raw_shop.orders'")
    state.commit()
    state.close()
    cases.check("then it publishes what it has, without planning again", outcome(late), (0, 1 + 1))  # its row, and the one of the total
    cases.check("every row is there once", project.one("select count(*), count(distinct id) from raw_shop.orders"), ["3", "3"])
    project.remove()


def overwrite_and_append(cases, leat):
    lake, projects = one_lake(leat, whole=", mode: full-refresh", part="")
    whole, part = projects["whole"], projects["part"]
    whole.run("run")
    whole.write({"in/orders_1.csv": "branch,id\nwhole,1\nwhole,2\nwhole,3\n"})
    slow, go = whole.paused("publish.before", "run", "--output", "json")
    part.run("run")
    go()
    replans, _ = outcome(slow)
    cases.check("a long overwrite that an append overtook is planned again", replans, 1)
    cases.check("and then holds what it overwrites with, as if it had come after", whole.rows(ORDERS),
                [["whole", "1"], ["whole", "2"], ["whole", "3"]])
    cases.check("the append was visible until then", whole.rows(ORDERS, "--ref", "commit/" + commit_of(whole, "part")), [
        ["part", "1"], ["part", "2"], ["whole", "1"], ["whole", "2"]])

    part.write({"in/orders_2.csv": "branch,id\npart,3\n"})
    whole.write({"in/orders_1.csv": "branch,id\nwhole,7\n"})
    slow, go = part.paused("publish.before", "run", "--output", "json")
    whole.run("run")
    go()
    replans, _ = outcome(slow)
    cases.check("an append that an overwrite overtook is planned again", replans, 1)
    cases.check("and adds its rows to what the overwrite left", whole.rows(ORDERS), [["part", "3"], ["whole", "7"]])
    lake.remove()


def by_key(cases, leat):
    """What is found to be new by key holds for one state of the table: such an append is never re-based."""
    insert = ", mode: insert, primary_key: [id]"
    lake, projects = one_lake(leat, north=insert, south=insert)
    north, south = projects["north"], projects["south"]
    north.run("run")
    north.write({"in/orders_2.csv": "branch,id\nnorth,3\nnorth,4\n"})
    south.write({"in/orders_2.csv": "branch,id\nsouth,3\nsouth,5\n"})
    slow, go = south.paused("publish.before", "run", "--output", "json")
    north.run("run")
    go()
    replans, _ = outcome(slow)
    cases.check("rows inserted by key that another insert overtook are planned again", replans, 1)
    cases.check("and no key is there twice", north.rows(ORDERS), [
        ["north", "1"], ["north", "2"], ["north", "3"], ["north", "4"], ["south", "5"]])
    lake.remove()

    lake, projects = one_lake(leat, north="", south="")
    north, south = projects["north"], projects["south"]
    north.run("run")
    text = open(os.path.join(north.folder, "sources/north.yml"), encoding="utf-8").read()
    north.write({"sources/north.yml": text + "  - { name: gone, files: 'gone_*.csv', mode: delete, into: orders, primary_key: [id] }\n",
                 "in/orders_2.csv": "branch,id\nnorth,3\nnorth,4\n", "in/gone_1.csv": "id\n1\n4\n"})
    slow, go = north.paused("publish.before", "run", "--output", "json")
    south.run("run")
    go()
    replans, _ = outcome(slow)
    cases.check("a load and its delete that an append overtook are planned again together", replans, 1)
    cases.check("and the keys go from all rows, those of the append, too", north.rows(ORDERS), [
        ["north", "2"], ["north", "3"], ["south", "2"]])
    lake.remove()


def commit_of(project, name):
    return next(str(row["commit"]) for row in project.json("lake", "history", "raw_shop.orders")
                if row["message"] == f"run of {name}")


def main():
    cases = Cases()
    two_load_keys(cases, sys.argv[1])
    lease_taken_late(cases, sys.argv[1])
    overwrite_and_append(cases, sys.argv[1])
    by_key(cases, sys.argv[1])

    project = new_project(sys.argv[1])
    two = [project.start("run", "--select", "source:ops") for _ in range(2)]
    ends = [finish(process) for process in two]
    cases.check("two runs of one incremental source at once both end well", [end[0] for end in ends], [0, 0])
    cases.check("each source row arrived once", project.one("select count(*), count(distinct id) from raw_ops.events"),
                ["1000", "1000"])
    project.remove()

    project = new_project(sys.argv[1])
    first, go = project.paused("publish.before", "run", "--select", "source:shop.orders")
    second = project.run("run", "--select", "source:shop.visits", expect=None)
    go()
    cases.check("runs of different tables do not hinder each other", [second.returncode, finish(first)[0]], [0, 0])
    cases.check("both are published", project.one(
        "select (select count(*) from raw_shop.orders), (select count(*) from raw_shop.visits)"), ["2", "1"])
    project.remove()

    project = new_project(sys.argv[1])
    project.run("run")
    project.write({"in/orders_2.csv": "id,amount\n3,30\n"})
    slow, go = project.paused("publish.before", "run", "--select", "total", "--force")
    project.run("run", "--select", "source:shop.orders")
    go()
    code, text = finish(slow)
    cases.check("a model whose input moved while it ran ends well", code, 0)
    cases.check("and is built on what is current", project.one("select n, amount from total"), ["3", "60"])
    project.remove()

    project = new_project(sys.argv[1])
    processes = [project.start("run") for _ in range(4)]
    codes = [finish(process) for process in processes]
    cases.check("four whole runs at once end well", [code for code, _ in codes], [0] * 4)
    cases.check("and left each row once", project.one(
        "select (select count(*) from raw_shop.orders), (select count(*) from raw_ops.events), (select n from total)"),
        ["2", "1000", "2"])
    cases.check("with a ledger that balances", project.one(
        "select count(*) from leat.ledger where rows_in <> rows_out + rows_rejected + rows_filtered"), ["0"])
    project.remove()
    cases.finish()


if __name__ == "__main__":
    main()
