#!/usr/bin/env python3
"""A 1 GB csv of 8 M rows to a published raw Iceberg table, against plain DuckDB COPY csv -> parquet with the same compression
in the same run. Leat's side does more: every value is cast without loss, counted, archived and published; amounts are DECIMAL.

usage: bench/csv_ingest.py LEAT WORK_FOLDER [ROWS]      (needs the Python package duckdb 1.5.5)
"""
import os
import shutil
import subprocess
import sys
import time

import duckdb

import measure

ROWS = 8_000_000
ROUNDS = 3
PLAIN = """
import sys, duckdb
db = duckdb.connect()
db.execute("set memory_limit = '1GB'")
db.execute(f"copy (from '{sys.argv[1]}') to '{sys.argv[2]}' (format parquet, compression zstd, compression_level 1, per_thread_output true)")
"""


def make_csv(path, rows):
    if os.path.exists(path):
        return
    duckdb.connect().execute(f"""copy (select i as order_id, (hash(i) % 1000000)::bigint as customer_id,
      date '2020-01-01' + (i // 4000)::int as order_date,
      timestamp '2020-01-01' + to_seconds(i * 20 + (hash(i * 7) % 20)::bigint) as created_at,
      (1 + hash(i * 3) % 50)::int as quantity, ((hash(i * 5) % 100000) / 100.0)::decimal(9, 2) as unit_price,
      ((hash(i * 11) % 5000000) / 100.0)::decimal(12, 2) as total,
      ['new', 'paid', 'shipped', 'returned'][1 + (hash(i * 13) % 4)::int] as status,
      ['US', 'DE', 'FR', 'GB', 'JP', 'BR'][1 + (hash(i * 17) % 6)::int] as country,
      'note ' || md5(i::varchar) || ' for customer ' || (hash(i) % 1000) as note from range({rows}) r(i)) to '{path}' (format csv, header)""")


def timed(command, cwd):
    """(wall seconds, CPU seconds, peak MB) of one process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{' '.join(command)} ended with {status}\n{errors.decode()}")
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    leat, work = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    rows = int(sys.argv[3]) if len(sys.argv) > 3 else ROWS
    folder = os.path.join(work, "csv_ingest")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(os.path.join(folder, "in"))
    source = os.path.join(work, f"orders_{rows}.csv")
    make_csv(source, rows)
    incoming = os.path.join(folder, "in", "orders.csv")
    os.link(source, incoming)
    plain_script = os.path.join(folder, "plain.py")
    measure.write(plain_script, PLAIN)

    figures = measure.Figures(f"{os.path.getsize(source) / 1e9:.2f} GB csv, {rows:,} rows, to a published raw table")
    plain, ours = [], []
    for round_number in range(ROUNDS):
        out = os.path.join(folder, f"plain_{round_number}")
        plain.append(timed([sys.executable, plain_script, source, out], folder))
        shutil.rmtree(out)
        project = os.path.join(folder, f"project_{round_number}")
        measure.write(f"{project}/leat.yml", "version: 1\nname: ingest\nmemory_limit: 700MB\n")
        measure.write(f"{project}/connections.yml", f"connections:\n  inbound: {{ type: csv, path: {os.path.dirname(incoming)} }}\n")
        measure.write(f"{project}/sources/shop.yml",
                      "connection: inbound\ntables:\n  - { name: orders, files: orders.csv, structured: false }\n")
        ours.append(timed([leat, "run"], project))
        if round_number == 0:
            got = measure.rows(leat, project, "select count(*), typeof(any_value(total)) from raw_shop.orders")[0]
            figures.add("rows and type of amounts", " ".join(got), f"{rows} DECIMAL(18,2)")
        shutil.rmtree(project)
    best_plain, best_ours = min(plain), min(ours)
    figures.add("plain DuckDB COPY", f"{best_plain[0]:.2f} s, {best_plain[1]:.2f} s CPU, {best_plain[2]:.0f} MB")
    figures.add("leat run", f"{best_ours[0]:.2f} s, {best_ours[1]:.2f} s CPU, {best_ours[2]:.0f} MB", "below 1,000 MB")
    figures.add("ratio of wall time", f"{best_ours[0] / best_plain[0]:.3f}", "at most 1.05")
    figures.add("ratio of CPU time", f"{min(o[1] for o in ours) / min(p[1] for p in plain):.3f}")
    figures.table()


if __name__ == "__main__":
    main()
