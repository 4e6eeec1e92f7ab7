# what: a run that is taken back leaves tables and files as they were; its files are loaded again by the next run
tags quick

include project.inc

run run
file in/orders_2.csv
| id,person,amount
| 4,1,1.05

run run --output json
let second = json run_id

query I
| select count(*) from raw_shop.orders
----
4

run lake rollback --run ${second}

query I
| select count(*) from raw_shop.orders
----
3

query TR sorted
| select name, amount from trusted.totals
----
ann  12.50
bob  20.25

run run --output json
json status = success
json steps[asset=source.shop.orders].reason = 1 new file

query I
| select count(*) from raw_shop.orders
----
4
