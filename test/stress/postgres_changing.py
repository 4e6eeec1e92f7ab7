#!/usr/bin/env python3
"""A PostgreSQL source whose rows change, and whose connections break, while they are read: what is published is one moment of the
database, or nothing; when the writers rest the lake becomes equal to it.

usage: test/stress/postgres_changing.py LEAT …
"""
import os
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from leat_project import Cases, Project  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402

ROWS = 200_000
# The sum over all accounts never changes, and rows come and go in pairs; rows move to other pages with each change.
WRITER = f"""
do $$ declare a bigint; b bigint; begin
  for i in 1 .. 1000000 loop
    a := 1 + (random() * {ROWS - 1})::bigint; b := 1 + (random() * {ROWS - 1})::bigint;
    update accounts set amount = amount - 7.25, note = note || 'x' where id = least(a, b);
    update accounts set amount = amount + 7.25 where id = greatest(a, b);
    insert into accounts (amount) values (i), (-i);
    if i % 3 = 0 then
      delete from accounts where id in (select max(id) from accounts union select max(id) - 1 from accounts);
    end if;
    commit;
  end loop;
end $$
"""
# Ends the first connection that is seen in a COPY.
KILLER = """
do $$ begin
  for i in 1 .. 30000 loop
    perform pg_terminate_backend(pid) from pg_stat_activity where query like 'COPY (%' and state = 'active';
    exit when found;
    perform pg_stat_clear_snapshot(), pg_sleep(0.001);
  end loop;
end $$
"""
FACTS = "select count(*) % 2, sum(amount), count(distinct id) = count(*) from"


class Writers:
    """Sessions that change rows until the block ends."""

    def __init__(self, server, count):
        self.processes = [subprocess.Popen(["psql", "-Xq", "-c", WRITER, server.url], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                          for _ in range(count)]
        self.server = server

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.sql("select pg_terminate_backend(pid) from pg_stat_activity where query like '%least(a, b)%' and pid <> pg_backend_pid()")
        for process in self.processes:
            process.wait()


def project_for(leat, server, **connection):
    more = "".join(f", {name}: {value}" for name, value in connection.items())
    project = Project(leat)
    project.write({
        "leat.yml": "version: 1\nname: bank\n",
        "connections.yml": f"connections:\n  bank: {{ type: postgres, uri: '{server.url}'{more} }}\n",
        "sources/bank.yml": "connection: bank\ntables:\n  - { name: accounts, structured: false }\n",
    })
    return project


def changing(cases, leat, server):
    server.sql("create table accounts (id bigint generated always as identity primary key, amount numeric(20,2) not null, note text default '')")
    server.sql(f"insert into accounts (amount, note) select 100, repeat('y', (i % 200)::int) from generate_series(1, {ROWS}) i")
    server.sql("analyze accounts")
    expected = [["0", str(ROWS * 100) + ".00", "true"]]
    for profile in ("fast", "gentle"):
        project = project_for(leat, server, profile=profile)
        before = server.sql("select sum(n_tup_upd + n_tup_ins + n_tup_del) from pg_stat_user_tables")
        with Writers(server, 1):
            for round_number in range(3):
                project.run("run")
                cases.check(f"{profile}: one moment, round {round_number}", project.rows(f"{FACTS} raw_bank.accounts"), expected)
        time.sleep(1)  # the server's statistics come late
        after = server.sql("select sum(n_tup_upd + n_tup_ins + n_tup_del) from pg_stat_user_tables")
        cases.true(f"{profile}: there were changes", int(after) > int(before) + 1000, f"{before} -> {after}")
        project.run("run")
        source = server.sql("select count(*), sum(id), sum(amount * id), sum(length(note)), md5(string_agg(id || ':' || amount || ':' || note, '|' order by id)) from accounts")
        lake = project.rows("select count(*), sum(id), sum(amount * id), sum(length(note)), md5(string_agg(id || ':' || amount || ':' || note, '|' order by id)) from raw_bank.accounts")
        cases.check(f"{profile}: equal when the writers rest", "|".join(lake[0]), source)


def broken(cases, leat, server):
    """Connections that end in the middle: an error, the old rows stay, the next run is whole."""
    project = project_for(leat, server, profile="gentle")
    project.run("run")
    before = project.rows("select count(*), sum(id) from raw_bank.accounts")
    server.sql("insert into accounts (amount) select 0 from generate_series(1, 1000)")
    killer = threading.Thread(target=server.sql, args=(KILLER,))
    killer.start()
    process = project.start("run")
    out, err = process.communicate()
    killer.join()
    cases.true("a connection that ends is an error that says so", process.returncode != 0 and "SRC-249" in out + err, out + err)
    cases.check("nothing of it is published", project.rows("select count(*), sum(id) from raw_bank.accounts"), before)

    process, go = project.paused("load.opened", "run")
    server.restart("immediate")
    go()
    out, err = process.communicate()
    cases.true("a server that crashed and is back: the snapshot is gone", process.returncode != 0 and "SRC-249" in out + err, out + err)
    cases.check("nothing of it is published either", project.rows("select count(*), sum(id) from raw_bank.accounts"), before)
    project.run("run")
    cases.check("the next run is whole", "|".join(project.rows("select count(*), sum(id) from raw_bank.accounts")[0]),
                server.sql("select count(*), sum(id) from accounts"))


def limits(cases, leat, server):
    """A user with one connection and a time limit for statements."""
    server.sql("create role one login connection limit 1; grant select on accounts to one")
    project = project_for(leat, server, user="one")
    project.run("run")
    cases.check("one connection is enough", "|".join(project.rows("select count(*) from raw_bank.accounts")[0]),
                server.sql("select count(*) from accounts"))
    server.sql("create view slow as select id, pg_sleep(5)::text as v from accounts limit 2; grant select on slow to one; alter role one set statement_timeout = '300ms'")
    project.write({"sources/bank.yml": "connection: bank\ntables: [slow]\n"})
    process = project.start("run")
    out, err = process.communicate()
    cases.true("a statement that the server ends is an error that says so", process.returncode != 0 and "SRC-248" in out + err, out + err)


def main():
    cases = Cases()
    with PostgresServer() as server:
        changing(cases, sys.argv[1], server)
        broken(cases, sys.argv[1], server)
        limits(cases, sys.argv[1], server)
    cases.finish()


if __name__ == "__main__":
    main()
