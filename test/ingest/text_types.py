#!/usr/bin/env python3
"""Values of csv files, JSON documents and JSON lines against what arrives: each declared type at its extremes, what is found without one, and texts of every kind.
docs/fidelity/csv.md and docs/fidelity/json.md are written from what is seen here and compared with it: LEAT_UPDATE=1 writes them anew.

usage: text_types.py LEAT [DATA_FOLDER]
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from fidelity import REJECTED, check_page, compare_types, lake_type, shown  # noqa: E402
from leat_project import Cases, Project  # noqa: E402
from text_values import DECLARED, EVIDENCE, FORMS, FOUND, MEGABYTE, as_strings, is_json_number, numbered  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])
CSV_PAGE = """# What arrives from csv files

Written by `test/ingest/text_types.py` from what it sees. A value is in the lake exactly, or its row is rejected with everything in it (`<table>__rejected`).

- Types are found once, from all values of small files and pieces of large ones, registered, and never guessed again. `data_type` of a column says otherwise.
- An empty value is NULL, quoted or not, and so are the words of `null_text`. Other words for nothing are text.
- Numbers: a sign, digits, a point, an exponent; space around them is left out. Separators of thousands and decimal commas are no numbers. -0 is 0 but for doubles.
- A real or double takes as many digits as it keeps: `0.1` is one, `9007199254740993` and `3.14159265358979323846` are none.
- Days are `yyyy-mm-dd`, moments `yyyy-mm-dd hh:mm[:ss[.ffffff]]` with a space or T, moments with a zone end in Z or an offset. Digits below microseconds are taken if they are zeros.
- Bytes are as the engine writes them: `\\\\x00\\\\xFFa`.
- Text is kept as it stands, with the line ends and quotes inside of its quotes; of a header the byte order mark is left out.
- A file that is not UTF-8, or holds a NUL, is a bad file (SRC-211: `encoding:`); one value that is none, far behind, rejects its row (`csv.invalid_encoding`).

## Declared types
{declared}
## Types that are found

| | values | type | arrive |
| --- | --- | --- | --- |
{found}

## Texts

| | in the file | arrives |
| --- | --- | --- |
{texts}
"""

JSON_PAGE = """# What arrives from JSON documents and JSON lines

Written by `test/ingest/text_types.py` from what it sees, the same of `type: json` and `type: jsonl`. A value is in the lake exactly, or its row is rejected with everything in it
(`<table>__rejected`).

- Numbers keep the digits that they have in the file. A string is a string, also one that looks like a number ("007"); days and moments are found in strings. A column of several kinds is text.
- `data_type` of a column takes numbers and strings alike, where their text is exactly a value of it.
- null, and a member that is missing, are NULL; an empty string is the empty text.
- Objects and lists become structs and lists by all that the first load has of them, and JSON text where they differ, or have numbers that are neither of 64 bits nor what a double keeps.
  A value inside that its type would round or cut rejects the row, and so do members whose names differ in case only.
- A real or double takes as many digits as it keeps: `0.1` is one, `9007199254740993` is none.
- Of a member that comes twice the {twice} counts.
- A line that is no object, or no UTF-8, is a rejected row; a document that is none is a bad file.

## Declared types
{declared}
## Types that are found

| | values | type | arrive |
| --- | --- | --- | --- |
{found}

## Objects and lists

| value | type | arrives |
| --- | --- | --- |
{nested}

## Texts

