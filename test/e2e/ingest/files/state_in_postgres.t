# what: the file ledger in PostgreSQL decides the same: new, unchanged, duplicate, changed, taken back, read again, newest run of a full refresh
timeout 300
postgres

file leat.yml
| version: 1
| name: shop
| state: ${postgres}

file connections.yml
| connections:
|   inbound: { type: csv, path: in }

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'o_*.csv', structured: false, on_change: replace }
|   - { name: whole, files: 'w_*.csv', structured: false, mode: full-refresh }

file in/o_1.csv
| id,state
| 1,new
file in/w_1.csv
| id
| 1
run run --output json
file in/o_2.csv
| id,state
| 1,new
file in/o_3.csv
| id,state
| 3,new
file in/w_2.csv
| id
| 2
run run --output json
let second = json run_id
json steps[asset=source.shop.orders].reason = 1 new file, 1 duplicate (in/o_2.csv has the content of in/o_1.csv)
json steps[asset=source.shop.whole].rows_in = 2
shell touch in/o_1.csv
run run --output json
json status = nothing
json steps[asset=source.shop.orders].reason = nothing new: 3 files unchanged
json steps[asset=source.shop.whole].reason = nothing new: 2 files unchanged

shell rm in/w_1.csv
file in/o_1.csv
| id,state
| 1,paid
run run --output json
let third = json run_id
json steps[asset=source.shop.orders].reason = 1 changed file
json steps[asset=source.shop.orders].rows_deleted = 1
json steps[asset=source.shop.whole].reason = 1 file gone
run lake rollback --run ${third}
run plan
stdout ~ 1 changed file
stdout ~ 1 file gone
run replay --file in/o_3.csv --output json
json steps[asset=source.shop.orders].rows_in = 2
query TTI
| select origin, status, version from leat.files where load_key = 'shop.orders' order by 1, 3
----
in/o_1.csv  loaded  1
in/o_1.csv  taken back  2
in/o_1.csv  loaded  3
in/o_2.csv  duplicate  1
in/o_3.csv  loaded  1
in/o_3.csv  loaded  2

query IT
| select id, state from raw_shop.orders order by 1
----
1  paid
3  new

# Dates in names: what was read counts when the folder is empty, what was taken back does not.
file sources/shop.yml
| connection: inbound
| tables:
|   - name: days
|     files: 'd_{yyyy-MM-dd}_{HH}.csv'
|     structured: false
|     expect: { count: 2, since: 2026-11-19 }

shell for d in 19_00 19_12; do printf 'id\n%s\n' $d > in/d_2026-11-$d.csv; done
clock 2026-11-20T23:00:00Z
run run --output json
json steps[asset=source.shop.days].watermark_after = 2026-11-19 12:00
shell for d in 20_00 20_12; do printf 'id\n%s\n' $d > in/d_2026-11-$d.csv; done
run run --output json
let days = json run_id
json steps[asset=source.shop.days].watermark_after = 2026-11-20 12:00
shell rm in/d_*
clock 2026-11-21T01:00:00Z
run run --output json
json status = nothing
json steps[asset=source.shop.days].reason ~ last period 2026-11-20 12:00; due 2026-11-22T00:00:00Z: 2026-11-21: 0 of 2 files
run lake rollback --run ${days}
run run --output json
exit 1
json steps[asset=source.shop.days].error.message ~ complete: 2026-11-20: 0 of 2 files
