#!/usr/bin/env python3
"""Kill anywhere: at every fault point a run is killed, and the next run makes the lake what an undisturbed run makes it.

usage: kill_anywhere.py LEAT [POINT...]
Each point is tried at its first and at a later passage, on the first load, on a second load of new files,
and (run.replan) when another run has published what it read. Afterwards: equal
content hashes of all tables, a ledger that balances, no run that still says running, no lease left, nothing of the dead run on
main that is not whole, rejected rows once, and a third run that has nothing to do.
"""
import concurrent.futures
import os
import re
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from leat_project import Cases, Project  # noqa: E402

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
KILLED = 137
OVERTAKEN = 2  # stage: the second load, while another run publishes what it reads

FILES = {
    "leat.yml": "version: 1\nname: kill\ndefaults: { max_reject: 50% }\n",
    "connections.yml": "connections:\n  inbound: { type: csv, path: in }\n  ops: { type: sqlite, file: ops.db }\n",
    "sources/shop.yml": "connection: inbound\ntables:\n"
                        "  - name: orders\n    files: 'orders_*.csv'\n    after_load: move\n    move_to: in/done\n    columns:\n"
                        "      - name: state\n        checks: [{ accepted_values: { values: [new, paid], on_fail: quarantine } }]\n",
    "sources/ops.yml": "connection: ops\ntables:\n"
                       # In portions of a few rows: files of one byte are never too small.
                       "  - { name: events, mode: incremental, update_key: id, primary_key: [id], part_rows: 1,\n"
                       "      properties: { write.target-file-size-bytes: '1' } }\n"
                       "  - { name: people, mode: full-refresh, primary_key: [id], part_rows: 1,\n"
                       "      properties: { write.target-file-size-bytes: '1' } }\n",
    "models/paid.sql": "select o.id, o.amount, p.name from {{ source('shop', 'orders') }} o "
                       "left join {{ source('ops', 'people') }} p on p.id = o.person where o.state = 'paid'\n",
    "models/totals.sql": "{{ config(materialized='incremental', unique_key='name') }}\n"
                         "select coalesce(name, '?') as name, sum(amount) as amount, count(*) as n from {{ ref('paid') }} group by 1\n",
    "models/recent.sql": "{{ config(materialized='view') }}\nselect * from {{ source('ops', 'events') }} where id > 5\n",
}


def orders(number, rows=20):
    states = ["new", "paid", "paid", "lost"]
    return "id,person,amount,state\n" + "".join(
        f"{number * 100 + i},{i % 5},{i}.25,{states[i % 4]}\n" for i in range(rows))


def fill(project, stage):
    database = sqlite3.connect(os.path.join(project.folder, "ops.db"))
    if stage == 0:
        project.write({**FILES, "in/orders_1.csv": orders(1)})
        database.execute("create table events (id integer primary key, note text)")
        database.execute("create table people (id integer primary key, name text)")
        database.executemany("insert into people values (?, ?)", [(i, f"p{i}") for i in range(4)])
        database.executemany("insert into events values (?, 'x')", [(i,) for i in range(1, 11)])
    else:
        project.write({"in/orders_2.csv": orders(2)})
        database.execute("update people set name = 'renamed' where id = 1")
        database.executemany("insert into events values (?, 'y')", [(i,) for i in range(11, 16)])
    database.commit()
    database.close()


def prepare(project, stage):
    fill(project, 0)
    if stage == 1:
        project.run("run")
        fill(project, 1)


def points():
    with open(os.path.join(ROOT, "src", "base", "fault_points.inc"), encoding="utf-8") as file:
        return re.findall(r'^\{"([^"]+)"', file.read(), re.MULTILINE)


def state(project):
    """Everything that must be the same however often a run was killed on the way."""
    hashes = {row["table"]: row["hash"] for row in project.json("lake", "content-hash")
              if not row["table"].endswith("__rejected")}
    rejected = project.rows("select table_name, reason_code, origin, payload from leat.rejected order by all")
    return hashes, rejected


