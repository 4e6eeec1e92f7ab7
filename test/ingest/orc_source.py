#!/usr/bin/env python3
"""ORC files of pyarrow's writer (Apache's own C++) against what arrives: each type at its extremes, both versions of the run lengths, every packing, nested
values, files that differ, files that are damaged. docs/fidelity/orc.md is written from what is seen here and compared with it: LEAT_UPDATE=1 writes it anew.

usage: orc_source.py LEAT [DATA_FOLDER]
"""
import datetime
import decimal
import io
import json
import math
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import pyarrow as pa  # noqa: E402
from fidelity import check_page, lake_type, shown  # noqa: E402
from leat_project import Cases, Project  # noqa: E402
from pyarrow import orc  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])
PACKINGS = ("uncompressed", "zlib", "snappy", "zstd")
VERSIONS = ("0.11", "0.12")
REJECTED = object()
UTC = datetime.timezone.utc


def project(tables, connection="path: in", settings=""):
    made = Project(LEAT)
    made.write({"leat.yml": "version: 1\nname: orc\n" + settings, "connections.yml": f"connections:\n  inbound: {{ type: orc, {connection} }}\n",
                "sources/shop.yml": "connection: inbound\ntables:\n" + tables})
    os.makedirs(os.path.join(made.folder, "in"))
    return made


def one(pattern="t_*.orc", more=""):
    return f"  - {{ name: t, files: '{pattern}', structured: false{more} }}\n"


def path(made, name):
    return os.path.join(made.folder, "in", name)


def write(made, name, columns, **options):
    table = pa.table(columns) if isinstance(columns, dict) else columns
    orc.write_table(table, path(made, name), **options)


def nanos(text):
    """A moment as nanoseconds since 1970."""
    day, _, fraction = text.partition(".")
    seconds = int(datetime.datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())
    return seconds * 10**9 + int(fraction.ljust(9, "0") or 0)


def number(text):
    return decimal.Decimal(text)


# what it is in the file, pyarrow's type, the lake's, [(value[, what arrives])]; a value alone arrives as its text
TYPES = [
    ("boolean", pa.bool_(), "boolean", [(True, "true"), (False, "false")]),
    ("tinyint", pa.int8(), "int", [(-128,), (127,)]),
    ("smallint", pa.int16(), "int", [(-32768,), (32767,)]),
    ("int", pa.int32(), "int", [(-2**31,), (2**31 - 1,)]),
    ("bigint", pa.int64(), "long", [(-2**63,), (2**63 - 1,), (0,)]),
    ("float", pa.float32(), "float", [(1.5,), (float("nan"), "nan"), (float("-inf"), "-inf"), (3.4028234663852886e38, "3.4028235e+38"), (-0.0, "-0.0")]),
    ("double", pa.float64(), "double", [(0.1,), (float("inf"), "inf"), (5e-324,), (1.7976931348623157e308, "1.7976931348623157e+308")]),
    ("decimal(9,2)", pa.decimal128(9, 2), "decimal(9,2)", [(number("-9999999.99"),), (number("0.01"),)]),
    ("decimal(38,10)", pa.decimal128(38, 10), "decimal(38,10)", [(number("9999999999999999999999999999.9999999999"),), (number("-9999999999999999999999999999.9999999999"),)]),
    ("decimal(38,0)", pa.decimal128(38, 0), "decimal(38,0)", [(number("9" * 38),), (number("-" + "9" * 38),), (number(0),)]),
    ("string", pa.string(), "string", [("",), ("ä😀\0x",), (" a ",)]),
    ("binary", pa.binary(), "binary", [(b"\0\xff", "\\x00\\xFF"), (b"", "")]),
    ("date", pa.date32(), "date", [(datetime.date(1, 1, 1),), (datetime.date(9999, 12, 31),), (datetime.date(1969, 12, 31),)]),
    ("timestamp", pa.timestamp("ns"), "timestamp", [(nanos("1969-12-31T23:59:59.999999"), "1969-12-31 23:59:59.999999"), (nanos("1677-09-22T00:00:00"), "1677-09-22 00:00:00"),
                                                    (nanos("2262-04-11T23:47:16.854775"), "2262-04-11 23:47:16.854775"), (nanos("1900-01-01T00:00:00.5"), "1900-01-01 00:00:00.5"),
                                                    (nanos("2026-11-22T09:00:00.123456789"), REJECTED)]),
    ("timestamp with local time zone", pa.timestamp("ns", "UTC"), "timestamptz", [(nanos("2026-11-22T09:00:00.000001"), "2026-11-22 09:00:00.000001+00"), (nanos("1900-01-01T00:00:00"), "1900-01-01 00:00:00+00"),
                                                                                  (nanos("2026-11-22T09:00:00.000000001"), REJECTED)]),
]

