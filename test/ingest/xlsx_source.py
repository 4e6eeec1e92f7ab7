#!/usr/bin/env python3
"""Workbooks written by openpyxl and by hand against what arrives: every kind of cell at its extremes, random workbooks, damaged ones, a large one.
docs/fidelity/xlsx.md is written from what is seen here and compared with it: LEAT_UPDATE=1 writes it anew.

usage: xlsx_source.py LEAT [DATA_FOLDER]
"""
import datetime
import io
import json
import os
import random
import sys
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import openpyxl  # noqa: E402
from fidelity import check_page, lake_type, shown  # noqa: E402
from leat_project import Cases, Project  # noqa: E402
from openpyxl.utils.datetime import CALENDAR_MAC_1904  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def project(options="", connection="path: in", settings=""):
    made = Project(LEAT)
    made.write({"leat.yml": "version: 1\nname: xlsx\n" + settings,
                "connections.yml": f"connections:\n  books: {{ type: xlsx, {connection} }}\n",
                "sources/shop.yml": f"connection: books\ntables:\n  - {{ name: t, files: 't_*.xlsx', structured: false{options} }}\n"})
    os.makedirs(os.path.join(made.folder, "in"))
    return made


def place(made, name):
    return os.path.join(made.folder, "in", name)


def step(made, expect=0):
    return made.json("run", expect=expect)["steps"][0]


def with_sheet(rows, name, formats=(), system_1904=False):
    """A workbook of openpyxl whose sheet is replaced by these rows (pieces of XML); style n+1 is formats[n]."""
    book = openpyxl.Workbook()
    if system_1904:
        book.epoch = CALENDAR_MAC_1904
    for number, code in enumerate(formats, 1):
        book.active.cell(number, 1, 1).number_format = code
    saved = io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            if not one.startswith("xl/worksheets/"):
                new.writestr(one, old.read(one))
                continue
            with new.open(one, "w") as sheet:
                sheet.write(f'<worksheet xmlns="{MAIN}"><sheetData>'.encode())
                for piece in rows:
                    sheet.write(piece.encode())
                sheet.write(b"</sheetData></worksheet>")


DAY, MOMENT, TIME, SPAN, PERCENT = "yyyy\\-mm\\-dd", "yyyy\\-mm\\-dd hh:mm:ss.000", "hh:mm:ss.000", "[h]:mm:ss", "0.00%"
FORMATS = [DAY, MOMENT, TIME, SPAN, PERCENT]
REJECTED = None

