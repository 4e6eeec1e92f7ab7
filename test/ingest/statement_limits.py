#!/usr/bin/env python3
"""The longest statement of a budget as a hard stop at MariaDB (mysql, odbc) and PostgreSQL (odbc): rows that are slow under keys of several kinds, a row that
is slower than a statement may be, rows that move, rows that are heavy, views. What the server ended is read again in smaller pieces; no row comes twice, none
is lost, and the server's own records say that no statement ran longer.

usage: statement_limits.py LEAT …
"""
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from leat_project import Cases, Project  # noqa: E402
from mariadb import MariaDb  # noqa: E402
from odbc import OdbcProject, mariadb_connection, postgres_connection  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])
ROWS = 20_000
SUMS = "select count(*), count(distinct id), sum(id), sum(length(note)) from"
TOLERANCE = 0.4  # a server looks at its clock between two rows


def busy(milliseconds):
    """SQL that keeps MariaDB's processor busy for about so long: a text that is nearly found at each place of another."""
    return f"locate(concat(repeat('a', {20 * milliseconds}), 'b'), repeat('a', 60000))"


def endless(server):
    """SQL of one value that takes this machine some seconds."""
    size = 1000
    while True:
        size *= 2
        sql = f"locate(concat(repeat('a', {size}), 'b'), repeat('a', 300000))"
        began = time.monotonic()
        server.run(f"select {sql}")
        if time.monotonic() - began > 2.5:
            return sql


class MariaSide:
    """MariaDB writes down each statement with its time."""

    def __init__(self, name, server, limit, made, connection):
        self.name, self.server, self.limit, self.made, self.connection = name, server, limit, made, connection

    def sql(self, text):
        return self.server.rows(text, "shop")

    def measured(self, run):
        self.server.run("set global slow_query_log = off; truncate mysql.slow_log; set global log_output = 'TABLE', long_query_time = 0, slow_query_log = on")
        run()
        self.server.run("set global slow_query_log = off")
        longest, stopped = self.server.rows("select coalesce(max(time_to_sec(query_time)), 0), count(*) from mysql.slow_log where user_host like 'reader%'")[0]
        ended = self.server.rows("select count(*) from mysql.slow_log where user_host like 'reader%' and sql_text like '%select %' "
                                 f"and time_to_sec(query_time) >= {self.limit}")[0][0]
        return float(longest), int(ended), int(stopped)


class PostgresSide:
    """PostgreSQL counts the time of statements, and logs those that it ended."""

    def __init__(self, name, server, limit, made, connection):
        self.name, self.server, self.limit, self.made, self.connection = name, server, limit, made, connection

    def sql(self, text):
        return [row.split("|") for row in self.server.sql(text).split("\n")]

    def _ended(self):
        with open(os.path.join(self.server.folder, "log"), encoding="utf-8") as log:
            return log.read().count("canceling statement due to statement timeout")

    def measured(self, run):
        before = self._ended()
        self.server.sql("select pg_stat_statements_reset()")
        run()
        longest, count = self.server.sql("select coalesce(max(max_exec_time), 0) / 1000, sum(calls) from pg_stat_statements s join pg_roles r on r.oid = s.userid "
                                         "where r.rolname = 'reader' and query not like 'SELECT max(%'").split("|")  # the greatest update key is asked for without a limit
        return float(longest), self._ended() - before, int(count)


def connections(side, more="", **budget):
    given = {name: value for name, value in {"statement": f"{int(side.limit * 1000)}ms", **budget}.items() if value}
    if given:
        more += ", budget: { " + ", ".join(f"{name}: {value}" for name, value in given.items()) + " }"
    return f"connections:\n  shop: {side.connection(more)}\n"


def project(side, tables, more="", **budget):
    made = side.made()
    made.write({"leat.yml": "version: 1\nname: shop\n", "connections.yml": connections(side, more, **budget), "sources/shop.yml": "connection: shop\ntables:\n" + tables})
    return made


