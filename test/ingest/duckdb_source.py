#!/usr/bin/env python3
"""The duckdb source against files that DuckDB itself wrote, all types at their extremes: what is there is what the lake has, or the row is rejected.
docs/fidelity/duckdb.md is written from what is seen here and compared with it: LEAT_UPDATE=1 writes it anew.

usage: duckdb_source.py LEAT [DATA_FOLDER]
"""
import base64
import os
import struct
import subprocess
import sys
import zlib

import duckdb

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from duckdb_file import DuckDbFile  # noqa: E402
from fidelity import REJECTED, check_page, load_types, quoted  # noqa: E402
from leat_project import Cases, Project, scratch  # noqa: E402
from table_cases import Side, changed_columns, fails, shapes  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])
# A file of DuckDB 0.8.1 (storage version 51), packed: no version of today writes or reads it.
OLD = ("eNrt27tKA0EUANBsHiaIdqYRCxXyAUEQtRAhKQQDgmCh2ARtBB8I/oBW+ht+iZVWgq2t2NrZx1ncxWQTYyNi5ByYx87duQOzxTKwGz0+77+8blWb242NhdyHYiizOQAAAOC/uJ5bvKudbV5EmfFOIm"
       "+LAAAAYOSVqoPP/Sk7BAAAAKNv5elh9/5y/iY978ffAcSlksTjfwGO24cn5dDOZOZGA/KVQml29U+PDpbqaZJ4wnmURKa7srQLoRpLBiYHrXE1ZE0AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
       "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
       "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
       "4Ge9Le8Vb3OrjU4iysTT6zQe9/PlUE1l70h6Uc/QkCSFUI33Jfk2dTFUtYneeHe7vtNqeazAb1uL7AEA/AnpOzkfSv2LWNpW+g4en3MBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
       "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
       "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAgHfDYVEm")
HUGE = "170141183460469231731687303715884105727"
DIGITS = "9" * 38
# (type, type in the lake, [(text or SQL[, in the lake])]): no second member is as it was written.
TYPES = [
    ("boolean", "boolean", [("true",), ("false",)]),
    ("tinyint", "int", [("-128",), ("127",)]),
    ("smallint", "int", [("-32768",), ("32767",)]),
    ("integer", "int", [("-2147483648",), ("2147483647",)]),
    ("bigint", "long", [("-9223372036854775808",), ("9223372036854775807",)]),
    ("hugeint", "decimal(38,0)", [(DIGITS,), ("-" + DIGITS,), (HUGE, REJECTED)]),
    ("utinyint", "int", [("255",)]),
    ("usmallint", "int", [("65535",)]),
    ("uinteger", "long", [("4294967295",)]),
    ("ubigint", "decimal(20,0)", [("0",), ("18446744073709551615",)]),
    ("uhugeint", "decimal(38,0)", [(DIGITS,), ("340282366920938463463374607431768211455", REJECTED)]),
    ("bignum", "decimal(38,0)", [("-" + DIGITS,), ("9" * 60, REJECTED)]),
    ("float", "float", [("-3.4028235e+38",), ("1e-45",), ("-0.0",), ("nan",), ("-inf",)]),
    ("double", "double", [("-1.7976931348623157e+308",), ("0.30000000000000004",), ("5e-324",), ("nan",),
                          ("inf",)]),
    ("decimal(4,1)", "decimal(4,1)", [("-999.9",)]),
    ("decimal(38,10)", "decimal(38,10)", [("-9999999999999999999999999999.9999999999",), ("0.0000000001",)]),
    ("varchar", "string", [("",), ("'größe 😀 ' || chr(9)", "größe 😀 \t"), ("repeat('é😀', 10000)", "é😀" * 10000),
                           ("chr(0) || 'a'", "\0a")]),
    ("blob", "binary", [("",), ("\\x00\\xFFA",)]),
    ("bit", "string", [("10100",)]),
    ("uuid", "uuid", [("123e4567-e89b-12d3-a456-426614174000",),
                      ("ffffffff-ffff-ffff-ffff-ffffffffffff",)]),
    ("enum('a', 'b c')", "string", [("b c",)]),
    ("json", "string", [('{"a":  1.10, "a": 2}',)]),
    ("date", "date", [("0001-01-01",), ("9999-12-31",), ("0044-03-15 (BC)",), ("5881580-07-10",),
                      ("infinity", REJECTED), ("-infinity", REJECTED)]),
    ("time", "time", [("00:00:00",), ("23:59:59.999999",), ("24:00:00", REJECTED)]),
    ("time_ns", "time", [("23:59:59.999999",), ("12:00:00.123456789", REJECTED)]),
    ("timetz", "string", [("12:00:00.5+05:30",)]),
    ("timestamp", "timestamp", [("0001-01-01 00:00:00",), ("294247-01-10 04:00:54.775806",),
                                ("0044-03-15 (BC) 00:00:00",), ("infinity", REJECTED), ("-infinity", REJECTED)]),
    ("timestamp_s", "timestamp", [("9999-12-31 23:59:59",), ("infinity", REJECTED)]),
    ("timestamp_ms", "timestamp", [("2024-01-01 00:00:00.123",), ("-infinity", REJECTED)]),
    ("timestamp_ns", "timestamp", [("2024-01-01 00:00:00.123456",), ("2262-04-11 23:47:16.854775",),
                                   ("2024-01-01 00:00:00.123456789", REJECTED), ("infinity", REJECTED)]),
    ("timestamptz", "timestamptz", [("'2024-03-10 08:00:00.5+02'", "2024-03-10 06:00:00.5+00"), ("infinity", REJECTED)]),
    ("interval", "string", [("1 year 2 months -3 days 04:05:06.789",)]),
    ("integer[]", "list<int>", [("[1, NULL, 3]",), ("[]",)]),
    ("integer[2]", "list<int>", [("[1, 2]",)]),
    ("varchar[][]", "list<list<string>>", [("[['a', NULL], []]", "[[a, NULL], []]")]),
    ("struct(a integer, \"b c\" varchar[])", "struct(a integer, \"b c\" varchar[])", [("{'a': 1, 'b c': ['x', NULL]}", "{'a': 1, 'b c': [x, NULL]}")]),
    ("struct(\"DATE\" ubigint)", "struct(date decimal(20,0))", [("{'DATE': 18446744073709551615}",)]),
    ("map(varchar, integer)", "map(varchar, integer)", [("MAP {'k': 1, 'l': NULL}", "{k=1, l=NULL}")]),
    ("date[]", "string", [("['infinity', '2024-01-01']", "[infinity, 2024-01-01]")]),
    ("struct(h hugeint)", "string", [("{'h': " + HUGE + "}", "{'h': " + HUGE + "}")]),
    ("union(n integer, t varchar)", "string", [("union_value(n := 1)", '{"n":1}'), ("union_value(t := '1')", '{"t":"1"}')]),
]


