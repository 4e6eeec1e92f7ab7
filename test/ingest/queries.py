#!/usr/bin/env python3
"""`query:` instead of a table, in a real PostgreSQL, a real MariaDB, an SQLite and a DuckDB file, by their own sources and through ODBC: columns and types
are the database's, rows are those of the query, later ones come by `update_key`, and nothing but one statement that reads is run.

usage: queries.py LEAT [DATA_FOLDER]
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from duckdb_file import DuckDbFile  # noqa: E402
from leat_project import Cases, Project, scratch  # noqa: E402
from mariadb import MariaDb  # noqa: E402
from odbc import OdbcProject, SqliteFile, mariadb_connection, postgres_connection, sqlite_connection  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402
from table_cases import Side, fails  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])

SETUP = """create table shops (id int primary key, name varchar(20));
insert into shops values (1, 'North'), (2, 'South; or not'), (3, 'it''s');
create table orders (id int primary key, shop int, total decimal(9,2), placed date, changed bigint not null);
insert into orders with recursive n(i) as (select 1 union all select i + 1 from n where i < 300)
select i, i % 3 + 1, i * 1.25, '2026-01-01', i from n;"""

JOIN = """
    query: |
      -- what each shop sold; the key is the order's
      SELECT o.id, s.name, o.total, o.placed, o.changed AS "Changed at"
      FROM orders o JOIN shops s ON s.id = o.shop
      WHERE o.total > 2.50 /* ; */ AND s.name <> 'none;'
      ; -- and that is all
"""
# What stands below `tables:`, the error, and words of it. Its place is that of `query`.
REFUSED = [
    ("table and query", "{ name: t, table: orders, query: SELECT 1 AS a }", "SRC-319", ""),
    ("a statement that writes", "{ name: t, query: DELETE FROM orders }", "SRC-435", "DELETE"),
    ("behind WITH one that writes", "{ name: t, query: WITH a AS (SELECT 1) DELETE FROM orders }", "SRC-435", "DELETE"),
    ("two statements", "{ name: t, query: SELECT id FROM orders; DROP TABLE orders }", "SRC-435", "several"),
    ("a bracket too many", "{ name: t, query: 'SELECT id FROM orders) x; DROP TABLE orders; -- ' }", "SRC-435", "bracket"),
    ("a name that comes twice", "{ name: t, query: 'SELECT o.id, s.id FROM orders o, shops s' }", "SRC-436", "'id'"),
    ("no such column", "{ name: t, query: 'SELECT id, wrong FROM orders' }", "SRC-437", "wrong"),
    ("no such table", "{ name: t, query: SELECT id FROM ordesr }", "SRC-437", "ordesr"),
    ("no SQL", "{ name: t, query: SELECT id FROM orders WHERE }", "SRC-437", ""),
    ("no such update key", "{ name: t, mode: append, update_key: ID2, query: SELECT id FROM orders }", "", "ID2"),
]


def rows_of(cases, side):
    plain = side.name == "SQLite over ODBC"  # its driver does not see what is a comment, nor a decimal's digits
    made = side.project("  - name: sold\n    structured: false" + (JOIN.replace("/* ; */ ", "").replace("; the key is the order's", "") if plain else JOIN))
    made.run("run")
    cases.check(f"{side.name}: rows of the query", made.one('select count(*), sum(total::decimal(9,2)), min("Changed at"), count(distinct name) from raw_shop.sold'),
                ["298", "56433.75", "3", "3"])
    types = dict(made.rows("select column_name, column_type from (describe select * from raw_shop.sold)"))
    cases.check(f"{side.name}: types as of a table", [types[name] for name in ("id", "name", "total", "placed", "Changed at")],
                ["BIGINT" if side.name == "SQLite" else "INTEGER", "VARCHAR", "VARCHAR" if plain else "DECIMAL(9,2)", "DATE", "BIGINT"])
    cases.check(f"{side.name}: rows are accounted for", made.one("select rows_in, rows_out, rows_rejected from leat.ledger where step like '%sold'"),
                ["298", "298", "0"])
    made.remove()


def going_on(cases, side):
    """Both ways of an `update_key`; the query's WHERE stays in force."""
    side.run("delete from orders where id > 300")
    query = "query: 'SELECT id, shop, total, changed FROM orders WHERE shop <> 2', structured: false"
    upsert = side.project(f"  - {{ name: t, mode: incremental, update_key: changed, primary_key: [id], {query} }}\n")
    append = side.project(f"  - {{ name: t, mode: append, update_key: changed, {query} }}\n")
    for made in (upsert, append):
        made.run("run")
    side.run("update orders set total = 0, changed = 1000 where id <= 10; insert into orders values (301, 1, 5, '2026-01-02', 1001), (302, 2, 5, '2026-01-02', 1002)")
    for made in (upsert, append):
        made.run("run")
        cases.check(f"{side.name}: only what changed was read", made.one("select rows_in from leat.ledger order by run_id desc limit 1"), ["7"])
        made.run("run")
        cases.check(f"{side.name}: and then nothing", made.one("select count(*) from leat.ledger where rows_in > 0"), ["2"])
    cases.check(f"{side.name}: incremental: equal to the query", sums(upsert), side.rows("select count(*), sum(id), max(changed) from orders where shop <> 2")[0])
    cases.check(f"{side.name}: append: each state of a row", sums(append)[0], "207")
    if side.name == "DuckDB":  # its tables are not reconciled
        for made in (upsert, append):
            made.remove()
        return
    side.run("delete from orders where id in (3, 4, 5, 301)")
    upsert.write({"sources/shop.yml": "connection: shop\ntables:\n"
                  f"  - {{ name: t, mode: incremental, update_key: changed, primary_key: [id], reconcile: {{ every: 0 }}, {query} }}\n"})
    upsert.run("run")
    cases.check(f"{side.name}: reconcile: rows that the query has no longer are gone", sums(upsert),
                side.rows("select count(*), sum(id), max(changed) from orders where shop <> 2")[0])
    for made in (upsert, append):
        made.remove()


