# what: quoted line ends, doubled quotes, text behind a quote, a quote that is never closed: the row, its line and the others stay right
tags quick
include csv.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: orders.csv, structured: false }

file in/orders.csv
| id,note
| 1,"two
| lines"
| 2,"say ""hi"""
| 3,"x"y
|
| 4,5" pipe
| 5,"never closed
| 6,six

run run --output json
json steps[asset=source.shop.orders].rows_in = 6
json steps[asset=source.shop.orders].rows_out = 4
json steps[asset=source.shop.orders].rows_rejected = 2

query ITI
| select id, replace(note, chr(10), '/'), _source_row from raw_shop.orders order by id
----
1  two/lines  2
2  say "hi"  4
4  5" pipe  7
6  six  9

query TTT sorted
| select origin, reason_code, payload from leat.rejected
----
in/orders.csv:5  csv.unquoted_value  3,"x"y
in/orders.csv:8  csv.unterminated_quote  5,"never closed
