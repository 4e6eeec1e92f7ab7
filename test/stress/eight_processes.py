#!/usr/bin/env python3
"""Eight processes on one state for a minute, on SQLite and on PostgreSQL at the same time: seven projects that share a lake run
again and again, each into a table of its own and into one that all of them load, beside a server whose client commits all the
while. No commit is lost, nobody is told "database is locked", nobody starves.

usage: eight_processes.py LEAT        (LEAT_STRESS_SECONDS: another length)
"""
import os
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "interop")]
from leat_project import Cases, Project, scratch, wait_for  # noqa: E402
from server import Server  # noqa: E402

RUNNERS = 7
SECONDS = float(os.environ.get("LEAT_STRESS_SECONDS", "60"))
# A run takes its parts of two cores among sixteen processes, some 2 s here; a starved one would wait for the whole minute.
LONGEST_RUN_SECONDS = SECONDS / 4
LONGEST_COMMIT_SECONDS = SECONDS / 20
TABLE = {"name": "t", "schema": {"type": "struct", "schema-id": 0, "fields": [
    {"id": 1, "name": "id", "required": False, "type": "long"}]}}


class Worker(threading.Thread):
    """Does the same thing until time is up and keeps how long each took; `problem` is what went wrong."""

    def __init__(self, act, end):
        super().__init__()
        self.act, self.end = act, end
        self.seconds, self.problem = [], ""

    def run(self):
        while time.monotonic() < self.end and not self.problem:
            begun = time.monotonic()
            self.problem = self.act(len(self.seconds) + 1)
            self.seconds.append(time.monotonic() - begun)


def new_project(leat, lake, state, name):
    project = Project(leat, os.path.join(lake, name))
    project.write({
        "leat.yml": f"version: 1\nname: {name}\nwarehouse: ../lake/warehouse\nstate: {state}\narchive: false\n",
        "connections.yml": "connections:\n  inbound: { type: csv, path: in }\n",
        f"sources/{name}.yml": f"connection: inbound\nschema: raw_shop\ntables:\n"
                               f"  - {{ name: own_{name}, files: 'own_*.csv', structured: false }}\n"
                               f"  - {{ name: shared, files: 'shared_*.csv', structured: false }}\n",
    })
    os.mkdir(os.path.join(project.folder, "in"))
    return project


def arrive_and_run(project):
    name = os.path.basename(project.folder)

    def act(number):
        project.write({f"in/own_{number}.csv": f"id\n{number}\n", f"in/shared_{number}.csv": f"project,id\n{name},{number}\n"})
        done = project.run("run", expect=None)
        text = done.stdout + done.stderr
        return "" if done.returncode == 0 and "locked" not in text else f"exit {done.returncode}\n{text}"
    return act


def rest_commits(server):
    def call(method, path, body):
        status, answer = server.call(method, f"/v1/lake/namespaces{path}", body, server.admin)
        if status != 200:
            raise SystemExit(f"{method} {path}: {status} {answer}")
    call("POST", "", {"namespace": ["rest"]})
    call("POST", "/rest/tables", TABLE)

    def act(number):
        status, answer = server.call("POST", "/v1/lake/namespaces/rest/tables/t", {
            "requirements": [], "updates": [{"action": "set-properties", "updates": {"n": str(number)}}]}, server.admin)
        return "" if status == 200 else f"{status} {answer}"
    return act


def check(cases, kind, reader, runners, client):
    for worker in [*runners, client]:
        cases.check(f"{kind}: a process is never refused", worker.problem, "")
    runs = [len(worker.seconds) for worker in runners]
    longest = max(max(worker.seconds) for worker in runners)
    print(f"        {kind}: {sum(runs)} runs ({min(runs)} to {max(runs)} of one project), longest {longest:.2f} s; "
          f"{len(client.seconds)} commits over REST, longest {max(client.seconds):.2f} s")
    cases.true(f"{kind}: the slowest project has half the runs of the mean", 2 * min(runs) >= sum(runs) / RUNNERS, str(runs))
    cases.true(f"{kind}: no run waits longer than {LONGEST_RUN_SECONDS} s", longest <= LONGEST_RUN_SECONDS, str(longest))
    cases.true(f"{kind}: no commit over REST waits longer than {LONGEST_COMMIT_SECONDS} s",
               max(client.seconds) <= LONGEST_COMMIT_SECONDS, str(max(client.seconds)))
    own = [reader.one(f"select count(*), count(distinct id), max(id) from raw_shop.own_p{i}") for i in range(RUNNERS)]
    cases.check(f"{kind}: every run's row is in its own table once", own, [[str(n)] * 3 for n in runs])
    cases.check(f"{kind}: and in the one that all load", reader.rows(
        "select project, count(*), count(distinct id) from raw_shop.shared group by project order by project"),
        [[f"p{i}", str(n), str(n)] for i, n in enumerate(runs)])
    cases.check(f"{kind}: every run published and says so", reader.one(
        "select count(*), count(distinct commit_id) from leat.runs where commit_id is not null and status = 'success' and "
        "pipeline_name like 'p%'"), [str(sum(runs))] * 2)
    cases.check(f"{kind}: every commit over REST is in the log", reader.one(
        "select count(*) from leat.commits where ref = 'main' and kind = 'external'")[0], str(len(client.seconds) + 2))
    cases.check(f"{kind}: the ledger balances", reader.one(
        "select count(*) from leat.ledger where rows_in <> rows_out + rows_rejected + rows_filtered")[0], "0")


def main():
    leat, cases = sys.argv[1], Cases()
    lakes = [scratch("leat-eight-") for _ in range(2)]
    database = os.path.join(lakes[1], "postgres")
    os.chmod(lakes[1], 0o755)
    postgres = subprocess.Popen(["sh", os.path.join(HERE, "..", "support", "postgres.sh"), database])
    url = lambda: open(os.path.join(database, "url"), encoding="utf-8").read().strip()  # noqa: E731
    wait_for("PostgreSQL", lambda: os.path.exists(os.path.join(database, "url")))
    stores = {"SQLite": "../lake/state.db", "PostgreSQL": url()}
    servers, work = [], {}
    try:
        for lake, (kind, state) in zip(lakes, stores.items()):
            os.mkdir(os.path.join(lake, "lake"))
            projects = [new_project(leat, lake, state, f"p{i}") for i in range(RUNNERS)]
            wait_for(f"the state on {kind}", lambda p=projects[0]: p.run("run", expect=None).returncode == 0)
            servers.append(Server(projects[0]))
            work[kind] = (projects, rest_commits(servers[-1]))
        end, workers = time.monotonic() + SECONDS, {}
        for kind, (projects, commits) in work.items():
            workers[kind] = ([Worker(arrive_and_run(project), end) for project in projects], Worker(commits, end))
        everyone = [worker for runners, client in workers.values() for worker in [*runners, client]]
        for worker in everyone:
            worker.start()
        for worker in everyone:
            worker.join()
        for kind, (runners, client) in workers.items():
            check(cases, kind, work[kind][0][0], runners, client)
        cases.check("the servers end well", [server.stop() for server in servers], [0, 0])
    finally:
        for server in servers:
            server.process.kill()
        postgres.terminate()
        postgres.wait()
        for lake in lakes:
            Project(leat, lake).remove()
    cases.finish()


if __name__ == "__main__":
    main()
