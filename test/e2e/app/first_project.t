# what: a newcomer's first hour: init, check, run, ask, run again, a new file, history, rollback
tags quick

run init shop --name corner_shop
stdout ~ leat run

shell mv shop/* shop/.gitignore . && rmdir shop

run init
exit 2
error APP-203

run check
stdout ~ corner_shop: 1 source table, 1 model

run plan --output json
json steps[asset=source.shop.orders].action = load
json steps count = 3

run run --output json
json status = success
json steps[asset=source.shop.orders].rows_in = 3
json steps[asset=source.shop.orders].rows_out = 3
let first = json run_id

query TIRT sorted
| select customer, orders, amount, last_order from customers
----
Ada	2	62.40	2026-11-01 17:05:00
Grace	1	5.00	2026-11-01 10:40:00

# Nothing new: nothing is written, and each step says why.
run run --output json
json status = nothing
json steps[asset=source.shop.orders].status = skipped
json steps[asset=source.shop.orders].reason ~ nothing new
json commit = null

file inbound/orders_2026-11-02.csv
| order_id,customer,ordered_at,amount
| 4,Grace,2026-11-02 08:00:00,1.25

run run --output json
json status = success
json steps[asset=source.shop.orders].rows_in = 1
let second = json run_id

query IR
| select count(*), sum(amount) from raw_shop.orders
----
4	68.65

query I --as-of 7
| select count(*) from raw_shop.orders
----
3

run runs --output json
json . count = 3
json [0].run_id = ${second}
json [1].status = nothing
json [2].run_id = ${first}

run runs ${second} --output json
json [table=raw_shop.orders].rows_out = 1

run lake history --output json
json [0].run_id = ${second}

# Taking the second run back makes its file pending again.
run lake rollback --run ${second}
stdout ~ Took run

query I
| select count(*) from raw_shop.orders
----
3

run run --output json
json steps[asset=source.shop.orders].rows_in = 1

query I
| select count(*) from raw_shop.orders
----
4
