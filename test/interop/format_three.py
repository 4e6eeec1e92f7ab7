"""Format v3: deletion vectors and row ids of Leat read by the others and the other way round; defaults, types, upgrades."""
import traceback

from leat_project import Project

TABLE = "raw_third.orders"
ROWS = "select id, note, _row_id, _last_updated_sequence_number from {} order by id"


def write_orders(project, name, rows):
    lines = "".join(f"{i},{note},{op}\n" for i, note, op in rows)
    project.write({f"in/third_{name}.csv": "id,note,op\n" + lines})
    project.run("run")


def copy_of(project, server, tables):
    """Another project that has `tables` as its sources, over the catalogue: (name, name here, rest of the entry)."""
    copy = Project(project.leat)
    entries = "".join(f"  - {{ name: {name}, table: {table}, structured: false{more} }}\n" for name, table, more in tables)
    copy.write({"leat.yml": "version: 1\nname: copy\n", "sources/lake.yml": "connection: lake\ntables:\n" + entries,
                "connections.yml": f"connections:\n  lake: {{ type: iceberg, catalog: '{server.url}', warehouse: lake, token: '${{env:COPY_TOKEN}}', path: {project.folder} }}\n"})
    return copy


def check_copy(cases, what, copy, server, name, expected):
    copy.run("run", COPY_TOKEN=server.reader)
    cases.check(f"{what}: the iceberg source", {int(i): note for i, note in copy.rows(f"select id, note from raw_lake.{name}")}, expected)


def of_leat(project, table=TABLE, *options):
    return [(int(i), note, int(row), int(last)) for i, note, row, last in project.rows(ROWS.format(table), *options)]


def same_rows(cases, what, project, engines, expected, copy):
    pyiceberg, spark, duckdb = engines
    check_copy(cases, what, copy, duckdb.server, "orders", expected)
    rows = of_leat(project)
    cases.check(f"{what}: leat", {i: note for i, note, _, _ in rows}, expected)
    cases.check(f"{what}: row ids of Spark and Leat", spark.sql(ROWS.format(f"lake.{TABLE}")), rows)
    cases.check(f"{what}: DuckDB", dict(type(duckdb)(duckdb.server).sql(f"select id, note from lake.{TABLE}")), expected)
    table = pyiceberg.rows(*TABLE.split("."))
    cases.check(f"{what}: PyIceberg", dict(zip(table["id"].to_pylist(), table["note"].to_pylist())), expected)
    return {i: row for i, _, row, _ in rows}


def vectors(cases, project, server, engines):
    """Upserts and deletes of Leat and Spark in turns on one v3 table: one vector a data file, merged; ids stay."""
    spark = engines[1]
    engines[2].server = server
    project.write({"sources/third.yml": """connection: inbound
schema: raw_third
tables:
  - { name: orders, files: 'third_*.csv', mode: incremental, primary_key: [id], delete_when: "op = 'D'", structured: false,
      properties: { format-version: 3, write.delete.mode: merge-on-read, write.update.mode: merge-on-read } }
"""})
    expected = {i: f"note {i}" for i in range(200)}
    copy = copy_of(project, server, [("orders", TABLE, ", mode: incremental, primary_key: [id], reconcile: { every: 0s }")])
    write_orders(project, 1, [(i, note, "I") for i, note in expected.items()])
    first = same_rows(cases, "v3, first load", project, engines, expected, copy)
    changes = [(i, f"changed {i}", "U") for i in range(0, 200, 10)] + [(i, "", "D") for i in range(5, 200, 50)]
    write_orders(project, 2, changes + [(i, f"note {i}", "I") for i in range(200, 210)])
    expected |= {i: f"changed {i}" for i in range(0, 200, 10)} | {i: f"note {i}" for i in range(200, 210)}
    for i in range(5, 200, 50):
        del expected[i]
    second = same_rows(cases, "v3, after an upsert", project, engines, expected, copy)
    cases.check("rows keep their ids over an upsert of Leat", {i: second[i] for i in first if i in second},
                {i: first[i] for i in first if i in second})
    status, body = server.call("POST", "/v1/lake/namespaces/raw_third/properties",
                               {"updates": {"leat.external_writes": "allow"}}, token=server.admin)
    cases.check("an admin opens the namespace", status, 200)
    spark.sql(f"delete from lake.{TABLE} where id in (1, 10, 201)")
    spark.sql(f"update lake.{TABLE} set note = 'of spark' where id in (2, 20, 202)")
    for i in (1, 10, 201):
        del expected[i]
    expected |= {i: "of spark" for i in (2, 20, 202)}
    third = same_rows(cases, "v3, after Spark", project, engines, expected, copy)
    write_orders(project, 3, [(i, f"again {i}", "U") for i in (3, 20, 203)] + [(4, "", "D")])
    expected |= {i: f"again {i}" for i in (3, 20, 203)}
    del expected[4]
    fourth = same_rows(cases, "v3, after Spark and Leat", project, engines, expected, copy)
    cases.check("rows keep their ids over Spark and Leat", {i: fourth[i] for i in expected}, {i: third[i] for i in expected})
    files = spark.sql(f"select referenced_data_file, count(*) from lake.{TABLE}.delete_files group by 1")
    cases.true("one vector a data file", files and all(name and count == 1 for name, count in files), files)
    engines[2].sql(f"delete from lake.{TABLE} where id = 30")
    del expected[30]
    same_rows(cases, "v3, after DuckDB", project, engines, expected, copy)
    copy.remove()


