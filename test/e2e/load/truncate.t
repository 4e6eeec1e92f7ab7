# what: mode truncate replaces all rows in one snapshot, without a moment in which they are missing; the table's columns only grow or widen
tags quick
include base.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'orders.csv', mode: truncate, structured: false }

file in/orders.csv
| id,amount
| 1,10
| 2,20

run run --output json
json steps[asset=source.shop.orders].rows_inserted = 2

file in/orders.csv
| id,amount,note
| 3,30,new
| 4,40,new
| 5,50,new

# a reader in the midst of it sees the old rows, then the new ones, never none and never both
failpoint publish.before pause
start reload run
reached publish.before
query II
| select count(*), sum(id)::bigint from raw_shop.orders
----
2  3

release publish.before
wait reload
query II
| select count(*), sum(id)::bigint from raw_shop.orders
----
3  12

run lake snapshots raw_shop.orders --output json
json . count = 2
json [1].summary.operation = overwrite

run sql --output json -c "select rows_inserted, rows_deleted from leat.ledger order by run_id desc limit 1"
json [0].rows_inserted = 3
json [0].rows_deleted = 2

# as before: nothing is written
shell touch in/orders.csv
run run --output json
json status = nothing

# the definition stays: a type that old rows cannot have is refused, where full-refresh makes the column anew
file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'orders.csv', mode: truncate, structured: false, columns: [{ name: amount, data_type: date }] }

run run --output json
exit 1
json steps[asset=source.shop.orders].error.code = RUN-513
query I
| select count(*) from raw_shop.orders
----
3
