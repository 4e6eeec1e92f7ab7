#!/usr/bin/env python3
"""Files of an object store (a real one): listed, told apart, fetched and read as those of a folder are.

usage: object_files.py LEAT [DATA_FOLDER]
"""
import datetime
import gzip
import io
import os
import sys
import zipfile

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "support"))
import fastavro  # noqa: E402
import openpyxl  # noqa: E402
import pyarrow  # noqa: E402
from pyarrow import orc, parquet  # noqa: E402
from pyarrow.fs import FileSelector, S3FileSystem  # noqa: E402
from leat_project import Cases, Project  # noqa: E402
from s3_server import S3Server  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])


class Bucket:
    def __init__(self, store, name):
        self.name = name
        store.make_bucket(name)
        self.client = S3FileSystem(access_key=store.key, secret_key=store.secret, endpoint_override=store.url, region="us-east-1")

    def put(self, key, content):
        with self.client.open_output_stream(f"{self.name}/{key}") as out:
            out.write(content if isinstance(content, bytes) else content.encode())

    def keys(self):
        found = self.client.get_file_info(FileSelector(self.name, recursive=True))
        return sorted(one.path[len(self.name) + 1:] for one in found if one.is_file)

    def remove(self, key):
        self.client.delete_file(f"{self.name}/{key}")


def project(store, bucket, tables, *, kind="csv", connection="", settings="", endpoint=None, key=None):
    made = Project(LEAT)
    made.write({"leat.yml": "version: 1\nname: shop\n" + settings,
                "connections.yml": f"connections:\n  inbound:\n    type: {kind}\n    path: s3://{bucket.name}/in\n{connection}"
                                   f"    storage: {{ endpoint: '{endpoint or store.url}', access_key_id: '{key or store.key}', "
                                   "secret_access_key: '${env:STORE_SECRET}' }\n",
                "sources/shop.yml": "connection: inbound\ntables:\n" + tables})
    return made


def failing(made, *, code, names):
    done = made.run("run", expect=None)
    text = done.stdout + done.stderr
    return done.returncode != 0 and code in text and all(name in text for name in names), text


def step(made, *arguments):
    return made.json("run", *arguments)["steps"][0]


def a_ledger(cases, store):
    bucket = Bucket(store, "ledger")
    bucket.put("in/o_1.csv", "id,state\n1,new\n2,new\n")
    bucket.put("in/o_2.csv.gz", gzip.compress(b"id,state\n3,new\n"))
    bucket.put("in/deeper/o_9.csv", "id,state\n9,hidden\n")
    bucket.put("other/o_8.csv", "id,state\n8,hidden\n")
    made = project(store, bucket, "  - { name: orders, files: 'o_*', structured: false, on_change: replace }\n")
    made.run("run")
    rows = "select id, state, _source_file from raw_shop.orders order by id"
    cases.check("objects below the prefix are rows, with their addresses", made.rows(rows),
                [["1", "new", "s3://ledger/in/o_1.csv"], ["2", "new", "s3://ledger/in/o_1.csv"], ["3", "new", "s3://ledger/in/o_2.csv.gz"]])
    cases.check("nothing new: nothing is read", step(made)["status"], "skipped")
    bucket.put("in/o_1.csv", "id,state\n1,new\n2,new\n")
    cases.check("put again with the same content: nothing is read", step(made)["status"], "skipped")
    bucket.put("in/o_3.csv", "id,state\n1,new\n2,new\n")
    made.run("run")
    cases.check("the same content under another name brings no rows", made.one("select count(*) from raw_shop.orders"), ["3"])
    bucket.put("in/o_1.csv", "id,state\n1,paid\n2,paid\n4,new\n")
    made.run("run")
    cases.check("a replaced object replaces its rows", made.rows("select id, state from raw_shop.orders order by id"),
                [["1", "paid"], ["2", "paid"], ["3", "new"], ["4", "new"]])
    bucket.remove("in/o_2.csv.gz")
    cases.check("an object that went away takes no rows with it", [made.run("run").returncode, made.one("select count(*) from raw_shop.orders")], [0, ["4"]])
    made.run("replay", "--file", "s3://ledger/in/o_2.csv.gz")
    made.run("run")
    cases.check("read again from the archive", made.one("select count(*) from raw_shop.orders"), ["4"])
    left = [name for _, _, names in os.walk(os.path.join(made.folder, ".leat", "spool")) for name in names]
    cases.check("no copy is left behind", left, [])
    made.remove()


