#!/usr/bin/env python3
"""The delta source against tables that delta-rs wrote, all types at their extremes, and against logs that it cannot write: column mapping, deletion vectors,
checkpoints in parts and with sidecars. docs/fidelity/delta.md is written from what is seen here and compared with it: LEAT_UPDATE=1 writes it anew.

usage: delta_source.py LEAT [DATA_FOLDER]
"""
import datetime
import glob
import json
import os
import shutil
import struct
import sys
import time
import uuid
import zlib
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, write_deltalake
from pyroaring import BitMap

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from fidelity import REJECTED, check_page, compare_types  # noqa: E402
from leat_project import Cases, Project, scratch  # noqa: E402
from s3_server import S3Server  # noqa: E402
from table_cases import fails  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])
BIG = Decimal("9" * 28 + "." + "9" * 10)
UTC = datetime.timezone.utc
MOMENT = datetime.datetime(1, 1, 1)
US = pa.timestamp("us")
TZ = pa.timestamp("us", "UTC")
STRUCT = pa.struct([("a", pa.int32()), ("b c", pa.list_(pa.string()))])

# (type, in the lake, arrow type, [(shown, value[, in the lake])])
TYPES = [
    ("boolean", "boolean", pa.bool_(), [("true", True), ("false", False)]),
    ("byte", "int", pa.int8(), [("-128", -128), ("127", 127)]),
    ("short", "int", pa.int16(), [("-32768", -32768), ("32767", 32767)]),
    ("integer", "int", pa.int32(), [("-2147483648", -2**31), ("2147483647", 2**31 - 1)]),
    ("long", "long", pa.int64(), [("-9223372036854775808", -2**63), ("9223372036854775807", 2**63 - 1)]),
    ("float", "float", pa.float32(), [("-3.4028235e+38", -3.4028234663852886e38), ("1e-45", 1e-45), ("-0.0", -0.0), ("nan", float("nan")), ("-inf", float("-inf"))]),
    ("double", "double", pa.float64(), [("-1.7976931348623157e+308", -1.7976931348623157e308), ("0.30000000000000004", 0.1 + 0.2), ("5e-324", 5e-324),
                                        ("nan", float("nan")), ("inf", float("inf"))]),
    ("decimal(4,1)", "decimal(4,1)", pa.decimal128(4, 1), [("-999.9", Decimal("-999.9"))]),
    ("decimal(38,10)", "decimal(38,10)", pa.decimal128(38, 10), [(f"-{BIG}", BIG.copy_negate()), ("0.0000000001", Decimal("0.0000000001"))]),
    ("date", "date", pa.date32(), [("0001-01-01", datetime.date(1, 1, 1)), ("9999-12-31", datetime.date(9999, 12, 31))]),
    ("timestamp", "timestamptz", TZ, [("0001-01-01 00:00:00+00", MOMENT.replace(tzinfo=UTC)), ("2024-03-10 06:00:00.5+00", datetime.datetime(2024, 3, 10, 6, 0, 0, 500000, UTC)),
                                      ("294247-01-10 04:00:54.775807+00", 2**63 - 1, REJECTED)]),
    ("timestamp_ntz", "timestamp", US, [("0001-01-01 00:00:00", MOMENT), ("9999-12-31 23:59:59.999999", datetime.datetime.max)]),
    ("string", "string", pa.string(), [("", ""), ("größe 😀 \t", "größe 😀 \t"), ("é😀" * 10000, "é😀" * 10000), ("\0a", "\0a")]),
    ("binary", "binary", pa.binary(), [("", b""), ("\\x00\\xFFA", b"\0\xffA")]),
    ("array<integer>", "list<int>", pa.list_(pa.int32()), [("[1, NULL, 3]", [1, None, 3]), ("[]", [])]),
    ("map<string, integer>", "map(varchar, integer)", pa.map_(pa.string(), pa.int32()), [("{k=1, l=NULL}", [("k", 1), ("l", None)])]),
    ("struct<a: integer, b c: array<string>>", "struct(a integer, \"b c\" varchar[])", STRUCT, [("{'a': 1, 'b c': [x, NULL]}", {"a": 1, "b c": ["x", None]})]),
]