def sums(made):
    return made.one("select count(*), sum(id), max(changed) from raw_shop.t")


def changing(cases, side):
    """A column that the query gives now is added; one that it gives no longer blocks, as a table's."""
    side.run("delete from orders where id > 300")
    made = side.project("  - { name: t, query: SELECT id FROM orders, structured: false }\n")
    made.run("run")
    made.write({"sources/shop.yml": "connection: shop\ntables:\n  - { name: t, query: 'SELECT id, total * 2 AS double_total FROM orders', structured: false }\n"})
    cases.check(f"{side.name}: leat drift tells it", [one["class"] for one in made.json("drift")["tables"][0]["drift"]], ["additive"])
    made.run("run")
    cases.check(f"{side.name}: a column more", made.one("select count(*) = count(double_total), sum(id) > 0 from raw_shop.t"), ["true", "true"])
    made.write({"sources/shop.yml": "connection: shop\ntables:\n  - { name: t, query: SELECT total * 2 AS double_total FROM orders, structured: false }\n"})
    cases.true(f"{side.name}: a column less", *fails(made, "RUN-549"))
    made.remove()


def refused(cases, side):
    for name, entry, code, word in REFUSED:
        made = side.project(f"  - {entry}\n")
        # What MariaDB refuses itself, before its driver can tell names.
        held, text = fails(made, "SRC-437" if code == "SRC-436" and side.name == "MariaDB over ODBC" else code, word)
        placed = not code or "sources/shop.yml:3:" in text
        cases.true(f"{side.name}: {name}", held and placed, text)
        made.remove()
    cases.check(f"{side.name}: and everything is there", side.rows("select count(*) from orders")[0], ["300" if side.name == "DuckDB" else "297"])


