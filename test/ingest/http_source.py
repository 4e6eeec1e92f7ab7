#!/usr/bin/env python3
"""The http source against an API that pages, limits, ends its tokens and fails in every way: what it has is what the lake has.

usage: http_source.py LEAT [DATA_FOLDER]
"""
import base64
import bz2
import gzip
import hashlib
import hmac
import io
import json
import os
import re
import subprocess
import sys
import time
import urllib.parse
import zipfile

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "support"))
from leat_project import Cases, Project, scratch  # noqa: E402
from test_api import TestApi  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])


def rows(count, first=0):
    return [{"id": i, "name": f"n{i}", "price": {"amount": i + 0.25, "currency": "EUR"}, "at": f"2026-01-{i % 28 + 1:02}T00:00:00Z", "open": i % 2 == 0,
             "code": f"{i:03}", "share": 1.5 if i else 10, **({"late": i} if i > 120 else {})} for i in range(first, first + count)]


def project(api, table, connection=""):
    made = Project(LEAT)
    made.write({"leat.yml": "version: 1\nname: api\n", "connections.yml": f"connections:\n  api:\n    type: http\n    url: {api.url}\n{connection}",
                "sources/api.yml": "connection: api\ntables:\n  - name: t\n    structured: false\n" + table})
    return made


def failing(made, *, code, names):
    done = made.run("run", expect=None)
    text = done.stdout + done.stderr
    return done.returncode != 0 and code in text and all(name in text for name in names), text


def paging(cases):
    kinds = {
        "one answer": ("path: /list\n    records: $.data\n", 1),
        "page numbers": ("path: /pages\n    records: $.items\n    pagination: { type: page, size_param: per_page, size: 50 }\n", 6),
        "a number of pages": ("path: /pages\n    records: $.items\n    pagination: { type: page, size_param: per_page, size: 50, total: $.pages }\n", 5),
        "offsets": ("path: /offset\n    records: $.items\n    pagination: { type: offset, size_param: limit, size: 500 }\n", 3),
        "a number of rows": ("path: /offset\n    records: $.items\n    pagination: { type: offset, size_param: limit, size: 100, total: $.total }\n", 3),
        "a cursor": ("path: /cursor\n    records: $.rows\n    pagination: { type: cursor, next: $.meta.next }\n", 3),
        "a cursor in the body": ("path: /cursor\n    method: POST\n    body: '{\"cursor\": \"{page.cursor}\"}'\n    records: $.rows\n"
                                 "    pagination: { type: cursor, next: $.meta.next, more: $.meta.has_more }\n", 3),
        "the header Link": ("path: /link\n    pagination: { type: link }\n", 3),
        "an address in the answer": ("path: /next\n    records: $.rows\n    pagination: { type: next_url, next: $.links.next }\n", 3),
        "windows of time": ("path: /window\n    start: 2026-01-01T00:00:00Z\n    pagination: { type: range, step: 7d }\n", None),
    }
    for name, (table, calls) in kinds.items():
        with TestApi() as api:
            api.rows = rows(250)
            made = project(api, "    " + table)
            made.run("run")
            got = made.one("select count(*), count(distinct id), sum(id), sum(late) from raw_api.t")
            cases.check(f"{name}: every row once", got, ["250", "250", "31125", str(sum(range(121, 250)))])
            if calls is not None:
                cases.check(f"{name}: no request too many", len(api.seen), calls)
            types = dict(made.rows("select column_name, data_type from (describe select * from raw_api.t)".replace("data_type", "column_type")))
            cases.check(f"{name}: types hold all values", [types[c] for c in ("id", "name", "price", "at", "open", "code", "share", "late")],
                        ["BIGINT", "VARCHAR", "VARCHAR", "TIMESTAMP WITH TIME ZONE", "BOOLEAN", "VARCHAR", "DECIMAL(18,1)", "BIGINT"])


