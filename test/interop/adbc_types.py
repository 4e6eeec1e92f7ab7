#!/usr/bin/env python3
"""Every type at its extremes through two ADBC drivers: what arrives in the lake is what the database has, or the row is rejected.
docs/fidelity/adbc.md is written from what is seen here and compared with it: LEAT_UPDATE=1 writes it anew.

usage: test/interop/adbc_types.py LEAT …
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../support"))
from adbc import postgres_connection, sqlite_connection  # noqa: E402
from fidelity import REJECTED, check_page, load_types, quoted  # noqa: E402
from leat_project import Cases, Project  # noqa: E402
from odbc import SqliteFile  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402

LONG = "é😀" * 10_000
# (type, type in the lake, [(literal[, in the lake])]): no second member is "as it was written".
POSTGRES = [
    ("boolean", "boolean", [("true",), ("false",)]),
    ("smallint", "int", [("-32768",), ("32767",)]),
    ("integer", "int", [("-2147483648",), ("2147483647",)]),
    ("bigint", "long", [("-9223372036854775808",), ("9223372036854775807",)]),
    ("real", "float", [("-3.4028235e+38",), ("1e-45",), ("-0", "-0.0"), ("NaN", "nan"), ("Infinity", "inf"), ("-Infinity", "-inf")]),
    ("double precision", "double", [("-1.7976931348623157e+308",), ("0.30000000000000004",), ("5e-324",), ("NaN", "nan"), ("-Infinity", "-inf")]),
    ("numeric(9,2)", "decimal(9,2)", [("-9999999.99",), ("0.01",), ("NaN", REJECTED)]),
    ("numeric(38,10)", "decimal(38,10)", [("-9999999999999999999999999999.9999999999",), ("0.0000000001",)]),
    ("numeric(2,4)", "decimal(4,4)", [("0.0099", ".0099"), ("-0.0001", "-.0001")]),
    ("numeric(60,20)", "string", [("1234567890123456789012345678901234567890.12345678901234567890",), ("NaN",)]),
    ("numeric", "string", [("1.50",), ("1234567890123456789012.123456",), ("0.0000001",), ("NaN",), ("-Infinity",)]),
    ("money", "string", [("$92,233,720,368,547,758.07",), ("-$1.50",)]),
    ("text", "string", [("",), ("größe \U0001F600 \t\n",), (LONG,)]),
    ("varchar(5)", "string", [("\U0001F600" * 5,), ("a ",)]),
    ("char(4)", "string", [("ab", "ab  ")]),
    ("name", "string", [("pg_class",)]),
    ("bytea", "binary", [("\\x", ""), ("\\x00ff41", "\\x00\\xFFA")]),
    ("uuid", "uuid", [("123e4567-e89b-12d3-a456-426614174000",)]),
    ("date", "date", [("0001-01-01",), ("9999-12-31",), ("0001-12-31 BC", REJECTED), ("4713-01-01 BC", REJECTED), ("10000-01-01", REJECTED),
                      ("5874897-12-31", REJECTED), ("infinity", REJECTED), ("-infinity", REJECTED)]),
    ("time", "time", [("00:00:00",), ("23:59:59.999999",), ("24:00:00", REJECTED)]),
    ("timetz", "string", [("12:00:00.5+05:30",)]),
    ("timestamp", "timestamp", [("0001-01-01 00:00:00",), ("9999-12-31 23:59:59.999999",), ("0044-03-15 00:00:00 BC", REJECTED),
                                ("294276-12-31 23:59:59", REJECTED), ("infinity", REJECTED), ("-infinity", REJECTED)]),
    ("timestamptz", "timestamptz", [("2024-03-10 08:00:00.5+02", "2024-03-10 06:00:00.5+00"), ("0001-01-01 00:00:00+00",), ("infinity", REJECTED)]),
    ("interval", "string", [("1 year 2 mons -3 days +04:05:06.789",), ("178000000 years",)]),
    ("json", "string", [('{"a":  1.10, "a": 2}',)]),
    ("jsonb", "string", [('{"a": 1.10}',), ('"' + "x" * 3000 + '"',)]),
    ("integer[]", "string", [("{1,NULL,3}",), ("{{1,2},{3,4}}",), ("[2:3]={1,2}",)]),
    ("text[]", "string", [('{a,NULL,"","b,c"}',)]),
    ("int4range", "string", [("[1,5)",)]),
    ("bit(4)", "string", [("1010",)]),
    ("inet", "string", [("10.0.0.1/8",), ("::1", "::1/128")]),
    ("point", "string", [("(1.5,-2)",)]),
    ("xml", "string", [("<a b=\"1\">ü</a>",)]),
    ("oid", "string", [("4294967295",)]),
    ("mood", "string", [("so so",)]),
    ("pair", "string", [('(1,"x y")',)]),
]
SQLITE = [
    ("integer", "long", [("-9223372036854775808",), ("9223372036854775807",), ("abc", REJECTED), ("1.5", REJECTED)]),
    ("bigint", "long", [("9007199254740993",), ("x", REJECTED)]),
    ("real", "double", [("0.1",), ("0.30000000000000004",), ("1.7976931348623157e+308",), ("5e-324",), ("abc", REJECTED)]),
    ("decimal(9,2)", "decimal(9,2)", [("12.34",), ("12345678901.123", REJECTED), ("0.001", REJECTED)]),
    ("boolean", "boolean", [("1", "true"), ("0", "false"), ("2", REJECTED), ("maybe", REJECTED)]),
    ("text", "string", [("",), ("größe \U0001F600 \t\n",), (LONG,), ("x'00ff'", REJECTED)]),
    ("varchar(3)", "string", [("longer than declared",)]),
    ("blob", "binary", [("x'00ff41'", "\\x00\\xFFA"), ("x''", "")]),
    ("date", "date", [("2024-02-29",), ("2024-02-31", REJECTED), ("0000-00-00", REJECTED)]),
    ("time", "time", [("23:59:59.999999",), ("25:00", REJECTED)]),
    ("timestamp", "timestamp", [("2024-01-01 10:00:00.123456",), ("2024-01-01T10:00:00Z", REJECTED), ("never", REJECTED)]),
    ("(no type)", "string", [("3.5",), ("abc",)]),
]


def literal(_, text):
    return text if text.startswith("x'") else quoted(text)


def main():
    cases = Cases()
    with open(os.path.join(HERE, "adbc_types.md"), encoding="utf-8") as head:
        text = head.read()
    with PostgresServer() as server:
        server.sql("create type mood as enum ('so so'); create type pair as (a int, b text)")
        text += load_types(cases, Project(sys.argv[1]), "PostgreSQL 15, ADBC's driver 1.13", server.sql, POSTGRES, postgres_connection(server))
    path = os.path.join(Project(sys.argv[1]).folder, "types.db")
    text += load_types(cases, Project(sys.argv[1]), "SQLite 3, ADBC's driver 1.13", SqliteFile(path).run, SQLITE, sqlite_connection(path), literal)
    check_page(cases, "adbc", text)
    cases.finish()


if __name__ == "__main__":
    main()