def literal(name, text):
    expression = text.startswith(("chr(", "repeat(", "union_value(", "MAP {", "[", "'")) or name.startswith("struct")
    return text if expression else quoted(text)


def sealed(data, version):
    """A file whose header names another storage version, with the checksum that belongs to it."""
    data = bytearray(data)
    struct.pack_into("<Q", data, 12, version)
    total = 5381
    for (word,) in struct.iter_unpack("<Q", data[8:4096]):
        total ^= word * 0xbf58476d1ce4e5b9 & (1 << 64) - 1
    struct.pack_into("<Q", data, 0, total)
    return bytes(data)


def going_on(cases, side):
    side.run("create table t (id bigint primary key, v int, moved timestamp not null, label varchar); "
             "insert into t select i, 1, '2024-01-01', 'a' from range(1, 50001) s(i)")
    made = side.project("  - { name: t, mode: incremental, update_key: moved, primary_key: [id], structured: false }\n")
    made.run("run")
    side.run("update t set v = -1, moved = '2024-01-02 10:00:00.5' where id <= 10; insert into t values (9007199254740993, 1, '2024-01-02 10:00:00.5', 'new')")
    made.run("run")
    question = "select count(*), sum(v), sum(id), sum(length(label)) from "
    cases.check("upsert by update_key: sums here and there", made.one(question + "raw_shop.t"), side.rows(question + "t")[0])
    cases.check("only what changed was read", made.one("select rows_in from leat.ledger order by run_id desc limit 1"), ["11"])
    made.run("run")
    cases.check("nothing new, nothing read", made.one("select count(*) from leat.ledger where rows_in > 0"), ["2"])
    made = side.project("  - { name: t, structured: false }\n")
    made.run("run")
    cases.check("rows say where they stood", made.one("select count(*), count(distinct _source_row), any_value(_source_file) like '%:main.t' from raw_shop.t"),
                ["50001", "50001", "true"])


