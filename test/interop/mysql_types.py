#!/usr/bin/env python3
"""Every type at its extremes from a real MariaDB: what arrives in the lake is what the server has, or the row is rejected.
docs/fidelity/mysql.md is written from what is seen here and compared with it: LEAT_UPDATE=1 writes it anew.

usage: test/interop/mysql_types.py LEAT …
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../support"))
from fidelity import check_page, load_types  # noqa: E402
from leat_project import Cases, Project  # noqa: E402
from mariadb import MariaDb  # noqa: E402
from odbc_types import MARIADB, literal  # noqa: E402

MORE = [
    ("smallint unsigned", "int", [("0",), ("65535",)]),
    ("mediumint", "int", [("-8388608",), ("8388607",)]),
    ("int", "int", [("-2147483648",), ("2147483647",)]),
    ("boolean", "int", [("1",), ("0",)]),
    ("bit(12)", "long", [("4095",), ("0",)]),
    ("point", "binary", [("point(1, 2)", "\\x00\\x00\\x00\\x00\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\xF0?\\x00\\x00\\x00\\x00\\x00\\x00\\x00@")]),
]


def main():
    cases = Cases()
    with open(os.path.join(HERE, "mysql_types.md"), encoding="utf-8") as head:
        text = head.read()
    with MariaDb() as server:
        server.run("create database shop")
        text += load_types(cases, Project(sys.argv[1]), "MariaDB 10.11", lambda sql: server.run("set sql_mode = 'ALLOW_INVALID_DATES'; " + sql, "shop"), MARIADB + MORE,
                           f"{{ type: mysql, host: 127.0.0.1, port: {server.port}, user: root, database: shop }}",
                           lambda name, value: value if name == "point" else literal(name, value))
    check_page(cases, "mysql", text)
    cases.finish()


if __name__ == "__main__":
    main()