def formats(cases, store):
    bucket = Bucket(store, "formats")
    bucket.put("in/a.jsonl", '{"id": 1, "x": 1.10}\n{"id": 2, "x": 2.20}\n')
    made = project(store, bucket, "  - { name: t, files: '*.jsonl', structured: false }\n", kind="jsonl")
    made.run("run")
    cases.check("lines of JSON", made.rows("select id, x from raw_shop.t order by id"), [["1", "1.10"], ["2", "2.20"]])
    made.remove()
    parquet.write_table(pyarrow.table({"id": [7], "day": [datetime.date(2026, 1, 2)]}), f"{bucket.name}/in/t.parquet", filesystem=bucket.client)
    made = project(store, bucket, "  - { name: t, files: '*.parquet', structured: false }\n", kind="parquet")
    made.run("run")
    cases.check("Parquet", made.rows("select id, day from raw_shop.t"), [["7", "2026-01-02"]])
    made.remove()
    lines = io.BytesIO()
    fastavro.writer(lines, {"type": "record", "name": "r", "fields": [{"name": "id", "type": "long"}]}, [{"id": 8}], codec="deflate")
    bucket.put("in/t.avro", lines.getvalue())
    made = project(store, bucket, "  - { name: t, files: '*.avro', structured: false }\n", kind="avro")
    made.run("run")
    cases.check("Avro", made.rows("select id, _source_file from raw_shop.t"), [["8", "s3://formats/in/t.avro"]])
    made.remove()
    orc.write_table(pyarrow.table({"id": [11]}), saved := io.BytesIO())
    bucket.put("in/t.orc", saved.getvalue())
    made = project(store, bucket, "  - { name: t, files: '*.orc', structured: false }\n", kind="orc")
    made.run("run")
    cases.check("ORC", made.rows("select id, _source_file from raw_shop.t"), [["11", "s3://formats/in/t.orc"]])
    made.remove()
    bucket.put("in/t.xml", "<r><i id='9'><price>1.50</price></i></r>")
    made = project(store, bucket, "  - { name: t, files: '*.xml', structured: false }\n", kind="xml")
    made.run("run")
    cases.check("XML", made.rows('select "@id", price, _source_file from raw_shop.t'), [["9", "1.50", "s3://formats/in/t.xml"]])
    made.remove()
    book, saved = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["id"])
    book.active.append([10])
    book.save(saved)
    bucket.put("in/t.xlsx", saved.getvalue())
    made = project(store, bucket, "  - { name: t, files: '*.xlsx', structured: false }\n", kind="xlsx")
    made.run("run")
    cases.check("workbooks", made.rows("select id, _source_file from raw_shop.t"), [["10", "s3://formats/in/t.xlsx"]])
    made.remove()
    archive = os.path.join(store.folder, "two.zip")
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("a.csv", "id\n1\n")
        out.writestr("b.csv", "id\n2\n")
    with open(archive, "rb") as packed:
        bucket.put("in/two.zip", packed.read())
    made = project(store, bucket, "  - { name: t, files: '*.zip', structured: false }\n")
    made.run("run")
    cases.check("members of an archive", made.rows("select id, _source_file from raw_shop.t order by id"),
                [["1", "s3://formats/in/two.zip!a.csv"], ["2", "s3://formats/in/two.zip!b.csv"]])
    made.remove()


