"""Schema evolution: each engine changes a table of its own; Leat and the others read old and new rows alike."""
import csv
import io
from decimal import Decimal

EXPECTED = [(1, "a", 1.5, Decimal("1.25"), None), (2 ** 40, "b", 2.5, Decimal("1234567890.25"), "x")]
SELECT = "select id, label, score, price, extra from {} order by id"


def by_pyiceberg(engine, ns):
    import pyarrow as pa
    from pyiceberg.types import DecimalType, DoubleType, LongType, StringType
    first = pa.table({"id": pa.array([1], pa.int32()), "name": ["a"], "score": pa.array([1.5], pa.float32()),
                      "price": pa.array([Decimal("1.25")], pa.decimal128(9, 2)), "gone": ["y"]})
    engine.create(ns, "evolved", first)
    table = engine.catalog.load_table(f"{ns}.evolved")
    with table.update_schema() as update:
        update.add_column("extra", StringType())
        update.rename_column("name", "label")
        update.update_column("id", field_type=LongType())
        update.update_column("score", field_type=DoubleType())
        update.update_column("price", field_type=DecimalType(18, 2))
        update.delete_column("gone")
    table.append(pa.table({"id": [2 ** 40], "label": ["b"], "score": [2.5],
                           "price": pa.array([Decimal("1234567890.25")], pa.decimal128(18, 2)), "extra": ["x"]}))


def by_spark(engine, ns):
    table = f"lake.{ns}.evolved"
    engine.sql(f"create namespace if not exists lake.{ns}")
    engine.sql(f"create table {table} (id int, name string, score float, price decimal(9, 2), gone string) using iceberg")
    engine.sql(f"insert into {table} values (1, 'a', cast(1.5 as float), 1.25, 'y')")
    engine.sql(f"alter table {table} add column extra string")
    engine.sql(f"alter table {table} rename column name to label")
    engine.sql(f"alter table {table} alter column id type bigint")
    engine.sql(f"alter table {table} alter column score type double")
    engine.sql(f"alter table {table} alter column price type decimal(18, 2)")
    engine.sql(f"alter table {table} drop column gone")
    engine.sql(f"insert into {table} (id, label, score, price, extra) values ({2 ** 40}, 'b', 2.5, 1234567890.25, 'x')")


def by_duckdb(engine, ns):
    table = f"lake.{ns}.evolved"
    engine.sql(f"create schema if not exists lake.{ns}")
    engine.sql(f"create table {table} (id integer, name varchar, score float, price decimal(9, 2), gone varchar)")
    engine.sql(f"insert into {table} values (1, 'a', 1.5, 1.25, 'y')")
    engine.sql(f"alter table {table} add column extra varchar")
    engine.sql(f"alter table {table} rename column name to label")
    engine.sql(f"alter table {table} alter column id type bigint")
    engine.sql(f"alter table {table} alter column score type double")
    engine.sql(f"alter table {table} alter column price type decimal(18, 2)")
    engine.sql(f"alter table {table} drop column gone")
    engine.sql(f"insert into {table} (id, label, score, price, extra) values ({2 ** 40}, 'b', 2.5, 1234567890.25, 'x')")


def read(engine, ns):
    if engine.name == "pyiceberg":
        rows = engine.rows(ns, "evolved").to_pylist()
        return sorted((row["id"], row["label"], row["score"], row["price"], row["extra"]) for row in rows)
    return engine.sql(SELECT.format(f"lake.{ns}.evolved"))


def evolution(cases, project, server, engines):
    for engine in engines:
        ns = f"of_{engine.name}"
        globals()[f"by_{engine.name}"](engine, ns)
        for reader in engines:
            cases.check(f"{reader.name} reads what {engine.name} evolved", read(reader, ns), EXPECTED)
        out = project.run("sql", "-c", SELECT.format(f"{ns}.evolved"), "--output", "csv").stdout
        rows = [(int(i), label, float(score), Decimal(price), extra or None) for i, label, score, price, extra in list(csv.reader(io.StringIO(out)))[1:]]
        cases.check(f"leat reads what {engine.name} evolved", rows, EXPECTED)
