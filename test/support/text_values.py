"""Values as text, for tests of sources that read text (csv, JSON, XML; files and answers): each declared type at its extremes, and what is found
without a declaration; and how each form writes them."""
import json
import xml.sax.saxutils

from fidelity import REJECTED

EVIDENCE = "reason_code = 'cast' and message like '%is not exactly a%' and payload like '%\"id\"%'"
NINES = "9" * 38
ID = "123e4567-e89b-12d3-a456-426614174000"
MEGABYTE = "é😀 x" * 125_000


def rejected(*texts):
    return [(text, REJECTED) for text in texts]


def same(*texts):
    return [(text,) for text in texts]


# declared type, the lake's, texts that arrive (as something else), texts that do not
DECLARED = [
    ("boolean", "boolean", [*same("true", "false"), ("TRUE", "true"), ("False", "false")], rejected("t", "1", "yes", "0")),
    ("integer", "int", [*same("-2147483648", "2147483647", "0"), ("+5", "5"), ("007", "7"), ("-0", "0")], rejected("2147483648", "-2147483649", "1.0", "1e3", "1,000", "0x10", "1_000")),
    ("bigint", "long", same("-9223372036854775808", "9223372036854775807", "9007199254740993"), rejected("9223372036854775808", "18446744073709551616", "1.5")),
    ("decimal(9,2)", "decimal(9,2)", [*same("-9999999.99", "0.01"), ("1.5", "1.50"), ("1.500", "1.50"), ("1e3", "1000.00"), (".5", "0.50"), ("-0.00", "0.00")],
     rejected("1.005", "10000000.00", "1,5", "1.000,50", "NaN", "1e400", "$5")),
    ("decimal(38,0)", "decimal(38,0)", same(NINES, "-" + NINES, "18446744073709551616"), rejected("1" + "0" * 38, "0.5")),
    ("decimal(38,38)", "decimal(38,38)", [("0." + NINES, "." + NINES), ("-0." + NINES, "-." + NINES)], rejected("1", "0." + "0" * 38 + "1")),
    ("real", "float", [*same("0.1", "-0.0", "nan", "inf", "-inf"), ("3.4028235e38", "3.4028235e+38"), ("1e-45",), ("16777216", "16777216.0")], rejected("16777217", "1e39", "1e-46", "0.123456789")),
    ("double", "double", [*same("0.1", "0.30000000000000004", "5e-324", "-0.0", "nan", "-inf"), ("1.7976931348623157e308", "1.7976931348623157e+308"), ("9007199254740992", "9007199254740992.0"), ("1E3", "1000.0")],
     rejected("9007199254740993", "1e400", "1e-400", "0.1234567890123456789", "1.5.5")),
    ("date", "date", same("0001-01-01", "9999-12-31", "2024-02-29"), rejected("2026-02-29", "0000-00-00", "10000-01-01", "28.02.2026", "2026-2-3", "20260203", "2026-02-03 10:00:00", "infinity")),
    ("time", "time", [*same("00:00:00", "23:59:59.999999"), ("08:30", "08:30:00"), ("08:30:00.1234560", "08:30:00.123456")], rejected("24:00:00", "08:30:00.1234567", "8:30", "08:30 PM", "08:30:60", "08:30:00+02")),
    ("timestamp", "timestamp", [*same("0001-01-01 00:00:00", "9999-12-31 23:59:59.999999"), ("2026-11-22T09:00:00.5", "2026-11-22 09:00:00.5"), ("2026-11-22", "2026-11-22 00:00:00"), ("2026-11-22 09:00:00.123456000", "2026-11-22 09:00:00.123456")],
     rejected("2026-11-22 09:00:00Z", "2026-11-22 09:00:00+02:00", "2026-11-22 09:00:00.1234567", "2026-11-22 23:59:60", "2026-11-22 25:00:00", "22.11.2026 09:00", "infinity", "1795338000")),
    ("timestamptz", "timestamptz", [("2026-11-22T09:00:00Z", "2026-11-22 09:00:00+00"), ("2026-11-22 09:00:00.000001+02:00", "2026-11-22 07:00:00.000001+00"), ("2026-11-22 09:00:00+0530", "2026-11-22 03:30:00+00"), ("2026-11-22 09:00:00-12", "2026-11-22 21:00:00+00")],
     rejected("2026-11-22 09:00:00", "2026-11-22 09:00:00 Europe/Berlin", "2026-11-22T09:00:00.1234567Z", "2026-11-22 09:00:00+2")),
    ("uuid", "uuid", [*same(ID, "ffffffff-ffff-ffff-ffff-ffffffffffff"), (ID.upper(), ID)], rejected("123e4567", ID + "0", "not one")),
    ("binary", "binary", [("abc",), ("\\x00\\xFFa",), ("", "")][:2], rejected("ä", "\\x4", "\\xZZ")),
    ("string", "string", same("007", "+5", "1e400", " a ", "NULL", "null", "NaN", "ä😀", "2026-02-30", "'", "a,b;c\td"), []),
]
# what it shows, the texts of a column, the type that is found, what arrives where it is something else
FOUND = [
    ("whole numbers", ["0", "-1", "9223372036854775807"], "long", []),
    ("beyond 2^63", ["9223372036854775808", "18446744073709551616"], "decimal(38,0)", []),
    ("38 digits", [NINES, "-" + NINES], "decimal(38,0)", []),
    ("39 digits", ["9" * 39, "1"], "string", []),
    ("decimals", ["1.50", "-2", "0.125"], "decimal(18,3)", ["1.500", "-2.000", "0.125"]),
    ("many decimals", ["0.1234567890123456789", "12345678901234567.5"], "decimal(38,19)", ["0.1234567890123456789", "12345678901234567.5000000000000000000"]),
    ("an exponent among them", ["1e3", "0.1"], "double", ["1000.0", "0.1"]),
    ("an exponent, and more digits than a double keeps", ["1e3", "9007199254740993"], "string", []),
    ("beyond a double", ["1e400", "1e3"], "string", []),
    ("leading zeros", ["007", "8"], "string", []),
    ("a sign before them", ["+5", "8"], "string", []),
    ("thousands", ["1,000", "2,000"], "string", []),
    ("a decimal comma", ["1,5", "2,5"], "string", []),
    ("space around", [" 5", "6"], "string", []),
    ("not a number", ["NaN", "1.5"], "string", []),
    ("days", ["2024-02-29", "0001-01-01"], "date", []),
    ("a day that there is not", ["2024-02-30", "2024-01-01"], "string", []),
    ("days of other orders", ["31.12.2026", "12/31/2026"], "string", []),
    ("moments", ["2026-11-22T09:00:00.5", "2026-11-22"], "timestamp", ["2026-11-22 09:00:00.5", "2026-11-22 00:00:00"]),
    ("moments with a zone", ["2026-11-22T09:00:00Z", "2026-11-22 09:00:00+02:00"], "timestamptz", ["2026-11-22 09:00:00+00", "2026-11-22 07:00:00+00"]),
    ("moments with and without", ["2026-11-22T09:00:00Z", "2026-11-22 09:00:00"], "string", []),
    ("nanoseconds", ["2026-11-22 09:00:00.123456789", "2026-11-22 09:00:00"], "string", []),
    ("times of the day", ["08:30", "09:00:00"], "string", []),
    ("true and false", ["true", "False"], "boolean", ["true", "false"]),
    ("other words for them", ["yes", "no"], "string", []),
    ("0 and 1", ["0", "1"], "long", []),
    ("hexadecimal", ["12e5", "3a4f"], "string", []),
    ("uuid", [ID], "string", []),
    ("nothing", [], "string", []),
]


