#!/usr/bin/env python3
"""Partitioned and sorted writes of six million rows stay below the memory that the project allows: 2,526 partitions (more than DuckDB's
own partitioned COPY can do in 1 GB) and one sorted table, with the process's peak measured by the kernel.

usage: little_memory.py LEAT
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from leat_project import Cases, Project  # noqa: E402

LIMIT = 1_000_000_000
ROWS = 6_000_000
MODEL = """{{{{ config({config}) }}}}
select i as id, date '1992-01-02' + (hash(i) % 2526)::integer as day, i % 50 as quantity, (i % 100000)::decimal(15,2) as price,
       'row number ' || hash(i) as note
from range({rows}) t(i)
"""


def main():
    cases = Cases()
    kinds = {"partitioned": "partition_by=['day']", "sorted": "sort_by=['day', 'id']"}
    projects, processes = {}, {}
    for kind, config in kinds.items():
        project = projects[kind] = Project(sys.argv[1])
        project.write({"leat.yml": "version: 1\nname: memory\nmemory_limit: 1GB\n",
                       f"models/{kind}.sql": MODEL.format(config=config, rows=ROWS)})
        processes[kind] = project.start("run")
    for kind, process in processes.items():
        out, err = process.stdout.read(), process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        peak = used.ru_maxrss * 1024
        print(f"        {kind}: peak {peak / 1e6:.0f} MB, {used.ru_utime + used.ru_stime:.1f} s of processor time")
        cases.true(f"{kind}: {ROWS} rows are written", process.returncode == 0, out + err)
        cases.true(f"{kind}: in less than 1 GB of memory", peak < LIMIT, f"{peak} bytes")
        cases.check(f"{kind}: all are there, each in one of 2,526 days", projects[kind].one(
            f"select count(*), sum(id), count(distinct day) from trusted.{kind}"),
            [str(ROWS), str(ROWS * (ROWS - 1) // 2), "2526"])
    files = projects["partitioned"].json("lake", "snapshots", "trusted.partitioned")[0]["summary"]
    cases.true("partitioned: hardly more files than partitions", 2526 <= int(files["total-data-files"]) < 2 * 2526, str(files))
    for project in projects.values():
        project.remove()
    cases.finish()


if __name__ == "__main__":
    main()
