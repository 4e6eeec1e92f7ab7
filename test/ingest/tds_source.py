#!/usr/bin/env python3
"""The odbc source through FreeTDS's driver, the one for SQL Server, against the test's own server of its protocol (test/support/tds_server.py).

usage: tds_source.py LEAT [DATA_FOLDER]
"""
import json
import os
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "support"))
from leat_project import Cases, wait_for  # noqa: E402
from odbc import OdbcProject, tds_connection  # noqa: E402
from odbc_source import parts  # noqa: E402
from reconcile_ranges import FIRST, ROWS, follow, project_for  # noqa: E402
from table_cases import Side, changed_columns, fails, going_on, shapes, whole  # noqa: E402
from tds_server import TdsServer  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])
PLAIN = "structured: false"


def side_of(server):
    def run(sql):  # SQL Server's timestamp is the number of a version; DuckDB has a meaning for `at`
        server.run(sql.replace(" timestamp ", " datetime2(6) ").replace(" at = ", ' "at" = '))
    return Side(lambda: OdbcProject(LEAT), "SQL Server", server, run, server.rows, lambda more: tds_connection(server, more), '"', 1024)


def names(cases, side):
    """What SQL Server's own quotes and patterns could make of a name; a table of another schema."""
    side.run('create table "a]b[c" (id int primary key, "x]y" int); insert into "a]b[c" values (1, 2);'
             'create schema sales; create table sales."Заказы 1" (id int primary key, n nvarchar(20)); insert into sales."Заказы 1" values (1, \'ключ\');'
             "create table keyed (a int, b nvarchar(10), v int, primary key (a, b)); insert into keyed values (1, 'é', 1), (1, 'ü', 2)")
    made = side.project(f'  - {{ name: brackets, table: "a]b[c", {PLAIN} }}\n  - {{ name: orders, table: sales.Заказы 1, {PLAIN} }}\n  - {{ name: keyed, {PLAIN} }}\n'
                        f"  - {{ name: KEYED_AGAIN, table: erp.dbo.KEYED, {PLAIN} }}\n")
    made.run("run")
    cases.check("brackets in names", made.one('select id, "x]y" from raw_shop.brackets'), ["1", "2"])
    cases.check("a table of another schema", made.one("select n from raw_shop.orders"), ["ключ"])
    cases.check("a key of two columns", made.rows("select a, b, v from raw_shop.keyed order by v"), [["1", "é", "1"], ["1", "ü", "2"]])
    cases.check("a name of three parts in other letters", made.one("select count(*) from raw_shop.keyed_again"), ["2"])


def moments(cases, side):
    """Going on by each of SQL Server's types of moments: what was read last is not read again, and nothing between is lost."""
    kinds = {"datetime": ["2024-01-01 00:00:00.003", "2024-01-01 00:00:00.007", "2024-01-01 00:00:00.010"],
             "smalldatetime": ["2024-01-01 00:01:00", "2024-01-01 00:02:00", "2024-01-01 00:03:00"],
             "datetime2(7)": ["0001-01-01 00:00:00", "2024-01-01 00:00:00.123456", "2024-01-01 00:00:00.123457"],
             "datetimeoffset(7)": ["2024-01-01 02:00:00 +02:00", "2024-01-01 00:00:00.5 +00:00", "2023-12-31 20:00:01 -04:00"],
             "date": ["2024-01-01", "2024-01-02", "2024-01-03"], "nvarchar(20)": ["a'b", "ключ", "ключи"], "binary(8)": ["\\x00" * 7 + f"\\x0{i}" for i in range(1, 4)], "uniqueidentifier": [f"0000000{i}-e89b-12d3-a456-426614174000" for i in range(3)]}
    for at, (kind, values) in enumerate(kinds.items()):
        side.run(f"create table m{at} (id int primary key, at {kind}); insert into m{at} values (1, '{values[0].replace(chr(39), chr(39) * 2)}'), (2, '{values[1]}')")
        made = side.project(f"  - {{ name: m{at}, mode: append, update_key: at, {PLAIN} }}\n")
        made.run("run")
        side.run(f"insert into m{at} values (3, '{values[2]}')")
        made.run("run")
        made.run("run")
        cases.check(f"append by a {kind}", made.one(f"select count(*), count(distinct id) from raw_shop.m{at}"), ["3", "3"])