def quoted(text):
    return '"' + text.replace('"', '""') + '"'


def csv_file(texts):
    """id, v: a value in quotes where it needs them; None: no value."""
    return "id,v\n" + "".join(f"{n},{csv_value(text)}\n" for n, text in texts)


def csv_value(text):
    if text is None:
        return ""
    return quoted(text) if any(c in text for c in ',"\n') else text


def json_lines(texts):
    """v as a number where JSON has one, else as a string."""
    return "".join(f'{{"id": {n}, "v": {"null" if text is None else text if is_json_number(text) else json.dumps(text)}}}\n' for n, text in texts)


def json_document(texts):
    return "[" + ",".join(json_lines(texts).splitlines()) + "]"


def is_json_number(text):
    try:
        return text[:1] in "-0123456789" and text == text.strip() and isinstance(json.loads(text), (int, float))
    except ValueError:
        return False


def xml_document(texts):
    """None: no element."""
    return "<rows>" + "".join(f"<row><id>{n}</id>{'' if text is None else f'<v>{xml.sax.saxutils.escape(text)}</v>'}</row>" for n, text in texts) + "</rows>"


FORMS = {"csv": csv_file, "jsonl": json_lines, "json": json_document, "xml": xml_document}


def numbered(values):
    return [(n, value[0]) for n, value in enumerate(values)] + [(-1, None)]


def as_strings(what, values, lake, arrive):
    """In JSON what is no number is a string, and strings are no numbers: only days and moments are found in them."""
    numbers = [is_json_number(value) for value in values]
    if lake in ("date", "timestamp", "timestamptz", "string") or all(numbers):
        return lake, arrive
    return "string", values
