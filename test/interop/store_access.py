#!/usr/bin/env python3
"""Engines without keys of their own on a warehouse in object storage: requests that the catalogue signs, keys that it gives.

usage: store_access.py LEAT
Signed requests are sent to a real store (versitygw). Keys of a role are checked by what their service was asked
(support/sts_server.py says why).
"""
import json
import os
import sys
import urllib.error
import urllib.request

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [here, os.path.join(here, "..", "support")]
from leat_project import Cases, Project  # noqa: E402
from s3_server import S3Server  # noqa: E402
from server import Server  # noqa: E402
from sts_server import StsServer  # noqa: E402

TABLE = "/v1/lake/namespaces/open_shop/tables/orders"
OTHER = "/v1/lake/namespaces/trusted/tables/orders"


def make(leat, storage=""):
    project = Project(leat)
    project.write({
        "leat.yml": f"version: 1\nname: shop\nwarehouse: s3://lake/shop{os.urandom(4).hex()}\n{storage}",
        "connections.yml": "connections:\n  inbound: { type: csv, path: in }\n",
        "in/orders.csv": "id,amount\n" + "".join(f"{i},{i}.25\n" for i in range(40)),
        "sources/shop.yml": "connection: inbound\ntables:\n  - { name: orders, files: 'orders*.csv', structured: false }\n",
        "models/orders.sql": "select cast(id as bigint) as id, amount from {{ source('shop', 'orders') }}\n",
        "models/open.sql": "{{ config(schema='open_shop', alias='orders') }}\nselect * from {{ ref('orders') }}\n"})
    project.run("run")
    return project


def serve(project):
    server = Server(project)
    server.call("POST", "/v1/lake/namespaces/open_shop/properties", {"updates": {"leat.external_writes": "allow"}}, token=server.admin)
    return server


