#!/usr/bin/env python3
"""The adbc source through PostgreSQL's and SQLite's drivers against the real thing: what is there is what the lake has.

usage: adbc_source.py LEAT [DATA_FOLDER]
"""
import os
import sys
import tempfile
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "support"))
from adbc import library, postgres_connection, sqlite_connection  # noqa: E402
from leat_project import Cases, Project, scratch  # noqa: E402
from odbc import SqliteFile  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402
from table_cases import Side, changed_columns, fails, going_on, shapes, split_keys, whole  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])


def sides(postgres, folder):
    file = SqliteFile(os.path.join(folder, "shop.db"))
    return [
        Side(lambda: Project(LEAT), "PostgreSQL", postgres, postgres.sql, lambda sql: [row.split("|") for row in postgres.sql(sql).split("\n")],
             lambda more: postgres_connection(postgres, more), '"', 1600),
        Side(lambda: Project(LEAT), "SQLite", file, file.run, file.rows, lambda more: sqlite_connection(file.path, more), '"', 2000),
    ]


def parts(cases, side):
    made = side.project("  - { name: items, structured: false }\n", ", streams: 2, budget: { connections: 2, rate: 100MB/s }")
    made.run("run")
    cases.check(f"{side.name}: over two connections", made.one("select count(*), count(distinct id) from raw_shop.items"), ["20000", "20000"])
    cases.true(f"{side.name}: not more connections than the budget has",
               int(made.one("select max(connections) from leat.source_cost")[0]) <= 2, str(made.rows("select * from leat.source_cost")))
    cases.check(f"{side.name}: the cost of all rows", made.one("select sum(rows) from leat.source_cost"), ["20000"])


def query(cases, side):
    made = side.project("  - name: seventh\n    structured: false\n    query: |\n      SELECT id, label FROM items WHERE id % 7 = 0 -- every week\n")
    made.run("run")
    cases.check(f"{side.name}: a query", made.one("select count(*), sum(id::bigint) from raw_shop.seventh"), ["2857", str(sum(range(7, 20001, 7)))])
    made = side.project("  - { name: seventh, table: items, query: SELECT 1 }\n")
    cases.true(f"{side.name}: table and query", *fails(made, "SRC-319"))


def errors(cases, side):
    cases.true(f"{side.name}: no such table", *fails(side.project("  - itemz\n"), "SRC-316", "items"))
    cases.true(f"{side.name}: no such update key",
               *fails(side.project("  - { name: items, mode: incremental, update_key: changed, primary_key: [id] }\n"), "SRC-317", "changed"))


def driver_errors(cases):
    made = Project(LEAT)
    made.write({"leat.yml": "version: 1\nname: shop\n", "sources/shop.yml": "connection: shop\ntables:\n  - items\n"})

    def expect(name, connection, code, *words):
        made.write({"connections.yml": f"connections:\n  shop: {{ type: adbc, {connection} }}\n"})
        held, said = fails(made, code, *words)
        cases.true(name, held and "a-pass-word" not in said, said)

    postgres = library("postgresql")
    expect("a path where there is none", "driver: /nowhere/libadbc_driver_x.so", "SRC-310", "/nowhere/libadbc_driver_x.so")
    expect("a name that is not installed", "driver: no_such_driver", "SRC-310", "no_such_driver", "/etc/adbc/drivers")
    expect("no driver at all", "uri: 'x'", "CFG-105", "driver")
    other = tempfile.mkstemp(suffix=".so")[1]
    expect("a file that is no library", f"driver: {other}", "SRC-310", "file too short")
    os.remove(other)
    expect("a library that is no driver", f"driver: {library('postgresql').replace('libadbc_driver_postgresql.so', '__init__.py')}", "SRC-310")
    expect("a library without the init function", "driver: libm.so.6", "SRC-311", "AdbcDriverInit")
    expect("a wrong entry point", f"driver: {postgres}, entrypoint: AdbcNowhereInit", "SRC-311", "AdbcNowhereInit")
    expect("nobody there", f"driver: {postgres}, uri: 'postgresql://reader:a-pass-word@127.0.0.1:9/shop'", "SRC-312", "port 9")
    expect("an option that the driver does not know", f"driver: {postgres}, uri: 'postgresql://127.0.0.1:9/shop', options: {{ no.such.option: 1 }}",
           "SRC-312", "no.such.option")
    expect("a database file that is not there", f"driver: {library('sqlite')}, uri: 'file:/nowhere/x.db?mode=ro'", "SRC-312", "/nowhere/x.db")


