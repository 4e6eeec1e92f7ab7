"""A namespace whose rule is `gate`: what other engines write becomes visible when the project's checks have passed, else not at all."""
from decimal import Decimal

import pyarrow as pa


def rows(*values):
    return pa.table({"id": pa.array([one[0] for one in values], pa.int64()),
                     "price": pa.array([one[1] for one in values], pa.decimal128(9, 2))})


def refused_with(act, code):
    try:
        act()
    except Exception as error:  # whatever the engine throws: its text is asked
        return code in str(error), str(error)
    return False, "it was taken"


def gate(cases, project, server, engines):
    project.write({
        "models/prices.sql": "{{ config(schema='checked_shop') }}\nselect 1::bigint as id, 2.50::decimal(9, 2) as price\n",
        "models/prices.yml": "models:\n  - name: prices\n    checks: [{ row_count: { max: 6 } }]\n    columns:\n"
                             "      - { name: id, checks: [unique] }\n"
                             "      - { name: price, checks: [not_null, { range: { min: 0, max: 10, on_fail: warn } }] }\n",
    })
    project.run("run", "--select", "prices")
    pyiceberg, spark, _ = engines
    _, why = refused_with(lambda: pyiceberg.append("checked_shop", "prices", rows((2, Decimal("3.00")))), "SERVE-305")
    cases.true("without a rule the project's namespace is closed", "SERVE-305" in why, why)
    status, _ = server.call("POST", "/v1/lake/namespaces/checked_shop/properties", {"updates": {"leat.external_writes": "gate"}},
                            token=server.admin)
    cases.check("an admin sets the rule", status, 200)
    good_writes(cases, project, engines)
    bad_writes(cases, project, server, pyiceberg, spark)
    broken_files(cases, project, pyiceberg)
    project.run("run", "--select", "prices", "--force")
    cases.check("the project's own run goes on as ever", project.rows("select * from checked_shop.prices"), [["1", "2.50"]])


def good_writes(cases, project, engines):
    for number, engine in enumerate(engines, start=2):
        engine.append("checked_shop", "prices", rows((number, Decimal("3.00"))))
        cases.check(f"{engine.name} appends rows that pass", project.one("select count(*) from checked_shop.prices"), [str(number)])
    spark = engines[1]
    spark.sql("merge into lake.checked_shop.prices t using (select 2L as id, 99.00 as price) s on t.id = s.id "
              "when matched then update set price = s.price")
    cases.check("Spark's MERGE passes, with a warning", project.one("select price from checked_shop.prices where id = 2"), ["99.00"])
    cases.check("each was a run with its checks", project.rows(
        "select c.check_id, c.status, count(*) from leat.check_results c join leat.runs r using (run_id) where r.pipeline_name = 'external' "
        "and r.commit_id is not null group by all order by all"),
        [["model.prices.id.unique", "pass", "4"], ["model.prices.price.not_null", "pass", "4"], ["model.prices.price.range", "pass", "3"],
         ["model.prices.price.range", "warn", "1"], ["model.prices.row_count", "pass", "4"]])
    cases.check("and its step says so", project.rows(
        "select distinct s.action, s.status, s.published from leat.steps s join leat.runs r using (run_id) where r.pipeline_name = 'external'"),
        [["check", "success", "true"]])


def bad_writes(cases, project, server, pyiceberg, spark):
    table = "/v1/lake/namespaces/checked_shop/tables/prices"
    before = server.call("GET", table, token=server.admin)[1]["metadata-location"]
    branches = [ref["name"] for ref in project.json("lake", "branches") if ref["name"].startswith("run/")]
    bad = {
        "a null": lambda: pyiceberg.append("checked_shop", "prices", rows((7, None))),
        "a second row of a key, of Spark": lambda: spark.sql("insert into lake.checked_shop.prices values (1, 1.00)"),
        "too many rows": lambda: pyiceberg.append("checked_shop", "prices", rows(*[(20 + i, Decimal(1)) for i in range(5)])),
        "a delete and a bad append in one": lambda: pyiceberg.catalog.load_table("checked_shop.prices").overwrite(rows((1, None))),
        "a column that a check needs goes": lambda: spark.sql("alter table lake.checked_shop.prices drop column price"),
    }
    for name, act in bad.items():
        held, why = refused_with(act, "SERVE-310")
        cases.true(f"{name}: refused, with the check", held or "does not pass the project's checks" in why, why)
    held, why = refused_with(lambda: pyiceberg.catalog.drop_table("checked_shop.prices"), "SERVE-305")
    cases.true("a drop is refused: no check could speak for it", held, why)
    cases.check("the table is where it was", server.call("GET", table, token=server.admin)[1]["metadata-location"], before)
    failed = project.rows("select status, error from leat.runs where pipeline_name = 'external' and commit_id is null")
    cases.true("each is a run that failed, with the check", len(failed) == len(bad) and all(one[0] == "failed" and "check" in one[1]
                                                                                           for one in failed), failed)
    cases.check("and its step is blocked", project.rows(
        "select distinct s.status, s.published from leat.steps s join leat.runs r using (run_id) where r.pipeline_name = 'external' and "
        "r.commit_id is null"), [["blocked", "false"]])
    left = [ref["name"] for ref in project.json("lake", "branches") if ref["name"].startswith("run/")]
    cases.check("no branch is left of them", left, branches)


def broken_files(cases, project, pyiceberg):
    project.write({"models/broken.yml": "models:\n  - name: prices\n    chekcs: []\n"})
    held, why = refused_with(lambda: pyiceberg.append("checked_shop", "prices", rows((5, Decimal("3.00")))), "chekcs")
    cases.true("with errors in the project's files nothing is taken", held, why)
    project.write({"models/broken.yml": ""})
    pyiceberg.append("checked_shop", "prices", rows((5, Decimal("3.00"))))
    cases.check("and all is well when they are mended", project.one("select count(*) from checked_shop.prices"), ["5"])