| | in the file | arrives |
| --- | --- | --- |
{texts}
"""


def project(kind, tables, options=""):
    made = Project(LEAT)
    made.write({"leat.yml": "version: 1\nname: text\ndefaults: { max_reject: 100% }\n", "connections.yml": f"connections:\n  inbound: {{ type: {kind}, path: in{options} }}\n",
                "sources/shop.yml": "connection: inbound\ntables:\n" + tables})
    os.makedirs(os.path.join(made.folder, "in"))
    return made


def put(made, name, content):
    with open(os.path.join(made.folder, "in", name), "wb") as out:
        out.write(content if isinstance(content, bytes) else content.encode())


def one(more=""):
    return f"  - {{ name: t, files: 't_*', structured: false{more} }}\n"


def declared(cases, kind):
    types = [(name, lake, arrive + refused) for name, lake, arrive, refused in DECLARED]
    made = project(kind, "".join(f"  - {{ name: t{n}, files: 'k_{n:02}', structured: false, columns: [{{ name: v, data_type: '{name}' }}] }}\n" for n, (name, _, _) in enumerate(types)))
    for n, (_, _, values) in enumerate(types):
        put(made, f"k_{n:02}", FORMS[kind](numbered(values)))
    made.run("run")
    return compare_types(cases, made, types, EVIDENCE, f"{kind}: ")


def found(cases, kind):
    texts = [(what, values, lake, arrive or values) for what, values, lake, arrive in FOUND]
    if kind != "csv":
        texts = [(what, values, *as_strings(what, values, lake, arrive)) for what, values, lake, arrive in texts]
    made = project(kind, "".join(f"  - {{ name: t{n}, files: 'k_{n:02}', structured: false }}\n" for n in range(len(texts))))
    for n, (_, values, _, _) in enumerate(texts):
        put(made, f"k_{n:02}", FORMS[kind]([*enumerate(values), (-1, None)]))
    made.run("run")
    lines = []
    for n, (what, values, lake, arrive) in enumerate(texts):
        rows = made.rows(f"select v::varchar, typeof(v) from raw_shop.t{n} where id >= 0 order by id")
        kind_of = made.one(f"select typeof(v) from raw_shop.t{n} where id = -1")[0]
        cases.check(f"{kind}: found: {what}", (lake_type(kind_of), [row[0] for row in rows]), (lake, arrive))
        written = values if kind == "csv" else [value if is_json_number(value) else json.dumps(value) for value in values]
        lines.append(f"| {what} | {', '.join(shown(value) for value in written)} | {lake} | {', '.join(shown(value) for value in arrive) if arrive != values else 'as they stand'} |")
    made.remove()
    return "\n".join(lines)


# what it shows, the record's bytes behind the id, what arrives (None: NULL; REJECTED)
CSV_TEXTS = [
    ("an empty value", b"", None), ("an empty value in quotes", b'""', None), ("the word NULL", b"NULL", "NULL"), ("a word of `null_text`", b"n/a", None),
    ("quotes in quotes", b'"say ""hi"""', 'say "hi"'), ("a quote inside", b'5" tube', '5" tube'), ("a line end in quotes", b'"a\nb"', "a\nb"), ("delimiters in quotes", b'"a,b"', "a,b"),
    ("space around", b" a ", " a "), ("a backslash", b"a\\nb", "a\\nb"), ("a tab", b"a\tb", "a\tb"), ("letters of every plane", "é😀中\u200d".encode(), "é😀中\u200d"),
    ("a megabyte", MEGABYTE.encode(), MEGABYTE), ("text behind its quotes", b'"a"b', REJECTED), ("one value more", b"a,b", REJECTED), ("a quote that is not closed", b'"a', REJECTED),
]
JSON_TEXTS = [
    ("an empty string", '""', ""), ("null", "null", None), ("escapes", r'"a\"b\\c\/d\b\f\n\r\t"', 'a"b\\c/d\b\f\n\r\t'), ("a letter by its number", r'"\u00e9"', "é"), ("a pair of surrogates", r'"\ud83d\ude00"', "😀"),
    ("a surrogate alone", r'"\ud83d"', REJECTED), ("NUL", r'"a\u0000b"', "a\0b"), ("letters of every plane", '"é😀中\u200d"', "é😀中\u200d"), ("a megabyte", json.dumps(MEGABYTE, ensure_ascii=False), MEGABYTE),
    ("an object", '{"a":  1.10}', '{"a":  1.10}'), ("a list", "[1, [null]]", "[1, [null]]"), ("a number among texts", "1.10", "1.10"), ("2^64 among texts", "18446744073709551616", "18446744073709551616"),
    ("1e400 among texts", "1e400", "1e400"), ("true among texts", "true", "true"), ("NaN", "NaN", "NaN"), ("a number with leading zeros", "007", REJECTED), ("a single quote", "'a'", REJECTED), ("a control character", '"a\x01b"', REJECTED),
]


# the value of a column, its type, as it arrives
NESTED = [
    ('{"a": 9007199254740993, "b": [0.1, null]}', "struct(a bigint, b double[])", "{'a': 9007199254740993, 'b': [0.1, NULL]}"),
    ('{"d": "2024-02-29", "n": "007", "t": true}', "struct(d date, n varchar, t boolean)", "{'d': 2024-02-29, 'n': 007, 't': true}"),
    ('[1, "x"]', "list<string>", "[1, x]"),
    ('{"a": 12345678901234567890123}', "string", '{"a": 12345678901234567890123}'),
    ('{"a": 0.1234567890123456789}', "string", '{"a": 0.1234567890123456789}'),
    ("[1e400]", "string", "[1e400]"),
    ("[9007199254740993, 0.5]", "list<double>", REJECTED),
    ('{"t": "08:30:00.1234567"}', "struct(t time)", REJECTED),
    ('{"A": 1, "a": 2}', "struct(a bigint)", REJECTED),
    ('{"a": 1, "a": 2}', "struct(a bigint)", "{'a': 1}"),
]


