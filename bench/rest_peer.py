#!/usr/bin/env python3
"""The catalogue over REST beside Iceberg's own REST fixture (JDBC catalogue on SQLite), both durable, in the same run: commits on
one table and on 50, load-table, listing 10,000 tables, config.

usage: rest_peer.py LEAT WORK      (LEAT_BENCH_SECONDS: another length of each figure)
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

from measure import Figures

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "test", "support"), os.path.join(HERE, "..", "test", "interop")]
from leat_project import Project, wait_for  # noqa: E402
from server import Server, free_port  # noqa: E402

SECONDS = float(os.environ.get("LEAT_BENCH_SECONDS", "5"))
TABLES = 10_000
CONNECTIONS = 8
COLUMNS = [{"id": i, "name": f"column_{i}", "type": "long", "required": False} for i in range(1, 21)]
COMMIT = json.dumps({"requirements": [], "updates": [{"action": "set-properties", "updates": {"n": "{u}"}}]})


class Peer:
    """One of the two servers: where it listens, the prefix of its routes, its token."""

    def __init__(self, name, port, prefix, config, token=""):
        self.name, self.port, self.prefix, self.config, self.token = name, port, prefix, config, token

    def load(self, tool, connections, rate, method, path, body="", seconds=SECONDS):
        command = [tool, str(self.port), self.token, str(connections), str(seconds), str(rate), method, path, body]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def fill(self, tool):
        self.load(tool, 1, 0.9, "POST", f"{self.prefix}/namespaces", '{"namespace": ["shop"]}', 1)
        table = json.dumps({"name": "t{n}", "schema": {"type": "struct", "schema-id": 0, "fields": COLUMNS}})
        begin = time.perf_counter()
        # So many a second that the numbers end at TABLES, whatever the server manages.
        made = self.load(tool, 4, 2_000, "POST", f"{self.prefix}/namespaces/shop/tables", table, TABLES / 2_000)
        if made["good"] != TABLES:
            sys.exit(f"{self.name}: {made['good']} of {TABLES} tables were made: {made}")
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
    return process, Peer("fixture", port, "/v1", "/v1/config")


def compare(figures, what, goal, ours, theirs, unit="/s"):
    ratio = ours["per_second"] / max(theirs["per_second"], 0.1)
    for name, load in (("Leat", ours), ("fixture", theirs)):
        refused = sum(load["refused"].values())
        figures.add(f"{what}: {name}", f"{load['per_second']:,.0f}{unit}, p99 {load['p99_ms']:.2f} ms"
                    + (f", refused {refused:,}" if refused else ""))
    figures.add(f"{what}: ratio", f"{ratio:.1f}", goal)


def main():
    leat, work = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    tool = os.path.join(os.path.dirname(leat), "leat_bench_http_load")
    folder = tempfile.mkdtemp(prefix="rest-peer-", dir=work)
    figures = Figures("The catalogue over REST and Iceberg's REST fixture")
    project = Project(leat, os.path.join(folder, "leat"))
    project.write({"leat.yml": "version: 1\nname: peer\n"})
    server = Server(project)
    process, fixture = start_fixture(folder, os.path.join(os.environ["LEAT_DEPS"], "rest_fixture"))
    ours = Peer("Leat", server.port, "/iceberg/v1/lake", "/iceberg/v1/config?warehouse=lake", server.admin)
    try:
        for peer in (ours, fixture):
            figures.add(f"making {TABLES:,} tables: {peer.name}", f"{peer.fill(tool):.1f} s")
        table = "/namespaces/shop/tables/t"
        loads = [("load-table", table + f"{{n%{TABLES}}}", SECONDS), ("list of 10,000 tables", "/namespaces/shop/tables", SECONDS)]
        for peer in (fixture, ours):  # warm, the fixture's virtual machine above all
            peer.load(tool, CONNECTIONS, 0, "GET", peer.prefix + loads[0][1], seconds=SECONDS)
        for what, path, seconds in [*loads, ("config", None, SECONDS)]:
            found = [peer.load(tool, CONNECTIONS, 0, "GET", peer.prefix + path if path else peer.config, seconds=seconds)
                     for peer in (ours, fixture)]
            compare(figures, f"{what}, 8 connections", "at least 5", *found)
            half = [peer.load(tool, CONNECTIONS, load["per_second"] / 2, "GET", peer.prefix + path if path else peer.config,
                              seconds=seconds) for peer, load in zip((ours, fixture), found)]
            figures.add(f"{what}, at half of that: p99", f"Leat {half[0]['p99_ms']:.2f} ms, fixture {half[1]['p99_ms']:.2f} ms")
        one = [peer.load(tool, 1, 0, "POST", peer.prefix + table + "0", COMMIT) for peer in (ours, fixture)]
        compare(figures, "commits, 1 connection, one table", "", *one)
        one = [peer.load(tool, CONNECTIONS, 0, "POST", peer.prefix + table + "1", COMMIT) for peer in (ours, fixture)]
        compare(figures, "commits, 8 connections, one table", "at least 5", *one)
        many = [peer.load(tool, CONNECTIONS, 0, "POST", peer.prefix + table + "{n%50}", COMMIT) for peer in (ours, fixture)]
        compare(figures, "commits, 8 connections, 50 tables", "at least 5", *many)
        figures.table()
    finally:
        server.stop()
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
