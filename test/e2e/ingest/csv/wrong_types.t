# what: values that do not fit their declared type exactly are rejected, never rounded or cut
tags quick
include csv.inc

file leat.yml
| version: 1
| name: shop
| defaults: { max_reject: 70% }

file sources/shop.yml
| connection: inbound
| tables:
|   - name: orders
|     files: orders_*.csv
|     structured: false
|     columns:
|       - { name: id, data_type: bigint }
|       - { name: price, data_type: "decimal(9,2)" }
|       - { name: day, data_type: date }
|       - { name: at, data_type: timestamp }

file in/orders_1.csv
| id,price,day,at
| 1,2.50,2020-01-01,2020-01-01 10:00:00.123456
| 1.5,2.50,2020-01-01,2020-01-01 10:00:00
| 3,2.505,2020-01-01,2020-01-01 10:00:00
| 4,2.5,2020-02-30,2020-01-01 10:00:00
| 5,2.500,2020-01-01,2020-01-01 10:00:00.1234567
| 6,1e2,2020-01-01,2020-01-01T10:00:00
| seven,1,2020-01-01,
| 8,,,

run run --output json
json steps[asset=source.shop.orders].rows_in = 8
json steps[asset=source.shop.orders].rows_out = 3
json steps[asset=source.shop.orders].rows_rejected = 5

query ITTT
| select id, price, day, "at" from raw_shop.orders order by id
----
1  2.50  2020-01-01  2020-01-01 10:00:00.123456
6  100.00  2020-01-01  2020-01-01 10:00:00
8  NULL  NULL  NULL

query TTTT sorted
| select origin, reason_code, "column", message from leat.rejected
----
in/orders_1.csv:3  cast  id  '1.5' is not exactly a long
in/orders_1.csv:4  cast  price  '2.505' is not exactly a decimal(9,2)
in/orders_1.csv:5  cast  day  '2020-02-30' is not exactly a date
in/orders_1.csv:6  cast  at  '2020-01-01 10:00:00.1234567' is not exactly a timestamp
in/orders_1.csv:8  cast  id  'seven' is not exactly a long

# the line that each row began at
query II
| select id, _source_row from raw_shop.orders order by id
----
1  2
6  7
8  9

query T
| select payload from leat.rejected where origin = 'in/orders_1.csv:8'
----
{"id":"seven","price":"1","day":"2020-01-01","at":null}
