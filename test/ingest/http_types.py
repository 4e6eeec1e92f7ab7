#!/usr/bin/env python3
"""Values of an API's answers against what arrives, the same in JSON, JSON lines, csv and XML: each declared type at its extremes, and what is found
without a declaration. docs/fidelity/http.md is written from what is seen here and compared with it: LEAT_UPDATE=1 writes it anew.

usage: http_types.py LEAT [DATA_FOLDER]
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from fidelity import check_page, compare_types, lake_type, shown  # noqa: E402
from leat_project import Cases, Project  # noqa: E402
from test_api import TestApi  # noqa: E402
from text_values import DECLARED, EVIDENCE, FORMS, FOUND, as_strings, numbered  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])
KINDS = {"json": "application/json", "jsonl": "application/x-ndjson", "csv": "text/csv", "xml": "application/xml"}

PAGE = """# What arrives from the answers of an API

Written by `test/ingest/http_types.py` from what it sees. A value is in the lake exactly, or its row is rejected with everything in it (`<table>__rejected`).

- Types are found once, from all values of the first load, registered, and never guessed again. `data_type` of a column says otherwise: it takes numbers and texts alike where their
  text is exactly a value of it.
- JSON and JSON lines: numbers keep the digits that they have in the answer, a string is a string, also one that looks like a number ("007"); days and moments are found in strings. Objects and
  lists are JSON text. csv and XML: a text that is a number, a day, a moment or true and false is one.
- null, a member or an element that is missing, and an empty value of csv are NULL; an empty string of JSON is the empty text.
- Of a member that comes twice the first counts. Members whose names differ in case only are columns of their own (`Name`, `name_2`).
- A record that cannot be read is a rejected row (`test/ingest/http_records.py`); an answer that is cut off, or not what its format says, stops the load.

## Declared types
{declared}
## Types that are found: JSON

| | values | type | arrive |
| --- | --- | --- | --- |
{json_found}

## Types that are found: csv and XML

| | values | type | arrive |
| --- | --- | --- | --- |
{csv_found}
"""


def project(api, kind, count, more):
    fields = "    format: xml\n    records: /rows/row\n" if kind == "xml" else ""
    made = Project(LEAT)
    made.write({"leat.yml": "version: 1\nname: text\ndefaults: { max_reject: 100% }\n", "connections.yml": f"connections:\n  api: {{ type: http, url: '{api.url}' }}\n",
                "sources/shop.yml": "connection: api\ntables:\n" + "".join(f"  - name: t{n}\n    structured: false\n    path: /k{n}\n{fields}{more(n)}" for n in range(count))})
    return made


def answer(api, kind, n, texts):
    api.behave[f"/k{n}"] = [("as is", FORMS[kind](texts).encode(), {"Content-Type": KINDS[kind]})]


def declared(cases, kind):
    types = [(name, lake, arrive + refused) for name, lake, arrive, refused in DECLARED]
    with TestApi() as api:
        made = project(api, kind, len(types), lambda n: f"    columns: [{{ name: v, data_type: '{types[n][0]}' }}]\n")
        for n, (_, _, values) in enumerate(types):
            answer(api, kind, n, numbered(values))
        made.run("run")
    return compare_types(cases, made, types, EVIDENCE, f"{kind}: ")


def found(cases, kind):
    texts = [(what, values, lake, arrive or values) for what, values, lake, arrive in FOUND if values]
    if kind.startswith("json"):
        texts = [(what, values, *as_strings(what, values, lake, arrive)) for what, values, lake, arrive in texts]
    with TestApi() as api:
        made = project(api, kind, len(texts), lambda _: "")
        for n, (_, values, _, _) in enumerate(texts):
            answer(api, kind, n, [*enumerate(values), (-1, None)])
        made.run("run")
    lines = []
    for n, (what, values, lake, arrive) in enumerate(texts):
        rows = made.rows(f"select v::varchar from raw_shop.t{n} where id >= 0 order by id")
        kind_of = made.one(f"select typeof(v) from raw_shop.t{n} where id = -1")[0]
        cases.check(f"{kind}: found: {what}", (lake_type(kind_of), [row[0] for row in rows]), (lake, arrive))
        lines.append(f"| {what} | {', '.join(shown(value) for value in values)} | {lake} | {', '.join(shown(value) for value in arrive) if arrive != values else 'as they stand'} |")
    made.remove()
    return "\n".join(lines)


def main():
    cases = Cases()
    tables = {kind: (declared(cases, kind), found(cases, kind)) for kind in KINDS}
    for kind in KINDS:
        cases.check(f"{kind} is as json: declared types", tables[kind][0], tables["json"][0])
    for other, kind in (("jsonl", "json"), ("xml", "csv")):
        cases.check(f"{other} is as {kind}: types that are found", tables[other][1], tables[kind][1])
    check_page(cases, "http", PAGE.format(declared=tables["json"][0], json_found=tables["json"][1], csv_found=tables["csv"][1]))
    cases.finish()


main()
