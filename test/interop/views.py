"""Views: Spark's whole lifecycle, one view in two dialects, PyIceberg's verbs."""
import json

NS = "views_of_spark"


def refused(act):
    try:
        act()
        return ""
    except Exception as error:  # whatever the engine throws: its text is asked
        return str(error)


def version(texts, number):
    return {"version-id": number, "timestamp-ms": 1_800_000_000_000 + number, "schema-id": 0, "summary": {"engine-name": "test"},
            "default-namespace": ["trusted"], "representations": [{"type": "sql", "dialect": d, "sql": t} for d, t in texts.items()]}


def texts_of(server, ns, name):
    metadata = server.call("GET", f"/v1/lake/namespaces/{ns}/views/{name}", token=server.admin)[1]["metadata"]
    version = next(v for v in metadata["versions"] if v["version-id"] == metadata["current-version-id"])
    return metadata, {form["dialect"]: form["sql"] for form in version["representations"]}


def views_of_models(cases, project, server, spark):
    """Spark reads the views that models make: same rows as Leat, whether the text was generated, given or its own."""
    for name, columns, source in (("trusted.recent", "id, who, amount", "generated"), ("trusted.months", "id, twice", "given"),
                                  ("open_shop.counted", "customer, n, most", "generated")):
        metadata, texts = texts_of(server, *name.split("."))
        cases.check(f"{name}: the property says where its text is from", (metadata["properties"].get("leat.dialect.spark"), set(texts)),
                    (source, {"duckdb", "spark"}))
        theirs = sorted(tuple(str(value) for value in row) for row in spark.sql(f"select {columns} from lake.{name}"))
        ours = sorted(tuple(row) for row in project.rows(f"select {columns} from {name}"))
        cases.true(f"{name}: Spark finds the rows that Leat finds", theirs == ours and theirs, f"{theirs[:5]}\n  {ours[:5]}")
        spark_types = {row[0]: row[1] for row in spark.sql(f"describe lake.{name}")}
        cases.true(f"{name}: Spark knows its columns", set(columns.split(", ")) <= set(spark_types), spark_types)
    metadata, texts = texts_of(server, "trusted", "halves")
    cases.check("what may mean something else has no text", (set(texts), "leat.dialect.spark" in metadata["properties"]),
                ({"duckdb"}, False))

    # Another engine's text stays as long as the columns do.
    own = {"spark": "select customer, cast(7 as bigint) as n, max(amount) as most from lake.trusted.orders group by customer",
           "trino": "select customer, 7 as n, 0.0 as most"}
    metadata, texts = texts_of(server, "open_shop", "counted")
    added = version({**texts, **own}, 2)
    added["schema-id"] = metadata["versions"][-1]["schema-id"]
    status, body = server.call("POST", "/v1/lake/namespaces/open_shop/views/counted", {
        "requirements": [], "updates": [{"action": "add-view-version", "view-version": added},
                                        {"action": "set-current-view-version", "view-version-id": -1}]}, token=server.admin)
    cases.check("another engine adds its texts to a model's view", status, 200)
    model = "{{{{ config(materialized='view', schema='open_shop') }}}}\nselect customer, {} as n, max(amount) as most from {{{{ ref('orders') }}}} group by 1\n"
    project.write({"models/counted.sql": model.format("count(id)")})
    project.run("run", "--select", "counted")
    metadata, texts = texts_of(server, "open_shop", "counted")
    cases.check("a run builds it anew: their texts stay", {d: texts.get(d) for d in own}, own)
    cases.true("DuckDB's is the model's, the other is not called generated",
               "count(id)" in texts["duckdb"] and "leat.dialect.spark" not in metadata["properties"], metadata)
    cases.check("Spark reads its own", {row[0] for row in spark.sql("select n from lake.open_shop.counted")}, {7})
    project.write({"models/counted.sql": model.format("cast(count(id) as varchar)")})
    done = project.run("run", "--select", "counted")
    metadata, texts = texts_of(server, "open_shop", "counted")
    cases.check("with another type of a column they go", set(texts), {"duckdb"})
    cases.true("and the run says so", "spark, trino" in done.stdout + done.stderr, done.stdout + done.stderr)
    project.write({"models/counted.sql": model.format("count(*)")})
    project.run("run", "--select", "counted")
    cases.check("a text is generated again", texts_of(server, "open_shop", "counted")[0]["properties"].get("leat.dialect.spark"), "generated")
    done = project.run("run", "--select", "counted")
    cases.true("nothing changed, nothing is built", "text is unchanged" in done.stdout + done.stderr, done.stdout + done.stderr)


