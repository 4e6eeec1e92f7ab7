#!/usr/bin/env python3
"""The mysql source against a real MariaDB: what the server has is what the lake has, at the extremes of every type.

usage: mysql_source.py LEAT [DATA_FOLDER]
"""
import os
import random
import signal
import sys
import threading
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "support"))
from leat_project import Cases, Project  # noqa: E402
from mariadb import MariaDb  # noqa: E402
from tcp_gate import TcpGate  # noqa: E402
from table_cases import Side, split_keys  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])

# column, its MySQL type, values as SQL; what the lake shows of them, and its type there
TYPES = [
    ("tiny", "tinyint", ["-128", "127"], ["-128", "127"], "INTEGER"),
    ("utiny", "tinyint unsigned", ["0", "255"], ["0", "255"], "INTEGER"),
    ("yesno", "boolean", ["true", "false"], ["1", "0"], "INTEGER"),
    ("small", "smallint unsigned", ["0", "65535"], ["0", "65535"], "INTEGER"),
    ("medium", "mediumint unsigned zerofill", ["7", "16777215"], ["7", "16777215"], "INTEGER"),
    ("whole", "int", ["-2147483648", "2147483647"], ["-2147483648", "2147483647"], "INTEGER"),
    ("uwhole", "int unsigned", ["0", "4294967295"], ["0", "4294967295"], "BIGINT"),
    ("big", "bigint", ["-9223372036854775808", "9223372036854775807"], ["-9223372036854775808", "9223372036854775807"], "BIGINT"),
    ("ubig", "bigint unsigned", ["0", "18446744073709551615"], ["0", "18446744073709551615"], "DECIMAL(20,0)"),
    ("money", "decimal(6,2)", ["-9999.99", "1"], ["-9999.99", "1.00"], "DECIMAL(6,2)"),
    ("wide", "decimal(38,10)", ["-9999999999999999999999999999.9999999999", "0.0000000001"],
     ["-9999999999999999999999999999.9999999999", "0.0000000001"], "DECIMAL(38,10)"),
    ("widest", "decimal(65,30)", ["12345678901234567890123456789012345.123456789012345678901234567890", "0"],
     ["12345678901234567890123456789012345.123456789012345678901234567890", "0.000000000000000000000000000000"], "VARCHAR"),
    ("single", "float", ["16777217.0", "3.4028234e38"], ["16777216.0", "3.4028235e+38"], "FLOAT"),
    ("single_exact", "float", ["0.1", "123456.7"], ["0.1", "123456.7"], "FLOAT"),
    ("real8", "double", ["0.1", "-1.7976931348623157e308"], ["0.1", "-1.7976931348623157e+308"], "DOUBLE"),
    ("bit1", "bit(1)", ["b'1'", "b'0'"], ["true", "false"], "BOOLEAN"),
    ("bit64", "bit(64)", ["0xFFFFFFFFFFFFFFFF", "1"], ["18446744073709551615", "1"], "DECIMAL(20,0)"),
    ("day", "date", ["'0001-01-01'", "'9999-12-31'"], ["0001-01-01", "9999-12-31"], "DATE"),
    ("moment", "datetime(6)", ["'0001-01-01 00:00:00.000001'", "'9999-12-31 23:59:59.999999'"],
     ["0001-01-01 00:00:00.000001", "9999-12-31 23:59:59.999999"], "TIMESTAMP"),
    ("instant", "timestamp(6) null", ["'1970-01-01 00:00:01.5'", "'2038-01-19 03:14:07.999999'"],
     ["1970-01-01 00:00:01.5+00", "2038-01-19 03:14:07.999999+00"], "TIMESTAMP WITH TIME ZONE"),
    ("span", "time(3)", ["'-838:59:59'", "'838:59:59.999'"], ["-838:59:59.000", "838:59:59.999"], "VARCHAR"),
    ("yr", "year", ["1901", "2155"], ["1901", "2155"], "INTEGER"),
    ("fixed", "char(5)", ["'a'", "'é😀'"], ["a", "é😀"], "VARCHAR"),
    ("latin", "varchar(20) character set latin1", ["'ÄÖÜß'", "''"], ["ÄÖÜß", ""], "VARCHAR"),
    ("txt", "longtext", ["repeat('x', 100000)", "'a\\tb\\nc\\\\\"'"], ["x" * 100000, "a\tb\nc\\\""], "VARCHAR"),
    ("bin", "varbinary(10)", ["x'00FF10'", "''"], ["\\x00\\xFF\\x10", ""], "BLOB"),
    ("blb", "longblob", ["x'00'", "x'C3A9'"], ["\\x00", "\\xC3\\xA9"], "BLOB"),
    ("kind", "enum('a','b c')", ["'a'", "'b c'"], ["a", "b c"], "VARCHAR"),
    ("kinds", "set('x','y')", ["'x,y'", "''"], ["x,y", ""], "VARCHAR"),
    ("doc", "json", ["'{\"a\": 1.10}'", "'null'"], ['{"a": 1.10}', "null"], "VARCHAR"),
    ("uid", "uuid", ["'123e4567-e89b-12d3-a456-426614174000'", "'00000000-0000-0000-0000-000000000000'"],
     ["123e4567-e89b-12d3-a456-426614174000", "00000000-0000-0000-0000-000000000000"], "UUID"),
    ("addr", "inet6", ["'::1'", "'::ffff:1.2.3.4'"], ["::1", "::ffff:1.2.3.4"], "VARCHAR"),
]


