#!/usr/bin/env python3
"""Deciding on 100 new files with millions of files in the ledger: a run that only decides (`leat plan`), whole processes.

usage: file_ledger.py LEAT WORK      (LEAT_BENCH_FILES: another number of files in the ledger, default 1,000,000 and 10,000,000)
"""
import os
import shutil
import sqlite3
import sys
import tempfile
import time

from measure import Figures, run, timed

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "test", "support")]
from leat_project import Project  # noqa: E402

SIZES = [int(size) for size in os.environ.get("LEAT_BENCH_FILES", "1000000,10000000").split(",")]
INBOUND = int(os.environ.get("LEAT_BENCH_INBOUND", "1000000"))


def fill(project, begin, end):
    """Rows of a published run, as the run itself writes them: names of hourly files, sizes and hashes of their own."""
    state = sqlite3.connect(os.path.join(project.folder, ".leat", "state.db"))
    state.execute("PRAGMA synchronous = OFF")
    state.execute("PRAGMA cache_size = -400000")
    run_id, commit = state.execute("SELECT run_id, published_commit FROM loaded_file LIMIT 1").fetchone()
    columns = "load_key, file_id, origin, size, mtime_ns, inode, content_hash, rows, run_id, archived_as, published_commit"

    def rows():
        for i in range(begin, end):
            yield ("shop.orders", f"{i * 2654435761 % 2**64:032x}", f"in/old_{i:08d}.csv", 100 + i % 50000, i, i, f"{i * 40503 % 2**64:032x}",
                   10, run_id, f"shop/orders/{run_id}/in/old_{i:08d}.csv", commit)
    with state:
        state.executemany(f"INSERT INTO loaded_file ({columns}) VALUES ({', '.join('?' * 11)})", rows())
    state.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    state.close()


def main():
    leat, work = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    figures = Figures("100 new files against a ledger of millions")
    project = Project(leat, tempfile.mkdtemp(prefix="file-ledger-", dir=work))
    try:
        project.write({"leat.yml": "version: 1\nname: shop\n", "connections.yml": "connections:\n  inbound: { type: csv, path: in }\n",
                       "sources/shop.yml": "connection: inbound\ntables:\n  - { name: orders, files: '*.csv', structured: false }\n",
                       "in/first.csv": "id,state\n1,new\n"})
        project.run("run")
        nothing = timed([leat, "plan"], project.folder)[0]
        for i in range(100):
            project.write({f"in/new_{i:03d}.csv": f"id,state\n{1000 + i},new\n"})
        few = timed([leat, "plan"], project.folder)[0]
        figures.add("100 new files, one file in the ledger", f"{few * 1e3:.0f} ms (nothing new: {nothing * 1e3:.0f} ms)")
        filled = 0
        for size in SIZES:
            fill(project, filled, size)
            filled = size
            state = os.path.getsize(os.path.join(project.folder, ".leat", "state.db")) / 1e6
            seconds = timed([leat, "plan"], project.folder)
            text = run([leat, "plan"], project.folder)[2]
            assert "100 new files" in text, text
            figures.add(f"100 new files, {size:,} files in the ledger (state: {state:,.0f} MB)",
                        f"{seconds[0] * 1e3:.0f} ms ({seconds[1] * 1e3:.0f}-{seconds[2] * 1e3:.0f})", "below 1 s")
        if not INBOUND:
            return figures.table()
        # Nobody cleaned the inbound folder: all files still lie there.
        state = sqlite3.connect(os.path.join(project.folder, ".leat", "state.db"))
        rows = []
        for i in range(min(INBOUND, filled)):
            path = os.path.join(project.folder, f"in/old_{i:08d}.csv")
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
            info = os.stat(path)
            rows.append((0, info.st_mtime_ns, info.st_ino, "shop.orders", f"in/old_{i:08d}.csv"))
        with state:
            state.executemany("UPDATE loaded_file SET size = ?, mtime_ns = ?, inode = ? WHERE load_key = ? AND origin = ?", rows)
        state.close()
        start = time.perf_counter()
        for entry in os.scandir(os.path.join(project.folder, "in")):
            entry.stat()
        listing = time.perf_counter() - start
        seconds, peak, text = run([leat, "plan"], project.folder)
        assert "100 new files" in text, text
        seconds = min(seconds, run([leat, "plan"], project.folder)[0])
        figures.add(f"the same with {INBOUND:,} of them still in the folder", f"{seconds:.2f} s, {peak:.0f} MB",
                    f"(listing it with Python's scandir and stat: {listing:.2f} s)")
        figures.table()
    finally:
        shutil.rmtree(project.folder, ignore_errors=True)


if __name__ == "__main__":
    main()
