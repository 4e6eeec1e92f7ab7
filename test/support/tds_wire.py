"""TDS 7.4 as bytes: packets, tokens, and how each type of SQL Server describes itself and its values in a row. After [MS-TDS]."""
import datetime
import decimal
import re
import struct
import uuid

PRELOGIN, BATCH, RPC, ATTENTION, TRANSACTION, LOGIN, REPLY = 18, 1, 3, 6, 14, 16, 4
COLLATION = bytes([0x09, 0x04, 0xD0, 0x00, 0x34])  # SQL_Latin1_General_CP1_CI_AS: code page 1252
PACKET = 4096
DAYS_TO_1900 = datetime.date(1900, 1, 1).toordinal() - 1

# Storage in the database behind, ODBC's number of the type, its number in sp_columns where that differs, size.
TYPES = {
    "bit": ("BOOLEAN", -7, 1), "tinyint": ("UTINYINT", -6, 3), "smallint": ("SMALLINT", 5, 5), "int": ("INTEGER", 4, 10),
    "bigint": ("BIGINT", -5, 19), "real": ("FLOAT", 7, 24), "float": ("DOUBLE", 6, 53), "decimal": ("DECIMAL", 3, 18),
    "numeric": ("DECIMAL", 2, 18), "money": ("DECIMAL(19,4)", 3, 19), "smallmoney": ("DECIMAL(10,4)", 3, 10), "char": ("VARCHAR", 1, 1),
    "varchar": ("VARCHAR", 12, 1), "nchar": ("VARCHAR", -8, 1), "nvarchar": ("VARCHAR", -9, 1), "text": ("VARCHAR", -1, 2147483647),
    "ntext": ("VARCHAR", -10, 1073741823), "xml": ("VARCHAR", -152, 0), "binary": ("BLOB", -2, 1), "varbinary": ("BLOB", -3, 1),
    "image": ("BLOB", -4, 2147483647), "uniqueidentifier": ("UUID", -11, 36), "date": ("VARCHAR", -9, 10), "time": ("VARCHAR", -9, 16),
    "datetime": ("VARCHAR", 11, 23), "smalldatetime": ("VARCHAR", 11, 16), "datetime2": ("VARCHAR", -9, 27), "datetimeoffset": ("VARCHAR", -9, 34)}
MOMENTS = ("date", "time", "datetime", "smalldatetime", "datetime2", "datetimeoffset")


class SqlError(Exception):
    def __init__(self, number, text, state=1, level=16):
        super().__init__(text)
        self.number, self.text, self.state, self.level = number, text, state, level


