#!/usr/bin/env python3
"""TPC-H lineitem, scale 1 (6.0 M rows): 1 % upserted by key in one row delta (60,000 changed, 6,000 new), published, and the
same with 6,000 rows deleted in the same delta, against DuckDB's own MERGE on the same rows in the same run.

usage: bench/upsert.py LEAT EXTENSION_FOLDER WORK_FOLDER      (needs the Python package duckdb 1.5.5)
"""
import os
import shutil
import sys
import time

import duckdb

import measure


def lineitem(extensions, path):
    if os.path.exists(path):
        return
    db = duckdb.connect()
    db.execute(f"load '{extensions}/tpch.duckdb_extension'")
    db.execute("call dbgen(sf = 1)")
    db.execute(f"copy lineitem to '{path}' (format parquet, compression zstd)")


def changes(base, path):
    """60,000 changed and 6,000 new rows; `path`.deletes has 6,000 rows more that take old rows out."""
    db = duckdb.connect()
    db.execute(f"""copy (select *, row_number() over (order by hash(l_orderkey, l_linenumber)) as n from '{base}'
      qualify n <= 66000) to '{path}.all.parquet' (format parquet)""")
    select = f"""select * replace (l_quantity + 1 as l_quantity) from '{path}.all.parquet' where n <= 60000
      union all by name
      select * replace (l_orderkey + 100000000 as l_orderkey), 0 as n from (select * from '{base}' limit 6000)"""
    db.execute(f"copy (select * exclude n from ({select})) to '{path}' (format parquet, compression zstd)")
    db.execute(f"""copy (select * exclude n from ({select} union all by name
      select * replace ('DELETED' as l_comment) from '{path}.all.parquet' where n > 60000))
      to '{path}.deletes' (format parquet, compression zstd)""")
    os.remove(f"{path}.all.parquet")


def duckdb_merge(base, change, work, deletes):
    database = os.path.join(work, "merge.duckdb")
    if os.path.exists(database):
        os.remove(database)
    db = duckdb.connect(database)
    db.execute(f"create table lineitem as select * from '{base}'")
    db.execute("checkpoint")
    start = time.perf_counter()
    db.execute(f"""merge into lineitem using (select * from read_parquet('{change}')) as c
      on lineitem.l_orderkey = c.l_orderkey and lineitem.l_linenumber = c.l_linenumber
      {"when matched and c.l_comment = 'DELETED' then delete" if deletes else ""}
      when matched then update when not matched then insert""")
    db.execute("checkpoint")
    seconds = time.perf_counter() - start
    total = db.execute("select count(*), sum(l_quantity) from lineitem").fetchone()
    db.close()
    os.remove(database)
    return seconds, total


def upsert(leat, folder, base, change, figures, deletes):
    """One round in a lake of its own: first load, then the changes."""
    shutil.rmtree(folder, ignore_errors=True)
    measure.write(f"{folder}/leat.yml", "version: 1\nname: upsert\n")
    measure.write(f"{folder}/connections.yml", "connections:\n  files: { type: parquet, path: in }\n")
    measure.write(f"{folder}/sources/erp.yml", "connection: files\ntables:\n  - name: lineitem\n    files: lineitem.parquet\n"
                  "    mode: full-refresh\n    structured: false\n")
    rule = """, delete_when="l_comment = 'DELETED'\"""" if deletes else ""
    measure.write(f"{folder}/models/lineitem_current.sql",
                  "{{ config(materialized='incremental', unique_key=['l_orderkey', 'l_linenumber']" + rule + ") }}\n"
                  "select * exclude (_loaded_at, _batch_id, _source_file, _source_row) from {{ source('erp', 'lineitem') }}\n")
    incoming = f"{folder}/in/lineitem.parquet"
    os.makedirs(f"{folder}/in")
    shutil.copy(base, incoming)
    first = measure.run([leat, "run"], folder)[0]
    os.remove(incoming)
    shutil.copy(change, incoming)
    measure.run([leat, "run", "--select", "source:erp"], folder)
    seconds = measure.run([leat, "run", "--select", "lineitem_current"], folder)[0]
    what = "upsert with deletes" if deletes else "upsert"
    if not deletes:
        figures.add("first load of both tables", f"{first:.2f} s")
    figures.add(f"{what} as one row delta, published (whole process)", f"{seconds:.2f} s", "below 2.5 s")
    merge, expected = duckdb_merge(base, change, os.path.dirname(folder), deletes)
    figures.add(f"{what}: DuckDB's native MERGE into its own table", f"{merge:.2f} s")
    figures.add(f"{what}: ratio", f"{seconds / merge:.2f}")
    got = measure.rows(leat, folder, "select count(*), sum(l_quantity) from lineitem_current")[0]
    figures.add(f"{what}: same rows as DuckDB's", str([str(value) for value in expected] == got))
    shutil.rmtree(folder)


def main():
    leat, extensions, work = (os.path.abspath(path) for path in sys.argv[1:4])
    base, change = os.path.join(work, "lineitem.parquet"), os.path.join(work, "lineitem_changes.parquet")
    lineitem(extensions, base)
    changes(base, change)
    figures = measure.Figures("1 % of lineitem (6.0 M rows) upserted by key")
    upsert(leat, os.path.join(work, "upsert"), base, change, figures, False)
    upsert(leat, os.path.join(work, "upsert_deletes"), base, f"{change}.deletes", figures, True)
    figures.table()


if __name__ == "__main__":
    main()
