# what: a part of a sheet, its names in a row of their own or nowhere; both systems of days
tags quick
require program python3
include xlsx.inc

file sources/shop.yml
| connection: books
| tables:
|   - { name: block, files: 'block.xlsx', range: 'B3:C5', structured: false }
|   - { name: below, files: 'block.xlsx', range: 'B4:C', header: 3, structured: false }
|   - { name: plain, files: 'block.xlsx', range: '4:5', header: false, structured: false }
|   - { name: names, files: 'block.xlsx', header: 3, structured: false }
|   - { name: second, files: 'block.xlsx', sheet: 2, structured: false }
|   - { name: number, files: 'block.xlsx', sheet: 3, structured: false }
|   - { name: empty, files: 'block.xlsx', sheet: 2, range: 'A1:A1', structured: false }
|   - { name: gap, files: 'block.xlsx', header: 2, structured: false }

file block.xml
| <row r="1"><c r="A1" t="inlineStr"><is><t>A report of November</t></is></c></row>
| <row r="3"><c r="B3" t="str"><v>day</v></c><c r="C3" t="str"><v>sum</v></c><c r="D3" t="str"><v>sum</v></c><c r="E3"><v>2026</v></c></row>
| <row r="4"><c r="A4" t="str"><v>x</v></c><c r="B4" s="1"><v>0</v></c><c r="C4"><v>1</v></c><c r="D4"><v>2</v></c><c r="E4"><v>3</v></c></row>
| <row r="5"><c r="B5" s="1"><v>60</v></c><c r="C5"><v>1.5</v></c></row>
| <row r="6"><c r="B6" s="1"><v>2957003</v></c><c r="C6"><v>9</v></c></row>
| <row r="8"><c r="B8" t="str"><v>total</v></c><c r="C8"><v>11.5</v></c></row>
file second.xml
| <row><c t="str"><v>a</v></c><c t="str"><v>a</v></c><c/><c t="str"><v>column3</v></c></row>
| <row><c><v>1</v></c><c><v>2</v></c><c><v>3</v></c><c><v>4</v></c></row>
file third.xml
| <row><c t="str"><v>third</v></c></row>
file named.xml
| <row><c t="str"><v>called</v></c></row><row><c><v>3</v></c></row>
shell mkdir -p in && python3 book.py in/block.xlsx 1904 Report=block.xml Other=second.xml Last=third.xml 3=named.xml
run run --output json
exit 3
json steps[asset=source.shop.block].rows_out = 2
json steps[asset=source.shop.below].rows_out = 4
json steps[asset=source.shop.below].rows_filtered = 1
json steps[asset=source.shop.gap].error.code = SRC-344
query TTT
| select day, sum, _source_row from raw_shop.block order by 3
----
1904-01-01	1.0	4
1904-03-01	1.5	5

query TTT
| select day, sum, _source_row from raw_shop.below order by 3
----
1904-01-01	1.0	4
1904-03-01	1.5	5
9999-12-31	9.0	6
total	11.5	8

query TTTTTT
| select column1, column2, column3, column4, column5, _source_row from raw_shop.plain order by 6
----
x	1904-01-01	1.0	2	3	4
NULL	1904-03-01	1.5	NULL	NULL	5

query TTTTTT
| select column1, day, sum, sum_2, "2026", _source_row from raw_shop.names order by 6
----
x	1904-01-01	1.0	2	3	4
NULL	1904-03-01	1.5	NULL	NULL	5
NULL	9999-12-31	9.0	NULL	NULL	6
NULL	total	11.5	NULL	NULL	8

query TTTT
| select a, a_2, column3_2, column3 from raw_shop.second
----
1	2	3	4

# A sheet that is called 3 goes before the third one.
query T
| select called from raw_shop.number
----
3

