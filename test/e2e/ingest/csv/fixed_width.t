# what: columns by their width in characters: exact values, names from the header or the project; lines too short or too long are rejected
tags quick
include csv.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - name: orders
|     files: 'orders_*.txt'
|     structured: false
|     widths: [5, 8, 7, 10]
|     names: [id, name, amount, day]
|     header: false
|     comment: '*'
|     footer: 1
|     columns: [{ name: id, data_type: bigint }, { name: amount, data_type: 'decimal(18,2)' }, { name: day, data_type: date }]
|   - { name: people, files: 'people_*.txt', structured: false, widths: [4, 6], encoding: latin-1 }

# Widths count characters, not bytes; the last value may be shorter, quotes and delimiters are text.
file in/orders_1.txt
| * id name    amount day
| 00017Zoë     0012.502026-11-20
| 00018"x",y;z     1.02026-11-21
| 00019Łódź           2026-11-2
| 00020short
| 00021too long   3.002026-11-22 x
|
| 00022        9999.992026-11-23
| 00004 rows
shell mkdir -p in; printf 'id  name  \r\n1   J\xf6rg  \r\n2   Ann\r\n' > in/people_1.txt
run run --output json
json steps[asset=source.shop.orders].rows_in = 6
json steps[asset=source.shop.orders].rows_out = 3
json steps[asset=source.shop.orders].rows_rejected = 3
query ITTTI
| select id, name, amount, day, _source_row from raw_shop.orders order by id
----
17  Zoë  12.50  2026-11-20  2
18  "x",y;z  1.00  2026-11-21  3
22  NULL  9999.99  2026-11-23  8

query TTT sorted
| select origin, reason_code, replace(payload, ' ', '_') from leat.rejected
----
in/orders_1.txt:4  cast  {"id":"00019","name":"Łódź","amount":null,"day":"2026-11-2"}
in/orders_1.txt:5  csv.line_too_short  00020short
in/orders_1.txt:6  csv.line_too_long  00021too_long___3.002026-11-22_x

query IT
| select id, name from raw_shop.people order by id
----
1  Jörg
2  Ann

# The same whatever the number of threads, and types from a sample of a large file.
shell awk 'BEGIN { for (i = 1; i <= 300000; ++i) printf "%05d%-8s%7.2f2026-11-20\n", i % 100000, "n" i % 7, i % 1000 + 0.25; print "end" }' > in/orders_2.txt
run run --output json
json steps[asset=source.shop.orders].rows_out = 300000
query T
| select sum(amount)::varchar from raw_shop.orders where name like 'n%'
----
149925000.00

# Widths that are none, or not as many as names.
file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'orders_*.txt', structured: false, widths: [5, 0], header: false }
|   - { name: people, files: 'people_*.txt', structured: false, widths: [4, 6], names: [id] }
run run --output json
exit 1
json steps[asset=source.shop.orders].error.code = SRC-215
json steps[asset=source.shop.people].error.code = SRC-215
