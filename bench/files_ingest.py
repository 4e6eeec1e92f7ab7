#!/usr/bin/env python3
"""1 GB of ndjson, of csv packed with gzip and of Avro to a published raw Iceberg table, against plain DuckDB COPY -> parquet with the same
compression in the same run. Leat's side does more: every value is cast without loss, counted, archived and published.

usage: bench/files_ingest.py LEAT EXTENSIONS WORK_FOLDER [ROWS]      (needs the Python package duckdb 1.5.5; EXTENSIONS: the folder of
avro.duckdb_extension)
"""
import os
import shutil
import sys

import duckdb

import measure
from csv_ingest import ROUNDS, make_csv, timed

CSV_ROWS, JSON_ROWS, AVRO_ROWS = 8_000_000, 4_000_000, 8_000_000
PLAIN = """
import sys, duckdb
db = duckdb.connect(config={"allow_unsigned_extensions": "true"})
db.execute("set memory_limit = '1GB'")
table = f"'{sys.argv[1]}'"
if sys.argv[1].endswith(".avro"):
    db.execute(f"load '{sys.argv[3]}/avro.duckdb_extension'")
    table = f"read_avro({table})"
db.execute(f"copy (from {table}) to '{sys.argv[2]}' (format parquet, compression zstd, compression_level 1, per_thread_output true)")
"""


def make_inputs(work, extensions, rows):
    """(type of source, file, what it is, its rows) of each format."""
    csv_rows, json_rows, avro_rows = rows or CSV_ROWS, rows or JSON_ROWS, rows or AVRO_ROWS
    csv, packed, ndjson, avro = (os.path.join(work, name) for name in
                                 (f"orders_{csv_rows}.csv", f"orders_{csv_rows}.csv.gz", f"orders_{json_rows}.ndjson", f"orders_{avro_rows}.avro"))
    make_csv(csv, csv_rows)
    db = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    db.execute(f"load '{extensions}/avro.duckdb_extension'")
    if not os.path.exists(packed):
        db.execute(f"copy (from read_csv('{csv}', all_varchar = true)) to '{packed}' (format csv, header, compression gzip)")
    if not os.path.exists(ndjson):
        db.execute(f"copy (from '{csv}' limit {json_rows}) to '{ndjson}' (format json)")
    if not os.path.exists(avro):
        db.execute(f"copy (from '{csv}' limit {avro_rows}) to '{avro}' (format avro)")
    size = os.path.getsize
    return [("jsonl", ndjson, f"{size(ndjson) / 1e9:.2f} GB of ndjson, {json_rows:,} rows", json_rows),
            ("csv", packed, f"{size(csv) / 1e9:.2f} GB of csv in {size(packed) / 1e9:.2f} GB of gzip, {csv_rows:,} rows", csv_rows),
            ("avro", avro, f"{size(avro) / 1e9:.2f} GB of Avro, {avro_rows:,} rows", avro_rows)]


def main():
    leat, extensions, work = (os.path.abspath(word) for word in sys.argv[1:4])
    folder = os.path.join(work, "files_ingest")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    plain_script = os.path.join(folder, "plain.py")
    measure.write(plain_script, PLAIN)
    figures = measure.Figures("files of 1 GB to a published raw table")
    for kind, source, what, rows in make_inputs(work, extensions, int(sys.argv[4]) if len(sys.argv) > 4 else 0):
        incoming = os.path.join(folder, kind, os.path.basename(source))
        os.makedirs(os.path.dirname(incoming))
        os.link(source, incoming)
        plain, ours = [], []
        for round_number in range(ROUNDS):
            out = os.path.join(folder, "plain")
            plain.append(timed([sys.executable, plain_script, source, out, extensions], folder))
            shutil.rmtree(out)
            project = os.path.join(folder, "project")
            measure.write(f"{project}/leat.yml", "version: 1\nname: ingest\nmemory_limit: 700MB\n")
            measure.write(f"{project}/connections.yml", f"connections:\n  inbound: {{ type: {kind}, path: {os.path.dirname(incoming)} }}\n")
            measure.write(f"{project}/sources/shop.yml", "connection: inbound\ntables:\n"
                          f"  - {{ name: orders, files: {os.path.basename(source)}, structured: false }}\n")
            ours.append(timed([leat, "run"], project))
            if round_number == 0:
                expected = (rows, rows * (rows - 1) // 2)  # order_id counts from 0
                got = measure.rows(leat, project, "select count(*), sum(order_id) from raw_shop.orders")[0]
                figures.add(f"{what}: rows", " ".join(got), " ".join(str(one) for one in expected))
            shutil.rmtree(project)
        best_plain, best_ours = min(plain), min(ours)
        figures.add("plain DuckDB COPY", f"{best_plain[0]:.2f} s, {best_plain[1]:.2f} s CPU, {best_plain[2]:.0f} MB")
        figures.add("leat run", f"{best_ours[0]:.2f} s, {best_ours[1]:.2f} s CPU, {best_ours[2]:.0f} MB", "below 1,000 MB")
        figures.add("DuckDB's time / ours", f"{best_plain[0] / best_ours[0]:.2f}", "at least 0.85")
    figures.table()


if __name__ == "__main__":
    main()
