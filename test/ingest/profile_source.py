#!/usr/bin/env python3
"""leat profile against a real PostgreSQL, a real MariaDB (also through ODBC and ADBC), an SQLite and a DuckDB file: what it tells is what is
there, large tables are not scanned, and leat add source decides by what was measured.

usage: profile_source.py LEAT [DATA_FOLDER]
"""
import json
import os
import sqlite3
import sys

import duckdb

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
import adbc  # noqa: E402
from leat_project import Cases, Project  # noqa: E402
from mariadb import MariaDb  # noqa: E402
from odbc import OdbcProject, postgres_connection  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])
TEN_DAYS = str(10 * 86400)


def through(kind, connection):
    made = kind(LEAT)
    made.write({"leat.yml": "version: 1\nname: shop\n", "connections.yml": f"connections:\n  shop: {connection}\n"})
    return made


def profile(made, *words, **environment):
    found = made.json("profile", "shop", *words, **environment)
    return found, {table["entry"]: table for table in found["tables"]}


def moments(table):
    return {moment["column"]: moment for moment in table["measured"]["moments"]}


def make_tables(server):
    # Changes of customers: the last 20 days, from 9 to 17 o'clock; 4,000 rows.
    server.sql("""
        create table customers (id bigint primary key, name text, updated_at timestamptz not null);
        create index on customers (updated_at);
        insert into customers select i, 'n' || i,
          date_trunc('day', now() at time zone 'utc') at time zone 'utc' - (1 + i % 20) * interval '1 day' + (9 + i % 8) * interval '1 hour' + (i % 3000) * interval '1 second'
          from generate_series(1, 4000) i;
        create table events (id bigint generated always as identity primary key, what text);
        create table forgotten (id int primary key, v int, updated_at timestamp not null);
        insert into forgotten select i, 0, '2020-01-01 10:00:00' from generate_series(1, 300) i;
        create table lines (line_id int, note text, changed_at timestamp);
        insert into lines select i, 'x', case when i > 10 then timestamp '2026-01-02' end from generate_series(1, 100) i;
        create table twice (line_id int, updated_at timestamp not null); insert into twice select i % 90, '2026-01-01' from generate_series(1, 100) i;
        create table wide (id bigint primary key, pad text, updated_at timestamptz not null, other_at timestamp);
        create index on wide (updated_at);
        insert into wide select i, repeat('x', 300), now() - i * interval '1 minute', null from generate_series(1, 120000) i;
        create view limited as select 1 as id where current_setting('statement_timeout') = '10s';
        create role reader login connection limit 7; grant select on all tables in schema public to reader;
        analyze""")
    server.sql("select pg_stat_reset()")
    server.sql("insert into events (what) select 'e' from generate_series(1, 50); update forgotten set v = 1; update customers set name = 'm', updated_at = now() where id <= 5; "
               "delete from customers where id = 1")


