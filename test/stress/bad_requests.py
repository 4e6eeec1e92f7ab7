#!/usr/bin/env python3
"""Thousands of wrong requests to the REST catalogue, by seed: bodies that are nearly right or no JSON at all, URLs with tricks in
their paths, wrong methods, too much of everything. Each is answered with a success or with 4xx and the error model, never with
5xx; the server lives on in bounded memory, writes nothing outside its warehouse, and what was in the lake before is still there.

usage: bad_requests.py LEAT        (LEAT_FUZZ_SEED, LEAT_FUZZ_REQUESTS: another seed or number)
"""
import json
import os
import random
import shutil
import socket
import subprocess
import sys
from urllib.parse import quote

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "support"), os.path.join(HERE, "..", "interop")]
from leat_project import Cases, Project, scratch, wait_for  # noqa: E402
from server import Server  # noqa: E402

SEED = int(os.environ.get("LEAT_FUZZ_SEED", "1"))
REQUESTS = int(os.environ.get("LEAT_FUZZ_REQUESTS", "6000"))
MOST_GROWTH_MB = 300

SCHEMA = {"type": "struct", "schema-id": 0, "fields": [
    {"id": 1, "name": "id", "type": "long", "required": True},
    {"id": 2, "name": "tags", "required": False,
     "type": {"type": "list", "element-id": 3, "element": "string", "element-required": False}},
    {"id": 4, "name": "prices", "required": False,
     "type": {"type": "map", "key-id": 5, "key": "string", "value-id": 6, "value": "decimal(9,2)", "value-required": False}}]}
SNAPSHOT = {"snapshot-id": 7, "sequence-number": 1, "timestamp-ms": 1_800_000_000_000, "manifest-list": "LOCATION/metadata/m.avro",
            "summary": {"operation": "append"}, "schema-id": 0}
VERSION = {"version-id": 1, "timestamp-ms": 1, "schema-id": 0, "summary": {}, "default-namespace": ["fuzz"],
           "representations": [{"type": "sql", "dialect": "duckdb", "sql": "select 1 as id"}]}
UPDATES = [
    {"action": "assign-uuid", "uuid": "UUID"}, {"action": "upgrade-format-version", "format-version": 2},
    {"action": "add-schema", "schema": SCHEMA, "last-column-id": 6}, {"action": "set-current-schema", "schema-id": -1},
    {"action": "remove-schemas", "schema-ids": [3]},
    {"action": "add-spec", "spec": {"spec-id": 0, "fields": [{"source-id": 1, "field-id": 1000, "name": "b", "transform": "bucket[4]"}]}},
    {"action": "set-default-spec", "spec-id": -1}, {"action": "remove-partition-specs", "spec-ids": [9]},
    {"action": "add-sort-order", "sort-order": {"order-id": 1, "fields": [
        {"source-id": 1, "transform": "identity", "direction": "asc", "null-order": "nulls-first"}]}},
    {"action": "set-default-sort-order", "sort-order-id": -1}, {"action": "add-snapshot", "snapshot": SNAPSHOT},
    {"action": "set-snapshot-ref", "ref-name": "main", "type": "branch", "snapshot-id": 7},
    {"action": "remove-snapshot-ref", "ref-name": "none"}, {"action": "remove-snapshots", "snapshot-ids": [8]},
    {"action": "set-location", "location": "LOCATION"}, {"action": "set-properties", "updates": {"a": "b"}},
    {"action": "remove-properties", "removals": ["a"]},
    {"action": "set-statistics", "statistics": {"snapshot-id": 7, "statistics-path": "s", "file-size-in-bytes": 1,
                                                "file-footer-size-in-bytes": 1, "blob-metadata": []}},
    {"action": "remove-statistics", "snapshot-id": 7},
    {"action": "set-partition-statistics", "partition-statistics": {"snapshot-id": 7, "statistics-path": "s", "file-size-in-bytes": 1}},
    {"action": "remove-partition-statistics", "snapshot-id": 7},
    {"action": "add-encryption-key", "encryption-key": {"key-id": "k", "encrypted-key-metadata": "eA=="}},
    {"action": "remove-encryption-key", "key-id": "k"},
    {"action": "add-view-version", "view-version": VERSION}, {"action": "set-current-view-version", "view-version-id": -1}]