def seventh_digit(cases, side):
    side.run("create table fine (id int primary key, at datetime2(7)); insert into fine values (1, '2024-01-01 00:00:00.1234567')")
    made = side.project(f"  - {{ name: fine, columns: [{{ name: at, data_type: string }}], {PLAIN} }}\n")
    made.run("run")
    cases.check("seven digits of a second as a text", made.one('select "at" from raw_shop.fine'), ["2024-01-01 00:00:00.1234567"])


def long_values(cases, side):
    """freetds.conf and the connection can have the server cut long values: Leat's sessions take that back."""
    side.run("create table docs (id int primary key, t text, n nvarchar(max), i image); "
             "insert into docs select i, repeat('x', 70000 + i::int), repeat('ж', 70000 + i::int), repeat('y', 70000 + i::int)::blob from range(1, 21) r(i)")
    for more in (", block_rows: 0", ", block_rows: 1"):
        made = side.project(f"  - {{ name: docs, {PLAIN} }}\n", more)
        made.write({"connections.yml": f"connections:\n  shop: {tds_connection(side.server, more, ';TextSize=64512')}\n",
                    "freetds.conf": "[global]\n  text size = 64512\n"})
        made.run("run", FREETDSCONF=os.path.join(made.folder, "freetds.conf"))
        cases.check(f"long values are whole{more}", made.one("select sum(length(t)), sum(length(n)), sum(octet_length(i)) from raw_shop.docs"), ["1400210"] * 3)
    made.write({"connections.yml": f"connections:\n  shop: {tds_connection(side.server, ', on_connect: SET TEXTSIZE 64512')}\n"})
    made.run("run", "--force")
    cases.check("where the user asks for it they are cut", made.one("select max(length(t)), max(length(n)) from raw_shop.docs"), ["64512", "32256"])


def compared(cases, side):
    """Sums at the server over ranges of a key, where an int's sum would overflow; counts of columns, where a text cannot be counted."""
    side.run(f"create table events (id int primary key, note text, changed bigint); insert into events select {FIRST} + i, md5(i::text), 1 from range({ROWS}) r(i)")
    follow(cases, "SQL Server", project_for(lambda _: OdbcProject(LEAT), side.connection("")), side.run, lambda: [int(row[0]) for row in side.rows("select id from events order by id")])
    side.run("create table notes (id int primary key, note ntext, pic image, updated_at datetime not null); "
             "insert into notes select i, case when i % 2 = 0 then 'n' end, 'x'::blob, strftime('2026-01-01'::timestamp + interval (i) minute, '%Y-%m-%d %H:%M:%S') from range(500) r(i)")
    measured = side.project("  - notes\n").json("profile", "shop", "notes")
    cases.true("profile: rows, values that are NULL", '"rows": 500' in json.dumps(measured) and "SRC-" not in json.dumps(measured), json.dumps(measured))


def discovered(cases, side):
    made = side.project("  - m0\n")
    os.remove(os.path.join(made.folder, "sources/shop.yml"))
    found = {one["entry"]: one for one in made.json("discover", "shop")}
    cases.true("discover: tables and views, of other schemas too, none of the server's", {"items", "seen", "sales.Заказы 1", "keyed"} <= set(found) and "objects" not in str(list(found)),
               list(found))
    cases.check("discover: key, update key, rows", [found["notes"]["primary_key"], found["notes"]["update_key"], found["notes"]["rows"], found["keyed"]["primary_key"]],
                [["id"], "updated_at", 500, ["a", "b"]])
    side.run("create table newer (id int primary key, changed_at datetime2(6) not null); insert into newer values (1, '2026-01-01 00:00:00.000001')")
    made.run("add", "source", "shop", "notes", "newer", "items", "sales.Заказы 1")
    made.run("run")
    side.run("insert into newer values (2, '2026-01-01 00:00:00.000002')")
    made.run("run")
    cases.check("what `leat add source` wrote loads everything, and goes on", made.one(
        "select (select count(*) from raw_shop.notes), (select count(*) from raw_shop.newer), (select count(*) from raw_shop.items)"), ["500", "2", "20000"])