def nested(cases, kind):
    made = project(kind, "".join(f"  - {{ name: t{n}, files: 'k_{n:02}', structured: false }}\n" for n in range(len(NESTED))))
    for n, (value, _, _) in enumerate(NESTED):
        lines = [f'{{"id": 1, "v": {value}}}', '{"id": -1, "v": null}']
        put(made, f"k_{n:02}", "\n".join(lines) if kind == "jsonl" else f"[{', '.join(lines)}]")
    made.run("run")
    lines = []
    for n, (value, lake, expected) in enumerate(NESTED):
        rows = {row[0]: row[1:] for row in made.rows(f"select id, v::varchar, typeof(v) from raw_shop.t{n}")}
        got = rows["1"][0] if "1" in rows else REJECTED
        cases.true(f"{kind}: inside: {value}", (got, lake_type(rows["-1"][1])) == (expected, lake), f"{got!r} of {lake_type(rows['-1'][1])}")
        lines.append(f"| {shown(value)} | {lake} | {'(rejected)' if got is REJECTED else 'as it stands' if got == value else shown(got)} |")
    cases.check(f"{kind}: inside: rejected rows are kept", made.one(f"select count(*) from leat.rejected where {EVIDENCE}"), [str(sum(1 for one in NESTED if one[2] is REJECTED))])
    made.remove()
    return "\n".join(lines)


def texts(cases, kind, members, record):
    made = project(kind, one(", columns: [{ name: v, data_type: string }]"), ", null_text: [n/a]" if kind == "csv" else "")
    begin = b"id,v\r\n" if kind == "csv" else b""
    put(made, "t_1", b"\xef\xbb\xbf" + begin + b"".join(record(n, value[1]) for n, value in enumerate(members)))
    made.run("run")
    rows = {int(n): None if null == "true" else json.loads(text) for n, null, text in made.rows("select id, v is null, to_json(v) from raw_shop.t")}
    lines = []
    for n, (what, text, expected) in enumerate(members):
        got = rows.get(n, REJECTED)
        cases.true(f"{kind}: {what}", got == expected, f"{str(got)[:100]!r}")
        written = text if isinstance(text, str) else text.decode()
        outcome = "NULL" if got is None else "(rejected)" if got is REJECTED else "as it stands" if got == written else shown(got.replace("\r", "\\r").replace("\b", "\\b").replace("\f", "\\f"))
        lines.append(f"| {what} | {shown(written.replace(chr(1), chr(92) + 'x01'))} | {outcome} |")
    cases.check(f"{kind}: rejected rows are kept", made.one("select count(*) from leat.rejected"), [str(sum(1 for member in members if member[2] is REJECTED))])
    made.remove()
    return "\n".join(lines)


def csv_page(cases):
    table = texts(cases, "csv", CSV_TEXTS, lambda n, value: f"{n},".encode() + value + b"\r\n")
    return CSV_PAGE.replace("\\\\x", "\\x").format(declared=declared(cases, "csv"), found=found(cases, "csv"), texts=table)


def json_page(cases):
    tables = declared(cases, "jsonl"), found(cases, "jsonl"), texts(cases, "jsonl", JSON_TEXTS, lambda n, value: f'{{"id": {n}, "v": {value}}}\n'.encode())
    cases.check("documents are as lines: declared types", declared(cases, "json"), tables[0])
    cases.check("documents are as lines: types that are found", found(cases, "json"), tables[1])
    inside = nested(cases, "jsonl")
    cases.check("documents are as lines: objects and lists", nested(cases, "json"), inside)
    made = project("jsonl", one())
    put(made, "t_1", '{"v": 1, "v": 2}\n{"v": 3, "\\u0076": 4}\n')
    made.run("run")
    both = made.rows("select v from raw_shop.t order by 1")
    cases.true("of a member that comes twice one counts", both in ([["1"], ["3"]], [["2"], ["4"]]), str(both))
    made.remove()
    return JSON_PAGE.format(declared=tables[0], found=tables[1], texts=tables[2], nested=inside, twice="first" if both[0] == ["1"] else "last")


def main():
    cases = Cases()
    check_page(cases, "csv", csv_page(cases))
    check_page(cases, "json", json_page(cases))
    cases.finish()


main()