# what it is, format, type in the lake, [(cell as XML without its place and style, what arrives; REJECTED)]
KINDS = [
    ("a number of whole ones", "", "long", [("<v>0</v>", "0"), ("<v>-9223372036854775808</v>", "-9223372036854775808"), ("<v>12345678901234567</v>", "12345678901234567")]),
    ("a number with decimals", "", "decimal(38,17)", [("<v>0.30000000000000004</v>", "0.30000000000000004"), ("<v>-1234567890123456.5</v>", "-1234567890123456.50000000000000000"), ("<v>100</v>", "100.00000000000000000")]),
    ("a number with an exponent", "", "double", [("<v>1.2345678901234568E-5</v>", "1.2345678901234568e-05"), ("<v>1.7976931348623157E+308</v>", "1.7976931348623157e+308"), ("<v>5E-324</v>", "5e-324")]),
    ("a percentage", PERCENT, "decimal(18,4)", [("<v>0.0725</v>", "0.0725"), ("<v>1</v>", "1.0000")]),
    ("a span of time: in days", SPAN, "decimal(18,2)", [("<v>1.25</v>", "1.25")]),
    ("a day", DAY, "date", [("<v>1</v>", "1900-01-01"), ("<v>59</v>", "1900-02-28"), ("<v>60</v>", REJECTED), ("<v>61</v>", "1900-03-01"), ("<v>2958465</v>", "9999-12-31"), ("<v>2958466</v>", REJECTED), ("<v>-1</v>", REJECTED)]),
    ("a moment", MOMENT, "timestamp", [("<v>45962.999988425923</v>", "2025-11-01 23:59:59"), ("<v>45962.5242592708</v>", "2025-11-01 12:34:56.001"), ("<v>45962</v>", "2025-11-01 00:00:00"), ("<v>45962.000000001157</v>", "2025-11-01 00:00:00.0001")]),
    ("a time of the day: text", TIME, "string", [("<v>0</v>", "00:00:00"), ("<v>0.52425925925925931</v>", "12:34:56"), ("<v>1.1574074074074074E-8</v>", "00:00:00.001"), ("<v>0.99999999999</v>", "23:59:59.999999")]),
    ("true or false", "", "boolean", [('t="b"><v>1</v>', "true"), ('t="b"><f>FALSE()</f><v>0</v>', "false")]),
    ("text", "", "string", [('t="inlineStr"><is><t>007</t></is>', "007"), ('t="inlineStr"><is><t xml:space="preserve"> a_x0009_b </t></is>', " a\tb "), ('t="str"><f>""</f><v></v>', ""), ('t="inlineStr"><is><r><t>ä</t></r><r><t>😀</t></r></is>', "ä😀")]),
    ("a day as ISO 8601", "", "date", [('t="d"><v>2026-11-05</v>', "2026-11-05")]),
    ("numbers and texts", "", "string", [("<v>1.50</v>", "1.50"), ('t="inlineStr"><is><t>x</t></is>', "x")]),
    ("an error", "", "long", [("<v>1</v>", "1"), ('t="e"><v>#N/A</v>', REJECTED), ('t="e"><f>1/0</f><v>#DIV/0!</v>', REJECTED)]),
    ("a formula without its value", "", "long", [("<f>1</f><v>1</v>", "1"), ("<f>1+1</f>", REJECTED), ("<f>1+1</f><v></v>", REJECTED)]),
]

PAGE = """# What arrives from workbooks

Written by `test/ingest/xlsx_source.py` from what it sees. A value is in the lake exactly, or its row is rejected with everything in it (`<table>__rejected`).

- One sheet of each workbook is a table: `sheet`, by name, else by number from 1 (default: the first). Hidden sheets, rows and columns are read like others; of cells that are merged
  the first has the value, the others are NULL. `range` is the part of it that counts.
- Names of columns stand in the first row that has a value (`header: true`), in row `header: 3`, or nowhere (`false`). Columns without a name are `column5`, by their place in the range;
  a name that comes twice gets `_2`. `_source_row` is the number of the row in its sheet. A row without a value between others is counted as `blank_line`.
- A number has the digits that the file has, whatever its cell shows; programs write 17 of them, so that 0.1 + 0.2 is 0.30000000000000004. Types are found once, from all values of the first
  load: whole numbers, decimals (before doubles; a number with an exponent makes a column of doubles), days, moments, true and false; else text. `data_type` of a column says otherwise.
- A number is a day or a moment where its cell is shown as one. Moments are taken to the millisecond where the number is as near to one as its digits can be, else to the microsecond.
  Day 60 of the 1900 system is 1900-02-29, which never was: its row is rejected (`xlsx.no_day`). Both systems of days (1900, 1904) are read.
- A time of the day alone is text, for a column of `data_type: time` too. A span of time (`[h]:mm`) is a number of days, a percentage its part of 1.
- A formula is the value that was saved with it; without one its row is rejected (`xlsx.no_value`). So is a row with an error (`xlsx.error_cell`); `error_cells: 'null'` makes NULLs of errors.
- An empty text is a text; an empty cell is NULL.
- .xls, .xlsb, .ods and workbooks with a password are refused (SRC-340), damaged ones too, with part, line and column (SRC-341). Texts that cells share may be 1 GB in all, a row 16 MB.

| a cell | in the lake | arrive | rejected |
| --- | --- | --- | --- |
{rows}
"""


