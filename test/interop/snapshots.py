"""Foreign sessions at @snapshot: two tables that one run publishes never disagree, whatever is published meanwhile."""
import threading

from engines import PyIceberg

RUNS, RUNS_IN_A_BUCKET = 50, 15


def arrive(project, number):
    project.write({f"events/events_{number:03}.csv": "id,amount\n" + "".join(f"{number * 10 + i},{number}\n" for i in range(10))})


def snapshots(cases, project, server, engines):
    spark = next((engine for engine in engines if engine.name == "spark"), None)
    pinned = "select (select count(*) from pinned.trusted.by_row), (select max(events) from pinned.trusted.total)"
    at_attach = spark.sql(pinned)[0] if spark else None
    stop, seen, disagree, broken = threading.Event(), [], [], []

    def poll():
        try:
            while not stop.is_set():
                session = PyIceberg(server, warehouse="lake@snapshot", token=server.reader)
                rows = session.rows("trusted", "by_row")
                total = session.rows("trusted", "total").to_pylist()[0]
                seen.append(rows.num_rows)
                if rows.num_rows != total["events"]:
                    disagree.append((rows.num_rows, total))
        except Exception as error:  # reported by the case below
            broken.append(repr(error))

    reader = threading.Thread(target=poll)
    reader.start()
    for number in range(1, (RUNS_IN_A_BUCKET if project.remote else RUNS) + 1):
        arrive(project, number)
        project.run("run", "--select", "+total")
    stop.set()
    reader.join()
    cases.check("pyiceberg at @snapshot: no error", broken, [])
    cases.check("pyiceberg at @snapshot: two tables never disagree", disagree, [])
    cases.true(f"pyiceberg at @snapshot saw states change ({len(seen)} reads of {len(set(seen))} states)", len(set(seen)) > 3, seen)
    if spark:
        cases.check("spark at @snapshot stays at the commit of its attach", spark.sql(pinned)[0], at_attach)
        cases.check("and that is one publish", at_attach[0], at_attach[1])
