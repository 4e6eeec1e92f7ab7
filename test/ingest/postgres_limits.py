#!/usr/bin/env python3
"""The longest statement of a budget as a hard stop, with a real PostgreSQL: rows that are slow, a lock of another session, a row that is slower than
a statement may be, a view. What the server ended is read again in smaller pieces; no row comes twice, none is lost, no statement runs longer.

usage: postgres_limits.py LEAT …
"""
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from leat_project import Cases, Project  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402

ROWS = 60_000
LONGEST = 1
SUMS = "select count(*), sum(id), count(distinct id), sum(length(note)) from"


class Longest:
    """The longest time that the server had a COPY running, and how many it ended for their time."""

    def __init__(self, server):
        self.server, self.seconds, self.stopped, self.ending = server, 0.0, 0, threading.Event()
        self.thread = threading.Thread(target=self._look)

    def _look(self):
        while not self.ending.is_set():
            now = self.server.sql("select coalesce(max(extract(epoch from clock_timestamp() - query_start)), 0) from pg_stat_activity "
                                  "where query like 'COPY%' and state = 'active'")
            self.seconds = max(self.seconds, float(now))
            time.sleep(0.02)

    def _ended(self, why):
        with open(os.path.join(self.server.folder, "log"), encoding="utf-8") as log:
            return log.read().count("canceling statement due to " + why)

    def __enter__(self):
        self.stopped, self.heavy = self._ended("statement timeout"), self._ended("user request")
        self.server.sql("select pg_stat_statements_reset()")
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join(timeout=30)
        self.stopped = self._ended("statement timeout") - self.stopped
        self.heavy = self._ended("user request") - self.heavy
        self.recorded = float(self.server.sql("select coalesce(max(max_exec_time), 0) / 1000 from pg_stat_statements where query like 'COPY%'"))


def project_for(leat, server, table, user="reader", budget=f"{{ statement: {LONGEST}s }}", **connection):
    port = server.url.rsplit(":", 1)[1].split("/")[0]
    more = "".join(f", {name}: {value}" for name, value in connection.items())
    if budget:
        more += f", budget: {budget}"
    project = Project(leat)
    project.write({"leat.yml": "version: 1\nname: bank\n",
                   "connections.yml": f"connections:\n  bank: {{ type: postgres, uri: 'postgresql://{user}@127.0.0.1:{port}/postgres'{more} }}\n",
                   "sources/bank.yml": f"connection: bank\ntables: [{{ name: {table}, structured: false }}]\n"})
    return project


def fill(server):
    """`slow`: a policy makes some rows of it take their time, as a bad disk would."""
    server.sql("create extension pg_stat_statements; create role reader login; "
               "create function takes_long(id int) returns boolean language plpgsql cost 1 as $$ begin "
               "if id between 30000 and 31500 then perform pg_sleep(0.005); end if; return true; end $$; "
               "create function never_ends(id int) returns boolean language plpgsql cost 1 as $$ begin "
               "if id = 30000 then perform pg_sleep(60); end if; return true; end $$")
    for table in ("plain", "slow", "stuck"):
        server.sql(f"create table {table} (id int primary key, note text); insert into {table} select i, repeat('n', 200) from generate_series(1, {ROWS}) i; "
                   f"grant select on {table} to reader; analyze {table}")
    server.sql("alter table slow enable row level security; create policy a on slow using (takes_long(id)); "
               "alter table stuck enable row level security; create policy a on stuck using (never_ends(id)); "
               "create view seen as select id, note from plain where pg_sleep(case when id = 5 then 1.5 else 0 end) is not null; grant select on seen to reader")
    return server.sql(f"{SUMS} plain")