def postgres_alone(cases, side, server):
    side.run("""create type mood as enum ('sad', 'glad'); create domain amount as numeric(7,3); create type pair as (a int, b text);
create table kinds (s smallint, i int, b bigint, n numeric(20,4), open numeric, r real, f float8, t text, c char(3), v varchar(9), d date, ti time, ts timestamp,
  tz timestamptz, u uuid, by bytea, bo bool, j json, jb jsonb, ia int[], ta text[], m mood, am amount, mo money, iv interval, p pair, o oid);
insert into kinds values (1, 2, 9223372036854775807, 1234567890123456.7891, 3.14159, 0.1, 0.1, 'x', 'ab', 'v', '0001-01-01', '23:59:59.999999', '9999-12-31 23:59:59.999999',
  '2026-03-29 01:30:00+01', '123e4567-e89b-12d3-a456-426614174000', '\\x00ff', true, '{"a":1.10}', '[1]', '{1,null}', '{a,b}', 'glad', 12.345, 7.25, '1 day', (1, 'z'), 42);
create schema apart; create table apart.only_there (id int); insert into apart.only_there values (7)""")
    made = side.project("  - { name: kinds, structured: false }\n  - { name: asked, query: SELECT * FROM kinds, structured: false }\n")
    made.run("run")
    described = "select column_name, column_type from (describe select * from raw_shop.{})"
    cases.check("PostgreSQL: every type as of the table", made.rows(described.format("asked")), made.rows(described.format("kinds")))
    cases.check("PostgreSQL: and every value", made.rows("select columns(c -> not starts_with(c, '_')) from raw_shop.asked"),
                made.rows("select columns(c -> not starts_with(c, '_')) from raw_shop.kinds"))
    made.remove()
    made = side.project("  - { name: t, structured: false, query: \"SELECT 'a' AS a, NULL AS n, count(*) AS c, sum(total) AS s, avg(id) AS v, $$;$$ AS d, E'\\\\';' AS e FROM orders\" }\n")
    made.run("run")
    cases.check("PostgreSQL: expressions", made.one("select a, n, c, s, d, e from raw_shop.t")[:3], ["a", "", "297"])
    made.remove()
    for more, entry in ((", schema: apart", "SELECT id FROM only_there"), ("", "SELECT id FROM apart.only_there"), ("", "TABLE apart.only_there"),
                        ("", "VALUES (7)"), (", consistency: part, streams: 2", "SELECT id FROM apart.only_there"), (", profile: gentle", "SELECT id FROM apart.only_there")):
        made = side.project(f"  - {{ name: t, query: {entry}, structured: false }}\n", more)
        made.run("run")
        column = "column1" if "VALUES" in entry else "id"
        cases.check(f"PostgreSQL: {entry}{more}", made.one(f"select {column} from raw_shop.t"), ["7"])
        made.remove()
    side.run("create table written (id int); create function writes() returns int language sql as 'insert into written values (1) returning id'; create sequence counted;"
             "create user ann password 'a-pass-word'; grant select on shops to ann; grant usage on schema public to ann")
    for name, query, code in (("a WITH that deletes", "WITH gone AS (DELETE FROM orders RETURNING id) SELECT id FROM gone", "SRC-437"),
                              ("a function that writes", "SELECT writes() AS id", "25006"),
                              ("a sequence", "SELECT nextval('counted') AS id", "25006"),
                              ("FOR UPDATE", "SELECT id FROM orders FOR UPDATE", "25006"),
                              ("INTO", "SELECT id INTO copied FROM orders", "SRC-43"), ("no columns", "SELECT FROM orders", "SRC-436"),
                              ("a parameter", "SELECT id FROM orders WHERE id = $1", "SRC-437")):
        made = side.project(f'  - {{ name: t, query: "{query}" }}\n')
        cases.true(f"PostgreSQL: {name}", *fails(made, code))
        made.remove()
    cases.check("PostgreSQL: nothing was written", side.rows("select (select count(*) from written), (select count(*) from orders)")[0], ["0", "297"])
    made = side.project("  - name: t\n    query: |\n      SELECT id,\n        'ü', wrong\n      FROM orders\n")
    cases.true("PostgreSQL: the place in the query", *fails(made, "SRC-437", "line 2, column 8", "sources/shop.yml:4:"))
    made.remove()
    made = side.project("  - { name: t, query: SELECT o.id FROM orders o JOIN shops s ON s.id = o.shop }\n")
    made.write({"connections.yml": "connections:\n  shop: { type: postgres, uri: '" + server.url.replace("postgres@", "ann:a-pass-word@", 1) + "' }\n"})
    cases.true("PostgreSQL: no right to a table of it", *fails(made, "SRC-247", "orders", "sources/shop.yml:3:"))
    made.remove()
    made = side.project("  - { name: t, query: 'SELECT id, 1 / (id - 250) AS one FROM orders ORDER BY id', structured: false }\n")
    cases.true("PostgreSQL: an error among its rows", *fails(made, "division by zero", "table t"))
    made.remove()


