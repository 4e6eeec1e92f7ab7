"""One lake on several machines: `leat serve` on ports of its own for each, over one PostgreSQL and one bucket."""
import logging
import os
import sys
import threading
import time

import requests

from failover import Failover
from leat_project import Project

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
from server import Server  # noqa: E402

logging.getLogger("pyiceberg").setLevel(logging.ERROR)  # it tells of each commit that it plans again

FILES = {
    "connections.yml": "connections:\n  inbound: { type: csv, path: in }\n",
    "sources/shop.yml": "connection: inbound\ntables:\n  - { name: orders, files: 'orders_*.csv', structured: false }\n",
    "models/totals.sql": "select count(*) as n, count(distinct id) as ids from {{ source('shop', 'orders') }}\n",
}


class Machine:
    """A copy of the project's folder, as another machine has it, and `leat serve` there."""

    def __init__(self, leat, state, warehouse):
        self.project = Project(leat)
        self.project.write({**FILES, "leat.yml": f"version: 1\nname: shop\nstate: {state}\nwarehouse: {warehouse}\n"})
        os.makedirs(os.path.join(self.project.folder, "in"), exist_ok=True)
        self.server = None

    def serve(self):
        self.server = Server(self.project)
        return self.server

    def kill(self):
        self.server.process.kill()
        self.server.process.wait()

    def close(self):
        if self.server is not None and self.server.process.poll() is None:
            self.kill()
        self.project.remove()


def session(servers, token, **options):
    """A client's session over all servers in turn."""
    adapter = Failover([server.port for server in servers], **options)
    made = requests.Session()
    made.mount("http://", adapter)
    made.headers["Authorization"] = f"Bearer {token}"
    return made, adapter


def pyiceberg(servers, token, storage):
    """A PyIceberg catalogue whose requests go to all servers in turn."""
    from pyiceberg.catalog import load_catalog
    catalog = load_catalog("lake", type="rest", uri=servers[0].url, warehouse="lake", token=token, **storage)
    adapter = Failover([server.port for server in servers])
    catalog._session.mount("http://", adapter)
    return catalog, adapter


class Client(threading.Thread):
    """Commits until it is told to stop, each commit something that can be recognised, and writes down what was acknowledged
    (`done`), what was refused (`refused`) and what it was not told (`unknown`). An end that it does not know is `broken`."""

    def __init__(self, name):
        super().__init__(name=name, daemon=True)
        self.ending = threading.Event()
        self.done, self.refused, self.unknown, self.broken = [], [], [], []
        self.longest = 0.0

    def run(self):
        number = 0
        while not self.ending.is_set():
            number += 1
            begin = time.monotonic()
            try:
                self.commit(number)
            except Exception as error:  # whatever it is: the test says it
                self.broken.append(f"{self.name}, commit {number}: {type(error).__name__}: {error}")
                return
            self.longest = max(self.longest, time.monotonic() - begin)

    def commit(self, number):
        raise NotImplementedError


class PropertyClient(Client):
    """Sets a property of its own at each commit, over raw HTTP."""

    def __init__(self, name, servers, token, table):
        super().__init__(name)
        self.session, self.adapter = session(servers, token)
        self.url = f"{servers[0].url}/v1/lake/namespaces/{table.replace('.', '/tables/')}"

    def commit(self, number):
        key = f"{self.name}-{number}"
        answer = self.session.post(self.url, json={
            "requirements": [], "updates": [{"action": "set-properties", "updates": {key: "set"}}]})
        {200: self.done, 409: self.refused, 500: self.unknown, 503: self.refused}[answer.status_code].append(key)


class AppendClient(Client):
    """Appends one row a commit with PyIceberg; a commit that lost the race is planned again, as PyIceberg's users do it."""

    def __init__(self, name, servers, token, table, storage, first):
        super().__init__(name)
        self.catalog, self.adapter = pyiceberg(servers, token, storage)
        self.table, self.first, self.races = table, first, 0

    def commit(self, number):
        import pyarrow as pa
        from pyiceberg.exceptions import CommitFailedException, CommitStateUnknownException, ServiceUnavailableError
        row = self.first + number
        rows = pa.table({"id": pa.array([row], pa.int64())})
        while True:
            try:
                self.catalog.load_table(self.table).append(rows)
                return self.done.append(row)
            except CommitFailedException:
                self.races += 1
            except CommitStateUnknownException:
                return self.unknown.append(row)
            except ServiceUnavailableError:
                return self.refused.append(row)


class Publisher(Client):
    """Files come in and `leat run` publishes them, on a machine of its own; a run that failed is run again."""

    def __init__(self, project, first):
        super().__init__("publisher")
        self.project, self.first, self.failures, self.runs = project, first, [], 0

    def commit(self, number):
        row = self.first + number
        self.project.write({f"in/orders_{row}.csv": f"id,amount\n{row},1\n"})
        self.done.append(row)  # a file that is there is loaded by this run or a later one
        ended = self.project.run("run", expect=None)
        self.runs += 1
        if ended.returncode != 0:
            self.failures.append((ended.returncode, (ended.stdout + ended.stderr)[-2000:]))
            time.sleep(0.5)


def check_clients(cases, what, clients, catalog, project):
    """Every commit that was acknowledged is there once, and nothing else but what nobody was told the end of."""
    broken = [text for client in clients for text in client.broken]
    wrong = [answer for client in clients if hasattr(client, "adapter") for answer in client.adapter.wrong]
    cases.true(f"{what}: every client went on to the end", not broken, broken)
    cases.true(f"{what}: no answer but those of the specification", not wrong, wrong[:3])
    for kind in ("properties", "rows"):
        of_kind = [client for client in clients if isinstance(client, PropertyClient if kind == "properties" else AppendClient)]
        if not of_kind:
            continue
        if kind == "properties":
            name = of_kind[0].url.split("/namespaces/")[1].replace("/tables/", ".")
            there = [key for key in catalog.load_table(name).properties if key.startswith(tuple(c.name + "-" for c in of_kind))]
        else:
            there = catalog.load_table(of_kind[0].table).scan().to_arrow()["id"].to_pylist()
        done = {each for client in of_kind for each in client.done}
        perhaps = {each for client in of_kind for each in client.unknown}
        refused = {each for client in of_kind for each in client.refused}
        cases.true(f"{what}: {kind}: no acknowledged commit is lost ({len(done)})", done and done <= set(there), sorted(done - set(there))[:10])
        cases.true(f"{what}: {kind}: none is there twice", len(there) == len(set(there)), sorted(there)[:10])
        cases.check(f"{what}: {kind}: no refused one is there", sorted(refused & set(there)), [])
        cases.check(f"{what}: {kind}: none is there that nobody made", sorted(set(there) - done - perhaps), [])
        cases.true(f"{what}: {kind}: nobody was left in doubt", not perhaps, sorted(perhaps)[:10])
    publishers = [client for client in clients if isinstance(client, Publisher)]
    for publisher in publishers:
        project.run("run")
        rows = sorted(int(row[0]) for row in project.rows("select id from raw_shop.orders"))
        cases.check(f"{what}: every file was loaded once ({len(publisher.done)})", rows, sorted(publisher.done))
        cases.check(f"{what}: and what is made from them agrees", project.one("select n, ids from totals"), [str(len(rows))] * 2)

