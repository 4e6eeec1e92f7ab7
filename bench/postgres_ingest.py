#!/usr/bin/env python3
"""TPC-H lineitem in a local PostgreSQL to a published raw Iceberg table: profile fast against DuckDB's own postgres extension
writing plain Parquet in the same run, profile gentle against fast. What the server went through is read from its
pg_stat_statements and pg_stat_database. Then the same table with 1 % of its rows changed, found by `update_key` and upserted; and, when
asked for (`memory`), the peak memory for 100,000,000 rows of a view.

usage: bench/postgres_ingest.py LEAT EXTENSIONS_FOLDER WORK_FOLDER [SCALE | memory]      (needs the Python package duckdb 1.5.5)
"""
import os
import shutil
import subprocess
import sys

import measure
from csv_ingest import timed

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../test/support"))
from postgres_server import PostgresServer  # noqa: E402

ROUNDS = 3
# In a process of its own: what it needs of memory would count for its children.
GENERATE = """
import sys, duckdb
db = duckdb.connect(config={"allow_unsigned_extensions": "true"})
db.execute(f"load '{sys.argv[1]}/tpch.duckdb_extension'")
db.execute(f"call dbgen(sf = {sys.argv[2]})")
db.execute(f"copy lineitem to '{sys.argv[3]}' (format csv, header false)")
"""
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
        subprocess.run([sys.executable, "-c", GENERATE, extensions, scale, path], check=True)
    server.sql("""create table lineitem (l_orderkey bigint not null, l_partkey bigint not null, l_suppkey bigint not null,
      l_linenumber int not null, l_quantity numeric(15,2) not null, l_extendedprice numeric(15,2) not null,
      l_discount numeric(15,2) not null, l_tax numeric(15,2) not null, l_returnflag char(1) not null, l_linestatus char(1) not null,
      l_shipdate date not null, l_commitdate date not null, l_receiptdate date not null, l_shipinstruct char(25) not null,
      l_shipmode char(10) not null, l_comment varchar(44) not null)""")
    server.sql(f"\\copy lineitem from '{path}' (format csv)")
    server.sql("vacuum (freeze, analyze) lineitem")
    server.sql("checkpoint")


def ingest(leat, folder, url, profile, table="lineitem"):
    """(seconds, CPU seconds, peak MB) of one run into a new project; it stays in `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
    measure.write(f"{folder}/leat.yml", "version: 1\nname: ingest\n" +
                  ("memory_limit: 300MB\n" if profile == "gentle" else "memory_limit: 700MB\n"))
    measure.write(f"{folder}/connections.yml",
                  f"connections:\n  shop: {{ type: postgres, uri: '{url}', profile: {profile} }}\n")
    measure.write(f"{folder}/sources/shop.yml", f"connection: shop\ntables:\n  - {{ name: {table}, structured: false }}\n")
    return timed([leat, "run"], folder)


def upsert(leat, folder, server, figures):
    """The rows that changed since the last run, by an index on their time stamp, into the table by its two-column key."""
    server.sql("alter table lineitem add primary key (l_orderkey, l_linenumber), add changed timestamptz not null default '2026-01-01Z'; "
               "create index on lineitem (changed); analyze lineitem")
    shutil.rmtree(folder, ignore_errors=True)
    measure.write(f"{folder}/leat.yml", "version: 1\nname: ingest\nmemory_limit: 700MB\n")
    measure.write(f"{folder}/connections.yml", f"connections:\n  shop: {{ type: postgres, uri: '{server.url}' }}\n")
    measure.write(f"{folder}/sources/shop.yml", "connection: shop\ntables:\n  - { name: lineitem, mode: incremental, update_key: changed, "
                  "primary_key: [l_orderkey, l_linenumber], structured: false }\n")
    timed([leat, "run"], folder)
    seconds = []
    for day in range(2, 2 + ROUNDS):
        server.sql(f"update lineitem set l_tax = l_tax + 0.01, changed = '2026-01-{day:02}Z' where hashint8(l_orderkey + {day}) % 100 = 0")
        seconds.append(timed([leat, "run"], folder))
    facts = "select count(*), sum(l_tax * l_linenumber), count(*) filter (where changed > timestamptz '2026-01-01 00:00:00+00')"
    got = measure.rows(leat, folder, f"{facts} from raw_shop.lineitem")[0]
    expected = server.sql(f"{facts} from lineitem").split("|")
    figures.add("upsert: rows, sum and changed rows", " ".join(got), " ".join(expected))
    figures.add("upsert of 1 % changed rows, published (median)", "{:.2f} s, {:.2f} s CPU, {:.0f} MB".format(*sorted(seconds)[ROUNDS // 2]), "below 4 s")


def memory(leat, folder, rows=100_000_000):
    figures = measure.Figures(f"{rows:,} rows of a view of PostgreSQL -> published raw table")
    with PostgresServer() as server:
        server.sql(f"create view many as select id, id % 1000 as customer, (id * 1.25)::numeric(20,2) as amount, 'note of row ' || id as note "
                   f"from (select generate_series(1, {rows}::bigint) as id) i")
        for profile, goal in (("gentle", "below 400 MB"), ("fast", "below 1,000 MB")):
            seconds, cpu, peak = ingest(leat, f"{folder}/{profile}", server.url, profile, table="many")
            got = measure.rows(leat, f"{folder}/{profile}", "select count(*), sum(amount) from raw_shop.many")[0]
            figures.add(f"{profile}: rows and sum", " ".join(got), f"{rows} {rows * (rows + 1) // 2 * 5 / 4:.2f}")
            figures.add(f"{profile}: peak memory", f"{peak:.0f} MB ({seconds:.0f} s)", goal)
            shutil.rmtree(f"{folder}/{profile}")
    figures.table()


def main():
    leat, extensions, work = (os.path.abspath(word) for word in sys.argv[1:4])
    if sys.argv[4:] == ["memory"]:
        return memory(leat, os.path.join(work, "postgres_memory"))
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
        upsert(leat, f"{folder}/upsert", server, figures)
        figures.table()


if __name__ == "__main__":
    main()