def mariadb_alone(cases, side):
    columns = {"tiny": "tinyint", "utiny": "tinyint unsigned", "sm": "smallint", "med": "mediumint unsigned zerofill", "whole": "int", "uwhole": "int unsigned", "big": "bigint",
               "ubig": "bigint unsigned", "money": "decimal(6,2)", "umoney": "decimal(7,3) unsigned", "flat": "decimal(20,0)", "all_scale": "decimal(5,5)", "wide": "decimal(38,10)",
               "widest": "decimal(65,30)", "single": "float", "real8": "double", "bit1": "bit(1)", "bit64": "bit(64)", "day": "date", "moment": "datetime(6)",
               "instant": "timestamp(6) null", "span": "time(3)", "yr": "year", "fixed": "char(5)", "latin": "varchar(20) character set latin1", "txt": "longtext", "bin": "varbinary(10)",
               "fbin": "binary(3)", "blb": "longblob", "kind": "enum('a','b c')", "kinds": "set('x','y')", "doc": "json", "uid": "uuid", "addr": "inet6", "geo": "point"}
    values = ["-128", "255", "-7", "16777215", "-2147483648", "4294967295", "-9223372036854775808", "18446744073709551615", "-9999.99", "9999.999", "-99999999999999999999", "-0.12345",
              "-9999999999999999999999999999.9999999999", "12345678901234567890123456789012345.123456789012345678901234567890", "123456.7", "0.1", "b'1'", "0xFFFFFFFFFFFFFFFF",
              "'9999-12-31'", "'9999-12-31 23:59:59.999999'", "'2038-01-19 03:14:07.999999'", "'-838:59:59'", "2155", "'é😀'", "'ÄÖÜß'", "repeat('x', 70000)", "x'00FF10'", "x'010203'", "x'C3A9'",
              "'b c'", "'x,y'", "'{\"a\": 1.10}'", "'123e4567-e89b-12d3-a456-426614174000'", "'::1'", "point(1, 2)"]
    side.run(f"create table types (id int primary key, {', '.join(f'{name} {kind}' for name, kind in columns.items())}); set sql_mode='';"
             f"insert into types values (1, {', '.join(values)}); insert into types (id) values (2)")
    made = side.project("  - { name: types, structured: false }\n  - { name: asked, query: SELECT * FROM types, structured: false }\n")
    made.run("run")
    described = "select column_name, column_type from (describe select * from raw_shop.{})"
    for asked, table in zip(made.rows(described.format("asked")), made.rows(described.format("types"))):
        cases.check(f"MariaDB: type of {table[0]}", asked, table)
    everything = "select columns(c -> not starts_with(c, '_')) from raw_shop.{} order by id"
    cases.check("MariaDB: and every value", made.rows(everything.format("asked")), made.rows(everything.format("types")))
    made.remove()
    made = side.project("  - name: t\n    structured: false\n    query: |\n      SELECT 'it\\'s; so' AS a, NULL AS n, count(*) AS c, sum(total) AS s, max(placed) AS m, now() > '2020-01-01' AS b, `id` + 1 AS `x;y` -- so\n"
                        "      FROM orders # and\n      WHERE id <= 10\n      GROUP BY 7\n      HAVING `x;y` = 2\n")
    made.run("run")
    cases.check("MariaDB: expressions", made.one('select a, n, c, s, m, b, "x;y" from raw_shop.t'), ["it's; so", "", "1", "0.00", "2026-01-01", "1", "2"])
    made.remove()
    side.run("create table written (id int);\ndelimiter $$\ncreate function writes() returns int modifies sql data begin insert into written values (1); return 1; end$$\ndelimiter ;")
    made = side.project("  - { name: t, query: SELECT writes() AS id }\n")
    cases.true("MariaDB: a function that writes", *fails(made, "READ ONLY"))
    made.remove()
    cases.check("MariaDB: nothing was written", side.rows("select count(*) from written")[0], ["0"])
    side.run("create user ann@'%' identified by 'a-pass-word'; grant select on shop.shops to ann@'%'")
    made = side.project("  - { name: t, query: SELECT o.id FROM orders o JOIN shops s ON s.id = o.shop }\n")
    made.write({"connections.yml": f"connections:\n  shop: {{ type: mysql, uri: 'mysql://ann:a-pass-word@127.0.0.1:{side.server.port}/shop' }}\n"})
    cases.true("MariaDB: no right to a table of it", *fails(made, "SRC-272", "orders", "sources/shop.yml:3:"))
    made.remove()


