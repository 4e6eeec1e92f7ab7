#!/usr/bin/env python3
"""The flights example as a newcomer runs it, held against counts made from the csv files alone; then once more with its
warehouse in a real object store.

usage: flights.py LEAT DATA_FOLDER
Prints a line per case and, last, "N passed, N failed".
"""
import csv
import io
import os
import shutil
import subprocess
import sys
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from leat_project import Cases, Project  # noqa: E402
from s3_server import S3Server  # noqa: E402

EXAMPLE = os.path.join(HERE, "..", "..", "examples", "flights")


def facts(data):
    """Counts from the files, without any engine."""
    def read(name):
        with open(os.path.join(data, name), encoding="utf-8") as source:
            return list(csv.DictReader(source))
    with zipfile.ZipFile(os.path.join(data, "flights.csv.zip")) as archive:
        flights = list(csv.DictReader(io.StringIO(archive.read("flights.csv").decode("utf-8"))))
    airports = {row["faa"] for row in read("airports.csv")}
    planes = {row["tailnum"] for row in read("planes.csv")}
    hours = {(row["origin"], row["time_hour"]) for row in read("weather.csv") if row["temp"] != "NA"}
    with_tail = [row for row in flights if row["tailnum"] != "NA"]
    return {
        "flights": len(flights),
        "january_to_november": sum(row["month"] != "12" for row in flights),
        "december": sum(row["month"] == "12" for row in flights),
        "no_tail": len(flights) - len(with_tail),
        "unknown_dest": sum(row["dest"] not in airports for row in with_tail),
        "unknown_plane": sum(row["tailnum"] not in planes for row in with_tail),
        "hours_without_weather": len({(row["origin"], row["time_hour"]) for row in with_tail
                                      if (row["origin"], row["time_hour"]) not in hours}),
        "distance": sum(int(row["distance"]) for row in with_tail),
    }


def whole(cases, leat, data, fact, warehouse=None):
    """The example from nothing to the second load; the content of its tables at the end."""
    project = Project(leat)
    folder = project.folder
    for name in ("leat.yml", "connections.yml", "sources", "models"):
        source = os.path.join(EXAMPLE, name)
        (shutil.copytree if os.path.isdir(source) else shutil.copy)(source, os.path.join(folder, name))

    if warehouse:
        with open(os.path.join(folder, "leat.yml"), "a", encoding="utf-8") as file:
            file.write(f"\nwarehouse: {warehouse}\n")

    def prepare(months):
        subprocess.run([sys.executable, os.path.join(EXAMPLE, "prepare.py"), data, folder, "--months", months], check=True)

    prepare("1-11")
    project.run("check")
    first = project.json("run")
    cases.check("first run succeeds", first["status"], "success")
    cases.check("raw flights, eleven months", project.one("select count(*) from raw_inbound.flights"),
                [str(fact["january_to_november"])])
    before = {row[0]: row[1] for row in project.rows(
        "select asset, snapshot_after from leat.ledger where snapshot_after <> 0")}

    second = project.json("run")
    cases.check("second run does nothing", second["status"], "nothing")
    cases.check("second run gives a reason for every step",
                [step["asset"] for step in second["steps"] if step["status"] != "skipped" or not step["reason"]], [])

    prepare("12-12")
    third = project.json("run")
    steps = {step["asset"]: step for step in third["steps"]}
    cases.check("December is loaded alone", steps["source.inbound.flights"]["rows_in"], fact["december"])
    cases.check("tables without news are left alone", steps["source.inbound.airports"]["status"], "skipped")

    cases.check("raw counts", project.one(
        "select (select count(*) from raw_inbound.flights), (select count(*) from raw_inbound.airports), "
        "(select count(*) from raw_ops.planes), (select count(*) from raw_ops.airlines), "
        "(select count(*) from raw_stations.weather)"), [str(fact["flights"]), "1458", "3322", "16", "26115"])
    cases.check("flights without a tail number are set aside", project.one(
        "select count(*) from leat.rejected where run_id = (select max(run_id) from leat.runs)"),
        [str(fact["no_tail"])])
    cases.check("fct_flights", project.one("select count(*), sum(distance_miles) from fct_flights"),
                [str(fact["flights"] - fact["no_tail"]), str(fact["distance"])])
    failures = dict(project.rows(
        "select check_id, max(failures) from leat.check_results where stage = 'branch' and run_id = "
        "(select max(run_id) from leat.runs) group by 1"))
    for check, expected in (("model.fct_flights.dest.relationships", "unknown_dest"),
                            ("model.fct_flights.tailnum.relationships", "unknown_plane"),
                            ("model.mrt_hourly_weather.temperature_fahrenheit.not_null", "hours_without_weather")):
        cases.check(f"{check} counts what the files say", failures.get(check), str(fact[expected]))
    cases.check("the ledger balances", project.one(
        "select count(*) from leat.ledger where rows_in <> rows_out + rows_rejected + rows_filtered"), ["0"])
    cases.check("the star joins", project.one(
        "select count(*) from fct_flights f join dim_carriers using (carrier) join dim_date using (date)"),
        [str(fact["flights"] - fact["no_tail"])])
    cases.check("snapshots of the first run are still there", len(before) > 5, True)
    content = {row["table"]: row["hash"] for row in project.json("lake", "content-hash") if not row["table"].endswith("__rejected")}
    project.remove()
    return content


def main():
    leat, data = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    cases, fact = Cases(), facts(data)
    folder = whole(cases, leat, data, fact)
    with S3Server() as store:
        print("        the same with its warehouse in an object store", flush=True)
        os.environ.update(store.environment())
        cases.check("equal content in a folder and in a bucket", whole(cases, leat, data, fact, "s3://lake/flights"), folder)
    cases.finish()


if __name__ == "__main__":
    main()
