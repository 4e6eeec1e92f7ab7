"""A server that speaks TDS 7.4 for tests of SQL Server's drivers, in this process, with DuckDB behind it.

What it is: the protocol as [MS-TDS] has it (PRELOGIN, LOGIN7, batches, procedures by name, transactions, attention; every token and type that
it sends is a real one), the catalogue procedures that drivers call, and those ways of SQL Server that a reader can fall over: SET TEXTSIZE cuts
long values, SUM of int is an int and overflows, text and ntext cannot be counted, a datetime has steps of 1/300 s and takes no literal with
more than three digits of a fraction, sp_columns calls the newer types nvarchar.
What it is not: SQL Server. It knows the SELECTs of a reader and no more T-SQL; they are rewritten for DuckDB, whose optimizer and collations
are not SQL Server's. Tables are made and filled by `run`, in DuckDB's SQL with SQL Server's types. No TLS, no MARS, no cursors, no parameters.
"""
import re
import select
import socket
import struct
import threading

import duckdb
import tds_wire as wire
from tds_wire import MOMENTS, TYPES, SqlError, Type, canonical

TOKEN = re.compile(r"""N?'(?:[^']|'')*'|"(?:[^"]|"")*"|\[(?:[^\]]|\]\])*\]|0x[0-9A-Fa-f]*\b|\w+|\s+|.""", re.S)
NAME = r'(?:"(?:[^"]|"")*"|\w+)'
TEXTS = ("text", "ntext", "image")
FROM_DUCKDB = {"BOOLEAN": "bit", "UTINYINT": "tinyint", "SMALLINT": "smallint", "INTEGER": "int", "BIGINT": "bigint", "FLOAT": "real", "DOUBLE": "float",
               "UUID": "uniqueidentifier", "BLOB": "varbinary(8000)", "HUGEINT": "bigint"}


def plain(name):
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def split(text):
    """The parts of a list between commas that stand in no parentheses and no quotes."""
    parts, depth = [""], 0
    for token in TOKEN.findall(text):
        depth += (token == "(") - (token == ")")
        if token == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += token
    return [part.strip() for part in parts]


def statements(sql):
    made = [""]
    for token in TOKEN.findall(sql):
        if token == ";":
            made.append("")
        else:
            made[-1] += token
    return [one.strip() for one in made if one.strip()]


def like(pattern, name):
    """LIKE with %, _ and [c]."""
    parts = re.findall(r"\[.\]|.", pattern, re.S)
    return re.fullmatch("".join(".*" if p == "%" else "." if p == "_" else re.escape(p[1] if len(p) == 3 else p) for p in parts), name, re.S | re.I) is not None


class Table:
    def __init__(self, schema, name, kind):
        self.schema, self.name, self.kind = schema, name, kind
        self.columns, self.key = {}, []  # name -> [Type, may be NULL]


