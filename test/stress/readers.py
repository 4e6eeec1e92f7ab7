#!/usr/bin/env python3
"""Readers that poll two related tables during 50 publishing runs never see them disagree.

usage: readers.py LEAT
"""
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from leat_project import Cases, Project  # noqa: E402

RUNS = 50


def main():
    cases, project = Cases(), Project(sys.argv[1])
    project.write({
        "leat.yml": "version: 1\nname: readers\n",
        "connections.yml": "connections:\n  inbound: { type: csv, path: in }\n",
        "sources/shop.yml": "connection: inbound\ntables:\n  - { name: orders, files: 'orders_*.csv', structured: false }\n",
        "models/by_row.sql": "select id, amount from {{ source('shop', 'orders') }}\n",
        "models/total.sql": "select count(*) as orders, sum(amount) as amount from {{ ref('by_row') }}\n",
    })

    def arrive(number):
        project.write({f"in/orders_{number:03}.csv": "id,amount\n" + "".join(
            f"{number * 10 + i},{number}\n" for i in range(10))})

    arrive(0)
    project.run("run")
    stop, seen, disagree = threading.Event(), [], []

    def poll():
        while not stop.is_set():
            rows, counted, amount, total = project.one(
                "select (select count(*) from by_row), (select orders from total), "
                "(select sum(amount) from by_row), (select amount from total)")
            seen.append(int(rows))
            if rows != counted or amount != total:
                disagree.append((rows, counted, amount, total))

    readers = [threading.Thread(target=poll) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(1, RUNS + 1):
        arrive(number)
        project.run("run")
    stop.set()
    for reader in readers:
        reader.join()
    cases.check("no reader saw two tables disagree", disagree, [])
    cases.true(f"readers saw many states ({len(seen)} reads of {len(set(seen))} states)", len(set(seen)) > RUNS // 4, str(seen))
    cases.true("no reader went back in time by a publish", all(row % 10 == 0 for row in seen), str(seen))
    cases.check("all rows arrived once", project.one("select count(*), count(distinct id) from by_row"),
                [str(10 * (RUNS + 1))] * 2)
    project.remove()
    cases.finish()


if __name__ == "__main__":
    main()
