"""What every source of tables must hold, whatever the driver: shapes of tables, sums here and there, going on by update_key, changed columns."""
import hashlib


class Side:
    """One driver and the database behind it. `connection(more)`: YAML of its connection; `quote`: of names; `widest`: the most columns that a
    table may have there."""

    def __init__(self, make_project, name, server, run, rows, connection, quote, widest):
        self.make_project, self.name, self.server, self.run, self.rows = make_project, name, server, run, rows
        self.connection, self.quote, self.widest = connection, quote, widest

    def quoted(self, text):
        return self.quote + text.replace(self.quote, self.quote * 2) + self.quote

    def project(self, tables, more="", **files):
        made = self.make_project()
        made.write({"leat.yml": "version: 1\nname: shop\n", "connections.yml": f"connections:\n  shop: {self.connection(more)}\n",
                    "sources/shop.yml": "connection: shop\ntables:\n" + tables, **files})
        return made


def shapes(cases, side):
    q = side.quoted
    wide = ", ".join(f"c{i} int" for i in range(side.widest))
    names = ["a b", 'quo"te', "tick`", "ключ", "select", "semi;colon", "under_score", "per%cent", "que?stion", "brace{d}"]
    side.run(f"create table {q('wide one')} ({wide}); insert into {q('wide one')} (c{side.widest - 1}) values (7);"
             "create table empty (id int primary key, v varchar(5));"
             f"create table {q('order')} ({', '.join(q(name) + ' int' for name in names)}, primary key ({q('ключ')}, {q('a b')}));"
             f"insert into {q('order')} values ({', '.join(str(i) for i in range(len(names)))});"
             f"create view seen as select {q('ключ')} as k from {q('order')};"
             "create table nokey (v int); insert into nokey values (1), (1), (null);"
             "create table odd_name (v int); create table oddXname (v int); insert into odd_name values (1);")
    made = side.project("  - { name: wide_one, table: 'wide one', structured: false }\n  - { name: empty, structured: false }\n  - { name: order, structured: false }\n"
                        "  - { name: seen, structured: false }\n  - { name: nokey, structured: false }\n  - { name: odd_name, structured: false }\n")
    made.run("run")
    cases.check(f"{side.name}: {side.widest} columns", made.one(f"select c{side.widest - 1}, c0 from raw_shop.wide_one"), ["7", ""])
    cases.check(f"{side.name}: an empty table has its columns", made.one("select count(*), count(v) from raw_shop.empty"), ["0", "0"])
    listed = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
    cases.check(f"{side.name}: odd names", made.one(f'select {listed} from raw_shop."order"'), [str(i) for i in range(len(names))])
    cases.check(f"{side.name}: a view", made.one("select k from raw_shop.seen"), ["3"])
    cases.check(f"{side.name}: no key: every row", made.one("select count(*), sum(v) from raw_shop.nokey"), ["3", "2"])
    cases.check(f"{side.name}: _ in a name is no pattern", made.one("select count(*) from raw_shop.odd_name"), ["1"])


def whole(cases, side, ways=("",)):
    """20,000 rows with long values between short ones: sums at the source and in the lake. `ways`: further options of the connection."""
    side.run("create table numbers (n int primary key); insert into numbers "
             "with recursive s(n) as (select 1 union all select n + 1 from s where n < 1000) select n from s;"
             "create table items (id bigint primary key, price decimal(18,4), label varchar(40), doc text);"
             "insert into items select (a.n - 1) * 1000 + b.n, (a.n * 1000 + b.n) * 1.0001, concat('row ', b.n), "
             "case when b.n % 50 = 0 then concat(b.n, '-', repeat('x', b.n * 40)) when b.n % 7 = 0 then null else 'short' end "
             "from numbers a, numbers b where a.n <= 20;" if side.name != "SQLite" else
             "create table items (id bigint primary key, price decimal(18,4), label varchar(40), doc text);"
             "with recursive s(n) as (select 1 union all select n + 1 from s where n < 20000) insert into items select n, round(n * 1.0001, 4), 'row ' || n, "
             "case when n % 50 = 0 then n || '-' || replace(hex(zeroblob(n % 1000 * 20)), '00', 'xx') when n % 7 = 0 then null else 'short' end from s")
    question = "select count(*), sum(price), sum(id), sum(length(label)), sum(length(doc)), count(doc), max(length(doc)) from "
    for way in ways:
        made = side.project("  - { name: items, structured: false }\n", way)
        made.run("run")
        got = made.one(question + "raw_shop.items")
        expected = side.rows(question + "items")[0]
        cases.check(f"{side.name}: sums here and there{way}", [f"{float(x):.4f}" for x in got], [f"{float(x):.4f}" for x in expected])
        cases.check(f"{side.name}: the same text in every row", made.rows("select id, md5(doc), price from raw_shop.items where id % 997 = 0 order by id"),
                    texts_at_source(side))


