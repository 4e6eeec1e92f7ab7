# what: rejected rows are kept on main with reason and origin, also when the run fails
tags quick

include orders_with_states.inc

file in/orders_1.csv
| id,state
| 1,new
| 2,lost
| 3,paid

file models/bad.sql
| select id from {{ source('shop', 'orders') }}

file models/bad.yml
| models:
|   - name: bad
|     columns:
|       - name: id
|         checks: [{ range: { max: 1 } }]

run run --output json
exit 1
json status = failed
json steps[asset=source.shop.orders].rows_rejected = 1

query TTT
| select table_name, reason_code, status from leat.rejected
----
raw_shop.orders  check:source.shop.orders.state.accepted_values  open

query T
| select split_part(origin, ':', 1) from raw_shop.orders__rejected
----
in/orders_1.csv

file models/bad.yml
| models:
|   - name: bad

run run --output json
json status = success
json steps[asset=source.shop.orders].status = adopted

query II
| select (select count(*) from raw_shop.orders), (select count(*) from leat.rejected)
----
2  1
