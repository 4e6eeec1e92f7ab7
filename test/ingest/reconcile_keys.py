#!/usr/bin/env python3
"""Rows that were deleted in large tables with keys of every kind, in a real PostgreSQL (also gently, through ODBC and ADBC) and a real MariaDB (also through ODBC): source and table are compared by
sums of hashes, only chunks that differ are read, and the lake is equal to the source afterwards. Keys whose texts are not certain are
read whole.

usage: reconcile_keys.py LEAT [DATA_FOLDER]
"""
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
import adbc  # noqa: E402
from leat_project import Cases, Project  # noqa: E402
from mariadb import MariaDb  # noqa: E402
from odbc import OdbcProject, mariadb_connection, postgres_connection  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])
ROWS = 30_000

# A number has an umlaut, a capital letter, trailing spaces, the bar or nothing special in the texts made of it.
TEXTS = ["concat('Schlüssel ', i)", "concat('UPPER', i)", "concat('spaces', i, '  ')", "concat('a|', i)", "concat('plain', i)"]


def text_of(remainder):
    return "case " + " ".join(f"when {remainder} = {n} then {text}" for n, text in enumerate(TEXTS)) + " end"


class Table:
    """`keys`: column -> type and value of row i. `chunks`: the word for them; "" the keys are read whole."""

    def __init__(self, name, keys, chunks):
        self.name, self.keys, self.chunks = name, keys, chunks


POSTGRES = [
    Table("uuids", {"a": ("uuid", "md5(i::text)::uuid")}, "ranges"),
    Table("texts", {"a": ("text", text_of("i % 5"))}, "buckets"),
    Table("pairs", {"a": ("varchar(40)", "concat('é', i % 50)"), "b": ("int", "i / 50")}, "buckets"),
    Table("two_texts", {"a": ("text", "repeat('|', i % 4)"), "b": ("text", "concat(repeat('|', 3 - i % 4), i)"), "c": ("date", "date '1970-01-01'")}, "buckets"),
    Table("days", {"a": ("date", "date '1969-06-01' + i % 700"), "b": ("int", "i / 700")}, "ranges"),
    Table("few_days", {"a": ("date", "date '2026-01-01' + i % 3"), "b": ("smallint", "i / 3")}, "buckets"),
    Table("moments", {"a": ("timestamp", "timestamp '1969-12-31 12:00:00.000001' + i * interval '1.000003 second'")}, "ranges"),
    Table("instants", {"a": ("timestamptz", "timestamptz '2026-03-29 00:00:00+01' + i * interval '0.7 second'")}, "ranges"),
    Table("long_ago", {"a": ("timestamp", "timestamp '0044-03-15 00:00:00 BC' + i * interval '1 hour'")}, "buckets"),
    Table("amounts", {"a": ("numeric(12,4)", "(i - 15000) * 0.0137")}, "ranges"),
    Table("huge", {"a": ("numeric(38,6)", "(i - 15000) * 12345678901234567890123456.123456")}, "buckets"),
    Table("padded", {"a": ("char(12)", "concat('c', i)")}, ""),
    Table("digits", {"a": ("numeric", "i * 0.5")}, ""),
    Table("reals", {"a": ("float8", "i / 3.0::float8")}, ""),
]
MARIADB = [
    Table("uuids", {"a": ("uuid", "insert(insert(md5(i), 13, 1, '4'), 17, 1, '8')")}, "buckets"),
    Table("texts", {"a": ("varchar(60) collate utf8mb4_general_ci", text_of("i % 5"))}, "buckets"),
    Table("latin", {"a": ("varchar(60) character set latin1 collate latin1_bin", text_of("i % 5"))}, "buckets"),
    Table("pairs", {"a": ("char(40)", "concat('é', i % 50)"), "b": ("int", "i div 50")}, "buckets"),
    Table("days", {"a": ("date", "date '1969-06-01' + interval i % 700 day"), "b": ("int unsigned", "i div 700")}, "ranges"),
    Table("moments", {"a": ("datetime(6)", "timestamp '1969-12-31 12:00:00.000001' + interval i * 1.000003 second")}, "ranges"),
    Table("instants", {"a": ("timestamp(3)", "timestamp '2026-03-29 00:00:00' + interval i * 0.7 second")}, "ranges"),
    Table("amounts", {"a": ("decimal(12,4)", "(i - 15000) * 0.0137")}, "ranges"),
    Table("huge", {"a": ("decimal(38,6)", "(i - 15000) * 12345678901234567890123456.123456")}, "buckets"),
    Table("whole_numbers", {"a": ("bigint unsigned", "18446744073709551615 - i")}, "buckets"),
    Table("zeros", {"a": ("int(9) zerofill", "i"), "b": ("int", "0")}, ""),
]


def some(tables, *names):
    return [table for table in tables if table.name in names]


def project_for(connection, tables, kind=Project):
    entries = "".join(f"  - {{ name: {table.name}, mode: incremental, update_key: changed, primary_key: [{', '.join(table.keys)}], "
                      f"reconcile: {{ every: 0 }}, structured: false }}\n" for table in tables)
    project = kind(LEAT)
    project.write({"leat.yml": "version: 1\nname: shop\n", "connections.yml": f"connections:\n  shop: {connection}\n",
                   "sources/shop.yml": f"connection: shop\ntables:\n{entries}"})
    return project


