#!/usr/bin/env python3
"""A catalogue of 100,000 tables with 1,000,000 commits: how long `leat serve` takes to start, load-table, the size of the state.

usage: big_catalogue.py LEAT WORK      (LEAT_BENCH_TABLES: another number of tables, ten commits each)
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

from measure import Figures, run

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "test", "support"), os.path.join(HERE, "..", "test", "interop")]
from leat_project import Project  # noqa: E402
from server import free_port  # noqa: E402

TABLES = int(os.environ.get("LEAT_BENCH_TABLES", "100000"))


def main():
    leat, work = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    tools = os.path.dirname(leat)
    project = Project(leat, tempfile.mkdtemp(prefix="big-catalogue-", dir=work))
    figures = Figures(f"A catalogue of {TABLES:,} tables with {10 * TABLES:,} commits")
    try:
        project.write({"leat.yml": "version: 1\nname: big\n"})
        token = project.json("serve", "token", "create", "bench", "--scope", "read")["token"]
        seconds = run([os.path.join(tools, "leat_bench_fill_catalogue"), project.folder, str(TABLES), str(10 * TABLES)])[0]
        figures.add("filling it, without flushes", f"{seconds:.0f} s")
        state = os.path.join(project.folder, ".leat", "state.db")
        figures.add("state file", f"{os.path.getsize(state) / 1e6:,.0f} MB", "below 2,000 MB")
        port, begin = free_port(), time.perf_counter()
        server = project.start("serve", "--listen", f"127.0.0.1:{port}")
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
                break
            except OSError:
                if server.poll() is not None:
                    sys.exit(server.stderr.read())
                time.sleep(0.005)
        figures.add("start of leat serve until it answers", f"{(time.perf_counter() - begin) * 1e3:.0f} ms", "below 1 s")
        try:
            for what, connections, rate in (("one client", 1, 0), ("open loop at 1,000/s", 16, 1_000), ("saturated, 8 clients", 8, 0)):
                path = f"/iceberg/v1/lake/namespaces/shop/tables/t{{n%{TABLES}}}"
                command = [os.path.join(tools, "leat_bench_http_load"), str(port), token, str(connections), "5", str(rate), "GET", path]
                load = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
                if load["refused"]:
                    sys.exit(f"load-table: {load}")
                figures.add(f"load-table, {what}", f"{load['per_second']:,.0f}/s, p50 {load['p50_ms']:.2f} ms, p99 {load['p99_ms']:.2f} ms",
                            "p99 below 10 ms")
        finally:
            server.terminate()
            server.wait()
        history = [run([leat, "lake", "history"], project.folder)[0] for _ in range(3)]
        figures.add("leat lake history", f"{min(history) * 1e3:.0f} ms")
        figures.table()
    finally:
        shutil.rmtree(project.folder, ignore_errors=True)


if __name__ == "__main__":
    main()