def postgres(cases):
    with PostgresServer() as server:
        make_tables(server)
        connection = f"{{ type: postgres, uri: '{server.url.replace('postgres@', 'reader@')}', budget: {{ connections: 1 }} }}"
        made = through(Project, connection)
        scans = int(server.sql("select coalesce(seq_scan, 0) from pg_stat_user_tables where relname = 'wide'"))
        whole, found = profile(made, "--max-scan", "5000")
        cases.check("tables worth loading are measured, views are not", sorted(found), ["customers", "events", "forgotten", "lines", "twice", "wide"])
        told = whole["server"]
        cases.true("the server, the limit of the user, its log", told["name"].startswith("PostgreSQL ") and told["most_connections"] == 7 and told["connections"] >= 1
                   and told["change_log"] is False and "wal_level is " in told["change_log_reason"], told)
        customers = found["customers"]
        seen = moments(customers)["updated_at"]
        cases.check("rows are counted where they are few", [customers["measured"]["rows"], customers["measured"]["counted"], seen["nulls"]], [3999, True, 0])
        cases.true("the rate is that of the last days", 170 <= seen["per_day"] <= 210, seen)
        cases.check("no changes outside of the hours in which there were some", [sum(seen["hours"][:9]) + sum(seen["hours"][18:]) <= 4, sum(seen["hours"])], [True, 3999])
        cases.check("writes as the server counts them", [customers["measured"]["writes"][name] for name in ("inserted", "updated", "deleted")], [0, 5, 1])
        cases.check("incremental, with the reconciliation that deletes need", [customers["mode"], customers["update_key"], customers["reconcile"]], ["incremental", "updated_at", "1d"])
        read = customers["measured"]["read"]
        cases.true("reading was tried", read["rows"] == 3999 and read["all"] and read["seconds"] > 0, read)
        forgotten = found["forgotten"]
        cases.true("a column that updates do not move is no update key", forgotten["mode"] == "full-refresh" and "none of them has a updated_at" in forgotten["mode_reason"], forgotten)
        lines = found["lines"]
        cases.check("a key that nothing declares is found by its values", lines["measured"]["key"], {"columns": ["line_id"], "declared": False, "with_null": 0, "duplicates": 0})
        cases.check("a column with NULLs is none", [lines["mode"], lines["mode_reason"]], ["full-refresh", "changed_at is NULL in 10 of 100 rows"])
        cases.check("whole days are told", moments(lines)["changed_at"]["step_us"], 86400 * 10**6)
        twice = found["twice"]
        cases.check("what comes twice is no key", [twice["measured"]["key"]["duplicates"], twice["mode"], twice["primary_key"]], [10, "full-refresh", []])
        wide = found["wide"]
        cases.check("a large table is estimated", [wide["measured"]["rows"], wide["measured"]["counted"]], [120000, False])
        cases.true("what was not measured is said", any("other_at" in text for text in wide["measured"]["not_measured"]), wide["measured"]["not_measured"])
        cases.true("its newest moments come through the index", moments(wide)["updated_at"]["seen"] == 10000 and 1400 <= moments(wide)["updated_at"]["per_day"] <= 1480, moments(wide))
        cases.check("it is not scanned: a part of its pages is read", int(server.sql("select coalesce(seq_scan, 0) from pg_stat_user_tables where relname = 'wide'")), scans)
        cases.true("a part of it is read", 0 < wide["measured"]["read"]["rows"] < 120000, wide["measured"]["read"])
        cases.true("what measuring cost is told", whole["cost"] and all(cost["connections"] == 1 for cost in whole["cost"]), whole["cost"])
        _, full = profile(made, "wide", "--full", "--max-scan", "5000")
        cases.check("--full counts it", [full["wide"]["measured"]["rows"], full["wide"]["measured"]["counted"], moments(full["wide"])["other_at"]["nulls"]], [120000, True, 120000])
        _, view = profile(made, "limited")
        cases.check("a view that is named is measured, as far as its size is known", [view["limited"]["measured"]["rows"], view["limited"]["measured"]["not_measured"][:1]],
                    [None, ["rows, values that are NULL: the size of the table is not known; --full reads all of it"]])
        _, view = profile(made, "limited", "--full")
        cases.check("the limit of a statement holds", [view["limited"]["measured"]["rows"], view["limited"]["measured"]["key"]["duplicates"]], [1, 0])
        later(cases, server, made)
        others(cases, server)


def later(cases, server, made):
    """Ten days on: counters have counted for long enough, the table has grown, and add source knows all of it."""
    server.sql("insert into events (what) select 'f' from generate_series(1, 25)")
    _, found = profile(made, "events", "customers", LEAT_CLOCK="+" + TEN_DAYS)
    events = found["events"]
    cases.check("what only grows is appended by its key", [events["mode"], events["update_key"]], ["append", "id"])
    cases.check("growth since the last time", events["measured"]["rows"] - events["before"]["rows"], 25)
    text = made.run("profile", "shop", "events", LEAT_CLOCK="+" + TEN_DAYS).stdout
    cases.true("for people", "+0 rows since" in text and "append by id" in text and "75 inserted, 0 updated, 0 deleted" in text, text)
    written = made.run("add", "source", "shop", "--dry-run").stdout
    cases.true("add source decides by it, and says so", "By the source's catalogue and what `leat profile` measured" in written
               and "75 new rows, none changed, none deleted" in written and "primary_key: [line_id]" in written and "none of them has a updated_at" in written, written)
    listed = {table["entry"]: table for table in made.json("discover", "shop")}
    cases.check("and discover", [listed["events"]["mode"], listed["events"]["rows"]], ["append", 75])
    kept = made.rows("select table_entry, profile from leat.source_profiles order by measured_at")
    cases.check("every profile is kept", [sum(1 for row in kept if row[0] == "events"), json.loads(kept[-1][1])["rows"]], [3, 75])
    made.run("add", "source", "shop")
    made.run("run")
    cases.check("what was written loads", made.one("select (select count(*) from raw_shop.customers), (select count(*) from raw_shop.events), (select count(*) from raw_shop.lines)"),
                ["3999", "75", "100"])
    server.sql("insert into events (what) values ('new')")
    made.run("run", "--select", "source.shop.events")
    cases.check("and goes on by the key", made.one("select count(*), count(distinct id) from raw_shop.events"), ["76", "76"])