class Catalogue:
    """The tables of one database, in DuckDB, and what SQL Server would know of their types."""

    def __init__(self, database):
        self.database = database
        self.tables = {}
        self.connection = duckdb.connect()
        self.connection.execute(f"attach ':memory:' as {quoted(database)}; create schema {quoted(database)}.dbo; use {quoted(database)}.dbo")
        self.lock = threading.Lock()

    def session(self):
        cursor = self.connection.cursor()
        cursor.execute(f"use {quoted(self.database)}.dbo")
        return cursor

    def find(self, name):
        """The table of a name with up to three parts."""
        parts = [plain(part) for part in re.findall(NAME, name)]
        wanted = ((parts[-2] if len(parts) > 1 else "dbo").lower(), parts[-1].lower())
        if wanted not in self.tables:
            raise SqlError(208, f"Invalid object name '{'.'.join(parts)}'.")
        return self.tables[wanted]

    def run(self, sql):
        with self.lock:
            cursor = self.session()
            for one in statements(sql):
                self.run_one(cursor, one)

    def run_one(self, cursor, sql):
        made = re.match(rf"create\s+table\s+((?:{NAME}\.)?{NAME})\s*\((.*)\)$", sql, re.S | re.I)
        view = re.match(rf"create\s+view\s+((?:{NAME}\.)?{NAME})\s+as\s+(.*)$", sql, re.S | re.I)
        altered = re.match(rf"alter\s+table\s+((?:{NAME}\.)?{NAME})\s+(add|drop|rename|alter)\s+(?:column\s+)?({NAME})\s*(.*)$", sql, re.S | re.I)
        if made:
            table = self.add(made[1], "TABLE")
            for part in split(made[2]):
                self.define(table, part)
            body = ", ".join(f"{quoted(name)} {kind.storage()}" for name, (kind, _) in table.columns.items())
            cursor.execute(f"create table {made[1]} ({body}{', primary key (' + ', '.join(map(quoted, table.key)) + ')' if table.key else ''})")
        elif view:
            table = self.add(view[1], "VIEW")
            for item, kind in self.described(cursor, view[2]):
                table.columns[item] = [kind, True]
            cursor.execute(sql)
        elif altered:
            table, name = self.find(altered[1]), plain(altered[3])
            if altered[2].lower() == "drop":
                del table.columns[name]
            elif altered[2].lower() == "rename":
                table.columns = {plain(altered[4][3:]) if key == name else key: value for key, value in table.columns.items()}
            else:
                kind = Type(re.sub(r"^type\s+|\s+not\s+null$", "", altered[4], flags=re.I))
                table.columns[name] = [kind, True]
                sql = f"alter table {altered[1]} {altered[2]} column {altered[3]} {'type ' if altered[2].lower() == 'alter' else ''}{kind.storage()}"
            cursor.execute(sql)
        else:
            cursor.execute(sql)
            self.store_moments(cursor, sql)

    def add(self, name, kind):
        parts = [plain(part) for part in re.findall(NAME, name)]
        table = Table(parts[-2] if len(parts) > 1 else "dbo", parts[-1], kind)
        self.tables[(table.schema.lower(), table.name.lower())] = table
        return table

    @staticmethod
    def define(table, part):
        key = re.match(r"(?:constraint\s+\w+\s+)?primary\s+key\s*\((.*)\)$", part, re.S | re.I)
        if key:
            table.key = [plain(name) for name in split(key[1])]
            return
        name, rest = re.match(rf"({NAME})\s*(.*)$", part, re.S).groups()
        is_key = re.search(r"\s+primary\s+key\b", rest, re.I)
        not_null = is_key or re.search(r"\s+not\s+null\b", rest, re.I)
        table.columns[plain(name)] = [Type(re.sub(r"\s+(primary\s+key|(not\s+)?null|default\s+.*)", "", rest, flags=re.I)), not not_null]
        if is_key:
            table.key = [plain(name)]

    def store_moments(self, cursor, sql):
        """What was written into columns of dates and times, as they are stored."""
        written = re.match(rf"(?:insert\s+into|update)\s+((?:{NAME}\.)?{NAME})", sql, re.I)
        if not written:
            return
        for name, (kind, _) in self.find(written[1]).columns.items():
            if kind.name not in MOMENTS:
                continue
            for (value,) in cursor.execute(f"select distinct {quoted(name)} from {written[1]} where {quoted(name)} is not null").fetchall():
                if canonical(kind, value) != value:
                    cursor.execute(f"update {written[1]} set {quoted(name)} = ? where {quoted(name)} = ?", [canonical(kind, value), value])

    def rows(self, sql):
        with self.lock:
            return [["" if value is None else str(value) for value in row] for row in self.session().execute(sql).fetchall()]

    def described(self, cursor, sql):
        """Name and Type of each column of a SELECT in DuckDB's SQL: a column's own, or what DuckDB calls an expression."""
        found = cursor.execute(f"describe {sql}").fetchall()
        of = re.search(rf"\bfrom\s+((?:{NAME}\s*\.\s*){{0,2}}{NAME})", sql, re.I)
        known = {name.lower(): kind for name, (kind, _) in self.find(of[1]).columns.items()} if of else {}
        items = split(re.sub(r"\bfrom\b.*$", "", re.sub(r"^\s*select\s+(distinct\s+)?", "", sql, flags=re.I), count=1, flags=re.S | re.I)) if of else []
        described = []
        for at, (name, storage, *_) in enumerate(found):
            item = re.sub(rf"\s+as\s+{NAME}$", "", items[at], flags=re.I) if len(items) == len(found) else ""
            column = re.fullmatch(rf"(?:(?:min|max)\(({NAME})\)|({NAME}))", item, re.I)
            kind = known.get(plain(column[1] or column[2]).lower()) if column else None
            described.append((name, kind or self.type_of(item, storage, known)))
        return described

    @staticmethod
    def type_of(item, storage, known):
        if re.match(r"(sum|count)\s*\(", item, re.I):
            inner = [known[name.lower()] for name in map(plain, re.findall(NAME, item)) if name.lower() in known]
            if item.lower().startswith("count") and any(kind.name in TEXTS for kind in inner):
                raise SqlError(8117, f"Operand data type {inner[0].name} is invalid for count operator.")
            wide = re.search(r"\bas\s+bigint\b", item, re.I) or any(kind.name == "bigint" for kind in inner)
            return Type("bigint" if wide and item.lower().startswith("sum") else "int")
        size = re.match(r"DECIMAL\((\d+),(\d+)\)", storage)
        return Type(storage if size else FROM_DUCKDB.get(storage, "nvarchar(4000)"))


