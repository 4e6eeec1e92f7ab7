#!/usr/bin/env python3
"""Every declared type of SQLite at its extremes: what arrives in the lake is what the file has, or the row is rejected.
docs/fidelity/sqlite.md is written from what is seen here and compared with it: LEAT_UPDATE=1 writes it anew.

usage: test/interop/sqlite_types.py LEAT …
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../support"))
from fidelity import REJECTED, check_page, load_types, quoted  # noqa: E402
from leat_project import Cases, Project  # noqa: E402
from odbc import SqliteFile  # noqa: E402

LONG = "é😀" * 10_000
# (declared, type in the lake, [(SQL literal or text[, in the lake])])
TYPES = [
    ("integer", "long", [("-9223372036854775808",), ("9223372036854775807",), ("abc", REJECTED), ("1.5", REJECTED)]),
    ("bigint", "long", [("-9223372036854775808",), ("9223372036854775807",)]),
    ("int", "long", [("2147483648",)]),
    ("real", "double", [("0.1",), ("0.30000000000000004",), ("1.7976931348623157e+308",), ("5e-324",), ("abc", REJECTED)]),
    ("decimal(9,2)", "decimal(9,2)", [("12.34",), ("0.1", "0.10"), ("12345678901.123", REJECTED), ("0.001", REJECTED)]),
    ("numeric", "string", [("12.5",), ("7",), ("abc",)]),
    ("boolean", "boolean", [("1", "true"), ("0", "false"), ("2", REJECTED), ("maybe", REJECTED)]),
    ("text", "string", [("",), ("größe 😀 \t\n",), (LONG,), ("123",)]),
    ("varchar(3)", "string", [("longer than declared",)]),
    ("blob", "binary", [("x'00ff41'", "\\x00\\xFFA"), ("x''", "")]),
    ("date", "date", [("2024-02-29",), ("0001-01-01",), ("9999-12-31",), ("2024-02-31", REJECTED), ("0000-00-00", REJECTED)]),
    ("time", "time", [("23:59:59.999999",), ("25:00", REJECTED)]),
    ("datetime", "timestamp", [("2024-01-01 10:00:00.123456",), ("2024-01-01T10:00:00", "2024-01-01 10:00:00"), ("never", REJECTED)]),
    ("timestamp", "timestamp", [("0001-01-01 00:00:00",), ("9999-12-31 23:59:59.999999",), ("never", REJECTED)]),
    ("json", "string", [('{"a": 1.10}',)]),
    ("uuid", "string", [("123e4567-e89b-12d3-a456-426614174000",)]),
    ("(no type)", "string", [("3.5",), ("abc",)]),
]


def main():
    cases = Cases()
    project = Project(sys.argv[1])
    with open(os.path.join(HERE, "sqlite_types.md"), encoding="utf-8") as head:
        text = head.read()
    text += load_types(cases, project, "SQLite 3", SqliteFile(os.path.join(project.folder, "types.db")).run, TYPES, "{ type: sqlite, file: types.db }",
                       lambda _, value: value if value.startswith("x'") else quoted(value))
    check_page(cases, "sqlite", text)
    cases.finish()


if __name__ == "__main__":
    main()
