#!/usr/bin/env python3
"""XML files against Python's own parser: random documents, damaged ones, packed ones, one that is large.
docs/fidelity/xml.md is written from what is seen here and compared with it: LEAT_UPDATE=1 writes it anew.

usage: xml_source.py LEAT [DATA_FOLDER]
"""
import bz2
import gzip
import io
import json
import os
import random
import sys
import zipfile
from xml.etree import ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
import zstandard  # noqa: E402
from fidelity import check_page  # noqa: E402
from leat_project import Cases, Project  # noqa: E402

LEAT = os.path.abspath(sys.argv[1])
INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"


def project(options="", connection="path: in", settings=""):
    made = Project(LEAT)
    made.write({"leat.yml": "version: 1\nname: xml\n" + settings,
                "connections.yml": f"connections:\n  inbound: {{ type: xml, {connection} }}\n",
                "sources/shop.yml": f"connection: inbound\ntables:\n  - {{ name: t, files: 't_*.xml*', structured: false{options} }}\n"})
    os.makedirs(os.path.join(made.folder, "in"))
    return made


def put(made, name, content):
    with open(os.path.join(made.folder, "in", name), "wb") as out:
        out.write(content if isinstance(content, bytes) else content.encode())


def columns_sql(made, cast=""):
    """Arguments of json_object: every column of the table that came out of the documents."""
    names = [row[0] for row in made.rows("describe raw_shop.t") if not row[0].startswith("_")]
    return ", ".join(f"'{name}', \"{name}\"{cast}" for name in names)


def step(made, expect=0):
    return made.json("run", expect=expect)["steps"][0]


# what it shows, document, [{column: value}]
MAPPING = [
    ("attributes, elements, their attributes", "<i id='1'><price currency='EUR'>12.50</price><name>a</name></i>",
     {"@id": "1", "price": "12.50", "price@currency": "EUR", "name": "a"}),
    ("nested", "<i><who id='7'><name>a</name><phone kind='home'>1</phone></who></i>",
     {"who": '{"name":"a","phone":{"@kind":"home","#text":"1"}}', "who@id": "7"}),
    ("several", "<i><tag>a</tag><tag k='1'/><tag>b</tag></i>", {"tag": '["a",{"@k":"1","#text":""},"b"]'}),
    ("one of `lists: tags/tag`", "<i><tags><tag>a</tag></tags></i>", {"tags": '{"tag":["a"]}'}),
    ("nil, empty, missing", "<i xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><nil xsi:nil='true'/><empty/></i>", {"nil": None, "empty": ""}),
    ("CDATA, references, space", "<i><note> a&lt;<![CDATA[<b>&amp;]]>&#x20AC; </note></i>", {"note": " a<<b>&amp;€ "}),
    ("text among elements", "<i><p>a <b>c</b> d</p></i>", {"p": '{"#content":["a ",{"b":"c"}," d"]}'}),
    ("text of the record", "<i k='1'>a</i>", {"@k": "1", "#text": "a"}),
]

PAGE = """# What arrives from XML files

Written by `test/ingest/xml_source.py` from what it sees. A value is in the lake exactly, or its row is rejected with everything in it (`<table>__rejected`).

- The elements that `record` means are rows. An attribute is the column `@name`, a child element the column `name`, its attribute `name@attribute`; in the structured
  table they have clean names (`id`, `price_currency`), with the mapping kept. Columns stand in the order in which they first come.
- A child with elements in it, and one that comes several times, is JSON text. Whether one comes once or several times decides which of both it is: `lists: tag` makes it a list
  always. The order among elements of different names is kept only where there is text among them (`#content`).
- Text is as it stands, CDATA and references resolved, line ends as \\n; `whitespace: trim` leaves out the space around it. Space between elements, comments and
  processing instructions are no data.
- A missing element is NULL, and so is one with `xsi:nil`. An empty one is the empty text, or NULL in a column of another type.
- Types are found once, from all values of the first load: whole numbers, decimals (before doubles), days and times, true and false; else text ("007" too). `data_type` of a column says otherwise.
- Names count without their namespaces, but for `xsi:` and `xml:`; `namespaces: {{ dc: 'http://…' }}` names those in one `dc:name`, in `record` as well. A record in which two namespaces
  have one name is rejected (`xml.two_namespaces`).
- `fields: {{ day: ../@date }}` are attributes of the elements around a record.
- A document is read in the encoding that it declares (UTF-8, UTF-16, those of one byte a character that iconv knows); `encoding:` names any other.
- Nothing outside of a document is read: a DTD elsewhere is left alone, but for a reference to one of its entities, which is an error. A document that declares entities is
  refused. So are more than 60 levels of elements, 10,000 names, a record of more than 16 MB.
- A document that is not well-formed is refused whole (SRC-330, with line and column). `_source_row` is the number of the record in its document.
- Answers of an http connection (`format: xml`, with `records` for `record`) are read in the same way; what would reject a record here stops their table with an error.

| | of `<i …>` | columns |
| --- | --- | --- |
{rows}
"""


