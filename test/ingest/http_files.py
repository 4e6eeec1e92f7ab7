#!/usr/bin/env python3
"""Files of web servers: looked at, told apart, fetched and read as those of a folder are, whatever the server does meanwhile.

usage: http_files.py LEAT [DATA_FOLDER]
"""
import base64
import gzip
import hashlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "support"))
from file_server import FileServer  # noqa: E402
from leat_project import Cases, Project, wait_for  # noqa: E402
from s3_server import free_port  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])
TABLE = "  - {{ name: t, files: '{}', structured: false }}\n"
ROWS = "select id, state, _source_file from raw_shop.t order by id, _source_file"


def project(server, tables, *, path=None, http="", kind="csv", connection="", settings="archive: false\n"):
    made = Project(LEAT)
    made.write({"leat.yml": "version: 1\nname: shop\n" + settings,
                "connections.yml": f"connections:\n  partner:\n    type: {kind}\n    path: {path or server.url + '/out'}\n{connection}"
                                   f"    http: {{ timeout: 5s, retries: 3{http} }}\n",
                "sources/shop.yml": "connection: partner\ntables:\n" + tables})
    return made


def failing(made, *, code, names=()):
    done = made.run("run", expect=None)
    text = done.stdout + done.stderr
    unseen = made.run("sql", "-c", "select * from raw_shop.t", expect=None).returncode != 0
    return done.returncode != 0 and code in text and all(name in text for name in names) and unseen, text


def step(made, *arguments, expect=0):
    return made.json("run", *arguments, expect=expect)["steps"][0]


def count(made):
    return int(made.one("select count(*) from raw_shop.t")[0])


def sums(made):
    return [int(value) for value in made.one("select count(*), sum(id), sum(x) from raw_shop.t")]


def a_ledger(cases):
    for index in ("apache", "nginx", "python"):
        with FileServer() as server:
            server.index = index
            server.put("out/o_1.csv", "id,state\n1,new\n2,new\n", modified=1_700_000_000)
            server.put("out/o_2.csv.gz", gzip.compress(b"id,state\n3,new\n"))
            server.put("out/o 3 größe & 50%.csv", "id,state\n4,odd\n")
            server.put("out/o_0.csv", "")
            server.put("out/deeper/o_9.csv", "id,state\n9,hidden\n")
            server.put("out/.o_7.csv", "id,state\n7,hidden\n")
            server.put("other/o_8.csv", "id,state\n8,hidden\n")
            at = server.url + "/out"
            made = project(server, "  - { name: t, files: 'o*', structured: false, on_change: replace }\n", settings="")
            made.run("run")
            cases.check(f"{index}: files of the folder are rows, with their addresses", made.rows(ROWS),
                        [["1", "new", f"{at}/o_1.csv"], ["2", "new", f"{at}/o_1.csv"], ["3", "new", f"{at}/o_2.csv.gz"],
                         ["4", "odd", f"{at}/o 3 größe & 50%25.csv"]])
            before = sum(one["method"] == "GET" and not one["path"].endswith("/") for one in server.seen)
            cases.check(f"{index}: nothing new: nothing is read",
                        [step(made)["status"], sum(one["method"] == "GET" and not one["path"].endswith("/") for one in server.seen) - before], ["skipped", 0])
            server.put("out/o_1.csv", "id,state\n1,new\n2,new\n", modified=1_700_000_100)
            cases.check(f"{index}: written again with the same content: nothing is read", step(made)["status"], "skipped")
            server.put("out/o_4.csv", "id,state\n1,new\n2,new\n")
            made.run("run")
            cases.check(f"{index}: the same content under another name brings no rows", count(made), 4)
            server.put("out/o_1.csv", "id,state\n1,old\n2,old\n", modified=1_700_000_100)
            made.run("run")
            cases.check(f"{index}: other content of the same length and time is a change", made.rows(ROWS)[0][1], "old")
            del server.files["/out/o_2.csv.gz"]
            cases.check(f"{index}: a file that went away takes no rows with it", [made.run("run").returncode, count(made)], [0, 4])
            made.run("replay", "--file", f"{at}/o_2.csv.gz")
            made.run("run")
            cases.check(f"{index}: read again from the kept copy", count(made), 4)
            left = [name for _, _, names in os.walk(os.path.join(made.folder, ".leat", "spool")) for name in names]
            cases.check(f"{index}: no copy is left behind", left, [])
            text = made.run("doctor", expect=None).stdout
            cases.true(f"{index}: doctor finds nothing wrong with it", "SRC-" not in text and "IO-4" not in text, text)
            made.remove()


