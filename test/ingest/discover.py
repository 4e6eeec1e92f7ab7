#!/usr/bin/env python3
"""leat discover and leat add source against a real PostgreSQL, a real MariaDB (also through ODBC and ADBC) and a DuckDB file: what they tell is
what is there, and the files that are written load everything, and go on.

usage: discover.py LEAT [DATA_FOLDER]
"""
import os
import sqlite3
import sys

import duckdb

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
import adbc  # noqa: E402
from leat_project import Cases, Project  # noqa: E402
from mariadb import MariaDb  # noqa: E402
from odbc import OdbcProject, mariadb_connection, postgres_connection, sqlite_connection  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])
ODD = '"Odd.Schema"."My ""Table"""'


def project(kind, connection):
    made = Project(LEAT)
    made.write({"leat.yml": "version: 1\nname: shop\n", "connections.yml": f"connections:\n  shop: {{ type: {kind}, {connection} }}\n"})
    return made


def through(kind, connection):
    made = kind(LEAT)
    made.write({"leat.yml": "version: 1\nname: shop\n", "connections.yml": f"connections:\n  shop: {connection}\n"})
    return made


def by_entry(made, *words):
    return {table["entry"]: table for table in made.json("discover", "shop", *words)}


def columns(table):
    return {column["name"]: column for column in table["columns"]}


def postgres(cases):
    with PostgresServer() as server:
        server.sql('''
            create schema sales; create schema "Odd.Schema"; create schema shut;
            create table customers (id bigint generated always as identity primary key, name text not null, updated_at timestamptz not null default now());
            create index on customers (updated_at);
            create table sales.lines (order_id int not null, line int not null, note varchar(9), constraint lines_key unique (order_id, line));
            create table sales.events (id bigint primary key, day date not null) partition by range (id);
            create table sales.events_1 partition of sales.events for values from (0) to (1000);
            create table sales.events_2 partition of sales.events for values from (1000) to (5000000);
            create table "Odd.Schema"."My ""Table""" ("a b" int primary key, "modifiedAt" timestamp(3));
            create unique index half on sales.lines (line) where note is null;
            create table shut.hidden (id int); create table never_read (id int); create table big_audit (id int);
            create view recent as select * from customers; create materialized view counted as select count(*) as n from customers;
            create unlogged table nothing ();
            insert into customers (name) select 'n' || i from generate_series(1, 5000) i;
            insert into sales.events select i * 100, '2026-01-01' from generate_series(0, 20000) i;
            insert into sales.lines select i, i % 3, 'x' from generate_series(1, 10) i;
            insert into "Odd.Schema"."My ""Table""" values (1, null), (2, now());
            create role reader login; grant usage on schema sales, "Odd.Schema" to reader;
            grant select on customers, sales.lines, sales.events, "Odd.Schema"."My ""Table""", recent, counted, big_audit, nothing to reader;
            analyze''')
        made = project("postgres", f"uri: '{server.url.replace('postgres@', 'reader@')}'")
        found = by_entry(made)
        cases.check("every table and view, its partitions as one", sorted(found),
                    sorted([ODD, "big_audit", "counted", "customers", "never_read", "nothing", "recent", "sales.events",
                            "sales.lines", "shut.hidden"]))
        cases.check("kinds", {name: found[name]["kind"] for name in ("customers", "sales.events", "recent", "counted")},
                    {"customers": "table", "sales.events": "partitioned table", "recent": "view", "counted": "materialized view"})
        cases.check("rows by the statistics, of all partitions", [found["customers"]["rows"], found["sales.events"]["rows"]], [5000, 20001])
        size = int(server.sql("select pg_total_relation_size('customers')"))
        cases.check("bytes with indexes", found["customers"]["bytes"], size)
        cases.check("a unique index over what is never null is a key, a partial one is not", found["sales.lines"]["unique_key"], ["order_id", "line"])
        cases.check("what may not be read is told", [found[name]["left_out"] for name in ("never_read", "shut.hidden")],
                    ["the user may not read it", "the user may not use the schema shut"])
        customers = columns(found["customers"])
        cases.check("columns", [customers["updated_at"]["type"], customers["updated_at"]["leads_index"], customers["name"]["nullable"]],
                    ["timestamp with time zone", True, False])
        before = int(server.sql("select coalesce(sum(seq_scan), 0) from pg_stat_user_tables"))
        by_entry(made)
        cases.check("no table was scanned", int(server.sql("select coalesce(sum(seq_scan), 0) from pg_stat_user_tables")), before)
        ended = made.run("add", "source", "shop", "never_read", expect=None)
        cases.true("what may not be read cannot be added", ended.returncode != 0 and "APP-205" in ended.stderr, ended.stderr)
        left = made.run("add", "source", "shop").stderr
        cases.true("logs, and what has nothing to read, are left out", all(name in left for name in ("big_audit", "never_read", "nothing", "hidden")), left)
        made.run("run")
        cases.check("what was written loads everything",
                    made.one('select (select count(*) from raw_shop.customers), (select count(*) from raw_shop.sales__lines), '
                             '(select count(*) from raw_shop.sales__events), (select count(*) from raw_shop.recent), (select n from raw_shop.counted)'),
                    ["5000", "10", "20001", "5000", "0"])
        server.sql("update customers set name = 'new', updated_at = now() where id <= 10; delete from customers where id > 4990")
        made.run("run", "--select", "source.shop.customers")
        cases.check("and goes on by the update key, without what was deleted",
                    made.one("select count(*) filter (name = 'new'), count(*) from raw_shop.customers"), ["10", "4990"])
        odbc_postgres(cases, server)
        adbc_postgres(cases, server)
        cases.true("all of it is named as loaded", all(t["asset"] or t["left_out"] for t in by_entry(made).values()))