def by_name(cases, side):
    """A manifest in a folder of ADBC_DRIVER_PATH names the library."""
    made = side.project("  - { name: items, structured: false }\n")
    folder = os.path.join(made.folder, "drivers")
    made.write({"drivers/shopdb.toml": f'manifest_version = 1\nname = "shopdb"\n[Driver]\nshared = "{library("postgresql")}"\n',
                "connections.yml": "connections:\n  shop: " + side.connection("").replace(library("postgresql"), "shopdb") + "\n"})
    made.run("run", ADBC_DRIVER_PATH=folder)
    cases.check("a driver by its name", made.one("select count(*) from raw_shop.items"), ["20000"])
    made = side.project("  - { name: items, structured: false }\n")
    os.symlink(os.path.dirname(library("postgresql")), os.path.join(made.folder, "drivers"))
    made.write({"connections.yml": "connections:\n  shop: " + side.connection("").replace(os.path.dirname(library("postgresql")), "drivers") + "\n"})
    made.run("run")
    cases.check("a driver by a path below the project", made.one("select count(*) from raw_shop.items"), ["20000"])


def postgres_alone(cases, side):
    side.run("create schema other; create table other.items (id int); insert into other.items values (1); create user ann password 'a-pass-word'; "
             "grant select on t to ann; create view slow as select i, pg_sleep(0.05)::text as s from generate_series(1, 10000) i")
    made = side.project("  - { name: items, table: other.items, structured: false }\n", ", catalog: postgres")
    made.run("run")
    cases.check("a table of another schema", made.one("select count(*) from raw_shop.items"), ["1"])
    address = side.server.url.split("@")[-1].split("//")[-1]
    made = side.project("  - { name: items, structured: false }\n", ", statement_options: { adbc.postgresql.batch_size_hint_bytes: 4096 }")
    made.run("run")
    cases.check("small batches", made.one("select count(*), sum(id) from raw_shop.items"), ["20000", "200010000"])
    made.write({"connections.yml": f"connections:\n  shop: {{ type: adbc, driver: {library('postgresql')}, uri: 'postgresql://ann@{address}', schema: public }}\n"})
    cases.true("no right to the table", *fails(made, "SRC-313", "SELECT"))
    made = side.project("  - { name: slow, structured: false }\n")
    process = made.start("run")
    end = time.monotonic() + 60
    while side.rows("select count(*) from pg_stat_activity where query like '%slow%' and state = 'active' and pid <> pg_backend_pid()") == [["0"]] \
            and time.monotonic() < end:
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
    cases.true("the server dies: an error, and nothing is published", process.returncode != 0 and "SRC-31" in out + err, out + err)
    side.server.start()
    made.run("run")
    cases.check("and the next run has it all", made.one("select count(*), count(distinct id) from raw_shop.heavy"), ["300000", "300000"])


def main():
    cases = Cases()
    driver_errors(cases)
    with PostgresServer() as postgres:
        for side in sides(postgres, scratch("adbc-")):
            shapes(cases, side)
            whole(cases, side)
            going_on(cases, side)
            parts(cases, side)
            query(cases, side)
            changed_columns(cases, side)
            errors(cases, side)
            if side.name == "PostgreSQL":
                split_keys(cases, side, ", streams: 2", "timestamp(6)")
                by_name(cases, side)
                postgres_alone(cases, side)
    cases.finish()


if __name__ == "__main__":
    main()
