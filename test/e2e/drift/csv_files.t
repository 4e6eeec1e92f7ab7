# what: files: a column that some files lack, by policy; types of text are compared where the project says so; headers are never lost
tags quick
include csv.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'orders_*.csv', structured: false }

file in/orders_1.csv
| id,name,amount
| 1,ann,5
run run
query TT
| select load_key, changes from leat.schemas
----
shop.orders  3 columns

# a file may lack a column: NULL, and noted with the file
file in/orders_2.csv
| id,name
| 2,bob
file in/orders_3.csv
| id,name,amount
| 3,cem,7
run run
query ITI
| select id, name, amount from raw_shop.orders order by id
----
1  ann  5
2  bob  NULL
3  cem  7

query TTTT
| select class, column_name, policy, origin from leat.drift
----
removed  amount  evolve  in/orders_2.csv

# rows of the files that lack it, and of no other
file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'orders_*.csv', structured: false, drift: { removed: quarantine } }
file in/orders_4.csv
| id,name
| 4,dia
| 5,eva
file in/orders_5.csv
| id,name,amount
| 6,fay,8
run run --output json
json steps[asset=source.shop.orders].rows_in = 3
json steps[asset=source.shop.orders].rows_rejected = 2
json steps[asset=source.shop.orders].rows_out = 1
query TT
| select reason_code, origin from leat.rejected order by origin
----
drift.removed  in/orders_4.csv:2
drift.removed  in/orders_4.csv:3

# fail: nothing of the run is loaded, the files stay new
file sources/shop.yml
| connection: inbound
| drift: { removed: fail }
| tables:
|   - { name: orders, files: 'orders_*.csv', structured: false }
file in/orders_6.csv
| id,name
| 7,gus
run run --output json
exit 1
json steps[asset=source.shop.orders].error.code = RUN-549
json steps[asset=source.shop.orders].error.message ~ in/orders_6.csv
run drift
exit 1
stdout ~ in/orders_6.csv
remove in/orders_6.csv

# values that the registered type cannot hold: rejected as ever; with a word for it the column follows, or its rows go
file sources/shop.yml
| connection: inbound
| drift: { type_change: discard_row }
| tables:
|   - { name: orders, files: 'orders_*.csv', structured: false }
file in/orders_7.csv
| id,name,amount
| 8,hal,9
| 9,ida,many
run run --output json
json steps[asset=source.shop.orders].rows_in = 2
json steps[asset=source.shop.orders].rows_filtered = 1
json steps[asset=source.shop.orders].rows_out = 1
query TTT
| select class, was, became from leat.drift where policy = 'discard_row'
----
type_change  long  string
