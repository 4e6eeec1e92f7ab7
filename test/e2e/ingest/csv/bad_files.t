# what: a file that is not what the source says blocks its table by default, with its name; `on_bad_file: skip` sets it aside
tags quick

file leat.yml
| version: 1
| name: shop

file connections.yml
| connections:
|   inbound: { type: csv, path: in }

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'orders_*', structured: false }

file in/orders_1.csv
| id,state
| 1,new
run run

file in/orders_2.csv
| {"id": 2, "state": "paid"}
file in/orders_4.csv
| id,state
| 4,new
shell seq 1 5000 | sed 's/$/,new/' | (echo id,state; cat) | gzip | head -c 2000 > in/orders_3.csv.gz

run run --output json
exit 1
json status = failed
json steps[asset=source.shop.orders].status = failed
json steps[asset=source.shop.orders].reason ~ in/orders_
query I
| select count(*) from raw_shop.orders
----
1

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'orders_*', structured: false, on_bad_file: skip }
run run --output json
json status = success
json steps[asset=source.shop.orders].rows_in = 3
json steps[asset=source.shop.orders].rows_rejected = 2
json steps[asset=source.shop.orders].rows_out = 1

query TT
| select origin, reason_code from leat.rejected order by 1
----
in/orders_2.csv  file
in/orders_3.csv.gz  file

query TI
| select origin, "rows" from leat.files where revoked_commit is null order by 1
----
in/orders_1.csv  1
in/orders_2.csv  0
in/orders_3.csv.gz  0
in/orders_4.csv  1

# They are known: the next run does not look at them again. Mended, they are loaded.
run run --output json
json status = nothing

file in/orders_2.csv
| id,state
| 2,paid
run run --output json
json steps[asset=source.shop.orders].rows_out = 1
query I
| select id from raw_shop.orders order by id
----
1
2
4

# A whole refresh without one of its files would take rows away: it blocks.
file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'orders_*', structured: false, on_bad_file: skip, mode: full-refresh }
run run --output json
exit 1
json steps[asset=source.shop.orders].reason ~ in/orders_3.csv.gz
query I
| select count(*) from raw_shop.orders
----
3
