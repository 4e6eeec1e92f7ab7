#!/usr/bin/env python3
"""The iceberg source against tables that PyIceberg wrote, all types at their extremes, and against `leat serve` as their catalogue: what is there is what the
lake has. docs/fidelity/iceberg.md is written from what is seen here and compared with it: LEAT_UPDATE=1 writes it anew.

usage: iceberg_source.py LEAT [DATA_FOLDER]
"""
import datetime
import http.server
import gzip
import json
import os
import shutil
import sys
import threading
import uuid
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.catalog import load_catalog
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.expressions import EqualTo
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import (BinaryType, BooleanType, DateType, DecimalType, DoubleType, FixedType, FloatType, IntegerType, ListType, LongType, MapType,
                             NestedField, StringType, StructType, TimestampNanoType, TimestampType, TimestamptzType, TimeType, UUIDType)

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
sys.path.insert(0, os.path.join(HERE, "..", "interop"))
from fidelity import REJECTED, check_page, compare_types  # noqa: E402
from leat_project import Cases, Project, scratch  # noqa: E402
from s3_server import S3Server  # noqa: E402
from server import Server  # noqa: E402
from table_cases import fails  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])
BIG = Decimal("9" * 28 + "." + "9" * 10)
MOMENT = datetime.datetime(1, 1, 1)
UTC = datetime.timezone.utc
NANO = datetime.datetime(2024, 1, 1)


def optional(*fields):
    return StructType(*[NestedField(i, name, kind, required=False) for i, name, kind in fields])


# (type, in the lake, arrow type or None, [(shown, value[, in the lake])])
TYPES = [
    ("boolean", "boolean", BooleanType(), [("true", True), ("false", False)]),
    ("int", "int", IntegerType(), [("-2147483648", -2**31), ("2147483647", 2**31 - 1)]),
    ("long", "long", LongType(), [("-9223372036854775808", -2**63), ("9223372036854775807", 2**63 - 1)]),
    ("float", "float", FloatType(), [("-3.4028235e+38", -3.4028234663852886e38), ("1e-45", 1e-45), ("-0.0", -0.0), ("nan", float("nan")),
                                     ("-inf", float("-inf"))]),
    ("double", "double", DoubleType(), [("-1.7976931348623157e+308", -1.7976931348623157e308), ("0.30000000000000004", 0.1 + 0.2), ("5e-324", 5e-324),
                                        ("nan", float("nan")), ("inf", float("inf"))]),
    ("decimal(4,1)", "decimal(4,1)", DecimalType(4, 1), [("-999.9", Decimal("-999.9"))]),
    ("decimal(38,10)", "decimal(38,10)", DecimalType(38, 10), [(f"-{BIG}", BIG.copy_negate()), ("0.0000000001", Decimal("0.0000000001"))]),
    ("date", "date", DateType(), [("0001-01-01", datetime.date(1, 1, 1)), ("9999-12-31", datetime.date(9999, 12, 31)),
                                  ("5881580-07-11", 2**31 - 1, REJECTED)]),
    ("time", "time", TimeType(), [("00:00:00", datetime.time()), ("23:59:59.999999", datetime.time(23, 59, 59, 999999))]),
    ("timestamp", "timestamp", TimestampType(), [("0001-01-01 00:00:00", MOMENT), ("9999-12-31 23:59:59.999999", datetime.datetime.max),
                                                 ("294247-01-10 04:00:54.775806", 2**63 - 2), ("294247-01-10 04:00:54.775807", 2**63 - 1, REJECTED)]),
    ("timestamptz", "timestamptz", TimestamptzType(), [("2024-03-10 06:00:00.5+00", datetime.datetime(2024, 3, 10, 6, 0, 0, 500000, UTC)),
                                                       ("294247-01-10 04:00:54.775807+00", 2**63 - 1, REJECTED)]),
    ("timestamp_ns", "timestamp", TimestampNanoType(), [("2024-01-01 00:00:00.123456", 1704067200123456000),
                                                        ("2024-01-01 00:00:00.123456789", 1704067200123456789, REJECTED)]),
    ("string", "string", StringType(), [("", ""), ("größe 😀 \t", "größe 😀 \t"), ("é😀" * 10000, "é😀" * 10000), ("\0a", "\0a")]),
    ("uuid", "uuid", UUIDType(), [("123e4567-e89b-12d3-a456-426614174000", uuid.UUID("123e4567-e89b-12d3-a456-426614174000").bytes),
                                  ("ffffffff-ffff-ffff-ffff-ffffffffffff", b"\xff" * 16)]),
    ("fixed[3]", "binary", FixedType(3), [("\\x00\\xFFA", b"\0\xffA")]),
    ("binary", "binary", BinaryType(), [("", b""), ("\\x00\\xFFA", b"\0\xffA")]),
    ("list<int>", "list<int>", ListType(10, IntegerType(), element_required=False), [("[1, NULL, 3]", [1, None, 3]), ("[]", [])]),
    ("map<string, int>", "map(varchar, integer)", MapType(10, StringType(), 11, IntegerType(), value_required=False), [("{k=1, l=NULL}", {"k": 1, "l": None})]),
    ("struct<a: int, b c: list<string>>", "struct(a integer, \"b c\" varchar[])",
     optional((10, "a", IntegerType()), (11, "b c", ListType(12, StringType(), element_required=False))),
     [("{'a': 1, 'b c': [x, NULL]}", {"a": 1, "b c": ["x", None]})]),
    ("struct<u: uuid, t: timestamptz>", "struct(u uuid, t timestamp with time zone)", optional((10, "u", UUIDType()), (11, "t", TimestamptzType())),
     [("{'u': ffffffff-ffff-ffff-ffff-ffffffffffff, 't': '2024-03-10 06:00:00+00'}",
       {"u": b"\xff" * 16, "t": datetime.datetime(2024, 3, 10, 6, tzinfo=UTC)})]),
]