def upgraded(cases, project, server, engines):
    """A v2 table of Spark with position deletes for several files, upgraded by Leat and changed by both."""
    spark = engines[1]
    project.run("env", "create", "third")
    spark.sql("create namespace if not exists lake.of_spark")
    spark.sql("create table lake.of_spark.upgraded (id bigint, note string) using iceberg tblproperties ('format-version' = '2', "
              "'write.delete.mode' = 'merge-on-read', 'write.delete.granularity' = 'partition')")
    for first in (0, 10, 20):
        spark.sql(f"insert into lake.of_spark.upgraded select id, concat('note ', id) from range({first}, {first + 10})")
    spark.sql("delete from lake.of_spark.upgraded where id in (1, 11)")
    project.run("lake", "alter", "of_spark.upgraded", "--set", "format-version=3")
    rows = spark.sql("select _row_id from lake.of_spark.upgraded")
    cases.check("no rows are lost by an upgrade, none has an id yet", rows, [(None,)] * 28)
    spark.sql("insert into lake.of_spark.upgraded values (30, 'note 30')")
    copy = copy_of(project, server, [("upgraded", "of_spark.upgraded", "")])
    check_copy(cases, "position deletes of Spark, upgraded", copy, server, "upgraded", {i: f"note {i}" for i in range(31) if i not in (1, 11)})
    copy.remove()
    table = "of_spark.upgraded"
    rows = spark.sql(ROWS.format(f"lake.{table}"))
    cases.check("the first commit after it gives all rows ids", of_leat(project, table), rows)
    project.run("env", "create", "upgraded")
    project.run("sql", "--write", "--ref", "env/upgraded", "-c", f"delete from {table} where id in (2, 30)")
    project.run("sql", "--write", "--ref", "env/upgraded", "-c", f"update {table} set note = 'x' where id = 21")
    for setting, value in (("", "org.apache.iceberg.spark.SparkCatalog"), (".type", "rest"), (".uri", server.url),
                           (".warehouse", "lake@env/upgraded"), (".token", server.admin), (".cache-enabled", "false")):
        spark.session.conf.set(f"spark.sql.catalog.upgraded{setting}", value)
    ids = {row[0]: row[2] for row in rows}
    after = spark.sql(ROWS.format(f"upgraded.{table}"))
    cases.check("Spark reads the vectors that took over position deletes", {row[0]: row[2] for row in after},
                {i: row for i, row in ids.items() if i not in (2, 30)})
    cases.check("and Leat the same", of_leat(project, table, "--ref", "env/upgraded"), after)
    kinds = spark.sql(f"select file_format, count(*) from upgraded.{table}.delete_files group by 1 order by 1")
    cases.check("no position delete file is left", [kind for kind, _ in kinds], ["PUFFIN"])