REQUIREMENTS = [
    {"type": "assert-create"}, {"type": "assert-table-uuid", "uuid": "UUID"}, {"type": "assert-view-uuid", "uuid": "UUID"},
    {"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": None},
    {"type": "assert-last-assigned-field-id", "last-assigned-field-id": 6}, {"type": "assert-current-schema-id", "current-schema-id": 0},
    {"type": "assert-last-assigned-partition-id", "last-assigned-partition-id": 999},
    {"type": "assert-default-spec-id", "default-spec-id": 0}, {"type": "assert-default-sort-order-id", "default-sort-order-id": 0}]
NAMES = ["t", "v", "fuzz", "x", "", " ", ".", "..", "a.b", "a/b", "a\\b", "../../etc/passwd", "a'b", 'a"b', "a;drop table ref", "a b",
         "a+b", "a%20b", "%", "%00", "\u0000", "\u001f", "a\u001fb", "\n", "\U0001F600", "\u202eabc", "é", "e\u0301", "A" * 256, "名" * 90,
         "leat", "main", "information_schema", "t__rejected", "T", "metadata", "null", "~", "*", "?", "#", "$(id)", "{{7*7}}", "-1"]
VALUES = [None, True, False, 0, -1, 1, 2 ** 31, 2 ** 63 - 1, 2 ** 63, 2 ** 64, -2 ** 63 - 1, 1.5, 1e308, "", "x", "-1", "\U0001F600", "\u0000",
          "A" * 5000, [], {}, [[]], [None], {"": ""}, {"type": "struct"}, "file:///etc/passwd", "s3://other/place", "LOCATION/../../x",
          "decimal(99,1)", "fixed[-1]", "bucket[0]", "truncate[99999999999]", "struct", "list", "variant", "geometry"]
ENDPOINTS = {  # with the methods that mean something there, those that matter most several times
    "namespaces": "GET POST", "namespaces/NS": "GET HEAD GET HEAD DELETE", "namespaces/NS/properties": "POST",
    "namespaces/NS/tables": "GET POST POST", "namespaces/NS/tables/T": "POST POST POST POST POST POST GET HEAD",
    "namespaces/NS/tables/T/metrics": "POST", "namespaces/NS/tables/T/plan": "POST", "namespaces/NS/tables/T/plan/P": "GET DELETE",
    "namespaces/NS/tables/T/tasks": "POST", "namespaces/NS/tables/T/credentials": "GET", "namespaces/NS/register": "POST",
    "tables/rename": "POST", "transactions/commit": "POST POST", "namespaces/NS/views": "GET POST POST",
    "namespaces/NS/views/V": "POST POST POST GET HEAD", "views/rename": "POST"}
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]


class Connection:
    """HTTP/1.1 without the manners of a library: sends what it is told."""

    def __init__(self, port):
        self.port, self.socket, self.rest = port, None, b""

    def request(self, method, target, body=b"", headers=()):
        """Returns (status, headers, body)."""
        head = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n".encode("utf-8", "surrogateescape")
        for name, value in headers:
            head += f"{name}: {value}\r\n".encode()
        if not any(name == "Content-Length" for name, _ in headers):
            head += f"Content-Length: {len(body)}\r\n".encode()
        return self.raw(head + b"\r\n" + body, method == "HEAD")

    def raw(self, data, head_only=False):
        if self.socket is None:
            self.socket, self.rest = socket.create_connection(("127.0.0.1", self.port), timeout=60), b""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused while we were still sending: the answer is there to be read
        return self._answer(head_only)

    def _fill(self):
        data = self.socket.recv(1 << 16)
        if not data:
            raise ConnectionError("the server closed the connection without an answer")
        self.rest += data

    def _answer(self, head_only):
        while b"\r\n\r\n" not in self.rest:
            self._fill()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split()[1])
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
        length = 0 if head_only or status in (204, 304) else int(headers.get("content-length", 0))
        while len(self.rest) < length:
            self._fill()
        body, self.rest = self.rest[:length], self.rest[length:]
        if headers.get("connection", "").lower() == "close":
            self.close()
        return status, headers, body

    def close(self):
        if self.socket is not None:
            self.socket.close()
        self.socket = None


def fault_of(method, status, headers, body):
    """What is wrong with an answer; "" when nothing is."""
    if status >= 500:
        return f"status {status}: {body[:300]!r}"
    if status < 400 or method == "HEAD":
        return ""
    try:
        error = json.loads(body)["error"]
        held = isinstance(error["message"], str) and error["message"] and error["type"] and error["code"] == status
    except (ValueError, KeyError, TypeError):
        held = False
    return "" if held else f"status {status} without the error model: {body[:300]!r}"