class Lake:
    """PyIceberg's tables in a folder of its own."""

    def __init__(self, folder):
        self.folder = os.path.join(folder, "warehouse")
        os.makedirs(self.folder)
        self.catalog = SqlCatalog("local", uri=f"sqlite:///{folder}/catalog.db", warehouse=f"file://{self.folder}")
        self.catalog.create_namespace("shop")

    def create(self, name, kind, spec=None, **columns):
        fields = [NestedField(1, "id", LongType(), required=False)] + [NestedField(i + 2, column, one, required=False)
                                                                      for i, (column, one) in enumerate((columns or {"v": kind}).items())]
        return self.catalog.create_table(f"shop.{name}", Schema(*fields), properties={"write.metadata.metrics.default": "none"},
                                         partition_spec=spec or PartitionSpec())

    def project(self, tables, more="", connection=None, **files):
        made = Project(LEAT)
        connection = connection or f"{{ type: iceberg, path: {self.folder}{more} }}"
        made.write({"leat.yml": "version: 1\nname: shop\ndefaults: { max_reject: 100% }\n", "connections.yml": f"connections:\n  shop: {connection}\n",
                    "sources/shop.yml": "connection: shop\ntables:\n" + tables, **files})
        return made


def entry(name, more=""):
    return f"  - {{ name: {name}, table: shop/{name}, structured: false{more} }}\n"


def add(table, **columns):
    names = {field.name: field for field in table.schema().as_arrow()}
    table.append(pa.table({name: pa.array(values, names[name].type) for name, values in columns.items()},
                          schema=pa.schema([names[name] for name in columns])))


def array_of(cells, arrow):
    """An Arrow array; values that Python has no objects for are given as numbers, UUIDs as bytes."""
    if isinstance(arrow, pa.UuidType):
        return pa.ExtensionArray.from_storage(arrow, pa.array(cells, pa.binary(16)))
    if pa.types.is_temporal(arrow):
        numbers = [cell if cell is None or isinstance(cell, int) else pa.scalar(cell, arrow).value for cell in cells]
        return pa.array(numbers, pa.int32() if pa.types.is_date(arrow) else pa.int64()).cast(arrow)
    if pa.types.is_struct(arrow):
        members = [array_of([cell and cell[field.name] for cell in cells], field.type) for field in arrow]
        return pa.StructArray.from_arrays(members, fields=list(arrow), mask=pa.array([cell is None for cell in cells]))
    return pa.array(cells, arrow)


def in_nanoseconds(table, cells):
    """Makes a table of `timestamp` one of format version 3 with `timestamp_ns`, which PyIceberg cannot write: its one file, and its metadata."""
    data = next(iter(table.scan().plan_files())).file.file_path.removeprefix("file://")
    schema = pa.schema([pa.field("id", pa.int64(), metadata={"PARQUET:field_id": "1"}), pa.field("v", pa.timestamp("ns"), metadata={"PARQUET:field_id": "2"})])
    pq.write_table(pa.table({"id": pa.array([*range(len(cells) - 1), -1], pa.int64()), "v": pa.array(cells, pa.int64()).cast(pa.timestamp("ns"))}, schema=schema), data)

    def newer(metadata):
        metadata.update({"format-version": 3, "next-row-id": len(cells)})
        for one in metadata["snapshots"]:
            one.update({"first-row-id": 0, "added-rows": len(cells)})
        for one in metadata["schemas"]:
            one["fields"][1]["type"] = "timestamp_ns"
        return metadata

    change_metadata(table, newer)