def mapping(cases):
    made = project(", lists: tags/tag")
    put(made, "t_1.xml", "<r>" + "".join(one[1] for one in MAPPING) + "</r>")
    step(made)
    pairs = columns_sql(made, "::varchar")
    got = [json.loads(row[0]) for row in made.rows(f"select json_object({pairs}) from raw_shop.t order by _source_row")]
    lines = []
    for (what, document, expected), row in zip(MAPPING, got):
        cases.check(f"mapping: {what}", {key: value for key, value in row.items() if value is not None}, {key: value for key, value in expected.items() if value is not None})
        shown = ", ".join(f"`{key}`: " + ("NULL" if value is None else f"`{value}`" if value.strip() == value and value else f"`'{value}'`") for key, value in expected.items())
        lines.append(f"| {what} | `{document}` | {shown} |".replace(" xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'", ""))
    cases.check("every record of the mapping arrives", len(got), len(MAPPING))
    made.remove()
    return PAGE.format(rows="\n".join(lines))


def blank(text):
    return not (text or "").strip(" \t\r\n")


def is_leaf(element):
    return len(element) == 0


def is_mixed(element):
    return not is_leaf(element) and not (blank(element.text) and all(blank(child.tail) for child in element))


def value_of(element):
    attributes = {"@" + key: value for key, value in element.attrib.items() if key != INSTANCE + "nil"}
    nil = element.get(INSTANCE + "nil") == "true"
    if is_leaf(element) and not attributes:
        return None if nil else element.text or ""
    return {**attributes, **members(element, nil)}


def members(element, nil=False):
    if is_leaf(element):
        return {"#text": None if nil else element.text or ""}
    if is_mixed(element):
        return {"#content": content(element)}
    return {name: [value_of(one) for one in group] if len(group) > 1 else value_of(group[0]) for name, group in groups(element).items()}


def content(element):
    parts = [element.text] if element.text else []
    for child in element:
        parts.append({child.tag: value_of(child)})
        if child.tail:
            parts.append(child.tail)
    return parts


def groups(element):
    found = {}
    for child in element:
        found.setdefault(child.tag, []).append(child)
    return found


def columns_of(record):
    """The columns of a record, by Python's parser: what docs/fidelity/xml.md says."""
    row = {"@" + key: value for key, value in record.attrib.items()}
    for name, group in groups(record).items():
        only = group[0]
        if len(group) > 1:
            row[name] = [value_of(one) for one in group]
            continue
        if only.get(INSTANCE + "nil") == "true":
            row[name] = None
        else:
            row[name] = (only.text or "") if is_leaf(only) else members(only)
        row.update({f"{name}@{key}": value for key, value in only.attrib.items() if key != INSTANCE + "nil"})
    if is_mixed(record):
        row["#content"] = content(record)
    elif is_leaf(record) and not blank(record.text):
        row["#text"] = record.text
    return {key: value for key, value in row.items() if value is not None}


def random_document(rng):
    encoding = rng.choice(["utf-8", "utf-16", "iso-8859-1", "windows-1252", "us-ascii"])
    names = ["x", "y", "z", "a-b.c", "groesse" if encoding == "us-ascii" else "größe"]
    words = lambda: "".join(rng.choice("ab<&>'\"äß😀 \n]\t") for _ in range(rng.randrange(8)))

    def fill(element, depth):
        for name in rng.sample("abcde", rng.randrange(3)):
            element.set(name, words())
        if rng.random() < 0.5:
            element.text = words()
        if depth == 0:
            return
        for _ in range(rng.randrange(5)):
            child = ElementTree.SubElement(element, rng.choice(names))
            if rng.random() < 0.1:
                child.set(INSTANCE + "nil", "true")
            else:
                fill(child, depth - 1)
            if rng.random() < 0.15:
                child.tail = words()

    root = ElementTree.Element("root")
    for _ in range(60):
        fill(ElementTree.SubElement(root, "rec"), 3)
    return ElementTree.tostring(root, encoding, xml_declaration=True)