PAGE = """# What arrives from ORC files

Written by `test/ingest/orc_source.py` from what it sees, with files of Apache's C++ writer. A value is in the lake exactly, or its row is rejected with everything in it (`<table>__rejected`).

- Columns are matched by name over all files, a column that a file lacks is NULL. Types widen where nothing is lost (int, bigint, decimals); long and double meet at double, value by value.
- Both versions of the run lengths, direct and by dictionary, not packed or packed with zlib, snappy or zstd. lzo, lz4 and brotli, encrypted columns and the files of Hive's
  transactional tables are refused (SRC-351).
- Structs, lists and maps keep their types; bytes inside of them are text, keys of maps are texts of their type, and a map whose key is nested is JSON text, as a union is: `{{"1": value}}`, by the place of
  the value's type. A key that is NULL, or comes twice, rejects the row.
- A timestamp has no zone: the clock that its writer saw. A file whose stripes name a zone is read by it. Nanoseconds that are not whole microseconds reject the row, so do years outside of 1 to 9999.
- Days are those of the proleptic Gregorian calendar; char and varchar are text as it stands.
- ORC has no checksums: damage is found where it breaks the form of the file (stripe, row, column and byte are named, SRC-350) or of a packed piece; a byte of a value that became another one is not seen.
- `_source_row` is the number of the row in its file.

| its type | in the lake | arrive | rejected |
| --- | --- | --- | --- |
{rows}
"""


def types(cases):
    tables = "".join(f"  - {{ name: k{n}, files: 'k_{n:02}.orc', structured: false }}\n" for n in range(len(TYPES)))
    lines = []
    for version in VERSIONS:
        made = project(tables, settings="defaults: { max_reject: 100% }\n")
        for n, (_, kind, _, values) in enumerate(TYPES):
            column = pa.array([value[0] for value in values] + [None], kind)
            write(made, f"k_{n:02}.orc", {"id": list(range(len(values))) + [-1], "v": column}, file_version=version)
        made.run("run")
        for n, (what, _, lake, values) in enumerate(TYPES):
            found = {int(row[0]): row[1:] for row in made.rows(f"select id, coalesce(v::varchar, '<null>'), typeof(v) from raw_shop.k{n}")}
            cases.check(f"{version} {what}: type", lake_type(found[-1][1]), lake)
            cases.check(f"{version} {what}: NULL", found[-1][0], "<null>")
            arrive, rejected = [], []
            for at, value in enumerate(values):
                want = str(value[0]) if len(value) == 1 else value[1]
                got = found[at][0] if at in found else REJECTED
                cases.check(f"{version} {what}: {value[0]!r:.60}", got, want)
                (rejected if got is REJECTED else arrive).append(shown(str(value[0]) if got is REJECTED else got))
            if version == VERSIONS[-1]:
                lines.append(f"| {what} | {lake} | {', '.join(arrive)} | {', '.join(rejected)} |")
        cases.check(f"{version}: rejected rows are kept with their reason", made.one("select count(*) from leat.rejected where reason_code = 'cast' and payload like '{\"id\":%' and message like '%is not exactly a%'"),
                    [str(sum(1 for *_, values in TYPES for value in values if value[1:] == (REJECTED,)))])
        made.remove()
    return PAGE.format(rows="\n".join(lines))


STRUCT = pa.struct([("n", pa.int32()), ("d", pa.decimal128(20, 3)), ("w", pa.timestamp("ns")), ("b", pa.binary()), ("deep", pa.list_(pa.struct([("x", pa.float64())])))])
NESTED = {
    "list": (pa.list_(pa.string()), [["a", None, "ä"], [], None, ["x"]]),
    "struct": (STRUCT, [{"n": 1, "d": number("12345678901234567.125"), "w": nanos("2026-01-02T03:04:05.5"), "b": b"\1", "deep": [{"x": 0.1}, None]},
                        {"n": None, "d": None, "w": None, "b": None, "deep": None}, None, {"n": 2, "d": number("0.5"), "w": None, "b": b"", "deep": []}]),
    "map": (pa.map_(pa.string(), pa.int64()), [[("a", 1), ("b", None)], [], None, [("", 2**63 - 1)]]),
    "days": (pa.map_(pa.int64(), pa.date32()), [[(7, datetime.date(2026, 1, 1))], None, [(-2**63, None)], []]),
}