def views(cases, project, server, engines):
    pyiceberg, spark, _ = engines
    views_of_models(cases, project, server, spark)
    count = int(project.one("select count(*) from trusted.by_customer")[0])
    spark.sql(f"create namespace lake.{NS}")
    spark.sql(f"create view lake.{NS}.big (who comment 'the customer', n) comment 'all of them' tblproperties ('a' = 'b') as "
              "select customer, orders from lake.trusted.by_customer")
    cases.check("Spark queries its view", spark.sql(f"select count(*), sum(n) from lake.{NS}.big"), [(count, 100)])
    cases.check("Spark lists it", {row[1] for row in spark.sql(f"show views in lake.{NS}")}, {"big"})
    described = {row[0]: row[1] for row in spark.sql(f"describe extended lake.{NS}.big")}
    cases.true("Spark describes it", described.get("who") == "string", described)
    cases.true("and its properties", ("a", "b") in spark.sql(f"show tblproperties lake.{NS}.big"))
    cases.true("Spark shows how it was made", "by_customer" in spark.sql(f"show create table lake.{NS}.big")[0][0])
    cases.true("a second one of the name is refused", "already exists" in refused(
        lambda: spark.sql(f"create view lake.{NS}.big as select 1 as a")))
    cases.true("a table of the name is refused", "already exists" in refused(
        lambda: spark.sql(f"create table lake.{NS}.big (a int) using iceberg")))
    error = project.run("sql", "-c", f"select * from {NS}.big", expect=None)
    cases.true("leat sql refuses Spark's text by name", error.returncode != 0 and "SQL-406" in error.stderr and "spark" in error.stderr,
               error.stderr)

    spark.sql(f"create or replace view lake.{NS}.big as select id, amount from lake.trusted.orders where id < 10")
    cases.check("Spark replaces it", spark.sql(f"select count(*) from lake.{NS}.big"), [(10,)])
    spark.sql(f"alter view lake.{NS}.big set tblproperties ('c' = 'd')")
    spark.sql(f"alter view lake.{NS}.big unset tblproperties ('c')")
    cases.true("properties are set and removed", not any(row[0] == "c" for row in spark.sql(f"show tblproperties lake.{NS}.big")))
    spark.sql(f"create or replace view lake.{NS}.big as select id from lake.trusted.orders where id < 5")
    cases.check("and again", spark.sql(f"select count(*) from lake.{NS}.big"), [(5,)])

    # One view, two dialects.
    path = f"/v1/lake/namespaces/{NS}/views/big"
    metadata = server.call("GET", path, token=server.admin)[1]["metadata"]
    both = version({"spark": "select id from lake.trusted.orders where id < 5", "duckdb": "select id from orders where id < 5"}, 9)
    both["schema-id"] = metadata["versions"][-1]["schema-id"]
    status, body = server.call("POST", path, {
        "requirements": [{"type": "assert-view-uuid", "uuid": metadata["view-uuid"]}],
        "updates": [{"action": "add-view-version", "view-version": both},
                    {"action": "set-current-view-version", "view-version-id": -1}]}, token=server.admin)
    cases.check("a text for DuckDB is added", status, 200)
    cases.check("leat sql reads it", project.one(f"select count(*), max(id) from {NS}.big"), ["5", "4"])
    cases.check("Spark still reads its own", spark.sql(f"select count(*) from lake.{NS}.big"), [(5,)])
    lost = refused(lambda: spark.sql(f"create or replace view lake.{NS}.big as select 1 as id"))
    cases.true("a replacement that loses DuckDB's text is refused", "dialect" in lost.lower(), lost or "it was taken")

    cases.true("PyIceberg lists it", (NS, "big") in pyiceberg.catalog.list_views(NS))
    cases.true("PyIceberg finds it", pyiceberg.catalog.view_exists((NS, "big")))
    spark.sql(f"alter view lake.{NS}.big rename to lake.{NS}.small")
    cases.check("Spark renames it", {row[1] for row in spark.sql(f"show views in lake.{NS}")}, {"small"})
    spark.sql(f"create view lake.{NS}.other as select 1 as a")
    spark.sql(f"drop view lake.{NS}.other")
    spark.sql(f"drop view if exists lake.{NS}.other")
    pyiceberg.catalog.drop_view((NS, "small"))
    cases.check("both are gone", spark.sql(f"show views in lake.{NS}"), [])
    spark.sql(f"drop namespace lake.{NS}")
    cases.true("so is their namespace", NS not in spark.namespaces(), json.dumps(sorted(spark.namespaces())))