class Type:
    """A type as a column declares it: name, sizes ('max': -1)."""

    def __init__(self, declared):
        found = re.fullmatch(r"\s*\[?(\w+)\]?\s*(?:\(\s*(\w+)\s*(?:,\s*(\d+)\s*)?\))?\s*", declared)
        if not found or found[1].lower() not in TYPES:
            raise SqlError(243, f"Type {declared} is not a defined system type.")
        self.name = found[1].lower()
        size = found[2] or ""
        self.size = -1 if size.lower() == "max" else int(size) if size else {"decimal": 18, "numeric": 18, "time": 7, "datetime2": 7, "datetimeoffset": 7}.get(self.name, TYPES[self.name][2])
        self.scale = int(found[3] or 0)

    def storage(self):
        return f"DECIMAL({self.size},{self.scale})" if TYPES[self.name][0] == "DECIMAL" else TYPES[self.name][0]

    def is_max(self):
        return self.size == -1 or self.name == "xml"

    def info(self):
        """TYPE_INFO of COLMETADATA."""
        name, size = self.name, self.size
        fixed = {"bit": (0x68, 1), "tinyint": (0x26, 1), "smallint": (0x26, 2), "int": (0x26, 4), "bigint": (0x26, 8), "real": (0x6D, 4), "float": (0x6D, 8),
                 "money": (0x6E, 8), "smallmoney": (0x6E, 4), "datetime": (0x6F, 8), "smalldatetime": (0x6F, 4), "uniqueidentifier": (0x24, 16)}
        if name in fixed:
            return bytes(fixed[name])
        if name in ("decimal", "numeric"):
            return bytes([0x6A if name == "decimal" else 0x6C, decimal_bytes(size) + 1, size, self.scale])
        if name == "date":
            return b"\x28"
        if name in ("time", "datetime2", "datetimeoffset"):
            return bytes([{"time": 0x29, "datetime2": 0x2A, "datetimeoffset": 0x2B}[name], size])
        if name == "xml":
            return b"\xf1\0"
        if name in ("text", "ntext", "image"):
            of_table = b"\x01" + us_text("t")
            return bytes([{"text": 0x23, "ntext": 0x63, "image": 0x22}[name]]) + struct.pack("<I", 0x7FFFFFFF) + (b"" if name == "image" else COLLATION) + of_table
        kind = {"char": 0xAF, "varchar": 0xA7, "nchar": 0xEF, "nvarchar": 0xE7, "binary": 0xAD, "varbinary": 0xA5}[name]
        width = 0xFFFF if size == -1 else size * (2 if name[0] == "n" else 1)
        return bytes([kind]) + struct.pack("<H", width) + (b"" if "binary" in name else COLLATION)

    def value(self, value, text_size):
        """A value in a row. `text_size`: where SET TEXTSIZE cuts long ones, as the real thing does."""
        name = self.name
        if value is None:
            return b"\xff" * 8 if self.is_max() else b"\xff\xff" if name in ("char", "varchar", "nchar", "nvarchar", "binary", "varbinary") else b"\0"
        if TYPES[name][0] in ("VARCHAR", "BLOB") and name not in MOMENTS:
            if TYPES[name][0] == "BLOB":
                data = bytes(value).ljust(self.size if name == "binary" else 0, b"\0")
            elif name[0] == "n" or name == "xml":
                data = value.encode("utf-16-le")
                data += " ".encode("utf-16-le") * (self.size - len(data) // 2 if name == "nchar" else 0)
            else:
                data = value.encode("cp1252").ljust(self.size if name == "char" else 0)
            if self.is_max():
                data = data[:text_size]
                chunks = b"".join(struct.pack("<I", len(data[at:at + 8000])) + data[at:at + 8000] for at in range(0, len(data), 8000))
                return struct.pack("<Q", len(data)) + chunks + bytes(4)
            if name in ("text", "ntext", "image"):
                return b"\x10" + b"p" * 16 + bytes(8) + struct.pack("<I", len(data[:text_size])) + data[:text_size]
            return struct.pack("<H", len(data)) + data
        data = self.short_value(value)
        return bytes([len(data)]) + data

    def short_value(self, value):
        name = self.name
        if name in ("bit", "tinyint"):
            return bytes([int(value)])
        if name in ("smallint", "int", "bigint"):
            return struct.pack({"smallint": "<h", "int": "<i", "bigint": "<q"}[name], value)
        if name in ("real", "float"):
            return struct.pack("<f" if name == "real" else "<d", value)
        if name in ("decimal", "numeric"):
            unscaled = int(decimal.Decimal(value).scaleb(self.scale, decimal.Context(prec=60)))
            return bytes([unscaled >= 0]) + abs(unscaled).to_bytes(decimal_bytes(self.size), "little")
        if name == "money":
            high, low = divmod(int(value.scaleb(4)), 1 << 32)
            return struct.pack("<iI", high, low)
        if name == "smallmoney":
            return struct.pack("<i", int(value.scaleb(4)))
        if name == "uniqueidentifier":
            return (value if isinstance(value, uuid.UUID) else uuid.UUID(value)).bytes_le
        return self.moment(value)

    def moment(self, text):
        day, ticks, offset = parse_moment(text)
        if self.name == "datetime":
            return struct.pack("<iI", day - DAYS_TO_1900, (ticks * 3 + 50000) // 100000)
        if self.name == "smalldatetime":
            return struct.pack("<HH", day - DAYS_TO_1900, ticks // 600000000)
        if self.name == "date":
            return day.to_bytes(3, "little")
        width = 3 if self.size <= 2 else 4 if self.size <= 4 else 5
        data = (ticks // 10 ** (7 - self.size)).to_bytes(width, "little")
        if self.name != "time":
            data += day.to_bytes(3, "little")
        return data + (struct.pack("<h", offset) if self.name == "datetimeoffset" else b"")


def decimal_bytes(precision):
    return 4 if precision <= 9 else 8 if precision <= 19 else 12 if precision <= 28 else 16


def parse_moment(text):
    """Days since 0001-01-01, ticks of 100 ns and minutes of offset of "2024-01-31[ T]12:00:00[.1234567][ +02:00]" or a part of it."""
    found = re.fullmatch(r"(?:(\d{4})-(\d\d)-(\d\d))?[ T]?(?:(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,7}))?)?)?\s*@?(?:(Z)|([+-])(\d\d):(\d\d))?", text)
    if not found or (not found[1] and not found[4]):
        raise SqlError(241, "Conversion failed when converting date and/or time from character string.")
    try:
        day = datetime.date(int(found[1]), int(found[2]), int(found[3])).toordinal() - 1 if found[1] else DAYS_TO_1900
    except ValueError:
        raise SqlError(242, "The conversion of a varchar data type to a datetime data type resulted in an out-of-range value.") from None
    ticks = ((int(found[4] or 0) * 60 + int(found[5] or 0)) * 60 + int(found[6] or 0)) * 10000000 + int((found[7] or "0").ljust(7, "0"))
    offset = (int(found[10]) * 60 + int(found[11])) * (-1 if found[9] == "-" else 1) if found[9] else 0
    return day, ticks, offset


def canonical(kind, text):
    """A moment as it is stored: a text that sorts as the moment does. With an offset: in UTC, then the offset. None stays; so does a
    text that is stored already."""
    if text is None or " @" in text:
        return text
    day, ticks, offset = parse_moment(text)
    if kind.name == "datetime":
        if 3 < len(text.partition(".")[2]) < 7:  # seven digits: as stored
            raise SqlError(241, "Conversion failed when converting date and/or time from character string.")
        ticks = ((ticks * 3 + 50000) // 100000 * 100000 + 1) // 3
    elif kind.name == "smalldatetime":
        ticks = (ticks + 300000000) // 600000000 * 600000000
    elif kind.name != "date":
        step = 10 ** (7 - kind.size)
        ticks = (ticks + step // 2) // step * step
    if kind.name == "datetimeoffset":
        ticks -= offset * 600000000
    carried, ticks = divmod(ticks, 864000000000)
    days = datetime.date.fromordinal(day + carried + 1).isoformat()
    seconds, rest = divmod(ticks, 10000000)
    time = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:07}"
    if kind.name in ("date", "time"):
        return days if kind.name == "date" else time
    return f"{days} {time}" + (f" @{'-' if offset < 0 else '+'}{abs(offset) // 60:02}:{abs(offset) % 60:02}" if kind.name == "datetimeoffset" else "")


def b_text(text):
    return bytes([len(text.encode("utf-16-le")) // 2]) + text.encode("utf-16-le")


def us_text(text):
    return struct.pack("<H", len(text.encode("utf-16-le")) // 2) + text.encode("utf-16-le")


def columns(named):
    """COLMETADATA of [(name, Type)]."""
    return b"\x81" + struct.pack("<H", len(named)) + b"".join(struct.pack("<IH", 0, 0x09) + kind.info() + b_text(name) for name, kind in named)


def done(token=0xFD, status=0, rows=None):
    return bytes([token]) + struct.pack("<HHQ", status | (0x10 if rows is not None else 0), 0xC1, rows or 0)


def message(error, token=0xAA):
    body = struct.pack("<iBB", error.number, error.state, error.level) + us_text(error.text) + b_text("leat-test") + b_text("") + struct.pack("<I", 1)
    return bytes([token]) + struct.pack("<H", len(body)) + body


def changed(kind, new, old=b"\0"):
    body = bytes([kind]) + new + old
    return b"\xe3" + struct.pack("<H", len(body)) + body


def login_ack():
    body = b"\x01\x74\x00\x00\x04" + b_text("Microsoft SQL Server\0\0") + bytes([16, 0, 0x10, 0])
    return b"\xad" + struct.pack("<H", len(body)) + body


def read_login(body):
    """User, password, database of LOGIN7, and whether the client says that it is an ODBC driver."""
    def text(at):
        offset, length = struct.unpack_from("<HH", body, at)
        return body[offset:offset + length * 2]
    password = bytes(((byte ^ 0xA5) << 4 & 0xF0) | ((byte ^ 0xA5) >> 4) for byte in text(44))
    return text(40).decode("utf-16-le"), password.decode("utf-16-le"), text(68).decode("utf-16-le"), bool(body[25] & 2)


def read_procedure(body):
    """Name and {parameter: value} of an RPC by name; the values are numbers and texts."""
    at = struct.unpack_from("<I", body)[0]
    length = struct.unpack_from("<H", body, at)[0]
    at += 2
    if length == 0xFFFF:
        return struct.unpack_from("<H", body, at)[0], {}
    name = body[at:at + length * 2].decode("utf-16-le")
    at += length * 2 + 2
    values = {}
    while at < len(body):
        size = body[at] * 2
        key = body[at + 1:at + 1 + size].decode("utf-16-le").lstrip("@").lower()
        at += 2 + size
        kind = body[at]
        if kind == 0x26:
            length, at = body[at + 2], at + 3
            values[key] = int.from_bytes(body[at:at + length], "little", signed=True)
            at += length
        elif kind in (0xE7, 0xEF, 0xA7, 0xAF):
            most = struct.unpack_from("<H", body, at + 1)[0]
            at += 8
            if most == 0xFFFF:
                raise SqlError(8003, "The test server reads no (max) parameters.")
            length = struct.unpack_from("<H", body, at)[0]
            at += 2
            if length == 0xFFFF:
                values[key] = None
            else:
                values[key] = body[at:at + length].decode("utf-16-le" if kind in (0xE7, 0xEF) else "cp1252")
                at += length
        else:
            raise SqlError(8003, f"The test server reads no parameters of type {kind:#x}.")
    return name, values