def create(table, numbers):
    """`numbers`: a relation that gives i."""
    columns = ", ".join(f"{name} {kind} not null" for name, (kind, _) in table.keys.items())
    values = ", ".join(value for _, value in table.keys.values())
    return (f"create table {table.name} ({columns}, number int unique, changed bigint, primary key ({', '.join(table.keys)})); "
            f"insert into {table.name} select {values}, i, 1 from {numbers}")


def follow(cases, server_name, project, tables, change, numbers):
    """`change`: runs SQL at the source; `numbers`: all numbers that a table has there, sorted."""
    chance = random.Random(11)

    def found():
        rows = project.rows("select check_id, total, failures, observed from leat.check_results where check_id like '%.reconcile' "
                            "qualify row_number() over (partition by check_id order by \"at\" desc) = 1")
        return {row[0].split(".")[-2]: (int(row[1]), int(row[2]), row[3]) for row in rows}

    def read(run_id):
        return {row[0].split(".")[-1]: int(row[1]) for row in
                project.rows(f"select step, sum(rows) from leat.source_cost where run_id = '{run_id}' group by step")}

    def equal(name, what):
        cases.check(f"{name}: {what}: the lake is equal", [int(row[0]) for row in project.rows(f"select number from raw_shop.{table.name} order by number")],
                    numbers(table.name))

    project.run("run")
    project.run("run")
    for table in tables:
        name = f"{server_name} {table.name}"
        total, gone, how = found()[table.name]
        cases.check(f"{name}: nothing is gone", (total, gone), (ROWS, 0))
        held = "; 0 of " in how and table.chunks in how and "0 keys were read" in how if table.chunks else "differ" not in how
        cases.true(f"{name}: as it should be compared ({how})", held, how)

    for what, lost in (("ends and neighbours", [0, 1, ROWS - 1, 12_345, 12_346]), ("a few anywhere", chance.sample(range(2, ROWS - 1), 20)),
                       ("more than can be read range by range", chance.sample(range(2, ROWS - 1), 200))):
        before = {table.name: len(numbers(table.name)) for table in tables}
        for table in tables:
            change(f"delete from {table.name} where number in ({', '.join(map(str, lost))})")
        cost = read(project.json("run")["run_id"])
        results = found()
        for table in tables:
            name = f"{server_name} {table.name}"
            total, gone, how = results[table.name]
            now = len(numbers(table.name))
            cases.check(f"{name}: {what}: all are found", (total, gone), (now, before[table.name] - now))
            equal(name, what)
            if table.chunks:
                cases.true(f"{name}: {what}: few keys were read ({how})", 0 < cost[table.name] < ROWS // 2 and "differ" in how, (how, cost))

    # As many keys as before: one goes, another comes with a time that no update key shows, and one with a new one.
    for table in tables:
        first = numbers(table.name)[0]
        change(f"update {table.name} set number = 1000000, changed = 2 where number = {first}; delete from {table.name} where number = {first + 1}")
    project.run("run")
    for table in tables:
        equal(f"{server_name} {table.name}", "one changed and one gone")
        change(f"delete from {table.name} where number % 3 = 0")
    project.run("run")
    for table in tables:
        equal(f"{server_name} {table.name}", "every third")
        cases.true(f"{server_name} {table.name}: where every chunk differs all keys are read", "differ" not in found()[table.name][2], found()[table.name])


def in_postgres(cases, name, tables, connection, kind=Project):
    """`connection`: from a server to how the project writes it."""
    with PostgresServer() as server:
        for table in tables:
            server.sql(create(table, f"generate_series(0, {ROWS - 1}) i"))
        server.sql("analyze")
        project = project_for(connection(server), tables, kind)
        follow(cases, name, project, tables, server.sql, lambda table: [int(line) for line in server.sql(f"select number from {table} order by 1").split()])
        project.remove()


def in_mariadb(cases, name, tables, connection, kind=Project):
    with MariaDb() as server:
        server.run("create database shop")
        for table in tables:
            server.run(create(table, f"(select cast(seq as signed) as i from seq_0_to_{ROWS - 1}) numbers"), "shop")
        project = project_for(connection(server), tables, kind)
        follow(cases, name, project, tables, lambda sql: server.run(sql, "shop"),
               lambda table: [int(row[0]) for row in server.rows(f"select number from {table} order by 1", "shop")])
        project.remove()


def main():
    cases = Cases()
    in_postgres(cases, "postgres", POSTGRES, lambda server: f"{{ type: postgres, uri: '{server.url}' }}")
    in_postgres(cases, "postgres gentle", some(POSTGRES, "uuids", "texts", "days"), lambda server: f"{{ type: postgres, uri: '{server.url}', profile: gentle }}")
    in_postgres(cases, "postgres odbc", some(POSTGRES, "uuids", "texts", "moments", "padded"), postgres_connection, OdbcProject)
    in_postgres(cases, "postgres adbc", some(POSTGRES, "uuids", "texts", "moments", "padded"), adbc.postgres_connection)
    in_mariadb(cases, "mariadb", MARIADB, lambda server: f"{{ type: mysql, host: 127.0.0.1, port: {server.port}, user: root, database: shop }}")
    in_mariadb(cases, "mariadb odbc", some(MARIADB, "texts", "days", "moments"), mariadb_connection, OdbcProject)
    cases.finish()


if __name__ == "__main__":
    main()