def nested(cases):
    made = project(one())
    write(made, "t_1.orc", {"id": [0, 1, 2, 3], **{name: pa.array(values, kind) for name, (kind, values) in NESTED.items()}}, compression="zstd")
    made.run("run")
    cases.check("nested: types", made.one('select typeof(list), typeof(struct), typeof(map), typeof(days) from raw_shop.t limit 1'),
                ["VARCHAR[]", 'STRUCT(n INTEGER, d DECIMAL(20,3), w TIMESTAMP, b VARCHAR, deep STRUCT(x DOUBLE)[])', "MAP(VARCHAR, BIGINT)", "MAP(BIGINT, DATE)"])
    cases.check("nested: lists", made.rows("select list::varchar from raw_shop.t order by id"), [["[a, NULL, ä]"], ["[]"], [], ["[x]"]])
    cases.check("nested: structs", made.rows("select struct.d, struct.w, struct.deep[1].x, struct.deep[2] is null, len(struct.deep), struct.b, struct is null from raw_shop.t order by id"),
                [["12345678901234567.125", "2026-01-02 03:04:05.5", "0.1", "true", "2", "01", "false"], ["", "", "", "true", "", "", "false"], ["", "", "", "true", "", "", "true"],
                 ["0.500", "", "", "true", "0", "", "false"]])
    cases.check("nested: maps", made.rows("select map::varchar, days::varchar from raw_shop.t order by id"),
                [["{a=1, b=NULL}", "{7=2026-01-01}"], ["{}", ""], ["", "{-9223372036854775808=NULL}"], ["{''=9223372036854775807}", "{}"]])
    made.remove()
    made = project(one(), settings="defaults: { max_reject: 100% }\n")
    union = pa.UnionArray.from_dense(pa.array([0, 1, 0], pa.int8()), pa.array([0, 0, 1], pa.int32()), [pa.array([5, 6], pa.int64()), pa.array(["x"])])
    twice = pa.array([[("a", 1), ("a", 2)], [], [("a", 1)]], pa.map_(pa.string(), pa.int64()))
    write(made, "t_1.orc", {"id": [0, 1, 2], "u": union, "m": twice})
    made.run("run")
    cases.check("unions are JSON text; a key that comes twice rejects its row", (made.rows("select id, u, m::varchar from raw_shop.t order by id"), made.rows("select message, payload from leat.rejected")),
                ([["1", '{"1":"x"}', "{}"], ["2", '{"0":6}', "{a=1}"]], [["the key 'a' comes twice in a map", '{"id":0,"u":{"0":5},"m":{"a":1,"a":2}}']]))
    made.remove()