def texts_at_source(side):
    if side.name == "SQLite":
        return [[i, hashlib.md5(doc.encode()).hexdigest() if doc else "", f"{float(price):.4f}"]
                for i, doc, price in side.rows("select id, doc, price from items where id % 997 = 0 order by id")]
    return [["" if value == "NULL" else value for value in row]
            for row in side.rows("select id, md5(doc), price from items where id % 997 = 0 order by id")]


def going_on(cases, side):
    side.run("create table t (id bigint primary key, v int, at timestamp not null, label varchar(20));"
             "insert into t select id, 1, '2024-01-01 00:00:00', 'a''b\\c' from items where id <= 5000;")
    made = side.project("  - { name: t, mode: incremental, update_key: at, primary_key: [id], structured: false }\n")
    made.run("run")
    side.run("update t set v = -1, at = '2024-01-02 10:00:00.5' where id <= 10; insert into t values (9007199254740993, 1, '2024-01-02 10:00:00.5', 'new');")
    made.run("run")
    cases.check(f"{side.name}: upsert by update_key", made.one("select count(*), sum(v), sum(id) from raw_shop.t"),
                side.rows("select count(*), sum(v), sum(id) from t")[0])
    cases.check(f"{side.name}: only what changed was read", made.one("select rows_in from leat.ledger order by run_id desc limit 1"), ["11"])
    made.run("run")
    cases.check(f"{side.name}: nothing new, nothing read", made.one("select count(*) from leat.ledger where rows_in > 0"), ["2"])
    made = side.project("  - { name: t, mode: append, update_key: id, structured: false }\n")
    made.run("run")
    side.run("insert into t values (9007199254740994, 1, '2024-01-02 10:00:00.5', 'newer');")
    made.run("run")
    cases.check(f"{side.name}: a key beyond 2^53 is compared as a number", made.one("select count(*), max(id) from raw_shop.t"), ["5002", "9007199254740994"])
    made = side.project("  - { name: t, mode: append, update_key: label, structured: false }\n")
    made.run("run")
    side.run("insert into t values (9007199254740995, 1, '2024-01-02 10:00:00.5', 'newest''s\\z');")
    made.run("run")
    cases.check(f"{side.name}: a key with a quote and a backslash", made.one("select count(*) from raw_shop.t where label like 'new%'"), ["3"])


def changed_columns(cases, side):
    """What is gone blocks the load until somebody says what became of it; what is new is added."""
    side.run("create table moved (id int primary key, name varchar(10)); insert into moved values (1, 'a'), (2, 'b')")
    made = side.project("  - { name: moved, structured: false }\n")
    made.run("run")
    side.run("alter table moved rename column name to title; alter table moved add column size int")
    cases.check(f"{side.name}: leat drift finds the renamed column", sorted({one["class"] for one in made.json("drift", expect=1)["tables"][0]["drift"]}),
                ["additive", "removed", "rename"])
    ended = made.run("run", expect=None)
    cases.true(f"{side.name}: a column that is gone blocks the load", ended.returncode == 1 and "RUN-549" in ended.stdout + ended.stderr,
               ended.stdout + ended.stderr)
    made.write({"sources/shop.yml": "connection: shop\ntables:\n  - { name: moved, renames: { name: title }, structured: false }\n"})
    made.run("run")
    cases.check(f"{side.name}: and is renamed where `renames` says so", made.rows("select id, title, size from raw_shop.moved order by id"),
                [["1", "a", ""], ["2", "b", ""]])


def fails(made, code, *words):
    done = made.run("run", expect=None)
    text = done.stdout + done.stderr
    return done.returncode != 0 and code in text and all(word in text for word in words), text