def translated(sql):
    """A SELECT of T-SQL in DuckDB's SQL."""
    tokens = []
    for token in TOKEN.findall(sql):
        if token.startswith("N'"):
            token = token[1:]
        elif token.startswith("["):
            token = quoted(token[1:-1].replace("]]", "]"))
        elif token.startswith("0x"):
            token = "'" + re.sub("..", lambda two: "\\x" + two[0], token[2:]) + "'::BLOB"
        tokens.append(token)
    sql = "".join(tokens)
    if re.search(r"\b(limit|ilike|qualify)\b", re.sub(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"", "", sql), re.I) or "::" in sql and "::BLOB" not in sql:
        raise SqlError(102, "Incorrect syntax near 'LIMIT'.")
    sql = re.sub(r"cast\(\s*'([^']*)'\s+as\s+((?:small)?datetime2?|datetimeoffset|date|time)(\s*\(\d\))?\s*\)",
                 lambda one: "'" + re.sub("@.*", "@~", canonical(Type(one[2] + (one[3] or "")), one[1])) + "'", sql, flags=re.I)
    sql = re.sub(r"\boffset\s+(\d+)\s+rows\s+fetch\s+next\s+(\d+)\s+rows\s+only", r"limit \2 offset \1", sql, flags=re.I)
    return re.sub(r"\bas\s+n?varchar\s*\(max\)", "as varchar", sql, flags=re.I)


class TdsServer:
    """`run`, `rows`: the database behind. `user`, `password`: who may log in. `spoil`: {table: [(rows, "error" or "cut") or None …]}, one for each
    reading of it: after so many rows the statement ends with an error, or the connection with nothing. `seen`: batches and procedures as they came."""

    def __init__(self, database="erp", user="reader", password="pass;word 1"):
        self.user, self.password, self.spoil, self.seen = user, password, {}, []
        self.catalogue = Catalogue(database)
        self.run, self.rows = self.catalogue.run, self.catalogue.rows
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open, self.most_open = set(), 0

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()
        for one in list(self.open):
            one.close()

    def accept(self):
        while True:
            try:
                one, _ = self.listener.accept()
            except OSError:
                return
            self.open.add(one)
            self.most_open = max(self.most_open, len(self.open))
            threading.Thread(target=self.serve, args=(one,), daemon=True).start()

    def serve(self, one):
        try:
            Session(self, one).serve()
        except (OSError, EOFError):
            pass
        finally:
            self.open.discard(one)
            one.close()


