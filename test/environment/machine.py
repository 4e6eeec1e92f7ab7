#!/usr/bin/env python3
"""What the machine can do to a run: a full or read-only disk, a damaged or newer state, a port in use, a moved project,
another libduckdb.
Each is a clear error with what to do and exit code 4, and nothing is lost.

usage: machine.py LEAT        (cases that need a file system of their own are run where mounting is allowed)
"""
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from leat_project import Cases, Project  # noqa: E402


def files(rows):
    return {
        "leat.yml": "version: 1\nname: machine\n",
        "connections.yml": "connections:\n  inbound: { type: csv, path: in }\n",
        "sources/shop.yml": "connection: inbound\ntables:\n  - { name: orders, files: 'orders_*.csv', structured: false }\n",
        "models/total.sql": "select count(*) as n from {{ source('shop', 'orders') }}\n",
        "in/orders_1.csv": "id,note\n" + "".join(f"{i},{os.urandom(24).hex()}\n" for i in range(rows)),
    }


def clear(cases, name, done, code, *words):
    text = done.stdout + done.stderr
    cases.check(f"{name}: exit code", done.returncode, code)
    for word in words:
        cases.true(f"{name}: says '{word}'", word.lower() in text.lower(), text)
    cases.true(f"{name}: no stack trace", "terminate called" not in text and "what():" not in text, text)


def small_disk(cases, leat):
    folder = tempfile.mkdtemp(prefix="leat-disk-")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], capture_output=True).returncode != 0:
        print("not run here: mounting a small disk needs rights that this user does not have")
        os.rmdir(folder)
        return
    try:
        project = Project(leat)
        project.write(files(10))
        project.write({"leat.yml": f"version: 1\nname: machine\nwarehouse: {folder}/warehouse\n"})
        project.run("run")
        project.write({"in/orders_2.csv": files(400_000)["in/orders_1.csv"]})
        clear(cases, "full disk", project.run("run", expect=None), 4, "no space", folder)
        cases.check("full disk: what was published is still there", project.one("select n from total"), ["10"])
        subprocess.run(["mount", "-o", "remount,size=200m", folder], check=True)
        project.run("run")
        cases.check("full disk: with space the next run goes through", project.one("select n from total"), ["400010"])

        project.write({"in/orders_3.csv": "id,note\n1,a\n"})
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        clear(cases, "read-only disk", project.run("run", expect=None), 4, "read-only", folder)
        cases.check("read-only disk: reading goes on", project.one("select n from total"), ["400010"])
        project.remove()
    finally:
        subprocess.run(["umount", "-l", folder], check=False)
        os.rmdir(folder)


def state(cases, leat):
    project = Project(leat)
    project.write(files(10))
    project.run("run")
    path = os.path.join(project.folder, ".leat", "state.db")
    shutil.copy(path, path + ".good")

    database = sqlite3.connect(path)
    tables = [row[0] for row in database.execute("select name from sqlite_master where type = 'table'")]
    database.close()
    cases.true("the state has tables", len(tables) > 5, str(tables))

    for side in ("-wal", "-shm"):
        if os.path.exists(path + side):
            os.remove(path + side)
    with open(path, "r+b") as out:
        out.write(os.urandom(4096))
    clear(cases, "damaged state", project.run("run", expect=None), 4, "state.db")
    shutil.copy(path + ".good", path)
    cases.check("with the state back, everything is there", project.one("select n from total"), ["10"])

    with open(path, "wb") as out:
        out.write(b"")
    os.remove(path)
    os.mkdir(path)
    clear(cases, "state is a folder", project.run("run", expect=None), 2, "state.db", "folder")
    os.rmdir(path)
    shutil.copy(path + ".good", path)

    moved = project.folder + "-moved"
    os.rename(project.folder, moved)
    clear(cases, "moved project", Project(leat, moved).run("sql", "-c", "select 1 from total", expect=None), 4, moved)
    os.rename(moved, project.folder)
    cases.check("moved back, it opens", project.one("select n from total"), ["10"])
    project.remove()


def port(cases, leat):
    project = Project(leat)
    project.write(files(1))
    project.run("run")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        clear(cases, "port in use", project.run("serve", "--listen", address, "--no-auth", expect=None), 4, address, "in use")
    project.remove()


def another_engine(cases, leat):
    """A libduckdb that is not the one that the program was built for is refused before anything is read."""
    folder = tempfile.mkdtemp(prefix="leat-engine-")
    library = os.path.join(folder, "libduckdb.so")
    source = os.path.join(folder, "other.c")
    with open(source, "w", encoding="utf-8") as out:
        out.write('const char *duckdb_library_version(void) { return "v0.0.1"; }\n')
    subprocess.run(["cc", "-shared", "-fPIC", "-Wl,-soname,libduckdb.so", "-o", library, source], check=True)
    project = Project(leat)
    project.write(files(1))
    clear(cases, "another libduckdb", project.run("run", expect=None, LD_PRELOAD=library), 4, "SQL-10", "version")
    project.remove()
    shutil.rmtree(folder)


def main():
    cases = Cases()
    another_engine(cases, sys.argv[1])
    small_disk(cases, sys.argv[1])
    state(cases, sys.argv[1])
    port(cases, sys.argv[1])
    cases.finish()


if __name__ == "__main__":
    main()