DEFAULTS = [("b", "boolean", "true", "true"), ("i", "int", "7", "7"), ("l", "long", "4294967296", "4294967296"),
            ("f", "float", "1.5", "1.5"), ("d", "double", "-2.25", "-2.25"), ("dec", "decimal(9,2)", '"14.20"', "14.20"),
            ("day", "date", '"2024-02-29"', "2024-02-29"), ("t", "time", '"10:11:12.123456"', "10:11:12.123456"),
            ("ts", "timestamp", '"2024-02-29T10:11:12.123456"', "2024-02-29 10:11:12.123456"),
            ("tz", "timestamptz", '"2024-02-29T10:11:12.123456+00:00"', "2024-02-29 10:11:12.123456+00"),
            ("s", "string", '"it\'s"', "it's"), ("u", "uuid", '"f79c3e09-677c-4bbd-a479-3f349cb785e7"', "f79c3e09-677c-4bbd-a479-3f349cb785e7"),
            ("bin", "binary", '"00ff10"', "\\x00\\xFF\\x10")]
NOT_ASKED = {"t": "Spark has no type for times of day", "bin": "shown in another way"}


def defaults(cases, project, server, engines):
    """Columns with defaults, added by Leat to a table that has rows: every engine fills the old rows alike."""
    pyiceberg, spark, duckdb = engines
    spark.sql("create table lake.of_spark.defaulted (id bigint, st struct<x: int>) using iceberg tblproperties ('format-version' = '3')")
    spark.sql("insert into lake.of_spark.defaulted values (1, named_struct('x', 1))")
    adds = [word for name, kind, value, _ in DEFAULTS for word in ("--add", f"{name} {kind} default {value}")]
    project.run("lake", "alter", "of_spark.defaulted", *adds, "--add", "st.y int default 5")
    names = [name for name, _, _, _ in DEFAULTS]
    got = project.one(f"select {', '.join(f'{name}::varchar' for name in names)}, st.y from of_spark.defaulted")
    cases.check("leat fills old rows with defaults", got, [shown for _, _, _, shown in DEFAULTS] + ["5"])
    asked = [name for name in names if name not in NOT_ASKED and name != "tz"]
    # A column of times of day keeps Spark from reading the table at all.
    project.run("lake", "alter", "of_spark.defaulted", "--drop", "t")
    shown = {name: text for name, _, _, text in DEFAULTS}
    got = spark.sql(f"select {', '.join(f'cast({name} as string)' for name in asked)}, st.y from lake.of_spark.defaulted")[0]
    cases.check("Spark fills old rows with defaults", list(got), [shown[name] for name in asked] + [5])
    fresh = type(duckdb)(server)
    got = fresh.sql(f"select {', '.join(f'{name}::varchar' for name in asked)} from lake.of_spark.defaulted")[0]
    cases.check("DuckDB fills old rows with defaults", list(got), [shown[name] for name in asked])