class Session:
    def __init__(self, server, connection):
        self.server, self.connection, self.cursor = server, connection, server.catalogue.session()
        self.text_size, self.implicit, self.inside = 4096, False, False
        self.out, self.packets = b"", 0

    def read(self, size):
        data = b""
        while len(data) < size:
            more = self.connection.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def read_message(self):
        body = b""
        while True:
            kind, status, length = struct.unpack(">BBH", self.read(8)[:4])
            body += self.read(length - 8)
            if status & 1:
                return kind, body

    def put(self, data, last=False):
        self.out += data
        while len(self.out) > wire.PACKET - 8 or last:
            part, self.out = self.out[:wire.PACKET - 8], self.out[wire.PACKET - 8:]
            self.packets = self.packets % 255 + 1
            ends = last and not self.out
            self.connection.sendall(struct.pack(">BBHHBB", wire.REPLY, int(ends), len(part) + 8, 51, self.packets, 0) + part)
            if ends:
                return

    def cancelled(self):
        """True once an attention came; nothing else can while an answer is on its way."""
        return bool(select.select([self.connection], [], [], 0)[0]) and self.read_message()[0] == wire.ATTENTION

    def serve(self):
        while True:
            kind, body = self.read_message()
            try:
                done = self.answer(kind, body)
            except SqlError as error:
                done = wire.message(error) + wire.done(status=2)
            except duckdb.Error as error:
                done = wire.message(SqlError(102, str(error).split("\n", maxsplit=1)[0])) + wire.done(status=2)
            self.put(done, last=True)

    def answer(self, kind, body):
        if kind == wire.PRELOGIN:  # version, encryption: none
            return b"\x00\x00\x0b\x00\x06\x01\x00\x11\x00\x01\xff" + bytes([16, 0, 0x10, 0, 0, 0]) + b"\x02"
        if kind == wire.LOGIN:
            return self.login(*wire.read_login(body))
        if kind == wire.ATTENTION:
            return wire.done(status=0x20)
        if kind == wire.TRANSACTION:
            return self.end_transaction(struct.unpack_from("<H", body, struct.unpack_from("<I", body)[0])[0])
        if kind == wire.RPC:
            name, values = wire.read_procedure(body)
            self.server.seen.append(f"{name} {values}")
            named, rows = Procedures(self.server.catalogue).call(name, values)
            return self.rows(named, iter([rows]), last=0xFF) + b"\x79" + bytes(4) + wire.done(0xFE)
        sql = body[struct.unpack_from("<I", body)[0]:].decode("utf-16-le")
        self.server.seen.append(sql)
        return self.batch(sql)

    def login(self, user, password, database, by_odbc):
        self.text_size = 2147483647 if by_odbc else 4096
        if (user, password) != (self.server.user, self.server.password):
            raise SqlError(18456, f"Login failed for user '{user}'.", level=14)
        name = self.server.catalogue.database
        if database and database.lower() != name.lower():
            raise SqlError(4060, f'Cannot open database "{database}" requested by the login. The login failed.', level=11)
        return (wire.changed(1, wire.b_text(name)) + wire.changed(2, wire.b_text("us_english")) + wire.changed(7, bytes([5]) + wire.COLLATION) + wire.login_ack() +
                wire.changed(4, wire.b_text(str(wire.PACKET)), wire.b_text("4096")) + wire.done())

    def batch(self, sql):
        size = re.match(r"\s*set\s+textsize\s+(-?\d+)\s*(.*)$", sql, re.I | re.S)
        if size:
            self.text_size = int(size[1]) if int(size[1]) > 0 else 2147483647
            sql = size[2]
        if not sql.strip() or re.match(r"\s*use\b", sql, re.I):
            return wire.done()
        implicit = re.match(r"\s*set\s+implicit_transactions\s+(on|off)", sql, re.I)
        if implicit:
            self.implicit = implicit[1].lower() == "on"
            return wire.done()
        if re.match(r"\s*set\s+(quoted_identifier|ansi_\w+|transaction\s+isolation|language|dateformat|nocount|lock_timeout|deadlock_priority)\b", sql, re.I):
            return wire.done()
        if re.match(r"\s*if\s+@@trancount\s*>\s*0\s*(rollback|commit)", sql, re.I):
            return self.end_transaction(8)
        if not re.match(r"\s*select\b", sql, re.I):
            raise SqlError(156, f"Incorrect syntax near the keyword '{sql.split()[0]}'.", level=15)
        if self.implicit and not self.inside:
            self.cursor.begin()
            self.inside = True
        sql = translated(sql)
        named = self.server.catalogue.described(self.cursor, sql)
        self.cursor.execute(sql)
        of = re.search(rf"\bfrom\s+(?:{NAME}\s*\.\s*){{0,2}}({NAME})\s*(?:where\b(?!\s*1\s*=\s*0)|$)", sql, re.I)
        reads = of and not re.match(r"\s*select\s+(min|max|count|sum)\(", sql, re.I)
        return self.rows(named, iter(lambda: self.cursor.fetchmany(256), []), plain(of[1]) if reads else "")

    def end_transaction(self, what):
        if what not in (5, 7, 8):
            raise SqlError(3989, f"The test server has no request {what} of transactions.")
        if what != 5 and self.inside:
            self.cursor.rollback()  # readers only
            self.inside = False
        if what == 5:
            return wire.changed(8, bytes([8]) + bytes(7) + b"\1") + wire.done()
        return wire.changed(10, b"\0", bytes([8]) + bytes(7) + b"\1") + wire.done()

    def rows(self, named, blocks, table="", last=0xFD):
        spoil = self.server.spoil.get(table)
        after, way = spoil.pop(0) or (None, "") if spoil else (None, "")
        count = 0
        self.put(wire.columns(named))
        for block in blocks:
            for row in block:
                if count == after:
                    if way == "cut":
                        raise EOFError
                    raise SqlError(1205, "Transaction (Process ID 51) was deadlocked on lock resources and has been chosen as the deadlock victim. Rerun the transaction.", 51, 13)
                for value, (_, kind) in zip(row, named):
                    if kind.name in ("int", "bigint") and value is not None and not -(1 << (31 if kind.name == "int" else 63)) <= int(value) < 1 << (31 if kind.name == "int" else 63):
                        raise SqlError(8115, f"Arithmetic overflow error converting expression to data type {kind.name}.")
                self.put(b"\xd1" + b"".join(kind.value(value, self.text_size) for value, (_, kind) in zip(row, named)))
                count += 1
            if self.cancelled():
                self.put(wire.done(rows=count), last=True)
                return wire.done(status=0x20)
        return wire.done(last, int(last == 0xFF), count)  # DONEINPROC: more comes