def troubles(cases, side):
    server = side.server
    made = side.project(f"  - {{ name: items, {PLAIN} }}\n")
    server.spoil["items"] = [(12000, "error")]
    held, said = fails(made, "SRC-292", "deadlock")
    cases.true("an error in the middle of the rows", held, said)
    cases.true("nothing of it is published", made.run("sql", "-c", "select count(*) from raw_shop.items", expect=None).returncode != 0)
    block = side.project(f"  - {{ name: numbers, {PLAIN} }}\n")
    server.spoil["numbers"] = [(500, "error")]
    cases.true("an error in the middle of a block, which FreeTDS gives as a short one", *fails(block, "SRC-292", "deadlock"))
    server.spoil["items"] = [(12000, "cut")]
    held, said = fails(made, "SRC-291")
    cases.true("a connection that is cut in the middle", held, said)
    made.run("run")
    cases.check("and the next run has it all", made.one("select count(*), count(distinct id), sum(id) from raw_shop.items"), side.rows("select count(*), count(distinct id), sum(id) from items")[0])
    made.write({"connections.yml": f"connections:\n  shop: {tds_connection(server, password='${env:WRONG_PASSWORD}')}\n"})
    os.environ["WRONG_PASSWORD"] = "wrong;word"
    held, said = fails(made, "SRC-290", "Login failed")
    cases.true("a wrong password, not shown", held and "wrong;word" not in said, said)
    made.write({"connections.yml": f"connections:\n  shop: {tds_connection(server).replace('Database=erp', 'Database=nowhere')}\n"})
    cases.true("no such database", *fails(made, "SRC-2", "nowhere"))
    made.write({"connections.yml": f"connections:\n  shop: {tds_connection(server).replace(f'Port={server.port}', 'Port=9')}\n"})
    cases.true("nobody there", *fails(made, "SRC-289"))
    made = side.project("  - itemz\n")
    cases.true("no such table, and the nearest", *fails(made, "SRC-294", "items"))


def resumed(cases, side):
    """A first load in parts up to a moment: the run behind a connection that broke reads what was not read."""
    side.run("create table long_one (id int primary key, at datetime2(6) not null, v nvarchar(20)); "
             "insert into long_one select i, '2026-01-01 00:00:00.000000', 'row ' || i from range(100000) r(i)")
    made = side.project(f"  - {{ name: long_one, mode: incremental, update_key: at, primary_key: [id], part_rows: 10000, {PLAIN}, properties: {{ write.target-file-size-bytes: '1' }} }}\n")
    side.server.spoil["long_one"] = [None, (5000, "cut"), (5000, "cut"), None, None, (5000, "error"), None] + [(5000, "cut")] * 20
    ended = made.run("run", expect=None)
    cases.true("parts are read again over a new connection, three times at most", ended.returncode != 0 and "SRC-291" in ended.stdout + ended.stderr and
               ended.stderr.count("portion_failed") == 5 and "deadlock" in ended.stderr and len(side.server.spoil["long_one"]) > 15, ended.stdout + ended.stderr)
    side.server.spoil.clear()
    run = made.json("run")
    cases.true("the next run takes over what was read", int(made.one("select rows_adopted from leat.ledger order by run_id desc limit 1")[0]) > 15000, json.dumps(run))
    cases.check("and has every row once", made.one("select count(*), count(distinct id) from raw_shop.long_one"), ["100000", "100000"])


def stopped(cases, side):
    """A stop sends the server an attention, and ends at once."""
    side.run("create table heavy (id int primary key, v nvarchar(200)); insert into heavy select i, repeat('x', 200) from range(1000000) r(i)")
    made = side.project(f"  - {{ name: heavy, {PLAIN} }}\n")
    process = made.start("run")
    wait_for("rows of heavy", lambda: any('"v" FROM "erp"."dbo"."heavy"' in one and "1 = 0" not in one for one in side.server.seen) or process.poll() is not None)
    began = time.monotonic()
    process.terminate()
    process.communicate(timeout=30)
    cases.true("a stop ends the statement", process.returncode == 143 and time.monotonic() - began < 5, f"{process.returncode} after {time.monotonic() - began} s")
    wait_for("the server's connections to end", lambda: not side.server.open)


def main():
    cases = Cases()
    with TdsServer() as server:
        side = side_of(server)
        shapes(cases, side)
        names(cases, side)
        whole(cases, side, (", block_rows: 0", ", block_rows: 1"))
        going_on(cases, side)
        moments(cases, side)
        seventh_digit(cases, side)
        long_values(cases, side)
        parts(cases, side)
        compared(cases, side)
        changed_columns(cases, side)
        discovered(cases, side)
        troubles(cases, side)
        resumed(cases, side)
        stopped(cases, side)
    cases.finish()


if __name__ == "__main__":
    main()