class Fuzzer:
    def __init__(self, random_, location, uuid):
        self.random, self.location, self.uuid = random_, location, uuid

    def body_of(self, endpoint):
        r = self.random
        identifier = lambda: {"namespace": ["fuzz"], "name": r.choice(["t", "v", r.choice(NAMES)])}  # noqa: E731
        commit = {"identifier": identifier(), "requirements": r.sample(REQUIREMENTS, r.randint(0, 2)),
                  "updates": r.sample(UPDATES, r.randint(0, 4))}
        bodies = {
            "namespaces": {"namespace": [r.choice(NAMES)], "properties": {"a": "b"}},
            "namespaces/NS/properties": {"removals": ["a"], "updates": {"b": "c"}},
            "namespaces/NS/tables": {"name": r.choice(NAMES), "schema": SCHEMA, "partition-spec": UPDATES[5]["spec"],
                                     "write-order": UPDATES[8]["sort-order"], "stage-create": r.random() < 0.5, "properties": {"a": "b"}},
            "namespaces/NS/views": {"name": r.choice(NAMES), "schema": SCHEMA, "view-version": VERSION, "properties": {"a": "b"}},
            "namespaces/NS/register": {"name": r.choice(NAMES), "metadata-location": "LOCATION/metadata/x.json", "overwrite": False},
            "tables/rename": {"source": identifier(), "destination": identifier()},
            "views/rename": {"source": identifier(), "destination": identifier()},
            "transactions/commit": {"table-changes": [commit]},
            "namespaces/NS/tables/T/metrics": {
                "report-type": "scan-report", "table-name": "fuzz.t", "snapshot-id": 1, "filter": {"type": "true"}, "schema-id": 0,
                "projected-field-ids": [1], "projected-field-names": ["id"], "metrics": {"total-planning-duration": {
                    "count": 1, "time-unit": "nanoseconds", "total-duration": 5}}},
            "namespaces/NS/tables/T/plan": {
                "snapshot-id": r.choice([None, 1]), "select": ["id"], "case-sensitive": True, "use-snapshot-schema": False,
                "filter": {"type": "and", "left": {"type": "eq", "term": "id", "value": 1},
                           "right": {"type": "not", "child": {"type": "in", "term": "id", "values": [1, 2]}}}},
            "namespaces/NS/tables/T/tasks": {"plan-task": "x"},
        }
        # By way of text: what is changed here must not change the templates.
        return json.loads(json.dumps(bodies.get(endpoint, commit)).replace("LOCATION", self.location).replace("UUID", self.uuid))

    def mutate(self, value):
        """Changes something at a random place, in place where it can."""
        r = self.random
        if isinstance(value, dict) and value and r.random() < 0.85:
            key = r.choice(sorted(value))
            what = r.random()
            if what < 0.15:
                del value[key]
            elif what < 0.2:
                value[r.choice(NAMES)] = value.pop(key)
            else:
                value[key] = self.mutate(value[key])
            return value
        if isinstance(value, list) and value and r.random() < 0.85:
            index = r.randrange(len(value))
            if r.random() < 0.15:
                value.append(json.loads(json.dumps(value[index])))
            else:
                value[index] = self.mutate(value[index])
            return value
        other = r.choice(VALUES + NAMES)
        return other.replace("LOCATION", self.location) if isinstance(other, str) else json.loads(json.dumps(other))

    def bytes_of(self, endpoint):
        r = self.random
        body = self.body_of(endpoint)
        for _ in range(r.choice([0, 1, 1, 1, 2, 3])):
            body = self.mutate(body)
        text = json.dumps(body, ensure_ascii=r.random() < 0.5).encode("utf-8", "surrogatepass")
        what = r.random()
        if what < 0.05:
            text = text[:r.randrange(len(text) + 1)]
        elif what < 0.1:
            at = r.randrange(len(text) + 1)
            text = text[:at] + bytes(r.randrange(256) for _ in range(r.randint(1, 8))) + text[at:]
        elif what < 0.12:
            depth = r.choice([100, 300, 100_000])
            text = b'{"updates":' + b"[" * depth + b"]" * depth + b"}"
        return text

    def segment(self, usual):
        r = self.random
        if r.random() < 0.6:
            return usual
        name = r.choice(NAMES)
        what = r.random()
        if what < 0.7:
            return quote(name, safe="")
        if what < 0.8:  # bytes that are no text
            return "%" + "".join(r.choice("0123456789abcdefzG%") for _ in range(r.randint(0, 5)))
        return "%1F".join(quote(r.choice(NAMES), safe="") for _ in range(r.randint(2, 4)))

    def target(self, endpoint):
        r = self.random
        parts = [self.segment({"NS": "fuzz", "T": "t", "V": "v", "P": "p"}[part]) if part in ("NS", "T", "V", "P") else part
                 for part in endpoint.split("/")]
        if r.random() < 0.05:
            parts.insert(r.randrange(len(parts) + 1), r.choice(["..", ".", "", "%2e%2e", "%2f", "\U0001F600", "a" * 3000]))
        prefix = "lake" if r.random() < 0.93 else r.choice(["", "none", "lake~env~none", "lake~c~99999999999999999999", "lake~t~x", "..", "%00"])
        target = "/iceberg/v1/" + prefix + "/" + "/".join(parts)
        if r.random() < 0.3:
            name = r.choice(["pageToken", "pageSize", "parent", "snapshots", "purgeRequested", "warehouse", "%00", "x"])
            target += f"?{name}={quote(r.choice(NAMES), safe='')}"
            if r.random() < 0.3:
                target += r.choice(["&", "&pageToken=", "&pageSize=0", "&pageSize=-1", "&pageSize=999999999999999999999", "&&==%"])
        return target