class Procedures:
    """The catalogue procedures that ODBC drivers call."""

    def __init__(self, catalogue):
        self.catalogue = catalogue

    def call(self, name, values):
        name = re.split(r"\.", name)[-1].lower()
        known = {"sp_tables": self.tables, "sp_columns": self.columns, "sp_pkeys": self.keys, "sp_statistics": self.statistics}
        if name not in known:
            raise SqlError(2812, f"Could not find stored procedure '{name}'.")
        found = [table for _, table in sorted(self.catalogue.tables.items())
                 if like(values.get("table_name") or "%", table.name) and like(values.get("table_owner") or "%", table.schema)]
        heads, rows = known[name](found, values)
        return [(head, Type(kind)) for head, kind in heads], rows

    def named(self, *more):
        return [(head, "nvarchar(128)") for head in ("TABLE_QUALIFIER", "TABLE_OWNER", "TABLE_NAME")] + list(more)

    def place(self, table):
        return [self.catalogue.database, table.schema, table.name]

    def tables(self, found, _):
        own = Table("sys", "objects", "VIEW")
        return self.named(("TABLE_TYPE", "varchar(32)"), ("REMARKS", "varchar(254)")), [self.place(one) + [one.kind, None] for one in [*found, own]]

    def columns(self, found, _):
        heads = self.named(("COLUMN_NAME", "nvarchar(128)"), ("DATA_TYPE", "smallint"), ("TYPE_NAME", "nvarchar(128)"), ("PRECISION", "int"), ("LENGTH", "int"), ("SCALE", "smallint"),
                           ("RADIX", "smallint"), ("NULLABLE", "smallint"), ("REMARKS", "varchar(254)"), ("COLUMN_DEF", "nvarchar(4000)"), ("SQL_DATA_TYPE", "smallint"),
                           ("SQL_DATETIME_SUB", "smallint"), ("CHAR_OCTET_LENGTH", "int"), ("ORDINAL_POSITION", "int"), ("IS_NULLABLE", "varchar(254)"), ("SS_DATA_TYPE", "tinyint"))
        rows = []
        for table in found:
            for at, (name, (kind, nullable)) in enumerate(table.columns.items(), 1):
                number = TYPES[kind.name][1]
                size = 2147483647 if kind.size == -1 else TYPES[kind.name][2] if kind.name in MOMENTS else kind.size
                rows.append(self.place(table) + [name, number, kind.name, size, size, kind.scale, 10, int(nullable), None, None, number, None, None, at, "YES" if nullable else "NO", None])
        return heads, rows

    def keys(self, found, _):
        return (self.named(("COLUMN_NAME", "nvarchar(128)"), ("KEY_SEQ", "smallint"), ("PK_NAME", "nvarchar(128)")),
                [self.place(table) + [name, at, "PK_1"] for table in found for at, name in enumerate(table.key, 1)])

    def statistics(self, found, _):
        heads = self.named(("NON_UNIQUE", "smallint"), ("INDEX_QUALIFIER", "nvarchar(128)"), ("INDEX_NAME", "nvarchar(128)"), ("TYPE", "smallint"), ("SEQ_IN_INDEX", "smallint"),
                           ("COLUMN_NAME", "nvarchar(128)"), ("COLLATION", "char(1)"), ("CARDINALITY", "int"), ("PAGES", "int"), ("FILTER_CONDITION", "varchar(128)"))
        rows = []
        for table in found:
            count = int(self.catalogue.rows(f"select count(*) from {quoted(table.schema)}.{quoted(table.name)}")[0][0]) if table.kind == "TABLE" else None
            rows.append(self.place(table) + [None, None, None, 0, None, None, None, count, None, None])
            rows += [self.place(table) + [0, table.name, "PK_1", 1, at, name, "A", count, 1, None] for at, name in enumerate(table.key, 1)]
        return heads, rows