def fill_maria(server):
    server.run("create database shop; create user reader@'%'; grant select on shop.* to reader@'%'")
    slow = f"if(id between 9000 and 9150, {busy(12)}, 0)"
    for name, key in {"by_number": "id", "by_day": "day, id", "by_decimal": "d", "by_text": "t"}.items():
        server.run(f"create table {name} (id int not null, note varchar(200), day date not null, d decimal(12,2) not null, t varchar(20) not null, changed int not null, "
                   f"work int as ({slow}) virtual, primary key ({key}));"
                   f"insert into {name} (id, note, day, d, t, changed) select seq, repeat('n', 100), date '2024-01-01' + interval (seq div 40) day, seq * 1.25, concat('k', seq), seq "
                   f"from seq_1_to_{ROWS}; analyze table {name}", "shop")
    server.run(f"create table stuck (id int primary key, note varchar(200), work int as (if(id = 9000, {endless(server)}, 0)) virtual);"
               f"insert into stuck (id, note) select seq, 'n' from seq_1_to_{ROWS}; analyze table stuck;"
               "create view seen as select id, note, sleep(if(id = 7, 5, 0)) as s from by_number;"
               f"create table acc (id int primary key, v int, work int as ({slow}) virtual); insert into acc (id, v) select seq, 100 from seq_1_to_{ROWS}; analyze table acc;"
               "create table heavy (id int primary key, note longtext); insert into heavy select seq, repeat('w', 200000) from seq_1_to_800; analyze table heavy", "shop")


def fill_postgres(server):
    server.sql("create extension pg_stat_statements; create role reader login; "
               "create function takes_long(id int) returns boolean language plpgsql cost 1 as $$ begin "
               "if id between 9000 and 9150 then perform pg_sleep(0.02); end if; return true; end $$; "
               "create function never_ends(id int) returns boolean language plpgsql cost 1 as $$ begin "
               "if id = 9000 then perform pg_sleep(60); end if; return true; end $$")
    keys = {"by_number": "id", "by_day": "day, id", "by_text": "t", "stuck": "id"}
    for name, key in keys.items():
        server.sql(f"create table {name} (id int not null, note text, day date not null, t text not null, changed int not null, primary key ({key})); "
                   f"insert into {name} select i, repeat('n', 100), date '2024-01-01' + i / 40, 'k' || i, i from generate_series(1, {ROWS}) i; analyze {name}; "
                   f"grant select on {name} to reader; alter table {name} enable row level security; "
                   f"create policy a on {name} using ({'never_ends' if name == 'stuck' else 'takes_long'}(id))")
    server.sql("create view seen as select id, note, pg_sleep(case when id = 7 then 5 else 0 end)::text as s from by_number; grant select on seen to reader")


def slow_rows(cases, side, tables):
    for table, more in tables:
        name = f"{side.name}: {table}{more}"
        expected = side.sql(f"{SUMS} {table}")[0]
        made = project(side, f"  - {{ name: {table}, structured: false }}\n", more, **({"connections": 3} if more else {}))
        longest, stopped, count = side.measured(lambda: made.run("run"))
        cases.check(f"{name}: each row once", made.one(f"{SUMS} raw_shop.{table}"), expected)
        cases.true(f"{name}: statements were ended ({stopped} of {count})", stopped > 0, (longest, stopped, count))
        cases.true(f"{name}: none ran longer ({longest:.2f} s)", longest <= side.limit + TOLERANCE, longest)
        made.remove()


def bookmark(cases, side):
    """Rows behind a bookmark are slow."""
    made = project(side, "  - { name: by_number, mode: incremental, update_key: changed, primary_key: [id], structured: false }\n", statement="")
    made.run("run")
    side.sql(f"update by_number set changed = changed + {ROWS} where id between 8000 and 10000")
    made.write({"connections.yml": connections(side)})
    longest, stopped, _ = side.measured(lambda: made.run("run"))
    cases.check(f"{side.name}: behind a bookmark: each row once", made.one(f"{SUMS} raw_shop.by_number"), side.sql(f"{SUMS} by_number")[0])
    cases.check(f"{side.name}: behind a bookmark: only these were read", made.one("select rows_in from leat.ledger order by run_id desc limit 1"), ["2001"])
    cases.true(f"{side.name}: behind a bookmark: statements were ended ({stopped})", stopped > 0 and longest <= side.limit + TOLERANCE, (longest, stopped))
    made.remove()


