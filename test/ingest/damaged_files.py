#!/usr/bin/env python3
"""A corpus of damaged files of every format and packing: each is a sound file, written here, with bytes changed, cut out or cut off, the same in
every run. A file is loaded, or rejected with its reason; never a crash, never a half of it, and the ledger is balanced.

usage: damaged_files.py LEAT [DATA_FOLDER]   (LEAT_SEED, LEAT_COPIES: other damage, more of it)
"""
import bz2
import gzip
import io
import json
import lzma
import os
import random
import subprocess
import sys
import zipfile

import fastavro
import openpyxl
import pyarrow as pa
import pyarrow.orc as orc
import pyarrow.parquet as parquet

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from leat_project import Cases, Project  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])
SEED, COPIES = int(os.environ.get("LEAT_SEED", "1")), int(os.environ.get("LEAT_COPIES", "60"))
ROWS = [{"id": i, "s": f"text {i % 7}", "x": i * 1.5} for i in range(300)]
TABLE = pa.Table.from_pylist(ROWS)
CSV = ("id,s,x\n" + "".join(f'{row["id"]},"{row["s"]}",{row["x"]}\n' for row in ROWS)).encode()
LINES = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
XML = ("<f>" + "".join(f'<i><id>{row["id"]}</id><s>{row["s"]}</s><x>{row["x"]}</x></i>' for row in ROWS) + "</f>").encode()


def written(write):
    out = io.BytesIO()
    write(out)
    return out.getvalue()


def zipped(name, content):
    def write(out):
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
    return written(write)


def workbook(out):
    book = openpyxl.Workbook()
    book.active.append(["id", "s", "x"])
    for row in ROWS:
        book.active.append(list(row.values()))
    book.save(out)


def avro(codec):
    fields = [{"name": name, "type": kind} for name, kind in (("id", "long"), ("s", "string"), ("x", "double"))]
    return written(lambda out: fastavro.writer(out, {"type": "record", "name": "r", "fields": fields}, ROWS, codec=codec))


def zstd(content):
    return subprocess.run(["zstd", "-c", "-q", "--check"], input=content, stdout=subprocess.PIPE, check=True).stdout


# name: the source, the ending of its files, a sound file; whether damage anywhere must show (the packing has a checksum)
CORPUS = {
    "csv": ("csv", "csv", CSV, False), "csv in gzip": ("csv", "csv.gz", gzip.compress(CSV), True),
    "csv in bzip2": ("csv", "csv.bz2", bz2.compress(CSV), True), "csv in xz": ("csv", "csv.xz", lzma.compress(CSV), True),
    "csv in zstd": ("csv", "csv.zst", zstd(CSV), True), "csv in zip": ("csv", "zip", zipped("a.csv", CSV), True),
    "jsonl": ("jsonl", "jsonl", LINES, False), "jsonl in zstd": ("jsonl", "jsonl.zst", zstd(LINES), True),
    "json": ("json", "json", json.dumps(ROWS).encode(), False), "json in gzip": ("json", "json.gz", gzip.compress(json.dumps(ROWS).encode()), True),
    "xml": ("xml", "xml", XML, False), "xml in gzip": ("xml", "xml.gz", gzip.compress(XML), True),
    "xlsx": ("xlsx", "xlsx", written(workbook), False),
    "avro": ("avro", "avro", avro("null"), False), "avro in deflate": ("avro", "avro", avro("deflate"), False),
    "orc": ("orc", "orc", written(lambda out: orc.write_table(TABLE, out, compression="zlib")), False),
    "parquet in snappy": ("parquet", "parquet", written(lambda out: parquet.write_table(TABLE, out)), False),
    "parquet in zstd": ("parquet", "parquet", written(lambda out: parquet.write_table(TABLE, out, compression="zstd")), False),
}


def damaged(rng, good):
    content, how = bytearray(good), rng.random()
    if how < 0.25:
        return content[:rng.randrange(len(content))]
    if how < 0.35:
        at = rng.randrange(len(content))
        del content[at:at + rng.randrange(1, 20)]
        return content
    for _ in range(rng.choice([1, 1, 2, 5])):
        content[rng.randrange(len(content))] ^= rng.randrange(1, 256)
    return content


def run(cases, name):
    kind, ending, good, checked = CORPUS[name]
    rng = random.Random(f"{SEED} {name}")
    made = Project(LEAT)
    made.write({"leat.yml": "version: 1\nname: damaged\ndefaults: { max_reject: 100% }\n",
                "connections.yml": f"connections:\n  drop: {{ type: {kind}, path: in, on_bad_file: skip }}\n",
                "sources/drop.yml": "connection: drop\ntables:\n  - { name: t, files: '*', structured: false, on_duplicate: load, drift: freeze }\n",
                "in/.keep": ""})
    os.remove(os.path.join(made.folder, "in/.keep"))

    def put(file, content):
        with open(os.path.join(made.folder, "in", f"{file}.{ending}"), "wb") as out:
            out.write(content)

    put("good", good)
    made.run("run")
    cases.check(f"{name}: the sound file", made.one("select count(*), sum(id), sum(x) from raw_drop.t"), ["300", "44850", "67275.0"])
    for number in range(COPIES):
        put(f"damaged_{number:03}", damaged(rng, good))
    done = made.run("run", "--output", "json", expect=None)
    cases.true(f"{name}: no crash, and the run ends well", done.returncode == 0 and "RUN-999" not in done.stdout, f"{made.folder}\n{done.stdout[-3000:]}{done.stderr[-2000:]}")
    if done.returncode != 0:
        return
    step = json.loads(done.stdout)["steps"][0]
    cases.check(f"{name}: every row is accounted for", step["rows_in"], step["rows_out"] + step["rows_rejected"] + step["rows_filtered"])
    cases.true(f"{name}: damage is found", step["rows_rejected"] >= COPIES // 4, str(step))
    cases.check(f"{name}: each rejected one has its reason and its file", made.one(
        "select count(*) from leat.rejected where coalesce(message, '') = '' or origin not like '%in/%'"), ["0"])
    cases.check(f"{name}: no file is both loaded and rejected as a whole", made.one(
        "select count(*) from leat.rejected where reason_code = 'file' and origin in (select split_part(_source_file, '!', 1) from raw_drop.t)"), ["0"])
    if checked:
        cases.check(f"{name}: what was loaded is what was packed", made.rows(
            "select distinct count(*), sum(id), count(distinct s), sum(x) from raw_drop.t group by _source_file"), [["300", "44850", "7", "67275.0"]])
    made.remove()


def main():
    cases = Cases()
    for name in CORPUS:
        run(cases, name)
    cases.finish()


if __name__ == "__main__":
    main()