def duckdb_alone(cases, side):
    side.run("create schema other; create table other.items (id int); insert into other.items values (7); create view seen as select id from orders where id < 10; "
             "create view joined as select s.name, count(*) as n from orders o join shops s on s.id = o.shop group by all; "
             "create table kinds as select 1::hugeint h, 2.5::decimal(9,2) d, timestamp_ns '2026-01-01 10:00:00.000001' t, [1, 2] l, {'a': 1} s, 'x'::blob b, uuid() u, "
             "interval 1 day i, timestamptz '2026-01-01 10:00:00+02' z, 'a'::enum('a', 'b') e, true bo")
    made = side.project("  - { name: kinds, structured: false }\n  - { name: asked, query: SELECT * FROM kinds, structured: false }\n"
                        "  - { name: joined, structured: false }\n")
    made.run("run")
    cases.check("DuckDB: a view's rows are those that it answers", made.one("select count(*), sum(n) from raw_shop.joined"), ["3", "300"])
    described = "select column_name, column_type from (describe select * from raw_shop.{})"
    cases.check("DuckDB: every type as of the table", made.rows(described.format("asked")), made.rows(described.format("kinds")))
    everything = "select columns(c -> not starts_with(c, '_')) from raw_shop.{}"
    cases.check("DuckDB: and every value", made.rows(everything.format("asked")), made.rows(everything.format("kinds")))
    made.remove()
    for more, query, rows in (("", "SELECT id FROM other.items", [["7"]]), (", schema: other", "FROM items", [["7"]]),
                              ("", "WITH orders AS (SELECT id FROM orders WHERE id = 9), b AS (SELECT id FROM ORDERS) SELECT id FROM b", [["9"]]),
                              ("", "WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < 3) SELECT id FROM n ORDER BY id", [["1"], ["2"], ["3"]]),
                              ("", "SELECT s.id FROM seen s JOIN range(2, 4) r(i) ON s.id = r.i WHERE EXISTS (SELECT 1 FROM orders o WHERE o.id = s.id)", [["2"], ["3"]])):
        made = side.project(f'  - {{ name: t, query: "{query}", structured: false }}\n', more)
        made.run("run")
        cases.check(f"DuckDB: {query}{more}", made.rows("select id from raw_shop.t order by id"), rows)
        made.remove()
    for name, query, word in (("a file", "SELECT * FROM read_csv('x.csv')", "read_csv"), ("a file by its name", "SELECT * FROM 'connections.yml'", "connections.yml"),
                              ("another database", "SELECT * FROM memory.main.x", "memory"), ("what there is", "SELECT * FROM (DESCRIBE orders)", "DESCRIBE")):
        made = side.project(f'  - {{ name: t, query: "{query}", structured: false }}\n')
        cases.true(f"DuckDB: {name}", *fails(made, "SRC-437", word, "sources/shop.yml:3:"))
        made.remove()


def sides(postgres, mariadb, folder):
    on_postgres = (postgres, postgres.sql, lambda sql: [row.split("|") for row in postgres.sql(sql).split("\n")])
    on_mariadb = (mariadb, lambda sql: mariadb.run(sql, "shop"), lambda sql: mariadb.rows(sql, "shop"))
    made = [
        Side(lambda: Project(LEAT), "PostgreSQL", *on_postgres, lambda more: f"{{ type: postgres, uri: '{postgres.url}'{more} }}", '"', 1600),
        Side(lambda: Project(LEAT), "MariaDB", *on_mariadb,
             lambda more: f"{{ type: mysql, host: 127.0.0.1, port: {mariadb.port}, user: root, database: shop{more} }}", "`", 1000),
    ]
    file = SqliteFile(os.path.join(folder, "shop.db"))
    duck = DuckDbFile(os.path.join(folder, "shop.duckdb"))
    made += [
        Side(lambda: Project(LEAT), "DuckDB", duck, duck.run, duck.rows, lambda more: f"{{ type: duckdb, file: {duck.path}{more} }}", '"', 2000),
        Side(lambda: Project(LEAT), "SQLite", file, file.run, file.rows, lambda more: f"{{ type: sqlite, file: {file.path}{more} }}", '"', 2000),
        Side(lambda: OdbcProject(LEAT), "PostgreSQL over ODBC", *on_postgres, lambda more: postgres_connection(postgres, more), '"', 1600),
        Side(lambda: OdbcProject(LEAT), "MariaDB over ODBC", *on_mariadb, lambda more: mariadb_connection(mariadb, "shop", more), "`", 1000),
        Side(lambda: OdbcProject(LEAT), "SQLite over ODBC", file, file.run, file.rows, lambda more: sqlite_connection(file.path, more), '"', 2000),
    ]
    return made


def main():
    cases = Cases()
    with PostgresServer() as postgres, MariaDb() as mariadb:
        mariadb.run("create database shop")
        for side in sides(postgres, mariadb, scratch("leat-queries-")):
            side.run("drop table if exists orders; drop table if exists shops;" + SETUP)
            rows_of(cases, side)
            going_on(cases, side)
            changing(cases, side)
            refused(cases, side)
            if side.name == "PostgreSQL":
                postgres_alone(cases, side, postgres)
            if side.name == "MariaDB":
                mariadb_alone(cases, side)
            if side.name == "DuckDB":
                duckdb_alone(cases, side)
    cases.finish()


if __name__ == "__main__":
    main()