def differences(cases):
    """The same documents by Python's parser and from the lake."""
    made = project(settings="defaults: { max_reject: 0% }\n")
    expected, rng = {}, random.Random(5)
    for number in range(20):
        document = random_document(rng)
        put(made, f"t_{number:02}.xml", document)
        expected[f"in/t_{number:02}.xml"] = [columns_of(record) for record in ElementTree.fromstring(document)]
    done = step(made)
    cases.check("every record of every encoding arrives", (done["rows_in"], done["rows_out"]), (1200, 1200))
    pairs = columns_sql(made)
    wrong, found = [], 0
    for name, number, text in made.rows(f"select _source_file, _source_row, json_object({pairs}) from raw_shop.t"):
        found += 1
        want = expected[name][int(number) - 1]
        got = {key: value for key, value in json.loads(text).items() if value is not None}
        for key, value in want.items():
            if not isinstance(value, str) and isinstance(got.get(key), str):
                got[key] = json.loads(got[key])
        if got != want:
            wrong.append((name, number, got, want))
    cases.true("each record is what Python's parser has", found == 1200 and not wrong, f"{found} rows, {len(wrong)} differ: {wrong[:1]}")
    made.remove()


def damage(cases):
    """Cut and flipped bytes: Python's parser and ours agree on what is well-formed, and a bad file is never seen."""
    made = project(connection="path: in, on_bad_file: skip", settings="defaults: { max_reject: 100% }\n")
    sound = ("<?xml version='1.0'?>\n<r>" + "".join(f"<i id='{n}' name='a&amp;b'><x>{n}</x><y><![CDATA[<{n}>]]></y></i>\n" for n in range(20)) + "</r>").encode()
    rng, good, bad = random.Random(3), 0, []
    for number in range(150):
        document = bytearray(sound)
        for _ in range(rng.randrange(1, 4)):
            document[rng.randrange(len(document))] = rng.randrange(256)
        if number % 3 == 0:
            del document[rng.randrange(len(document)):]
        try:
            good += len(ElementTree.fromstring(bytes(document)))
        except ElementTree.ParseError:
            bad.append(f"in/t_{number:03}.xml")
        except (LookupError, ValueError):
            continue
        put(made, f"t_{number:03}.xml", bytes(document))
    step(made)
    cases.check("the bad files are those of Python's parser", [row[0] for row in made.rows("select origin from leat.rejected where reason_code = 'file' order by 1")], sorted(bad))
    cases.check("the records of the others are all there", made.one("select count(*) from (select 1 from raw_shop.t union all select 1 from leat.rejected where reason_code <> 'file')"), [str(good)])
    cases.true("most of them are bad", len(bad) > 60, str(len(bad)))
    cases.check("each is named with line and column", made.one("select count(*) from leat.rejected where reason_code = 'file' and not regexp_matches(message, '\\.xml:[0-9]+:[0-9]+: ')"), ["0"])
    made.remove()


def packed(cases):
    made = project()
    plain = lambda number: f"<r><i id='{number}'/></r>".encode()
    put(made, "t_1.xml.gz", gzip.compress(plain(1)))
    put(made, "t_2.xml.bz2", bz2.compress(plain(2)))
    put(made, "t_3.xml.zst", zstandard.compress(plain(3)))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("one.xml", plain(4))
        out.writestr("two.xml", plain(5))
    put(made, "t_4.xml.zip", archive.getvalue())
    step(made)
    cases.check("packed files", made.rows('select "@id", _source_file from raw_shop.t order by 1'),
                [["1", "in/t_1.xml.gz"], ["2", "in/t_2.xml.bz2"], ["3", "in/t_3.xml.zst"], ["4", "in/t_4.xml.zip!one.xml"], ["5", "in/t_4.xml.zip!two.xml"]])
    made.remove()


def large(cases):
    """Memory is that of a record, whatever the size of the document."""
    used = {}
    for megabytes in (20, 200):
        made = project(settings="")
        row = "<i id='{}'><name>a name of some length</name><price currency='EUR'>{}.25</price><lines><line>1</line><line>2</line></lines></i>\n"
        with open(os.path.join(made.folder, "in", "t_1.xml"), "w", encoding="utf-8") as out:
            out.write("<r>\n")
            number = 0
            while out.tell() < megabytes << 20:
                out.write("".join(row.format(n, n) for n in range(number, number + 10_000)))
                number += 10_000
            out.write("</r>")
        run, used[megabytes] = made.measured("run")
        done = run["steps"][0]
        cases.check(f"{megabytes} MB: every record", (done["rows_in"], done["rows_out"]), (number, number))
        print(f"        {megabytes} MB: {used[megabytes]:.0f} MB of memory, {done['seconds']:.1f} s")
        made.remove()
    cases.true("ten times the document takes no more memory worth naming", used[200] < used[20] + 150, str(used))


def main():
    cases = Cases()
    page = mapping(cases)
    differences(cases)
    damage(cases)
    packed(cases)
    large(cases)
    check_page(cases, "xml", page)
    cases.finish()


main()
