# what: the harness's own ledger check fails when any of its numbers is off by one, for loads, hand-overs and row deltas
tags quick

run init . --name shop
file models/latest.sql
| {{ config(materialized='incremental', unique_key='customer') }}
| select customer, max(order_id) as order_id from {{ source('shop', 'orders') }} group by customer

run run
exit 0

file inbound/orders_2026-11-02.csv
| order_id,customer,ordered_at,amount
| 4,Grace,2026-11-02 08:00:00,1.25
| 5,Edsger,2026-11-02 09:00:00,2.50
run run
exit 0
ledger check

query I
| select rows_inserted + rows_updated > 0 from leat.ledger where asset = 'model.latest' and rows_updated > 0
----
true

foreach column rows_in rows_out rows_rejected rows_filtered
foreach kind load handover
sql .leat/state.db
| update ledger set ${column} = ${column} + 1 where kind = '${kind}';
ledger fails
ledger check
sql .leat/state.db
| update ledger set ${column} = ${column} - 1 where kind = '${kind}';
ledger check
endforeach
endforeach

# A row delta against the records of the snapshots.
foreach column rows_inserted rows_deleted
sql .leat/state.db
| update ledger set ${column} = ${column} + 1 where asset = 'model.latest' and rows_updated > 0;
ledger fails
ledger check
sql .leat/state.db
| update ledger set ${column} = ${column} - 1 where asset = 'model.latest' and rows_updated > 0;
ledger check
endforeach
