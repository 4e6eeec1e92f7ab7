#!/usr/bin/env python3
"""Parquet files of pyarrow's writer against what arrives: each physical and logical type at its extremes, files whose types differ, names, widths, values
inside of others. docs/fidelity/parquet.md is written from what is seen here and compared with it: LEAT_UPDATE=1 writes it anew.

usage: parquet_types.py LEAT [DATA_FOLDER]
"""
import datetime
import decimal
import os
import random
import struct
import sys
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import pyarrow as pa  # noqa: E402
from fidelity import REJECTED, check_page, compare_types  # noqa: E402
from leat_project import Cases, Project  # noqa: E402
from pyarrow import parquet  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])
D = decimal.Decimal
NINES = "9" * 38
EVIDENCE = "reason_code = 'cast' and message like '%is not exactly a%' and payload like '{\"id\":%'"
MICROS = {"s": 10**6, "ms": 1000, "us": 1}


def project(tables, connection="path: in", settings="defaults: { max_reject: 100% }\n"):
    made = Project(LEAT)
    made.write({"leat.yml": "version: 1\nname: parquet\n" + settings, "connections.yml": f"connections:\n  inbound: {{ type: parquet, {connection} }}\n",
                "sources/shop.yml": "connection: inbound\ntables:\n" + tables})
    os.makedirs(os.path.join(made.folder, "in"))
    return made


def one(more=""):
    return f"  - {{ name: t, files: 't_*.parquet', structured: false{more} }}\n"


def path(made, name):
    return os.path.join(made.folder, "in", name)


def write(made, name, columns, **options):
    table = pa.table(columns) if isinstance(columns, dict) else columns
    parquet.write_table(table, path(made, name), store_schema=False, **options)


def zigzag(number):
    return bytes([number << 1])


def annotate(file, plain, converted, more=b""):
    """Gives the column v, as its element of the schema stands in the footer, a converted type that pyarrow does not write."""
    with open(file, "rb") as whole:
        content = whole.read()
    length = struct.unpack("<I", content[-8:-4])[0]
    footer = content[-8 - length:-8]
    element = plain + b"\x18\x01v"
    if footer.count(element + b"\0") != 1:
        raise SystemExit(f"{file}: its footer is another one")
    footer = footer.replace(element + b"\0", element + b"\x25" + zigzag(converted) + more + b"\0")
    with open(file, "wb") as out:
        out.write(content[:-8 - length] + footer + struct.pack("<I", len(footer)) + b"PAR1")


BYTES = b"\x15\x0c\x25\x02"
TWELVE = b"\x15\x0e\x15\x18\x15\x02"


def decimal_bytes(scale, precision):
    return lambda file: annotate(file, BYTES, 5, b"\x15" + zigzag(scale) + b"\x15" + zigzag(precision))


def moment(text, unit="us"):
    """A moment as the number of its unit since 1970, also beyond Python's years."""
    day, _, fraction = text.partition(".")
    seconds = int(datetime.datetime.fromisoformat(day).replace(tzinfo=datetime.timezone.utc).timestamp())
    digits = {"s": 0, "ms": 3, "us": 6, "ns": 9}[unit]
    return seconds * 10**digits + int(fraction.ljust(digits, "0") or 0)


def moments(unit, texts, zone=""):
    return [(moment(text[0], unit), text[0] + zone, *[one if one is REJECTED else one + zone for one in text[1:]]) for text in texts]


def timed(text):
    hour, minute, second = text.split(":")
    second, _, fraction = second.partition(".")
    return ((int(hour) * 60 + int(minute)) * 60 + int(second)) * 10**9 + int(fraction.ljust(9, "0") or 0)


def same(values):
    return [(value, f"{value:f}" if isinstance(value, D) else str(value)) for value in values]


def fixed(number, size):
    return number.to_bytes(size, "big", signed=True)


DAYS = [("0001-01-01 00:00:00",), ("9999-12-31 23:59:59",), ("1969-12-31 23:59:59",)]
MILLIS = DAYS + [("2026-11-22 09:00:00.123",)]
NANOS = [("2026-11-22 09:00:00.123456",), ("1677-09-22 00:00:00",), ("2262-04-11 23:47:16.854775",), ("2026-11-22 09:00:00.123456789", REJECTED),
         ("1969-12-31 23:59:59.999999999", REJECTED)]
