"""Nested namespaces: made, listed, written and read by each engine; our SQL calls them by one quoted name."""
from engines import sample


def nested(cases, project, server, engines):
    pyiceberg, spark, duckdb = engines
    spark.sql("create namespace lake.region")
    spark.sql("create namespace lake.region.north")
    cases.true("Spark lists the level below", ("region.north",) in spark.sql("show namespaces in lake.region"))
    cases.check("PyIceberg lists it", pyiceberg.catalog.list_namespaces("region"), [("region", "north")])
    pyiceberg.catalog.create_namespace(("region", "south"), {"owner": "ann"})
    cases.check("PyIceberg reads its properties", pyiceberg.catalog.load_namespace_properties(("region", "south")).get("owner"), "ann")

    spark.sql("create table lake.region.north.orders (id bigint, customer string, amount decimal(12, 2)) using iceberg")
    spark.sql("insert into lake.region.north.orders values (1, 'a', 1.25), (2, 'b', 2.50)")
    table = pyiceberg.catalog.load_table(("region", "north", "orders"))
    table.append(sample(3, 3).cast(table.schema().as_arrow()))
    expected = (5, 12)
    rows = pyiceberg.catalog.load_table(("region", "north", "orders")).scan().to_arrow()
    cases.check("PyIceberg reads both", (rows.num_rows, sum(rows["id"].to_pylist())), (5, 15))
    cases.check("Spark reads both", spark.sql("select count(*), sum(id) - 3 from lake.region.north.orders"), [expected])
    cases.check("leat sql reads both", project.one('select count(*), sum(id) - 3 from "region.north".orders'), ["5", "12"])
    fresh = type(duckdb)(server)
    cases.check("DuckDB reads both", fresh.sql('select count(*), sum(id) - 3 from lake."region.north".orders'), [expected])

    spark.sql("alter table lake.region.north.orders rename to region.south.orders")
    cases.check("renamed across namespaces", project.one('select count(*) from "region.south".orders'), ["5"])
    pyiceberg.catalog.purge_table(("region", "south", "orders"))
    for level in ("region.north", "region.south", "region"):
        spark.sql(f"drop namespace lake.{level}")
    cases.true("all are gone", "region" not in spark.namespaces())
