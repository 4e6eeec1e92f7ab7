#!/usr/bin/env python3
"""What becomes of a MariaDB table's changes: each ALTER is told by its class (leat drift), and the next run does what the class's policy says.

usage: mysql_drift.py LEAT [DATA_FOLDER]
"""
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "support"))
from leat_project import Cases, Project  # noqa: E402
from mariadb import MariaDb  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])
# what an ALTER does to column v: type before, a value; type after, a value; class ("": none) with the lake's types; v of all rows after the run
# (one: the other is rejected)
KINDS = [
    ("smallint", "7", "bigint", "9223372036854775807", "widened", "int", "long", ["7", "9223372036854775807"]),
    ("int", "-7", "int unsigned", "4294967295", "widened", "int", "long", ["-7", "4294967295"]),
    ("float", "0.1", "double", "0.30000000000000004", "widened", "float", "double", ["0.10000000149011612", "0.30000000000000004"]),
    ("decimal(9,2)", "1.50", "decimal(18,2)", "1234567890123456.78", "widened", "decimal(9,2)", "decimal(18,2)", ["1.50", "1234567890123456.78"]),
    ("bigint", "7", "int", "8", "narrowed", "long", "int", ["7", "8"]),
    ("decimal(18,2)", "1.50", "decimal(9,2)", "2.50", "narrowed", "decimal(18,2)", "decimal(9,2)", ["1.50", "2.50"]),
    ("varchar(5)", "'a'", "longtext", "repeat('b', 70000)", "", "", "", ["a", "b" * 70000]),
    ("enum('a')", "'a'", "enum('a','b')", "'b'", "", "", "", ["a", "b"]),
    ("datetime", "'2024-01-01 10:00:00'", "datetime(6)", "'2024-01-01 10:00:00.000001'", "", "", "", ["2024-01-01 10:00:00", "2024-01-01 10:00:00.000001"]),
    ("tinyint(1)", "1", "tinyint", "2", "", "", "", ["1", "2"]),
    ("int", "7", "varchar(10)", "'8'", "type_change", "int", "string", ["7", "8"]),
    ("bigint", "7", "bigint unsigned", "8", "type_change", "long", "decimal(20,0)", ["7", "8"]),
    ("decimal(9,2)", "1.50", "decimal(9,1)", "2.5", "type_change", "decimal(9,2)", "decimal(9,1)", ["1.50", "2.50"]),
    ("date", "'2024-01-01'", "datetime", "'2024-01-02 00:00:00'", "type_change", "date", "timestamp", ["2024-01-01"]),
    ("bit(1)", "b'1'", "tinyint", "0", "type_change", "boolean", "int", ["true"]),
]


def project(server, table, more=""):
    made = Project(LEAT)
    made.write({"leat.yml": "version: 1\nname: shop\n",
                "connections.yml": f"connections:\n  shop: {{ type: mysql, host: 127.0.0.1, port: {server.port}, user: root, database: shop }}\n"})
    say(made, table, more)
    return made


def say(made, table, more):
    made.write({"sources/shop.yml": f"connection: shop\ntables:\n  - {{ name: {table}, structured: false{more} }}\n"})


def told(made, expect=0):
    """What leat drift says: class, column, was, became; and whether a load would fail."""
    found = made.json("drift", expect=expect)["tables"]
    return sorted((one["class"], one["column"], one["was"], one["became"]) for table in found for one in table["drift"])


def fails(made):
    done = made.run("run", expect=1)
    return "RUN-549" in done.stdout + done.stderr


def types(cases, server):
    """One column becomes another type: what fits exactly arrives, the old rows stay."""
    for number, (before, old, after, new, name, was, became, values) in enumerate(KINDS):
        server.run(f"create table k{number} (id int primary key, v {before}); insert into k{number} values (1, {old})", "shop")
        made = project(server, f"k{number}", ", mode: incremental, update_key: id, primary_key: [id], max_reject: 100%")
        made.run("run")
        what = f"{before} to {after}"
        server.run(f"set sql_mode = ''; alter table k{number} modify v {after}; insert into k{number} values (2, {new})", "shop")
        cases.check(f"{what}: told", told(made), [(name, "v", was, became)] if name else [])
        made.run("run")
        cases.check(f"{what}: noted once", made.rows("select class, column_name, was, became from leat.drift"), [[name, "v", was, became]] if name else [])
        cases.check(f"{what}: values", [row[0] for row in made.rows(f"select v from raw_shop.k{number} order by id")], values)
        cases.check(f"{what}: rejected", made.one("select rows_in, rows_out, rows_rejected from leat.ledger order by run_id desc limit 1"),
                    ["1", str(len(values) - 1), str(2 - len(values))])
        made.remove()


