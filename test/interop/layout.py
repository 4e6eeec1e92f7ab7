"""Partition specs, sort orders and nested columns that change while old files stay as they are: every engine reads old and new
rows alike, with filters that prune, whoever changed the table and whoever wrote the rows."""
import csv
import datetime
import io
from collections import Counter

import pyarrow as pa

NS = "layout"
FIRST = datetime.date(2020, 1, 1)


def rows(first, count, street="street", city=False):
    address = [{street: f"road {i}", "zip": i} | ({"city": f"town {i % 3}"} if city else {}) for i in range(first, first + count)]
    return pa.table({
        "id": pa.array(range(first, first + count), pa.int64() if city else pa.int32()),
        "day": pa.array([FIRST + datetime.timedelta(days=11 * i) for i in range(first, first + count)], pa.date32()),
        "address": pa.array(address),
        "tags": pa.array([[i, i + 1] for i in range(first, first + count)], pa.list_(pa.int64() if city else pa.int32())),
    })


def expected(count, condition):
    return sorted(i for i in range(count) if condition(i, FIRST + datetime.timedelta(days=11 * i)))


QUERIES = [
    ("all rows", "true", "id >= 0", lambda i, day: True),
    ("one key", "id = 7", "id == 7", lambda i, day: i == 7),
    ("a range of days", "day >= date '2020-02-01' and day < date '2020-05-01'", "day >= '2020-02-01' and day < '2020-05-01'",
     lambda i, day: datetime.date(2020, 2, 1) <= day < datetime.date(2020, 5, 1)),
    ("the newest keys", "id > 50", "id > 50", lambda i, day: i > 50),
]


def ids(engine, table, sql, condition):
    if engine.name == "pyiceberg":
        return sorted(engine.catalog.load_table(f"{NS}.{table}").scan(row_filter=condition).to_arrow()["id"].to_pylist())
    return sorted(row[0] for row in engine.sql(f"select id from lake.{NS}.{table} where {sql}"))


def agree(cases, what, project, engines, table, count, *options):
    for name, sql, condition, keep in QUERIES:
        want = expected(count, keep)
        got = {engine.name: ids(engine, table, sql, condition) for engine in engines}
        out = project.run("sql", "-c", f"select id from {NS}.{table} where {sql}", "--output", "csv", *options).stdout
        got["leat"] = sorted(int(row[0]) for row in list(csv.reader(io.StringIO(out)))[1:])
        wrong = {engine: found for engine, found in got.items() if found != want}
        cases.true(f"{what}: all find {name}", not wrong, f"expected {want}, got {wrong}")


def specs(spark, table):
    return dict(Counter(row[0] for row in spark.sql(f"select spec_id from lake.{NS}.{table}.files where content = 0")))


def append(engine, table, data):
    if engine.name == "pyiceberg":
        target = engine.catalog.load_table(f"{NS}.{table}")
        target.append(data.cast(target.schema().as_arrow()))
        return
    values = ", ".join(
        f"({row['id']}, date '{row['day']}', named_struct({', '.join(_member(name, value) for name, value in row['address'].items())}), "
        f"array({', '.join(map(str, row['tags']))}))" for row in data.to_pylist())
    engine.sql(f"insert into lake.{NS}.{table} values {values}")


def _member(name, value):
    return f"'{name}', " + (f"'{value}'" if isinstance(value, str) else f"{value}L")


def leat_changes(cases, project, engines, pyiceberg, spark):
    """leat lake alter, in steps; each engine appends under each spec."""
    pyiceberg.create(NS, "reshaped", rows(0, 10))
    alter = lambda *what: project.run("lake", "alter", f"{NS}.reshaped", *what)
    alter("--partition-by", "day", "--sort-by", "id desc")  # PyIceberg writes no transforms without a library of its own
    append(pyiceberg, "reshaped", rows(10, 10))
    agree(cases, "leat partitioned a table of PyIceberg", project, engines, "reshaped", 20)
    alter("--partition-by", "bucket(4, id), month(day)")
    append(spark, "reshaped", rows(20, 10))
    agree(cases, "leat partitioned it otherwise", project, engines, "reshaped", 30)
    alter("--rename", "address.street=road", "--add", "address.city string", "--type", "id=long", "--type", "tags.element=long",
          "--type", "address.zip=long", "--partition-by", "none")
    append(pyiceberg, "reshaped", rows(30, 15, "road", True).select(["id", "day", "address", "tags"]))
    append(spark, "reshaped", _ordered(rows(45, 15, "road", True), spark))
    agree(cases, "leat changed nested columns and took the partitions away", project, engines, "reshaped", 60)
    found = specs(spark, "reshaped")
    cases.true("old files keep the spec that they were written with", len(found) == 3 and sum(found.values()) >= 4, found)
    nested = "select id, address.road, address.city, tags[{0}] from {1}.reshaped where id in (5, 35) order by id"
    want = [(5, "road 5", None, 5), (35, "road 35", "town 2", 35)]
    cases.check("Spark reads nested columns of old and new rows", spark.sql(nested.format(0, f"lake.{NS}")), want)
    out = project.rows(nested.format(1, NS))
    cases.check("leat reads nested columns of old and new rows", out, [["5", "road 5", "", "5"], ["35", "road 35", "town 2", "35"]])
    table = pyiceberg.rows(NS, "reshaped").to_pylist()
    got = sorted((row["id"], row["address"]["road"], row["address"]["city"], row["tags"][0]) for row in table if row["id"] in (5, 35))
    cases.check("PyIceberg reads nested columns of old and new rows", got, want)