def change_metadata(table, change):
    """Writes the newest metadata file anew; returns what it was."""
    path = table.metadata_location.removeprefix("file://")
    with open(path, encoding="utf-8") as file:
        before = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(change if isinstance(change, str) else json.dumps(change(json.loads(before))))
    return before


def types(cases, lake):
    tables = ""
    for number, (name, _, kind, values) in enumerate(TYPES):
        cells = [value[1] for value in values] + [None]
        table = lake.create(f"t{number}", TimestampType() if name == "timestamp_ns" else kind)
        tables += entry(f"t{number}")
        if name == "timestamp_ns":
            add(table, id=[*range(len(values)), -1], v=[None] * len(cells))
            in_nanoseconds(lake.catalog.load_table(f"shop.t{number}"), cells)
            continue
        arrow = table.schema().as_arrow().field("v").type
        table.append(pa.table({"id": pa.array([*range(len(values)), -1], pa.int64()), "v": array_of(cells, arrow)}))
    project = lake.project(tables)
    project.run("run")
    types_shown = [(name, lake_type, [(shown, *more) for shown, _, *more in values]) for name, lake_type, _, values in TYPES]
    return compare_types(cases, project, types_shown, "reason_code = 'cast' and payload like '%\"id\":%'")


def partitions(cases, lake):
    """Partitioned by values, with files that lack the column (as migrated ones do): it comes from the metadata."""
    tables = ""
    for name, source in (("v", 2), ("m", 3), ("d", 4), ("n", 5), ("b", 6)):
        table = lake.create(f"by_{name}", None, PartitionSpec(PartitionField(source, 1000, IdentityTransform(), "p")), v=StringType(), m=TimestamptzType(),
                            d=DateType(), n=DecimalType(20, 3), b=BooleanType())
        days = [datetime.datetime(2023 + i % 3, 1 + i % 12, 1, i % 2, 0, 0, 5 * (i % 2), UTC) for i in range(40)]
        add(table, id=list(range(40)), v=[None if i % 9 == 0 else f"größe {i % 5}/*[x]?" for i in range(40)], m=days, d=[None if i == 4 else days[i].date() for i in range(40)],
            n=[Decimal(i % 4) / 8 for i in range(40)], b=[[True, False, None][i % 3] for i in range(40)])
        table = lake.catalog.load_table(f"shop.by_{name}")
        for task in table.scan().plan_files():
            path = task.file.file_path.removeprefix("file://")
            kept = pq.ParquetFile(path).read()
            pq.write_table(kept.drop_columns([name]), path)
        tables += entry(f"by_{name}")
    project = lake.project(tables)
    project.run("run")
    question = "select id, v, m, d, n, b from {} order by id"
    expected = project.rows(question.format("raw_shop.by_b"))
    cases.check("partitioned tables: rows", [len(expected), expected[4][0], expected[4][3]], [40, "4", ""])
    cases.check("partitioned by boolean: values from the metadata", [row[5] for row in expected[:3]], ["true", "false", ""])
    for name in ("v", "m", "d", "n"):
        cases.check(f"partitioned by {name}: values from the metadata", project.rows(question.format(f"raw_shop.by_{name}")), expected)
    project.remove()


def other_files(cases, lake):
    """A partitioning that changed; files without ids, found by the table's name mapping."""
    table = lake.create("respec", None, PartitionSpec(PartitionField(2, 1000, IdentityTransform(), "v")), v=StringType(), m=LongType())
    add(table, id=list(range(60)), v=[f"{i % 7} größe" for i in range(60)], m=list(range(60)))
    with table.update_spec() as change:
        change.remove_field("v").add_field("m", IdentityTransform(), "by_m")
    add(lake.catalog.load_table("shop.respec"), id=list(range(60, 80)), v=["x"] * 20, m=[i % 3 for i in range(20)])
    table = lake.create("unnamed", None, None, v=StringType(), w=StringType())
    path = os.path.join(lake.folder, "shop/unnamed/plain.parquet")
    pq.write_table(pa.table({"v": ["a", "b"], "id": pa.array([1, 2], pa.int64())}), path)
    table.add_files([f"file://{path}"])
    with lake.catalog.load_table("shop.unnamed").update_schema() as change:
        change.rename_column("v", "label")
    project = lake.project(entry("respec") + entry("unnamed"))
    project.run("run")
    cases.check("a partitioning that changed", project.one("select count(*), sum(id), count(distinct v), sum(m) from raw_shop.respec"),
                ["80", str(sum(range(80))), "8", str(sum(range(60)) + 19)])
    cases.check("files without ids, by the name mapping", project.rows("select id, label, w from raw_shop.unnamed order by id"), [["1", "a", ""], ["2", "b", ""]])
    project.remove()


