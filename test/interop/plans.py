"""Scan planning: the files that the server plans for PyIceberg are those that PyIceberg plans itself, filter by filter."""
import datetime

import pyarrow as pa
from pyiceberg.catalog import load_catalog
from pyiceberg.expressions import (AlwaysTrue, And, EqualTo, GreaterThan, GreaterThanOrEqual, In, IsNull, LessThan, Not, NotEqualTo, NotIn,
                                   NotNull, Or, StartsWith)
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import BucketTransform, DayTransform
from pyiceberg.types import DateType, DecimalType, DoubleType, LongType, NestedField, StringType, TimestampType

NS = "plans"


def rows(first, count, day):
    ids = list(range(first, first + count))
    return pa.table({
        "id": pa.array(ids, pa.int64()),
        "name": pa.array([None if i % 10 == 0 else f"name {i:04}" for i in ids], pa.string()),
        "amount": pa.array([i / 4 for i in ids], pa.float64()),
        "price": pa.array([None] * count if first == 20 else [f"{i}.50" for i in ids], pa.string()).cast(pa.decimal128(9, 2)),
        "day": pa.array([datetime.date(2026, 1, day)] * count, pa.date32()),
        "at": pa.array([datetime.datetime(2026, 1, day, 12, 0, i % 60) for i in ids], pa.timestamp("us")),
    })


FILTERS = [
    AlwaysTrue(), EqualTo("id", 15), EqualTo("id", 10_000), LessThan("id", 10), GreaterThanOrEqual("id", 20), GreaterThan("amount", 6.0),
    And(GreaterThan("id", 5), LessThan("id", 12)), Or(EqualTo("id", 1), EqualTo("id", 35)), Not(LessThan("id", 20)),
    Not(Or(LessThan("id", 10), GreaterThan("id", 29))), In("id", {3, 33}), NotIn("id", {3, 33}), NotEqualTo("id", 3),
    StartsWith("name", "name 002"), IsNull("price"), NotNull("price"), EqualTo("day", "2026-01-02"), GreaterThan("at", "2026-01-03T00:00:00"),
    EqualTo("price", "25.50"), And(EqualTo("day", "2026-01-01"), EqualTo("id", 25)),
]


def planned(table, **scan):
    return sorted((task.file.file_path, tuple(sorted(d.file_path for d in task.delete_files))) for task in table.scan(**scan).plan_files())


def plans(cases, project, server, engines):
    pyiceberg, spark, _ = engines
    served = load_catalog("served", type="rest", uri=server.url, warehouse="lake", token=server.admin,
                          **{"scan-planning-mode": "server"})
    cases.true("PyIceberg sees that the server plans", served.supports_server_side_planning())
    pyiceberg.catalog.create_namespace(NS)
    schema = Schema(NestedField(1, "id", LongType()), NestedField(2, "name", StringType()), NestedField(3, "amount", DoubleType()),
                    NestedField(4, "price", DecimalType(9, 2)), NestedField(5, "day", DateType()), NestedField(6, "at", TimestampType()))
    specs = {"plain": PartitionSpec(),
             "parts": PartitionSpec(PartitionField(6, 1000, DayTransform(), "at_day"), PartitionField(1, 1001, BucketTransform(4), "b"))}
    for name, spec in specs.items():
        table = pyiceberg.catalog.create_table((NS, name), schema, partition_spec=spec)
        for part in range(4):
            if name == "plain":
                table.append(rows(part * 10, 10, part + 1))
            else:  # PyIceberg writes these partitions only with a library of its own
                spark.sql(f"insert into lake.{NS}.{name} select * from lake.{NS}.plain where day = date '2026-01-0{part + 1}'")
        table = pyiceberg.catalog.load_table((NS, name))
        wrong, files, narrowed = [], len(planned(table)), 0
        remote = served.load_table((NS, name))
        for expression in FILTERS:
            own, theirs = planned(table, row_filter=expression), planned(remote, row_filter=expression)
            read = remote.scan(row_filter=expression).to_arrow().sort_by("id")
            expected = table.scan(row_filter=expression).to_arrow().sort_by("id")
            narrowed += len(theirs) < files
            # The server may keep a file that the client would leave out, never the other way round.
            if not set(own) <= set(theirs) or read != expected:
                wrong.append((str(expression), own, theirs, read.num_rows, expected.num_rows))
        cases.check(f"{name}: {len(FILTERS)} filters, the same rows by the server's plan", wrong, [])
        cases.true(f"{name}: most filters leave files out", narrowed >= len(FILTERS) // 2, narrowed)

    # Delete files belong to their data files.
    spark.sql(f"create table lake.{NS}.deleted (id bigint, note string) using iceberg tblproperties "
              "('write.delete.mode' = 'merge-on-read', 'format-version' = '2')")
    for part in range(2):
        spark.sql(f"insert into lake.{NS}.deleted select id, 'x' from range({part * 100}, {part * 100 + 100}, 1, 1)")
    spark.sql(f"delete from lake.{NS}.deleted where id = 7")
    table, remote = pyiceberg.catalog.load_table((NS, "deleted")), served.load_table((NS, "deleted"))
    cases.check("delete files as the client plans them", planned(remote), planned(table))
    cases.true("there is one", any(deletes for _, deletes in planned(remote)))
    cases.check("the deleted row is gone", remote.scan().to_arrow().num_rows, 199)
    snapshots = [snapshot.snapshot_id for snapshot in table.metadata.snapshots]
    cases.check("an older snapshot", planned(remote, snapshot_id=snapshots[0]), planned(table, snapshot_id=snapshots[0]))

    path = f"/v1/lake/namespaces/{NS}/tables/deleted/plan"
    status, body = server.call("POST", path, {"start-snapshot-id": snapshots[0], "end-snapshot-id": snapshots[-1]}, server.reader)
    since = [task["data-file"]["file-path"] for task in body["file-scan-tasks"]]
    all_files = {p for p, _ in planned(table, snapshot_id=snapshots[1])}
    cases.check("appends since a snapshot", (status, set(since)), (200, all_files - {p for p, _ in planned(table, snapshot_id=snapshots[0])}))
    status, body = server.call("POST", path, {"stats-fields": ["id"]}, server.reader)
    bounds = [(t["data-file"]["lower-bounds"]["values"], t["data-file"]["upper-bounds"]["values"]) for t in body["file-scan-tasks"]]
    cases.check("bounds of the fields asked for", sorted(bounds), [([0], [99]), ([100], [199])])
    for wrong in ({"filter": {"type": "eq", "term": "none", "value": 1}}, {"filter": {"type": "eq", "term": "id", "value": "x"}},
                  {"select": ["none"]}, {"snapshot-id": 1}, {"snapshot-id": snapshots[0], "start-snapshot-id": snapshots[0],
                                                             "end-snapshot-id": snapshots[1]},
                  {"start-snapshot-id": snapshots[0]}, {"start-snapshot-id": snapshots[1], "end-snapshot-id": snapshots[0]}):
        cases.check(f"refused: {wrong}", server.call("POST", path, wrong, server.reader)[0], 400)
    cases.check("no plan has an id", server.call("GET", path + "/x", token=server.reader)[1]["error"]["type"], "NoSuchPlanIdException")
    cases.check("nor a task of another name", server.call("POST", path[:-4] + "tasks", {"plan-task": "x"}, server.reader)[1]["error"]["type"],
                "NoSuchPlanTaskException")
    cases.check("cancelling is always done", server.call("DELETE", path + "/x", token=server.reader)[0], 204)