def project(server, tables, connection=""):
    made = Project(LEAT)
    made.write({"leat.yml": "version: 1\nname: shop\n",
                "connections.yml": f"connections:\n  shop: {{ type: mysql, host: 127.0.0.1, port: {server.port}, user: root, database: shop{connection} }}\n",
                "sources/shop.yml": "connection: shop\ntables:\n" + tables})
    return made


def types(cases, server):
    columns = ", ".join(f"`{name}` {kind}" for name, kind, *_ in TYPES)
    server.run(f"create table types (id int primary key, {columns});"
               f"set sql_mode=''; insert into types values (1, {', '.join(t[2][0] for t in TYPES)}), (2, {', '.join(t[2][1] for t in TYPES)});"
               f"insert into types (id) values (3);", "shop")
    made = project(server, "  - { name: types, structured: false }\n")
    made.run("run")
    found = dict(made.rows("select column_name, column_type from (describe select * from raw_shop.types)"))
    for name, kind, _, shown, lake in TYPES:
        cases.check(f"{kind}: type", found[name], lake)
        cases.check(f"{kind}: values", [row[1] for row in made.rows(f"select id, {name} from raw_shop.types order by id")], [*shown, ""])
    cases.check("nothing was rejected", made.one("select rows_in, rows_out, rows_rejected from leat.ledger where step like '%types'"), ["3", "3", "0"])
    expected = server.rows("select sum(big div 2), sum(ubig), sum(money), sum(wide), bit_xor(crc32(txt)), count(*) from types", "shop")[0]
    cases.check("sums at the server and in the lake", made.one("select sum(big // 2)::hugeint, sum(ubig), sum(money), sum(wide) from raw_shop.types")[1:],
                expected[1:4])


def bad_values(cases, server):
    server.run("create table odd (id int primary key, d date, t datetime); set sql_mode='ALLOW_INVALID_DATES';"
               "insert into odd values (1, '0000-00-00', null), (2, '2024-02-31', null), (3, '2024-02-29', '0000-00-00 00:00:00'), (4, '2024-02-29', null)", "shop")
    made = project(server, "  - { name: odd, structured: false, max_reject: 100% }\n")
    made.run("run")
    cases.check("days that there are not are rejected with their row", made.rows("select payload from raw_shop.odd__rejected order by payload"),
                [['{"id": "1", "d": "0000-00-00", "t": null}'], ['{"id": "2", "d": "2024-02-31", "t": null}'],
                 ['{"id": "3", "d": "2024-02-29", "t": "0000-00-00 00:00:00"}']])
    made = project(server, "  - { name: odd, structured: false, max_reject: 100% }\n", ", zero_dates: 'null'")
    made.run("run")
    cases.check("zero_dates: null", made.rows("select id, d, t from raw_shop.odd order by id"), [["1", "", ""], ["3", "2024-02-29", ""], ["4", "2024-02-29", ""]])