def many(cases, store):
    bucket = Bucket(store, "many")
    for i in range(1203):
        bucket.put(f"in/p_{i:05}.csv", f"id\n{i}\n")
    made = project(store, bucket, "  - { name: t, files: ['p_*.csv', 'p_0000*.csv'], structured: false }\n", settings="archive: false\n")
    made.run("run")
    cases.check("more objects than a page of a listing, each once", made.one("select count(*), sum(id) from raw_shop.t"), ["1203", str(sum(range(1203)))])
    bucket.put("in/p_99999.csv", "id\n50005\n")
    done = step(made)
    cases.check("one more is one file", [done["status"], made.one("select count(*) from raw_shop.t")], ["success", ["1204"]])
    made.run("replay", "--file", "s3://many/in/p_99999.csv")
    made.run("run")
    cases.check("read again from the store, where nothing is kept", made.one("select count(*), count(*) filter (id = 50005) from raw_shop.t"), ["1204", "1"])
    made.remove()


def arrival(cases, store):
    bucket = Bucket(store, "arrival")
    bucket.put("in/d_2026-11-01.csv", "id\n1\n")
    bucket.put("in/d_2026-11-02.csv", "id\n2\n")
    bucket.put("in/d_2026-11-01.csv.ok", "")
    made = project(store, bucket, "  - { name: t, files: 'd_{yyyy-MM-dd}.csv', structured: false, done_file: '{name}.ok' }\n")
    made.run("run")
    cases.check("without its marker an object waits", made.rows("select id from raw_shop.t"), [["1"]])
    bucket.put("in/d_2026-11-02.csv.ok", "")
    made.run("run")
    cases.check("with it, it is read", made.rows("select id from raw_shop.t order by id"), [["1"], ["2"]])
    made.remove()
    made = project(store, bucket, "  - name: t\n    files: 'd_{yyyy-MM-dd}.csv'\n    structured: false\n"
                                  "    expect: { every: day, manifest: 'm_{yyyy-MM-dd}.txt', since: 2026-11-02 }\n")
    bucket.put("in/m_2026-11-02.txt", "d_2026-11-02.csv\nmore_2026-11-02.csv\n")
    text = made.run("plan").stdout
    cases.true("a manifest in the store names what is missing", "more_2026-11-02.csv" in text, text)
    made.remove()
    made = project(store, bucket, "  - { name: t, files: 'd_*.csv', structured: false, settle: 1h }\n")
    made.run("run")
    cases.check("what was put just now settles first", made.run("sql", "-c", "select count(*) from raw_shop.t", expect=None).stdout.count("2"), 0)
    made.remove()


