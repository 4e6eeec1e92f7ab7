#!/usr/bin/env python3
"""Reads tables that unit_lake writes (samples_test.cc) with fastavro and PyIceberg and compares them with what it expects.

usage: avro_check.py          with LEAT_BUILD=<build folder>; with LEAT_SAMPLES=<folder> the tables stay there
"""
import datetime
import decimal
import json
import os
import subprocess
import sys
import tempfile
import uuid

import fastavro
from pyiceberg.conversions import from_bytes
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.manifest import ManifestEntryStatus
from pyiceberg.table import StaticTable
from pyiceberg.table.puffin import PuffinFile

# Field ids that the specification requires in every version that we write (manifest entry and data file; manifest list).
ENTRY_IDS = {0, 1, 2, 100, 101, 102, 103, 104, 108, 109, 110, 117, 118, 119, 120, 121, 122, 125, 126, 127, 128, 129, 130,
             131, 132, 133, 137, 138, 139, 140}
LIST_IDS = {500, 501, 502, 503, 504, 505, 506, 507, 508, 509, 510, 511, 512, 513, 514, 518}
failures = []
passed = 0


def check(what, found, expected):
    global passed
    if found == expected:
        passed += 1
    else:
        failures.append(f"{what}: found {found!r}, expected {expected!r}")


def ids_of(schema):
    """All field-id, key and element ids of an Avro schema."""
    if isinstance(schema, list):
        return set().union(*(ids_of(branch) for branch in schema))
    if not isinstance(schema, dict):
        return set()
    found = {schema[key] for key in ("field-id", "element-id") if key in schema}
    for key in ("fields", "items", "type"):
        if key in schema:
            found |= ids_of(schema[key])
    return found


def text(value):
    """The value as samples_test.cc writes it."""
    epoch = datetime.datetime(1970, 1, 1)
    if isinstance(value, datetime.datetime):
        return str((value.replace(tzinfo=None) - epoch) // datetime.timedelta(microseconds=1))
    if isinstance(value, datetime.date):
        return str((value - epoch.date()).days)
    if isinstance(value, datetime.time):
        return str(((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    return str(value)


def check_avro(name, version, snapshot, io):
    with open(snapshot.manifest_list.removeprefix("file://"), "rb") as file:
        reader = fastavro.reader(file)
        check(f"{name}: ids of the manifest list", LIST_IDS - ids_of(reader.writer_schema), set())
        check(f"{name}: format-version of the list", reader.metadata["format-version"], str(version))
        rows = list(reader)
    check(f"{name}: manifests with live files by fastavro and PyIceberg", len(rows), len(snapshot.manifests(io)))
    for row in rows:
        with open(row["manifest_path"].removeprefix("file://"), "rb") as file:
            content = file.read()
        check(f"{name}: manifest_length", row["manifest_length"], len(content))
        with open(row["manifest_path"].removeprefix("file://"), "rb") as file:
            reader = fastavro.reader(file)
            wanted = ENTRY_IDS | ({3, 4, 134, 135, 136, 143} if version > 1 else {105})
            wanted |= {142, 144, 145} if version > 2 else set()
            check(f"{name}: ids of a manifest", wanted - ids_of(reader.writer_schema), set())
            entries = list(reader)
            for key in ("schema", "partition-spec"):
                json.loads(reader.metadata[key])
        for status, prefix in ((0, "existing"), (1, "added"), (2, "deleted")):
            matching = [entry for entry in entries if entry["status"] == status]
            check(f"{name}: {prefix}_files_count", row[f"{prefix}_files_count"], len(matching))
            check(f"{name}: {prefix}_rows_count", row[f"{prefix}_rows_count"],
                  sum(entry["data_file"]["record_count"] for entry in matching))
    return rows


def check_types(name, metadata, table, entries, expected):
    """Partition values and bounds of the file that has every type; nulls of the other one."""
    every = next(entry for entry in entries if entry.data_file.file_path.endswith("every.parquet"))
    nulls = next(entry for entry in entries if entry.data_file.file_path.endswith("nulls.parquet"))
    schema, spec = table.schema(), table.spec()
    for position, field in enumerate(spec.fields):
        check(f"{name}: partition {field.name}", text(every.data_file.partition[position]), expected["partition"][field.name])
        check(f"{name}: null partition {field.name}", nulls.data_file.partition[position], None)
    for field in schema.fields:
        for bounds in (every.data_file.lower_bounds, every.data_file.upper_bounds):
            check(f"{name}: bound of {field.name}", text(from_bytes(field.field_type, bounds[field.field_id])),
                  expected["bounds"][field.name])
        check(f"{name}: counts of {field.name}", (every.data_file.value_counts[field.field_id],
                                                  every.data_file.null_value_counts[field.field_id]), (1, 0))


def check_table(expected):
    name, version = expected["name"], expected["version"]
    table = StaticTable.from_metadata(expected["metadata"])
    metadata, snapshot = table.metadata, table.current_snapshot()
    check(f"{name}: format version", metadata.format_version, version)
    check(f"{name}: snapshots", len(metadata.snapshots), expected["snapshots"])
    check(f"{name}: total-records", snapshot.summary["total-records"], expected["records"])
    io = PyArrowFileIO()
    check_avro(name, version, snapshot, io)
    entries = [entry for manifest in snapshot.manifests(io) for entry in manifest.fetch_manifest_entry(io)
               if entry.status != ManifestEntryStatus.DELETED]
    data = {entry.data_file.file_path: entry for entry in entries if entry.data_file.content == 0}
    check(f"{name}: live files", sorted(data), sorted(file["path"] for file in expected["files"]))
    for file in expected["files"]:
        entry = data[file["path"]]
        check(f"{name}: rows of {file['path']}", entry.data_file.record_count, file["rows"])
        check(f"{name}: bytes of {file['path']}", entry.data_file.file_size_in_bytes, file["bytes"])
        if version > 1:
            check(f"{name}: sequence number of {file['path']}", entry.sequence_number, file["sequence"])
    if expected["partition"]:
        check_types(name, metadata, table, entries, expected)
    if version < 3:
        tasks = {task.file.file_path: sorted(delete.file_path for delete in task.delete_files)
                 for task in table.scan().plan_files()}
        check(f"{name}: planned files and deletes", tasks, {file["path"]: file["deletes"] for file in expected["files"]})


def check_samples(folder):
    program = os.path.join(os.environ["LEAT_BUILD"], "bin", "unit_lake")
    subprocess.run([program, "--gtest_filter=Samples.*"], env={**os.environ, "LEAT_SAMPLES": folder}, check=True,
                   stdout=subprocess.DEVNULL)
    with open(f"{folder}/expected.json") as file:
        expected = json.load(file)
    check("tables to look at", len(expected["tables"]), 5)
    for table in expected["tables"]:
        check_table(table)
    for vector in expected["vectors"]:
        with open(vector["path"], "rb") as file:
            found = PuffinFile(file.read()).to_vector()
        check(f"positions of {vector['path']}", [[position.as_py() for position in positions] for positions in found.values()],
              [vector["positions"]])


def main():
    if "LEAT_SAMPLES" in os.environ:
        check_samples(os.environ["LEAT_SAMPLES"])
    else:
        with tempfile.TemporaryDirectory() as folder:
            check_samples(os.path.join(folder, "samples"))
    for failure in failures:
        print(f"FAILED {failure}")
    print(f"{passed} passed, {len(failures)} failed")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
