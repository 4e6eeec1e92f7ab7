#!/usr/bin/env python3
"""leat import: a rest_api configuration of dlt against an API, and a Sling replication against a PostgreSQL. What is imported passes the check, loads
exactly what is there, and goes on where it ended.

usage: imports.py LEAT [DATA_FOLDER]
"""
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from leat_project import Cases, Project  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402
from test_api import TestApi  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])
TOKEN = "token-of-the-test"


def rows(count, first=0):
    return [{"id": i, "name": f"n{i}", "at": f"2026-01-{i % 28 + 1:02}T00:00:00Z", "share": i + 0.25} for i in range(first, first + count)]


def config(url):
    """The configuration as dlt takes it: a dict of Python."""
    def paged(name, path, selector, paginator, **more):
        return {"name": name, "endpoint": {"path": path, "data_selector": selector, "paginator": paginator, **more}}

    return {
        "client": {"base_url": url + "/", "auth": {"type": "bearer", "token": TOKEN}, "headers": {"Accept": "application/json"}},
        "resource_defaults": {"primary_key": "id", "write_disposition": "replace"},
        "resources": [
            paged("numbers", "guarded", "items", {"type": "page_number", "base_page": 1, "total_path": "pages"}, params={"per_page": 50}),
            paged("offsets", "offset", "items", {"type": "offset", "limit": 60, "total_path": "total"}),
            paged("cursors", "cursor", "rows", {"type": "cursor", "cursor_path": "meta.next"}),
            paged("links", "/link", "$", "header_link"),
            paged("next_urls", "next", "rows", {"type": "json_link", "next_url_path": "links.next"}),
            paged("posted", "cursor", "rows", "single_page", method="POST", json={"cursor": "0", "note": "{{not a name}}"}),
            paged("people", "people", "items", {"type": "page_number", "base_page": 1, "total_path": None}),
            {"name": "orders", "include_from_parent": ["id"],
             "endpoint": {"path": "people/{resources.people.id}/orders", "data_selector": "orders", "paginator": "single_page"}},
            {"name": "changed", "write_disposition": "merge",
             "endpoint": {"path": "list", "data_selector": "data", "paginator": "single_page", "params": {"since": "{incremental.start_value}"},
                          "incremental": {"cursor_path": "at", "initial_value": "2026-01-03T00:00:00Z"}}},
        ]}


def as_python(value):
    return "import dlt\n\nCONFIG: RESTAPIConfig = " + repr(value) + "\n\nsource = rest_api_source(CONFIG)\n"


def from_dlt(cases):
    with TestApi() as api:
        api.rows = rows(250)
        api.tokens[TOKEN] = float("inf")
        texts = {"python.py": as_python(config(api.url)), "json.json": json.dumps(config(api.url)), "yaml.yml": json.dumps(config(api.url), indent=1)}
        made = Project(LEAT)
        made.write({"leat.yml": "version: 1\nname: api\n", **texts})
        reports = {}
        for file in texts:
            reports[file] = made.json("import", file, "--name", file.split(".", maxsplit=1)[0])
        cases.check("the same from Python, JSON and YAML", len({report["sources"][0]["text"].split("tables:")[1] for report in reports.values()}), 1)
        cases.check("nothing was impossible", [report["not_possible"] for report in reports.values()], [0, 0, 0])
        for name in texts:
            source = name.split(".", maxsplit=1)[0]
            cases.true(f"{source}: the token is not written", TOKEN not in open(os.path.join(made.folder, "connections.yml"), encoding="utf-8").read())
            subprocess.run([LEAT, "secret", "set", source.upper() + "_TOKEN"], cwd=made.folder, check=True, input=TOKEN, text=True, stdout=subprocess.DEVNULL)
        made.run("check")
        made.run("run", "-s", "source:python")
        expected = [["250", "250", "31125"]]
        for table in ("numbers", "offsets", "cursors", "links", "next_urls", "people"):
            cases.check(f"{table}: every row once", made.rows(f"select count(*), count(distinct id), sum(id) from raw_python.{table}"), expected)
        cases.check("a posted body", made.one("select count(*) from raw_python.posted"), ["100"])
        bodies = [json.loads(one["body"]) for one in api.seen if one["method"] == "POST"]
        cases.check("arrives as it was written", bodies, [{"cursor": "0", "note": "{not a name}"}])
        orders = [(f"{i}-{n}", str(i)) for i in range(250) for n in range(i % 4)]
        cases.check("a resource below another", sorted(tuple(row) for row in made.rows("select id, _parent_id from raw_python.orders")), sorted(orders))
        new = [row for row in api.rows if row["at"] >= "2026-01-03T00:00:00Z"]
        cases.check("the first load begins at the initial value", made.one("select count(*), min(id) from raw_python.changed"), [str(len(new)), "2"])
        cases.check("keys go along", {one["headers"].get("Authorization") for one in api.seen}, {"Bearer " + TOKEN})
        api.rows[5] = {**api.rows[5], "name": "changed", "at": "2026-02-01T00:00:00Z"}
        made.run("run", "-s", "source:python")
        cases.check("the next goes on, by key", made.one("select count(*), max(name) from raw_python.changed where id = 5"), ["1", "changed"])
        cases.check("from the bookmark", [one["query"] for one in api.seen if one["path"] == "/list"][-1], {"since": "2026-01-28T00:00:00Z"})