def from_one(cases, project, server, engines):
    """A v1 table of Spark: read and appended to by Leat, upgraded in place, then changed row by row."""
    pyiceberg, spark = engines[:2]
    spark.sql("create table lake.of_spark.first (id bigint, note string) using iceberg partitioned by (bucket(2, id)) "
              "tblproperties ('format-version' = '1')")
    spark.sql("insert into lake.of_spark.first select id, concat('note ', id) from range(10)")
    spark.sql("insert into lake.of_spark.first select id, concat('note ', id) from range(10, 20)")
    spark.sql("delete from lake.of_spark.first where id = 19")  # files are written again
    count = "select count(*), sum(id) from {}of_spark.first"
    cases.check("leat reads a v1 table", project.one(count.format("")), ["19", "171"])
    project.run("env", "create", "first")
    write = ("sql", "--write", "--ref", "env/first", "-c")
    project.run(*write, "insert into of_spark.first values (100, 'of leat')")
    refused = project.run(*write, "delete from of_spark.first where id = 1", expect=None)
    cases.true("rows of a v1 table are not changed in place", "RUN-602" in refused.stderr and "format-version" in refused.stderr, refused.stderr)
    cases.check("leat appended", project.one(count.format(""), "--ref", "env/first"), ["20", "271"])
    spark.sql("alter table lake.of_spark.first set tblproperties ('format-version' = '2')")
    cases.check("leat reads what Spark upgraded to v2", project.one(count.format("")), ["19", "171"])
    spark.sql("insert into lake.of_spark.first values (200, 'two')")
    project.run("lake", "alter", "of_spark.first", "--format-version", "3")
    spark.sql("insert into lake.of_spark.first values (300, 'three')")
    expected = (21, 671)
    cases.check("leat reads files of three formats", project.one(count.format("")), [str(n) for n in expected])
    cases.check("Spark too", spark.sql(count.format("lake.")), [expected])
    # DuckDB 1.5.5 is not asked: it refuses manifests of v1 in which files stay (no sequence number in the entry).
    cases.check("PyIceberg too", pyiceberg.count_and_sum("of_spark", "first", "id"), expected)
    rows = spark.sql(ROWS.format("lake.of_spark.first"))
    cases.check("row ids of Spark and Leat after the upgrades", of_leat(project, "of_spark.first"), rows)
    cases.true("every row has one", len({row[2] for row in rows}) == 21, rows)


def variants(cases, project, server, engines):
    """Variants that Spark wrote are read by Leat and the other way round."""
    spark = engines[1]
    spark.sql("create table lake.of_spark.variants (id bigint, v variant) using iceberg tblproperties ('format-version' = '3')")
    spark.sql("""insert into lake.of_spark.variants select id, parse_json(text) from values
                 (1, '{"a": 1, "b": [true, null, "x"]}'), (2, '42'), (3, '"text"'), (4, '1.25'), (5, null) as t(id, text)""")
    select = "select id, case when v is not null then v::json::varchar end from of_spark.variants order by id"
    cases.check("leat reads variants of Spark", project.rows(select),
                [["1", '{"a":1,"b":[true,null,"x"]}'], ["2", "42"], ["3", '"text"'], ["4", "1.25"], ["5", ""]])
    project.write({
        "models/measured.yml": "models:\n  - name: measured\n    config: { properties: { format-version: 3 }, partition_by: [day(seen)] }\n",
        "models/measured.sql": "select i::integer as id, make_timestamp_ns(i * 86400000000000 - 1) as seen from range(4) as r(i)\n",
        "models/of_any_type.yml": "models:\n  - name: of_any_type\n    config: { properties: { format-version: 3 } }\n",
        "models/of_any_type.sql": "select 1 as id, {'a': 1, 'b': ['x', 'y']}::variant as v union all select 2, 42::variant union all select 3, null::variant\n",
    })
    project.run("run", "-s", "measured", "-s", "of_any_type")
    got = spark.sql("select id, to_json(v) from lake.trusted.of_any_type order by id")
    # A NULL of our engine is a variant that holds null (DuckDB 1.5.5 writes no other).
    cases.check("Spark reads variants of Leat", got, [(1, '{"a":1,"b":["x","y"]}'), (2, "42"), (3, "null")])
    nanos = ["1969-12-31 23:59:59.999999999", "1970-01-01 23:59:59.999999999", "1970-01-02 23:59:59.999999999", "1970-01-03 23:59:59.999999999"]
    cases.check("leat reads its nanoseconds", [row[0] for row in project.rows("select seen::varchar from measured order by seen")], nanos)


CASES = (vectors, upgraded, defaults, from_one, variants)


def format_three(cases, project, server, engines):
    for case in CASES:
        try:
            case(cases, project, server, engines)
        except Exception:
            cases.true(f"{case.__name__} ran to its end", False, traceback.format_exc())