# name, columns with the key, rows of the numbers a and b (1 to 50, 1 to 1000), statements that two connections need at least
SPLIT_TABLES = [
    ("far", "id bigint primary key, v int", "(a.n - 1) * 1000 + b.n, b.n", 5),
    ("pairs", "a int, b int, v int, primary key (a, b)", "a.n - 25, b.n, a.n * b.n", 5),
    ("days", "d date, n int, v int, primary key (d, n)", "cast(concat(1974 + a.n, '-05-17') as date), b.n, a.n", 5),
    ("moments", "m {moment} primary key, v int", "cast(concat(1974 + a.n, '-05-17 10:10:10.', b.n + 100000) as {moment}), b.n", 5),
    ("prices", "p decimal(12,3) primary key, v int", "(a.n * 1000 + b.n) * 0.125, b.n", 5),
    ("words", "w varchar(40) primary key, v int", "concat('Jäger-', a.n, '-süß ', b.n), b.n", 2),
    ("wordy", "w varchar(40), b int, v int, primary key (w, b)", "concat('Straße ', a.n), b.n, a.n", 2),
]


def split_keys(cases, side, streams, moment):
    """50,000 rows by keys of every kind, read at once by two connections: `streams` is what a connection needs for it. Parts follow the rows, not
    the width of their keys, and after a crash those that are durable are not read again."""
    side.run("create table tens (n int primary key); insert into tens values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);"
             "create table many (n int primary key); insert into many select x.n * 100 + y.n * 10 + z.n + 1 from tens x, tens y, tens z")
    entries = ""
    for table, columns, values, _ in SPLIT_TABLES:
        side.run(f"create table {table} ({columns.format(moment=moment)}); insert into {table} select {values.format(moment=moment)} "
                 "from many a, many b where a.n <= 50")
        entries += f"  - {{ name: {table}, structured: false }}\n"
    # Ten rows far away from the others: of ranges of equal width one would have all the rest.
    side.run("insert into far select 1000000000000000 * n, n from many where n <= 10")
    made = side.project(entries, streams)
    made.run("run")
    for table, columns, _, least in SPLIT_TABLES:
        key = columns.split(" ")[0]
        question = f"select count(*), count(distinct {key}), sum(v), min({key}), max({key}) from "
        if table in ("words", "wordy"):  # whose order is the server's own
            question = f"select count(*), count(distinct {key}), sum(v), sum(length({key})) from "
        got, expected = made.one(question + f"raw_shop.{table}"), side.rows(question.replace("length(", "octet_length(") + table)[0]
        if table in ("words", "wordy"):
            got = made.one(question.replace(f"length({key})", f"strlen({key})") + f"raw_shop.{table}")
        cases.check(f"{side.name}: {table} in parts: equal", [text.split(".")[0] for text in got], [text.split(".")[0] for text in expected])
        statements, connections, rows = made.one(f"select statements, connections, rows from leat.source_cost where step like '%.{table}'")
        cases.true(f"{side.name}: {table}: {statements} statements over {connections} connections",
                   int(statements) >= least and int(connections) == 2 and rows == expected[0], f"{rows} rows")
    made.remove()
    made = side.project(entries, streams + ", budget: { connections: 1 }")
    made.run("run")
    cases.check(f"{side.name}: with one connection no part by a hash", made.one("select statements from leat.source_cost where step like '%.words'"), ["1"])
    made.remove()
    for table, key in (("far", "id"), ("days", "d, n"), ("words", "w")):
        made = side.project(f"  - {{ name: {table}, mode: incremental, update_key: v, primary_key: [{key}], part_rows: 4000, structured: false,\n"
                            "      properties: { write.target-file-size-bytes: '1' } }\n", streams)
        made.run("run", expect=137 if table != "words" else 0, LEAT_FAULT="load.portion.kept=crash@2")
        made.run("run")
        adopted, rows_in = made.one("select coalesce(sum(rows_adopted), 0), sum(rows_in) from leat.ledger where step like '%." + table + "'")
        if table == "words":
            cases.check(f"{side.name}: parts by a hash do not outlive a run", adopted, "0")
        else:
            cases.true(f"{side.name}: {table}: a crash costs what was not durable, {adopted} rows are taken over", 4000 <= int(adopted) <= 30_000, rows_in)
        cases.check(f"{side.name}: {table}: and every row is there once", made.one(f"select count(*), count(distinct ({key})), sum(v) from raw_shop.{table}"),
                    [*side.rows(f"select count(*), count(*), sum(v) from {table}")[0]])
        made.remove()