def evolution(cases, lake):
    table = lake.create("moving", None, None, a=IntegerType(), b=StringType(), c=FloatType(), s=optional((20, "x", IntegerType()), (21, "y", StringType())))
    add(table, id=[1], a=[1], b=["one"], c=[0.5], s=[{"x": 1, "y": "old"}])
    project = lake.project(entry("moving", ", mode: append"))
    project.run("run")
    with table.update_schema() as change:
        change.rename_column("b", "label").update_column("a", LongType()).update_column("c", DoubleType()).add_column("more", StringType())
        change.move_first("b")
    table = lake.catalog.load_table("shop.moving")
    add(table, label=["two"], id=[2], a=[2**40], c=[0.1], s=[{"x": 2, "y": "new"}], more=["m"])
    drift = project.json("drift", expect=None)["tables"][0]["drift"]
    cases.true("leat drift knows the rename by its id", [one for one in drift if one["class"] == "rename" and "b" in json.dumps(one) and one["column"] == "label"] != [],
               json.dumps(drift))
    ended = project.run("run", expect=None)
    cases.true("appended after evolution", ended.returncode == 0, ended.stdout + ended.stderr)
    cases.check("renamed, widened, added", project.rows("select id, label, a, c, more from raw_shop.moving order by id"),
                [["1", "one", "1", "0.5", ""], ["2", "two", str(2**40), "0.1", "m"]])
    for old, new in (("label", "kept"), ("more", "label"), ("kept", "more")):
        with lake.catalog.load_table("shop.moving").update_schema() as change:
            change.rename_column(old, new)
    cases.true("append: columns that exchanged their names", *fails(project, "SRC-408", "column more", "called label", "full-refresh"))
    for old, new in (("more", "kept"), ("label", "more"), ("kept", "label")):
        with lake.catalog.load_table("shop.moving").update_schema() as change:
            change.rename_column(old, new)
    table = lake.catalog.load_table("shop.moving")
    project.remove()
    with table.update_schema() as change:
        change.rename_column(("s", "x"), "z").add_column(("s", "w"), LongType())
    table = lake.catalog.load_table("shop.moving")
    project = lake.project(entry("moving"))
    project.run("run")
    cases.check("read whole after evolution, members by their ids", project.rows("select id, label, a, c, more, s.z, s.y, s.w from raw_shop.moving order by id"),
                [["1", "one", "1", "0.5", "", "1", "old", ""], ["2", "two", str(2**40), "0.1", "m", "2", "new", ""]])
    with table.update_schema() as change:
        change.delete_column("more")
    with lake.catalog.load_table("shop.moving").update_schema() as change:
        change.add_column("more", LongType())
    table = lake.catalog.load_table("shop.moving")
    add(table, label=["three"], id=[3], a=[3], c=[3.0], s=[None], more=[33])
    fresh = lake.project(entry("moving"))
    fresh.run("run")
    cases.check("a column that is new under an old name is empty in old files", fresh.rows("select id, more, s is null from raw_shop.moving order by id"),
                [["1", "", "false"], ["2", "", "false"], ["3", "33", "true"]])
    project.remove()
    fresh.remove()


