#!/usr/bin/env python3
"""An object store that is slow, busy, cuts connections and loses answers after the work: no commit is lost or doubled, nothing
that a pointer names is missing.

usage: hostile_store.py LEAT [DATA_FOLDER] [SEED...]
Each seed: the same steps on a folder (calm) and in a bucket behind a gate (support/hostile_gate.py), until each step has gone
through; then equal content, a ledger that balances, every commit readable, every file that metadata names there.
"""
import collections
import json
import os
import sqlite3
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "support"))
from hostile_gate import MOODS, HostileGate  # noqa: E402
from leat_project import Cases, Project  # noqa: E402
from s3_server import S3Server  # noqa: E402

# Seed: the share of requests that meet the gate's moods, and which.
SEEDS = {1: (0.12, MOODS), 2: (0.25, MOODS), 3: (0.3, ("cut_after", "cut_within"))}
STEPS = 4
MOST_TRIES = 12
FILES = {
    "connections.yml": "connections:\n  inbound: { type: csv, path: in }\n  ops: { type: sqlite, file: ops.db }\n",
    "sources/shop.yml": "connection: inbound\ntables:\n"
                        "  - name: orders\n    files: 'orders_*.csv'\n    columns:\n"
                        "      - name: state\n        checks: [{ accepted_values: { values: [new, paid], on_fail: quarantine } }]\n",
    "sources/ops.yml": "connection: ops\ntables:\n  - { name: people, mode: incremental, update_key: seen, primary_key: [id] }\n",
    "models/paid.sql": "{{ config(partition_by=['state']) }}\nselect cast(id as bigint) as id, amount, state "
                       "from {{ source('shop', 'orders') }}\n",
    "models/totals.sql": "{{ config(materialized='incremental', unique_key='state') }}\n"
                         "select state, sum(amount) as amount, count(*) as n from {{ ref('paid') }} group by 1\n",
}


def arrive(project, step):
    states = ["new", "paid", "paid", "lost"]
    project.write({
        f"in/orders_{step}.csv": "id,amount,state\n" + "".join(f"{step * 100 + i},{i}.25,{states[i % 4]}\n" for i in range(60))})
    database = sqlite3.connect(os.path.join(project.folder, "ops.db"))
    database.execute("create table if not exists people (id integer primary key, name text, seen integer)")
    database.executemany("insert or replace into people values (?, ?, ?)",
                         [(step + i, f"p{i}-{step}", step * 100 + i) for i in range(8)])
    database.commit()
    database.close()


def make(leat, warehouse):
    project = Project(leat)
    project.write({**FILES, "leat.yml": f"version: 1\nname: shop\nwarehouse: {warehouse}\ndefaults: {{ max_reject: 50% }}\n"})
    return project


def content(project):
    hashes = {row["table"]: row["hash"] for row in project.json("lake", "content-hash") if not row["table"].endswith("__rejected")}
    return hashes, project.rows("select table_name, reason_code, payload from leat.rejected order by all")


def missing(project, store):
    """How many files the current metadata of all tables, their snapshots, manifests and entries name, and which are not there."""
    import fastavro
    root = os.path.join(store.folder, "data")
    gone, named = [], set()

    def there(uri):
        named.add(uri)
        path = os.path.join(root, uri.removeprefix("s3://"))
        if not os.path.exists(path):
            gone.append(uri)
            return None
        return path

    for row in project.json("lake", "tables"):
        if row["kind"] != "table":
            continue
        path = there(row["location"])
        metadata = json.load(open(path, encoding="utf-8")) if path else {"snapshots": []}
        for snapshot in metadata["snapshots"]:
            listed = there(snapshot["manifest-list"])
            for manifest in fastavro.reader(open(listed, "rb")) if listed else []:
                entries = there(manifest["manifest_path"])
                for entry in fastavro.reader(open(entries, "rb")) if entries else []:
                    if entry["status"] != 2:
                        there(entry["data_file"]["file_path"])
    return len(named), gone


def until_done(project, tries):
    """Runs until a run says success or nothing; every failure must be one of the store, told by its code."""
    for attempt in range(MOST_TRIES):
        done = project.run("run", "--output", "json", expect=None)
        if done.returncode == 0:
            tries[attempt + 1] += 1
            return json.loads(done.stdout)["status"]
        if done.returncode not in (1, 3, 4):
            return f"exit {done.returncode}\n{done.stdout}{done.stderr}"
    return f"not done after {MOST_TRIES} runs\n{done.stdout}{done.stderr}"


def one_seed(cases, leat, seed):
    tries = collections.Counter()
    with S3Server() as store:
        share, moods = SEEDS.get(seed, (0.2, MOODS))
        gate = HostileGate(store.url, seed, share, moods)
        os.environ.update(store.environment(gate.url))
        calm, hostile = make(leat, "./.leat/warehouse"), make(leat, "s3://lake/shop")
        for step in range(STEPS):
            for project in (calm, hostile):
                arrive(project, step)
            calm.run("run")
            cases.check(f"seed {seed}, step {step}: the run goes through in the end", until_done(hostile, tries), "success")
        cases.check(f"seed {seed}: then there is nothing to do", until_done(hostile, tries), "nothing")
        gate.stop()
        os.environ.update(store.environment())
        print(f"        seed {seed}: requests {dict(gate.methods)}, met {dict(collections.Counter(m for m, _ in gate.counts.elements()))}, "
              f"runs needed {dict(tries)}", flush=True)
        for mood in moods:
            cases.true(f"seed {seed}: the store was hostile ({mood})", gate.met(mood) > 0, gate.counts)
        cases.check(f"seed {seed}: equal content", content(hostile), content(calm))
        cases.check(f"seed {seed}: the ledger balances", hostile.one(
            "select count(*) from leat.ledger where rows_in <> rows_out + rows_rejected + rows_filtered"), ["0"])
        cases.check(f"seed {seed}: no run is left", hostile.one("select count(*) from leat.runs where status = 'running'"), ["0"])
        unreadable = []
        named, gone = missing(hostile, store)
        cases.true(f"seed {seed}: tables name files ({named})", named > 50)
        cases.check(f"seed {seed}: nothing that is named is missing", gone, [])
        for commit in (row["commit"] for row in hostile.json("lake", "history")):
            tables = [row["table"] for row in hostile.json("lake", "tables", "--as-of", str(commit))]
            counts = " union all ".join(f"select count(*) from {table}" for table in tables)
            if tables and hostile.run("sql", "-c", counts, "--as-of", str(commit), expect=None).returncode != 0:
                unreadable.append(commit)
        cases.check(f"seed {seed}: every commit can be read", unreadable, [])
        calm.remove()
        hostile.remove()


def main():
    leat = sys.argv[1]
    seeds = [int(word) for word in sys.argv[2:] if word.isdigit()] or list(SEEDS)
    cases = Cases()
    for seed in seeds:
        one_seed(cases, leat, seed)
    cases.finish()


if __name__ == "__main__":
    main()
