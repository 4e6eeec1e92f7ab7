#!/usr/bin/env python3
"""Every type of a PostgreSQL source at its extremes: what arrives in the lake is what the server shows, or the row is rejected.
docs/fidelity/postgres.md is written from what is seen here and compared with it: LEAT_UPDATE=1 writes it anew.

usage: test/interop/postgres_types.py LEAT …
"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from fidelity import REJECTED, check_page, check_type, count_rejected, quoted  # noqa: E402
from leat_project import Cases, Project  # noqa: E402
from postgres_server import PostgresServer  # noqa: E402

SETUP = """
create type mood as enum ('sad', 'ok');
create domain price as numeric(9,2) check (value >= 0);
create type pair as (a int, b text);
create extension hstore; create extension citext;
"""
# (type, type in the lake, [(literal, in the lake)]): no second member is "as the server shows it".
TYPES = [
    ("boolean", "boolean", [("true",), ("false",)]),
    ("smallint", "int", [("-32768",), ("32767",)]),
    ("integer", "int", [("-2147483648",), ("2147483647",)]),
    ("bigint", "long", [("-9223372036854775808",), ("9223372036854775807",)]),
    ("real", "float", [("-3.4028235e+38",), ("1e-45",), ("-0", "-0.0"), ("NaN", "nan"), ("Infinity", "inf"), ("-Infinity", "-inf")]),
    ("double precision", "double", [("-1.7976931348623157e+308",), ("5e-324",), ("-0", "-0.0"), ("0.1",), ("NaN", "nan"),
                                    ("Infinity", "inf"), ("-Infinity", "-inf")]),
    ("numeric(9,2)", "decimal(9,2)", [("-9999999.99",), ("0.01",), ("NaN", REJECTED)]),
    ("numeric(38,10)", "decimal(38,10)", [("-9999999999999999999999999999.9999999999",), ("0.0000000001",)]),
    ("numeric(5,-2)", "decimal(7,0)", [("9999900",)]),
    ("numeric(3,5)", "decimal(5,5)", [("0.00999", ".00999")]),
    ("numeric(60,20)", "string", [("1234567890123456789012345678901234567890.12345678901234567890",), ("NaN",)]),
    ("numeric", "decimal(38,6)", [("12345678901234567890.123456",), ("1.5", "1.500000"), ("NaN", REJECTED), ("Infinity", REJECTED)]),
    ("money", "decimal(19,2)", [("-92233720368547758.08", "-92233720368547758.08"), ("92233720368547758.07", "92233720368547758.07")]),
    ("text", "string", [("",), ("größe \U0001F600 \t\n",)]),
    ("varchar(5)", "string", [("abcde",), ("a ",)]),
    ("char(4)", "string", [("ab", "ab  "), ("", "    ")]),
    ('"char"', "string", [("x",)]),
    ("name", "string", [("a",)]),
    ("citext", "string", [("MiXed",)]),
    ("bytea", "binary", [("\\x", ""), ("\\x00ff41", "\\x00\\xFFA")]),
    ("uuid", "uuid", [("00000000-0000-0000-0000-000000000000",), ("ffffffff-ffff-ffff-ffff-ffffffffffff",)]),
    ("date", "date", [("4713-01-01 BC", "4713-01-01 (BC)"), ("0001-01-01",), ("9999-12-31",), ("5874897-12-31",),
                      ("infinity", REJECTED), ("-infinity", REJECTED)]),
    ("time", "time", [("00:00:00",), ("23:59:59.999999",), ("24:00:00", REJECTED)]),
    ("timetz", "string", [("12:00:00.5+05:30",), ("24:00:00-14",)]),
    ("timestamp", "timestamp", [("4713-01-01 00:00:00 BC", "4713-01-01 (BC) 00:00:00"), ("1969-12-31 23:59:59.999999",),
                                ("294246-12-31 23:59:59.999999",), ("294276-12-31 00:00:00", REJECTED), ("infinity", REJECTED)]),
    ("timestamptz", "timestamptz", [("2024-03-10 08:00:00.5+02", "2024-03-10 06:00:00.5+00"), ("0044-03-15 00:00:00+00 BC", "0044-03-15 (BC) 00:00:00+00"),
                                    ("-infinity", REJECTED)]),
    ("interval", "string", [("1 year 2 mons -3 days 04:05:06.789", "P1Y2M-3DT4H5M6.789S"), ("-178000000 years", "P-178000000Y")]),
    ("json", "string", [('{"a": 1.10,  "a": null}',), ("null",)]),
    ("jsonb", "string", [('{"a": 1.10}',), ("123456789012345678901234567890.5",)]),
    ("xml", "string", [("<a>1</a>",)]),
    ("mood (enum)", "string", [("sad",)]),
    ("price (domain over numeric(9,2))", "decimal(9,2)", [("1.5", "1.50")]),
    ("pair (composite)", "string", [('(1,"x y")', '{"a":1,"b":"x y"}')]),
    ("integer[]", "list<int>", [("{1,NULL,3}", "[1, NULL, 3]"), ("{}", "[]"), ("{{1,2},{3,4}}", REJECTED), ("[0:1]={1,2}", REJECTED)]),
    ("text[]", "list<string>", [('{"a,b",NULL,""}', "['a,b', NULL, '']")]),
    ("numeric(9,2)[]", "list<decimal(9,2)>", [("{1.50,-2.00}", "[1.50, -2.00]"), ("{NaN}", REJECTED)]),
    ("timestamptz[]", "list<timestamptz>", [("{2020-01-01 00:00:00+00}", "['2020-01-01 00:00:00+00']")]),
    ("interval[]", "list<string>", [("{1 day}", "[P1D]")]),
    ("int4range", "string", [("[1,5)",), ("empty",)]),
    ("tstzmultirange", "string", [("{}",)]),
    ("bit(4)", "string", [("1010",)]),
    ("bit varying", "string", [("1",), ("",)]),
    ("inet", "string", [("10.0.0.1/8",), ("::1", "::1/128")]),
    ("cidr", "string", [("10.0.0.0/8",)]),
    ("macaddr", "string", [("08:00:2b:01:02:03",)]),
    ("point", "string", [("(1,-2.5)",)]),
    ("tsvector", "string", [("'a' 'cat'",)]),
    ("hstore", "string", [('"a"=>NULL, "b"=>"1"',)]),
    ("oid", "long", [("4294967295",)]),
    ("regclass", "string", [("pg_class",)]),
    ("pg_lsn", "string", [("16/B374D848",)]),
]


def main():
    cases = Cases()
    with PostgresServer() as server:
        server.sql(SETUP)
        project = Project(sys.argv[1])
        tables = ""
        for number, (name, _, values) in enumerate(TYPES):
            source = re.sub(r" \(.*", "", name) if " (" in name else name
            server.sql(f"create table t{number} (id int primary key, v {source})")
            server.sql(f"insert into t{number} values " + ", ".join(f"({i}, {quoted(v[0])})" for i, v in enumerate(values)) + ", (-1, null)")
            tables += f"  - {{ name: t{number}, structured: false, primary_key: [id] }}\n"
        project.write({
            "leat.yml": "version: 1\nname: types\ndefaults: { max_reject: 100% }\n",
            "connections.yml": f"connections:\n  shop: {{ type: postgres, uri: '{server.url}' }}\n",
            "sources/shop.yml": f"connection: shop\ntables:\n{tables}",
        })
        project.run("run")
        lines = []
        for number, (name, expected_type, values) in enumerate(TYPES):
            source = dict(row.split("\x1f", 1) for row in server.sql(
                f"select id || e'\\x1f' || v::text from t{number} where id >= 0", separator="\x1e").split("\x1e") if row)
            lines.append(check_type(cases, project, f"raw_shop.t{number}", name, expected_type, values, source))
        cases.check("rejected rows are kept with their reason", project.rows(
            "select count(*) from leat.rejected where message like '%is not exactly a%' and payload like '%\"id\": %'")[0][0],
            str(count_rejected(TYPES)))
    text = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "postgres_types.md"), encoding="utf-8").read() + "\n".join(lines) + "\n"
    check_page(cases, "postgres", text)
    cases.finish()


if __name__ == "__main__":
    main()