def going_on(cases):
    with TestApi() as api:
        api.rows = rows(20)
        table = ("    path: /list\n    records: $.data\n    params: { since: '{since}' }\n    mode: incremental\n    update_key: at\n"
                 "    primary_key: [id]\n")
        made = project(api, table)
        made.run("run")
        cases.check("before the first load nothing is asked of {since}", api.seen[-1]["query"], {})
        made.run("run")
        cases.check("the next asks from the bookmark on", api.seen[-1]["query"], {"since": "2026-01-20T00:00:00Z"})
        again = made.json("run")["steps"][0]
        cases.true("and finds nothing", "nothing after '2026-01-20T00:00:00Z'" in again["reason"], str(again))
        api.rows[3] = {**api.rows[3], "name": "changed", "at": "2026-02-01T00:00:00Z"}
        api.rows.append({**api.rows[0], "id": 100, "at": "2026-02-02T00:00:00Z", "new": "x"})
        made.run("run")
        cases.check("what changed and what is new, once",
                    made.one("select count(*), max(name) filter (id = 3), max(\"new\"), count(distinct id) from raw_api.t"), ["21", "changed", "x", "21"])
        ledger = made.one("select rows_in, rows_out, watermark_after from leat.ledger where step like '%api.t' order by run_id desc limit 1")
        cases.check("in the ledger, with the row of the bookmark's own moment", ledger, ["3", "3", "2026-02-02T00:00:00Z"])
    with TestApi() as api:
        api.rows = rows(20)
        made = project(api, "    path: /list\n    records: $.data\n    params: { since: '{since}' }\n    mode: append\n    update_key: at\n")
        made.run("run")
        api.rows.append({**api.rows[0], "id": 100, "at": "2026-02-02T00:00:00Z"})
        made.run("run")
        cases.check("append: the moment of the bookmark is not loaded twice", made.one("select count(*), count(distinct id) from raw_api.t"), ["21", "21"])


def shapes(cases):
    with TestApi() as api:
        api.rows = rows(30)
        made = project(api, "    parent: { path: /people, records: $.items, pagination: { type: page } }\n    path: '/people/{parent.id}/orders'\n"
                            "    records: $.orders\n    fields: { first: '^.orders[0].id' }\n")
        made.run("run")
        expected = sum(i % 4 for i in range(30))
        cases.check("a resource below each row of another", made.one("select count(*), count(distinct id), count(*) filter (id = _parent_id || '-' || n) "
                                                                     "from raw_api.t"), [str(expected)] * 3)
        cases.check("and what is around it", made.one("select count(*) from raw_api.t where first = _parent_id || '-0'"), [str(expected)])
    with TestApi() as api:
        api.rows = rows(2)
        odd = {"data": [{"id": 1, "lines": [{"x": 1}, {"x": 2}]}, {"id": 2, "lines": []}]}
        api.behave["/list"] = [("body", json.dumps(odd).encode())]
        made = project(api, "    path: /list\n    records: $.data[*].lines\n    fields: { order_id: ^.id }\n")
        made.run("run")
        cases.check("rows inside of rows, with the key of what they belong to", made.rows("select order_id, x from raw_api.t order by x"), [["1", "1"], ["1", "2"]])
    with TestApi() as api:
        api.rows = rows(5)
        made = project(api, "    path: /csv\n")
        made.run("run")
        cases.check("csv", made.one("select count(*), min(name), min(note), sum(id) from raw_api.t"), ["5", "n0, esq.", 'say "0"', "10"])
    with TestApi() as api:
        api.rows = rows(5)
        made = project(api, "    path: /lines\n")
        made.run("run")
        cases.check("JSON lines", made.one("select count(*), sum(id) from raw_api.t"), ["5", "10"])
    with TestApi() as api:
        exact = b'[{"d": 12345678901234567890.125, "big": 9223372036854775807, "e": 1e300, "u": "\\u00e9\\ud83d\\ude00", "n": null}, {"d": 0.5, "big": -1}]'
        api.behave["/list"] = [("body", exact)]
        made = project(api, "    path: /list\n")
        made.run("run")
        cases.check("numbers keep their digits", made.rows("select d, big, e, u from raw_api.t order by big desc"),
                    [["12345678901234567890.125", "9223372036854775807", "1e+300", "é😀"], ["0.500", "-1", "", ""]])
    with TestApi() as api:
        api.behave["/list"] = [("body", b"[]")]
        made = project(api, "    path: /list\n")
        made.run("run")
        api.behave["/list"] = [("body", b'[{"id": 1}]')]
        made.run("run")
        cases.check("no rows are no error", made.one("select count(*) from raw_api.t"), ["1"])
    with TestApi() as api:
        api.rows = rows(7)
        made = project(api, "    path: '{job.url}'\n    job: { path: /reports, status_path: '/reports/{job.id}', done: done, failed: [error], result: $.url,"
                            " every: 10ms }\n")
        made.run("run")
        cases.check("a report that is made in its own time", (made.one("select count(*) from raw_api.t"), api.count("/reports/job%200")), (["7"], 3))


