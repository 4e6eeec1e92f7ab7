# what: files are read again from the archive, after the inbound folder was cleaned: the rows come once, the ledger says who asked
tags quick
timeout 300
include project.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'orders_*.csv', structured: false }
|   - { name: states, files: 'states_*.csv', structured: false, mode: incremental, primary_key: [id] }
|   - { name: whole, files: 'whole_*.csv', structured: false, mode: full-refresh }

file models/total.sql
| select count(*) as n, sum(amount) as amount from raw_shop.orders

file in/orders_1.csv
| id,amount
| 1,10
| 2,20
file in/orders_2.csv
| id,amount
| 3,30
file in/states_1.csv
| id,state
| 1,new
| 2,new
file in/whole_1.csv
| id
| 1
clock 2026-11-20T10:00:00Z
run run --output json
clock 2026-11-21T10:00:00Z
file in/orders_3.csv
| id,amount
| 4,40
file in/orders_3_again.csv
| id,amount
| 4,40
run run --output json
run run
shell rm in/orders* in/states*

run replay --file in/orders_1.csv --output json
json steps[asset=source.shop.orders].reason = 1 file to be read again
json steps[asset=source.shop.orders].rows_in = 2
json steps[asset=source.shop.orders].rows_inserted = 2
json steps[asset=source.shop.orders].rows_deleted = 2
query II
| select id, amount from raw_shop.orders order by 1
----
1  10
2  20
3  30
4  40

query II
| select n, amount from trusted.total
----
4  100

query TIT
| select origin, version, replayed_by is not null from leat.files where load_key = 'shop.orders' and status = 'loaded' order by 1, 2
----
in/orders_1.csv  1  false
in/orders_1.csv  2  true
in/orders_2.csv  1  false
in/orders_3.csv  1  false

# By time of the load; twice gives the same.
run replay --from 2026-11-20 --to 2026-11-21 -s source:shop.orders --output json
json steps[asset=source.shop.orders].rows_in = 3
run replay --from 2026-11-20T10:00:00Z --to 2026-11-21 -s source:shop.orders --output json
json steps[asset=source.shop.orders].rows_in = 3
query II
| select count(*), sum(amount) from raw_shop.orders
----
4  100

run run --output json
json status = nothing

# By key: the rows replace those of their keys.
run replay --file in/states_1.csv --output json
json steps[asset=source.shop.states].rows_in = 2
json steps[asset=source.shop.states].rows_updated = 2
query I
| select count(*) from raw_shop.states
----
2

# What was never loaded, what is noted only, what is read whole each time, what is gone altogether.
run replay --file in/orders_9.csv
error RUN-301
run replay --file in/orders_3_again.csv
error RUN-543
run replay --file in/whole_1.csv
error RUN-543
run replay
error APP-101
run replay --from 2020-01-01 --to 2020-01-02
error RUN-301
shell rm -r .leat/landing/shop/orders
run replay --file in/orders_2.csv --output json
exit 1
json steps[asset=source.shop.orders].error.code = RUN-544
query I
| select count(*) from raw_shop.orders
----
4

# A replay that failed is over: the next run does not try it again.
run run --output json
json status = nothing

# From the inbound folder where there is no kept copy; one that is not what it was is not read.
file in/orders_2.csv
| id,amount
| 3,30
run replay --file in/orders_2.csv --output json
json steps[asset=source.shop.orders].rows_in = 1
file in/orders_2.csv
| id,amount
| 3,31
shell rm -r .leat/landing/shop/orders
run replay --file in/orders_2.csv --output json
exit 1
