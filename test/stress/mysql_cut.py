#!/usr/bin/env python3
"""A load of a MariaDB table whose network is cut, falls silent or is slow, whose server is restarted, whose process is killed and whose disk is full
(test/support/disturbed_load.py). The server counts the connections.

usage: test/stress/mysql_cut.py LEAT …
"""
import os
import signal
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from disturbed_load import DisturbedLoad, sums_of  # noqa: E402
from leat_project import Cases  # noqa: E402
from mariadb import MariaDb  # noqa: E402


def restart(server):
    server.stop(signal.SIGKILL)
    server.start()


def most_connections(server, run):
    """That the server had at once while `run` ran, by its own count."""
    server.run("flush status")
    run()
    return int(server.rows("show global status like 'Max_used_connections'")[0][1])


def main():
    cases = Cases()
    with MariaDb() as server:
        server.run("create database bank; create user reader@'%' identified by 'a-pass-word'; grant select on bank.* to reader@'%'")
        server.run("create table events (id bigint primary key, amount decimal(20,2) not null, note text not null); insert into events "
                   f"select seq, seq / 4, repeat(md5(seq), 4) from seq_1_to_{DisturbedLoad.rows}; analyze table events", "bank")
        expected = sums_of(server.rows("select id, amount, note from events order by id", "bank"))
        load = DisturbedLoad(cases, sys.argv[1], server.port, lambda gate: f"{{ type: mysql, host: 127.0.0.1, port: {gate}, user: reader, password: a-pass-word, "
                             "database: bank, consistency: part, streams: 2, budget: { connections: 3 } }", expected, "SRC-27")
        load.undisturbed(lambda run: most_connections(server, run))
        load.slow()
        load.cut()
        load.gone()
        load.killed()
        load.silent()
        load.restarted(lambda: restart(server))
        load.full()
    cases.finish()


if __name__ == "__main__":
    main()
