"""Bounds of every type: a filter on each stored value finds exactly its rows, in other engines too, which prune by them."""
import math

VALUES = {
    "boolean": ["true", "false"],
    "int": ["-2147483648", "-1", "0", "2147483647"],
    "long": ["-9223372036854775808", "-1", "0", "9223372036854775807"],
    "float": ["-inf", "-1.5", "-0.0", "0.0", "3.4028235e38", "NaN", "inf"],
    "double": ["-inf", "-1.5", "-0.0", "0.0", "1.7976931348623157e308", "NaN", "inf"],
    "decimal(9,2)": ["-9999999.99", "-0.01", "0.00", "9999999.99"],
    "decimal(18,4)": ["-99999999999999.9999", "0.0001", "99999999999999.9999"],
    "decimal(38,10)": ["-9999999999999999999999999999.9999999999", "0.0000000001", "9999999999999999999999999999.9999999999"],
    "date": ["0001-01-01", "1969-12-31", "1970-01-01", "9999-12-31"],
    "timestamp": ["0001-01-01T00:00:00", "1969-12-31T23:59:59.999999", "1970-01-01T00:00:00", "9999-12-31T23:59:59.999999"],
    "timestamptz": ["1900-01-01T00:00:00", "1969-12-31T23:59:59.999999", "2026-11-01T12:00:00.000001", "9999-12-31T23:59:59.999999"],
    "string": ["", "a", "exactly 16 chars", "a text that is longer than sixteen", "a text that is longer than sixteen!", "zzzzzzzzzzzzzzzzzzzz",
               "\u00e9" * 17, "\U0001d11e" * 17, "\U0010ffff" * 17],
    "binary": ["00", "00ff", "7f" * 17, "ff" * 16, "ff" * 20],
    "uuid": ["00000000-0000-0000-0000-000000000001", "7fffffff-ffff-ffff-ffff-ffffffffffff",
             "80000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"],
}
DUCKDB_TYPES = {"long": "bigint", "binary": "blob", "string": "varchar"}
# What an engine itself gets wrong, whoever wrote the file: PyIceberg takes no infinite literal for a float column; DuckDB's
# extension leaves out files for = NaN by their bounds, which the specification keeps NaN out of. Spark's runtime (1.10) orders
# UUIDs by signed halves and so leaves out row groups by their Parquet statistics when these hold UUIDs from both halves.
NOT_ASKED = {("pyiceberg", "float", "-inf"), ("pyiceberg", "float", "inf"), ("duckdb", "float", "NaN"), ("duckdb", "double", "NaN")}
ROWS = max(len(values) for values in VALUES.values())


def column(kind):
    return "c_" + kind.replace("(", "_").replace(",", "_").replace(")", "")


def value_of(kind, row):
    """The value of a row; columns with fewer values are NULL in the rows beyond."""
    return VALUES[kind][row] if row < len(VALUES[kind]) else None


def model(partitioned):
    """A model with all values: one file for each row when partitioned, else all in one file."""
    def text(kind, value):
        if value is None:
            return f"cast(null as {DUCKDB_TYPES.get(kind, kind)})"
        if kind == "binary":
            return f"unhex('{value}')"
        if kind == "timestamptz":
            value += "+00"
        return f"cast('{value}' as {DUCKDB_TYPES.get(kind, kind)})"

    config = "{{ config(partition_by=['k']) }}\n" if partitioned else ""
    rows = [f"select {row} as k, " + ", ".join(f"{text(kind, value_of(kind, row))} as {column(kind)}" for kind in VALUES)
            for row in range(ROWS)]
    return config + "\nunion all ".join(rows) + "\n"


def expected(kind, value):
    if kind in ("float", "double"):
        wanted = float(value)
        return sum(1 for v in VALUES[kind] if (math.isnan(wanted) and v == "NaN") or float(v) == wanted)
    return VALUES[kind].count(value)


def bounds(cases, project, server, engines):
    for table in ("every_type", "every_type_split"):
        for engine in engines:
            for kind, values in VALUES.items():
                if (engine.name, kind, table) == ("spark", "uuid", "every_type"):
                    continue  # see NOT_ASKED
                values = [value for value in values if (engine.name, kind, value) not in NOT_ASKED]
                found = {value: engine.count_where("trusted", table, column(kind), value, kind) for value in values}
                cases.check(f"{engine.name} finds each {kind} of {table}", found, {value: expected(kind, value) for value in values})
        rows = int(project.one(f"select count(*) from trusted.{table}")[0])
        cases.check(f"leat reads {table}", rows, ROWS)
