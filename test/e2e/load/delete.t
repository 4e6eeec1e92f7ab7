# what: mode delete takes the rows of another table whose key is in the extract out, after that table was loaded, in the same publish
tags quick
include base.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: gone, files: 'gone_*.csv', mode: delete, into: orders, primary_key: [id] }
|   - { name: orders, files: 'orders_*.csv' }

file models/total.sql
| select count(*) as n, sum(amount) as amount from {{ source('shop', 'orders') }}

file in/orders_1.csv
| id,amount
| 1,10
| 2,20
| 3,30
| 3,31

file in/gone_1.csv
| id
| 2
| 77

run run --output json
json steps[asset=source.shop.orders].rows_inserted = 4
json steps[asset=source.shop.gone].rows_in = 2
json steps[asset=source.shop.gone].rows_out = 0
json steps[asset=source.shop.gone].rows_filtered = 2
json steps[asset=source.shop.gone].rows_deleted = 1

query II
| select n, amount from trusted.total
----
3  71

query I
| select count(*) from structured_shop.orders
----
3

# all rows of a key go; a key may come twice; nothing but keys is read
file in/gone_2.csv
| id,reason
| 3,fraud
| 3,fraud

run run --output json
json steps[asset=source.shop.gone].rows_in = 2
json steps[asset=source.shop.gone].rows_deleted = 2
json steps[asset=source.shop.orders].status = skipped

query II
| select id, amount from raw_shop.orders
----
1  10

query TI
| select rule, sum(rows)::bigint from leat.filters group by 1
----
delete_key  4

# a delete and new rows in one run are one publish and one snapshot
file in/orders_2.csv
| id,amount
| 4,40
| 5,50

file in/gone_3.csv
| id
| 1
| 5

run run --output json
json steps[asset=source.shop.orders].rows_inserted = 2
json steps[asset=source.shop.gone].rows_deleted = 2

query II
| select id, amount from raw_shop.orders
----
4  40

run lake snapshots raw_shop.orders --output json
json . count = 3

run run --output json
json status = nothing

# the key is of the table's type: what is no number is rejected
file in/gone_4.csv
| id
| x
| 4
| 5
| 6

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: gone, files: 'gone_*.csv', mode: delete, into: orders, primary_key: [id], max_reject: 50% }
|   - { name: orders, files: 'orders_*.csv' }

run run --output json
json steps[asset=source.shop.gone].rows_rejected = 1
json steps[asset=source.shop.gone].rows_filtered = 3
json steps[asset=source.shop.gone].rows_deleted = 1

query I
| select count(*) from raw_shop.orders
----
0

# mistakes
file sources/shop.yml
| connection: inbound
| tables:
|   - { name: gone, files: 'gone_*.csv', mode: delete, into: ordres, primary_key: [id] }
|   - { name: orders, files: 'orders_*.csv' }

run check --output json
exit 2
stdout ~ PROJ-204

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: gone, files: 'gone_*.csv', mode: delete, primary_key: [id] }
|   - { name: orders, files: 'orders_*.csv', into: gone }

run check --output json
exit 2
stdout ~ PROJ-209
