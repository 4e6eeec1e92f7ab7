#!/usr/bin/env python3
"""Loads of csv, packed csv and paged web answers whose disk is full (the lake's, the project's own), and whose process is killed between pages: the error says
what and where, nothing is visible, and with space the next run is whole.

usage: test/stress/files_full.py LEAT …
"""
import gzip
import hashlib
import json
import os
import shutil
import sys
import threading
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from disturbed_load import published, small_disk  # noqa: E402
from http_server import Handler, Server  # noqa: E402
from leat_project import Cases, Project, scratch, wait_for  # noqa: E402

ROWS = 60_000
PAGE = 2_000
SUMS = "select count(*), count(distinct id), sum(id), sum(length(note)) from raw_bank.events"


def note(number):
    return hashlib.sha512(str(number).encode()).hexdigest()


EXPECTED = [str(ROWS), str(ROWS), str(ROWS * (ROWS + 1) // 2), str(128 * ROWS)]


class Pages(Handler):
    """?page=1 and so on; `stop_at`: the page that is not answered until `go` is set."""
    stop_at, asked, go = None, 0, threading.Event()

    def do_GET(self):
        page = int(urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query).get("page", ["1"])[0])
        Pages.asked = max(Pages.asked, page)
        if page == Pages.stop_at:
            Pages.go.wait(60)
        first = (page - 1) * PAGE + 1
        body = json.dumps([{"id": i, "note": note(i)} for i in range(first, min(first + PAGE, ROWS + 1))]).encode()
        try:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:  # who asked is gone
            self.close_connection = True


def kinds(folder, port):
    """What a project reads: connection and table."""
    text = "id,note\n" + "".join(f"{i},{note(i)}\n" for i in range(1, ROWS + 1))
    for name, opened in (("plain", open), ("packed", gzip.open)):
        os.makedirs(os.path.join(folder, name))
        with opened(os.path.join(folder, name, "events.csv" + (".gz" if name == "packed" else "")), "wt", encoding="utf-8") as out:
            out.write(text)
    return {"csv": (f"{{ type: csv, path: '{folder}/plain' }}", "files: 'events*'"), "packed csv": (f"{{ type: csv, path: '{folder}/packed' }}", "files: 'events*'"),
            "web pages": (f"{{ type: http, url: 'http://127.0.0.1:{port}' }}", "path: /events, pagination: { type: page }")}


def write(project, kind, warehouse=""):
    connection, table = kind
    place = f"warehouse: '{warehouse}'\n" if warehouse else ""
    project.write({"leat.yml": f"version: 1\nname: bank\n{place}", "connections.yml": f"connections:\n  bank: {connection}\n",
                   "sources/bank.yml": f"connection: bank\ntables:\n  - {{ name: events, {table}, structured: false }}\n"})


def full(cases, leat, name, kind, of_lake):
    where = f"{name}, the {'lake' if of_lake else 'project'}'s disk is full"
    with small_disk("2m") as (folder, grow):
        if folder is None:
            return
        project = Project(leat) if of_lake else Project(leat, os.path.join(folder, "project"))
        os.makedirs(project.folder, exist_ok=True)
        write(project, kind, os.path.join(folder, "warehouse") if of_lake else "")
        done = project.run("run", expect=None)
        text = done.stdout + done.stderr
        cases.true(f"{where}: the run fails and says what and where", done.returncode not in (0, 70) and ("no space" in text.lower() or "disk is full" in text.lower()) and folder in text, (done.returncode, text))
        grow("200m")
        cases.check(f"{where}: nothing is visible", published(project), "0")
        project.run("run")
        cases.check(f"{where}: with space the next run is whole", project.one(SUMS), EXPECTED)
        project.remove()


def killed(cases, leat, kind):
    project = Project(leat)
    write(project, kind)
    Pages.asked, Pages.stop_at = 0, ROWS // PAGE // 2
    process = project.start("run")
    wait_for("the page in the middle", lambda: Pages.asked >= Pages.stop_at or process.poll() is not None)
    process.kill()
    process.communicate(timeout=60)
    Pages.go.set()
    Pages.stop_at = None
    cases.check("web pages, killed between them: nothing is visible", published(project), "0")
    project.run("run")
    cases.check("web pages, killed between them: the next run is whole", project.one(SUMS), EXPECTED)
    project.remove()


def main():
    cases = Cases()
    leat = sys.argv[1]
    folder = scratch("leat-full-")
    server = Server(Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name, kind in kinds(folder, server.port).items():
        for of_lake in (True, False):
            full(cases, leat, name, kind, of_lake)
        if name == "web pages":
            killed(cases, leat, kind)
    server.shutdown()
    shutil.rmtree(folder, ignore_errors=True)
    cases.finish()


if __name__ == "__main__":
    main()