def xml(cases):
    table = "    path: /feed\n    format: xml\n    records: /feed/items/item\n"
    with TestApi() as api:
        api.rows, api.page = rows(250), 100
        made = project(api, table + "    lists: tag\n    fields: { page: ../../@page }\n    pagination: { type: page }\n    columns: [{ name: note, data_type: string }]\n")
        made.run("run")
        cases.check("XML: every row once", made.one('select count(*), count(distinct "@id"), sum("@id"), sum(price), sum(page) from raw_api.t'),
                    ["250", "250", "31125", "31187.50", str(100 + 200 + 150)])
        cases.check("XML: texts, attributes, lists, empty elements", made.rows('select name, "price@currency", tag, qty, "at"::date from raw_api.t where "@id" < 2 order by "@id"'),
                    [["nö 0 & co", "EUR", '["a","b"]', "0", "2026-01-01"], ["nö 1 & co", "EUR", '["a"]', "", "2026-01-02"]])
        cases.check("XML: types", made.one('select typeof("@id"), typeof(price), typeof(qty), typeof("at"), typeof(tag) from raw_api.t limit 1'),
                    ["BIGINT", "DECIMAL(18,2)", "BIGINT", "TIMESTAMP WITH TIME ZONE", "VARCHAR"])
        cases.check("XML: three answers", api.count("/feed"), 3)
    with TestApi() as api:
        api.rows = rows(3)
        made = project(api, table + "    parent: { path: /people, records: $.items, pagination: { type: page } }\n    params: { of: '{parent.id}' }\n")
        made.run("run")
        cases.check("XML below each row of a parent", made.one('select count(*), count(distinct _parent_id) from raw_api.t'), ["9", "3"])
    with TestApi() as api:
        api.rows = rows(30)
        made = project(api, table + "    mode: incremental\n    update_key: at\n    primary_key: ['@id']\n    params: { since: '{since}' }\n    start: '2026-01-10T00:00:00Z'\n")
        made.run("run")
        api.rows.append({**rows(1)[0], "id": 1000, "at": "2026-03-01T00:00:00Z"})
        made.run("run")
        cases.check("XML: it goes on at the bookmark", (made.one('select count(*), max("@id") from raw_api.t'), api.seen[-1]["query"]), (["20", "1000"], {"since": "2026-01-28T00:00:00Z"}))
    bad = {
        "cut off": (b"<feed><items><item id='1'/>", "SRC-255", ["/feed", "1:", "cut off"]),
        "not well-formed": (b"<feed>\n<items></item></feed>", "SRC-255", ["2:10"]),
        "JSON": (b'{"items": []}', "SRC-255", ["1:1: "]),
        "an entity": (b'<!DOCTYPE feed [<!ENTITY a "b">]><feed/>', "SRC-255", ["entities of a document are not expanded"]),
        "something else": (b"<error><code>7</code></error>", "SRC-256", ["/feed/items/item", "/error, /error/code"]),
        "nothing but a record with two namespaces": (b"<feed xmlns:m='urn:m'><items><item><a/><m:a/></item></items></feed>", "SRC-255", ["record 1", "namespaces"]),
    }
    for name, (answer, code, names) in bad.items():
        with TestApi() as api:
            api.behave["/feed"] = [("body", answer)]
            made = project(api, table)
            held, text = failing(made, code=code, names=names)
            cases.true(f"XML answer, {name}: the table stops", held, text)
    refused = {
        "a cursor": (table + "    pagination: { type: cursor, next: $.next }\n", "SRC-252", ["next", "page, offset, link or range"]),
        "a parent": ("    path: /x/{parent.id}\n    parent: { path: /feed, format: xml }\n", "SRC-252", ["parent"]),
        "lists of JSON": ("    path: /list\n    lists: tag\n", "SRC-252", ["lists", "format: xml"]),
        "a path that is none": ("    path: /feed\n    format: xml\n    records: feed/item\n", "SRC-331", ["records", "sources/api.yml"]),
        "not said": ("    path: /feed\n", "SRC-255", ["format: xml"]),
    }
    for name, (text, code, names) in refused.items():
        with TestApi() as api:
            api.rows = rows(1)
            held, text = failing(project(api, text), code=code, names=names)
            cases.true(f"XML, {name}: {code}", held, text)
    with TestApi() as api:
        api.behave["/feed"] = [("body", b"<feed/>")]
        made = project(api, table + "    no_records: empty\n")
        made.run("run")
        cases.true("XML without the place of rows, where that is said, is no error", True)