def load(server, path, token, asked=None):
    """load-table as a client that asks for `asked`: (status, JSON)."""
    request = urllib.request.Request(server.url + path, headers={
        "Authorization": f"Bearer {token}", **({"X-Iceberg-Access-Delegation": asked} if asked else {})})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def send(method, uri, headers, body=None):
    """One request to the store, as an engine sends it; (status, body)."""
    request = urllib.request.Request(uri, method=method, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


class Signer:
    """What a client of Iceberg does with `s3.signer.endpoint` of a table."""

    def __init__(self, server, token, path=TABLE):
        self.server, self.token = server, token
        answer = load(server, path, token, "vended-credentials,remote-signing")
        self.config, self.location = answer["config"], answer["metadata"]["location"]
        self.manifest = answer["metadata"]["snapshots"][-1]["manifest-list"]
        self.store = self.config["s3.endpoint"]

    def uri(self, location, query=""):
        return self.store + "/" + location.removeprefix("s3://") + query

    def sign(self, method, uri, headers=None):
        """(status, answer) of the sign endpoint."""
        return self.server.call("POST", "/" + self.config["s3.signer.endpoint"], {
            "method": method, "region": "us-east-1", "uri": uri, "headers": {k: [v] for k, v in (headers or {}).items()}}, token=self.token)

    def do(self, method, uri, headers=None, body=None):
        """Signs and sends; the store's status and body."""
        status, answer = self.sign(method, uri, headers)
        if status != 200:
            return status, answer["error"]["message"]
        return send(method, answer["uri"], {**(headers or {}), **{k: ", ".join(v) for k, v in answer["headers"].items()}}, body)

    def refused(self, method, uri, headers=None):
        """The code of the refusal, or the status where it is none."""
        status, answer = self.sign(method, uri, headers)
        return answer["error"]["message"].rsplit("[", 1)[-1].rstrip("]") if status == 403 else status


def signing(cases, server, store):
    plain = load(server, TABLE, server.writer)["config"]
    cases.check("who asks for nothing hears where the store is", plain, {
        "s3.endpoint": store.url, "s3.region": "us-east-1", "client.region": "us-east-1", "s3.path-style-access": "true"})
    cases.check("keys are not given unless leat.yml says so", load(server, TABLE, server.writer, "vended-credentials")["config"], plain)
    writer, reader = Signer(server, server.writer), Signer(server, server.reader)
    cases.check("who asks for it is told where requests are signed", (
        writer.config["s3.remote-signing-enabled"], writer.config["s3.signer.endpoint"]), ("true", TABLE[1:] + "/sign"))
    cases.true("no answer has a key in it", store.key not in json.dumps(writer.config) and store.secret not in json.dumps(writer.config))

    for signer, who in ((writer, "a writer"), (reader, "a reader")):
        cases.check(f"{who} reads a file", signer.do("GET", signer.uri(signer.manifest))[0], 200)
        cases.check(f"{who} looks at one", signer.do("HEAD", signer.uri(signer.manifest))[0], 200)
        status, body = signer.do("GET", signer.uri(signer.manifest), {"Range": "bytes=0-3"})
        cases.check(f"{who} reads a part of one", (status, body), (206, b"Obj\x01"))
        bucket, prefix = signer.location.removeprefix("s3://").split("/", 1)
        status, body = signer.do("GET", signer.uri(f"s3://{bucket}", f"?list-type=2&prefix={prefix}%2Fmetadata%2F"))
        cases.true(f"{who} lists the table's files", status == 200 and b"metadata.json" in body, (status, body))

    new = writer.location + "/data/a b+c=é&.parquet"
    encoded = "/data/a%20b+c=%C3%A9&.parquet"
    cases.check("a writer writes a new file", writer.do("PUT", writer.uri(writer.location + encoded), body=b"one")[0], 200)
    cases.check("and reads it", writer.do("GET", writer.uri(writer.location + encoded)), (200, b"one"))
    cases.true("under its own name", new.removeprefix("s3://lake/") in store.files(), store.files())
    cases.check("nothing that is there is replaced", writer.do("PUT", writer.uri(writer.location + encoded), body=b"two")[0], 412)
    cases.check("it is as it was", writer.do("GET", writer.uri(writer.location + encoded)), (200, b"one"))
    big = writer.uri(writer.location + "/data/big.bin")
    status, body = writer.do("POST", big + "?uploads", body=b"")
    upload = body.decode().split("<UploadId>")[1].split("<")[0]
    status, _ = writer.do("PUT", big + f"?partNumber=1&uploadId={upload}", body=b"x" * 1000)
    cases.check("a writer uploads in parts", status, 200)
    cases.check("and gives an upload up", writer.do("DELETE", big + f"?uploadId={upload}")[0], 204)

    file = writer.uri(writer.manifest)
    other = Signer(server, server.writer, OTHER)
    cases.check("a reader's write: told what it lacks", reader.refused("PUT", reader.uri(reader.location + "/data/x")), "SERVE-205")
    cases.check("a write to a table that a project owns, too", other.refused("PUT", other.uri(other.location + "/data/x")), "SERVE-305")
    refusals = {
        "a delete": writer.refused("DELETE", file),
        "a delete of many": writer.refused("POST", writer.uri("s3://lake", "?delete")),
        "another table's file": writer.refused("GET", writer.uri(other.manifest)),
        "another folder that begins alike": writer.refused("GET", writer.uri(writer.location + "0/data/x")),
        "a way out by dots": writer.refused("GET", writer.uri(writer.location + "/../x")),
        "a way out by encoded dots": writer.refused("GET", writer.uri(writer.location + "/%2e%2e/x")),
        "another bucket": writer.refused("GET", writer.uri(writer.manifest.replace("s3://lake/", "s3://pool/"))),
        "another host": writer.refused("GET", file.replace("127.0.0.1", "127.0.0.2")),
        "a list of everything": writer.refused("GET", writer.uri("s3://lake", "?list-type=2&prefix=")),
        "a list of the old kind": writer.refused("GET", writer.uri("s3://lake", "?prefix=x")),
        "an access list": writer.refused("PUT", file + "?acl"),
        "tags": writer.refused("PUT", file + "?tagging"),
        "a version": writer.refused("GET", file + "?versionId=1"),
        "a parameter twice": writer.refused("GET", writer.uri("s3://lake", "?list-type=2&prefix=x&prefix=y")),
        "a copy": writer.refused("PUT", writer.uri(writer.location + "/data/y"), {"x-amz-copy-source": "/lake/x"}),
        "an open object": writer.refused("PUT", writer.uri(writer.location + "/data/y"), {"X-Amz-Acl": "public-read"}),
    }
    for name, code in refusals.items():
        cases.check(f"not signed: {name}", code, "SERVE-208")
    few = server.project.json("serve", "token", "create", "few", "--scope", "write", "--tables", "trusted.*")["token"]
    status, body = server.call("POST", TABLE + "/sign", {"method": "GET", "uri": file, "headers": {}}, token=few)
    cases.true("a token for other tables gets nothing", status == 403 and "SERVE-206" in body["error"]["message"], (status, body))
    cases.check("no token, no signature", server.call("POST", TABLE + "/sign", {"method": "GET", "uri": file})[0], 401)
    for name, body in {"no method": {"uri": file}, "no address": {"method": "GET"}, "headers of another form": {
            "method": "GET", "uri": file, "headers": {"a": [1]}}, "headers as a list": {"method": "GET", "uri": file, "headers": []}}.items():
        cases.check(f"{name}: 400", server.call("POST", TABLE + "/sign", body, token=server.writer)[0], 400)


def staged(cases, server):
    """A table that is about to be made: its files may be written before it is there."""
    schema = {"type": "struct", "fields": [{"id": 1, "name": "id", "type": "long", "required": False}]}
    tables = "/v1/lake/namespaces/open_shop/tables"

    def create(name, token, **more):
        request = urllib.request.Request(server.url + tables, json.dumps({"name": name, "schema": schema, **more}).encode(), {
            "Authorization": f"Bearer {token}", "X-Iceberg-Access-Delegation": "remote-signing"}, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    status, answer = create("later", server.writer, **{"stage-create": True})
    location, signer = answer["metadata"]["location"], answer["config"]["s3.signer.endpoint"]
    uri = answer["config"]["s3.endpoint"] + "/" + location.removeprefix("s3://") + "/data/first.parquet"

    def sign(token, where):
        return server.call("POST", "/" + signer, {"method": "PUT", "uri": where, "headers": {}}, token=token)

    status, signed = sign(server.writer, uri)
    cases.check("a file of a staged table is signed", status, 200)
    if status == 200:
        cases.check("and written", send("PUT", signed["uri"], {k: v[0] for k, v in signed["headers"].items()}, b"1")[0], 200)
    cases.check("not for who may not make the table", sign(server.reader, uri)[0], 403)
    cases.check("nor anywhere else", sign(server.writer, uri.replace("/open_shop/", "/trusted/"))[0], 403)
    victim = load(server, OTHER, server.admin)["metadata"]["location"]
    for more in ({"stage-create": True}, {}):
        status, answer = create("thief", server.writer, location=victim, **more)
        cases.true("a table cannot be laid over another", status == 400 and "SERVE-306" in answer["error"]["message"], (status, answer))
    created = create("mine", server.writer)[1]
    status, answer = server.call("POST", tables + "/mine", {"requirements": [], "updates": [
        {"action": "set-location", "location": victim}]}, token=server.writer)
    cases.true("nor moved over it", status == 400 and "SERVE-306" in answer["error"]["message"], (status, answer))
    cases.true("a new table's answer says how to reach it", "s3.signer.endpoint" in created["config"], created["config"])


def role(cases, leat, store):
    service = StsServer(store.key, store.secret)
    storage = f"storage: {{ vend: role, role: 'arn:aws:iam::123456789012:role/lake', sts_endpoint: '{service.url}/' }}\n"
    project = make(leat, storage)
    server = serve(project)
    try:
        answer = load(server, TABLE, server.reader, "vended-credentials")
        location = answer["metadata"]["location"]
        bucket, key = location.removeprefix("s3://").split("/", 1)
        config = answer["config"]
        cases.check("a client gets the role's keys", (config["s3.access-key-id"], config["s3.secret-access-key"], config["s3.session-token"]),
                    ("ASIAKEY1", "role-secret-1", "role-token-1"))
        cases.check("with the folder that they open", [c["prefix"] for c in answer["storage-credentials"]], [location])
        cases.check("both ways alike", {k: config[k] for k in answer["storage-credentials"][0]["config"]}, answer["storage-credentials"][0]["config"])
        asked = service.asked[0]
        cases.check("who asks is named", (asked["RoleArn"], asked["RoleSessionName"], asked["DurationSeconds"], asked["scope"].split("/", 1)[1]),
                    ("arn:aws:iam::123456789012:role/lake", "leat-interop-read", "3600", "us-east-1/sts/aws4_request"))
        cases.check("a reader's keys only read, and only this table", asked["Policy"]["Statement"], [
            {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": f"arn:aws:s3:::{bucket}/{key}/*"},
            {"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": f"arn:aws:s3:::{bucket}", "Condition": {"StringLike": {"s3:prefix": [f"{key}/*"]}}}])
        load(server, TABLE, server.reader, "vended-credentials")
        cases.check("the same keys serve the next request", len(service.asked), 1)
        refresh = server.call("GET", "/" + config["client.refresh-credentials-endpoint"], token=server.reader)
        cases.check("keys can be asked for again", refresh, (200, {"storage-credentials": answer["storage-credentials"]}))
        load(server, TABLE, server.writer, "vended-credentials")
        cases.true("a writer's write, and never delete", "s3:PutObject" in service.asked[1]["Policy"]["Statement"][0]["Action"]
                   and "Delete" not in json.dumps(service.asked[1]["Policy"]), service.asked[1])
        load(server, OTHER, server.writer, "vended-credentials")
        cases.check("but not a table that a project owns", service.asked[2]["Policy"]["Statement"][0]["Action"], ["s3:GetObject"])
        cases.true("nobody hears keys who did not ask", "s3.access-key-id" not in load(server, TABLE, server.reader)["config"])
        cases.check("signing is there, too", Signer(server, server.reader).config.get("s3.access-key-id"), "ASIAKEY1")
        cases.check("a token for other tables gets no keys", server.call("GET", TABLE + "/credentials", token=project.json(
            "serve", "token", "create", "few", "--scope", "write", "--tables", "trusted.*")["token"])[0], 403)
        service.secret = "another"
        status, body = server.call("GET", OTHER + "/credentials", token=server.admin)
        cases.true("a refusal is told", status == 503 and "IO-528" in body["error"]["message"] and "SignatureDoesNotMatch" in body["error"]["message"], (status, body))
        cases.true("and has no secret in it", store.secret not in json.dumps(body))
    finally:
        cases.check("the server ends", server.stop(), 0)
        service.stop()
        project.remove()


def settings(cases, leat, store):
    for storage, field in (("{ vend: role }", "vend"), ("{ role: x }", "role"), ("{ vend: all }", "vend"), (
            "{ vend: role, role: x, sts_endpoint: 'ftp://x' }", "sts_endpoint")):
        project = Project(leat)
        project.write({"leat.yml": f"version: 1\nname: shop\nwarehouse: s3://lake/shop\nstorage: {storage}\n"})
        done = project.run("check", expect=None)
        cases.true(f"storage: {storage} is refused where it stands", done.returncode == 2 and field in done.stderr and "leat.yml:4" in done.stderr,
                   (done.returncode, done.stderr))
        project.remove()
    for vend, keys in (("none", None), ("keys", store.key)):
        project = make(leat, f"storage: {{ vend: {vend} }}\n")
        server = serve(project)
        config = load(server, TABLE, server.reader, "vended-credentials,remote-signing")["config"]
        cases.check(f"vend: {vend}", (config.get("s3.access-key-id"), "s3.signer.endpoint" in config), (keys, False))
        cases.check(f"vend: {vend}: requests to sign", server.call("POST", TABLE + "/sign", {}, token=server.reader)[0], 406 if vend == "none" else 400)
        cases.check("the server ends", server.stop(), 0)
        project.remove()


def main():
    leat, cases = sys.argv[1], Cases()
    with S3Server() as store:
        os.environ.update(store.environment())
        store.make_bucket("pool")
        project = make(leat)
        server = serve(project)
        try:
            signing(cases, server, store)
            staged(cases, server)
        finally:
            cases.check("SIGTERM ends the server", server.stop(), 0)
        project.remove()
        role(cases, leat, store)
        settings(cases, leat, store)
    cases.finish()


if __name__ == "__main__":
    main()