def columns(cases, server):
    """Columns come, go and are renamed, at any place of the table."""
    server.run("create table people (id int primary key, name varchar(20), city varchar(20)); "
               "insert into people select seq, concat('n', seq), concat('c', seq) from seq_1_to_100", "shop")
    made = project(server, "people", ", mode: incremental, update_key: id, primary_key: [id]")
    made.run("run")
    server.run("alter table people add column first_one int first, add column between_them int after id; insert into people values (5, 101, 6, 'n101', 'c101')", "shop")
    cases.check("new columns, at any place", told(made), [("additive", "between_them", "", "int"), ("additive", "first_one", "", "int")])
    made.run("run")
    cases.check("old rows have NULL in them", made.rows("select id, first_one, between_them, name from raw_shop.people where id >= 100 order by id"),
                [["100", "", "", "n100"], ["101", "5", "6", "n101"]])
    server.run("alter table people modify city varchar(20) first", "shop")
    cases.check("another order of the columns is no change", told(made), [])

    server.run("alter table people drop column first_one; insert into people values ('c102', 102, 7, 'n102')", "shop")
    cases.check("a column that is gone", told(made, expect=1), [("removed", "first_one", "int", "")])
    cases.true("blocks the load", fails(made))
    say(made, "people", ", mode: incremental, update_key: id, primary_key: [id], drift: { removed: evolve }")
    made.run("run")
    cases.check("drift: { removed: evolve }: it stays, NULL in new rows", made.rows("select id, first_one, name from raw_shop.people where id > 100 order by id"),
                [["101", "5", "n101"], ["102", "", "n102"]])

    say(made, "people", ", mode: incremental, update_key: id, primary_key: [id]")
    server.run("alter table people rename column name to full_name; insert into people values ('c103', 103, 8, 'n103')", "shop")
    cases.check("a new name is proposed from the values", told(made, expect=1),
                [("additive", "full_name", "", "string"), ("removed", "name", "string", ""), ("rename", "full_name", "name", "full_name")])
    cases.true("and blocks the load until somebody says so", fails(made))
    say(made, "people", ", mode: incremental, update_key: id, primary_key: [id], drift: { rename: apply }")
    made.run("run")
    cases.check("drift: { rename: apply }: old rows keep their values", made.rows("select id, full_name from raw_shop.people where id in (1, 103) order by id"),
                [["1", "n1"], ["103", "n103"]])
    server.run("alter table people rename column city to town; insert into people values ('c104', 104, 8, 'n104')", "shop")
    say(made, "people", ", mode: incremental, update_key: id, primary_key: [id], renames: { city: town }")
    made.run("run")
    cases.check("renames: { city: town }", made.rows("select id, town from raw_shop.people where id in (1, 104) order by id"), [["1", "c1"], ["104", "c104"]])
    cases.check("all rows, each once", made.one("select count(*), count(distinct id) from raw_shop.people"), ["104", "104"])
    made.remove()


def key(cases, server):
    server.run("create table pieces (id int primary key, part int not null default 1, v int); insert into pieces values (1, 1, 1)", "shop")
    made = project(server, "pieces", ", mode: incremental, update_key: id, primary_key: [id]")
    made.run("run")
    server.run("alter table pieces drop primary key, add primary key (id, part); insert into pieces values (1, 2, 2), (2, 1, 3)", "shop")
    cases.check("another key", told(made, expect=1), [("key_changed", "", "id", "id, part")])
    cases.true("blocks a load by key", fails(made))
    cases.check("and nothing of it is in the table", made.rows("select id, part, v from raw_shop.pieces"), [["1", "1", "1"]])
    say(made, "pieces", ", mode: incremental, update_key: id, primary_key: [id, part]")
    made.run("run", "--full-refresh", expect=None)
    made = project(server, "pieces")
    made.run("run")
    server.run("alter table pieces drop primary key, add primary key (part, id)", "shop")
    made.run("run")
    cases.check("a load of all rows goes on", made.one("select count(*) from raw_shop.pieces"), ["3"])


def policies(cases, server):
    """Rows whose value does not fit, by policy; the numbers of the ledger add up."""
    for policy, column, rejected, filtered in (("quarantine", "2", "1", "0"), ("discard_row", "2", "0", "1"), ("discard_column", "3", "0", "0")):
        server.run("drop table if exists days; create table days (id int primary key, day date); insert into days values (1, '2024-01-01')", "shop")
        made = project(server, "days", f", drift: {{ type_change: {policy} }}")
        made.run("run")
        server.run("alter table days modify day varchar(20); insert into days values (2, '2024-01-02'), (3, 'someday')", "shop")
        made.run("run")
        cases.check(f"{policy}: rows", made.one("select count(*) from raw_shop.days"), [column])
        cases.check(f"{policy}: in = out + rejected + filtered",
                    made.one("select rows_in, rows_out, rows_rejected, rows_filtered from leat.ledger order by run_id desc limit 1"), ["3", column, rejected, filtered])
        made.remove()
    server.run("alter table days add column more int", "shop")
    made = project(server, "days", ", drift: fail")
    made.run("run")
    server.run("alter table days drop column more", "shop")
    cases.true("drift: fail", fails(made))


def main():
    cases = Cases()
    with MariaDb() as server:
        server.run("create database shop")
        types(cases, server)
        columns(cases, server)
        key(cases, server)
        policies(cases, server)
    cases.finish()


if __name__ == "__main__":
    main()