REPLICATION = """
source: SHOP
target: LAKE
defaults:
  mode: incremental
  object: 'lake.{stream_table}'
streams:
  public.customers:
    primary_key: [id]
    update_key: updated_at
    select: ['-password']
    target_options: { delete_missing: soft }
  sales.*:
    mode: full-refresh
  sales.events:
    update_key: id
  sales.kept:
    primary_key: id
"""


def from_sling(cases):
    with PostgresServer() as server:
        server.sql('''
            create schema sales;
            create table customers (id bigint primary key, name text, password text, updated_at timestamptz not null);
            insert into customers select i, 'n' || i, 'p', timestamptz '2026-01-01 00:00+00' + i * interval '1 minute' from generate_series(1, 2000) i;
            create table sales.lines (order_id int, line int, amount numeric(9,2), primary key (order_id, line));
            insert into sales.lines select i, i % 3, i * 1.25 from generate_series(1, 500) i;
            create table sales."Odd Name" (a int); insert into sales."Odd Name" values (1), (2);
            create table sales.events (id bigint primary key, day date); insert into sales.events select i, '2026-01-01' from generate_series(1, 100) i;
            create table sales.kept (id int primary key, note text); insert into sales.kept values (1, 'a'), (2, 'b');
            analyze''')
        made = Project(LEAT)
        made.write({"leat.yml": "version: 1\nname: shop\n", "r.yaml": REPLICATION})
        report = made.json("import", "r.yaml", SHOP=server.url)
        cases.check("the address is not written", report["connections"], '  shop:\n    type: postgres\n    uri: "${env:SHOP}"\n')
        cases.check("a pattern brings the tables that no stream names", sorted(report["sources"][0]["tables"]),
                    ["Odd_Name", "customers", "events", "kept", "lines"])
        made.run("check", SHOP=server.url)
        made.run("run", SHOP=server.url)

        def same(name, ours, theirs):
            got = made.run("sql", "-c", ours, "--output", "csv", SHOP=server.url).stdout.splitlines()[1:]
            cases.check(name, got, [line.replace("|", ",") for line in server.sql(theirs).splitlines()])

        customers = ("select count(*), sum(id), count(distinct name), max(updated_at)::date from raw_shop.customers where _deleted_at is null",
                     "select count(*), sum(id), count(distinct name), max(updated_at at time zone 'UTC')::date from customers")
        same("customers", *customers)
        same("lines", "select count(*), sum(amount) from raw_shop.lines", "select count(*), sum(amount) from sales.lines")
        same("an odd name", 'select count(*), sum(a) from raw_shop."Odd_Name"', 'select count(*), sum(a) from sales."Odd Name"')
        same("events", "select count(*), sum(id) from raw_shop.events", "select count(*), sum(id) from sales.events")
        columns = made.run("sql", "-c", "describe raw_shop.customers", "--output", "csv", SHOP=server.url).stdout
        cases.true("a column that is left out", "password" not in columns and "updated_at" in columns, columns)
        server.sql('''delete from customers where id <= 10; update customers set name = 'new', updated_at = '2026-03-01' where id = 500;
            insert into customers values (3000, 'more', 'p', '2026-03-02'); delete from sales.lines where order_id = 1;
            insert into sales.events values (101, '2026-02-01'); delete from sales.kept where id = 1''')
        made.run("run", SHOP=server.url)
        same("customers again: new, changed, gone", *customers)
        same("lines again", "select count(*), sum(amount) from raw_shop.lines", "select count(*), sum(amount) from sales.lines")
        same("events again: only the new one", "select count(*), sum(id) from raw_shop.events", "select count(*), sum(id) from sales.events")
        gone = made.run("sql", "-c", "select (select count(*) from raw_shop.customers where _deleted_at is not null), "
                        "(select count(*) from raw_shop.kept), (select count(*) from raw_shop.kept where _deleted_at is not null)", "--output", "csv",
                        SHOP=server.url).stdout.splitlines()[1]
        cases.check("rows that are gone stay, marked", gone, "10,2,1")


def main():
    cases = Cases()
    from_dlt(cases)
    from_sling(cases)
    cases.finish()


if __name__ == "__main__":
    main()
