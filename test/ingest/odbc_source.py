#!/usr/bin/env python3
"""The odbc source through PostgreSQL's, MariaDB's and SQLite's drivers against the real thing: what is there is what the lake has.

usage: odbc_source.py LEAT [DATA_FOLDER]
"""
import os
import signal
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "support"))
from leat_project import Cases  # noqa: E402
from mariadb import MariaDb  # noqa: E402
from odbc import OdbcProject, SqliteFile, mariadb_connection, postgres_connection, sqlite_connection  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402
from table_cases import Side, changed_columns, fails, going_on, shapes, split_keys, whole  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])


def sides(postgres, mariadb, folder):
    file = SqliteFile(os.path.join(folder, "shop.db"))
    return [
        Side(lambda: OdbcProject(LEAT), "PostgreSQL", postgres, postgres.sql, lambda sql: [row.split("|") for row in postgres.sql(sql).split("\n")],
             lambda more: postgres_connection(postgres, more), '"', 1600),
        Side(lambda: OdbcProject(LEAT), "MariaDB", mariadb, lambda sql: mariadb.run(sql, "shop"), lambda sql: mariadb.rows(sql, "shop"),
             lambda more: mariadb_connection(mariadb, "shop", more), "`", 1000),
        Side(lambda: OdbcProject(LEAT), "SQLite", file, file.run, file.rows, lambda more: sqlite_connection(file.path, more), '"', 2000),
    ]


def parts(cases, side):
    made = side.project("  - { name: items, structured: false }\n", ", streams: 2, budget: { connections: 2, rate: 100MB/s }")
    made.run("run")
    cases.check(f"{side.name}: over two connections", made.one("select count(*), count(distinct id) from raw_shop.items"), ["20000", "20000"])
    cases.true(f"{side.name}: not more connections than the budget has",
               int(made.one("select max(connections) from leat.source_cost")[0]) <= 2, str(made.rows("select * from leat.source_cost")))
    cases.check(f"{side.name}: the cost of all rows", made.one("select sum(rows) from leat.source_cost"), ["20000"])
    if side.name != "SQLite":
        made = side.project("  - { name: items, structured: false }\n", ", streams: 2, isolation: repeatable read")
        made.run("run")
        cases.check(f"{side.name}: in one transaction", made.one("select count(*) from raw_shop.items"), ["20000"])
    else:
        side.run("create table hollow (id int primary key, v int); insert into hollow (v) values (1), (2), (3); insert into hollow select id, 0 from items")
        made = side.project("  - { name: hollow, structured: false }\n", ", streams: 2")
        made.run("run")
        cases.check("SQLite: rows whose key is NULL are in a part, too", made.one("select count(*), count(id), sum(v) from raw_shop.hollow"), ["20003", "20000", "6"])


def errors(cases, side):
    cases.true(f"{side.name}: no such table", *fails(side.project("  - itemz\n"), "SRC-294", "items"))
    cases.true(f"{side.name}: no such update key",
               *fails(side.project("  - { name: items, mode: incremental, update_key: changed, primary_key: [id] }\n"), "SRC-295", "changed"))
    made = side.project("  - items\n")
    made.write({"connections.yml": "connections:\n  shop: { type: odbc, driver: no-such-driver }\n"})
    cases.true(f"{side.name}: no such driver", *fails(made, "SRC-288", "SQLSTATE", "odbcinst -q -d"))
    made.write({"connections.yml": "connections:\n  shop: { type: odbc, dsn: nowhere }\n"})
    cases.true(f"{side.name}: no such data source", *fails(made, "SRC-288", "IM002"))
    made.write({"connections.yml": "connections:\n  shop: { type: odbc }\n"})
    cases.true(f"{side.name}: neither dsn nor driver", *fails(made, "SRC-297"))


