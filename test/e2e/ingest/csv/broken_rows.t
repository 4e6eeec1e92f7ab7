# what: lines that cannot be read are kept with file and line, the others are loaded, the counts balance
tags quick
include csv.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'orders_*.csv', structured: false }

file in/orders_1.csv
| id,note
| 1,one
| 2,two,extra
| 3
| 4,"four, quoted"
| 5,five

run run --output json
json status = success
json steps[asset=source.shop.orders].rows_in = 5
json steps[asset=source.shop.orders].rows_out = 3
json steps[asset=source.shop.orders].rows_rejected = 2

query IT
| select id, note from raw_shop.orders order by id
----
1  one
4  four, quoted
5  five

query TTT sorted
| select reason_code, origin, payload from leat.rejected
----
csv.missing_columns  in/orders_1.csv:4  3
csv.too_many_columns  in/orders_1.csv:3  2,two,extra
