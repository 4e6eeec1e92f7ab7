#!/usr/bin/env python3
"""The catalogue over REST beside Iceberg's own REST fixture (JDBC catalogue on SQLite), both durable, in the same run: commits on
one table and on 50, appends of four PyIceberg writers to one table, load-table, listing 10,000 tables, config. Commits also with the
state in PostgreSQL (durable), beside the same fixture.

usage: rest_peer.py LEAT WORK [commits] [reads]     (LEAT_BENCH_SECONDS: another length of each figure)
"""
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from measure import Figures

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "test", "support"), os.path.join(HERE, "..", "test", "interop")]
from leat_project import Project, wait_for  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402
from server import Server, free_port  # noqa: E402

SECONDS = float(os.environ.get("LEAT_BENCH_SECONDS", "5"))
TABLES = 10_000
CONNECTIONS = 8
WRITERS = 4
COLUMNS = [{"id": i, "name": f"column_{i}", "type": "long", "required": False} for i in range(1, 21)]
TABLE = "/namespaces/shop/tables/t"
COMMIT = json.dumps({"requirements": [], "updates": [{"action": "set-properties", "updates": {"n": "{u}"}}]})


class Peer:
    """One of the two servers: where it listens, the prefix of its routes, its token."""

    def __init__(self, name, port, prefix, config, process, token=""):
        self.name, self.port, self.prefix, self.config, self.process, self.token = name, port, prefix, config, process, token

    def cpu(self):
        """Seconds of processor time that the server has used."""
        with open(f"/proc/{self.process.pid}/stat", encoding="utf-8") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def load(self, tool, connections, rate, method, path, body="", seconds=SECONDS):
        command = [tool, str(self.port), self.token, str(connections), str(seconds), str(rate), method, path, body]
        server, client = self.cpu(), os.times()
        result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        used = os.times()
        answers = max(1, result["good"] + sum(result["refused"].values()))
        result["server_us"] = (self.cpu() - server) / answers * 1e6
        result["client_us"] = (used.children_user + used.children_system - client.children_user - client.children_system) / answers * 1e6
        return result

    def appends(self, seconds=None):
        """WRITERS PyIceberg clients append one row a commit to one table: commits a second, and what the server refused."""
        import pyarrow as pa
        from pyiceberg.catalog import load_catalog
        logging.getLogger("pyiceberg").setLevel(logging.ERROR)
        config = {"warehouse": "lake"} if "/lake" in self.prefix else {}
        catalogs = [load_catalog(self.name, type="rest", uri=f"http://127.0.0.1:{self.port}{self.prefix.split('/v1')[0]}",
                                 **config, **({"token": self.token} if self.token else {})) for _ in range(WRITERS)]
        rows = pa.table({"id": pa.array([1], pa.int64())})
        catalogs[0].create_table("shop.appends", rows.schema)
        end = time.monotonic() + (seconds or 2 * SECONDS)
        times, refused, failed = [], [], []

        def write(catalog):
            catalog._session.hooks["response"].append(lambda answer, **_: refused.append(1) if answer.status_code == 409 else None)
            table = catalog.load_table("shop.appends")
            while time.monotonic() < end:
                begin = time.monotonic()
                try:
                    table.append(rows)
                    times.append(time.monotonic() - begin)
                except Exception as error:  # after PyIceberg's own four tries
                    failed.append(type(error).__name__)
                    table.refresh()
        threads = [threading.Thread(target=write, args=(catalog,)) for catalog in catalogs]
        begin = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.monotonic() - begin
        there = catalogs[0].load_table("shop.appends").scan().to_arrow().num_rows
        if there != len(times):
            sys.exit(f"{self.name}: {len(times)} appends were acknowledged, {there} rows are there")
        times.sort()
        return {"per_second": len(times) / took, "p99_ms": times[int(0.99 * (len(times) - 1))] * 1000 if times else 0,
                "refused": {"409": len(refused)}, "failed": len(failed)}

    def fill(self, tool, tables=TABLES):
        self.load(tool, 1, 0.9, "POST", f"{self.prefix}/namespaces", '{"namespace": ["shop"]}', 1)
        table = json.dumps({"name": "t{n}", "schema": {"type": "struct", "schema-id": 0, "fields": COLUMNS}})
        begin = time.perf_counter()
        # So many a second that the numbers end at TABLES, whatever the server manages.
        made = self.load(tool, 4, 2_000, "POST", f"{self.prefix}/namespaces/shop/tables", table, tables / 2_000)
        if made["good"] != tables:
            sys.exit(f"{self.name}: {made['good']} of {tables} tables were made: {made}")
        return time.perf_counter() - begin


