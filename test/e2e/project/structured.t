# what: the structured copy has clean names, UTC times and audit columns; models and checks see it; nothing is done twice
tags quick

file leat.yml
| version: 1
| name: shop

file connections.yml
| connections:
|   shop: { type: csv, path: inbound }

file inbound/orders.csv
| Order Id,tail-num,said at,amount
| 1,N1,2013-07-01 08:00:00,1.50
| 2,N2,2013-12-01 08:00:00,2.25

file sources/shop.yml
| tables:
|   - name: orders
|     files: orders.csv
|     mode: full-refresh
|     structured:
|       columns:
|         - { name: Order Id, rename_to: order_id, checks: [not_null, unique] }
|         - { name: said at, time_zone: America/New_York }

file models/by_plane.sql
| -- a short name, in another namespace than the table
| {{ config(schema='marts') }}
| select tail_num, count(*) as n from {{ source('shop', 'orders') }} group by all

file models/total.sql
| select sum(n)::bigint as n from by_plane

run run
exit 0

query TTTT
| select order_id, tail_num, said_at at time zone 'UTC', amount from structured_shop.orders order by 1
----
1  N1  2013-07-01 12:00:00  1.50
2  N2  2013-12-01 13:00:00  2.25

query TITI
| select _op, count(distinct _row_hash), _source_file, count(_loaded_at) from structured_shop.orders group by all
----
snapshot  2  inbound/orders.csv  2

query I
| select n from trusted.total
----
2

# A row hash says whether a row has changed, whenever it was loaded.
run sql --output csv -c "select string_agg(_row_hash, ',' order by order_id) from structured_shop.orders"
let before = stdout
run run --force
run sql --output csv -c "select string_agg(_row_hash, ',' order by order_id) from structured_shop.orders"
let after = stdout
same ${before} ${after}

run run
stdout ~ Nothing to do

# A column that raw does not have, with the nearest name.
file sources/shop.yml
| tables:
|   - name: orders
|     files: orders.csv
|     mode: full-refresh
|     structured:
|       columns:
|         - { name: said  att, time_zone: America/New_York }

run run
exit 1
stdout ~ PROJ-231
stdout ~ said at