def postgres_alone(cases, side):
    side.run("create schema other; create table other.items (id int); insert into other.items values (1); "
             "create user ann password 'a-pass-word'; grant select on t to ann; create view slow as select i, pg_sleep(0.05)::text as s from generate_series(1, 10000) i")
    made = side.project("  - { name: items, table: other.items, structured: false }\n", ", catalog: postgres")
    made.run("run")
    cases.check("a table of another schema", made.one("select count(*) from raw_shop.items"), ["1"])
    made = side.project("  - { name: ITEMS, structured: false }\n")
    made.run("run")
    cases.check("a name in other letters", made.one("select count(*) from raw_shop.items"), ["20000"])
    made.write({"connections.yml": f"connections:\n  shop: {side.connection('').replace('user: postgres', 'user: ann, password: wrong-word')}\n"})
    made.write({"sources/shop.yml": "connection: shop\ntables:\n  - { name: items, structured: false }\n"})
    cases.true("no right to the table", *fails(made, "SRC-290", "SELECT"))
    made.write({"connections.yml": "connections:\n  shop: { type: odbc, driver: postgres, options: 'Server=127.0.0.1;Port=9;Database=postgres', user: x }\n"})
    cases.true("nobody there", *fails(made, "SRC-289", "SQLSTATE"))
    made = side.project("  - { name: slow, structured: false }\n", ", block_rows: 1")
    process = made.start("run")
    end = time.monotonic() + 60
    while side.rows("select count(*) from pg_stat_activity where query like '%slow%' and pid <> pg_backend_pid()") == [["0"]] and time.monotonic() < end:
        time.sleep(0.02)
    began = time.monotonic()
    process.terminate()
    process.communicate(timeout=30)
    cases.true("a stop ends the statement", process.returncode == 143 and time.monotonic() - began < 5, f"{process.returncode} after {time.monotonic() - began} s")
    side.run("create table heavy as select i as id, repeat('x', 200) as v from generate_series(1, 300000) i; alter table heavy add primary key (id)")
    made = side.project("  - { name: heavy, structured: false }\n", ", on_connect: ['SET work_mem = ''1MB''']")
    process, go = made.paused("load.opened", "run")
    side.server.stop("immediate")
    go()
    out, err = process.communicate(timeout=120)
    cases.true("the server dies: an error, and nothing is published", process.returncode != 0 and "SRC-29" in out + err or "SRC-28" in out + err, out + err)
    side.server.start()
    made.run("run")
    cases.check("and the next run has it all", made.one("select count(*), count(distinct id) from raw_shop.heavy"), ["300000", "300000"])


def mariadb_alone(cases, side):
    side.run("create user ann@'%' identified by 'a-pass;word'; grant select on shop.t to ann@'%'; flush privileges")
    made = side.project("  - { name: t, structured: false }\n")
    text = side.connection("").replace("user: root", "user: ann, password: wrong-word")
    made.write({"connections.yml": f"connections:\n  shop: {text}\n"})
    held, said = fails(made, "SRC-290", "password")
    cases.true("a wrong password, not shown", held and "wrong-word" not in said, said)
    made.write({"connections.yml": f"connections:\n  shop: {text.replace('wrong-word', 'a-pass;word')}\n"})
    made.run("run")
    cases.check("SELECT on the table is enough", made.one("select count(*) > 5000 from raw_shop.t"), ["true"])
    made = side.project("  - { name: items, structured: false }\n")
    process, go = made.paused("load.opened", "run")
    side.server.stop(signal.SIGKILL)
    go()
    out, err = process.communicate(timeout=120)
    cases.true("MariaDB dies: an error, or all rows were there", process.returncode == 0 or "SRC-2" in out + err, out + err)
    side.server.start()
    made.run("run", "--force")
    cases.check("and the next run has it all (MariaDB)", made.one("select count(*) from raw_shop.items"), ["20000"])


def main():
    cases = Cases()
    with PostgresServer() as postgres, MariaDb() as mariadb:
        mariadb.run("create database shop")
        folder = OdbcProject(LEAT).folder
        for side in sides(postgres, mariadb, folder):
            shapes(cases, side)
            whole(cases, side, (", block_rows: 0", ", block_rows: 1"))
            going_on(cases, side)
            parts(cases, side)
            if side.name != "SQLite":
                split_keys(cases, side, ", streams: 2", {"PostgreSQL": "timestamp(6)", "MariaDB": "datetime(6)"}[side.name])
            changed_columns(cases, side)
            errors(cases, side)
            {"PostgreSQL": postgres_alone, "MariaDB": mariadb_alone}.get(side.name, lambda *_: None)(cases, side)
    cases.finish()


if __name__ == "__main__":
    main()