def zipped(**files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("_", "."), text)
    return packed.getvalue()


def bodies(cases):
    """Answers as they come over the wire: packed, cut inside of their packing, in other encodings, csv of all kinds. Whole and exact, or an error."""
    table = "".join(f"{i},{i * 7}\n" for i in range(20000))
    csv_text = ("id,v\n" + table).encode()
    lines = "".join(f'{{"id": {i}, "v": {i * 7}}}\n' for i in range(20000)).encode()
    sums = ["20000", str(sum(range(20000))), str(7 * sum(range(20000)))]
    question = "select count(*), sum(id), sum(v) from raw_api.t"
    csv_kind, gzip_kind = {"Content-Type": "text/csv"}, {"Content-Type": "application/gzip"}
    whole = {
        "Content-Encoding gzip": ("/list", gzip.compress(csv_text), {**csv_kind, "Content-Encoding": "gzip"}),
        "several members of gzip": ("/list", gzip.compress(csv_text[:5000]) + gzip.compress(csv_text[5000:]), {**csv_kind, "Content-Encoding": "gzip"}),
        "a gzip file": ("/report.csv.gz", gzip.compress(csv_text), gzip_kind),
        "a gzip file that says csv": ("/list", gzip.compress(csv_text), csv_kind),
        "a gzip file of lines": ("/report.jsonl.gz", gzip.compress(lines), {"Content-Type": "binary/octet-stream"}),
        "a bzip2 file": ("/report.ndjson.bz2", bz2.compress(lines), {"Content-Type": "application/octet-stream"}),
        "a zip of one file": ("/report.csv.zip", zipped(a_csv=csv_text), {"Content-Type": "application/zip"}),
        "semicolons": ("/list", csv_text.replace(b",", b";"), csv_kind),
        "tabs": ("/list", csv_text.replace(b",", b"\t"), {"Content-Type": "text/tab-separated-values"}),
        "UTF-16": ("/list", csv_text.decode().encode("utf-16"), csv_kind),
    }
    for name, (path, body, headers) in whole.items():
        with TestApi() as api:
            api.behave[path] = [("as is", body, headers)]
            made = project(api, f"    path: {path}\n")
            made.run("run")
            cases.check(f"{name}: every row", made.one(question), sums)
    half, packed = {**csv_kind, "Content-Encoding": "gzip"}, gzip.compress(csv_text)
    for name, body in (("in the middle", packed[:len(packed) // 2]), ("before its checksum", packed[:-8]), ("with another checksum", packed[:-8] + b"12345678")):
        with TestApi() as api:
            api.behave["/list"] = [("as is", body, half), ("as is", packed, half)]
            made = project(api, "    path: /list\n")
            made.run("run")
            cases.check(f"a packed answer, {name}, is asked for again", (made.one(question), len(api.seen)), (sums, 2))
    texts = {
        "a charset": ("", "id,s\n1,Jörg\n".encode("latin-1"), "text/csv; charset=ISO-8859-1"),
        "a charset of JSON": ("", '[{"id": 1, "s": "Jörg"}]'.encode("latin-1"), 'application/json; charset="iso-8859-1"'),
        "an encoding that is said": ("    encoding: windows-1252\n", "id,s\n1,Jörg\n".encode("cp1252"), "text/csv"),
        "a delimiter that is said": ("    delimiter: '#'\n", "id#s\n1#Jörg\n".encode(), "text/csv"),
        "a mark of the byte order": ("", b"\xef\xbb\xbf" + "id,s\r\n1,Jörg\r\n".encode(), "text/csv"),
    }
    for name, (more, body, kind) in texts.items():
        with TestApi() as api:
            api.behave["/list"] = [("as is", body, {"Content-Type": kind})]
            made = project(api, "    path: /list\n" + more)
            made.run("run")
            cases.check(name, made.one("select id, s from raw_api.t"), ["1", "Jörg"])
    with TestApi() as api:
        api.behave["/list"] = [("as is", b'id,v,v,,x "y"\r\n1,2,3,"a\nb","""q""; r"\r\n2,,,"",a\rb\n', csv_kind)]
        made = project(api, "    path: /list\n")
        made.run("run")
        cases.check("csv: names that come twice, quotes, line ends in values", made.rows("select * exclude (_loaded_at, _batch_id, _source_file, _source_row) replace (replace(\"x \"\"y\"\"\", chr(13), '<CR>') as \"x \"\"y\"\"\") from raw_api.t order by id"),
                    [["1", "2", "3", "a\nb", '"q"; r'], ["2", "", "", "", "a<CR>b"]])
    bad = {
        "cut inside of its packing, again and again": (packed[:len(packed) // 2], half, "IO-401", ["cut off"]),
        "a packing that was not asked for": (b"\x0b\x02\x80[]\x03", {"Content-Type": "application/json", "Content-Encoding": "br"}, "IO-401", ["'br'", "gzip"]),
        "a damaged file": (packed[:-6] + b"123456", csv_kind, "IO-401", ["/list", "check"]),
        "a zip of two files": (zipped(a_csv=csv_text, b_csv=csv_text), {"Content-Type": "application/zip"}, "IO-401", ["/list", "more than one file"]),
        "not UTF-8": (b'[{"id": 1, "s": "J\xf6rg"}]', {"Content-Type": "application/json"}, "SRC-255", ["/list", "byte 19", "encoding"]),
        "an empty answer": (b"", {"Content-Type": "application/json"}, "SRC-255", ["not sound JSON"]),
        "brackets without end": (b"[" * 100000, {"Content-Type": "application/json"}, "SRC-255", ["not sound JSON"]),
    }
    for name, (body, headers, code, names) in bad.items():
        with TestApi() as api:
            api.rows = rows(10)
            made = project(api, "    path: /list\n    records: $\n", "    retries: 1\n")
            api.behave["/list"] = [("as is", body, headers)] * 3
            held, text = failing(made, code=code, names=["table t: the answer of", *names])
            cases.true(f"{name}: {code}", held and "table t: table t" not in text, text)
            cases.check(f"{name}: nothing is loaded", made.json("lake", "tables"), [])
    with TestApi() as api:
        made = project(api, "    path: /list\n    delimiter: ', '\n")
        cases.true("a delimiter of two characters", *failing(made, code="SRC-252", names=["delimiter", "sources/api.yml"]))


def keys(cases):
    oauth = "    auth: {{ type: oauth2, token_url: {url}/token, {how} }}\n"
    for name, how in (("client credentials", "client_id: leat, client_secret: s3cret-of-client"),
                      ("a refresh token", "grant: refresh_token, client_id: leat, refresh_token: refresh-me-please")):
        with TestApi() as api:
            api.rows = rows(250)
            made = project(api, "    path: /guarded\n    records: $.items\n    pagination: { type: page, size_param: per_page }\n", oauth.format(url=api.url, how=how))
            made.run("run")
            cases.check(f"a token for {name}, once", (made.one("select count(*) from raw_api.t"), api.count("/token")), (["250"], 1))
            shown = made.run("run", "--force").stdout + open(os.path.join(made.folder, ".leat/state.db"), "rb").read().decode("latin-1")
            cases.true("no key and no token is kept", not any(word in shown for word in ("s3cret-of-client", "refresh-me-please", "token-0-abcdef")))
    with TestApi() as api:
        api.rows = rows(250)
        api.token_life = 0.3
        api.behave["/guarded"] = [("slow", 0), ("slow", 0.5)]
        made = project(api, "    path: /guarded\n    records: $.items\n    pagination: { type: page, size_param: per_page }\n",
                       oauth.format(url=api.url, how="client_id: leat, client_secret: s3cret-of-client"))
        made.run("run")
        cases.check("a token that ends in the middle", (made.one("select count(*) from raw_api.t"), api.count("/token")), (["250"], 2))
    with TestApi() as api:
        api.rows = rows(250)
        api.refresh = "refresh-of-the-beginning"
        made = project(api, "    path: /guarded\n    records: $.items\n    pagination: { type: page, size_param: per_page }\n",
                       oauth.format(url=api.url, how="grant: refresh_token, client_id: leat, refresh_token_secret: CRM"))
        cases.true("a secret that is not there yet says how to give it", *failing(made, code="SRC-254", names=["no secret CRM", "leat secret set CRM"]))
        subprocess.run([LEAT, "secret", "set", "CRM"], input=api.refresh, text=True, cwd=made.folder, check=True, capture_output=True)
        made.run("run")
        made.run("run", "--force")
        both = [made.start("run", "--force") for _ in range(2)]
        cases.check("a refresh token that is good once: the next runs have the next ones, two at once too",
                    ([one.wait(timeout=120) for one in both], made.one("select count(*) from raw_api.t"), api.count("/token")), ([0, 0], ["250"], 4))
        kept = os.path.join(made.folder, ".leat/secrets/CRM")
        cases.check("the newest one is kept, for its owner alone", (open(kept, encoding="utf-8").read(), oct(os.stat(kept).st_mode & 0o777)), (api.refresh, "0o600"))
    with TestApi() as api:
        made = project(api, "    path: /guarded\n", oauth.format(url=api.url, how="client_id: leat, client_secret: wrong"))
        cases.true("a wrong secret says where to look", *failing(made, code="SRC-254", names=["invalid_client", "/token"]))
    for name, auth, header, value in (("basic", "{ type: basic, user: ann, password: pass-word }", "Authorization", "Basic YW5uOnBhc3Mtd29yZA=="),
                                      ("bearer", "{ type: bearer, token: tok-en }", "Authorization", "Bearer tok-en"),
                                      ("a key", "{ type: api_key, name: X-Key, key: k-e-y }", "X-Key", "k-e-y")):
        with TestApi() as api:
            api.rows = rows(1)
            project(api, "    path: /list\n    records: $.data\n", f"    auth: {auth}\n").run("run")
            cases.check(name, api.seen[0]["headers"].get(header), value)
    with TestApi() as api, TestApi() as other:
        other.rows = rows(3)
        api.behave["/list"] = [("body", json.dumps({"rows": [{"id": 9}], "links": {"next": f"{other.url}/next?at=0"}}).encode())]
        made = project(api, "    path: /list\n    records: $.rows\n    pagination: { type: next_url, next: $.links.next }\n",
                       "    auth: { type: bearer, token: tok-en }\n")
        made.run("run")
        cases.check("keys do not go to another host", ["Authorization" in one["headers"] for one in api.seen + other.seen], [True, False])


class SignedApi(TestApi):
    """Answers who signs as AWS's Signature Version 4 has it (for services other than S3: the path is encoded once more)."""
    KEY, SECRET, TOKEN, REGION, SERVICE = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "the/session+token==", "eu-west-1", "execute-api"

    def on_signed(self, handler, rest, query, body):
        said = handler.headers.get("Authorization", "")
        names = re.search("SignedHeaders=([^,]*)", said)
        if not names or self.signature(handler, names[1].split(";"), body) not in said or handler.headers.get("X-Amz-Security-Token") != self.TOKEN:
            return self.send(handler, 403, b'{"message":"The request signature we calculated does not match"}')
        return self.on_list(handler, rest, {}, body)

    def signature(self, handler, names, body):
        path, _, text = handler.path.partition("?")
        pairs = sorted((urllib.parse.quote(name, safe="-_.~"), urllib.parse.quote(value, safe="-_.~")) for name, value in urllib.parse.parse_qsl(text, keep_blank_values=True))
        headers = "".join(f"{name}:{' '.join(handler.headers.get(name, '').split())}\n" for name in names)
        canonical = "\n".join([handler.command, urllib.parse.quote(path, safe="/-_.~"), "&".join("=".join(pair) for pair in pairs), headers, ";".join(names),
                               hashlib.sha256(body).hexdigest()])
        moment = handler.headers["X-Amz-Date"]
        scope = f"{moment[:8]}/{self.REGION}/{self.SERVICE}/aws4_request"
        key = ("AWS4" + self.SECRET).encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.new(key, f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}".encode(), "sha256").hexdigest()


def signatures(cases):
    """Requests that are signed (AWS) and tokens for a signed claim (JWT), held against what others compute."""
    auth = (f"    auth: {{ type: aws, region: {SignedApi.REGION}, service: {SignedApi.SERVICE}, access_key_id: {SignedApi.KEY}, secret_access_key: '{SignedApi.SECRET}',"
            f" session_token: '{SignedApi.TOKEN}' }}\n")
    for name, table in {"a GET": "path: /signed\n", "parameters of all kinds": "path: /signed\n    params: { b: 'a b&c=d/ü+%', a: '', A: '~*' }\n", "a path with blanks": "path: '/signed/a b/ü'\n",
                        "a path with its parameters": "path: '/signed?x=a%2Fb&y=%zz&z'\n", "a POST": "path: /signed\n    method: POST\n    body: '{\"of\": \"ü\"}'\n"}.items():
        with SignedApi() as api:
            api.rows = rows(3)
            done = project(api, f"    {table}    records: $.data\n", auth).run("run", expect=None)
            cases.true(f"AWS signature: {name}", done.returncode == 0, done.stdout + done.stderr)
    with SignedApi() as api:
        held, text = failing(project(api, "    path: /signed\n", auth.replace("wJalr", "xJalr")), code="SRC-254", names=["signature"])
        cases.true("AWS signature: another key", held, text)
    folder = scratch("leat-jwt-")
    key, public, data, signed = (os.path.join(folder, name) for name in ("key", "public", "data", "signed"))
    subprocess.run(["openssl", "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key], check=True)
    subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-out", public], check=True)
    with TestApi() as api:
        api.rows = rows(30)
        made = project(api, "    path: /guarded\n    records: $.items\n    pagination: { type: page, size_param: per_page }\n",
                       f"    auth: {{ type: oauth2, grant: jwt_bearer, token_url: {api.url}/token, issuer: leat@example.com, scope: read, key_id: k1, private_key: '${{secret:KEY}}' }}\n")
        with open(key, "rb") as file:
            subprocess.run([LEAT, "secret", "set", "KEY"], cwd=made.folder, check=True, stdin=file, stdout=subprocess.DEVNULL)
        made.run("run")
        cases.check("a token for a JWT", (made.one("select count(*) from raw_api.t"), api.count("/token")), (["30"], 1))
        form = dict(urllib.parse.parse_qsl(next(one["body"] for one in api.seen if one["path"] == "/token").decode()))
        head, claims, signature = form["assertion"].split(".")
        plain = [base64.urlsafe_b64decode(part + "==") for part in (head, claims, signature)]
        with open(data, "wb") as out, open(signed, "wb") as mark:
            out.write(f"{head}.{claims}".encode())
            mark.write(plain[2])
        checked = subprocess.run(["openssl", "dgst", "-sha256", "-verify", public, "-signature", signed, data], stdout=subprocess.PIPE, text=True, check=False)
        claim = json.loads(plain[1])
        cases.check("JWT: signed by the key", checked.stdout.strip(), "Verified OK")
        cases.check("JWT: head and claims", (json.loads(plain[0]), claim["iss"], claim["sub"], claim["aud"], claim["scope"], claim["exp"] - claim["iat"], abs(claim["iat"] - time.time()) < 60),
                    ({"alg": "RS256", "typ": "JWT", "kid": "k1"}, "leat@example.com", "leat@example.com", f"{api.url}/token", "read", 300, True))
    with TestApi() as api:
        made = project(api, "    path: /guarded\n", f"    auth: {{ type: oauth2, grant: jwt_bearer, token_url: {api.url}/token, issuer: x, private_key: 'no key' }}\n")
        cases.true("JWT: a key that is none", *failing(made, code="SRC-252", names=["private_key", "RSA"]))


def hostile(cases):
    for name, behaviours in (("503 twice", [("status", 503), ("status", 503)]), ("a cut answer", [("cut", 40)]), ("too many requests", [("status", 429)]),
                             ("slow", [("slow", 0.3)])):
        with TestApi() as api:
            api.rows = rows(150)
            api.behave["/pages"] = list(behaviours)
            made = project(api, "    path: /pages\n    records: $.items\n    pagination: { type: page, size_param: per_page }\n")
            made.run("run")
            cases.check(f"{name}: every row once", made.one("select count(*), count(distinct id) from raw_api.t"), ["150", "150"])
    with TestApi() as api:
        api.rows = rows(150)
        api.behave["/pages"] = [("slow", 0), ("status", 429, {"Retry-After": "1"})]
        made = project(api, "    path: /pages\n    records: $.items\n    pagination: { type: page, size_param: per_page }\n")
        made.run("run")
        waited = api.seen[2]["at"] - api.seen[1]["at"]
        cases.true("Retry-After is kept", waited >= 0.95, str(waited))
    bad = {
        "a page that is no JSON": (("body", b"<html>login</html>"), "SRC-255", ["<html>"]),
        "an answer that breaks off": (("body", b'{"items": [{"id": 1}, {"id"'), "SRC-255", ["breaks off"]),
        "no rows where they should be": (("body", b'{"itms": []}'), "SRC-256", ["$.items", "itms"]),
        "no right": (("status", 403), "SRC-254", ["403", "auth"]),
        "a wrong path": (("status", 404), "SRC-253", ["404", "path"]),
    }
    for name, (behaviour, code, names) in bad.items():
        with TestApi() as api:
            api.rows = rows(10)
            made = project(api, "    path: /pages\n    records: $.items\n")
            made.run("run")
            before = made.one("select count(*) from raw_api.t")
            api.behave["/pages"] = [behaviour]
            cases.true(name, *failing(made, code=code, names=names))
            cases.check(f"{name}: what was there stays", made.one("select count(*) from raw_api.t"), before)
    with TestApi() as api:
        api.rows = rows(250)
        made = project(api, "    path: /pages\n    records: $.items\n    pagination: { type: page, param: wrong }\n")
        cases.true("a parameter that the API does not know ends", *failing(made, code="SRC-257", names=["wrong"]))
    with TestApi() as api:
        made = project(api, "    path: '/people/{parent.ix}/orders'\n")
        cases.true("a placeholder that there is not", *failing(made, code="SRC-251", names=["parent.ix"]))
    made = Project(LEAT)
    made.write({"leat.yml": "version: 1\nname: api\n", "connections.yml": "connections:\n  api: { type: http, url: 'http://127.0.0.1:9', retries: 0 }\n",
                "sources/api.yml": "connection: api\ntables: [t]\n"})
    cases.true("nobody there", *failing(made, code="IO-511", names=["127.0.0.1:9", "`url` of the connection"]))
    with TestApi() as api:
        api.rows = rows(5)
        api.behave["/list"] = [("slow", 20)]
        made = project(api, "    path: /list\n    records: $.data\n")
        process = made.start("run")
        while not api.seen:
            time.sleep(0.05)
        began = time.monotonic()
        process.terminate()
        process.communicate(timeout=30)
        cases.true("a stop does not wait for the answer", process.returncode == 143 and time.monotonic() - began < 5, str(process.returncode))


def limits(cases):
    """Two pipelines share an API that may be asked once in 15 minutes, by a clock of the test; the API counts."""
    with TestApi() as api:
        api.rows = rows(5)
        made = project(api, "    path: /list\n    records: $.data\n  - name: u\n    structured: false\n    path: /list\n    records: $.data\n",
                       "    budget: { calls: 1/15m, wait: 1s }\n")
        noon = {"LEAT_CLOCK": "2026-01-15T12:00:00Z"}
        made.run("run", "-s", "source:api.t", **noon)
        later = {"LEAT_CLOCK": "2026-01-15T12:10:00Z"}
        plan = made.run("plan", "-s", "source:api.u", **later).stdout
        cases.true("the plan says when it will be its turn", "2026-01-15T12:15:00Z" in plan, plan)
        done = made.run("run", "-s", "source:api.u", expect=None, **later)
        cases.true("before that the other is told to come back", "SRC-240" in done.stdout + done.stderr and "12:15:00" in done.stdout + done.stderr,
                   done.stdout + done.stderr)
        cases.check("the API was asked once", len(api.seen), 1)
        made.run("run", "-s", "source:api.u", LEAT_CLOCK="2026-01-15T12:15:01Z")
        cases.check("then the other may", (len(api.seen), made.one("select count(*) from raw_api.u")), (2, ["5"]))


def main():
    cases = Cases()
    limits(cases)
    paging(cases)
    going_on(cases)
    shapes(cases)
    xml(cases)
    bodies(cases)
    keys(cases)
    signatures(cases)
    hostile(cases)
    cases.finish()


if __name__ == "__main__":
    main()
