#!/usr/bin/env python3
"""A load of a PostgreSQL table whose network is cut, falls silent or is slow, and whose disk is full: nothing of it is visible before it is whole,
the next run goes on inside the table, what was read is not read again, and the lake is equal to the source at the end.

usage: test/stress/cut_and_full.py LEAT …
"""
import os
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from leat_project import Cases, Project, scratch, wait_for  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402
from tcp_gate import TcpGate  # noqa: E402

ROWS = 200_000
CONNECTIONS = 2
SUMS = "select count(*), sum(id), sum(amount), md5(string_agg(id || ':' || amount || ':' || note, '|' order by id)) from"


def fill(server):
    """About 30 MB, in 50 parts."""
    server.sql("create table events (id bigint primary key, amount numeric(20,2) not null, note text not null)")
    server.sql(f"insert into events select i, i / 4.0, repeat(md5(i::text), 4) from generate_series(1, {ROWS}) i; analyze events")
    return server.sql(f"{SUMS} events")


def project_for(leat, server, port, warehouse=None):
    """Rows up to a bookmark stay where they are, so that another run may go on; small files are small portions."""
    project = Project(leat)
    url = server.url.replace(f":{port_of(server)}/", f":{port}/")
    place = f"warehouse: {warehouse}\n" if warehouse else ""
    project.write({
        "leat.yml": f"version: 1\nname: bank\n{place}",
        "connections.yml": f"connections:\n  bank: {{ type: postgres, uri: '{url}', budget: {{ connections: {CONNECTIONS} }} }}\n",
        "sources/bank.yml": "connection: bank\ntables:\n  - { name: events, mode: incremental, update_key: id, primary_key: [id], part_rows: 4000,\n"
                            "      structured: false, properties: { write.target-file-size-bytes: '1' } }\n",
    })
    return project


def port_of(server):
    return int(server.url.rsplit(":", 1)[1].split("/")[0])


def published(project):
    return project.one("select count(*) from leat.commits where ref = 'main' and kind = 'publish'")[0]


def passed_by(server, leat):
    """What a load that nothing disturbs gets over the network."""
    gate = TcpGate(port_of(server))
    project = project_for(leat, server, gate.port)
    project.run("run")
    gate.stop()
    project.remove()
    return gate.received


