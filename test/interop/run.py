#!/usr/bin/env python3
"""Other engines on a lake of Leat: PyIceberg, Spark and a DuckDB of its own, through `leat serve`; the warehouse in a folder and
in a bucket, the state in SQLite and in PostgreSQL.

usage: run.py LEAT [CELL...] [CASE...]      cells and cases: README.md; without names all cells, each with its cases
"""
import contextlib
import os
import sys
import time
import traceback

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "support")]
from leat_project import Cases, Project  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402
from s3_server import S3Server  # noqa: E402

import access  # noqa: E402
import bounds  # noqa: E402
import evolution  # noqa: E402
import format_three  # noqa: E402
import gate  # noqa: E402
import layout  # noqa: E402
import lifecycle  # noqa: E402
import models  # noqa: E402
import read_write  # noqa: E402
import nested  # noqa: E402
import plans  # noqa: E402
import snapshots  # noqa: E402
import views  # noqa: E402
from engines import DuckDb, PyIceberg, Spark  # noqa: E402
from server import Server  # noqa: E402

CASES = {
    "lists": read_write.lists, "reads": read_write.reads, "writes": read_write.writes_into_leats_tables,
    "foreign": read_write.tables_of_other_engines, "evolution": evolution.evolution, "bounds": bounds.bounds,
    "layout": layout.layout, "lifecycle": lifecycle.lifecycle,
    "snapshots": snapshots.snapshots, "access": access.access, "views": views.views, "nested": nested.nested,
    "plans": plans.plans, "models": models.models, "gate": gate.gate, "format_three": format_three.format_three,
}


# Where the warehouse and the state are, and which cases run there. Two corners run everything but ONCE, the others what touches both.
# ONCE: the form of answers depends on neither; format_three attaches a Spark catalog of its own that does not ask for signatures.
ONCE = ["models", "format_three"]
SHORT = ["reads", "writes", "foreign"]
CELLS = {"folder-sqlite": list(CASES), "bucket-postgresql": [case for case in CASES if case not in ONCE],
         "bucket-sqlite": SHORT, "folder-postgresql": SHORT}


def settings(cell, servers):
    """leat.yml of a cell. The engines find no keys of the store in their environment: Spark has its requests signed, the others
    get keys from the catalogue."""
    where, state = cell.split("-")
    text = "version: 1\nname: interop\n"
    if where == "bucket":
        store = servers.enter_context(S3Server())
        os.environ.update(INTEROP_KEY=store.key, INTEROP_SECRET=store.secret)
        text += ("warehouse: s3://lake/interop\n"
                 f"storage: {{ endpoint: '{store.url}', region: us-east-1, access_key_id: '${{env:INTEROP_KEY}}', "
                 "secret_access_key: '${env:INTEROP_SECRET}', vend: keys }\n")
    if state == "postgresql":
        text += f"state: {servers.enter_context(PostgresServer()).url}\n"
    return text


def make_project(leat, settings, remote):
    project = Project(leat)
    project.remote = remote
    orders = "id,customer,amount\n" + "".join(f"{i},customer {i % 7},{i / 4:.2f}\n" for i in range(100))
    project.write({
        "leat.yml": settings,
        "connections.yml": "connections:\n  inbound: { type: csv, path: in }\n  stream: { type: csv, path: events }\n",
        "in/orders.csv": orders,
        "sources/shop.yml": "connection: inbound\ntables:\n  - { name: orders, files: 'orders*.csv', structured: false }\n",
        "sources/feed.yml": "connection: stream\ntables:\n  - { name: events, files: 'events_*.csv', structured: false }\n",
        "models/orders.sql": "select cast(id as bigint) as id, customer, cast(amount as decimal(12, 2)) as amount "
                             "from {{ source('shop', 'orders') }}\n",
        "models/by_customer.sql": "select customer, count(*) as orders, sum(amount) as amount from {{ ref('orders') }} group by 1\n",
        "models/open_orders.sql": "{{ config(schema='open_shop') }}\nselect * from {{ ref('orders') }}\n",
        "models/recent.sql": "{{ config(materialized='view') }}\nselect distinct o.id, o.customer as who, o.amount from {{ ref('orders') }} o "
                             "where o.id >= 90 and not (o.customer = 'customer 1' or o.amount is null)\n",
        "models/counted.sql": "{{ config(materialized='view', schema='open_shop') }}\nselect customer, count(*) as n, max(amount) as most "
                              "from {{ ref('orders') }} group by 1\n",
        "models/months.sql": "{{ config(materialized='view', spark_sql='select id, cast(amount * 2 as decimal(14, 2)) as twice from trusted.orders') }}\n"
                             "select id, cast(amount * 2 as decimal(14, 2)) as twice from {{ ref('orders') }}\n",
        "models/halves.sql": "{{ config(materialized='view') }}\nselect id, amount / 2 as half from {{ ref('orders') }}\n",
        "models/by_row.sql": "select id, amount from {{ source('feed', 'events') }}\n",
        "models/total.sql": "select count(*) as events, sum(amount) as amount from {{ ref('by_row') }}\n",
        "models/every_type.sql": bounds.model(partitioned=False),
        "models/every_type_split.sql": bounds.model(partitioned=True),
    })
    snapshots.arrive(project, 0)
    project.run("run")
    return project


def run_cell(cases, leat, cell, wanted):
    with contextlib.ExitStack() as servers:
        project = make_project(leat, settings(cell, servers), cell.startswith("bucket"))
        servers.callback(project.remove)
        server = Server(project)
        status, _ = server.call("POST", "/v1/lake/namespaces/open_shop/properties",
                                {"updates": {"leat.external_writes": "allow"}}, token=server.admin)
        cases.check("an admin opens a namespace to other engines", status, 200)
        try:
            engines = [PyIceberg(server), Spark(server), DuckDb(server)]
            for name in wanted:
                began = time.monotonic()
                try:
                    CASES[name](cases, project, server, engines)
                except Exception:
                    cases.true(f"{name} ran to its end", False, traceback.format_exc())
                print(f"        {cell}: {name}: {time.monotonic() - began:.1f} s", flush=True)
        finally:
            code = server.stop()
        cases.true("SIGTERM ends the server cleanly", code == 0, code)


def main():
    for variable in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[variable]
    os.environ.update(AWS_EC2_METADATA_DISABLED="true", AWS_SHARED_CREDENTIALS_FILE="/dev/null", AWS_CONFIG_FILE="/dev/null")
    cells = [word for word in sys.argv[2:] if word in CELLS] or list(CELLS)
    wanted = [word for word in sys.argv[2:] if word in CASES]
    cases = Cases()
    try:
        for cell in cells:
            print(f"        cell {cell}", flush=True)
            run_cell(cases, sys.argv[1], cell, wanted or CELLS[cell])
    finally:
        Spark.stop()
    cases.finish()


if __name__ == "__main__":
    main()