def odbc_postgres(cases, server):
    made = through(OdbcProject, postgres_connection(server))
    found = by_entry(made)
    cases.true("ODBC, PostgreSQL: tables and views of the schema and of others, none of the server's",
               {"customers", "sales.lines", "recent", ODD} <= set(found) and not any("pg_" in name or "information_schema" in name for name in found),
               sorted(found))
    customers = columns(found["customers"])
    cases.check("ODBC, PostgreSQL: key, update key, index", [found["customers"]["primary_key"], found["customers"]["update_key"],
                                                             customers["updated_at"]["leads_index"], customers["updated_at"]["nullable"]],
                [["id"], "updated_at", True, False])
    made.run("add", "source", "shop", "customers", "sales.lines", ODD)
    made.run("run")
    cases.check("ODBC, PostgreSQL: what was written loads everything",
                made.one("select (select count(*) from raw_shop.customers), (select count(*) from raw_shop.sales__lines)"), ["4990", "10"])


def adbc_postgres(cases, server):
    made = through(Project, adbc.postgres_connection(server))
    found = by_entry(made)
    cases.true("ADBC, PostgreSQL: tables and views of the schema and of others, none of the server's",
               {"customers", "sales.lines", "recent", ODD} <= set(found) and not any("pg_" in name or "information_schema" in name for name in found),
               sorted(found))
    customers = columns(found["customers"])
    # Its driver does not tell whether a column may be NULL, so none is relied on.
    cases.check("ADBC, PostgreSQL: key, type, no update key", [found["customers"]["primary_key"], found["customers"]["update_key"],
                                                               customers["updated_at"]["type"], customers["updated_at"]["nullable"]],
                [["id"], None, "timestamptz", True])
    made.run("add", "source", "shop", "customers", "sales.lines", ODD)
    made.run("run")
    cases.check("ADBC, PostgreSQL: what was written loads everything",
                made.one("select (select count(*) from raw_shop.customers), (select count(*) from raw_shop.sales__lines)"), ["4990", "10"])


