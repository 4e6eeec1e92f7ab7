#!/usr/bin/env python3
"""Random commits, merges, schema changes, publishes, tags and rollbacks by several processes, against a state kept outside.

usage: random_history.py LEAT        (LEAT_STRESS_SEED, LEAT_STRESS_OPERATIONS: another seed or number)
Each worker has a seed of its own and does what it draws, without asking the others: through `leat run`, `leat sql --write`,
`leat lake alter`, `leat env refresh`, `leat lake rollback` and the REST catalogue. Every commit's message names its operation, so the
commit log says in which order they happened; the expected state is what the operations give in that order. At the end all tables of
all branches, the states under all tags and every snapshot that is still kept are compared with it.
"""
import json
import multiprocessing
import os
import random
import sys
import urllib.error
import urllib.request

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(here, "..", "support"), os.path.join(here, "..", "interop")]
from leat_project import Cases, Project  # noqa: E402
from server import Server  # noqa: E402

WORKERS, ENVIRONMENTS, TABLES = 4, ("env/a", "env/b"), ("t0", "t1")
PLACES = [(ref, table) for ref in ENVIRONMENTS for table in TABLES]


class Worker:
    """One process: draws operations and writes down what each would do; whether it happened the commit log tells."""

    def __init__(self, leat, folder, url, token, seed, number):
        self.project = Project(leat, folder)
        self.random = random.Random(seed * 1000 + number)
        self.number, self.url, self.token = number, url, token
        self.count = 0
        self.done = []

    def name(self):
        self.count += 1
        return f"op-{self.number}-{self.count}"

    def try_run(self, *arguments):
        return self.project.run(*arguments, expect=None)

    def write(self, ref, effect, sql):
        op = self.name()
        ended = self.try_run("sql", "--write", "--ref", ref, "-m", op, "-c", sql)
        self.done.append({"op": op, "ref": ref, "code": ended.returncode, "error": ended.stderr[-300:], **effect})

    def alter(self, ref, table, effect, *change):
        op = self.name()
        ended = self.try_run("lake", "alter", f"own.{table}", "--ref", ref, "--message", op, *change)
        self.done.append({"op": op, "ref": ref, "table": table, "code": ended.returncode, "error": ended.stderr[-300:], **effect})

    # --- what is drawn --------------------------------------------------------------------------------------------------

    def insert(self):
        ref, table = self.random.choice(PLACES)
        first = self.number * 10**6 + self.count * 10
        last = first + self.random.randint(1, 6)
        self.write(ref, {"do": "insert", "table": table, "first": first, "last": last},
                   f"insert into own.{table} by name select i as id, i % 7 as v from range({first}, {last}) as r(i)")

    def delete(self):
        ref, table = self.random.choice(PLACES)
        by, rest = self.random.choice([(5, 1), (7, 3), (11, 0)])
        self.write(ref, {"do": "delete", "table": table, "by": by, "rest": rest},
                   f"delete from own.{table} where id % {by} = {rest}")

    def update(self):
        ref, table = self.random.choice(PLACES)
        by, plus = self.random.randint(2, 6), self.random.randint(1, 9)
        self.write(ref, {"do": "update", "table": table, "by": by, "plus": plus},
                   f"update own.{table} set v = v + {plus} where id % {by} = 0")

    def set_column(self):
        ref, table = self.random.choice(PLACES)
        column, value = f"c{self.random.randint(0, 3)}", self.random.randint(0, 99)
        self.write(ref, {"do": "set", "table": table, "column": column, "value": value},
                   f"update own.{table} set {column} = {value} where id % 3 = 0")

    def columns(self):
        ref, table = self.random.choice(PLACES)
        one, two = (f"c{n}" for n in self.random.sample(range(4), 2))
        kind = self.random.choice(["add", "add", "drop", "rename"])
        change = {"add": ("--add", f"{one} long"), "drop": ("--drop", one), "rename": ("--rename", f"{one}={two}")}[kind]
        self.alter(ref, table, {"do": kind, "column": one, "to": two}, *change)

    def layout(self):
        ref, table = self.random.choice(PLACES)
        change = self.random.choice([("--partition-by", "bucket(3, id)"), ("--partition-by", "none"), ("--sort-by", "id desc"),
                                     ("--sort-by", "none")])
        self.alter(ref, table, {"do": "nothing"}, *change)

    def append_to_orders(self):
        """An environment's own rows in a table that main publishes to: kept by each merge."""
        ref = self.random.choice(ENVIRONMENTS)
        key = self.number * 10**6 + self.count * 10
        self.write(ref, {"do": "order", "table": "orders", "key": key},
                   f"insert into raw_shop.orders by name select {key} as id, 1 as amount")

    def publish(self):
        first = self.number * 10**6 + self.count * 10 + 5
        self.count += 1
        self.project.write({f"in/orders_{first}.csv": f"id,amount\n{first},1\n{first + 1},2\n"})
        self.done.append({"do": "file", "first": first})
        self.try_run("run")

    def rollback(self):
        """Of a run of the project: commits of other clients are runs, too."""
        runs = self.project.rows("select run_id from leat.runs where status = 'success' and pipeline_name = 'history' order by started_at desc limit 3")
        if runs:
            self.try_run("lake", "rollback", "--run", self.random.choice(runs)[0])

    def merge(self):
        ended = self.try_run("env", "refresh", self.random.choice(ENVIRONMENTS)[4:])
        self.done.append({"do": "merge", "code": ended.returncode, "error": ended.stderr[-300:]})

    def tag(self):
        op, ref = self.name(), self.random.choice(ENVIRONMENTS)
        ended = self.try_run("lake", "tag", op, "--ref", ref, "--output", "json")
        if ended.returncode == 0:
            tag = json.loads(ended.stdout)[0]
            self.done.append({"do": "tag", "name": tag["name"], "ref": ref, "commit": tag["base"]})

    def rest(self):
        """Properties of a table of another client, over HTTP."""
        key = self.name()
        body = json.dumps({"requirements": [], "updates": [{"action": "set-properties", "updates": {key: "set"}}]}).encode()
        request = urllib.request.Request(f"{self.url}/v1/lake/namespaces/foreign/tables/notes", data=body, method="POST", headers={
            "Authorization": f"Bearer {self.token}", "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                self.done.append({"do": "property", "key": key, "code": answer.status})
        except urllib.error.HTTPError as error:
            self.done.append({"do": "refused", "key": key, "code": error.code})

    def work(self, operations):
        kinds = [self.insert, self.delete, self.update, self.set_column, self.columns, self.layout, self.append_to_orders,
                 self.publish, self.rollback, self.merge, self.tag, self.rest]
        weights = [28, 6, 10, 8, 9, 4, 7, 7, 2, 4, 3, 12]
        for _ in range(operations):
            self.random.choices(kinds, weights)[0]()
        return self.done


def work(arguments):
    leat, folder, url, token, seed, number, operations = arguments
    return Worker(leat, folder, url, token, seed, number).work(operations)


class Table:
    """The expected state of one table: columns by name, each with an identity of its own, rows by id."""

    def __init__(self):
        self.columns = {"id": 0, "v": 1}
        self.next = 2
        self.rows = {}

    def apply(self, op):
        do, rows, columns = op["do"], self.rows, self.columns
        if do == "insert":
            for i in range(op["first"], op["last"]):
                rows[i] = {0: i, 1: i % 7}
        elif do == "delete":
            for i in [i for i in rows if i % op["by"] == op["rest"]]:
                del rows[i]
        elif do == "update":
            for i in rows:
                if i % op["by"] == 0:
                    rows[i][1] += op["plus"]
        elif do == "set":
            for i in rows:
                if i % 3 == 0:
                    rows[i][columns[op["column"]]] = op["value"]
        elif do == "add":
            columns[op["column"]] = self.next
            self.next += 1
        elif do == "drop":
            del columns[op["column"]]
        elif do == "rename":
            columns[op["to"]] = columns.pop(op["column"])

    def content(self):
        names = sorted(self.columns)
        return names, sorted((tuple(row.get(self.columns[name]) for name in names) for row in self.rows.values()), key=str)


def content(project, table, ref):
    """Columns in alphabetical order, and the rows."""
    found = project.json("sql", "--ref", ref, "-c", f"select * from {table}")
    names = sorted(column[0] for column in project.rows(
        f"select column_name from (describe select * from {table})", "--ref", ref))
    number = lambda value: int(value) if value is not None else None
    return names, sorted((tuple(number(row[name]) for name in names) for row in found), key=str)


def prepare(leat):
    project = Project(leat)
    project.write({
        "leat.yml": "version: 1\nname: history\n",
        "connections.yml": "connections:\n  inbound: { type: csv, path: in }\n",
        "in/orders_0.csv": "id,amount\n0,1\n",
        "sources/shop.yml": "connection: inbound\ntables:\n  - { name: orders, files: 'orders_*.csv', structured: false }\n",
        "models/total.sql": "select count(*) as n, count(distinct id) as ids from raw_shop.orders\n"})
    project.run("run")
    for ref in ENVIRONMENTS:
        project.run("env", "create", ref[4:])
        project.run("sql", "--write", "--ref", ref, "-c", "create schema own")
        for table in TABLES:
            project.run("sql", "--write", "--ref", ref, "-c", f"create table own.{table} (id bigint, v bigint)")
    server = Server(project)
    server.call("POST", "/v1/lake/namespaces", {"namespace": ["foreign"]}, token=server.admin)
    schema = {"type": "struct", "schema-id": 0, "fields": [{"id": 1, "name": "id", "required": False, "type": "long"}]}
    status, _ = server.call("POST", "/v1/lake/namespaces/foreign/tables", {"name": "notes", "schema": schema}, token=server.admin)
    assert status == 200, status
    return project, server


def replay(project, done):
    """The expected tables, and those that tags name: the operations in the order of the commit log."""
    by_name = {op["op"]: op for op in done if "op" in op}
    tables = {place: Table() for place in PLACES}
    orders = {ref: set() for ref in ENVIRONMENTS}
    tags = sorted((op for op in done if op["do"] == "tag"), key=lambda op: op["commit"])
    at_tags, log = {}, {}
    for ref in ENVIRONMENTS:
        for entry in project.json("lake", "history", "--ref", ref, "--limit", "1000000"):
            if entry["message"] in by_name:
                log[entry["commit"]] = by_name[entry["message"]]
    for commit in [*sorted(log), sys.maxsize]:
        while tags and tags[0]["commit"] < commit:
            tag = tags.pop(0)
            for table in TABLES:
                at_tags[(tag["name"], table)] = tables[(tag["ref"], table)].content()
        if commit == sys.maxsize:
            return tables, orders, at_tags, len(log)
        op = log[commit]
        if op["do"] == "order":
            orders[op["ref"]].add(op["key"])
        else:
            tables[(op["ref"], op["table"])].apply(op)


def check_snapshots(cases, project):
    """Every snapshot that a table's metadata still has can be read, with as many rows as it says."""
    read, wrong = 0, []
    places = [("main", "raw_shop.orders")] + [(ref, f"own.{table}") for ref, table in PLACES]
    for ref, table in places:
        queries, expected = [], []
        for snapshot in project.json("lake", "snapshots", table, "--ref", ref):
            total = lambda key: int(snapshot["summary"].get(key, 0))
            expected.append(total("total-records") - total("total-position-deletes"))
            queries.append(f"select count(*) as n from {table} at (version => {snapshot['snapshot_id']})")
        for at in range(0, len(queries), 25):
            got = [int(row[0]) for query in queries[at:at + 25] for row in project.rows(query, "--ref", ref)]
            read += len(got)
            wrong += [(ref, table, at)] if got != expected[at:at + 25] else []
    cases.true(f"every snapshot in retention is readable ({read})", read > 0 and not wrong, wrong)


def main():
    seed = int(os.environ.get("LEAT_STRESS_SEED") or random.SystemRandom().randrange(10**6))
    operations = int(os.environ.get("LEAT_STRESS_OPERATIONS") or 1000)
    print(f"        seed {seed}", flush=True)
    cases = Cases()
    project, server = prepare(sys.argv[1])
    jobs = [(sys.argv[1], project.folder, server.url, server.admin, seed, n, operations // WORKERS) for n in range(1, WORKERS + 1)]
    with multiprocessing.Pool(WORKERS) as pool:
        done = [op for each in pool.map(work, jobs, 1) for op in each]
    tables, orders, at_tags, commits = replay(project, done)
    crashed = [op for op in done if op.get("code", 0) not in (0, 1, 2, 200, 409)]
    cases.true(f"nothing crashed ({len(done)} operations, {commits} commits on environments)", not crashed, crashed[:3])

    wrong = [place for place, table in tables.items() if content(project, f"own.{place[1]}", place[0]) != table.content()]
    cases.true("the tables of the environments are what the operations give in the order of the log", not wrong, (seed, wrong))
    wrong = [(name, table) for (name, table), expected in at_tags.items() if content(project, f"own.{table}", name) != expected]
    cases.true(f"so they are under every tag ({len(at_tags) // len(TABLES)})", not wrong, (seed, wrong))

    project.run("run")
    files = {0} | {op["first"] + i for op in done if op["do"] == "file" for i in (0, 1)}
    rows = sorted(int(row[0]) for row in project.rows("select id from raw_shop.orders"))
    cases.check("after one more run every file is loaded once, whatever was rolled back", rows, sorted(files))
    cases.check("and what is made from it agrees", project.one("select n, ids from total"), [str(len(files))] * 2)
    for ref in ENVIRONMENTS:
        merged = project.run("env", "refresh", ref[4:], expect=None)
        expected = files | orders[ref]
        if merged.returncode != 0:  # main went back behind what the environment lies over: nobody can merge that
            expected = files
            cases.true(f"{ref} is refused for what main rolled back", "LAKE-305" in merged.stderr and
                       ("rolled back" in merged.stderr or "dropped and made again" in merged.stderr),
                       merged.stderr)
            project.run("env", "refresh", ref[4:], "--give-up")
        rows = sorted(int(row[0]) for row in project.rows("select id from raw_shop.orders", "--ref", ref))
        cases.check(f"merged once more, {ref} has main's rows and its own", rows, sorted(expected))
    _, table = server.call("GET", "/v1/lake/namespaces/foreign/tables/notes", token=server.admin)
    lost = [op["key"] for op in done if op["do"] == "property" and op["key"] not in table["metadata"]["properties"]]
    cases.true("no commit over REST that was answered is lost", not lost, lost)
    check_snapshots(cases, project)
    cases.check("the ledger balances", project.one(
        "select count(*) from leat.ledger where rows_in <> rows_out + rows_rejected + rows_filtered"), ["0"])
    cases.check("the server ends cleanly", server.stop(), 0)
    if not cases.failed:
        project.remove()
    cases.finish()


if __name__ == "__main__":
    main()
