#!/usr/bin/env python3
"""Rows that were deleted in a large table of a real PostgreSQL, a real MariaDB (also through ODBC) and an SQLite file: source and table are
compared by sums over ranges of the key, only ranges that differ are read, and the lake is equal to the source afterwards.

usage: reconcile_ranges.py LEAT [DATA_FOLDER]
"""
import os
import random
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from leat_project import Cases, Project  # noqa: E402
from mariadb import MariaDb  # noqa: E402
from odbc import OdbcProject, postgres_connection  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])
ROWS = 60_000
FIRST = -10_000  # keys on both sides of zero
TABLES = ("[{{ name: events, table: {table}, mode: incremental, update_key: changed, primary_key: [id], reconcile: {{ every: 0 }}, structured: false }}]")


def project_for(kind, connection, table="events"):
    made = kind(LEAT)
    made.write({"leat.yml": "version: 1\nname: shop\n", "connections.yml": f"connections:\n  shop: {connection}\n",
                "sources/shop.yml": f"connection: shop\ntables: {TABLES.format(table=table)}\n"})
    return made


def compared(project):
    """The last comparison: keys of the source, rows that were gone, and how."""
    return project.one("select total, failures, observed from leat.check_results where check_id like '%.reconcile' order by \"at\" desc limit 1")


def follow(cases, name, project, change, keys):
    """`change`: runs SQL at the source; `keys`: all keys that it has, sorted."""
    def equal(what):
        cases.check(f"{name}: {what}: the lake is equal", [int(row[0]) for row in project.rows("select id from raw_shop.events order by id")], keys())

    def read(run_id):
        return int(project.one(f"select sum(rows) from leat.source_cost where run_id = '{run_id}'")[0])

    project.run("run")
    project.run("run")
    total, gone, how = compared(project)
    cases.check(f"{name}: nothing is gone", (total, gone), (str(ROWS), "0"))
    cases.true(f"{name}: no key is read ({how})", "; 0 of " in how and "ranges differ, 0 keys were read" in how, how)

    lost = [FIRST, FIRST + 777, -1, 0, 1, 20_000, 20_001, FIRST + ROWS - 1]
    change(f"delete from events where id in ({', '.join(map(str, lost))})")
    run = project.json("run")
    total, gone, how = compared(project)
    cases.check(f"{name}: each that is gone is found, on both sides of zero and at the ends", (total, gone), (str(ROWS - len(lost)), str(len(lost))))
    equal("single rows")
    cases.true(f"{name}: a tenth of the keys was read at most ({how})", 0 < read(run["run_id"]) < ROWS // 4, (how, read(run["run_id"])))

    # A row that is gone while another one comes: as many keys as before.
    change("delete from events where id = 30000")
    change("insert into events values (90000, 'new', 2)")
    run = project.json("run")
    cases.check(f"{name}: one is gone and one new", (run["steps"][0]["rows_inserted"], run["steps"][0]["rows_deleted"]), (1, 1))
    equal("one for another")

    # Rows with an old time, which no update key shows: keys that the table does not have are no reason to take others out.
    change("insert into events values (95000, 'late', -5)")
    change("delete from events where id = 31000")
    run = project.json("run")
    cases.check(f"{name}: a key that was never loaded takes nothing out", run["steps"][0]["rows_deleted"], 1)
    change("delete from events where id = 95000")

    change("delete from events where id % 2 = 0")
    project.run("run")
    total, gone, how = compared(project)
    cases.true(f"{name}: where every range differs all keys are read ({how})", "ranges" not in how and int(gone) > ROWS // 3, how)
    equal("every second row")

    change("delete from events")
    run = project.json("run")
    cases.check(f"{name}: a source without any row takes nothing out", run["steps"][0]["rows_deleted"], 0)
    project.remove()


def main():
    cases = Cases()
    with PostgresServer() as postgres:
        def fill():
            postgres.sql("drop table if exists events; create table events (id int primary key, note text, changed bigint); "
                         f"insert into events select {FIRST} + i, md5(i::text), 1 from generate_series(0, {ROWS - 1}) i; analyze events")

        def keys():
            return [int(line) for line in postgres.sql("select id from events order by id").split()]

        fill()
        follow(cases, "postgres", project_for(Project, f"{{ type: postgres, uri: '{postgres.url}' }}"), postgres.sql, keys)
        fill()
        follow(cases, "odbc", project_for(OdbcProject, postgres_connection(postgres)), postgres.sql, keys)
    with MariaDb() as mariadb:
        mariadb.run("create database shop; use shop; create table events (id bigint primary key, note varchar(40), changed bigint); "
                    f"insert into events select {FIRST} + cast(seq as signed), md5(seq), 1 from seq_0_to_{ROWS - 1}")
        follow(cases, "mysql", project_for(Project, f"{{ type: mysql, host: 127.0.0.1, port: {mariadb.port}, user: root, database: shop }}"),
               lambda sql: mariadb.run(sql, "shop"), lambda: [int(row[0]) for row in mariadb.rows("select id from events order by id", "shop")])
    project = project_for(Project, "{ type: sqlite, file: shop.db }")
    with sqlite3.connect(os.path.join(project.folder, "shop.db"), isolation_level=None) as lite:
        # Keys as ids are made from times: far apart, and near the greatest whole number.
        chance = random.Random(7)
        numbers = list({chance.randrange(-2**62, 2**63 - 1) for _ in range(ROWS - 1)} | {2**63 - 1})
        lite.execute("create table events (id integer primary key, note text, changed integer)")
        lite.execute("begin")
        lite.executemany("insert into events values (?, 'x', 1)", [(number,) for number in numbers])
        lite.execute("commit")
        project.run("run")
        gone = sorted(numbers)[:20] + [2**63 - 1]
        lite.executemany("delete from events where id = ?", [(number,) for number in gone])
        project.run("run")
        total, found, how = compared(project)
        cases.check("sqlite: keys that are far apart", (total, found), (str(len(numbers) - len(gone)), str(len(gone))))
        cases.true(f"sqlite: not all of them were read ({how})", "ranges differ" in how, how)
        cases.check("sqlite: the lake is equal", [int(row[0]) for row in project.rows("select id from raw_shop.events order by id")],
                    [row[0] for row in lite.execute("select id from events order by id")])
    project.remove()
    cases.finish()


if __name__ == "__main__":
    main()
