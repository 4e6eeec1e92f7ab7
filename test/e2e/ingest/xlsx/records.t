# what: the rows of a sheet: digits as the file has them, days and moments by the format of their cells, texts, formulas; what is no value is rejected with its cell
tags quick
require program python3
include xlsx.inc

file sources/shop.yml
| connection: books
| tables:
|   - { name: orders, files: 'orders_*.xlsx', sheet: Orders }
|   - { name: kept, files: 'orders_1.xlsx', sheet: 1, error_cells: 'null', structured: false }
|   - name: typed
|     files: 'orders_1.xlsx'
|     sheet: Orders
|     structured: false
|     columns:
|       - { name: clock, data_type: time }
|       - { name: amount, data_type: 'decimal(20,3)' }
|       - { name: rate, data_type: 'decimal(9,4)' }

file texts.xml
| <si><t>id</t></si><si><t xml:space="preserve"> two
| lines </t></si><si><r><rPr><b/></rPr><t>ri</t></r><r><t>ch</t></r><rPh sb="0" eb="1"><t>reading</t></rPh></si><si><t>tab_x0009_end</t></si>
file orders.xml
| <row r="2"><c r="B2" t="s"><v>0</v></c><c r="C2" t="inlineStr"><is><t>amount</t></is></c><c t="str"><v>sold</v></c><c t="str"><v>seen</v></c><c t="str"><v>clock</v></c><c t="str"><v>name</v></c><c t="str"><v>paid</v></c><c t="str"><v>rate</v></c><c r="L2" t="str"><v>span</v></c></row>
| <row r="3"><c r="B3"><v>1</v></c><c r="C3"><v>12345678901234567.89</v></c><c r="D3" s="1"><v>45962</v></c><c r="E3" s="2"><v>45962.524259270836</v></c><c r="F3" s="3"><v>0.5242592592592593</v></c><c r="G3" t="s"><v>1</v></c><c r="H3" t="b"><v>1</v></c><c r="I3" s="4"><v>0.07</v></c><c r="L3" s="5"><v>1.5</v></c></row>
| <row r="4" hidden="1"><c r="B4"><v>2</v></c><c r="C4" s="6"><f>C3*0+1/10</f><v>0.1</v></c><c r="D4" s="1"><v>59</v></c><c r="E4" s="2"><v>61</v></c><c r="G4" t="s"><v>2</v></c><c r="H4" t="b"><f>TRUE()</f><v>0</v></c><c r="I4" s="4"><v>1.25E-2</v></c></row>
| <row r="5" spans="2:9"><c r="B5" s="1"/></row>
| <row r="7"><c r="B7"><v>3</v></c><c r="C7" t="e"><v>#DIV/0!</v></c><c r="G7" t="s"><v>3</v></c></row>
| <row r="8"><c r="B8"><v>4</v></c><c r="C8"><f>C3+1</f></c></row>
| <row r="9"><c r="B9"><v>5</v></c><c r="D9" s="1"><v>60</v></c></row>
| <row r="10"><c r="B10"><v>6</v></c><c r="D10" t="d"><v>2026-11-05</v></c><c r="J10" t="str"><v>beside</v></c></row>
file other.xml
| <row><c><v>1</v></c></row>
shell mkdir -p in && python3 book.py in/orders_1.xlsx Orders!hidden=orders.xml Other=other.xml
run run --output json
json steps[asset=source.shop.orders].rows_in = 8
json steps[asset=source.shop.orders].rows_out = 3
json steps[asset=source.shop.orders].rows_rejected = 3
json steps[asset=source.shop.orders].rows_filtered = 2
json steps[asset=source.shop.kept].rows_rejected = 2
query ITTTTT
| select id, amount, sold, seen, clock, '[' || replace(replace(name, chr(10), '/'), chr(9), '>') || ']' from raw_shop.orders order by id
----
1  12345678901234567.89  2025-11-01  2025-11-01 12:34:56.001  12:34:56  [ two/lines ]
2  0.10  1900-02-28  1900-03-01 00:00:00  NULL  [rich]
6  NULL  2026-11-05  NULL  NULL  NULL

# Percentages and spans of time are the numbers that they are; a column without a name is called by its number, counted from the first.
query TTTTT
| select paid, rate, span, column10, _source_file || ':' || _source_row from raw_shop.orders order by id
----
true	0.07	1.5	NULL	in/orders_1.xlsx:3
false	0.0125	NULL	NULL	in/orders_1.xlsx:4
NULL	NULL	NULL	beside	in/orders_1.xlsx:10

query TTTTTTT
| select typeof(id), typeof(amount), typeof(sold), typeof(seen), typeof(clock), typeof(paid), typeof(rate) from raw_shop.orders limit 1
----
BIGINT	DECIMAL(38,2)	DATE	TIMESTAMP	VARCHAR	BOOLEAN	DOUBLE

query TTTTT
| select reason_code, "column", message, origin, payload from leat.rejected where table_name = 'raw_shop.orders' order by origin
----
xlsx.error_cell	amount	cell C7 is #DIV/0!	in/orders_1.xlsx:7	{"id":3,"amount":"#DIV/0!","name":"tab\u0009end"}
xlsx.no_value	amount	cell C8 has a formula without its value: save the workbook with a spreadsheet program	in/orders_1.xlsx:8	{"id":4,"amount":""}
xlsx.no_day	sold	cell D9: day 60 of the 1900 system is 1900-02-29, which never was	in/orders_1.xlsx:9	{"id":5,"sold":"60"}

query ITT
| select id, amount, replace(name, chr(9), '>') from raw_shop.kept where id = 3
----
3  NULL  tab>end

query ITTTT
| select id, amount, clock, rate, typeof(clock) from raw_shop.typed order by id
----
1	12345678901234567.890	12:34:56	0.0700	TIME
2	0.100	NULL	0.0125	TIME
6	NULL	NULL	NULL	TIME

# The structured copy has clean names; another workbook of the same columns is appended, also from an archive of workbooks.
query IT
| select id, column10 from structured_shop.orders order by id
----
1  NULL
2  NULL
6  beside

file orders.xml
| <row r="1"><c r="A1" t="str"><v>id</v></c><c r="B1" t="str"><v>late</v></c></row><row r="2"><c r="A2"><v>7</v></c><c r="B2"><v>1</v></c></row>
shell python3 book.py in/one.xlsx 1904 Orders=orders.xml && python3 -c "import zipfile; z = zipfile.ZipFile('in/orders_2.xlsx', 'w'); z.write('in/one.xlsx', 'one.xlsx'); z.write('in/one.xlsx', 'deep/two.xlsx')"
run run --output json
json steps[asset=source.shop.orders].rows_out = 2
query ITT
| select id, late, _source_file || ':' || _source_row from raw_shop.orders where id = 7 order by 3
----
7  1  in/orders_2.xlsx!deep/two.xlsx:2
7  1  in/orders_2.xlsx!one.xlsx:2

run run --output json
json status = nothing