def cell(letter, row, code, content):
    style = f' s="{FORMATS.index(code) + 1}"' if code else ""
    kind, _, value = content.partition(">") if content.startswith("t=") else ("", "", content)
    return f'<c r="{letter}{row}"{style} {kind}>{value}</c>'


def kinds(cases):
    """A workbook for each kind, so that each has the type that it would have alone."""
    made = project(settings="defaults: { max_reject: 100% }\n")
    tables = "".join(f"  - {{ name: k{n}, files: 'k_{n:02}.xlsx', structured: false }}\n" for n in range(len(KINDS)))
    made.write({"sources/shop.yml": f"connection: books\ntables:\n{tables}"})
    for number, (_, code, _, values) in enumerate(KINDS):
        rows = '<row r="1"><c r="A1" t="str"><v>id</v></c><c r="B1" t="str"><v>v</v></c></row>'
        for row, (content, _) in enumerate(values, 2):
            rows += f'<row r="{row}"><c r="A{row}"><v>{row - 2}</v></c>{cell("B", row, code, content)}</row>'
        with_sheet([rows], place(made, f"k_{number:02}.xlsx"), FORMATS)
    made.run("run")
    lines = []
    for number, (what, _, lake, values) in enumerate(KINDS):
        found = {int(row[0]): row[1:] for row in made.rows(f"select id, v::varchar, typeof(v), v is null from raw_shop.k{number}")}
        cases.check(f"{what}: type", {lake_type(row[1]) for row in found.values()}, {lake})
        arrive, rejected = [], []
        for at, (content, expected) in enumerate(values):
            got = found[at][0] if at in found else REJECTED
            cases.check(f"{what}: {content}", got, expected)
            text = shown(f"<c {content}</c>" if content.startswith("t=") else content)
            (rejected if got is REJECTED else arrive).append(text if got is REJECTED else f"{text} → {shown(got)}")
        lines.append(f"| {what} | {lake} | {', '.join(arrive)} | {', '.join(rejected)} |")
    made.remove()
    return PAGE.format(rows="\n".join(lines))


def random_value(rng):
    kind = rng.randrange(9)
    if kind == 0:
        return None
    if kind == 1:
        return rng.randrange(-10**15, 10**15)
    if kind == 2:
        return rng.uniform(-1e6, 1e6)
    if kind == 3:
        return rng.random() < 0.5
    if kind == 4:
        return datetime.datetime(1900, 3, 1) + datetime.timedelta(milliseconds=rng.randrange(3_400_000_000_000))
    if kind == 5:
        return datetime.date(1904, 1, 2) + datetime.timedelta(days=rng.randrange(90_000))
    if kind == 6:
        return datetime.time(rng.randrange(24), rng.randrange(60), rng.randrange(60), rng.randrange(1000) * 1000)
    return "".join(rng.choice("ab<&>\"'äß😀 \n\t_x000D_=+") for _ in range(1 + rng.randrange(12)))


