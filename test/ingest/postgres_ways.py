#!/usr/bin/env python3
"""The ways to a PostgreSQL: through PgBouncer, over TLS, from a standby, within a budget; and tables with all kinds of keys and names.

usage: test/ingest/postgres_ways.py LEAT …
"""
import os
import shutil
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from leat_project import Cases, Project, scratch, wait_for  # noqa: E402
from pgbouncer import PgBouncer  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402

ROWS = 300_000
SUMS = "select count(*), sum(id), sum(amount), md5(string_agg(id || ':' || amount || ':' || note, '|' order by id)) from"


def project_for(leat, url, tables="[{ name: accounts, structured: false }]", **connection):
    more = "".join(f", {name}: {value}" for name, value in connection.items())
    project = Project(leat)
    project.write({"leat.yml": "version: 1\nname: bank\n",
                   "connections.yml": f"connections:\n  bank: {{ type: postgres, uri: '{url}'{more} }}\n",
                   "sources/bank.yml": f"connection: bank\ntables: {tables}\n"})
    return project


class Watch:
    """The most connections of one application that the server had at a time, as the server counts them."""

    def __init__(self, server, condition):
        self.server, self.condition, self.most, self.ending = server, condition, 0, threading.Event()
        self.thread = threading.Thread(target=self._look)

    def _look(self):
        while not self.ending.is_set():
            self.most = max(self.most, int(self.server.sql(f"select count(*) from pg_stat_activity where {self.condition}")))
            time.sleep(0.02)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join()


def fill(server):
    server.sql("create table accounts (id bigint generated always as identity primary key, amount numeric(20,2) not null, note text not null)")
    server.sql(f"insert into accounts (amount, note) select i / 4.0, repeat('y', i % 50) from generate_series(1, {ROWS}) i; analyze accounts")
    return server.sql(f"{SUMS} accounts")


def through_pgbouncer(cases, leat, server, expected):
    with PgBouncer(server, "transaction", 3) as pooler:
        for profile in ("fast", "gentle"):
            project = project_for(leat, pooler.url, profile=profile)
            with Watch(server, "query like 'COPY%' or query like 'BEGIN%'") as watch:
                project.run("run")
            cases.check(f"PgBouncer by transactions, {profile}: every row", "|".join(project.one(f"{SUMS} raw_bank.accounts")), expected)
            cases.true(f"PgBouncer by transactions, {profile}: no more connections than it has ({watch.most})", 1 <= watch.most <= 3, watch.most)
            project.remove()
    with PgBouncer(server, "transaction", 3) as pooler:
        project = project_for(leat, pooler.url, '[{ name: accounts, structured: false, query: "SELECT id, amount, note FROM accounts WHERE id > 0" }]')
        project.run("run")
        cases.check("PgBouncer by transactions, a query: every row", "|".join(project.one(f"{SUMS} raw_bank.accounts")), expected)
        project.remove()
    with PgBouncer(server, "statement", 3) as pooler:
        project = project_for(leat, pooler.url)
        ended = project.run("run", expect=4)
        cases.true("PgBouncer by statements is refused, and told why", "SRC-287" in ended.stdout + ended.stderr, ended.stdout + ended.stderr)
        cases.check("and nothing is published", project.json("lake", "tables"), [])
        project.remove()


def within_a_budget(cases, leat, server, expected):
    """Two projects of one state read at once; `connections: 2` is what the server may see of both together."""
    first = project_for(leat, server.url, budget="{ connections: 2 }")
    copies = ("[{ name: accounts, structured: false }, { name: again, table: accounts, structured: false }, "
              "{ name: third, table: accounts, structured: false }]")
    first.write({"sources/bank.yml": f"connection: bank\ntables: {copies}\n"})
    with Watch(server, "query like 'COPY%' or query like 'BEGIN%'") as watch:
        processes = [first.start("run", "--select", f"source.bank.{name}") for name in ("accounts", "again", "third")]
        ends = [(process.communicate(), process.returncode) for process in processes]
    cases.true("three runs end well", all(code == 0 for _, code in ends), ends)
    cases.true(f"and have two connections in all ({watch.most})", 1 <= watch.most <= 2, watch.most)
    for name in ("accounts", "again", "third"):
        cases.check(f"{name} is whole", "|".join(first.one(f"{SUMS} raw_bank.{name}")), expected)
    first.remove()


