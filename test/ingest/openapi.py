#!/usr/bin/env python3
"""leat add source --openapi: the document of an API that pages in every way becomes a source that passes the check, loads exactly what the API
has, and goes on where it ended.

usage: openapi.py LEAT [DATA_FOLDER]
"""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from leat_project import Cases, Project  # noqa: E402
from test_api import TestApi  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])
TOKEN = "token-of-the-test"


class Api(TestApi):
    def on_changes(self, handler, _, query, body):
        since = query.get("updated_since", "")
        rows = [{**row, "updated_at": row["at"]} for row in self.rows if row["at"] >= since]
        self.send(handler, 200, json.dumps({"data": rows}).encode())


def integer(name, **more):
    return {"name": name, "in": "query", "schema": {"type": "integer", **more}}


def get(answer, parameters=(), **more):
    return {"get": {"parameters": list(parameters), "responses": {"200": {"content": {"application/json": {"schema": answer}}, **more}}}}


def listed(name, items="Row", **more):
    return {"type": "object", "properties": {name: {"type": "array", "items": {"$ref": "#/components/schemas/" + items}}, **more}}


def document(url):
    text, number = {"type": "string", "nullable": True}, {"type": "integer"}
    cursor = {"name": "cursor", "in": "query", "schema": {"type": "string"}}
    since = {"name": "updated_since", "in": "query", "schema": {"type": "string"}}
    return {
        "openapi": "3.0.3", "info": {"title": "Test", "version": "1"}, "servers": [{"url": url}], "security": [{"token": []}],
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Row": {"type": "object", "properties": {"id": number, "name": {"type": "string"}, "at": {"type": "string"}}},
                "Changed": {"allOf": [{"$ref": "#/components/schemas/Row"}, {"properties": {"updated_at": {"type": "string"}}}]},
                "Order": {"type": "object", "properties": {"id": {"type": "string"}, "n": number}}}},
        "paths": {
            "/guarded": get(listed("items", pages=number), [integer("page", minimum=1), integer("per_page", maximum=40)]),
            "/offset": get(listed("items", total=number), [integer("offset"), integer("limit", default=60)]),
            "/cursor": get(listed("rows", meta={"type": "object", "properties": {"next": text, "has_more": {"type": "boolean"}}}), [cursor]),
            "/link": get({"type": "array", "items": {"$ref": "#/components/schemas/Row"}}, headers={"Link": {"schema": text}}),
            "/next": get(listed("rows", links={"type": "object", "properties": {"next": text}})),
            "/people": get(listed("items", pages=number), [integer("page"), integer("per_page")]),
            "/people/{personId}": get({"$ref": "#/components/schemas/Row"}),
            "/people/{personId}/orders": get(listed("orders", "Order")),
            "/changes": get(listed("data", "Changed"), [since]),
            "/lines": {"get": {"responses": {"200": {"content": {"application/x-ndjson": {"schema": {"$ref": "#/components/schemas/Row"}}}}}}},
            "/csv": {"get": {"responses": {"200": {"content": {"text/csv": {"schema": {"type": "string"}}}}}}},
            "/reports": {"post": {"responses": {"202": {"description": "later"}}}}}}


def main():
    cases = Cases()
    with Api() as api:
        api.rows = [{"id": i, "name": f"n{i}", "at": f"2026-01-{i % 28 + 1:02}T00:00:00Z", "share": i + 0.25} for i in range(250)]
        api.tokens[TOKEN] = float("inf")
        made = Project(LEAT)
        made.write({"leat.yml": "version: 1\nname: api\n", "api.json": json.dumps(document(api.url))})
        added = made.json("add", "source", "shop", "--openapi", "api.json")
        cases.check("every list is a table", sorted(added["added"]),
                    ["changes", "csv", "cursor", "guarded", "lines", "link", "next", "offset", "people", "people_orders"])
        cases.check("one thing is none", added["left_out"], ["GET /people/{personId} (its answer is one thing, no list)"])
        cases.check("the API was not asked", api.seen, [])
        subprocess.run([LEAT, "secret", "set", "SHOP_TOKEN"], cwd=made.folder, check=True, input=TOKEN, text=True, stdout=subprocess.DEVNULL)
        made.run("check")
        made.run("run")
        for table in ("guarded", "offset", "cursor", "link", "next", "people", "changes", "lines", "csv"):
            cases.check(f"{table}: every row once", made.rows(f"select count(*), count(distinct id), sum(id) from raw_shop.{table}"), [["250", "250", "31125"]])
        cases.check("as many rows an answer as the API allows", {one["query"]["per_page"] for one in api.seen if one["path"] == "/guarded"}, {"40"})
        orders = [(f"{i}-{n}", str(i)) for i in range(250) for n in range(i % 4)]
        cases.check("a list below another", sorted(tuple(row) for row in made.rows("select id, _parent_id from raw_shop.people_orders")), sorted(orders))
        cases.check("keys go along", {one["headers"].get("Authorization") for one in api.seen}, {"Bearer " + TOKEN})
        api.rows[5] = {**api.rows[5], "name": "changed", "at": "2026-02-01T00:00:00Z"}
        made.run("run", "-s", "source:shop.changes")
        cases.check("what changed is asked for", [one["query"] for one in api.seen if one["path"] == "/changes"], [{}, {"updated_since": "2026-01-28T00:00:00Z"}])
        cases.check("and put in place by its key", made.rows("select count(*), count(distinct id), max(updated_at)::varchar like '2026-02-01%' from raw_shop.changes"),
                    [["250", "250", "true"]])
    cases.finish()


if __name__ == "__main__":
    main()