def project_of(folder, tables, more="", **files):
    made = Project(LEAT)
    made.write({"leat.yml": "version: 1\nname: shop\ndefaults: { max_reject: 100% }\n", "connections.yml": f"connections:\n  shop: {{ type: delta, path: '{folder}'{more} }}\n",
                "sources/shop.yml": "connection: shop\ntables:\n" + tables, **files})
    return made


def entry(name, more=""):
    return f"  - {{ name: {name}, structured: false{more} }}\n"


def ids(cells):
    return pa.array([*range(len(cells) - 1), -1], pa.int64())


def numbers(*rows):
    """Rows (id, v) as delta-rs takes them."""
    return pa.table({"id": pa.array([row[0] for row in rows], pa.int64()), "v": pa.array([row[1] for row in rows], pa.string())})


def commit(folder, version, *actions):
    """Writes a commit by hand."""
    path = os.path.join(folder, "_delta_log", f"{version:020}.json")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write("".join(json.dumps(action) + "\n" for action in actions))
    return path


def add_of(folder, name, table, **more):
    """A data file, and the action that adds it."""
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    pq.write_table(table, path)
    return {"add": {"path": name, "partitionValues": {}, "size": os.path.getsize(path), "modificationTime": 0, "dataChange": True, **more}}


def definition(fields, configuration=None, partition=(), id="9c12d441-03fe-4693-9a96-a0705ddf69c1"):
    return {"metaData": {"id": id, "format": {"provider": "parquet", "options": {}}, "schemaString": json.dumps({"type": "struct", "fields": fields}),
                         "partitionColumns": list(partition), "configuration": configuration or {}, "createdTime": 0}}


def field(name, kind, **metadata):
    return {"name": name, "type": kind, "nullable": True, "metadata": metadata}


def mapped(id, physical):
    return {"delta.columnMapping.id": id, "delta.columnMapping.physicalName": physical}