def certificates(folder):
    """An authority, a certificate of it for localhost, and another authority."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
    for name in ("ca", "other"):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "2",
                "-subj", f"/CN=authority {name}")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    with open(os.path.join(folder, "names"), "w", encoding="utf-8") as file:
        file.write("subjectAltName=DNS:localhost\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "server.pem", "-days", "2",
            "-extfile", "names")
    os.chmod(os.path.join(folder, "server.key"), 0o600)
    if os.getuid() == 0:
        shutil.chown(os.path.join(folder, "server.key"), "postgres", "postgres")


def over_tls(cases, leat):
    folder = scratch("leat-tls-")
    os.chmod(folder, 0o755)
    certificates(folder)
    with PostgresServer("-c", "ssl=on", "-c", f"ssl_cert_file={folder}/server.pem", "-c", f"ssl_key_file={folder}/server.key") as server:
        server.sql("create table t (id bigint primary key); insert into t select generate_series(1, 10)")
        port = server.url.rsplit(":", 1)[1].split("/")[0]
        ways = {  # host, sslmode, authority -> what the error names, "" when it is let in
            ("localhost", "verify-full", "ca"): "", ("127.0.0.1", "verify-ca", "ca"): "", ("localhost", "require", None): "",
            ("127.0.0.1", "verify-full", "ca"): "SRC-283", ("localhost", "verify-full", "other"): "SRC-283",
        }
        for (host, mode, authority), wrong in ways.items():
            more = {"sslrootcert": f"{folder}/{authority}.pem"} if authority else {}
            project = project_for(leat, f"postgresql://postgres@{host}:{port}/postgres", "[{ name: t, structured: false }]", sslmode=mode, **more)
            ended = project.run("run", expect=4 if wrong else 0)
            if wrong:
                cases.true(f"{mode} for {host}, authority {authority}: refused", wrong in ended.stdout + ended.stderr, ended.stdout + ended.stderr)
            else:
                cases.check(f"{mode} for {host}, authority {authority}", project.one("select count(*) from raw_bank.t"), ["10"])
            project.remove()
    shutil.rmtree(folder, ignore_errors=True)


class Standby(PostgresServer):
    """A hot standby of another server."""

    def __init__(self, primary, *options):
        self.primary = primary
        super().__init__(*options)

    def start(self):
        if not os.path.exists(self.folder):
            os.mkdir(self.folder, 0o755)
            as_user = []
            if os.getuid() == 0:
                shutil.chown(self.folder, "postgres", "postgres")
                as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            bins = sorted(os.listdir("/usr/lib/postgresql"), key=int)[-1]
            subprocess.run([*as_user, f"/usr/lib/postgresql/{bins}/bin/pg_basebackup", "-d", self.primary.url, "-D", f"{self.folder}/data", "-R",
                            "-X", "stream", "-c", "fast"], check=True, cwd="/", capture_output=True)
            port = int(self.primary.url.rsplit(":", 1)[1].split("/")[0]) + 1
            with open(f"{self.folder}/url", "w", encoding="utf-8") as file:
                file.write(f"postgresql://postgres@127.0.0.1:{port}/postgres\n")
        super().start()

    def _ready(self):
        return super()._ready() or self._last_line() == "standby"

    def _last_line(self):
        try:
            with open(os.path.join(self.folder, "data", "postmaster.pid"), encoding="utf-8") as file:
                return file.read().split("\n")[7].strip()
        except (OSError, IndexError):
            return ""


def from_a_standby(cases, leat, server, expected):
    with Standby(server, "-c", "max_standby_streaming_delay=200ms", "-c", "hot_standby=on") as standby:
        caught_up = lambda: standby.sql("select count(*) from accounts") == str(ROWS)  # noqa: E731
        wait_for("the standby", caught_up)
        for profile in ("fast", "gentle"):
            project = project_for(leat, standby.url, profile=profile)
            project.run("run")
            cases.check(f"a standby, {profile}: every row", "|".join(project.one(f"{SUMS} raw_bank.accounts")), expected)
            project.remove()
        conflict(cases, leat, server, standby)


def conflict(cases, leat, server, standby):
    """VACUUM on the primary takes rows away that a long read of the standby still needs: the standby ends the read."""
    server.sql("create table moving (id bigint primary key, note text); insert into moving select i, repeat('z', 400) from generate_series(1, 50000) i")
    wait_for("the standby", lambda: standby.sql("select count(*) from pg_class where relname = 'moving'") == "1"
             and standby.sql("select count(*) from moving") == "50000")
    project = project_for(leat, standby.url, "[{ name: moving, structured: false }]")
    process, go = project.paused("load.opened", "run")
    server.sql("delete from moving where id % 2 = 0")
    server.sql("vacuum moving")
    wait_for("the standby", lambda: standby.sql("select pg_last_wal_replay_lsn() >= '" + server.sql("select pg_current_wal_lsn()") + "'") == "t")
    go()
    out, err = process.communicate()
    cases.true("a read that the standby ends is an error that says so", process.returncode != 0 and ("SRC-281" in out + err or "SRC-249" in out + err),
               out + err)
    cases.check("and nothing is published", project.json("lake", "tables"), [])
    project.run("run")
    cases.check("the next run is whole", project.one("select count(*) from raw_bank.moving"), ["25000"])
    project.remove()


def kinds_of_tables(cases, leat, server):
    """No key, composite keys, no rows, the most columns that the server takes, names of all kinds: equal to what is there."""
    many = ", ".join(f"c{i} int default {i}" for i in range(1, 1600))
    server.sql('create table nothing (id int primary key, t text); create table keyless (a int, b text); '
               'create table composite (region text, number int, v text, primary key (region, number)); '
               f'create table wide (id int primary key, {many}); '
               'create table "odd name ""quoted"" ünï" ("select" int primary key, "from where" text, "Ünï""code" text, "MixedCase" text)')
    server.sql("insert into keyless select i % 10, 'x' || i % 3 from generate_series(1, 5000) i; "
               "insert into composite select 'r' || i % 7, i, 'v' || i from generate_series(1, 5000) i; "
               "insert into wide (id) select generate_series(1, 50); "
               """insert into "odd name ""quoted"" ünï" values (1, 'a', 'b', 'c'), (2, null, '', 'ß')""")
    tables = ("[{ name: nothing, structured: false }, { name: keyless, structured: false }, { name: wide, structured: false }, "
              "{ name: composite, primary_key: [region, number], structured: false }, "
              "{ name: odd, table: '\"odd name \"\"quoted\"\" ünï\"', structured: false }]")
    project = project_for(leat, server.url, tables)
    project.run("run")
    for name, columns in {"nothing": "id, t", "keyless": "a, b", "composite": "region, number, v", "wide": "id, c1, c800, c1599"}.items():
        text = " || '|' || ".join(f"coalesce({column}::text, '-')" for column in columns.split(", "))
        facts = f"select count(*), md5(coalesce(string_agg({text}, ';' order by {text} collate \"C\"), '')) from "
        cases.check(f"{name}: equal", "|".join(project.one(facts.replace(' collate "C"', "") + f"raw_bank.{name}")), server.sql(facts + name))
    cases.check("names of all kinds", project.rows("select * exclude (_loaded_at, _batch_id, _source_file, _source_row) from raw_bank.odd order by 1"),
                [["1", "a", "b", "c"], ["2", "", "", "ß"]])
    server.sql("update composite set v = 'new' where region = 'r3'; insert into composite values ('r3', 0, 'more')")
    project.run("run")
    text = "region || '|' || number || '|' || v"
    facts = f"select count(*), md5(string_agg({text}, ';' order by {text} collate \"C\")) from "
    cases.check("a composite key: changed rows replaced, new ones added",
                "|".join(project.one(facts.replace(' collate "C"', "") + "raw_bank.composite")), server.sql(facts + "composite"))
    project.remove()


def main():
    cases = Cases()
    leat = sys.argv[1]
    with PostgresServer("-c", "max_wal_senders=4") as server:
        expected = fill(server)
        through_pgbouncer(cases, leat, server, expected)
        within_a_budget(cases, leat, server, expected)
        from_a_standby(cases, leat, server, expected)
        kinds_of_tables(cases, leat, server)
    over_tls(cases, leat)
    cases.finish()


if __name__ == "__main__":
    main()
