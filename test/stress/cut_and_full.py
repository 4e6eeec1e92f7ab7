#!/usr/bin/env python3
"""A load of a PostgreSQL table whose network is cut, falls silent or is slow, whose server is restarted, whose process is killed and whose disk is full
(test/support/disturbed_load.py).

usage: test/stress/cut_and_full.py LEAT …
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from disturbed_load import SUMS, DisturbedLoad  # noqa: E402
from leat_project import Cases  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402


def main():
    cases = Cases()
    with PostgresServer() as server:
        port = int(server.url.rsplit(":", 1)[1].split("/")[0])
        server.sql("create table events (id bigint primary key, amount numeric(20,2) not null, note text not null); "
                   f"insert into events select i, i / 4.0, repeat(md5(i::text), 4) from generate_series(1, {DisturbedLoad.rows}) i; analyze events")
        load = DisturbedLoad(cases, sys.argv[1], port, lambda gate: f"{{ type: postgres, uri: '{server.url.replace(f':{port}/', f':{gate}/')}', "
                             "streams: 2, budget: { connections: 3 } }", server.sql(f"{SUMS} events").split("|"), "SRC-24")
        load.undisturbed()
        load.slow()
        load.cut()
        load.gone()
        load.killed()
        load.silent()
        load.restarted(lambda: server.restart("immediate"))
        load.full()
    cases.finish()


if __name__ == "__main__":
    main()
