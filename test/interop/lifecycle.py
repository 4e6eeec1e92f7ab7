"""What teams do with a table over its life: MERGE, upsert, time travel, branches and tags of the table, and upkeep by an engine, which
must leave every state that somebody can still ask for."""
from decimal import Decimal

from engines import sample
from read_write import agree

NS = "life"


def refused(act):
    try:
        act()
        return ""
    except Exception as error:  # whatever the engine throws: its text is asked
        return str(error)


def total(ids):
    return sum(Decimal(i) / 4 for i in ids)


def spark_changes(cases, project, engines):
    _, spark, _ = engines
    spark.create(NS, "orders", sample(0, 50))
    spark.session.createDataFrame(sample(40, 20).to_pylist()).createOrReplaceTempView("incoming")
    spark.sql(f"merge into lake.{NS}.orders t using incoming s on t.id = s.id when matched and t.id < 45 then delete "
              "when matched then update set amount = s.amount + 1 when not matched then insert *")
    ids = [*range(40), *range(45, 60)]
    agree(cases, "Spark's MERGE", project, engines, NS, "orders", (55, total(ids) + 5))
    spark.sql(f"update lake.{NS}.orders set amount = amount - 1 where id between 45 and 49")
    agree(cases, "Spark's UPDATE", project, engines, NS, "orders", (55, total(ids)))


def pyiceberg_changes(cases, project, engines):
    pyiceberg = engines[0]
    table = pyiceberg.catalog.load_table(f"{NS}.orders")
    columns = [field.name for field in table.schema().fields]
    kinds = table.schema().as_arrow()
    done = table.upsert(sample(55, 10).select(columns).cast(kinds), join_cols=["id"])
    cases.check("PyIceberg's upsert inserts what is new", done.rows_inserted, 5)
    ids = [*range(40), *range(45, 65)]
    agree(cases, "PyIceberg's upsert", project, engines, NS, "orders", (60, total(ids)))
    from pyiceberg.expressions import GreaterThanOrEqual
    table.refresh()
    table.overwrite(sample(60, 3).select(columns).cast(kinds), overwrite_filter=GreaterThanOrEqual("id", 60))
    ids = [*range(40), *range(45, 63)]
    agree(cases, "PyIceberg's overwrite of a part", project, engines, NS, "orders", (58, total(ids)))
    return ids


def history(cases, project, engines, ids):
    """Each engine finds the same past by snapshot; branches and tags of the table are the same for all."""
    pyiceberg, spark, duckdb = engines
    snapshots = [row[0] for row in spark.sql(f"select snapshot_id from lake.{NS}.orders.snapshots order by committed_at")]
    first = snapshots[0]
    past = (50, total(range(50)))
    cases.check("Spark's time travel", spark.sql(f"select count(*), sum(amount) from lake.{NS}.orders version as of {first}")[0], past)
    rows = pyiceberg.catalog.load_table(f"{NS}.orders").scan(snapshot_id=first).to_arrow()
    cases.check("PyIceberg's time travel", (rows.num_rows, sum(rows["amount"].to_pylist())), past)
    cases.check("DuckDB's time travel", duckdb.sql(f"select count(*), sum(amount) from lake.{NS}.orders at (version => {first})")[0], past)
    spark.sql(f"alter table lake.{NS}.orders create tag beginning as of version {first}")
    spark.sql(f"alter table lake.{NS}.orders create branch audit")
    spark.sql(f"insert into lake.{NS}.orders.branch_audit select * from incoming where id = 40")
    spark.session.catalog.dropTempView("incoming")  # the session is that of all cases
    cases.check("a tag of the table", spark.sql(f"select count(*) from lake.{NS}.orders version as of 'beginning'"), [(50,)])
    cases.check("a branch of the table", spark.sql(f"select count(*) from lake.{NS}.orders.branch_audit"), [(len(ids) + 1,)])
    table = pyiceberg.catalog.load_table(f"{NS}.orders")
    cases.check("PyIceberg sees both", {"beginning", "audit"} <= set(table.refs()), True)
    cases.check("and reads the branch", table.scan().use_ref("audit").to_arrow().num_rows, len(ids) + 1)
    agree(cases, "the table itself is as it was", project, engines, NS, "orders", (len(ids), total(ids)))
    spark.sql(f"call lake.system.fast_forward('{NS}.orders', 'main', 'audit')")
    ids = [*ids, 40]
    agree(cases, "the branch becomes the table", project, engines, NS, "orders", (len(ids), total(ids)))
    spark.sql(f"alter table lake.{NS}.orders drop branch audit")
    return ids, first


def upkeep(cases, project, engines, ids, first):
    """Expiry and removal of orphans by Spark: refused, or without harm to what the commit log still names."""
    _, spark, _ = engines
    commits = [row["commit"] for row in project.json("lake", "history")
               if any(table["table"] == f"{NS}.orders" for table in project.json("lake", "tables", "--as-of", str(row["commit"])))]
    before = [project.rows(f"select count(*), sum(amount) from {NS}.orders", "--as-of", str(commit)) for commit in commits]
    for name, call in {"expire_snapshots": f"table => '{NS}.orders', older_than => timestamp '2100-01-01 00:00:00', retain_last => 1",
                       "remove_orphan_files": f"table => '{NS}.orders', older_than => timestamp '2020-01-01 00:00:00'"}.items():
        said = refused(lambda: spark.sql(f"call lake.system.{name}({call})"))
        cases.true(f"Spark's {name} is refused", "GC is disabled" in said or "gc.enabled" in said, said or "it was done")
    said = refused(lambda: spark.sql(f"alter table lake.{NS}.orders set tblproperties ('gc.enabled' = 'true')"))
    kept = dict(spark.sql(f"show tblproperties lake.{NS}.orders")).get("gc.enabled")
    cases.check(f"nobody allows it to remove files ({said[:40]!r})", kept, "false")
    spark.sql(f"call lake.system.rewrite_data_files(table => '{NS}.orders', options => map('rewrite-all', 'true'))")
    agree(cases, "Spark's compaction", project, engines, NS, "orders", (len(ids), total(ids)))
    after = [project.rows(f"select count(*), sum(amount) from {NS}.orders", "--as-of", str(commit)) for commit in commits]
    cases.true("states of the table there are", len(commits) > 3, commits)
    cases.check("every state that there was can be read", after, before)
    cases.check("also by its tag", spark.sql(f"select count(*) from lake.{NS}.orders version as of 'beginning'"), [(50,)])
    spark.sql(f"call lake.system.rollback_to_snapshot('{NS}.orders', {first})")
    agree(cases, "Spark's rollback", project, engines, NS, "orders", (50, total(range(50))))


def lifecycle(cases, project, server, engines):
    spark_changes(cases, project, engines)
    ids = pyiceberg_changes(cases, project, engines)
    ids, first = history(cases, project, engines, ids)
    upkeep(cases, project, engines, ids, first)