def cut(cases, leat, server, expected, whole):
    """Every connection is cut after a sixth of the table: the run makes new ones and goes on where it was."""
    gate = TcpGate(port_of(server), cut_after=whole // 6)
    project = project_for(leat, server, gate.port)
    project.run("run")
    cases.true(f"cut: it was ({gate.cuts} times)", gate.cuts >= 5, gate.cuts)
    cases.check("cut: equal", "|".join(project.one(f"{SUMS} raw_bank.events")), expected)
    cases.true(f"cut: what was read is not read again ({gate.received / whole:.2f} times the table)", gate.received < 1.5 * whole, gate.received / whole)
    cases.true("cut: never more connections than the budget has", gate.at_once <= CONNECTIONS, gate.at_once)
    project.remove()
    gate.stop()


def gone(cases, leat, server, expected, whole):
    """In the middle of the table the network goes and stays away: the run fails, the next one goes on inside the table."""
    gate = TcpGate(port_of(server))
    project = project_for(leat, server, gate.port)
    process = project.start("run")
    wait_for("half of the table", lambda: gate.received > whole // 2 or process.poll() is not None)
    gate.cut_after = 0
    out, err = process.communicate(timeout=120)
    cases.check("gone: the run fails", process.returncode, 4)
    cases.true("gone: it says which connection", "SRC-24" in out + err and str(gate.port) in out + err, out + err)
    cases.check("gone: nothing is visible", published(project), "0")
    before, gate.cut_after = gate.received, None
    step = project.json("run")["steps"][0]
    cases.check("gone: the next run is whole", "|".join(project.one(f"{SUMS} raw_bank.events")), expected)
    cases.check("gone: every row is accounted for", (step["rows_in"], step["rows_out"]), (ROWS, ROWS))
    cases.true(f"gone: it read the rest only ({step['rows_adopted']} rows were there)",
               step["rows_adopted"] > ROWS // 10 and gate.received - before < 0.9 * whole, (step, (gate.received - before) / whole))
    project.remove()
    gate.stop()


def silent(cases, leat, server, expected, whole):
    """The network takes everything and gives nothing: a person stops the run, which ends at once; the next goes on."""
    project = None

    def stop():
        nonlocal stopped_at
        stopped_at = time.monotonic()
        process.send_signal(signal.SIGINT)

    stopped_at = None
    gate = TcpGate(port_of(server), silent_after=whole // 4, on_silence=stop)
    project = project_for(leat, server, gate.port)
    process = project.start("run")
    out, err = process.communicate(timeout=120)
    cases.check("silent: a stopped run says so by its code", process.returncode, 130)
    cases.true("silent: it ends within five seconds", stopped_at is not None and time.monotonic() - stopped_at < 5, out + err)
    cases.check("silent: nothing is visible", published(project), "0")
    before = gate.received
    gate.silent_after = None
    project.run("run")
    cases.check("silent: the next run is whole", "|".join(project.one(f"{SUMS} raw_bank.events")), expected)
    cases.true("silent: it went on with what was there", gate.received - before < whole, (gate.received - before) / whole)
    project.remove()
    gate.stop()


def restarted(cases, leat, server, expected, whole):
    """The server goes away in the middle and comes back: within the run or with the next one it is whole."""
    silent = threading.Event()
    gate = TcpGate(port_of(server), silent_after=whole // 4, on_silence=silent.set)
    project = project_for(leat, server, gate.port)
    process = project.start("run")
    wait_for("a quarter of the table", lambda: silent.is_set() or process.poll() is not None)
    server.restart("immediate")  # here: a server ends with the thread that started it
    gate.silent_after = None
    out, err = process.communicate(timeout=120)
    cases.true("restarted: a whole load, or an error that says so", process.returncode == 0 or "SRC-24" in out + err, out + err)
    project.run("run")
    cases.check("restarted: the next run is whole", "|".join(project.one(f"{SUMS} raw_bank.events")), expected)
    project.remove()
    gate.stop()


def full(cases, leat, server, expected):
    folder = scratch("leat-disk-")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], capture_output=True).returncode != 0:
        print("not run here: mounting a small disk needs rights that this user does not have")
        os.rmdir(folder)
        return
    try:
        gate = TcpGate(port_of(server))
        project = project_for(leat, server, gate.port, f"{folder}/warehouse")
        done = project.run("run", expect=None)
        text = done.stdout + done.stderr
        cases.check("full disk: exit code", done.returncode, 4)
        cases.true("full disk: says what and where", "no space" in text.lower() and folder in text, text)
        cases.check("full disk: nothing is visible", published(project), "0")
        read = gate.received
        subprocess.run(["mount", "-o", "remount,size=200m", folder], check=True)
        run = project.json("run")
        step = next(one for one in run["steps"] if one["asset"] == "source.bank.events")
        cases.check("full disk: with space the next run is whole", "|".join(project.one(f"{SUMS} raw_bank.events")), expected)
        cases.check("full disk: every row is accounted for", step["rows_in"], ROWS)
        cases.true(f"full disk: what was written before is taken over ({step['rows_adopted']} rows)", step["rows_adopted"] > 0,
                   f"{step}\n{read} bytes before, {gate.received - read} after")
        gate.stop()
        project.remove()
    finally:
        subprocess.run(["umount", "-l", folder], check=False)
        os.rmdir(folder)


def main():
    cases = Cases()
    leat = sys.argv[1]
    with PostgresServer() as server:
        expected = fill(server)
        whole = passed_by(server, leat)
        cases.true(f"the table takes {whole / 1e6:.1f} MB of the network", whole > 20_000_000, whole)
        cut(cases, leat, server, expected, whole)
        gone(cases, leat, server, expected, whole)
        silent(cases, leat, server, expected, whole)
        restarted(cases, leat, server, expected, whole)
        full(cases, leat, server, expected)
    cases.finish()


if __name__ == "__main__":
    main()