TICKS = [("00:00:00",), ("23:59:59.999999",), ("08:30:00.5",)]
ID = uuid.UUID("123e4567-e89b-12d3-a456-426614174000")
# what it is in the file, pyarrow's type, the lake's, [(value, as text[, as it arrives or REJECTED])], options of the writer, what becomes of the file
TYPES = [
    ("BOOLEAN", pa.bool_(), "boolean", [(True, "true"), (False, "false")]),
    ("INT(8)", pa.int8(), "int", same([-128, 127])),
    ("INT(16)", pa.int16(), "int", same([-32768, 32767])),
    ("INT32", pa.int32(), "int", same([-2**31, 2**31 - 1])),
    ("INT64", pa.int64(), "long", same([-2**63, 2**63 - 1, 0])),
    ("INT(8, unsigned)", pa.uint8(), "int", same([255])),
    ("INT(16, unsigned)", pa.uint16(), "int", same([65535])),
    ("INT(32, unsigned)", pa.uint32(), "long", same([2**32 - 1])),
    ("INT(64, unsigned)", pa.uint64(), "decimal(20,0)", same([0, 2**64 - 1])),
    ("FLOAT16", pa.float16(), "float", [(1.5, "1.5"), (65504.0, "65504.0"), (float("nan"), "nan"), (float("-inf"), "-inf"), (-0.0, "-0.0")]),
    ("FLOAT", pa.float32(), "float", [(1.5, "1.5"), (3.4028234663852886e38, "3.4028235e+38"), (1.401298464324817e-45, "1e-45"), (float("nan"), "nan"), (-0.0, "-0.0")]),
    ("DOUBLE", pa.float64(), "double", [(0.1, "0.1"), (1.7976931348623157e308, "1.7976931348623157e+308"), (5e-324, "5e-324"), (float("-inf"), "-inf"), (-0.0, "-0.0")]),
    ("DECIMAL(9,2) in INT32", pa.decimal128(9, 2), "decimal(9,2)", same([D("-9999999.99"), D("0.01")]), {"store_decimal_as_integer": True}),
    ("DECIMAL(18,4) in INT64", pa.decimal128(18, 4), "decimal(18,4)", same([D("-99999999999999.9999"), D("0.0001")]), {"store_decimal_as_integer": True}),
    ("DECIMAL(5,1) of fixed length", pa.decimal128(5, 1), "decimal(5,1)", same([D("-9999.9"), D("0.1")])),
    ("DECIMAL(38,10) of fixed length", pa.decimal128(38, 10), "decimal(38,10)", same([D(NINES).scaleb(-10, decimal.Context(prec=40)), D("-0.0000000001")])),
    ("DECIMAL(38,0) of fixed length", pa.decimal128(38, 0), "decimal(38,0)", same([D(NINES), D("-" + NINES)])),
    ("DECIMAL(38,0) of any length", pa.binary(), "decimal(38,0)", [(fixed(int(NINES), 16), NINES), (b"\xff", "-1"), (b"\0\0\1\0", "256")], {}, decimal_bytes(0, 38)),
    ("DECIMAL(39,0)", pa.decimal256(39, 0), "string", same([D("9" * 39), D(-1)])),
    ("DECIMAL(50,2)", pa.decimal256(50, 2), "string", same([D("-0.01"), D("9" * 48 + ".99"), D("0.00")])),
    ("DECIMAL(76,38)", pa.decimal256(76, 38), "string", same([D("-" + NINES + "." + NINES)])),
    ("DECIMAL(60,3) of any length", pa.binary(), "string", [(fixed(10**59, 25), "1" + "0" * 56 + ".000"), (b"\x80", "-0.128")], {}, decimal_bytes(3, 60)),
    ("STRING", pa.string(), "string", [("", ""), ("ä😀\0x", "ä😀\0x"), (" a ", " a "), ("\n\t\"'", "\n\t\"'"), ("é" * 500_000, "é" * 500_000)]),
    ("STRING by dictionary", pa.string(), "string", same(["a", "b", "ä"]), {"use_dictionary": True}),
    ("ENUM", pa.binary(), "string", [(b"small", "small")], {}, lambda file: annotate(file, BYTES, 4)),
    ("JSON", pa.binary(), "string", [(text.encode(), text) for text in ('{"a":  1.10, "a": 2}', "1e400", "null")], {}, lambda file: annotate(file, BYTES, 19)),
    ("BYTE_ARRAY", pa.binary(), "binary", [(b"", ""), (b"\0\xffA", "\\x00\\xFFA")]),
    ("FIXED_LEN_BYTE_ARRAY(3)", pa.binary(3), "binary", [(b"\0\xff ", "\\x00\\xFF "), (b"abc", "abc")]),
    ("UUID", pa.uuid(), "uuid", [(ID.bytes, str(ID)), (b"\xff" * 16, "ffffffff-ffff-ffff-ffff-ffffffffffff")]),
    ("DATE", pa.date32(), "date", [(-719162, "0001-01-01"), (2932896, "9999-12-31"), (-1, "1969-12-31"), (-719163, "0001-12-31 (BC)"), (2**31 - 1, "infinity", REJECTED)]),
    ("TIME(MILLIS)", pa.time32("ms"), "time", [(timed(text) // 10**6, text) for text in ("00:00:00", "23:59:59.999")]),
    ("TIME(MICROS)", pa.time64("us"), "time", [(timed(text) // 1000, text) for (text,) in TICKS]),
    ("TIME(NANOS)", pa.time64("ns"), "time", [(timed(text), text, *more) for text, *more in TICKS + [("23:59:59.999999999", REJECTED), ("00:00:00.000000001", REJECTED)]]),
    ("TIMESTAMP(MILLIS)", pa.timestamp("ms"), "timestamp", moments("ms", MILLIS)),
    ("TIMESTAMP(MICROS)", pa.timestamp("us"), "timestamp", moments("us", MILLIS) + [(2**63 - 1, "infinity", REJECTED)]),
    ("TIMESTAMP(NANOS)", pa.timestamp("ns"), "timestamp", moments("ns", NANOS)),
    ("TIMESTAMP(MILLIS, UTC)", pa.timestamp("ms", "UTC"), "timestamptz", moments("ms", MILLIS, "+00")),
    ("TIMESTAMP(MICROS, UTC)", pa.timestamp("us", "UTC"), "timestamptz", moments("us", MILLIS, "+00") + [(2**63 - 1, "infinity", REJECTED)]),
    ("TIMESTAMP(NANOS, UTC)", pa.timestamp("ns", "UTC"), "timestamptz", moments("ns", NANOS, "+00")),
    ("INT96", pa.timestamp("ns"), "timestamp", moments("ns", NANOS), {"use_deprecated_int96_timestamps": True}),
    ("INT96 of far years", pa.timestamp("us"), "timestamp", moments("us", DAYS), {"use_deprecated_int96_timestamps": True}),
    ("INTERVAL", pa.binary(12), "string", [(struct.pack("<III", 14, 3, 3_723_004), "1 year 2 months 3 days 01:02:03.004")], {}, lambda file: annotate(file, TWELVE, 21)),
    ("a column without values", pa.null(), "int", []),
    ("LIST", pa.list_(pa.string()), "list<string>", [(["a", None, "ä"], "[a, NULL, ä]"), ([], "[]")]),
    ("LIST of TIMESTAMP(NANOS)", pa.list_(pa.timestamp("ns")), "list<timestamp>", [([1000], "['1970-01-01 00:00:00.000001']"), ([1000, 1], "['1970-01-01 00:00:00.000001', '1970-01-01 00:00:00.000000001']", REJECTED)]),
    ("MAP", pa.map_(pa.string(), pa.int64()), "map(varchar, bigint)", [([("a", 1), ("b", None)], "{a=1, b=NULL}"), ([("a", 1), ("a", 2)], "{a=1, a=2}"), ([], "{}")]),
    ("struct", pa.struct([("u", pa.uint64()), ("d", pa.decimal128(38, 3)), ("b c", pa.binary())]), 'struct(u decimal(20,0), d decimal(38,3), "b c" blob)',
     [({"u": 2**64 - 1, "d": D("0.125"), "b c": b"\0a"}, "{'u': 18446744073709551615, 'd': 0.125, 'b c': \\x00a}"), ({"u": None, "d": None, "b c": None}, "{'u': NULL, 'd': NULL, 'b c': NULL}")]),
]

PAGE = """# What arrives from parquet files

Written by `test/ingest/parquet_types.py` from what it sees, with files of Apache's C++ writer. A value is in the lake exactly, or its row is rejected with everything in it
(`<table>__rejected`). NULL is NULL everywhere.

- Columns are matched by name over all files; names that differ in case only are told apart, and one that a file has in another case is the same column. A column that a file lacks is
  NULL. Where types differ between the files of a load, the column has one that holds most of them, and each value is held against it: 9007199254740993 among doubles is rejected.
  A moment in UTC and one without a zone have no common type (SRC-225), neither have boolean and numbers.
- Nanoseconds (TIME, TIMESTAMP, INT96) are kept where they are whole microseconds; `data_type: string` of a column keeps them all. INT96 is a moment without a zone.
- Decimals of more than 38 digits are text with all their digits; `data_type: decimal(38,2)` takes those that fit.
- Columns of INT96, TIME(NANOS), TIMESTAMP(NANOS, UTC) and long decimals are read from a copy of their file, made in the spool folder: its footer tells them as the bytes that they are.
- Inside of lists, maps and structs these four are looked at before the first row is taken: one value that is finer than microseconds, or a decimal of more than 38 digits, stops the load
  (SRC-430), as one that is infinite does not. TIMESTAMP(NANOS) without a zone inside of others rejects its row.
- BYTE_ARRAY without a logical type is binary; `data_type: string` reads it as UTF-8, and rejects a row where it is none. `data_type` of a column takes any other type, each value
  exactly or rejected.
- Infinite days and moments (the greatest number of their type) have no place in the lake.
- A map may have a key twice. Members of a struct whose names differ in case only are told apart by `_1`.
- These stop the load with the engine's words: text that is not UTF-8, JSON that is none, a moment in milliseconds beyond the year 294247, BSON. `on_bad_file: skip` leaves such files out.
- `_source_row` is the number of the row in its file; NULL where the file has a column `file_row_number`.
{table}"""


def types(cases):
    tables = "".join(f"  - {{ name: t{n}, files: 'k_{n:02}.parquet', structured: false }}\n" for n in range(len(TYPES)))
    made = project(tables)
    for n, (_, kind, _, values, *more) in enumerate(TYPES):
        column = pa.array([value[0] for value in values] + [None], kind)
        write(made, f"k_{n:02}.parquet", {"id": list(range(len(values))) + [-1], "v": column}, **(more[0] if more else {"use_dictionary": False}))
        if len(more) > 1:
            more[1](path(made, f"k_{n:02}.parquet"))
    made.run("run")
    return compare_types(cases, made, [(what, lake, [value[1:] for value in values]) for what, _, lake, values, *_ in TYPES], EVIDENCE)


def loaded(made, columns="v"):
    return made.rows(f"select {columns} from raw_shop.t order by _source_file, _source_row")


def column(values, kind):
    return {"v": pa.array(values, kind)}


BEYOND = 2**53 + 1


def files_that_differ(cases):
    """Each value is held against the type that the column has."""
    for what, first, second, arrives, rejected in [
            ("long and double", column([BEYOND, 2], pa.int64()), column([0.5], pa.float64()), [["2.0"], ["0.5"]], 1),
            ("int and float", column([2**24 + 1], pa.int32()), column([0.5], pa.float32()), [["16777217.0"], ["0.5"]], 0),
            ("long and float", column([BEYOND], pa.int64()), column([0.5], pa.float32()), [["0.5"]], 1),
            ("decimal and double", column([D("9" * 30), D(4)], pa.decimal128(38, 0)), column([0.5], pa.float64()), [["4.0"], ["0.5"]], 1),
            ("decimals that do not go together", column([D(NINES)], pa.decimal128(38, 0)), column([D("0.5"), D("7.0")], pa.decimal128(38, 10)), [[NINES], ["7"]], 1),
            ("unsigned and signed", column([2**64 - 1], pa.uint64()), column([-1], pa.int64()), [[str(2**64 - 1)], ["-1"]], 0),
            ("day and moment", column([1], pa.date32()), column([5], pa.timestamp("us")), [["1970-01-02 00:00:00"], ["1970-01-01 00:00:00.000005"]], 0),
            ("INT96's microseconds and nanoseconds", column([1000], pa.timestamp("us")), column([5000, 1], pa.timestamp("ns")), [["1970-01-01 00:00:00.001"], ["1970-01-01 00:00:00.000005"]], 1),
            ("text and number", column(["007"], pa.string()), column([7], pa.int64()), [["007"], ["7"]], 0),
            ("text and bytes", column(["\\x41"], pa.string()), column([b"\xff"], pa.binary()), [["\\x5Cx41"], ["\\xFF"]], 0),
            ("lists", column([[BEYOND], [2]], pa.list_(pa.int64())), column([[0.5]], pa.list_(pa.float64())), [["[2.0]"], ["[0.5]"]], 1)]:
        made = project(one())
        write(made, "t_1.parquet", first)
        write(made, "t_2.parquet", second)
        done = made.json("run")["steps"][0]
        cases.check(f"{what}: what arrives", loaded(made, "v::varchar"), arrives)
        cases.check(f"{what}: every row is accounted for", (done["rows_in"], done["rows_out"], done["rows_rejected"]), (len(arrives) + rejected, len(arrives), rejected))
        made.remove()
    for what, first, second in [("zone and none", column([1], pa.timestamp("us")), column([1], pa.timestamp("us", "UTC"))),
                                ("truth and number", column([True], pa.bool_()), column([5], pa.int64()))]:
        made = project(one())
        write(made, "t_1.parquet", first)
        write(made, "t_2.parquet", second)
        said = made.run("run", expect=1)
        cases.true(f"{what}: no common type, both files are named", all(word in said.stdout for word in ("SRC-225", "t_1.parquet", "t_2.parquet")), said.stdout)
        made.remove()


def declared(cases):
    for kind, values, source, arrives in [
            ("bigint", [0.5, 2.0], pa.float64(), [["2"]]), ("real", [0.1, 0.5], pa.float64(), [["0.5"]]), ("double", [BEYOND, 5], pa.int64(), [["5.0"]]),
            ("decimal(5,1)", [0.25, 0.5], pa.float64(), [["0.5"]]), ("decimal(10,0)", [2**64 - 1, 7], pa.uint64(), [["7"]]), ("integer", [2**31, 5], pa.int64(), [["5"]]),
            ("date", [5, 86_400_000_000], pa.timestamp("us"), [["1970-01-02"]]), ("string", [1500], pa.timestamp("ns"), [["1970-01-01 00:00:00.0000015"]]),
            ("string", [1500], pa.timestamp("ns", "UTC"), [["1970-01-01 00:00:00.0000015+00"]]), ("string", [timed("00:00:00.000000001")], pa.time64("ns"), [["00:00:00.000000001"]]),
            ("string", [b"\xffa", "ä".encode()], pa.binary(), [["ä"]]), ("decimal(38,2)", [D("1.25"), D("9" * 40)], pa.decimal256(60, 2), [["1.25"]]),
            ("timestamp", [1], pa.timestamp("us", "UTC"), []), ("timestamptz", [1], pa.timestamp("us"), [])]:
        made = project(one(f', columns: [{{ name: v, data_type: "{kind}" }}]'))
        write(made, "t_1.parquet", column(values, source))
        done = made.json("run")["steps"][0]
        cases.check(f"declared {kind} of {source}", (loaded(made, "v::varchar"), done["rows_rejected"]), (arrives, len(values) - len(arrives)))
        made.remove()


DEEP = pa.struct([("x", pa.list_(pa.struct([("t", pa.time64("ns")), ("u", pa.timestamp("ns", "UTC")), ("i", pa.int64())])))])


def deep(time, when):
    return {"v": pa.array([None, {"x": None}, {"x": []}, {"x": [None, {"t": None, "u": None, "i": None}]},
                           {"x": [{"t": 1000, "u": 1000, "i": 1}, {"t": time, "u": when, "i": 2}]}], DEEP)}


def inside(cases):
    """What the engine would cut inside of others stops the load, and nothing else does."""
    by_dictionary = {"use_deprecated_int96_timestamps": True}
    for what, columns, options, arrives in [
            ("struct in list in struct", deep(2000, 3000), {}, "00:00:00.000002"), ("its time", deep(2001, 3000), {}, None), ("its moment", deep(2000, 3001), {}, None),
            ("map", column([[("a", 1000)], None, []], pa.map_(pa.string(), pa.time64("ns"))), {}, "00:00:00.000001"),
            ("map's value", column([[("a", 1000), ("b", 7)], None, []], pa.map_(pa.string(), pa.time64("ns"))), {}, None),
            ("list of lists of INT96", column([[[1000, None], None], None], pa.list_(pa.list_(pa.timestamp("ns")))), by_dictionary, "1970-01-01 00:00:00.000001"),
            ("list of lists of INT96, finer", column([[[1000, None], [1]], None], pa.list_(pa.list_(pa.timestamp("ns")))), by_dictionary, None),
            ("the second of two lists", {"v": pa.array([{"a": [1000], "b": [1000, 1]}], pa.struct([("a", pa.list_(pa.time64("ns"))), ("b", pa.list_(pa.time64("ns")))]))}, {}, None),
            ("long decimals that are NULL", column([[None]], pa.list_(pa.decimal256(50, 2))), {}, "NULL"), ("long decimals", column([[D("0.5")]], pa.list_(pa.decimal256(50, 2))), {}, None)]:
        made = project(one())
        write(made, "t_1.parquet", columns, **options)
        said = made.run("run", expect=1 if arrives is None else 0).stdout
        if arrives is None:
            cases.true(f"inside: {what}: stops the load", "SRC-430" in said and "in/t_1.parquet: inside of the column v " in said, said)
            made.write({"sources/shop.yml": "connection: inbound\ntables:\n" + one(", exclude: [v]")})
            write(made, "t_1.parquet", {**columns, "id": list(range(len(columns["v"])))}, **options)
            made.run("run")
            cases.check(f"inside: {what}: `exclude` leaves it out", made.one("select count(*) from raw_shop.t"), [str(len(columns["v"]))])
        else:
            cases.true(f"inside: {what}: arrives", arrives in loaded(made, "v::varchar")[-1 if "struct" in what else 0][0], str(loaded(made, "v::varchar")))
        made.remove()


def names(cases):
    made = project(one())
    odd = ["a b", 'quo"te', "ключ", "select", "Id", "ID", "id", "leat_file", "leat_row", "leat_origin", "_source_row", "k0", "t0"]
    write(made, "t_1.parquet", pa.table([pa.array([n]) for n in range(len(odd))], names=odd))
    write(made, "t_2.parquet", pa.table([pa.array([n + 100]) for n in reversed(range(len(odd)))], names=odd[::-1]))
    made.run("run")
    for row, more in zip(made.rows("select * exclude (_loaded_at, _batch_id, _source_file, _source_row) from raw_shop.t order by _source_file"), (0, 100)):
        cases.check(f"odd names and twins in case, in file {1 + more // 100}", row, [str(n + more) for n in range(len(odd))])
    cases.check("rows keep their number beside them", made.one("select count(*) from raw_shop.t where _source_row = 1"), ["2"])
    made.remove()
    made = project(one())
    write(made, "t_1.parquet", pa.table([pa.array([7]), pa.array([8])], names=["file_row_number", "filename"]))
    write(made, "t_2.parquet", {"FILENAME": [9]})
    made.run("run")
    cases.check("the engine's own names", loaded(made, "file_row_number, filename, _source_row"), [["7", "8", ""], ["", "9", "1"]])
    made.remove()


def shapes(cases):
    made = project(one())
    wide = {f"c{n}": [n] for n in range(2000)}
    write(made, "t_1.parquet", wide)
    write(made, "t_2.parquet", {**wide, "C7": [8], "more": pa.array([1000], pa.time64("ns"))})
    done = made.json("run")["steps"][0]
    cases.check("2,000 columns", (made.one("select c0, c1999 from raw_shop.t limit 1"), done["rows_out"]), (["0", "1999"], 2))
    made.remove()
    made = project(one())
    write(made, "t_1.parquet", {"id": pa.array([], pa.int32()), "t": pa.array([], pa.time64("ns"))})
    done = made.json("run")["steps"][0]
    cases.check("a file without rows has its columns", (made.one("select count(*), count(t) from raw_shop.t"), done["rows_in"]), (["0", "0"], 0))
    write(made, "t_2.parquet", {"id": pa.array([3], pa.int32()), "t": pa.array([1000], pa.time64("ns"))})
    made.run("run")
    cases.check("and rows come later", loaded(made, "id, t"), [["3", "00:00:00.000001"]])
    made.remove()


def differences(cases):
    """Random files in every packing, page version and size of row groups: columns that are read from a copy, each value as it was written."""
    rng, count = random.Random(7), 3000
    made = project(one())
    expected = {}
    for n, packing in enumerate(("none", "snappy", "gzip", "brotli", "zstd", "lz4")):
        numbers = [None if rng.random() < 0.1 else rng.randrange(-10**15, 10**15) for _ in range(count)]
        nines = [None if rng.random() < 0.1 else rng.randrange(-10**49, 10**49) >> rng.randrange(160) for _ in range(count)]
        columns = {"id": list(range(count)), "t": pa.array([number and number % 86_400_000_000 * 1000 for number in numbers], pa.time64("ns")),
                   "u": pa.array([number and number * 1000 for number in numbers], pa.timestamp("ns", "UTC")),
                   "d": pa.array([None if number is None else D(number).scaleb(-3, decimal.Context(prec=60)) for number in nines], pa.decimal256(50, 3))}
        options = {"compression": packing, "use_dictionary": n % 2 == 0, "data_page_version": "12"[n % 2] + ".0", "row_group_size": 700, "data_page_size": 3000}
        write(made, f"t_{n}.parquet", columns, **options)
        expected[f"in/t_{n}.parquet"] = (numbers, nines)
    done = made.json("run")["steps"][0]
    cases.check("every row arrives", (done["rows_in"], done["rows_out"]), (6 * count, 6 * count))
    wrong, seen = [], 0
    for file, row, time, when, number in made.rows("select _source_file, _source_row, epoch_us(t), epoch_us(u), d from raw_shop.t"):
        seen += 1
        micros, nines = (values[int(row) - 1] for values in expected[file])
        texts = ["" if micros is None else str(micros % 86_400_000_000), "" if micros is None else str(micros),
                 "" if nines is None else f"{D(nines).scaleb(-3, decimal.Context(prec=60)):f}"]
        if [time, when, number] != texts:
            wrong.append((file, row, [time, when, number], texts))
    cases.true("each value is what was written", seen == 6 * count and not wrong, f"{seen} rows, {len(wrong)} differ: {wrong[:2]}")
    made.remove()


def stops(cases):
    broken = pa.Array.from_buffers(pa.string(), 1, pa.array([b"\xff\xfe"]).buffers())
    for what, columns, change, word in [("text that is not UTF-8", {"v": broken}, None, "not valid UTF8"), ("JSON that is none", {"v": pa.array([b"{"])}, lambda file: annotate(file, BYTES, 19), "JSON"),
                                        ("BSON", {"v": pa.array([b"\5\0\0\0\0"])}, lambda file: annotate(file, BYTES, 20), "SRC-241"),
                                        ("a moment that no year has", column([-2**62], pa.timestamp("ms")), None, "Timestamp")]:
        made = project(one())
        write(made, "t_1.parquet", columns)
        if change:
            change(path(made, "t_1.parquet"))
        said = made.run("run", expect=1).stdout
        cases.true(f"{what}: stops the load", word in said, said)
        made.remove()
        made = project(one(), connection="path: in, on_bad_file: skip")
        write(made, "t_1.parquet", columns)
        if change:
            change(path(made, "t_1.parquet"))
        write(made, "t_2.parquet", {"v": pa.array([None], columns["v"].type if isinstance(columns["v"], pa.Array) and not change else pa.string())})
        made.run("run")
        cases.check(f"{what}: is left out where bad files are", (made.one("select count(*) from raw_shop.t"), made.rows("select origin from leat.rejected where reason_code = 'file'")), (["1"], [["in/t_1.parquet"]]))
        made.remove()


def main():
    cases = Cases()
    table = types(cases)
    files_that_differ(cases)
    declared(cases)
    inside(cases)
    names(cases)
    shapes(cases)
    differences(cases)
    stops(cases)
    check_page(cases, "parquet", PAGE.format(table=table))
    cases.finish()


main()