def shapes(cases, server):
    wide = ", ".join(f"c{i} int" for i in range(1000))
    server.run(f"create table `wide one` ({wide}); insert into `wide one` (c999) values (7);"
               "create table empty (id int primary key, v varchar(5)); create table `order` (`a b` int, `quo``te\"` int, `ключ` int, primary key (`ключ`, `a b`));"
               "insert into `order` values (1, 2, 3); create view seen as select `ключ` as k from `order`;"
               "create table nokey (v int); insert into nokey values (1), (1), (null)", "shop")
    made = project(server, "  - { name: wide_one, table: 'wide one', structured: false }\n  - { name: empty, structured: false }\n"
                           "  - { name: order, structured: false }\n  - { name: seen, structured: false }\n  - { name: nokey, structured: false }\n")
    made.run("run")
    cases.check("a thousand columns", made.one("select c999, c0 from raw_shop.wide_one"), ["7", ""])
    cases.check("an empty table has its columns", made.one("select count(*), count(v) from raw_shop.empty"), ["0", "0"])
    cases.check("odd names", made.one('select "a b", "quo`te""", "ключ" from raw_shop."order"'), ["1", "2", "3"])
    cases.check("a view", made.one("select k from raw_shop.seen"), ["3"])
    cases.check("no key: every row", made.one("select count(*), sum(v) from raw_shop.nokey"), ["3", "2"])


def going_on(cases, server):
    server.run("create table t (id bigint unsigned primary key, v int, at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6));"
               "insert into t (id, v) select seq, seq from seq_1_to_5000; insert into t (id, v) values (18446744073709551615, 0)", "shop")
    made = project(server, "  - { name: t, mode: incremental, update_key: at, primary_key: [id], structured: false }\n")
    made.run("run")
    server.run("update t set v = -1 where id <= 10; insert into t (id, v) values (9000, 1)", "shop")
    made.run("run")
    lake = made.one("select count(*), sum(id), sum(v) from raw_shop.t")
    cases.check("upsert by update_key: equal to the server", lake, server.rows("select count(*), sum(id), sum(v) from t", "shop")[0])
    cases.check("only what changed was read", made.one("select rows_in from leat.ledger order by run_id desc limit 1"), ["11"])
    made = project(server, "  - { name: t, mode: append, update_key: id, structured: false }\n")
    made.run("run")
    server.run("delete from t where id > 9000; insert into t (id, v) values (18446744073709551614, 1)", "shop")
    cases.check("a key beyond 2^53 is compared as a number",
                [made.run("run").returncode, made.one("select count(*) from raw_shop.t")], [0, ["5002"]])


def changing(cases, server):
    """Rows that move while they are read: the sum stays what it was at one moment."""
    server.run("create table acc (id int primary key, v int); insert into acc select seq, 100 from seq_1_to_200000", "shop")
    stop = threading.Event()

    def move():
        while not stop.is_set():
            server.run(f"start transaction; update acc set v = v - 7 where id = {random.randint(10, 100000)}; "
                       "update acc set v = v + 7 where id = 199999; delete from acc where id = 3; insert into acc values (3, 100); commit;", "shop")

    for name, connection in (("one snapshot", ""), ("parts over two connections", ", consistency: part, streams: 2")):
        stop.clear()
        mover = threading.Thread(target=move)
        mover.start()
        made = project(server, "  - { name: acc, structured: false }\n", connection)
        made.run("run")
        stop.set()
        mover.join()
        count, distinct, total = made.one("select count(*), count(distinct id), sum(v) from raw_shop.acc")
        cases.check(f"{name}: every row once", (count, distinct), ("200000", "200000"))
        cases.check(f"{name}: the cost of all rows", made.one("select sum(rows) from leat.source_cost"), ["200000"])
        if name == "one snapshot":
            cases.check(f"{name}: the table of one moment", total, "20000000")
    made = project(server, "  - { name: acc, structured: false }\n")
    made.run("run")
    cases.check("when all is quiet: equal", made.one("select count(*), sum(v), sum(id * v) from raw_shop.acc"),
                server.rows("select count(*), sum(v), sum(id * v) from acc", "shop")[0])


def cut(cases, server):
    """Connections are cut after a quarter of the table each: its parts are read over new ones."""
    server.run("create table pieces (id int primary key, v varchar(100), at timestamp(6) not null default '2024-01-01 00:00:00'); "
               "insert into pieces (id, v) select seq, repeat('x', 100) from seq_1_to_100000", "shop")
    gate = TcpGate(server.port)
    tables = "  - { name: pieces, mode: incremental, update_key: at, primary_key: [id], part_rows: 4000, structured: false, properties: { write.target-file-size-bytes: '1' } }\n"
    made = project(server, tables)
    made.write({"connections.yml": f"connections:\n  shop: {{ type: mysql, host: 127.0.0.1, port: {gate.port}, user: root, database: shop }}\n"})
    gate.cut_after = 3_000_000
    made.run("run")
    gate.stop()
    cases.true(f"connections that are cut: parts are read again over new ones ({gate.cuts} times)", gate.cuts >= 2, gate.cuts)
    cases.check("and every row is there once", made.one("select count(*), count(distinct id) from raw_shop.pieces"), ["100000", "100000"])