def going_on(cases, lake):
    table = lake.create("orders", None, None, v=StringType())
    add(table, id=[1, 2, 3], v=["a", "b", "c"])
    appending = lake.project(entry("orders", ", mode: append"))
    keyed = lake.project(entry("orders", ", mode: incremental, primary_key: [id], reconcile: { every: 0s }"))
    for project in (appending, keyed):
        project.run("run")
    first = str(table.current_snapshot().snapshot_id)
    cases.check("the bookmark is the snapshot", appending.one("select watermark_after from leat.ledger where kind = 'load'"), [first])
    add(table, id=[4, 5], v=["d", "e"])
    for name, project in (("append", appending), ("incremental", keyed)):
        project.run("run")
        cases.check(f"{name}: only the rows of the new snapshot were read", project.one("select rows_in from leat.ledger order by run_id desc limit 1"), ["2"])
        project.run("run")
        cases.check(f"{name}: nothing new, nothing read", project.one("select count(*) from leat.ledger where rows_in > 0"), ["2"])
    lake.catalog.load_table("shop.orders").overwrite(pa.table({"id": pa.array([2], pa.int64()), "v": ["B"]}), overwrite_filter=EqualTo("id", 2))
    lake.catalog.load_table("shop.orders").delete(EqualTo("id", 1))
    held, said = fails(appending, "SRC-405", "is no append", "incremental")
    cases.true("append: a rewrite is no append", held, said)
    cases.check("append: and the table is as it was", appending.one("select count(*) from raw_shop.orders"), ["5"])
    keyed.run("run")
    expected = [["2", "B"], ["3", "c"], ["4", "d"], ["5", "e"]]
    cases.check("incremental: rewritten rows by key, gone ones by reconcile", keyed.rows("select id, v from raw_shop.orders order by id"), expected)
    replaced = lake.project(entry("orders"))
    replaced.run("run")
    cases.check("full-refresh: as it is", replaced.rows("select id, v from raw_shop.orders order by id"), expected)
    cases.true("full-refresh: unchanged, not read again", "unchanged" in replaced.run("plan").stdout, replaced.run("plan").stdout)
    table = lake.catalog.load_table("shop.orders")
    latest = table.current_snapshot().snapshot_id
    add(table, id=[6], v=["f"])
    lake.catalog.load_table("shop.orders").maintenance.expire_snapshots().by_id(int(latest)).commit()
    held, said = fails(lake_mode(lake, keyed, "append"), "SRC-405", "no longer kept")
    cases.true("append: an expired snapshot", held, said)
    lake_mode(lake, keyed, "incremental, primary_key: [id]")
    keyed.run("run")
    cases.check("incremental: all of it behind an expired snapshot", keyed.rows("select id, v from raw_shop.orders order by id"), [*expected, ["6", "f"]])
    rolled_back(cases, lake)
    for project in (appending, keyed, replaced):
        project.remove()


def rolled_back(cases, lake):
    """The owner goes back to an older state: what it lacks is gone, what it has again is read again."""
    table = lake.create("back", None, None, v=StringType())
    add(table, id=[1, 2], v=["a", "b"])
    first = table.current_snapshot().snapshot_id
    lake.catalog.load_table("shop.back").overwrite(pa.table({"id": pa.array([2, 3], pa.int64()), "v": ["B", "c"]}))
    project = lake.project(entry("back", ", mode: incremental, primary_key: [id], reconcile: { every: 0s }"))
    project.run("run")
    lake.catalog.load_table("shop.back").manage_snapshots().rollback_to_snapshot(first).commit()
    project.run("run")
    cases.check("incremental: rolled back", project.rows("select id, v from raw_shop.back order by id"), [["1", "a"], ["2", "b"]])
    project.remove()


def lake_mode(lake, project, mode):
    project.write({"sources/shop.yml": "connection: shop\ntables:\n" + entry("orders", f", mode: {mode}")})
    return project


