#!/usr/bin/env python3
"""TPC-H lineitem in a local PostgreSQL to a published raw Iceberg table through drivers: the odbc source against arrow-odbc, the adbc source
against the driver's own Python package, each peer over the same driver writing plain Parquet with pyarrow in the same run.

The peers keep what the driver gives (ADBC: NUMERIC as text); Leat's side reads every value exactly, counts, archives and publishes it.

usage: bench/driver_ingest.py LEAT EXTENSIONS_FOLDER WORK_FOLDER [SCALE]      (needs the Python packages of deps/python.txt)
"""
import os
import shutil
import sys

import measure
from csv_ingest import timed
from postgres_ingest import load

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../test/support"))
import adbc  # noqa: E402
import odbc  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402

ROUNDS = 3
SUMS = "select count(*), sum(l_extendedprice * l_linenumber) from "
WRITE = """
import pyarrow.parquet as parquet
with parquet.ParquetWriter(sys.argv[2], reader.schema, compression="zstd", compression_level=1) as out:
    for batch in reader:
        out.write_batch(batch)
"""
PEERS = {"odbc": """
import sys, arrow_odbc
reader = arrow_odbc.read_arrow_batches_from_odbc("select * from lineitem", sys.argv[1], batch_size=20000)
""" + WRITE, "adbc": """
import sys, adbc_driver_postgresql.dbapi as driver
connection = driver.connect(sys.argv[1])
cursor = connection.cursor()
cursor.execute("select * from lineitem")
reader = cursor.fetch_record_batch()
""" + WRITE}


def odbc_parts(server):
    """psqlODBC reads an answer in pieces where it is told to; otherwise it keeps all of it."""
    port = server.url.rsplit(":", 1)[1].split("/")[0]
    return f"Server=127.0.0.1;Port={port};Database=postgres;UseDeclareFetch=1;Fetch=20000"


def ingest(leat, folder, connection):
    """(seconds, CPU seconds, peak MB) of one run into a new project; it stays in `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
    measure.write(f"{folder}/leat.yml", "version: 1\nname: ingest\nmemory_limit: 700MB\n")
    measure.write(f"{folder}/connections.yml", f"connections:\n  shop: {connection}\n")
    measure.write(f"{folder}/sources/shop.yml", "connection: shop\ntables:\n  - { name: lineitem, structured: false }\n")
    return timed([leat, "run"], folder)


def main():
    leat, extensions, work = (os.path.abspath(word) for word in sys.argv[1:4])
    scale = sys.argv[4] if len(sys.argv) > 4 else "1"
    folder = os.path.join(work, "driver_ingest")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    with PostgresServer("-c", "shared_buffers=256MB", "-c", "max_wal_size=4GB") as server:
        load(server, extensions, work, scale)
        rows, total = server.sql(SUMS + "lineitem").split("|")
        library, parts = odbc.library("postgres"), odbc_parts(server)
        ways = {"odbc": (f'{{ type: odbc, driver: "{library}", options: "{parts}", user: postgres, schema: public }}', f"Driver={library};{parts};UID=postgres"),
                "adbc": (adbc.postgres_connection(server), server.url)}
        figures = measure.Figures(f"TPC-H lineitem (scale {scale}, {int(rows):,} rows, 16 columns): PostgreSQL through drivers -> published raw table")
        for way, (connection, url) in ways.items():
            script, out = f"{folder}/{way}.py", f"{folder}/{way}.parquet"
            measure.write(script, PEERS[way])
            plain, own = [], []
            for _ in range(ROUNDS):
                plain.append(timed([sys.executable, script, url, out], folder))
                own.append(ingest(leat, f"{folder}/{way}", connection))
            figures.add(f"{way}: rows and sum", " ".join(measure.rows(leat, f"{folder}/{way}", SUMS + "raw_shop.lineitem")[0]), f"{rows} {total}")
            figures.add(f"{way}: peer -> Parquet", "{:.2f} s, {:.2f} s CPU, {:.0f} MB".format(*min(plain)))
            figures.add(f"{way}: leat run", "{:.2f} s, {:.2f} s CPU, {:.0f} MB".format(*min(own)), "below 1,000 MB")
            figures.add(f"{way}: leat / peer", f"{min(own)[0] / min(plain)[0]:.3f}")
        figures.table()


if __name__ == "__main__":
    main()