def others(cases, server):
    for name, kind, connection in (("ODBC", OdbcProject, postgres_connection(server)), ("ADBC", Project, adbc.postgres_connection(server))):
        _, found = profile(through(kind, connection), "customers", "lines", "--full")
        seen = moments(found["customers"])["updated_at"]
        cases.check(f"{name}: rows, newest moment, a key by its values", [found["customers"]["measured"]["rows"], seen["unreadable"], seen["seen"], found["lines"]["measured"]["key"]["duplicates"]],
                    [3999, 0, 3999, 0])
        cases.true(f"{name}: the rate", 170 <= seen["per_day"] <= 210, seen)
        cases.check(f"{name}: reading", [found["customers"]["measured"]["read"]["rows"], found["customers"]["measured"]["not_measured"]], [3999, []])


def mariadb(cases):
    with MariaDb() as server:
        server.run("""create database shop; use shop; create table shop.orders (id int primary key, v int, updated_at datetime(3) not null, key (updated_at));
            insert into shop.orders select seq, 1, timestamp('2026-01-01 00:00:00.5') + interval seq hour from seq_1_to_2000; create table shop.empty (id int primary key);
            create table shop.loose (ref_id int, v int); insert into shop.loose select seq, 1 from seq_1_to_10; insert into shop.loose values (null, 2); analyze table shop.orders, shop.loose, shop.empty""")
        whole, found = profile(through(Project, f"{{ type: mysql, host: 127.0.0.1, port: {server.port}, user: root, database: shop }}"))
        cases.true("MariaDB: the server", whole["server"]["name"].startswith("MariaDB 1") and whole["server"]["most_connections"] > 0 and whole["server"]["change_log"] is False
                   and whole["server"]["change_log_reason"] == "the binary log is off", whole["server"])
        seen = moments(found["orders"])["updated_at"]
        cases.check("MariaDB: rows, moments", [found["orders"]["measured"]["rows"], seen["seen"], seen["step_us"], seen["oldest"]], [2000, 2000, 1000, "2026-01-01T01:00:00.500000Z"])
        cases.check("MariaDB: NULL in what may be a key", found["loose"]["measured"]["key"]["with_null"], 1)
        cases.check("MariaDB: an empty table", [found["empty"]["measured"]["rows"], found["empty"]["measured"]["not_measured"]], [0, []])
        cases.check("MariaDB: all was measured", [table["measured"]["not_measured"] for table in found.values()], [[], [], []])


def files(cases):
    made = through(Project, "{ type: duckdb, file: shop.duckdb }")
    with duckdb.connect(os.path.join(made.folder, "shop.duckdb")) as database:
        database.execute("""create table orders (id int primary key, changed_at timestamp not null); create table loose (id int, v text);
            insert into orders select i, timestamp '2026-01-01' + interval (i) minute from range(700) t(i); insert into loose select i, 'v' from range(9) t(i)""")
    _, found = profile(made)
    cases.check("DuckDB: rows, step, key", [found["orders"]["measured"]["rows"], moments(found["orders"])["changed_at"]["step_us"], found["loose"]["primary_key"]], [700, 60 * 10**6, ["id"]])
    cases.check("DuckDB: all was measured", [table["measured"]["not_measured"] for table in found.values()], [[], []])
    made = through(Project, "{ type: sqlite, file: ops.db }")
    with sqlite3.connect(os.path.join(made.folder, "ops.db")) as database:
        database.executescript("""create table t (id integer primary key, updated_at datetime not null); create index i on t (updated_at); create table odd (id integer primary key, updated_at datetime not null);
            with recursive n(i) as (select 1 union all select i + 1 from n where i < 1500) insert into t select i, datetime('2026-01-01', i || ' hours') from n;
            insert into odd values (1, 1767225600), (2, 'soon')""")
    whole, found = profile(made)
    cases.true("SQLite: its library", whole["server"]["name"].startswith("SQLite 3"), whole["server"])
    cases.check("SQLite: rows, step", [found["t"]["measured"]["rows"], moments(found["t"])["updated_at"]["step_us"], found["t"]["mode"]], [1500, 3600 * 10**6, "incremental"])
    cases.check("SQLite: what is no moment is told, and not relied on", [moments(found["odd"])["updated_at"]["unreadable"], found["odd"]["mode"]], [2, "full-refresh"])
    made.write({"connections.yml": "connections:\n  shop: { type: csv, path: 'x/*.csv' }\n"})
    ended = made.run("profile", "shop", expect=None)
    cases.true("files have no tables to be measured", ended.returncode == 2 and "RUN-552" in ended.stderr, ended.stderr)


def main():
    cases = Cases()
    files(cases)
    mariadb(cases)
    postgres(cases)
    cases.finish()


main()