def leftovers(project):
    database = sqlite3.connect(os.path.join(project.folder, ".leat", "state.db"))
    one = lambda sql: database.execute(sql).fetchone()[0]  # noqa: E731
    found = {
        "leases": one("select count(*) from lease"),
        "running": one("select count(*) from run where status = 'running'"),
        "unbalanced": one("select count(*) from ledger where rows_in <> rows_out + rows_rejected + rows_filtered"),
        "load_rows": one("select (select count(*) from load_plan) + (select count(*) from load_portion) + "
                         "(select count(*) from load_folder)"),
        "open_branches": one("select count(*) from ref where kind = 'run' and closed_at is null"),
    }
    database.close()
    kept = os.path.join(project.folder, ".leat", "rejected")
    found["kept_files"] = sum(len(files) for _, _, files in os.walk(kept))
    # Loaded files are moved, each once, whenever the run died.
    inbound = os.path.join(project.folder, "in")
    found["not_moved"] = sum(len(files) for folder, _, files in os.walk(inbound) if not folder.endswith("done"))
    found["moved_again"] = sum("~" in name for name in os.listdir(os.path.join(inbound, "done")))
    return {name: count for name, count in found.items() if count}


def overtaken(project, point, at):
    """A run whose inputs another run publishes while it waits: it plans again, and is killed on that way."""
    process, go = project.paused("run.publish.before", "run", more=f",{point}=crash@{at}")
    project.run("run", "--select", "source:shop.orders")
    go()
    process.communicate(timeout=120)
    return process.returncode


def kill(leat, point, stage, at):
    """Kills a run at the point's nth passage and runs again; what is there then, or None when it was not killed."""
    project = Project(leat)
    try:
        prepare(project, min(stage, 1))
        code = (overtaken(project, point, at) if stage == OVERTAKEN else
                project.run("run", expect=None, LEAT_FAULT=f"{point}=crash@{at}").returncode)
        if code != KILLED:
            return None
        again = project.run("run", expect=None)
        if again.returncode != 0:
            return again.stdout + again.stderr
        hashes, rejected = state(project)
        if stage == OVERTAKEN:  # both runs read the new file: what the dead one rejected stays as its own evidence
            rejected = [row for i, row in enumerate(rejected) if i == 0 or row != rejected[i - 1]]
        return hashes, rejected, leftovers(project), project.json("run")["status"]
    except (SystemExit, KeyError) as problem:  # a command that failed: this case's outcome, not the end of all
        return str(problem)
    finally:
        project.remove()


def main():
    # ./dev test gives every script the folder of the example's data as its second argument.
    leat, chosen = sys.argv[1], [point for point in sys.argv[2:] if not os.path.isdir(point)]
    cases = Cases()
    # Two starting places (empty; one load done) and what an undisturbed run makes of each.
    expected = []
    for stage in (0, 1):
        calm = Project(leat)
        prepare(calm, stage)
        calm.run("run")
        expected.append((*state(calm), {}, "nothing"))
        cases.check(f"undisturbed, stage {stage}: nothing is left", leftovers(calm), {})
        calm.remove()
    expected.append(expected[1])
    wanted = [(point, stage, at) for point in chosen or points() for stage, at in ((0, 1), (0, 2), (1, 1), (1, 2))]
    # Only a run that was overtaken passes run.replan; where the way goes on from there it is killed too.
    wanted += [(point, OVERTAKEN, 1) for point in ("run.replan", "publish.planned", "publish.before", "run.published")
               if point in (chosen or points())]
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        outcomes = list(pool.map(lambda one: kill(leat, *one), wanted))
    killed = set()
    for (point, stage, at), outcome in zip(wanted, outcomes):
        if outcome is None:
            continue  # the run does not pass the point so often
        killed.add(point)
        name = f"{point} @{at}, stage {stage}: equal content, nothing left, then nothing to do"
        cases.check(name, outcome, expected[stage])
    print(f"        not on the way of these runs: {', '.join(p for p in chosen or points() if p not in killed) or 'none'}")
    if not chosen:
        cases.check("every point was tried", [point for point in points() if point not in killed], [])
        cases.true(f"at least 20 points between reading and publish were tried ({len(killed)})", len(killed) >= 20)
    cases.finish()


if __name__ == "__main__":
    main()