def expected_text(value):
    """How a value stands in a column of text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.time):
        text = value.isoformat()
    elif isinstance(value, datetime.datetime):
        text = value.date().isoformat() + ("" if value.time() == datetime.time() else " " + value.time().isoformat())
    elif isinstance(value, datetime.date):
        return value.isoformat()
    else:
        return str(value)
    return text.rstrip("0") if "." in text else text


def differences(cases, is_1904):
    """Random workbooks of openpyxl, each value as text."""
    columns = [f"c{n}" for n in range(8)]
    declared = ", columns: [" + ", ".join(f"{{ name: {name}, data_type: string }}" for name in columns) + "]"
    made = project(declared, settings="defaults: { max_reject: 0% }\n")
    rng, want = random.Random(7 + is_1904), {}
    for number in range(4):
        book = openpyxl.Workbook(write_only=number % 2 == 1)
        if is_1904:
            book.epoch = CALENDAR_MAC_1904
        sheet = book.create_sheet("first", 0)
        sheet.append(columns)
        for row in range(2, 300):
            values = [random_value(rng) for _ in columns]
            values = [value if not isinstance(value, datetime.date) or not is_1904 or value.year > 1904 else 1 for value in values]
            values[0] = row
            # A text that begins with = is a formula to openpyxl.
            values = ["x" + value if isinstance(value, str) and value.startswith("=") else value for value in values]
            sheet.append(values)
            want[f"in/t_{number}.xlsx", str(row)] = values
        book.save(place(made, f"t_{number}.xlsx"))
    done = step(made)
    cases.check(f"1904 {is_1904}: every row arrives", (done["rows_in"], done["rows_out"], done["rows_rejected"]), (len(want), len(want), 0))
    wrong = []
    pairs = ", ".join(f"'{name}', {name}" for name in columns)
    for name, row, text in made.rows(f"select _source_file, _source_row, json_object({pairs}) from raw_shop.t"):
        for value, got in zip(want.pop((name, row)), json.loads(text).values()):
            if isinstance(value, float):
                same = got is not None and float(got) == float(f"{value:.16g}")  # as openpyxl writes it
            elif value is None:
                same = got is None
            else:
                same = got == expected_text(value)
            if not same:
                wrong.append((name, row, value, got))
    cases.true(f"1904 {is_1904}: each value is what was written", not wrong and not want, f"{len(wrong)} differ, {len(want)} missing: {wrong[:3]}")
    made.remove()


def damage(cases):
    """Flipped and cut bytes: what is no longer sound is a bad file, or the values are those of the sound one."""
    made = project(connection="path: in, on_bad_file: skip", settings="defaults: { max_reject: 100% }\n")
    rows = '<row r="1"><c r="A1" t="str"><v>id</v></c></row>' + "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(2, 200))
    with_sheet([rows], place(made, "sound"))
    with open(place(made, "sound"), "rb") as file:
        sound = file.read()
    os.remove(place(made, "sound"))
    rng, count = random.Random(11), 150
    for number in range(count):
        damaged = bytearray(sound)
        for _ in range(rng.randrange(1, 6)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        if number % 3 == 0:
            del damaged[rng.randrange(len(damaged)):]
        with open(place(made, f"t_{number:03}.xlsx"), "wb") as out:
            out.write(damaged)
    step(made)
    bad = [row[0] for row in made.rows("select origin from leat.rejected where reason_code = 'file'")]
    whole = [row[0] for row in made.rows("select _source_file from raw_shop.t group by 1 having count(*) = 198 and min(_source_row) = 2 and sum(id - _source_row) = 0")]
    cases.check("each file is bad, or whole", sorted(bad + whole), [f"in/t_{number:03}.xlsx" for number in range(count)])
    cases.true("most of them are bad", len(bad) > count / 2, str(len(bad)))
    made.remove()


def large(cases):
    """Memory is that of a row and of the texts that cells share, whatever the length of the sheet."""
    used = {}
    for count in (200_000, 800_000):
        made = project()

        def rows():
            yield '<row r="1"><c r="A1" t="str"><v>id</v></c><c r="B1" t="str"><v>name</v></c><c r="C1" t="str"><v>amount</v></c></row>'
            for n in range(2, count + 2):
                yield f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}" t="inlineStr"><is><t>a name of some length, {n}</t></is></c><c r="C{n}"><v>{n}.25</v></c></row>'
        with_sheet(rows(), place(made, "t_1.xlsx"))
        run, used[count] = made.measured("run")
        done = run["steps"][0]
        cases.check(f"{count} rows: every one", (done["rows_in"], done["rows_out"]), (count, count))
        print(f"        {count} rows: {used[count]:.0f} MB of memory, {done['seconds']:.1f} s")
        made.remove()
    cases.true("four times the rows take no more memory worth naming", used[800_000] < used[200_000] + 60, str(used))


def main():
    cases = Cases()
    page = kinds(cases)
    differences(cases, False)
    differences(cases, True)
    damage(cases)
    large(cases)
    check_page(cases, "xlsx", page)
    cases.finish()


main()