def _ordered(data, spark):
    """Members of the struct in the order of the table: Spark's VALUES go by position."""
    names = [field.name for field in spark.session.table(f"lake.{NS}.reshaped").schema["address"].dataType]
    address = [{name: row["address"][name] for name in names} for row in data.to_pylist()]
    return data.set_column(2, "address", pa.array(address))


def others_change(cases, project, engines, pyiceberg, spark, server):
    """Spark and PyIceberg change the spec and the order; Leat writes under them, on an environment."""
    from pyiceberg.transforms import BucketTransform, MonthTransform
    pyiceberg.create(NS, "foreign_spec", rows(0, 10))
    with pyiceberg.catalog.load_table(f"{NS}.foreign_spec").update_spec() as update:
        update.add_field("day", MonthTransform(), "by_month")
    spark.sql(f"alter table lake.{NS}.foreign_spec write ordered by id desc")
    project.run("env", "create", "layout")
    insert = ("insert into {0}.foreign_spec select i::integer, (date '2020-01-01' + (11 * i)::integer)::date, "
              "{{'street': 'road ' || i, 'zip': i}}, [i::integer, i::integer + 1] from range({1}, {2}) as r(i)")
    write = lambda first, last: project.run("sql", "--write", "--ref", "env/layout", "-c", insert.format(NS, first, last))
    write(10, 30)
    with type(pyiceberg)(server, "lake@env/layout").catalog.load_table(f"{NS}.foreign_spec").update_spec() as update:
        update.remove_field("by_month")
        update.add_field("id", BucketTransform(8), "by_id")
    write(30, 60)
    on_branch = type(pyiceberg)(server, "lake@env/layout")
    agree(cases, "Leat wrote under specs of PyIceberg and an order of Spark", project, [on_branch], "foreign_spec", 60, "--ref",
          "env/layout")
    files = on_branch.catalog.load_table(f"{NS}.foreign_spec").inspect.files().to_pylist()
    cases.check("with a file for each partition of its own spec", sorted({file["spec_id"] for file in files}), [0, 1, 2])


def project_changes(cases, project, engines, spark):
    """partition_by and sort_by of an incremental model change in its file; what is there stays."""
    model = ("{{{{ config(materialized='incremental', unique_key='id', schema='" + NS + "', partition_by=[{0}], sort_by=['id']) }}}}\n"
             "select i::integer as id, (date '2020-01-01' + (11 * i)::integer)::date as day from range({1}, {2}) as r(i)\n")
    for partition, first, last in (("", 0, 20), ("'month(day)'", 20, 40), ("'bucket(4, id)'", 40, 60)):
        project.write({"models/moving.sql": model.format(partition, first, last)})
        project.run("run", "--select", "moving")
    agree(cases, "a model's partition_by changed twice", project, engines, "moving", 60)
    cases.check("its files have three specs", sorted(specs(spark, "moving")), [0, 1, 2])


def sorted_load(cases, project, pyiceberg):
    """A sorted table is written as one file for each range of its key, whatever order the rows came in."""
    project.write({
        "sources/sorted.yml": "source: sorted\nconnection: inbound\nschema: layout_raw\ntables:\n  - name: shuffled\n    files: shuffled.csv\n"
                              "    structured: false\n    sort_by: [id]\n    properties: { write.target-file-size-bytes: 4096 }\n",
        "in/shuffled.csv": "id,note\n" + "".join(f"{i * 7919 % 1009},x\n" for i in range(1009))})
    project.run("run", "--select", "source:sorted")
    files = pyiceberg.catalog.load_table("layout_raw.shuffled").inspect.files().to_pylist()
    ranges = sorted((file["readable_metrics"]["id"]["lower_bound"], file["readable_metrics"]["id"]["upper_bound"]) for file in files)
    apart = all(one[1] < two[0] for one, two in zip(ranges, ranges[1:]))
    cases.true("a sorted load gives one file for each range of the key", len(ranges) > 3 and apart, ranges)
    cases.check("whose metadata says that it is sorted", {file["sort_order_id"] for file in files}, {1})


def layout(cases, project, server, engines):
    pyiceberg, spark, _ = engines
    leat_changes(cases, project, engines, pyiceberg, spark)
    others_change(cases, project, engines, pyiceberg, spark, server)
    project_changes(cases, project, engines, spark)
    sorted_load(cases, project, pyiceberg)
