# what: the structured copy of a table that only got rows takes these alone; after any other change it is made anew; both give the same rows
tags quick
include base.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - name: orders
|     files: 'orders_*.csv'
|     max_reject: 50%
|     structured:
|       max_reject: 50%
|       columns:
|         - { name: amount, checks: [{ range: { min: 0, on_fail: quarantine } }] }

file in/orders_1.csv
| id,amount
| 1,10
| 2,20
| 3,-1

run run --output json
json steps[asset=structured.shop.orders].rows_in = 3
json steps[asset=structured.shop.orders].rows_rejected = 1

file in/orders_2.csv
| id,amount
| 4,40
| 5,-5

run run --output json
json steps[asset=structured.shop.orders].reason ~ follows
json steps[asset=structured.shop.orders].rows_in = 2
json steps[asset=structured.shop.orders].rows_out = 1
json steps[asset=structured.shop.orders].rows_rejected = 1
json steps[asset=structured.shop.orders].rows_inserted = 1
json steps[asset=structured.shop.orders].rows_deleted = 0

query II
| select id, amount from structured_shop.orders order by id
----
1  10
2  20
4  40

# made anew on a branch: the same
run lake content-hash structured_shop.orders --output json
let followed = json [0].hash
run env create check
run run --target env/check --select structured.shop.orders --force --output json
json steps[asset=structured.shop.orders].rows_in = 5
run lake content-hash structured_shop.orders --ref env/check --output json
let rebuilt = json [0].hash
same ${followed} ${rebuilt}

# several loads between two builds
file in/orders_3.csv
| id,amount
| 6,60
run run --select source:shop.orders --output json
file in/orders_4.csv
| id,amount
| 7,70
run run --output json
query I
| select string_agg(id, ',' order by id) from structured_shop.orders
----
1,2,4,6,7

# a new column, another check, deleted rows: made anew
file in/orders_5.csv
| id,amount,note
| 8,80,x
run run --output json
json steps[asset=structured.shop.orders].rows_in = 8
query IT
| select id, note from structured_shop.orders where id > 6 order by id
----
7  NULL
8  x

run run --output json
json status = nothing

file in/gone.csv
| id
| 1
file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'orders_*.csv', max_reject: 50%, structured: { max_reject: 50%, columns: [{ name: amount, checks: [{ range: { min: 0, on_fail: quarantine } }] }] } }
|   - { name: gone, files: gone.csv, mode: delete, into: orders, primary_key: [id] }
run run --output json
json steps[asset=structured.shop.orders].rows_in = 7
query I
| select string_agg(id, ',' order by id) from structured_shop.orders
----
2,4,6,7,8