def hostile(cases, server):
    def fails(made, code, *words):
        done = made.run("run", expect=None)
        text = done.stdout + done.stderr
        return done.returncode != 0 and code in text and all(word in text for word in words), text

    cases.true("no such table", *fails(project(server, "  - ordre\n"), "SRC-277", "order"))
    made = project(server, "  - { name: acc, mode: incremental, update_key: changed, primary_key: [id] }\n")
    cases.true("no such update key", *fails(made, "SRC-278", "changed"))
    server.run("create user ann@'%' identified by 'a-pass-word'; grant select on shop.t to ann@'%'; flush privileges")
    made = project(server, "  - { name: acc }\n", ", user: ann, password: wrong-word".replace(", user: ann", ""))
    made.write({"connections.yml": f"connections:\n  shop: {{ type: mysql, uri: 'mysql://ann:wrong-word@127.0.0.1:{server.port}/shop' }}\n"})
    held, text = fails(made, "SRC-272", "password")
    cases.true("a wrong password, not shown", held and "wrong-word" not in text, text)
    made.write({"connections.yml": f"connections:\n  shop: {{ type: mysql, uri: 'mysql://ann:a-pass-word@127.0.0.1:{server.port}/shop' }}\n"})
    cases.true("no right to the table", *fails(made, "SRC-277", "SELECT"))
    made.write({"sources/shop.yml": "connection: shop\ntables:\n  - { name: t, structured: false }\n"})
    made.run("run")
    cases.check("SELECT on the table is enough", made.one("select count(*) > 5000 from raw_shop.t"), ["true"])
    server.run("install soname 'auth_ed25519'; create user eve@'%' identified via ed25519 using password('a-pass-word'); grant select on shop.t to eve@'%'")
    made.write({"connections.yml": f"connections:\n  shop: {{ type: mysql, uri: 'mysql://eve:a-pass-word@127.0.0.1:{server.port}/shop' }}\n"})
    cases.check("a user who logs in by a plugin", made.run("run", "--force").returncode, 0)
    made.write({"connections.yml": "connections:\n  shop: { type: mysql, uri: 'mysql://ann@127.0.0.1:9/shop' }\n"})
    cases.true("nobody there", *fails(made, "SRC-271", "127.0.0.1:9"))

    server.run("create table slow (id int primary key, v varchar(200)); insert into slow select seq, repeat('x', 200) from seq_1_to_1000000", "shop")
    made = project(server, "  - { name: slow, structured: false }\n")
    process, go = made.paused("load.opened", "run")
    server.stop(signal.SIGKILL)
    go()
    out, err = process.communicate(timeout=120)
    cases.true("the server dies: an error, and nothing is published", process.returncode != 0 and "SRC-27" in out + err, out + err)
    server.start()
    made.run("run")
    cases.check("and the next run has it all", made.one("select count(*), count(distinct id) from raw_shop.slow"), ["1000000", "1000000"])
    process = made.start("run", "--force")
    time.sleep(0.4)
    began = time.monotonic()
    process.terminate()
    process.communicate(timeout=30)
    cases.true("a stop is obeyed at once", process.returncode in (0, 143) and time.monotonic() - began < 5, str(process.returncode))


def splits(cases, server):
    server.run("create database parts")
    side = Side(lambda: Project(LEAT), "MySQL", server, lambda sql: server.run(sql, "parts"), lambda sql: server.rows(sql, "parts"),
                lambda more: f"{{ type: mysql, host: 127.0.0.1, port: {server.port}, user: root, database: parts{more} }}", "`", 1000)
    split_keys(cases, side, ", consistency: part, streams: 2", "datetime(6)")


def main():
    cases = Cases()
    with MariaDb() as server:
        server.run("create database shop")
        types(cases, server)
        bad_values(cases, server)
        shapes(cases, server)
        going_on(cases, server)
        changing(cases, server)
        cut(cases, server)
        splits(cases, server)
        hostile(cases, server)
    cases.finish()


if __name__ == "__main__":
    main()
