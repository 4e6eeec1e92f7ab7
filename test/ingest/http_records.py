#!/usr/bin/env python3
"""Records of an API's answers that cannot be read: each is set aside with its reason, its answer and its text, the others are loaded, and the
counts of the load come out even. A load of nothing else ends, and what was in the table stays.

usage: test/ingest/http_records.py LEAT …
"""
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "support"))
from leat_project import Cases, Project  # noqa: E402
from test_api import TestApi  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])
JSON = {"Content-Type": "application/json"}
LINES = {"Content-Type": "application/x-ndjson"}
CSV = {"Content-Type": "text/csv"}
XML = "    format: xml\n    records: /feed/item\n"
# name: (answer, its headers, fields of the table, rows loaded, (reason, column, words of the message, payload) of each that is not)
ANSWERS = {
    "half a character": (b'[{"id": 1, "s": "x"}, {"id": 2, "s": "\\ud800"}, {"id": 3, "s": "y"}]', JSON, "", [["1", "x"], ["3", "y"]],
                         [("cast", "s", ["record 2", '"\\ud800"', "stands for no character"], '{"id": 2, "s": "\\ud800"}')]),
    "half a character in a line": (b'{"id": 1, "s": "x"}\n{"id": 2, "s": "\\ud800"}\n', LINES, "", [["1", "x"]],
                                   [("cast", "s", ["record 2"], '{"id": 2, "s": "\\ud800"}')]),
    "lines that are no JSON": (b'{"id": 1, "s": "x"}\n{"id": 2, "s": \n\n{"id": 3, "s": "y"}}\n{"id": 4, "s": "z"}', LINES, "", [["1", "x"], ["4", "z"]],
                               [("jsonl.malformed", "", ["line 2", "record 2"], '{"id": 2, "s": '),
                                ("jsonl.malformed", "", ["line 4", "record 3"], '{"id": 3, "s": "y"}}')]),
    "rows too short and too long": (b'id,s\r\n1,x\r\n2\r\n3,y,y\r\n4,z\r\n', CSV, "", [["1", "x"], ["4", "z"]],
                                    [("csv.missing_columns", "", ["1 values, the header 2", "record 2"], "2"),
                                     ("csv.too_many_columns", "", ["3 values, the header 2"], "3,y,y")]),
    "text behind a quote": (b'id,s\n1,"x"y\n2,"a\nb"\n3,"a\nb"c,d\n4,z\n', CSV, "", [["2", "a\nb"], ["4", "z"]],
                            [("csv.unquoted_value", "", ["line 2"], '1,"x"y'), ("csv.unquoted_value", "", ["line 6"], '3,"a\nb"c,d')]),
    "a quote that is not closed": (b'id,s\n1,"x\n2,y\n3,z\n', CSV, "", [["2", "y"], ["3", "z"]],
                                   [("csv.unterminated_quote", "", ["line 2"], '1,"x')]),
    "two namespaces": (b"<feed xmlns:m='urn:m'><item><id>1</id><s>x</s></item><item><id>2</id><s>y</s><m:s>z</m:s></item></feed>", {"Content-Type": "text/xml"}, XML,
                       [["1", "x"]], [("xml.two_namespaces", "s", ["record 2", "namespaces"], '{"id":"2","s":["y","z"]}')]),
}


def project(api, fields, most="100%"):
    made = Project(LEAT)
    made.write({"leat.yml": "version: 1\nname: api\n", "connections.yml": f"connections:\n  api: {{ type: http, url: '{api.url}', retries: 1 }}\n",
                "sources/api.yml": f"connection: api\ntables:\n  - name: t\n    structured: false\n    path: /list\n    max_reject: {most}\n{fields}"})
    return made