def start_fixture(folder, jars):
    port = free_port()
    environment = {**os.environ, "CATALOG_CATALOG__IMPL": "org.apache.iceberg.jdbc.JdbcCatalog",
                   "CATALOG_URI": f"jdbc:sqlite:{folder}/catalogue.db", "CATALOG_WAREHOUSE": f"file://{folder}/warehouse",
                   "CATALOG_JDBC_SCHEMA__VERSION": "V1", "CATALOG_REST_PORT": str(port), "REST_PORT": str(port)}
    process = subprocess.Popen(["java", "-Xmx2g", "-cp", f"{jars}/*", "org.apache.iceberg.rest.RESTCatalogServer"],
                               env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def answers():
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/config", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False
    wait_for("the fixture to answer", answers)
    return process, Peer("fixture", port, "/v1", "/v1/config", process)


def compare(figures, what, goal, loads):
    """`loads`: by the name of the server, the fixture's last."""
    *ours, theirs = loads.items()
    for name, load in loads.items():
        refused = sum(load["refused"].values())
        figures.add(f"{what}: {name}", f"{load['per_second']:,.{1 if load['per_second'] < 100 else 0}f}/s, p99 {load['p99_ms']:,.2f} ms"
                    + (f", processor {load['server_us']:.0f} us a request of the server (without PostgreSQL's), {load['client_us']:.0f} us of the client"
                       if "server_us" in load else "")
                    + f", refused {refused:,}" + (f", given up {load['failed']:,}" if load.get("failed") else ""))
    for name, load in ours:
        figures.add(f"{what}: ratio{'' if len(ours) == 1 else ' of ' + name}", f"{load['per_second'] / max(theirs[1]['per_second'], 0.1):.1f}", goal)


def reads(figures, tool, peers):
    loads = [("load-table", TABLE + f"{{n%{TABLES}}}"), ("list of 10,000 tables", "/namespaces/shop/tables"), ("config", None)]
    for peer in reversed(peers):  # warm, the fixture's virtual machine above all
        peer.load(tool, CONNECTIONS, 0, "GET", peer.prefix + loads[0][1])
    for what, path in loads:
        for connections in ([CONNECTIONS, 32] if what == "config" else [CONNECTIONS]):
            found = {peer.name: peer.load(tool, connections, 0, "GET", peer.prefix + path if path else peer.config) for peer in peers}
            compare(figures, f"{what}, {connections} connections", "at least 5", found)
        half = [peer.load(tool, CONNECTIONS, found[peer.name]["per_second"] / 2, "GET", peer.prefix + path if path else peer.config)
                for peer in peers]
        figures.add(f"{what}, at half of that: p99", ", ".join(f"{peer.name} {load['p99_ms']:.2f} ms" for peer, load in zip(peers, half)))


def commits(figures, tool, peers):
    for what, connections, table, goal in (("1 connection, one table", 1, "0", ""), ("8 connections, one table", CONNECTIONS, "1", "at least 5"),
                                           ("8 connections, 50 tables", CONNECTIONS, "{n%50}", "at least 5")):
        for peer in peers:  # warm
            peer.load(tool, connections, 0, "POST", peer.prefix + TABLE + "60", COMMIT, seconds=0.5)
        compare(figures, f"commits, {what}", goal, {
            peer.name: peer.load(tool, connections, 0, "POST", peer.prefix + TABLE + table, COMMIT) for peer in peers})
    compare(figures, f"appends, {WRITERS} PyIceberg writers, one table", "", {peer.name: peer.appends() for peer in peers})


def main():
    leat, work = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    wanted = sys.argv[3:] or ["reads", "commits"]
    tool = os.path.join(os.path.dirname(leat), "leat_bench_http_load")
    folder = tempfile.mkdtemp(prefix="rest-peer-", dir=work)
    figures = Figures("The catalogue over REST and Iceberg's REST fixture")
    servers, tables = [], TABLES if "reads" in wanted else 100

    def serve(name, state):
        project = Project(leat, os.path.join(folder, name.replace(" ", "-")))
        project.write({"leat.yml": f"version: 1\nname: peer\n{state}"})
        server = Server(project)
        servers.append(server)
        return Peer(name, server.port, "/iceberg/v1/lake", "/iceberg/v1/config?warehouse=lake", server.process, server.admin)
    with PostgresServer(LEAT_POSTGRES_FSYNC="on") as database:
        process, fixture = start_fixture(folder, os.path.join(os.environ["LEAT_DEPS"], "rest_fixture"))
        try:
            ours, on_postgres = serve("Leat", ""), serve("Leat on PostgreSQL", f"state: {database.url}\n")
            on_postgres.fill(tool, 100)
            for peer in (ours, fixture):
                figures.add(f"making {tables:,} tables: {peer.name}", f"{peer.fill(tool, tables):.1f} s")
            if "reads" in wanted:
                reads(figures, tool, [ours, fixture])
            if "commits" in wanted:
                commits(figures, tool, [ours, on_postgres, fixture])
            figures.table()
        finally:
            for server in servers:
                server.stop()
            process.kill()
            process.wait()
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