def travel(cases, lake):
    table = lake.create("past", None, None, v=StringType())
    add(table, id=[1], v=["a"])
    first = table.current_snapshot()
    table.manage_snapshots().create_tag(first.snapshot_id, "closed").commit()
    table = lake.catalog.load_table("shop.past")
    with table.update_schema() as change:
        change.add_column("w", LongType())
    table = lake.catalog.load_table("shop.past")
    add(table, id=[2], v=["b"], w=[1])
    time = datetime.datetime.fromtimestamp(first.timestamp_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    for state in (str(first.snapshot_id), "closed", time):
        project = lake.project(entry("past", f", as_of: \"{state}\""))
        project.run("run")
        cases.check(f"as_of {'id' if state.isdigit() else 'time' if state == time else 'tag'}: rows and columns of then",
                    project.rows("select columns(c -> c not like '\\_%' escape '\\') from raw_shop.past"), [["1", "a"]])
        project.remove()
    held, said = fails(lake.project(entry("past", ", as_of: \"2001-01-01\"")), "SRC-416", "closed", "main")
    cases.true("as_of before the first state", held, said)
    held, said = fails(lake.project(entry("past", ", as_of: nobody")), "SRC-416", "nobody")
    cases.true("as_of an unknown name", held, said)


def folders(cases, lake, folder):
    held, said = fails(lake.project(entry("nowhere")), "SRC-415", "shop/nowhere/metadata")
    cases.true("no such table", held, said)
    listed = {one["entry"]: one for one in lake.project(entry("past")).json("discover", "shop")}
    cases.true("leat discover lists the folders of tables", "shop/past" in listed and listed["shop/past"]["rows"] == 2
               and [one["name"] for one in listed["shop/past"]["columns"]] == ["id", "v", "w"], json.dumps(listed.get("shop/past")))
    add(lake.create("packed", LongType()), id=[1, 2], v=[3, 4])
    place = os.path.dirname(lake.catalog.load_table("shop.packed").metadata_location.removeprefix("file://"))
    newest = os.path.join(place, max(name for name in os.listdir(place) if name.endswith(".metadata.json")))
    with open(newest, "rb") as file:
        whole = gzip.compress(file.read())
    for name in ("v98.gz.metadata.json", "v99.metadata.json.gz"):
        with open(os.path.join(place, name), "wb") as out:
            out.write(whole)
        project = lake.project(entry("packed"))
        project.run("run")
        cases.check(f"packed metadata: {name}", project.one("select sum(id), sum(v) from raw_shop.packed"), ["3", "7"])
        with open(os.path.join(place, name), "wb") as out:
            out.write(whole[:-8])
        cases.true(f"packed metadata: {name} that is cut off", *fails(lake.project(entry("packed")), "IO-401", name))
    shutil.rmtree(os.path.dirname(place))
    outside = Lake(os.path.join(folder, "outside"))
    add(outside.create("far", LongType()), id=[1], v=[1])
    shutil.copytree(os.path.join(outside.folder, "shop/far"), os.path.join(lake.folder, "shop/far"))
    held, said = fails(lake.project(entry("far")), "SRC-400", "outside")
    cases.true("files outside of `path` are not read", held, said)
    broken = lake.create("broken", LongType())
    add(broken, id=[1], v=[1])
    broken = lake.catalog.load_table("shop.broken")
    for name, change, code, word in (("a format version to come", lambda m: {**m, "format-version": 4}, "LAKE-102", "format version 4"),
                                     ("metadata without columns", lambda m: {k: v for k, v in m.items() if k != "schemas"}, "LAKE-101", "schema")):
        before = change_metadata(broken, change)
        cases.true(name, *fails(lake.project(entry("broken")), code, word))
        change_metadata(broken, before)
    data = next(lake.catalog.load_table("shop.broken").scan().plan_files().__iter__()).file.file_path.removeprefix("file://")
    os.rename(data, data + ".gone")
    held, said = fails(lake.project(entry("broken")), "table broken", os.path.basename(data))
    cases.true("a data file that is gone is named", held, said)
    os.rename(data + ".gone", data)
    project = lake.project(entry("broken"))
    project.run("run")
    cases.check("and when it is back", project.one("select count(*) from raw_shop.broken"), ["1"])


def catalogue(cases, folder):
    """`leat serve` of another project is the catalogue: tables that PyIceberg made there, deletes that Leat's SQL made."""
    theirs = Project(LEAT, os.path.join(folder, "theirs"))
    theirs.write({"leat.yml": "version: 1\nname: theirs\n", "connections.yml": "connections:\n  in: { type: jsonl, path: . }\n",
                  "sources/in.yml": "connection: in\ntables:\n  - { name: items, files: items.jsonl, mode: incremental, primary_key: [id], structured: false,\n"
                  "      partition_by: ['bucket(4, id)', 'truncate(3, label)', year(at), 'hour(at)'] }\n",
                  "items.jsonl": "".join(json.dumps({"id": i, "label": f"item {i}", "at": f"19{69 + i % 3}-02-0{1 + i % 2}T23:00:00"}) + "\n" for i in range(2000))})
    theirs.run("run")
    theirs.write({"items.jsonl": "".join(json.dumps({"id": i, "label": f"item {i}", "at": "1969-12-31T23:59:59"}) + "\n" for i in range(0, 2000, 7)).replace("item", "ITEM")})
    theirs.run("run")
    server = Server(theirs)
    try:
        other = load_catalog("lake", type="rest", uri=server.url, warehouse="lake", token=server.admin)
        other.create_namespace(("deep",))
        made = other.create_table(("deep", "Über.all"), Schema(NestedField(1, "id", LongType(), required=True), NestedField(2, "v", StringType(), required=False),
                                                              identifier_field_ids=[1]))
        made.append(pa.table({"id": pa.array([1, 2], pa.int64()), "v": ["x", "y"]}, schema=made.schema().as_arrow()))
        connection = f"{{ type: iceberg, catalog: '{server.url}', warehouse: lake, token: '{server.reader}', path: {theirs.folder} }}"
        tables = ("  - { name: items, table: raw_in.items, structured: false }\n"
                  "  - { name: all, table: 'deep.\"Über.all\"', mode: append, structured: false }\n")
        project = Lake.project(None, tables, connection=connection)
        project.run("run")
        cases.check("REST: rows with deletes applied", project.one("select count(*), count(distinct id), count(*) filter (label like 'ITEM%') from raw_shop.items"),
                    ["2000", "2000", "286"])
        cases.check("REST: a name with a dot", project.rows("select id, v from raw_shop.all order by id"), [["1", "x"], ["2", "y"]])
        listed = {one["entry"]: one for one in project.json("discover", "shop")}
        cases.check("REST: leat discover", [listed.get("deep.\"Über.all\"", {}).get("primary_key"), listed.get("raw_in.items", {}).get("rows")], [["id"], 2000])
        made.append(pa.table({"id": pa.array([3], pa.int64()), "v": ["z"]}, schema=made.schema().as_arrow()))
        project.run("run")
        cases.check("REST: append by snapshot", project.one("select count(*), max(v) from raw_shop.all"), ["3", "z"])
        project.write({"sources/shop.yml": "connection: shop\ntables:\n  - { name: i, table: raw_in.itemz, structured: false }\n"})
        cases.true("REST: no such table", *fails(project, "SRC-413", "raw_in.items"))
        project.write({"sources/shop.yml": "connection: shop\ntables:\n  - { name: i, table: raw_inn.items, structured: false }\n"})
        cases.true("REST: no such namespace", *fails(project, "SRC-413", "raw_in.items"))
        project.write({"sources/shop.yml": "connection: shop\ntables:\n  - { name: items, structured: false }\n"})
        cases.true("REST: no namespace given", *fails(project, "SRC-418", "namespace.table"))
        project.write({"sources/shop.yml": "connection: shop\ntables:\n" + tables})
        project.write({"connections.yml": f"connections:\n  shop: {connection.replace(server.reader, 'wrong')}\n"})
        cases.true("REST: a wrong token", *fails(project, "SRC-412", "token"))
        project.write({"connections.yml": f"connections:\n  shop: {connection.replace('warehouse: lake', 'warehouse: pond')}\n"})
        cases.true("REST: no such warehouse", *fails(project, "SRC-411", "pond"))
        project.write({"connections.yml": f"connections:\n  shop: {connection.replace(', path: ' + theirs.folder, '')}\n"})
        cases.true("REST: local files need `path`", *fails(project, "SRC-400", "path:"))
        client = theirs.json("serve", "token", "create", "client", "--client", "--scope", "read")
        keys = f"{client.get('client_id', client.get('id'))}:{client.get('client_secret', client.get('secret', client.get('token')))}"
        project.write({"connections.yml": f"connections:\n  shop: {connection.replace(f'token: {chr(39)}{server.reader}', f'credential: {chr(39)}{keys}')}\n"})
        project.run("run", "--force")
        cases.check("REST: client credentials", project.one("select count(*) from raw_shop.items"), ["2000"])
        page = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
        page.RequestHandlerClass.log_message = lambda *_: None
        threading.Thread(target=page.serve_forever, daemon=True).start()
        project.write({"connections.yml": f"connections:\n  shop: {{ type: iceberg, catalog: 'http://127.0.0.1:{page.server_port}', path: {theirs.folder} }}\n"})
        cases.true("REST: an address that is no catalogue", *fails(project, "SRC-411", "404"))
        page.shutdown()
        project.write({"connections.yml": "connections:\n  shop: { type: iceberg }\n"})
        cases.true("neither catalogue nor path", *fails(project, "SRC-410", "catalog:"))
        project.remove()
    finally:
        server.stop()


DELETES = {"v2": "2, write.delete.mode: merge-on-read, write.update.mode: merge-on-read", "v3": "3, write.delete.mode: merge-on-read, write.update.mode: merge-on-read"}


def bucket(cases, store):
    """A catalogue over an object store that gives keys; position deletes and deletion vectors; and the same tables without their catalogue."""
    theirs = Project(LEAT)
    tables = "".join(f"  - {{ name: {name}, files: items.jsonl, mode: incremental, primary_key: [id], structured: false, properties: {{ format-version: {more} }} }}\n"
                     for name, more in DELETES.items())
    theirs.write({"leat.yml": f"version: 1\nname: theirs\nwarehouse: s3://lake/theirs\nstorage: {{ endpoint: '{store.url}', region: us-east-1, access_key_id: {store.key}, "
                              f"secret_access_key: '${{env:THEIR_SECRET}}', vend: keys }}\n",
                  "connections.yml": "connections:\n  in: { type: jsonl, path: . }\n", "sources/in.yml": "connection: in\ntables:\n" + tables,
                  "items.jsonl": "".join(json.dumps({"id": i, "label": f"item {i}"}) + "\n" for i in range(2000))})
    # Nobody but the catalogue, or the connection itself, has keys.
    os.environ.update(THEIR_SECRET=store.secret, AWS_EC2_METADATA_DISABLED="true", AWS_SHARED_CREDENTIALS_FILE="/dev/null", AWS_CONFIG_FILE="/dev/null")
    theirs.run("run")
    theirs.write({"items.jsonl": "".join(json.dumps({"id": i, "label": f"ITEM {i}"}) + "\n" for i in range(0, 2000, 7))})
    theirs.run("run")
    server = Server(theirs)
    try:
        entries = "".join(f"  - {{ name: {name}, table: raw_in.{name}, mode: incremental, primary_key: [id], structured: false }}\n" for name in DELETES)
        connection = f"{{ type: iceberg, catalog: '{server.url}', warehouse: lake, token: '{server.reader}' }}"
        project = Lake.project(None, entries, connection=connection)
        project.run("run")
        question = "select count(*), count(distinct id), count(*) filter (label like 'ITEM%') from raw_shop.{}"
        for name, kind in (("v2", ".parquet"), ("v3", ".puffin")):
            cases.true(f"bucket, {name}: there are deletes", any("delet" in one and one.endswith(kind) for one in store.files()), store.files())
            cases.check(f"bucket, {name}: keys of the catalogue, deletes applied", project.one(question.format(name)), ["2000", "2000", "286"])
        theirs.write({"items.jsonl": "".join(json.dumps({"id": i, "label": f"ITEM {i}"}) + "\n" for i in range(1990, 2010))})
        theirs.run("run")
        project.run("run")
        for name in DELETES:
            cases.check(f"bucket, {name}: changed rows by key", project.one(question.format(name)), ["2010", "2010", "305"])
            cases.check(f"bucket, {name}: only new files were read", project.one(f"select rows_in from leat.ledger where step like '%{name}' order by run_id desc limit 1"), ["20"])
        keyless = Lake.project(None, entries, connection=connection.replace(" }", ", access: own }"))
        cases.true("bucket: without keys", *fails(keyless, "IO-521", "table v2", "storage:"))
        folders = sorted({one.split("/metadata/")[0] for one in store.files() if one.endswith(".metadata.json")})
        entries = "".join(f"  - {{ name: t{number}, table: {one.removeprefix('theirs/')}, structured: false }}\n" for number, one in enumerate(folders))
        folder = Lake.project(None, entries, connection=f"{{ type: iceberg, path: 's3://lake/theirs', storage: {{ endpoint: '{store.url}', region: us-east-1, "
                                                        f"access_key_id: {store.key}, secret_access_key: '${{env:THEIR_SECRET}}' }} }}")
        folder.run("run")
        cases.check("bucket: folders of tables, with keys of its own", [folder.one(question.format(f"t{number}")) for number in range(len(folders))],
                    [["2010", "2010", "305"]] * 2)
        cases.check("bucket: leat discover lists the folders", sorted(one["entry"] for one in folder.json("discover", "shop")),
                    [one.removeprefix("theirs/") for one in folders])
        spool = os.path.join(project.folder, ".leat/spool")
        cases.check("bucket: no copies are left behind", [name for _, _, names in os.walk(spool) for name in names], [])
        for one in (project, keyless, folder):
            one.remove()
    finally:
        server.stop()
        theirs.remove()


def main():
    cases = Cases()
    folder = scratch("iceberg-")
    lake = Lake(os.path.join(folder, "lake"))
    with open(os.path.join(HERE, "iceberg_types.md"), encoding="utf-8") as head:
        text = head.read().rstrip("\n") + "\n"
    text += types(cases, lake)
    check_page(cases, "iceberg", text)
    partitions(cases, lake)
    other_files(cases, lake)
    evolution(cases, lake)
    going_on(cases, lake)
    travel(cases, lake)
    folders(cases, lake, folder)
    catalogue(cases, folder)
    with S3Server() as store:
        bucket(cases, store)
    shutil.rmtree(folder, ignore_errors=True)
    cases.finish()


if __name__ == "__main__":
    main()