def refused(cases):
    for name, (body, headers, fields, good, bad) in ANSWERS.items():
        with TestApi() as api:
            made = project(api, fields)
            api.behave["/list"] = [("as is", body, headers)]
            made.run("run")
            cases.check(f"{name}: the others are loaded", made.rows("select id, s from raw_api.t order by id"), good)
            found = made.rows('select reason_code, "column", message, payload from raw_api.t__rejected order by message')
            cases.check(f"{name}: why", sorted([code, column] for code, column, _, _ in found), sorted([code, column or ""] for code, column, _, _ in bad))
            for code, column, words, payload in bad:
                match = [row for row in found if all(word in row[2] for word in words)]
                cases.true(f"{name}: {words[0]}, told with its answer", len(match) == 1 and f"of the answer of {api.url}/list" in match[0][2], str(found))
                cases.check(f"{name}: its text", match[0][3] if match else None, payload)
            step = made.one("select rows_in, rows_out, rows_rejected from leat.ledger order by run_id desc limit 1")
            cases.check(f"{name}: in = out + rejected", step, [str(len(good) + len(bad)), str(len(good)), str(len(bad))])


def only(cases):
    """Nothing that can be read: no table comes of it, and one that is there stays."""
    with TestApi() as api:
        made = project(api, "    mode: full-refresh\n", most="50%")
        wrong = ("as is", b'[{"id": "\\ud800"}]', JSON)
        api.behave["/list"] = [wrong]
        done = made.run("run", expect=None)
        cases.true("the first load ends, and says the first reason",
                   done.returncode != 0 and all(word in done.stdout + done.stderr for word in ("SRC-255", "no record of the answers can be read", "record 1")), done.stdout + done.stderr)
        cases.check("nothing is loaded", made.json("lake", "tables"), [])
        api.behave["/list"] = [("as is", b'[{"id": "a"}]', JSON)]
        made.run("run")
        api.behave["/list"] = [wrong]
        done = made.run("run", expect=None)
        cases.true("later: it fails by max_reject", done.returncode != 0 and "max_reject" in done.stdout + done.stderr, done.stdout + done.stderr)
        cases.check("later: what was there stays", made.rows("select id from raw_api.t"), [["a"]])


def parents(cases):
    """What hangs on a record that cannot be read cannot be asked for: it is not left out in silence."""
    with TestApi() as api:
        made = project(api, "    path: '/people/{parent.id}/orders'\n    parent: { path: /parents }\n")
        text = open(os.path.join(made.folder, "sources/api.yml"), encoding="utf-8").read().replace("    path: /list\n", "")
        made.write({"sources/api.yml": text})
        api.behave["/parents"] = [("as is", b'[{"id": 1}, {"id": 2, "s": "\\ud800"}]', JSON)]
        done = made.run("run", expect=None)
        cases.true("a parent that cannot be read ends the load", done.returncode != 0 and "SRC-255" in done.stdout + done.stderr and "record 2" in done.stdout + done.stderr,
                   done.stdout + done.stderr)


def keyless(cases):
    """`append` leaves out what is in the table by the update key: a record without one is not left out in silence."""
    with TestApi() as api:
        made = project(api, "    mode: append\n    update_key: at\n    params: { since: '{since}' }\n")
        api.behave["/list"] = [("as is", b'[{"id": 1, "at": "2026-01-01T00:00:00Z"}]', JSON)]
        made.run("run")
        api.behave["/list"] = [("as is", b'[{"id": 1, "at": "2026-01-01T00:00:00Z"}, {"id": 2, "at": "2026-01-02T00:00:00Z"}, {"id": 3}]', JSON)]
        made.run("run")
        cases.check("rows behind the bookmark", made.rows("select id from raw_api.t order by id"), [["1"], ["2"]])
        cases.check("one without a key is set aside", made.rows('select reason_code, "column", payload from raw_api.t__rejected'),
                    [["http.no_update_key", "at", '{"id":"3"}']])


def main():
    cases = Cases()
    for part in (refused, only, parents, keyless):
        part(cases)
    cases.finish()


if __name__ == "__main__":
    main()
