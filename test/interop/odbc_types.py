#!/usr/bin/env python3
"""Every type at its extremes through four ODBC drivers: what arrives in the lake is what the server has, or the row is rejected.
docs/fidelity/odbc.md is written from what is seen here and compared with it: LEAT_UPDATE=1 writes it anew.

usage: test/interop/odbc_types.py LEAT …
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../support"))
from fidelity import REJECTED, check_page, load_types, quoted  # noqa: E402
from leat_project import Cases  # noqa: E402
from mariadb import MariaDb  # noqa: E402
from odbc import OdbcProject, SqliteFile, mariadb_connection, postgres_connection, sqlite_connection, tds_connection  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402
from tds_server import TdsServer  # noqa: E402

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
    ("numeric(60,20)", "string", [("1234567890123456789012345678901234567890.12345678901234567890",), ("NaN",)]),
    ("numeric", "decimal(28,6)", [("1.5", "1.500000"), ("1234567890123456789012.123456",), ("0.0000001", REJECTED), ("NaN", REJECTED)]),
    ("money", "string", [("$92,233,720,368,547,758.07",), ("-$1.50",)]),
    ("text", "string", [("",), ("größe \U0001F600 \t\n",), (LONG,)]),
    ("varchar", "string", [("x" * 5000,)]),
    ("varchar(5)", "string", [("\U0001F600" * 5,), ("a ",)]),
    ("char(4)", "string", [("ab", "ab  ")]),
    ("bytea", "binary", [("\\x", ""), ("\\x00ff41", "\\x00\\xFFA")]),
    ("uuid", "uuid", [("123e4567-e89b-12d3-a456-426614174000",)]),
    ("date", "date", [("0001-01-01",), ("9999-12-31",), ("4713-01-01 BC", REJECTED), ("5874897-12-31", REJECTED), ("infinity", REJECTED)]),
    ("time", "time", [("00:00:00",), ("23:59:59.999999",), ("24:00:00", REJECTED)]),
    ("timetz", "string", [("12:00:00.5+05:30",)]),
    ("timestamp", "timestamp", [("0001-01-01 00:00:00",), ("9999-12-31 23:59:59.999999",), ("0044-03-15 00:00:00 BC", REJECTED),
                                ("infinity", REJECTED), ("-infinity", REJECTED)]),
    ("timestamptz", "timestamptz", [("2024-03-10 08:00:00.5+02", "2024-03-10 06:00:00.5+00"), ("infinity", REJECTED)]),
    ("interval", "string", [("1 year 2 mons -3 days +04:05:06.789",)]),
    ("jsonb", "string", [('{"a": 1.10}',), ('"' + "x" * 3000 + '"',)]),
    ("integer[]", "string", [("{1,NULL,3}",), ("{{1,2},{3,4}}",)]),
    ("int4range", "string", [("[1,5)",)]),
    ("bit(4)", "string", [("1010",)]),
    ("inet", "string", [("10.0.0.1/8",), ("::1",)]),
    ("oid", "long", [("4294967295",)]),
]
MARIADB = [
    ("tinyint", "int", [("-128",), ("127",)]),
    ("tinyint unsigned", "int", [("255",)]),
    ("int unsigned", "long", [("4294967295",)]),
    ("int(5) unsigned zerofill", "long", [("7",)]),
    ("bigint", "long", [("-9223372036854775808",), ("9223372036854775807",)]),
    ("bigint unsigned", "decimal(20,0)", [("0",), ("18446744073709551615",)]),
    ("decimal(6,2)", "decimal(6,2)", [("-9999.99",)]),
    ("decimal(38,10)", "decimal(38,10)", [("-9999999999999999999999999999.9999999999",)]),
    ("decimal(65,30)", "string", [("12345678901234567890123456789012345.123456789012345678901234567890",)]),
    ("float", "float", [("123456.7",), ("0.1",), ("3.4028234e38", "3.4028235e+38")]),
    ("double", "double", [("0.30000000000000004",), ("-1.7976931348623157e308", "-1.7976931348623157e+308")]),
    ("bit(1)", "boolean", [("1", "true"), ("0", "false")]),
    ("bit(64)", "decimal(20,0)", [("18446744073709551615",), ("1",)]),
    ("date", "date", [("0001-01-01",), ("9999-12-31",), ("0000-00-00", REJECTED), ("2024-02-31", REJECTED)]),
    ("datetime(6)", "timestamp", [("0001-01-01 00:00:00.000001",), ("9999-12-31 23:59:59.999999",), ("0000-00-00 00:00:00", REJECTED)]),
    ("timestamp(6) null", "timestamptz", [("1970-01-01 00:00:01.5", "1970-01-01 00:00:01.5+00"),
                                          ("2038-01-19 03:14:07.999999", "2038-01-19 03:14:07.999999+00")]),
    ("time(3)", "string", [("-838:59:59.000",), ("838:59:59.999",)]),
    ("year", "int", [("1901",), ("2155",)]),
    ("char(5)", "string", [("é😀",), ("",)]),
    ("varchar(20) character set latin1", "string", [("ÄÖÜß",)]),
    ("longtext", "string", [(LONG,), ("a\tb\n\"",)]),
    ("varbinary(10)", "binary", [("x'00FF10'", "\\x00\\xFF\\x10"), ("x''", "")]),
    ("longblob", "binary", [("x'C3A9'", "\\xC3\\xA9")]),
    ("enum('a','b c')", "string", [("b c",)]),
    ("set('x','y')", "string", [("x,y",), ("",)]),
    ("json", "string", [('{"a": 1.10}',)]),
    ("uuid", "uuid", [("123e4567-e89b-12d3-a456-426614174000",)]),
    ("inet6", "string", [("::1",)]),
]
SQLITE = [
    ("integer", "int", [("-2147483648",), ("2147483647",), ("9223372036854775807", REJECTED), ("abc", REJECTED)]),
    ("bigint", "long", [("-9223372036854775808",), ("9223372036854775807",), ("x", REJECTED)]),
    ("real", "double", [("0.1",), ("0.30000000000000004",), ("1.7976931348623157e+308",), ("5e-324",), ("abc", REJECTED)]),
    ("decimal(9,2)", "decimal(9,2)", [("12.34",), ("12345678901.123", REJECTED), ("0.001", REJECTED)]),
    ("boolean", "boolean", [("1", "true"), ("0", "false"), ("2", REJECTED), ("maybe", REJECTED)]),
    ("text", "string", [("",), ("größe \U0001F600 \t\n",), (LONG,)]),
    ("varchar(3)", "string", [("longer than declared",)]),
    ("blob", "binary", [("x'00ff41'", "\\x00\\xFFA"), ("x''", "")]),
    ("date", "date", [("2024-02-29",), ("2024-02-31", REJECTED), ("0000-00-00", REJECTED)]),
    ("time", "time", [("23:59:59.999999",), ("25:00", REJECTED)]),
    ("timestamp", "timestamp", [("2024-01-01 10:00:00.123456",), ("2024-01-01T10:00:00Z", REJECTED), ("never", REJECTED)]),
    ("(no type)", "string", [("3.5",), ("abc",)]),
]
SQL_SERVER = [
    ("bit", "boolean", [("1", "true"), ("0", "false")]),
    ("tinyint", "int", [("0",), ("255",)]),
    ("smallint", "int", [("-32768",), ("32767",)]),
    ("int", "int", [("-2147483648",), ("2147483647",)]),
    ("bigint", "long", [("-9223372036854775808",), ("9223372036854775807",)]),
    ("real", "float", [("-3.4028235e38", "-3.4028235e+38"), ("0.1",), ("16777217", "16777216.0")]),
    ("float", "double", [("0.30000000000000004",), ("-1.7976931348623157e308", "-1.7976931348623157e+308"), ("5e-324",)]),
    ("decimal(9,2)", "decimal(9,2)", [("-9999999.99",), ("0.01",)]),
    ("decimal(38,10)", "decimal(38,10)", [("-9999999999999999999999999999.9999999999",), ("0.0000000001",)]),
    ("numeric(38,0)", "decimal(38,0)", [("99999999999999999999999999999999999999",)]),
    ("money", "decimal(19,4)", [("-922337203685477.5808",), ("922337203685477.5807",), ("0.0001",)]),
    ("smallmoney", "decimal(10,4)", [("-214748.3648",), ("214748.3647",)]),
    ("char(5)", "string", [("ab", "ab   "), ("ÄÖÜß€",)]),
    ("varchar(8000)", "string", [("",), ("Äß " * 2666,)]),
    ("varchar(max)", "string", [("€" * 100000,), ("",)]),
    ("nchar(4)", "string", [("é😀", "é😀 ")]),
    ("nvarchar(20)", "string", [("größe 😀 \t\n",), ("ключ",), ("",)]),
    ("nvarchar(4000)", "string", [("é😀" * 1300,)]),
    ("nvarchar(max)", "string", [(LONG,), ("😀" * 100000,)]),
    ("text", "string", [("Ä" * 70000,), ("",)]),
    ("ntext", "string", [("ключ😀" * 20000,)]),
    ("xml", "string", [('<a b="1">é😀</a>',)]),
    ("binary(4)", "binary", [("\\x00\\xFF", "\\x00\\xFF\\x00\\x00")]),
    ("varbinary(10)", "binary", [("\\x00\\xFF\\x10",), ("",)]),
    ("varbinary(max)", "binary", [("\\x00\\xC3" * 15000,)]),
    ("image", "binary", [("\\xFF" * 30000,)]),
    ("uniqueidentifier", "uuid", [("123e4567-e89b-12d3-a456-426614174000",), ("ffffffff-ffff-ffff-ffff-ffffffffffff",)]),
    ("date", "date", [("0001-01-01",), ("9999-12-31",)]),
    ("time(0)", "time", [("23:59:59",)]),
    ("time(3)", "time", [("23:59:59.999",)]),
    ("time(7)", "time", [("00:00:00",), ("23:59:59.999999",), ("23:59:59.9999999", REJECTED)]),
    ("smalldatetime", "timestamp", [("1900-01-01 00:00:00",), ("2079-06-06 23:59:00",)]),
    ("datetime", "timestamp", [("1753-01-01 00:00:00",), ("9999-12-31 23:59:59.997",), ("2024-02-29 10:00:00.003",), ("2024-02-29 10:00:00.007",)]),
    ("datetime2(0)", "timestamp", [("2024-02-29 23:59:59",)]),
    ("datetime2(3)", "timestamp", [("2024-02-29 23:59:59.999",)]),
    ("datetime2(7)", "timestamp", [("0001-01-01 00:00:00",), ("9999-12-31 23:59:59.999999",), ("2024-02-29 12:00:00.1234567", REJECTED)]),
    ("datetimeoffset(7)", "timestamptz", [("2024-03-10 08:00:00.5 +02:00", "2024-03-10 06:00:00.5+00"), ("0001-01-01 00:00:00 +00:00", "0001-01-01 00:00:00+00"),
                                          ("9999-12-31 23:59:59.999999 -00:00", "9999-12-31 23:59:59.999999+00"), ("2024-01-01 00:00:00 +14:00", "2023-12-31 10:00:00+00"),
                                          ("2024-01-01 00:00:00 -13:30", "2024-01-01 13:30:00+00"), ("2024-01-01 00:00:00.0000001 +00:00", REJECTED)]),
]


def literal(name, text):
    if text.startswith("x'") or name.startswith("bit("):
        return text
    return quoted(text)


def main():
    cases = Cases()
    with open(os.path.join(HERE, "odbc_types.md"), encoding="utf-8") as head:
        text = head.read()
    with PostgresServer() as server:
        text += load_types(cases, OdbcProject(sys.argv[1]), "PostgreSQL 15, psqlODBC 13", server.sql, POSTGRES, postgres_connection(server))
    with MariaDb() as server:
        server.run("create database shop")
        text += load_types(cases, OdbcProject(sys.argv[1]), "MariaDB 10.11, MariaDB Connector/ODBC 3.1",
                     lambda sql: server.run("set sql_mode = 'ALLOW_INVALID_DATES'; " + sql, "shop"), MARIADB, mariadb_connection(server), literal)
    path = os.path.join(OdbcProject(sys.argv[1]).folder, "types.db")
    text += load_types(cases, OdbcProject(sys.argv[1]), "SQLite 3, SQLite ODBC 0.9998", SqliteFile(path).run, SQLITE, sqlite_connection(path), literal)
    with TdsServer() as server:
        text += load_types(cases, OdbcProject(sys.argv[1]), "SQL Server's types, FreeTDS 1.3", server.run, SQL_SERVER, tds_connection(server))
    check_page(cases, "odbc", text)
    cases.finish()


if __name__ == "__main__":
    main()
