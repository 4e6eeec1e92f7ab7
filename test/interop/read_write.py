"""Every engine lists, reads, appends to and deletes from tables; Leat and the others see the same afterwards."""
from decimal import Decimal

from engines import sample

EXPECTED = {"count": 100, "sum": sum(Decimal(i) / 4 for i in range(100))}


def leat_count_and_sum(project, ns, table, column):
    count, total = project.one(f"select count(*), sum({column}) from {ns}.{table}")
    return int(count), Decimal(total)


def agree(cases, what, project, engines, ns, table, expected):
    cases.check(f"{what}: leat", leat_count_and_sum(project, ns, table, "amount"), expected)
    for engine in engines:
        cases.check(f"{what}: {engine.name}", engine.count_and_sum(ns, table, "amount"), expected)


def lists(cases, project, server, engines):
    listed = {("raw_shop", "orders"), ("trusted", "by_customer"), ("trusted", "orders")}
    for engine in engines:
        cases.true(f"{engine.name} lists the namespaces", {"raw_shop", "trusted"} <= engine.namespaces(), engine.namespaces())
        for ns, table in sorted(listed):
            cases.true(f"{engine.name} lists {ns}.{table}", table in engine.tables(ns), engine.tables(ns))


def reads(cases, project, server, engines):
    agree(cases, "a table of Leat", project, engines, "trusted", "orders", (EXPECTED["count"], EXPECTED["sum"]))
    agree(cases, "its raw table", project, engines, "raw_shop", "orders", (EXPECTED["count"], EXPECTED["sum"]))


def writes_into_leats_tables(cases, project, server, engines):
    count, total = leat_count_and_sum(project, "open_shop", "open_orders", "amount")
    for number, engine in enumerate(engines):
        first = 1000 * (number + 1)
        rows = sample(first, 5)
        engine.append("open_shop", "open_orders", rows)
        count, total = count + 5, total + sum(rows["amount"].to_pylist())
        agree(cases, f"after {engine.name} appended", project, engines, "open_shop", "open_orders", (count, total))
        engine.delete("open_shop", "open_orders", "id", first + 1)
        engine.delete("open_shop", "open_orders", "id", number)  # a row that Leat wrote
        count, total = count - 2, total - Decimal(first + 1) / 4 - Decimal(number) / 4
        agree(cases, f"after {engine.name} deleted", project, engines, "open_shop", "open_orders", (count, total))


def tables_of_other_engines(cases, project, server, engines):
    for engine in engines:
        ns = f"of_{engine.name}"
        rows = sample(0, 50)
        engine.create(ns, "orders", rows)
        expected = (50, sum(rows["amount"].to_pylist()))
        agree(cases, f"a table that {engine.name} made", project, engines, ns, "orders", expected)
        engine.append(ns, "orders", sample(50, 10))
        for other in engines:
            other.delete(ns, "orders", "id", 7)  # whoever is first deletes it, the others find nothing
        rows = sample(0, 60).to_pylist()
        expected = (59, sum(row["amount"] for row in rows if row["id"] != 7))
        agree(cases, f"deletes in the table that {engine.name} made", project, engines, ns, "orders", expected)
