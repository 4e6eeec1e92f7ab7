# what: files that are no workbooks, and workbooks that are damaged, are bad files, named with the part, the line and the column in it; nothing of them is seen
tags quick
require program python3
include xlsx.inc

file connections.yml
| connections:
|   books: { type: xlsx, path: in, on_bad_file: skip }

file sources/shop.yml
| connection: books
| tables:
|   - { name: t, files: '*.xls*', sheet: Data, structured: false }

file good.xml
| <row><c t="str"><v>id</v></c></row>
| <row><c><v>1</v></c></row>
file cut.xml
| <row><c t="str"><v>id</v></c></row>
| <row><c><v>2</v></row>
file text.xml
| <row><c t="str"><v>id</v></c></row>
| <row>
|  <c t="s"><v>9</v></c></row>
file order.xml
| <row r="2"><c t="str"><v>id</v></c></row><row r="1"/>
file bomb.xml
| <?xml version="1.0"?><!DOCTYPE worksheet [<!ENTITY a "aaaa">]><worksheet><sheetData><row><c><v>&a;</v></c></row></sheetData></worksheet>
shell mkdir -p in && cd in && make() { (cd .. && python3 book.py "$@"); } && make in/good.xlsx Data=good.xml && make in/cut.xlsx Data=cut.xml && make in/text.xlsx Data=text.xml && make in/order.xlsx Data=order.xml && make in/bomb.xlsx Data=bomb.xml && make in/other.xlsx Other=good.xml More=good.xml && make in/chart.xlsx 'Data!chart=good.xml'
file broken.py
| import zipfile
| def make(name, *parts):
|     with zipfile.ZipFile(name, "w") as out:
|         for part in parts:
|             out.writestr(part, "<a/>")
| make("binary.xlsb", "[Content_Types].xml", "xl/workbook.bin")
| make("open.xlsx", "mimetype", "content.xml")
| make("bare.xlsx", "[Content_Types].xml", "_rels/.rels")
| whole = open("good.xlsx", "rb").read()
| open("half.xlsx", "wb").write(whole[:len(whole) // 2])
| with zipfile.ZipFile("good.xlsx") as old, zipfile.ZipFile("lost.xlsx", "w") as new:
|     for one in old.namelist():
|         if "sheet1" not in one:
|             new.writestr(one, old.read(one))
shell cd in && python3 ../broken.py && printf 'id\n1\n' >comma.xlsx && : >empty.xlsx && printf '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more' >old.xls
run run --output json
query TT sorted
| select origin, message from leat.rejected where reason_code = 'file'
----
in/bare.xlsx	table t: in/bare.xlsx is no sound workbook: _rels/.rels names no workbook
in/binary.xlsb	table t: in/binary.xlsb is no workbook that can be read: it is a binary workbook (.xlsb)
in/bomb.xlsx	table t: in/bomb.xlsx is no sound workbook: xl/worksheets/sheet1.xml:1:54: the document declares the entity a: entities of a document are not expanded
in/chart.xlsx	table t: in/chart.xlsx has a chart, and no cells, on the sheet 'Data'; its sheets are: Data
in/comma.xlsx	table t: in/comma.xlsx is no workbook that can be read: it is no .xlsx file
in/cut.xlsx	table t: in/cut.xlsx is no sound workbook: xl/worksheets/sheet1.xml:3:19: the end of another element than the one that is open
in/half.xlsx	table t: in/half.xlsx is no sound workbook: the file cannot be unpacked: Truncated input file (needed 184 bytes, only 82 available)
in/lost.xlsx	table t: in/lost.xlsx is no sound workbook: it has no xl/worksheets/sheet1.xml
in/old.xls	table t: in/old.xls is no workbook that can be read: it has a password, or is of the form before 2007 (.xls)
in/open.xlsx	table t: in/open.xlsx is no workbook that can be read: it is an OpenDocument file (.ods)
in/order.xlsx	table t: in/order.xlsx is no sound workbook: xl/worksheets/sheet1.xml:2:42: row 1 stands behind row 2
in/other.xlsx	table t: in/other.xlsx has no sheet 'Data'; its sheets are: Other, More
in/text.xlsx	table t: in/text.xlsx is no sound workbook: xl/worksheets/sheet1.xml:4:19: cell A2 names text 9, and there are 0

query IT
| select id, _source_file from raw_shop.t
----
1	in/good.xlsx

# Without `skip` a bad file stops its table; so does an option that means nothing, with its place.
file connections.yml
| connections:
|   books: { type: xlsx, path: in }
file sources/shop.yml
| connection: books
| tables:
|   - { name: old, files: 'old.xls', structured: false }
|   - { name: cut, files: 'cut.xlsx', structured: false }
|   - { name: sheet, files: 'other.xlsx', sheet: Orders, structured: false }
|   - { name: range, files: 'good.xlsx', range: 'H3:A', structured: false }
|   - { name: head, files: 'good.xlsx', header: first, structured: false }
run run --output json
exit 1
json steps[asset=source.shop.old].error.code = SRC-340
json steps[asset=source.shop.cut].error.code = SRC-341
json steps[asset=source.shop.sheet].error.code = SRC-342
json steps[asset=source.shop.range].error.code = SRC-343
json steps[asset=source.shop.range].error.line = 6
json steps[asset=source.shop.head].error.code = SRC-343