def slow_rows(cases, leat, server, expected):
    for profile, consistency in (("fast", "snapshot"), ("gentle", "snapshot"), ("fast", "part")):
        project = project_for(leat, server, "slow", profile=profile, consistency=consistency, row_security="true")
        with Longest(server) as longest:
            project.run("run")
        name = f"rows that take their time, {profile}, {consistency}"
        cases.check(f"{name}: each once", "|".join(project.one(f"{SUMS} raw_bank.slow")), expected)
        cases.true(f"{name}: statements were ended ({longest.stopped})", longest.stopped > 0)
        cases.true(f"{name}: none ran longer ({longest.seconds:.2f} s, {longest.recorded:.2f} s)", longest.recorded <= LONGEST + 0.05
                   and longest.seconds <= LONGEST + 0.3, (longest.recorded, longest.seconds))
        cost = project.one("select max(longest_seconds) from leat.source_cost")
        cases.true(f"{name}: the run's report knows ({cost[0]} s)", LONGEST * 0.9 <= float(cost[0]), cost)
        project.remove()


def locked(cases, leat, server, expected):
    """Each statement is a transaction of its own: another session comes between them."""
    project = project_for(leat, server, "plain", consistency="part", budget=f"{{ statement: {LONGEST}s, rate: 2MB/s }}", profile="gentle")
    with Longest(server) as longest:
        process = project.start("run")
        time.sleep(1.5)
        server.sql("begin; lock table plain in access exclusive mode; select pg_sleep(3); commit")
        out, err = process.communicate(timeout=120)
    cases.check(f"a lock that is taken away: the run goes on ({out}{err})", process.returncode, 0)
    cases.check("a lock that is taken away: each row once", "|".join(project.one(f"{SUMS} raw_bank.plain")), expected)
    cases.true(f"a lock that is taken away: statements were ended while it was held ({longest.stopped})", longest.stopped > 0)
    project.remove()


def stuck(cases, leat, server):
    project = project_for(leat, server, "stuck", row_security="true")
    started = time.monotonic()
    with Longest(server) as longest:
        ended = project.run("run", expect=4)
    text = ended.stdout + ended.stderr
    cases.true(f"a row that never comes: an error after {time.monotonic() - started:.0f} s", time.monotonic() - started < 60)
    cases.true("a row that never comes: it says which rows, how long, and what to do", all(word in text for word in ("SRC-419", "ctid", "1000 ms", "pg_locks")), text)
    cases.true(f"a row that never comes: none ran longer ({longest.seconds:.2f} s)", longest.seconds <= LONGEST + 0.3, longest.seconds)
    cases.check("a row that never comes: nothing is published", project.json("lake", "tables"), [])
    project.remove()


def views(cases, leat, server, expected):
    project = project_for(leat, server, "seen")
    text = project.run("run", expect=4)
    text = text.stdout + text.stderr
    cases.true("a view that takes longer than the budget says is ended", "SRC-419" in text and "cannot be cut" in text, text)
    project.remove()
    project = project_for(leat, server, "seen", budget="", profile="gentle")
    project.run("run")
    cases.check("a view that nobody limited is read", "|".join(project.one(f"{SUMS} raw_bank.seen")), expected)
    project.remove()


def heavy_rows(cases, leat, server):
    """Pages with few bytes in them and many behind them: what a statement gives is not kept without end."""
    for name, rows, size in (("heavy", 1500, 200_000), ("one_page", 60, 1_000_000)):
        server.sql(f"create table {name} (id int primary key, note text); insert into {name} select i, repeat('w', {size}) from generate_series(1, {rows}) i; "
                   f"grant select on {name} to reader; analyze {name}")
        project = project_for(leat, server, name, budget="{ statement: 60s }")
        with Longest(server) as longest:
            _, memory = project.measured("run")
        cases.check(f"{name}: each row once", "|".join(project.one(f"{SUMS} raw_bank.{name}")), server.sql(f"{SUMS} {name}"))
        cases.true(f"{name}: statements that were too heavy were ended ({longest.heavy})", longest.heavy > 0 if name == "heavy" else longest.heavy == 0)
        print(f"        {name}: {memory:.0f} MB")
        project.remove()


def main():
    cases = Cases()
    leat = sys.argv[1]
    with PostgresServer("-c", "shared_preload_libraries=pg_stat_statements", "-c", "pg_stat_statements.track_utility=on") as server:
        expected = fill(server)
        slow_rows(cases, leat, server, expected)
        locked(cases, leat, server, expected)
        stuck(cases, leat, server)
        heavy_rows(cases, leat, server)
        views(cases, leat, server, expected)
    cases.finish()


if __name__ == "__main__":
    main()
