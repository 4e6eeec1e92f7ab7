#!/usr/bin/env python3
"""TPC-H lineitem in a local PostgreSQL to a published raw Iceberg table: profile fast against DuckDB's own postgres extension
writing plain Parquet in the same run, profile gentle against fast. What the server went through is read from its
pg_stat_statements and pg_stat_database.

usage: bench/postgres_ingest.py LEAT EXTENSIONS_FOLDER WORK_FOLDER [SCALE]      (needs the Python package duckdb 1.5.5)
"""
import os
import shutil
import sys

import duckdb

import measure
from csv_ingest import timed

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../test/support"))
from postgres_server import PostgresServer  # noqa: E402

ROUNDS = 3
PLAIN = """
import sys, duckdb
db = duckdb.connect(config={"allow_unsigned_extensions": "true"})
db.execute(f"load '{sys.argv[1]}/postgres_scanner.duckdb_extension'")
db.execute("set memory_limit = '1GB'")
db.execute(f"attach '{sys.argv[2]}' as pg (type postgres, read_only)")
db.execute(f"copy (from pg.public.lineitem) to '{sys.argv[3]}' (format parquet, per_thread_output true)")
"""


def load(server, extensions, work, scale):
    path = os.path.join(work, f"lineitem_{scale}.csv")
    if not os.path.exists(path):
        db = duckdb.connect(config={"allow_unsigned_extensions": "true"})
        db.execute(f"load '{extensions}/tpch.duckdb_extension'")
        db.execute(f"call dbgen(sf = {scale})")
        db.execute(f"copy lineitem to '{path}' (format csv, header false)")
    server.sql("""create table lineitem (l_orderkey bigint not null, l_partkey bigint not null, l_suppkey bigint not null,
      l_linenumber int not null, l_quantity numeric(15,2) not null, l_extendedprice numeric(15,2) not null,
      l_discount numeric(15,2) not null, l_tax numeric(15,2) not null, l_returnflag char(1) not null, l_linestatus char(1) not null,
      l_shipdate date not null, l_commitdate date not null, l_receiptdate date not null, l_shipinstruct char(25) not null,
      l_shipmode char(10) not null, l_comment varchar(44) not null)""")
    server.sql(f"\\copy lineitem from '{path}' (format csv)")
    server.sql("vacuum (freeze, analyze) lineitem")
    server.sql("checkpoint")


def ingest(leat, folder, url, profile):
    """(seconds, CPU seconds, peak MB) of one run into a new project; it stays in `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
    measure.write(f"{folder}/leat.yml", "version: 1\nname: ingest\n" +
                  ("memory_limit: 300MB\n" if profile == "gentle" else "memory_limit: 700MB\n"))
    measure.write(f"{folder}/connections.yml",
                  f"connections:\n  shop: {{ type: postgres, uri: '{url}', profile: {profile} }}\n")
    measure.write(f"{folder}/sources/shop.yml", "connection: shop\ntables:\n  - { name: lineitem, structured: false }\n")
    return timed([leat, "run"], folder)


def main():
    leat, extensions, work = (os.path.abspath(word) for word in sys.argv[1:4])
    scale = sys.argv[4] if len(sys.argv) > 4 else "1"
    folder = os.path.join(work, "postgres_ingest")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    measure.write(os.path.join(folder, "plain.py"), PLAIN)
    with PostgresServer("-c", "shared_preload_libraries=pg_stat_statements", "-c", "shared_buffers=256MB",
                        "-c", "max_wal_size=4GB") as server:
        server.sql("create extension pg_stat_statements")
        load(server, extensions, work, scale)
        rows, total = server.sql("select count(*), sum(l_extendedprice * l_linenumber) from lineitem").split("|")
        figures = measure.Figures(f"TPC-H lineitem (scale {scale}, {int(rows):,} rows, 16 columns): PostgreSQL -> published raw table")
        plain, fast, gentle, longest = [], [], [], []
        temp_files = 0
        for _ in range(ROUNDS):
            out = os.path.join(folder, "plain")
            plain.append(timed([sys.executable, f"{folder}/plain.py", extensions, server.url, out], folder))
            shutil.rmtree(out)
            fast.append(ingest(leat, f"{folder}/fast", server.url, "fast"))
            before = int(server.sql("select temp_files from pg_stat_database where datname = 'postgres'"))
            server.sql("select pg_stat_statements_reset()")
            gentle.append(ingest(leat, f"{folder}/gentle", server.url, "gentle"))
            longest.append(float(server.sql("select max(max_exec_time) from pg_stat_statements")))
            temp_files += int(server.sql("select temp_files from pg_stat_database where datname = 'postgres'")) - before
        for name in ("fast", "gentle"):
            got = measure.rows(leat, f"{folder}/{name}", "select count(*), sum(l_extendedprice * l_linenumber) from raw_shop.lineitem")
            figures.add(f"{name}: rows and sum", " ".join(got[0]), f"{rows} {total}")
        best = {"plain": min(plain), "fast": min(fast), "gentle": min(gentle)}
        figures.add("DuckDB's postgres extension -> Parquet", "{:.2f} s, {:.2f} s CPU, {:.0f} MB".format(*best["plain"]))
        figures.add("leat run, profile fast", "{:.2f} s, {:.2f} s CPU, {:.0f} MB".format(*best["fast"]), "below 1,000 MB")
        figures.add("leat run, profile gentle", "{:.2f} s, {:.2f} s CPU, {:.0f} MB".format(*best["gentle"]), "below 400 MB")
        figures.add("fast / DuckDB's extension", f"{best['fast'][0] / best['plain'][0]:.3f}", "at most 1.2")
        figures.add("gentle / fast", f"{best['gentle'][0] / best['fast'][0]:.3f}", "at most 1.5")
        figures.add("gentle: longest statement", f"{max(longest):.0f} ms", "below 1,000 ms")
        figures.add("gentle: temporary files at the server", str(temp_files), "0")
        figures.table()


if __name__ == "__main__":
    main()