def mariadb(cases):
    with MariaDb() as server:
        server.run("""create database shop; create database other; use shop;
            create table shop.orders (id int unsigned primary key, amount decimal(9,2) not null,
              stamp timestamp not null default current_timestamp on update current_timestamp, updated_at datetime null, key (stamp));
            create table shop.lines (order_id int not null, line int not null, maybe int null, unique key z (order_id, line), unique key a (maybe));
            create table other.`price list` (a int);
            create view shop.seen as select * from shop.orders;
            insert into shop.orders (id, amount) select seq, 1 from seq_1_to_100; insert into shop.lines values (1, 1, null);
            insert into other.`price list` values (1); analyze table shop.orders, shop.lines, other.`price list`""")
        made = project("mysql", f"host: 127.0.0.1, port: {server.port}, user: root, database: shop")
        found = by_entry(made)
        cases.check("MariaDB: every table and view", sorted(found), ["lines", "orders", "other.price list", "seen"])
        cases.check("MariaDB: a column that the server sets itself is preferred", [found["orders"]["update_key"], found["orders"]["rows"]], ["stamp", 100])
        cases.check("MariaDB: keys", [found["orders"]["primary_key"], found["lines"]["unique_key"]], [["id"], ["order_id", "line"]])
        cases.check("MariaDB: kinds", [found["seen"]["kind"], found["orders"]["kind"]], ["view", "table"])
        made.run("add", "source", "shop")
        made.run("run")
        cases.check("MariaDB: what was written loads everything",
                    made.one('select (select count(*) from raw_shop.orders), (select count(*) from raw_shop.lines), (select count(*) from raw_shop.other__price_list)'),
                    ["100", "1", "1"])
        server.run("update shop.orders set amount = 5, stamp = stamp + interval 1 hour where id = 3")
        made.run("run")
        listed = by_entry(through(OdbcProject, mariadb_connection(server)))
        cases.check("ODBC, MariaDB: the tables of its catalogue", sorted(listed), ["lines", "orders", "seen"])
        cases.check("ODBC, MariaDB: the key; what may be NULL is not relied on, ODBC does not tell what the server sets itself",
                    [listed["orders"]["primary_key"], listed["orders"]["update_key"]], [["id"], None])
        cases.check("MariaDB: and goes on", made.one("select amount from raw_shop.orders where id = 3"), ["5.00"])


def files(cases):
    made = project("duckdb", "file: shop.duckdb")
    with duckdb.connect(os.path.join(made.folder, "shop.duckdb")) as database:
        database.execute("""create schema sales; create table orders (id int primary key, changed_at timestamp not null, note text);
            create table sales."a.b" (x int not null, y int not null, z int, unique (z), unique (x, y)); create view seen as from orders;
            insert into orders select i, '2026-01-01', 'n' from range(7) t(i); insert into sales."a.b" values (1, 2, null)""")
    found = by_entry(made)
    cases.check("DuckDB: every table and view", {name: one["kind"] for name, one in found.items()},
                {"orders": "table", 'sales."a.b"': "table", "seen": "view"})
    cases.check("DuckDB: rows, keys", [found["orders"]["rows"], found["orders"]["primary_key"], found["orders"]["update_key"]], [7, ["id"], "changed_at"])
    cases.check("DuckDB: a unique constraint over what is never null", found['sales."a.b"']["unique_key"], ["x", "y"])
    made.run("add", "source", "shop")
    made.run("run")
    cases.check("DuckDB: what was written loads everything", made.one('select count(*), (select count(*) from raw_shop."sales___a.b_") from raw_shop.orders'), ["7", "1"])
    path = os.path.join(made.folder, "ops.db")
    with sqlite3.connect(path) as database:
        database.executescript("create table t (id integer primary key, v text); insert into t values (1, 'a'); create view w as select * from t")
    listed = by_entry(through(OdbcProject, sqlite_connection(path)))
    cases.check("ODBC, SQLite: tables and views", sorted(listed), ["t", "w"])
    listed_by_adbc = by_entry(through(Project, adbc.sqlite_connection(path)))
    cases.check("ADBC, SQLite: tables and views", sorted(listed_by_adbc), ["t", "w"])
    cases.check("ADBC, SQLite: the key", listed_by_adbc["t"]["primary_key"], ["id"])
    cases.check("ODBC, SQLite: the key", listed["t"]["primary_key"], ["id"])


def main():
    cases = Cases()
    files(cases)
    postgres(cases)
    mariadb(cases)
    cases.finish()


main()