def protocol(*features):
    return {"protocol": {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": list(features), "writerFeatures": list(features)}}


def types(cases, folder):
    tables = ""
    for number, (_, _, arrow, values) in enumerate(TYPES):
        cells = [value[1] for value in values] + [None]
        if pa.types.is_timestamp(arrow):
            array = pa.array([cell if cell is None or isinstance(cell, int) else pa.scalar(cell, arrow).value for cell in cells], pa.int64()).cast(arrow)
        else:
            array = pa.array(cells, arrow)
        write_deltalake(os.path.join(folder, f"t{number}"), pa.table({"id": ids(cells), "v": array}))
        tables += entry(f"t{number}")
    project = project_of(folder, tables)
    project.run("run")
    types_shown = [(name, lake_type, [(shown, *more) for shown, _, *more in values]) for name, lake_type, _, values in TYPES]
    return compare_types(cases, project, types_shown, "reason_code = 'cast' and payload like '%\"id\":%'")


def partitions(cases, folder):
    """The same rows partitioned by a column of each type and not at all."""
    count = 40
    moments = [datetime.datetime(1969 + i % 3, 1 + i % 12, 1, i % 2, 0, 0, 5 * (i % 2)) for i in range(count)]
    columns = {
        "s": pa.array([None if i % 9 == 0 else f"größe {i % 5}/*[x]?=%2F:" for i in range(count)]), "i": pa.array([i % 4 - 2 for i in range(count)], pa.int32()),
        "b": pa.array([i % 3 - 1 for i in range(count)], pa.int8()), "l": pa.array([-2**63 + i % 3 for i in range(count)], pa.int64()),
        "t": pa.array([[True, False, None][i % 3] for i in range(count)]), "d": pa.array([None if i == 4 else one.date() for i, one in enumerate(moments)]),
        "m": pa.array(moments, US).cast(TZ), "n": pa.array(moments, US), "e": pa.array([Decimal(i % 4) / 8 for i in range(count)], pa.decimal128(20, 3)),
        "f": pa.array([[0.1, -1.5, 1e10][i % 3] for i in range(count)], pa.float64())}
    rows = pa.table({"id": pa.array(range(count), pa.int64()), **columns})
    write_deltalake(os.path.join(folder, "whole"), rows)
    for name in columns:
        write_deltalake(os.path.join(folder, f"by_{name}"), rows, partition_by=[name])
    write_deltalake(os.path.join(folder, "by_two"), rows, partition_by=["s", "i"])
    project = project_of(folder, entry("whole") + entry("by_two") + "".join(entry(f"by_{name}") for name in columns))
    project.run("run")
    question = f"select id, {', '.join(columns)} from {{}} order by id"
    expected = project.rows(question.format("raw_shop.whole"))
    cases.check("partitions: rows", [len(expected), expected[1][1], expected[9][1]], [count, "größe 1/*[x]?=%2F:", ""])
    for name in [*columns, "two"]:
        cases.check(f"partitioned by {name}", project.rows(question.format(f"raw_shop.by_{name}")), expected)
        theirs = DeltaTable(os.path.join(folder, f"by_{name}")).to_pyarrow_table().sort_by("id")
        cases.true(f"partitioned by {name}: delta-rs reads the same", pa.table({one: theirs[one] for one in rows.column_names}).cast(rows.schema).equals(rows))
    project.remove()


def checkpoints(cases, folder):
    path = os.path.join(folder, "many")
    for i in range(6):
        write_deltalake(path, numbers((i, f"v{i}")), mode="append")
    DeltaTable(path).create_checkpoint()
    for i in range(6, 9):
        write_deltalake(path, numbers((i, f"v{i}")), mode="append")
    log = os.path.join(path, "_delta_log")
    for i in range(5):
        os.remove(os.path.join(log, f"{i:020}.json"))
    project = project_of(folder, entry("many"))
    question = "select count(*), sum(id), min(v), max(v) from raw_shop.many"
    expected = ["9", "36", "v0", "v8"]
    project.run("run")
    cases.check("a checkpoint and the commits behind it", project.one(question), expected)
    project.remove()
    project = project_of(folder, entry("many", ", version: 3"))
    cases.true("a version before the checkpoint", *fails(project, "SRC-421", "version 3", "_delta_log"))
    project.write({"sources/shop.yml": "connection: shop\ntables:\n" + entry("many", ", version: 12")})
    cases.true("a version that is not there", *fails(project, "SRC-425", "version 12", "newest version is 8"))
    project.write({"sources/shop.yml": "connection: shop\ntables:\n" + entry("many")})
    os.rename(os.path.join(log, f"{7:020}.json"), os.path.join(log, "away"))
    cases.true("a commit that is missing", *fails(project, "SRC-421", f"{7:020}.json"))
    os.rename(os.path.join(log, "away"), os.path.join(log, f"{7:020}.json"))

    whole = glob.glob(os.path.join(log, "*.checkpoint.parquet"))[0]
    actions = pq.read_table(whole)
    os.remove(whole)
    for part in range(2):
        pq.write_table(actions.slice(part * 3, 3 if part == 0 else None), os.path.join(log, f"{5:020}.checkpoint.{part + 1:010}.{2:010}.parquet"))
    project.run("run", "--force")
    cases.check("a checkpoint in parts", project.one(question), expected)
    os.remove(os.path.join(log, f"{5:020}.checkpoint.{2:010}.{2:010}.parquet"))
    cases.true("a checkpoint that lacks a part", *fails(project_of(folder, entry("many")), "SRC-421", "no checkpoint is whole"))
    os.remove(os.path.join(log, f"{5:020}.checkpoint.{1:010}.{2:010}.parquet"))

    os.makedirs(os.path.join(log, "_sidecars"))
    rows = actions.to_pylist()
    sidecar = os.path.join(log, "_sidecars", "3a0d65cd-4056-49b8-937b-95f9e3ee90e5.parquet")
    pq.write_table(actions.filter(pa.array([row["add"] is not None for row in rows])).select(["add"]), sidecar)
    meta = next(row["metaData"] for row in rows if row["metaData"])
    top = [{"checkpointMetadata": {"version": 5}}, protocol("v2Checkpoint"), {"metaData": {**meta, "format": {"provider": "parquet"}, "configuration": {}}},
           {"sidecar": {"path": os.path.basename(sidecar), "sizeInBytes": os.path.getsize(sidecar), "modificationTime": 0}}]
    with open(os.path.join(log, f"{5:020}.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json"), "w", encoding="utf-8") as file:
        file.write("".join(json.dumps(one) + "\n" for one in top))
    project.run("run", "--force")
    cases.check("a checkpoint of version 2 with a sidecar", project.one(question), expected)
    os.remove(sidecar)
    cases.true("a sidecar that is gone is named", *fails(project_of(folder, entry("many")), "table many", os.path.basename(sidecar)))
    project.remove()


def going_on(cases, folder):
    path = os.path.join(folder, "orders")
    write_deltalake(path, numbers((1, "a"), (2, "b"), (3, "c")))
    appending = project_of(folder, entry("orders", ", mode: append"))
    keyed = project_of(folder, entry("orders", ", mode: incremental, primary_key: [id], reconcile: { every: 0s }"))
    for project in (appending, keyed):
        project.run("run")
    cases.true("the bookmark is the version", appending.one("select watermark_after from leat.ledger where kind = 'load'")[0].startswith("0@"))
    write_deltalake(path, numbers((4, "d"), (5, "e")), mode="append")
    for name, project in (("append", appending), ("incremental", keyed)):
        project.run("run")
        cases.check(f"{name}: only the rows of the new version were read", project.one("select rows_in from leat.ledger order by run_id desc limit 1"), ["2"])
        project.run("run")
        cases.check(f"{name}: nothing new, nothing read", project.one("select count(*) from leat.ledger where rows_in > 0"), ["2"])
    DeltaTable(path).optimize.compact()
    appending.run("run")
    cases.check("append: files that were put together have no new rows", appending.one("select count(*), count(distinct id) from raw_shop.orders"), ["5", "5"])
    DeltaTable(path).update(predicate="id = 2", updates={"v": "'B'"})
    DeltaTable(path).delete("id = 1")
    held, said = fails(appending, "SRC-405", "takes rows away", "incremental")
    cases.true("append: a deletion is no append", held, said)
    cases.check("append: and the table is as it was", appending.one("select count(*) from raw_shop.orders"), ["5"])
    keyed.run("run")
    question = "select id, v from raw_shop.orders order by id"
    expected = [["2", "B"], ["3", "c"], ["4", "d"], ["5", "e"]]
    cases.check("incremental: rewritten rows by key, gone ones by reconcile", keyed.rows(question), expected)
    replaced = project_of(folder, entry("orders"))
    replaced.run("run")
    cases.check("full-refresh: as it is", replaced.rows(question), expected)
    cases.true("full-refresh: unchanged, not read again", "unchanged" in replaced.run("plan").stdout, replaced.run("plan").stdout)
    DeltaTable(path).restore(1)
    keyed.run("run")
    cases.check("incremental: restored to an older version", keyed.rows(question), [["1", "a"], ["2", "b"], ["3", "c"], ["4", "d"], ["5", "e"]])
    for row in ((6, "f"), (7, "g")):
        write_deltalake(path, numbers(row), mode="append")
    DeltaTable(path).create_checkpoint()
    newest = DeltaTable(path).version()
    for version in range(newest):
        os.remove(os.path.join(path, "_delta_log", f"{version:020}.json"))
    cases.true("append: a version that is no longer kept", *fails(mode(keyed, "append"), "SRC-405", "no longer kept"))
    mode(keyed, "incremental, primary_key: [id], reconcile: { every: 0s }").run("run")
    cases.check("incremental: all of it behind versions that are gone", keyed.one("select count(*), max(v) from raw_shop.orders"), ["7", "g"])
    shutil.rmtree(path)
    write_deltalake(path, numbers((9, "z")))
    cases.true("append: a table that was made anew", *fails(mode(keyed, "append"), "SRC-405", "made anew"))
    for project in (appending, keyed, replaced):
        project.remove()


def mode(project, text):
    project.write({"sources/shop.yml": "connection: shop\ntables:\n" + entry("orders", f", mode: {text}")})
    return project


def travel(cases, folder):
    path = os.path.join(folder, "past")
    write_deltalake(path, numbers((1, "a")))
    time.sleep(0.05)  # files of the log have times of their own
    then = datetime.datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    time.sleep(0.05)
    write_deltalake(path, pa.table({"id": pa.array([2], pa.int64()), "v": ["b"], "w": ["new"]}), mode="append", schema_mode="merge")
    for name, more in (("version", ", version: 0"), ("as_of", f", as_of: \"{then}\"")):
        project = project_of(folder, entry("past", more))
        project.run("run")
        cases.check(f"{name}: rows and columns of then", project.rows("select columns(c -> c not like '\\_%' escape '\\') from raw_shop.past"), [["1", "a"]])
        project.remove()
    project = project_of(folder, entry("past"))
    project.run("run")
    cases.check("a column that came is empty in old files", project.rows("select id, v, w from raw_shop.past order by id"), [["1", "a", ""], ["2", "b", "new"]])
    project.remove()
    cases.true("as_of before the first version", *fails(project_of(folder, entry("past", ", as_of: \"2001-01-01\"")), "SRC-425", "version 0"))


def mapping(cases, folder):
    """Names in data files are others than the columns', in the words of the protocol's two modes."""
    inner = {"type": "struct", "fields": [field("x", "integer", **mapped(4, "col-x")), field("y z", "string", **mapped(5, "col-y"))]}
    fields = [field("id", "long", **mapped(1, "col-1")), field("label", "string", **mapped(2, "col-2")), field("s", inner, **mapped(3, "col-3")),
              field("p", "date", **mapped(6, "col-6")), field("l", {"type": "array", "elementType": inner, "containsNull": True}, **mapped(7, "col-7"))]
    one = pa.struct([("col-x", pa.int32()), ("col-y", pa.string())])
    rows = {"col-1": pa.array([1, 2], pa.int64()), "col-2": pa.array(["a", "b"]), "col-3": pa.array([{"col-x": 1, "col-y": "s"}, None], one),
            "col-7": pa.array([[{"col-x": 7, "col-y": "q"}], None], pa.list_(one))}
    path = os.path.join(folder, "by_name")
    commit(path, 0, protocol("columnMapping"), definition(fields, {"delta.columnMapping.mode": "name", "delta.columnMapping.maxColumnId": "7"}, ["p"]),
           add_of(path, "xy/part-1.parquet", pa.table(rows), partitionValues={"col-6": "2024-02-29"}))
    number = [field.with_metadata({"PARQUET:field_id": str(id)}) for id, field in zip((1, 2), [pa.field("any", pa.int64()), pa.field("id", pa.string())])]
    nested = pa.struct([pa.field("k", pa.int32(), metadata={"PARQUET:field_id": "4"}), pa.field("y z", pa.string(), metadata={"PARQUET:field_id": "5"})])
    schema = pa.schema([*number, pa.field("s", nested, metadata={"PARQUET:field_id": "3"}), pa.field("l", pa.list_(nested), metadata={"PARQUET:field_id": "7"})])
    path = os.path.join(folder, "by_id")
    values = [rows["col-1"], rows["col-2"], pa.array([{"k": 1, "y z": "s"}, None], nested), pa.array([[{"k": 7, "y z": "q"}], None], pa.list_(nested))]
    commit(path, 0, {"protocol": {"minReaderVersion": 2, "minWriterVersion": 5}}, definition(fields, {"delta.columnMapping.mode": "id"}, ["p"]),
           add_of(path, "part-1.parquet", pa.table(values, schema=schema), partitionValues={"col-6": "2024-02-29"}))
    project = project_of(folder, entry("by_name", ", mode: append") + entry("by_id"))
    project.run("run")
    expected = [["1", "a", "1", "s", "2024-02-29", "[{'x': 7, 'y z': q}]"], ["2", "b", "", "", "2024-02-29", ""]]
    question = "select id, label, s.x, s.\"y z\", p, l::varchar from raw_shop.{} order by id"
    for name in ("by_name", "by_id"):
        cases.check(f"column mapping {name}", project.rows(question.format(name)), expected)
    path = os.path.join(folder, "by_name")
    fields[1]["name"] = "title"
    commit(path, 1, definition(fields, {"delta.columnMapping.mode": "name"}, ["p"]),
           add_of(path, "part-2.parquet", pa.table({**rows, "col-1": pa.array([3, 4], pa.int64())}), partitionValues={"col-6": None}))
    project.run("run")
    cases.check("column mapping: a renamed column keeps its values", project.rows("select id, title, p from raw_shop.by_name order by id"),
                [["1", "a", "2024-02-29"], ["2", "b", "2024-02-29"], ["3", "a", ""], ["4", "b", ""]])
    project.remove()


Z85 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"


def z85(data):
    data += b"\0" * (-len(data) % 4)
    return "".join(Z85[int.from_bytes(data[at:at + 4], "big") // 85**power % 85] for at in range(0, len(data), 4) for power in (4, 3, 2, 1, 0))


def bitmap(*rows):
    """Deleted rows as the protocol writes them: bitmaps of 32 bits by their upper half."""
    parts = {high: BitMap([row & 0xffffffff for row in rows if row >> 32 == high]) for high in sorted({row >> 32 for row in rows})}
    return struct.pack("<IQ", 1681511377, len(parts)) + b"".join(struct.pack("<I", high) + one.serialize() for high, one in parts.items())


def deleted(folder, name, *kinds):
    """A table of four files of ten rows, the first of them with a deletion vector each, stored as `kinds` say; the actions, and the vectors."""
    path = os.path.join(folder, name)
    rows = pa.table({"id": pa.array(range(10), pa.int64()), "v": [f"v{i}" for i in range(10)]})
    adds = [add_of(path, f"part {i}.parquet", rows) for i in range(4)]
    for one in adds:
        one["add"]["path"] = one["add"]["path"].replace(" ", "%20")
    file_id = uuid.uuid4()
    maps = {"i": bitmap(1, 2, 3), "u": bitmap(0, 9), "p": bitmap(*range(10))}
    places = {}
    os.makedirs(os.path.join(path, "ab"))
    with open(os.path.join(path, "ab", f"deletion_vector_{file_id}.bin"), "wb") as file:
        file.write(b"\1")
        for kind in "up":
            places[kind] = file.tell()
            file.write(struct.pack(">I", len(maps[kind])) + maps[kind] + struct.pack(">I", zlib.crc32(maps[kind])))
    vectors = {"i": {"pathOrInlineDv": z85(maps["i"]), "cardinality": 3}, "u": {"pathOrInlineDv": "ab" + z85(file_id.bytes), "cardinality": 2},
               "p": {"pathOrInlineDv": f"file://{path}/ab/deletion_vector_{file_id}.bin", "cardinality": 10}}
    for kind, one in vectors.items():
        one.update({"storageType": kind, "sizeInBytes": len(maps[kind])}, **({"offset": places[kind]} if kind in places else {}))
    commit(path, 0, protocol("deletionVectors"), definition([field("id", "long"), field("v", "string")]), *adds)
    commit(path, 1, *[{"remove": {"path": one["add"]["path"], "dataChange": True, "deletionTimestamp": 0}} for one in adds[:len(kinds)]],
           *[{"add": {**one["add"], "deletionVector": vectors[kind]}} for one, kind in zip(adds, kinds)])
    return adds, vectors


def vectors(cases, folder):
    adds, stored = deleted(folder, "dv", "i", "u", "p")
    path = os.path.join(folder, "dv")
    kept = {0: [0, *range(4, 10)], 1: list(range(1, 9)), 2: [], 3: list(range(10))}
    expected = [[str(i), str(sum(1 for one in kept.values() if i in one))] for i in range(10)]
    question = "select id, count(*) from raw_shop.dv group by id order by id"
    project = project_of(folder, entry("dv"))
    project.run("run")
    cases.check("deletion vectors: in the log, by UUID, by path", project.rows(question), expected)
    commit(path, 2, {"remove": {"path": adds[0]["add"]["path"], "dataChange": True, "deletionTimestamp": 0, "deletionVector": stored["i"]}}, adds[0])
    project.run("run")
    cases.check("deletion vectors: one is taken away", [row[1] for row in project.rows(question)], ["2", *["3"] * 8, "2"])
    for text, one, code in (("of another size than the log says", {**stored["u"], "offset": stored["p"]["offset"]}, "LAKE-"),
                            ("at no place", {**stored["i"], "storageType": "x"}, "SRC-426"), ("that is no text of Z85", {**stored["i"], "pathOrInlineDv": '"' * 5}, "SRC-426")):
        commit(path, 3, {"remove": {"path": adds[3]["add"]["path"], "dataChange": True}}, {"add": {**adds[3]["add"], "deletionVector": one}})
        cases.true(f"a deletion vector {text}", *fails(project_of(folder, entry("dv")), code, "table dv"))
    project.remove()


def refusals(cases, folder):
    path = os.path.join(folder, "odd")
    fields = [field("id", "long")]
    rows = add_of(path, "part.parquet", pa.table({"id": pa.array([1], pa.int32())}))
    project = project_of(folder, entry("odd"))
    for text, actions, code, *words in (
            ("a feature that is not known", [protocol("timeTravelToTomorrow"), definition(fields)], "SRC-423", "timeTravelToTomorrow"),
            ("variant", [protocol("variantType"), definition([*fields, field("v", "variant")])], "SRC-423", "variantType"),
            ("a reader version to come", [{"protocol": {"minReaderVersion": 4, "minWriterVersion": 7}}, definition(fields)], "SRC-423", "version 4"),
            ("a type that is not known", [protocol(), definition([*fields, field("v", "interval")])], "SRC-424", "column v", "interval"),
            ("a log without columns", [protocol(), rows], "SRC-421", "which columns"),
            ("a partition value of another type", [protocol(), definition([*fields, field("p", "integer")], partition=["p"]),
                                                   {"add": {**rows["add"], "partitionValues": {"p": "x"}}}], "SRC-427", "'x'", "column p"),
            ("a file without its partition value", [protocol(), definition([*fields, field("p", "integer")], partition=["p"]), rows], "SRC-427", "part.parquet"),
            ("a file outside of `path`", [protocol(), definition(fields), {"add": {**rows["add"], "path": "file:///etc/hosts"}}], "SRC-400", "/etc/hosts"),
            ("a data file that is gone", [protocol(), definition(fields), {"add": {**rows["add"], "path": "gone.parquet"}}], "table odd", "gone.parquet")):
        commit(path, 0, *actions)
        cases.true(text, *fails(project, code, *words))
    with open(commit(path, 0, protocol(), definition(fields), rows), "a", encoding="utf-8") as file:
        file.write('{"add": {"path": "x.parq')
    cases.true("a commit that is cut", *fails(project, "SRC-422", "00000000000000000000.json:4"))
    commit(path, 0, protocol("typeWidening"), definition(fields), rows)
    project.run("run")
    cases.check("a widened type", project.rows("select id, typeof(id) from raw_shop.odd"), [["1", "BIGINT"]])
    cases.true("no such table", *fails(project_of(folder, entry("nowhere")), "SRC-420", "nowhere"))
    project.remove()


def bucket(cases, folder):
    for i in range(3):
        write_deltalake(os.path.join(folder, "cp"), numbers((i, f"v{i}")), mode="append")
    DeltaTable(os.path.join(folder, "cp")).create_checkpoint()
    deleted(folder, "dvs", "i", "u")
    with S3Server() as store:
        shutil.copytree(folder, os.path.join(store.folder, "data/lake/tables"))
        os.environ.update(THEIR_SECRET=store.secret, AWS_EC2_METADATA_DISABLED="true", AWS_SHARED_CREDENTIALS_FILE="/dev/null", AWS_CONFIG_FILE="/dev/null")
        more = f", storage: {{ endpoint: '{store.url}', region: us-east-1, access_key_id: {store.key}, secret_access_key: '${{env:THEIR_SECRET}}' }}"
        names = ("by_two", "cp", "dvs")
        here = project_of(folder, "".join(entry(name) for name in names))
        there = project_of("s3://lake/tables", "".join(entry(name) for name in names), more)
        for project in (here, there):
            project.run("run")
        for name in names:
            question = f"select columns(c -> c not like '\\_%' escape '\\') from raw_shop.{name} order by all"
            cases.check(f"bucket: {name}", there.rows(question), here.rows(question))
        cases.check("bucket: no copies are left behind", [name for _, _, files in os.walk(os.path.join(there.folder, ".leat/spool")) for name in files], [])
        for project in (here, there):
            project.remove()


def found(cases, folder):
    """What leat discover and leat add source make of a folder of tables."""
    below = os.path.join(folder, "found")
    write_deltalake(os.path.join(below, "sales/orders"), numbers((1, "a"), (2, "b")), partition_by=["v"])
    write_deltalake(os.path.join(below, "sales/orders"), numbers((3, "a")), mode="append")
    write_deltalake(os.path.join(below, "people"), pa.table({"id": pa.array([1], pa.int64()), "updated_at": pa.array([MOMENT], US)}))
    commit(os.path.join(below, "odd"), 0, protocol("timeTravelToTomorrow"), definition([field("id", "long")]))
    project = project_of(below, entry("people"))
    listed = {one["entry"]: one for one in project.json("discover", "shop", "--columns")}
    cases.check("leat discover lists the folders of tables", sorted(listed), ["odd", "people", "sales/orders"])
    cases.check("with rows and columns", [listed["sales/orders"]["rows"], [one["name"] for one in listed["sales/orders"]["columns"]]], [3, ["id", "v"]])
    cases.true("one that cannot be read says why", "timeTravelToTomorrow" in json.dumps(listed["odd"]), json.dumps(listed["odd"]))
    project.run("add", "source", "shop", "--name", "all")
    project.run("run", "-s", "source:all")
    cases.check("leat add source: what can be read, and is not loaded yet", project.one("select count(*), sum(id) from raw_all.sales_orders"), ["3", "6"])
    for kind in ("delta", "iceberg"):
        project.write({"connections.yml": f"connections:\n  shop: {{ type: {kind}, path: nowhere }}\n"})
        done = project.run("discover", "shop", expect=None)
        cases.true(f"{kind}: a folder that is not there is an error", done.returncode != 0 and "SRC-202" in done.stderr and "nowhere" in done.stderr, done.stdout + done.stderr)
    project.remove()


def main():
    cases = Cases()
    folder = scratch("delta-")
    with open(os.path.join(HERE, "delta_types.md"), encoding="utf-8") as head:
        text = head.read().rstrip("\n") + "\n"
    text += types(cases, folder)
    check_page(cases, "delta", text)
    partitions(cases, folder)
    checkpoints(cases, folder)
    going_on(cases, folder)
    travel(cases, folder)
    mapping(cases, folder)
    vectors(cases, folder)
    refusals(cases, folder)
    found(cases, folder)
    bucket(cases, folder)
    shutil.rmtree(folder, ignore_errors=True)
    cases.finish()


if __name__ == "__main__":
    main()