def refused(cases, side, table, *words, more=""):
    made = project(side, f"  - {{ name: {table}, structured: false }}\n", more)
    done = made.run("run", expect=4)
    text = done.stdout + done.stderr
    cases.true(f"{side.name}: {table}{more}: the load ends and says why", all(word in text for word in ("SRC-441", f"{int(side.limit * 1000)} ms", *words)), text)
    cases.check(f"{side.name}: {table}{more}: nothing is published", made.json("lake", "tables"), [])
    made.remove()


def moving(cases, side):
    """A statement that was ended leaves the snapshot as it is."""
    ending = threading.Event()

    def move():
        for i in range(1, 1_000_000):
            if ending.is_set():
                return
            side.sql(f"start transaction; update acc set v = v - 7 where id = {i % 8000 + 1}; update acc set v = v + 7 where id = {ROWS - i % 8000}; commit")

    made = project(side, "  - { name: acc, structured: false }\n")
    mover = threading.Thread(target=move)
    mover.start()
    _, stopped, _ = side.measured(lambda: made.run("run"))
    ending.set()
    mover.join()
    cases.check(f"{side.name}: rows that move: the table of one moment ({stopped} statements were ended)",
                (made.one("select count(*), count(distinct id), sum(v) from raw_shop.acc"), stopped > 0), ([str(ROWS), str(ROWS), str(100 * ROWS)], True))
    made.remove()


def heavy(cases, side):
    """Rows are kept until their statement has ended: not without end."""
    made = project(side, "  - { name: heavy, structured: false }\n", statement="60s")
    _, memory = made.measured("run")
    cases.check(f"{side.name}: heavy rows: each once", made.one(f"{SUMS} raw_shop.heavy"), side.sql(f"{SUMS} heavy")[0])
    statements = int(made.one("select sum(statements) from leat.source_cost")[0])
    cases.true(f"{side.name}: heavy rows were read in several statements ({statements}; {memory:.0f} MB)", statements >= 4, statements)
    made.remove()


def main():
    cases = Cases()
    with MariaDb() as mariadb, PostgresServer("-c", "shared_preload_libraries=pg_stat_statements") as postgres:
        fill_maria(mariadb)
        fill_postgres(postgres)
        mysql = MariaSide("mysql", mariadb, 1, lambda: Project(LEAT),
                          lambda more: f"{{ type: mysql, host: 127.0.0.1, port: {mariadb.port}, user: reader, database: shop{more} }}")
        odbc = MariaSide("odbc, MariaDB", mariadb, 1, lambda: OdbcProject(LEAT), lambda more: mariadb_connection(mariadb, "shop", more).replace("user: root", "user: reader"))
        psql = PostgresSide("odbc, PostgreSQL", postgres, 1, lambda: OdbcProject(LEAT), lambda more: postgres_connection(postgres, more).replace("user: postgres", "user: reader"))
        slow_rows(cases, mysql, [("by_number", ""), ("by_day", ""), ("by_decimal", ""), ("by_number", ", consistency: part, streams: 2")])
        slow_rows(cases, odbc, [("by_number", ""), ("by_day", ""), ("by_number", ", streams: 2")])
        unkept = MariaSide("odbc, MariaDB row by row", mariadb, 1, odbc.made, lambda more: odbc.connection(more).replace("Database=shop", "Database=shop;NO_CACHE=1;FORWARDONLY=1"))
        slow_rows(cases, unkept, [("by_number", "")])
        slow_rows(cases, psql, [("by_number", ""), ("by_day", ""), ("by_number", ", streams: 2")])
        for side in (mysql, odbc, psql):
            bookmark(cases, side)
            refused(cases, side, "seen", "cannot be cut", "no primary key", "`budget: { statement: … }`")
            refused(cases, side, "by_text", "cannot be cut", "no order")
        refused(cases, mysql, "stuck", "`id` <= ", "however few", "PROCESSLIST")
        refused(cases, psql, "stuck", '"id" > 89', "however few", "pg_locks")
        refused(cases, psql, "by_number", "cannot be cut", "one transaction", more=", isolation: repeatable read")
        moving(cases, mysql)
        heavy(cases, mysql)
    cases.finish()


if __name__ == "__main__":
    main()