def pythons_own(cases):
    """A real one, of the standard library: HTTP/1.0, no ranges, no tags."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(os.path.join(folder, "out/2026"))
        for name, text in (("a b.csv", "id,x\n1,1\n"), ("2026/c.csv", "id,x\n2,2\n"), ("2026/empty.csv", "")):
            with open(os.path.join(folder, "out", name), "w", encoding="utf-8") as out:
                out.write(text)
        process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "-d", folder],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def answers():
            with socket.socket() as one:
                return one.connect_ex(("127.0.0.1", port)) == 0

        wait_for("the server", answers)
        try:
            at = f"http://127.0.0.1:{port}/out/"
            made = project(None, "  - { name: t, files: ['*.csv', '20*/*.csv'], structured: false }\n", path=at)
            made.run("run")
            cases.check("python -m http.server: files of a folder and of those in it", made.rows("select id, _source_file from raw_shop.t order by id"),
                        [["1", at + "a b.csv"], ["2", at + "2026/c.csv"]])
            cases.check("and they are known again", step(made)["status"], "skipped")
            made.remove()
        finally:
            process.terminate()
            process.wait(timeout=30)


def named(cases):
    """One address: nothing has to show a list of files."""
    with FileServer() as server:
        server.index = None
        server.put("out/orders.csv", "id\n1\n")
        server.put("out/export?day=2026-11-01&format=csv", "id\n2\n")
        made = project(server, TABLE.format("orders.csv"))
        made.run("run")
        cases.check("a file by its address", [count(made), step(made)["status"]], [1, "skipped"])
        server.put("out/orders.csv", "id\n1\n5\n")
        made.run("run")
        cases.check("and it is looked at again", count(made), 3)
        made.remove()
        made = project(server, TABLE.format("export?day=2026-11-01&format=csv"))
        made.run("run")
        cases.check("an address with a query", made.rows("select id, _source_file from raw_shop.t"), [["2", server.url + "/out/export?day=2026-11-01&format=csv"]])
        made.remove()
        made = project(server, TABLE.format("nowhere.csv"))
        cases.true("no such file", *failing(made, code="SRC-201", names=["/out/nowhere.csv"]))
        made.remove()
        made = project(server, TABLE.format("order?.csv"))
        cases.true("a question mark is part of an address", *failing(made, code="SRC-201", names=["question mark"]))
        made.remove()
        for index, status in ((None, "403"), ("other", "another page")):
            server.index = index
            made = project(server, TABLE.format("*.csv"))
            cases.true(f"a folder that shows no list ({status})", *failing(made, code="SRC-385", names=["/out/", status, "autoindex", "since"]))
            text = made.run("doctor", expect=None).stdout
            cases.true(f"and doctor says so ({status})", "SRC-385" in text, text)
            made.remove()
        made = project(server, TABLE.format("*.csv"), path=server.url + "/nowhere")
        cases.true("no such folder", *failing(made, code="SRC-385", names=["/nowhere/"]))
        made.remove()
        server.index = "nginx"
        made = project(server, TABLE.format("order.csv"))
        cases.true("a wrong name, and the nearest that the folder shows", *failing(made, code="SRC-201", names=["orders.csv"]))
        made.remove()


def periods(cases):
    with FileServer() as server:
        server.index = None
        for day in ("2026-11-18", "2026-11-19", "2026-11-21"):
            server.put(f"out/{day[:4]}/o_{day}.csv", f"id\n{day[-2:]}\n")
        made = project(server, "  - { name: t, files: '{yyyy}/o_{yyyy-MM-dd}.csv', structured: false }\n")
        cases.true("a pattern that names the year twice", *failing(made, code="SRC-206"))
        made.remove()
        table = "  - {{ name: t, files: '2026/o_{{yyyy-MM-dd}}.csv', structured: false, expect: {{ since: 2026-11-19, by: '06:00'{} }} }}\n"
        made = project(server, table.format(""))
        made.run("run", LEAT_CLOCK="2026-11-20T12:00:00Z")
        cases.check("addresses of the days since, and none before or to come", made.rows("select id from raw_shop.t"), [["19"]])
        cases.check("each was looked at", [server.count("HEAD", f"out/2026/o_2026-11-{day}.csv") for day in (18, 21)], [0, 0])
        done = made.run("run", expect=1, LEAT_CLOCK="2026-11-21T06:00:00Z")
        cases.true("one that is due and not there blocks the table", "RUN-542" in done.stdout + done.stderr and "2026-11-20" in done.stdout + done.stderr, done)
        server.put("out/2026/o_2026-11-20.csv", "id\n20\n")
        made.run("run", LEAT_CLOCK="2026-11-21T06:00:00Z")
        cases.check("it came late, and today's with it", made.rows("select id from raw_shop.t order by id"), [["19"], ["20"], ["21"]])
        server.head_status = 410
        cases.check("410 is not there, too", made.run("run", LEAT_CLOCK="2026-11-21T06:00:00Z").returncode, 0)
        server.head_status = None
        made.remove()
        made = project(server, "  - { name: t, files: 'o_{yyyy-MM-dd}_{HH}.csv', structured: false, expect: { count: 24, since: 2020-01-01 } }\n")
        cases.true("too many addresses to look at", *failing(made, code="SRC-386", names=["since"]))
        made.remove()
        made = project(server, "  - { name: t, files: '2026/o_{yyyy-MM-dd}.csv', structured: false }\n")
        cases.true("without a first day there is nothing to ask for", *failing(made, code="SRC-385", names=["since: 2026"]))
        server.index = "nginx"
        made.run("run")
        cases.check("but where the server shows its files", made.rows("select id from raw_shop.t order by id"), [["18"], ["19"], ["20"], ["21"]])
        made.remove()


def big(server, **switches):
    lines = "".join(f"{i},{i * 7919 % 1000003}\n" for i in range(400_000))
    server.put("out/big.csv", "id,x\n" + lines, modified=1_700_000_000)
    for name, value in switches.items():
        setattr(server, name, value)
    return [400_000, sum(range(400_000)), sum(i * 7919 % 1000003 for i in range(400_000))]


def wires(cases):
    path = "/out/big.csv"
    for name, switches, asks in (("ranges by tag", {}, True), ("ranges by time", {"tag": None}, True), ("ranges by time, a weak tag", {"tag": "weak"}, True),
                                 ("no ranges", {"ranges": False}, True), ("no version at all", {"tag": None, "modified": False}, False),
                                 ("in chunks", {"length": "chunked", "ranges": False}, True), ("HEAD is refused", {"head_status": 405}, True),
                                 ("HEAD is forbidden, no ranges", {"head_status": 403, "ranges": False}, True)):
        with FileServer() as server:
            expected = big(server, **switches)
            made = project(server, TABLE.format("big.csv"))
            made.run("plan")
            server.behave[path] = [("cut", 1_000_000), ("cut", 1_500_000), ("status", 503, {"Retry-After": "1"}), ("cut", 2_500_000)]
            if switches.get("head_status") or switches.get("length") or name == "no version at all":
                server.behave[path] = [("headers", {}), ("cut", 1_000_000), ("cut", 2_000_000), ("cut", 3_000_000)]
            made.run("run")
            cases.check(f"{name}: what is cut off goes on where it was", sums(made), expected)
            ranged = [one["headers"]["range"] for one in server.seen if one["headers"].get("range", "bytes=0-0") != "bytes=0-0"]
            cases.check(f"{name}: it went on by asking for a range", bool(ranged), asks)
            cases.true(f"{name}: nobody asks for packed content", all(one["headers"].get("accept-encoding") == "identity" for one in server.seen))
            cases.check(f"{name}: it is known again", step(made)["status"], "skipped")
            made.remove()

    with FileServer() as server:
        big(server, ranges=False)
        server.behave[path] = [("cut", 1_000_000)] * 9
        made = project(server, TABLE.format("big.csv"))
        cases.true("cut off again and again at the same place", *failing(made, code="IO-512"))
        made.remove()
    for name, switches, when in (("by its tag", {}, 1_700_000_000), ("by its time", {"tag": None}, 1_700_000_001),
                                 ("by its content", {"tag": None, "modified": False}, None)):
        with FileServer() as server:
            big(server, **switches)
            made = project(server, TABLE.format("big.csv"))
            # Another content of the same length, after a part of the first one came.
            other = server.files[path][0].replace(b"\n5,", b"\n7,").replace(b"\n399999,", b"\n399998,")
            looked = [("headers", {})] if name == "by its content" else []
            server.behave[path] = looked + [("cut", 1_000_000, lambda server=server, other=other, when=when: server.put("out/big.csv", other, modified=when))]
            cases.true(f"a file that is another one when it goes on is not taken ({name})", *failing(made, code="SRC-205", names=["big.csv"]))
            made.run("run")
            cases.check(f"it is the next time ({name})", count(made), 400_000)
            made.remove()
    with FileServer() as server:
        big(server)
        made = project(server, TABLE.format("big.csv"))
        server.behave[path] = [("silent", 1_000_000)]
        server.go_on.clear()
        made.run("run")
        cases.check("a server that says nothing is asked again", count(made), 400_000)
        made.remove()
        server.behave[path] = [("silent", 1_000_000)]
        made = project(server, TABLE.format("big.csv"))
        made.write({"connections.yml": f"connections:\n  partner: {{ type: csv, path: '{server.url}/out', http: {{ timeout: 60s }} }}\n"})
        before = server.count("GET", "out/big.csv")
        process = made.start("run")
        wait_for("the transfer to stand still", lambda: server.count("GET", "out/big.csv") > before or process.poll() is not None)
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        cases.true("a cancel ends it within 5 s", process.returncode == 130 and time.monotonic() - begin < 5, (process.returncode, time.monotonic() - begin))
        server.go_on.set()
        made.run("run")
        cases.check("the next run reads it", count(made), 400_000)
        made.remove()


def proofs(cases):
    content = b"id\n1\n2\n"
    packed = gzip.compress(content)

    def sums_of(data):
        return {"md5": base64.b64encode(hashlib.md5(data).digest()).decode(), "sha-256": base64.b64encode(hashlib.sha256(data).digest()).decode()}

    right, wrong = sums_of(content), sums_of(b"other")
    for name, headers, good in (("Content-MD5", {"Content-MD5": right["md5"]}, True), ("a wrong Content-MD5", {"Content-MD5": wrong["md5"]}, False),
                                ("Digest", {"Digest": f"SHA-256={right['sha-256']},md5={right['md5']}"}, True),
                                ("a wrong Digest", {"Digest": f"md5={right['md5']},SHA-256={wrong['sha-256']}"}, False),
                                ("Repr-Digest", {"Repr-Digest": f"sha-256=:{right['sha-256']}:"}, True),
                                ("a wrong Content-Digest", {"Content-Digest": f"sha-256=:{wrong['sha-256']}:"}, False),
                                ("an unknown one", {"Digest": "CRC32C=abc"}, True)):
        with FileServer() as server:
            server.put("out/a.csv", content)
            server.more_headers["/out/a.csv"] = headers
            made = project(server, TABLE.format("a.csv"))
            if good:
                made.run("run")
                cases.check(name, count(made), 2)
            else:
                cases.true(name, *failing(made, code="IO-424", names=["a.csv"]))
            made.remove()
    with FileServer() as server:
        server.put("out/a.csv", content)
        made = project(server, TABLE.format("a.csv"))
        server.ranges = False
        server.more_headers["/out/a.csv"] = {"Content-Length": "100"}
        cases.true("shorter than its server says", *failing(made, code="IO-512", names=["127.0.0.1"]))
        server.more_headers["/out/a.csv"] = {}
        server.behave["/out/a.csv"] = [("headers", {"Content-Length": "100"})]
        cases.true("another length than it was looked at with", *failing(made, code="SRC-205"))
        server.length, server.head_status = "none", 405
        cases.true("nothing shows where it ends", *failing(made, code="IO-423", names=["Content-Length"]))
        server.head_status = None
        server.length = "length"
        server.behave["/out/a.csv"] = []
        made.run("run")
        cases.check("and all of it", count(made), 2)
        made.remove()
        server.put("out/p.csv.gz", packed)
        server.more_headers["/out/p.csv.gz"] = {"Content-Encoding": "x-gzip"}
        server.put("out/q.csv", packed)
        server.more_headers["/out/q.csv"] = {"Content-Encoding": "gzip"}
        made = project(server, "  - { name: t, files: ['p.csv.gz', 'q.csv'], structured: false, on_duplicate: load }\n")
        made.run("run")
        cases.check("a packed file is unpacked once, whatever its server calls that", count(made), 4)
        made.remove()


def who_is_there(cases):
    os.environ["PARTNER_SECRET"] = "open sesame"
    basic = "Basic " + base64.b64encode(b"leat:open sesame").decode()
    for name, login, http in (("basic", ("Authorization", basic), ", auth: { type: basic, user: leat, password: '${env:PARTNER_SECRET}' }"),
                              ("bearer", ("Authorization", "Bearer open sesame"), ", auth: { type: bearer, token: '${env:PARTNER_SECRET}' }"),
                              ("an API key", ("X-Api-Key", "open sesame"), ", auth: { type: api_key, name: X-Api-Key, key: '${env:PARTNER_SECRET}' }"),
                              ("a header", ("X-Tenant", "7"), ", headers: { X-Tenant: '7' }")):
        with FileServer() as server, FileServer() as other:
            server.login = login
            server.put("out/a.csv", "id\n1\n")
            server.put("out/b.csv", "id\n2\n")
            server.moved["/out/c.csv"] = other.url + "/store/c.csv?signed=1"
            server.files["/out/c.csv"] = (b"", 1)
            other.put("store/c.csv?signed=1", "id\n3\n")
            made = project(server, TABLE.format("*.csv"), http=http)
            made.run("run")
            cases.check(f"{name}: who may read", made.rows("select id, _source_file from raw_shop.t order by id"),
                        [["1", server.url + "/out/a.csv"], ["2", server.url + "/out/b.csv"], ["3", server.url + "/out/c.csv"]])
            told = [one["headers"] for one in other.seen if any("sesame" in value or value == basic for value in one["headers"].values()) or "x-tenant" in one["headers"]]
            cases.check(f"{name}: no key goes where a redirect leads", [told, len(other.seen) > 0], [[], True])
            made.remove()
            made = project(server, TABLE.format("a.csv"))
            held, text = failing(made, code="IO-421", names=["a.csv", "401", "auth"])
            cases.true(f"{name}: who may not", held and "sesame" not in text, text)
            text = made.run("doctor", expect=None).stdout
            cases.true(f"{name}: doctor says so", "IO-421" in text, text)
            made.remove()
    with FileServer() as server:
        server.put("out/a.csv", "id\n1\n")
        server.moved["/out/a.csv"] = "/out/b.csv"
        server.moved["/out/b.csv"] = "/out/a.csv"
        made = project(server, TABLE.format("a.csv"))
        cases.true("redirects without an end", *failing(made, code="IO-420", names=["redirects"]))
        made.remove()
        made = project(server, "  - { name: t, files: 'http://127.0.0.1:9/x.csv', structured: false }\n")
        cases.true("a file of another server", *failing(made, code="SRC-381", names=["127.0.0.1:9"]))
        made.remove()
        made = project(server, TABLE.format("a.csv"), path=f"http://127.0.0.1:{free_port()}/x")
        cases.true("no server", *failing(made, code="IO-511"))
        made.remove()
        server.moved = {}
        server.behave["/out/a.csv"] = []
        server.down = 500
        made = project(server, TABLE.format("a.csv"))
        cases.true("a server that is out of order", *failing(made, code="IO-422", names=["500"]))
        server.down = None
        made.run("run")
        cases.check("and the run after it", count(made), 1)
        made.remove()


def limits(cases):
    with FileServer() as server:
        for i in range(300):
            server.put(f"out/p_{i:03}.csv", f"id\n{i}\n")
        made = project(server, TABLE.format("p_*.csv"), connection="    budget: { connections: 2 }\n")
        made.run("run")
        cases.check("many files, each once", made.one("select count(*), sum(id) from raw_shop.t"), ["300", str(sum(range(300)))])
        cases.true(f"never more requests at once than the budget has ({server.most_at_once})", server.most_at_once <= 2)
        asked = len(server.seen)
        cost = made.one("select sum(calls) from leat.source_cost")
        cases.check("each request is a call", int(cost[0]) >= 300 and int(cost[0]) <= asked, True)
        made.remove()
        made = project(server, TABLE.format("p_00*.csv"), settings="")
        process = made.start("watch", "--every", "1s", "--runs", "2")
        wait_for("the first files", lambda: process.poll() is not None or made.run("sql", "-c", "select 1 from raw_shop.t", expect=None).returncode == 0)
        server.put("out/p_00x.csv", "id\n1000\n")
        process.communicate(timeout=120)
        cases.check("leat watch finds what came by looking", [process.returncode, count(made)], [0, 11])
        made.remove()
    with FileServer() as server:
        server.put("out/a.csv", "id\n1\n")
        for name, more in (("move", "after_load: move, move_to: done"), ("delete", "after_load: delete"), ("a lock", "lock: .lock")):
            made = project(server, f"  - {{ name: t, files: 'a.csv', structured: false, {more} }}\n", settings="")
            cases.true(f"{name} is refused", *failing(made, code="RUN-551", names=["127.0.0.1"]))
            made.remove()


def formats(cases):
    import fastavro
    import io
    import openpyxl
    import pyarrow
    from pyarrow import orc, parquet
    table = pyarrow.table({"id": pyarrow.array([1, 2], pyarrow.int64())})
    files = {"jsonl": b'{"id":1}\n{"id":2}\n', "json": b'[{"id":1},{"id":2}]', "xml": b"<r><i><id>1</id></i><i><id>2</id></i></r>"}
    for kind, write in (("parquet", parquet.write_table), ("orc", orc.write_table)):
        out = pyarrow.BufferOutputStream()
        write(table, out)
        files[kind] = out.getvalue().to_pybytes()
    out = io.BytesIO()
    fastavro.writer(out, {"type": "record", "name": "r", "fields": [{"name": "id", "type": "long"}]}, [{"id": 1}, {"id": 2}])
    files["avro"] = out.getvalue()
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in (["id"], [1], [2]):
        book.active.append(row)
    book.save(out)
    files["xlsx"] = out.getvalue()
    for kind, content in files.items():
        with FileServer() as server:
            server.put("out/f." + kind, content)
            made = project(server, TABLE.format("f." + kind), kind=kind)
            made.run("run")
            cases.check(f"{kind} files", made.one("select count(*), sum(id) from raw_shop.t"), ["2", "3"])
            made.remove()


def main():
    cases = Cases()
    only = os.environ.get("ONLY", "")
    for part in (a_ledger, pythons_own, named, periods, wires, proofs, who_is_there, limits, formats):
        if only in part.__name__:
            part(cases)
    cases.finish()


main()
