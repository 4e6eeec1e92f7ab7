#!/usr/bin/env python3
"""Runs that overlap: each source row arrives once, derived tables are right, nobody loses a commit.

usage: concurrent_runs.py LEAT
The order of events is fixed with fault points that pause, not with time.
"""
import os
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from leat_project import Cases, Project, wait_for  # noqa: E402

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


def paused(project, point, *arguments):
    """Starts a run that waits at a fault point; returns the process and how to let it go on."""
    folder = os.path.join(project.folder, "faults")
    os.makedirs(folder, exist_ok=True)
    reached, go = (os.path.join(folder, f"{point}.{end}") for end in ("reached", "go"))
    for path in (reached, go):
        if os.path.exists(path):
            os.remove(path)
    process = project.start(*arguments, LEAT_FAULT=f"{point}=pause", LEAT_FAULT_DIR=folder)
    wait_for(f"{point} (exit {process.poll()})", lambda: os.path.exists(reached) or process.poll() is not None)
    if process.poll() is not None:
        raise SystemExit(f"the run ended before {point}: {process.communicate()}")
    return process, lambda: open(go, "w", encoding="utf-8").close()


def finish(process):
    out, err = process.communicate(timeout=120)
    return process.returncode, out + err


def main():
    cases = Cases()

    project = new_project(sys.argv[1])
    two = [project.start("run", "--select", "source:ops") for _ in range(2)]
    ends = [finish(process) for process in two]
    cases.check("two runs of one incremental source at once both end well", [end[0] for end in ends], [0, 0])
    cases.check("each source row arrived once", project.one("select count(*), count(distinct id) from raw_ops.events"),
                ["1000", "1000"])
    project.remove()

    project = new_project(sys.argv[1])
    first, go = paused(project, "publish.before", "run", "--select", "source:shop.orders")
    second = project.run("run", "--select", "source:shop.visits", expect=None)
    go()
    cases.check("runs of different tables do not hinder each other", [second.returncode, finish(first)[0]], [0, 0])
    cases.check("both are published", project.one(
        "select (select count(*) from raw_shop.orders), (select count(*) from raw_shop.visits)"), ["2", "1"])
    project.remove()

    project = new_project(sys.argv[1])
    project.run("run")
    project.write({"in/orders_2.csv": "id,amount\n3,30\n"})
    slow, go = paused(project, "publish.before", "run", "--select", "total", "--force")
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