def places(cases, side):
    side.run("create schema other; create table other.items (id int); insert into other.items values (1); create table items as select 2 as id; "
             "create table hides (rowid int, leat_row int); insert into hides values (7, 8)")
    made = side.project("  - { name: items, structured: false }\n  - { name: theirs, table: other.items, structured: false }\n"
                        "  - { name: hides, structured: false }\n  - { name: t, structured: false }\n  - { name: empty, structured: false }\n")
    made.run("run")
    cases.check("two schemas, five tables of one file at once", made.one(
        "select (select id from raw_shop.items), (select id from raw_shop.theirs), (select rowid from raw_shop.hides), (select count(*) from raw_shop.t)"),
        ["2", "1", "7", "50001"])
    made = side.project("  - { name: items, structured: false }\n", ", schema: other")
    made.run("run")
    cases.check("`schema` of the connection", made.one("select id from raw_shop.items"), ["1"])


def errors(cases, side, folder):
    held, said = fails(side.project("  - itemz\n"), "SRC-322", "items")
    cases.true("no such table", held, said)
    cases.true("no such update key", *fails(side.project("  - { name: t, mode: incremental, update_key: changed, primary_key: [id] }\n"), "SRC-323", "changed"))
    made = side.project("  - items\n")

    def expect(name, file, data, code, *words):
        path = os.path.join(folder, file)
        if data is not None:
            with open(path, "wb") as out:
                out.write(data)
        made.write({"connections.yml": f"connections:\n  shop: {{ type: duckdb, file: {path} }}\n"})
        cases.true(name, *fails(made, code, *words))

    with open(side.server.path, "rb") as file:
        whole = file.read()
    expect("no such file", "nowhere.duckdb", None, "SRC-201", "nowhere.duckdb")
    expect("no database", "text.duckdb", b"hello\n" * 1000, "SRC-321", "not a valid DuckDB database file")
    expect("an empty file", "empty.duckdb", b"", "SRC-321")
    expect("a file that was cut", "cut.duckdb", whole[:5000], "SRC-321")
    expect("a file of DuckDB 0.8", "old.duckdb", zlib.decompress(base64.b64decode(OLD)), "SRC-321", "version number 51", "EXPORT DATABASE")
    expect("a file of a version to come", "newer.duckdb", sealed(whole, 999), "SRC-321", "version number 999")
    made = side.project("  - { name: items, structured: false }\n")
    writer = subprocess.Popen([sys.executable, "-c", f"import duckdb, sys; c = duckdb.connect({side.server.path!r}); print(1, flush=True); sys.stdin.read()"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    writer.stdout.readline()
    cases.true("a file that a writer has open", *fails(made, "SRC-320", str(writer.pid)))
    writer.communicate("")
    made.run("run")
    cases.check("and when it has closed it", made.one("select id from raw_shop.items"), ["2"])
    told = made.json("doctor", expect=None)
    cases.check("leat doctor reads it", [one["state"] for one in told if "shop.items" in one["name"]], ["ok"])
    process, go = made.paused("load.opened", "run", "--force")
    try:
        side.run("select 1")
        written = True
    except duckdb.IOException:
        written = False
    go()
    process.communicate(timeout=60)
    cases.true("nobody writes while it is read", not written and process.returncode == 0, str(process.returncode))
    before = os.stat(side.server.path)
    made.run("run", "--force")
    after = os.stat(side.server.path)
    cases.check("nothing is written to the file", (after.st_size, after.st_mtime_ns), (before.st_size, before.st_mtime_ns))


def main():
    cases = Cases()
    folder = scratch("duckdb-")
    file = DuckDbFile(os.path.join(folder, "types.duckdb"))
    with open(os.path.join(HERE, "duckdb_types.md"), encoding="utf-8") as head:
        text = head.read()
    text += load_types(cases, Project(LEAT), "DuckDB 1.5", file.run, TYPES, f"{{ type: duckdb, file: {file.path} }}", literal,
                       "reason_code = 'cast' and payload like '%\"id\":%'")
    check_page(cases, "duckdb", text)
    file = DuckDbFile(os.path.join(folder, "shop.duckdb"))
    side = Side(lambda: Project(LEAT), "DuckDB", file, file.run, file.rows, lambda more: f"{{ type: duckdb, file: {file.path}{more} }}", '"', 2000)
    shapes(cases, side)
    going_on(cases, side)
    places(cases, side)
    changed_columns(cases, side)
    errors(cases, side, folder)
    cases.finish()


if __name__ == "__main__":
    main()