def clean_up(cases, store):
    bucket = Bucket(store, "cleaned")
    one = "  - { name: t, files: ['o_*.csv', '*/*.csv'], structured: false, after_load: move, move_to: 's3://cleaned/in/done/', done_file: '{name}.ok' }\n"
    made = project(store, bucket, one)
    count = lambda: made.one("select count(*) from raw_shop.t")[0]  # noqa: E731
    for key in ("in/o_1.csv", "in/sub/o_2.csv"):
        bucket.put(key, f"id\n{key[-5]}\n")
        bucket.put(key + ".ok", "")
    bucket.put("in/o_3.csv", "id\n3\n")
    made.run("run", expect=None, LEAT_FAULT="run.published=crash")
    cases.check("killed before it: all is where it was", len(bucket.keys()), 5)
    made.run("run", expect=None, LEAT_FAULT="files.aside=crash")
    cases.check("killed between copy and removal: both are there", [key for key in bucket.keys() if "o_1.csv" in key],
                ["in/done/o_1.csv", "in/o_1.csv", "in/o_1.csv.ok"])
    reason = step(made)["reason"]
    cases.check("the next run sees to it, each once, and with its marker", bucket.keys(), ["in/done/o_1.csv", "in/done/sub/o_2.csv", "in/o_3.csv"])
    cases.true("and says so", "2 files moved to s3://cleaned/in/done/" in reason, reason)
    bucket.put("in/o_1.csv", "id\n11\n")
    bucket.put("in/o_1.csv.ok", "")
    made.run("run")
    cases.check("the same name again stands beside it", [bucket.keys(), count()],
                [["in/done/o_1.csv", "in/done/o_1~2.csv", "in/done/sub/o_2.csv", "in/o_3.csv"], "3"])
    bucket.put("in/o_3.csv.ok", "")
    process, go = made.paused("files.aside", "run", "--output", "json")
    bucket.put("in/o_3.csv", "id\n3\n33\n")
    bucket.put("in/o_3.csv.ok", "")
    go()
    out, _ = process.communicate(timeout=120)
    cases.true("what is put while it is copied stays", "it changed since it was loaded" in out and "in/o_3.csv" in bucket.keys(), out)
    made.run("run")
    cases.check("and is read by the next run", [count(), [key for key in bucket.keys() if "o_3" in key]], ["6", ["in/done/o_3.csv", "in/done/o_3~2.csv"]])
    made.remove()

    kept = Bucket(store, "deleted")
    kept.put("in/o_1.csv", "id\n1\n")
    made = project(store, kept, "  - { name: t, files: 'o_*.csv', structured: false, after_load: delete }\n"
                                "  - { name: slow, files: 'o_2*.csv', structured: false }\n")
    made.run("run", "--select", "source:shop.t")
    cases.check("deleted, since a copy is kept", kept.keys(), [])
    kept.put("in/o_2.csv", "id\n2\n")
    reason = step(made, "--select", "source:shop.t")["reason"]
    cases.true("what another table has yet to read stays", "has not loaded it yet" in reason and kept.keys() == ["in/o_2.csv"], reason)
    made.run("run")
    cases.check("until it has", kept.keys(), [])
    made.run("replay", "--file", "s3://deleted/in/o_1.csv")
    cases.check("read again from the kept copy", made.one("select count(*) from raw_shop.t"), ["2"])
    made.remove()

    away = Bucket(store, "away")
    Bucket(store, "aside")
    away.put("in/o_1.csv", "id\n1\n")
    made = project(store, away, "  - { name: t, files: 'o_*.csv', structured: false, on_change: replace, after_load: move, move_to: 's3://aside/o' }\n", settings="archive: false\n")
    made.run("run")
    cases.check("into another bucket", away.keys(), [])
    made.run("replay", "--file", "s3://away/in/o_1.csv")
    cases.check("read again from where it was moved to", step(made)["status"] in ("skipped", "success") and made.rows("select id, _source_file from raw_shop.t"),
                [["1", "s3://away/in/o_1.csv"]])
    away.put("in/o_1.csv", "id\n2\n")
    made.run("run")
    made.run("replay", "--file", "s3://away/in/o_1.csv")
    cases.check("of two that had the name, the one that was loaded last", made.rows("select id from raw_shop.t"), [["2"]])
    made.remove()


def errors(cases, store):
    bucket = Bucket(store, "errors")
    bucket.put("in/orders.csv", "id\n1\n")
    table = "  - { name: t, files: 'order.csv', structured: false }\n"
    made = project(store, bucket, table)
    cases.true("no such object, and the nearest name", *failing(made, code="SRC-201", names=["s3://errors/in/order.csv", "orders.csv"]))
    made.remove()
    made = project(store, type("B", (), {"name": "nowhere"}), table)
    cases.true("no such bucket", *failing(made, code="IO-526", names=["nowhere"]))
    made.remove()
    made = project(store, bucket, table, key="somebody")
    cases.true("a key that the store does not know", *failing(made, code="IO-52", names=["errors"]))
    made.remove()
    made = project(store, bucket, table, endpoint="http://127.0.0.1:9")
    made.write({"sources/shop.yml": "connection: inbound\ntables:\n  - { name: t, files: '*.csv', structured: false, lock: .lock }\n"})
    cases.true("what goes with folders only", *failing(made, code="RUN-551", names=["lock", "s3://errors/in"]))
    made.write({"sources/shop.yml": "connection: inbound\ntables:\n  - { name: t, files: '*.csv', structured: false, after_load: move, move_to: done }\n"})
    cases.true("a place that objects cannot be moved to", *failing(made, code="RUN-551", names=["after_load", "s3://errors/in/done"]))
    done = made.run("check", expect=None)
    cases.true("the configuration alone asks nobody", done.returncode == 0, done.stdout + done.stderr)
    made.remove()


def main():
    cases = Cases()
    with S3Server() as store:
        os.environ["STORE_SECRET"] = store.secret
        for part in (a_ledger, formats, many, arrival, clean_up, errors):
            part(cases, store)
    cases.finish()


main()