def main():
    cases = Cases()
    fuzz(cases, "", SEED, REQUESTS)
    folder = scratch("leat-fuzz-")
    os.chmod(folder, 0o755)
    database = os.path.join(folder, "postgres")
    postgres = subprocess.Popen(["sh", os.path.join(HERE, "..", "support", "postgres.sh"), database])
    try:
        wait_for("PostgreSQL", lambda: os.path.exists(os.path.join(database, "url")))
        with open(os.path.join(database, "url"), encoding="utf-8") as file:
            url = file.read().strip()
        wait_for("PostgreSQL to answer", lambda: subprocess.run(["psql", "-qc", "select 1", url], capture_output=True).returncode == 0)
        print("        on PostgreSQL", flush=True)
        fuzz(cases, f"state: {url}\n", SEED + 1, REQUESTS // 2)
    finally:
        postgres.terminate()
        postgres.wait()
        shutil.rmtree(folder, ignore_errors=True)
    cases.finish()


def fuzz(cases, state, seed, count):
    project = Project(sys.argv[1], os.path.join(scratch("leat-fuzz-"), "project"))
    project.write({"leat.yml": "version: 1\nname: fuzz\n" + state})
    server = Server(project)
    beside = sorted(os.listdir(os.path.dirname(project.folder)))
    call = lambda method, path, body=None: server.call(method, "/v1/lake/" + path, body, server.admin)  # noqa: E731
    for ns in ("fuzz", "kept"):
        assert call("POST", "namespaces", {"namespace": [ns]})[0] == 200
    kept = {"name": "kept", "schema": SCHEMA}
    assert call("POST", "namespaces/kept/tables", kept)[0] == 200
    before = call("GET", "namespaces/kept/tables/kept")
    made = call("POST", "namespaces/fuzz/tables", {"name": "t", "schema": SCHEMA})[1]["metadata"]
    assert call("POST", "namespaces/fuzz/views", {"name": "v", "schema": SCHEMA, "view-version": VERSION, "properties": {}})[0] == 200

    connection = Connection(server.port)
    headers = [("Authorization", f"Bearer {server.admin}"), ("Content-Type", "application/json")]
    memory = lambda: int(next(line for line in open(f"/proc/{server.process.pid}/status")  # noqa: E731
                              if line.startswith("VmRSS")).split()[1]) / 1024

    names_keep_their_meaning(cases, call)
    oversized(cases, connection, headers)

    fuzzer, faults, statuses, memory_before = Fuzzer(random.Random(seed), made["location"], made["table-uuid"]), [], {}, 0
    for number in range(count):
        if number == count // 10:
            memory_before = memory()
        if number % 100 == 0:  # some of them drop it
            call("POST", "namespaces", {"namespace": ["fuzz"]})
            call("POST", "namespaces/fuzz/tables", {"name": "t", "schema": SCHEMA})
            call("POST", "namespaces/fuzz/views", {"name": "v", "schema": SCHEMA, "view-version": VERSION, "properties": {}})
        endpoint = fuzzer.random.choice(sorted(ENDPOINTS))
        method = fuzzer.random.choice(ENDPOINTS[endpoint].split() if fuzzer.random.random() < 0.92 else METHODS)
        target, body = fuzzer.target(endpoint), fuzzer.bytes_of(endpoint)
        if "/kept" in target:
            continue
        try:
            status, answered, text = connection.request(method, target, body, headers)
            fault = fault_of(method, status, answered, text)
            statuses[status] = statuses.get(status, 0) + 1
        except (ConnectionError, TimeoutError, ValueError) as error:
            connection.close()
            fault = f"no answer: {error}"
        if fault:
            faults.append(f"request {number}: {method} {target[:300]}\n    {body[:600]!r}\n    {fault}")
            if len(faults) >= 10:
                break
    grown = memory() - memory_before
    print(f"        seed {seed}, answers by status {dict(sorted(statuses.items()))}, memory +{grown:.0f} MB", flush=True)
    cases.true(f"{count} requests: successes and 4xx with the error model", not faults, "\n  ".join(faults))
    cases.true("many of both", statuses.get(200, 0) > count / 20 and statuses.get(400, 0) > count / 10, statuses)
    cases.true(f"memory grew by less than {MOST_GROWTH_MB} MB", grown < MOST_GROWTH_MB, f"{grown:.0f} MB")
    cases.true("the server is alive", server.process.poll() is None)
    cases.check("what was there before is as it was", call("GET", "namespaces/kept/tables/kept"), before)
    cases.check("nothing was written beside the project", sorted(os.listdir(os.path.dirname(project.folder))), beside)
    not_http(cases, server.port)
    cases.check("the server ends as asked", server.stop(), 0)
    cases.check("our SQL reads the lake", project.one("select count(*) from kept.kept"), ["0"])
    project.remove()


def names_keep_their_meaning(cases, call):
    """Each name is refused with 4xx, or found again under exactly that name and listed so."""
    wrong = []
    call("POST", "namespaces", {"namespace": ["names"]})
    for name in NAMES + ["a.b.c", "select", "a--b", "tab\tin", "..\\..", "x" * 255, "\U0001F600\U0001F680", "%2e%2e%2f"]:
        status, answer = call("POST", "namespaces/names/tables", {"name": name, "schema": SCHEMA})
        if status == 200:
            found, loaded = call("GET", f"namespaces/names/tables/{quote(name, safe='')}")
            listed = [i["name"] for i in call("GET", "namespaces/names/tables")[1]["identifiers"]]
            if found != 200 or loaded["metadata"]["table-uuid"] != answer["metadata"]["table-uuid"] or name not in listed:
                wrong.append((name, found, listed))
            folder = answer["metadata"]["location"]
            if "/names/" not in folder or ".." in folder:
                wrong.append((name, folder))
        elif not 400 <= status < 500:
            wrong.append((name, status, answer))
    listed = [i["name"] for i in call("GET", "namespaces/names/tables")[1]["identifiers"]]
    cases.check("names work as they are or are refused", wrong, [])
    cases.true("names with dots, spaces, quotes and emoji work", {"a.b", "a b", "a'b", 'a"b', "\U0001F600", "%", "*"} <= set(listed), listed)
    cases.true("slashes, control characters and reserved names are refused",
               not {"", "a/b", "a\\b", "../../etc/passwd", "\u0000", "\n", "t__rejected", "A" * 256} & set(listed), listed)


def oversized(cases, connection, headers):
    target = "/iceberg/v1/lake/namespaces"
    big = b'{"namespace": ["' + b"a" * (17 << 20) + b'"]}'
    status, answered, text = connection.request("POST", target, big, headers)
    cases.check("a body of 17 MB is refused", (status, fault_of("POST", status, answered, text)), (413, ""))
    connection.close()
    status, answered, text = connection.request("POST", target, b"", [*headers, ("Content-Length", str(1 << 40))])
    cases.check("a body that says it has 1 TB is refused", (status, fault_of("POST", status, answered, text)), (413, ""))
    connection.close()
    status, answered, text = connection.request("GET", target, b"", [*headers, ("X-Long", "a" * 40_000)])
    cases.check("40 KB of headers are refused", (status, fault_of("GET", status, answered, text)), (431, ""))
    connection.close()
    deep = b"[" * 1_000_000 + b"]" * 1_000_000
    status, answered, text = connection.request("POST", target, b'{"namespace": ' + deep + b"}", headers)
    cases.check("a million levels of JSON are refused", (status, fault_of("POST", status, answered, text)), (400, ""))


def not_http(cases, port):
    answers = []
    for data in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x00" * 100,
                 b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b"GET /iceberg/v1/config HTTP/1.1\r\nBad Header\r\n\r\n"):
        connection = Connection(port)
        try:
            answers.append(connection.raw(data)[0])
        except (ConnectionError, TimeoutError) as error:
            answers.append(str(error))
        connection.close()
    cases.true("what is not HTTP gets 400", all(answer == 400 for answer in answers), answers)


if __name__ == "__main__":
    main()