def random_column(rng, count):
    """Numbers of every shape that run lengths have a form for."""
    shape = rng.randrange(8)
    if shape == 0:
        values = [rng.randrange(-2**63, 2**63) for _ in range(count)]
    elif shape == 1:
        values = [n * 3 - 1000 for n in range(count)]
    elif shape == 2:
        values = [rng.choice((7, 7, 7, 7, 7, -7)) for _ in range(count)]
    elif shape == 3:
        values = [rng.randrange(100) if rng.random() > 0.03 else rng.randrange(-2**rng.randrange(1, 62), 2**40) for _ in range(count)]
    elif shape == 4:
        values = list(range(2**62, 2**62 - 1000 * count, -1000))
    elif shape == 5:
        value, values = 0, []
        for _ in range(count):
            value += rng.randrange(5000)
            values.append(value)
    elif shape == 6:
        values = [n // 9 for n in range(count)]
    else:
        values = [rng.randrange(2**rng.randrange(1, 62)) for _ in range(count)]
    return [None if rng.random() < 0.1 else value for value in values]


def differences(cases):
    """Random tables, each value against pyarrow's own reader."""
    rng, count = random.Random(9), 4000
    made = project(one())
    expected, stripes = {}, 0
    for n in range(8):
        words = [rng.choice(["a", "bb", "ccc ä", ""]) if n % 2 else "".join(rng.choice("abc😀 \n\"\\") for _ in range(rng.randrange(30))) for _ in range(count)]
        columns = {"id": pa.array(range(count), pa.int64()), "a": pa.array(random_column(rng, count), pa.int64()), "b": pa.array(random_column(rng, count), pa.int64()),
                   "c": pa.array(random_column(rng, count), pa.int64()), "s": pa.array([None if rng.random() < 0.2 else word for word in words]),
                   "f": pa.array([rng.uniform(-1e9, 1e9) for _ in range(count)]), "y": pa.array([rng.randrange(-128, 128) if rng.random() < 0.5 else 5 for _ in range(count)], pa.int8()),
                   "o": pa.array([None if rng.random() < 0.1 else n % 3 == 0 or rng.random() < 0.5 for n in range(count)]),
                   "d": pa.array([decimal.Decimal(rng.randrange(-10**30, 10**30)).scaleb(-6, decimal.Context(prec=40)) for _ in range(count)], pa.decimal128(38, 6)),
                   "t": pa.array([rng.randrange(-9 * 10**15, 9 * 10**15) * 1000 for _ in range(count)], pa.timestamp("ns")),
                   "l": pa.array([[rng.randrange(100) for _ in range(rng.randrange(4))] if rng.random() > 0.1 else None for _ in range(count)], pa.list_(pa.int64()))}
        write(made, f"t_{n}.orc", columns, file_version=VERSIONS[n % 2], compression=PACKINGS[n // 2], stripe_size=50_000, dictionary_key_size_threshold=n % 2 * 0.9, batch_size=500)
        with open(path(made, f"t_{n}.orc"), "rb") as file:
            read = orc.ORCFile(io.BytesIO(file.read()))
            stripes += read.nstripes
            expected[f"in/t_{n}.orc"] = read.read().to_pydict()
    done = made.json("run")["steps"][0]
    cases.true("some have several stripes", stripes > 12, str(stripes))
    cases.check("every row arrives", (done["rows_in"], done["rows_out"], done["rows_rejected"]), (8 * count, 8 * count, 0))
    names = list(columns)
    sql = "select _source_file, _source_row, " + ", ".join(f"{name}::json::varchar" if name in "ls" else f"{name}::varchar" for name in names).replace("s::json::varchar", "to_json(s)::varchar").replace("l::json::varchar", "to_json(l)::varchar") + " from raw_shop.t"
    wrong, seen = [], 0
    for file, row, *texts in made.rows(sql):
        seen += 1
        for name, text in zip(names, texts):
            want = expected[file][name][int(row) - 1]
            if name == "t":
                want = want.isoformat(sep=" ", timespec="microseconds").rstrip("0").rstrip(".") if want is not None else None
            if want is None:
                same = text in ("", "null")
            elif name in "ls":
                same = json.loads(text) == want
            elif isinstance(want, float):
                same = float(text) == want
            elif isinstance(want, bool):
                same = text == str(want).lower()
            else:
                same = text == str(want) or (name == "d" and decimal.Decimal(text) == want)
            if not same:
                wrong.append((file, row, name, want, text))
    cases.true("each value is what pyarrow's reader has", seen == 8 * count and not wrong, f"{seen} rows, {len(wrong)} values differ: {wrong[:4]}")
    made.remove()


def files_that_differ(cases):
    made = project(one())
    write(made, "t_1.orc", {"id": pa.array([1], pa.int32()), "x": pa.array([1], pa.int32())})
    write(made, "t_2.orc", {"x": pa.array([2**40], pa.int64()), "id": pa.array([2], pa.int32()), "new": ["n"]})
    write(made, "t_3.orc", {"id": pa.array([], pa.int32())})
    made.run("run")
    cases.check("columns by name; a wider type, a column that one lacks", made.rows("select id, x, new, _source_row from raw_shop.t order by id"), [["1", "1", "", "1"], ["2", str(2**40), "n", "1"]])
    write(made, "t_4.orc", {"id": pa.array([3], pa.int32()), "later": pa.array([1.5], pa.float64())})
    made.run("run")
    cases.check("a new column is added", made.rows("select id, later from raw_shop.t where id = 3"), [["3", "1.5"]])
    made.remove()
    made = project(one())
    write(made, "t_1.orc", {"x": [1]})
    write(made, "t_2.orc", {"x": ["a"]})
    done = made.run("run", expect=None)
    cases.true("types without a common one are an error with both files", done.returncode == 1 and "SRC-225" in done.stdout + done.stderr and "t_1.orc" in done.stdout + done.stderr, done.stdout + done.stderr)
    made.remove()


def zones(cases):
    """A stripe whose writer's clock was in another zone: its moments are those of that clock. A word of three letters takes the place of GMT."""
    for zone in ("CET", "XYZ"):
        made = project(one())
        write(made, "t_1.orc", {"t": pa.array([nanos("2026-01-01T12:00:00"), nanos("2026-07-01T12:00:00")], pa.timestamp("ns")), "z": pa.array([nanos("2026-07-01T12:00:00")] * 2, pa.timestamp("ns", "UTC"))})
        with open(path(made, "t_1.orc"), "rb+") as file:
            content = file.read()
            file.seek(0)
            file.write(content.replace(b"GMT", zone.encode()))
        done = made.run("run", expect=None)
        text = done.stdout + done.stderr
        if zone == "CET":
            # Its epoch is that zone's: an hour of summer is one later.
            cases.check("a zone of its writer", made.rows("select t, z from raw_shop.t order by t"), [["2026-01-01 12:00:00", "2026-07-01 12:00:00+00"], ["2026-07-01 13:00:00", "2026-07-01 12:00:00+00"]])
        else:
            cases.true("a zone that there is not", "SRC-350" in text and "time zone 'XYZ'" in text, text)
        made.remove()


def refused(cases):
    columns = {"id": list(range(5000))}
    kinds = {"lz4": (lambda made: write(made, "t_1.orc", columns, compression="lz4"), "SRC-351", "lz4"),
             "no ORC file": (lambda made: open(path(made, "t_1.orc"), "wb").write(b"id\n1\n"), "SRC-350", "word ORC"),
             "a part of a transactional table": (lambda made: write(made, "t_1.orc", {name: [1] for name in ("operation", "originalTransaction", "bucket", "rowId", "currentTransaction", "row")}), "SRC-351", "Hive")}
    for what, (make, code, word) in kinds.items():
        made = project(one())
        make(made)
        done = made.run("run", expect=None)
        text = done.stdout + done.stderr
        cases.true(f"{what}: {code}", done.returncode == 1 and code in text and word in text and "in/t_1.orc" in text, text)
        made.remove()


def damage(cases):
    """Flipped and cut bytes: a file is bad, or all its rows are there; with `skip` nothing is seen of a bad one."""
    made = project(one(), connection="path: in, on_bad_file: skip", settings="defaults: { max_reject: 100% }\n")
    rng, count = random.Random(4), 120
    table = {"id": pa.array(range(2000), pa.int64()), "s": [f"text {n % 7}" for n in range(2000)], "l": [[n, n] for n in range(2000)]}
    for n in range(count):
        write(made, f"t_{n:03}.orc", table, compression=PACKINGS[n % 4], file_version=VERSIONS[n % 2])
        with open(path(made, f"t_{n:03}.orc"), "rb+") as file:
            damaged = bytearray(file.read())
            for _ in range(rng.randrange(1, 5)):
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
            if n % 3 == 0:
                del damaged[rng.randrange(len(damaged)):]
            file.seek(0)
            file.truncate()
            file.write(damaged)
    made.run("run")
    bad = {row[0] for row in made.rows("select origin from leat.rejected where reason_code = 'file'")}
    whole = {row[0] for row in made.rows("select file from (select _source_file as file from raw_shop.t union all select regexp_replace(origin, ':[0-9]+$', '') from leat.rejected where reason_code <> 'file') group by 1 having count(*) = 2000")}
    cases.check("each file is bad, or has all its rows", (sorted(bad | whole), bad & whole), ([f"in/t_{n:03}.orc" for n in range(count)], set()))
    cases.true("most of them are bad", len(bad) > count / 2, str(len(bad)))
    cases.check("each says what is damaged", made.one("select count(*) from leat.rejected where reason_code = 'file' and message not like '%is no sound ORC file: %' and message not like '%is not read: %'"), ["0"])
    made.remove()


def large(cases):
    """Memory is that of pieces, whatever the size of the file."""
    used = {}
    for count in (300_000, 3_000_000):
        made = project(one())
        schema = pa.schema([("id", pa.int64()), ("name", pa.string()), ("amount", pa.float64())])
        with orc.ORCWriter(path(made, "t_1.orc"), compression="zlib") as writer:
            for first in range(0, count, 100_000):
                numbers = range(first, first + 100_000)
                writer.write(pa.table([list(numbers), [f"a name of some length, {n}" for n in numbers], [n + 0.25 for n in numbers]], schema=schema))
        run, used[count] = made.measured("run")
        done = run["steps"][0]
        cases.check(f"{count} rows: every one", (done["rows_in"], done["rows_out"]), (count, count))
        print(f"        {count} rows: {used[count]:.0f} MB of memory, {done['seconds']:.1f} s")
        made.remove()
    cases.true("ten times the rows take no more memory worth naming", used[3_000_000] < used[300_000] + 150, str(used))


def main():
    cases = Cases()
    page = types(cases)
    nested(cases)
    differences(cases)
    files_that_differ(cases)
    zones(cases)
    refused(cases)
    damage(cases)
    large(cases)
    check_page(cases, "orc", page)
    cases.finish()


main()
