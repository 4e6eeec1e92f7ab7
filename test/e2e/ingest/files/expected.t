# what: dates in names are periods; a period that is due and lacks files blocks the table and what depends on it, and says which
tags quick
include project.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - name: orders
|     files: 'orders_{yyyy-MM-dd}_{HH}.csv'
|     structured: false
|     expect: { every: day, count: 24, by: '06:00', since: 2026-11-19 }

file models/total.sql
| select count(*) as n from raw_shop.orders

shell mkdir -p in; for d in 19 20; do for h in $(seq -w 0 23); do printf 'id,hour\n%s,%s\n' $d $h > in/orders_2026-11-${d}_$h.csv; done; done; rm in/orders_2026-11-20_07.csv

# Before it is due nothing is missing.
clock 2026-11-21T05:59:00Z
run run --output json
json steps[asset=source.shop.orders].rows_in = 47
query TT
| select max(period)::varchar, min(period)::varchar from leat.files
----
2026-11-20 23:00:00  2026-11-19 00:00:00

run plan --output json
json steps[asset=source.shop.orders].periods.last = 2026-11-20 23:00
json steps[asset=source.shop.orders].periods.overdue = 0
json steps[asset=source.shop.orders].periods.next_due = 2026-11-21T06:00:00Z
json steps[asset=source.shop.orders].periods.next ~ 2026-11-20: 23 of 24 files; missing in/orders_2026-11-20_07.csv
query TTTI
| select c.check_id, c.status, l.watermark_after, l.rows_out from leat.check_results c join leat.ledger l on l.run_id = c.run_id and l.step = c.step where c.check_id like '%.expect'
----
source.shop.orders.expect  pass  2026-11-20 23:00  47

clock 2026-11-21T06:00:00Z
run plan
stdout ~ not complete: 2026-11-20: 23 of 24 files; missing in/orders_2026-11-20_07.csv

shell printf 'id,hour\n21,0\n' > in/orders_2026-11-21_00.csv
run run --output json
exit 1
json steps[asset=source.shop.orders].status = blocked
json steps[asset=source.shop.orders].error.code = RUN-542
json steps[asset=source.shop.orders].error.message ~ 2026-11-20: 23 of 24 files; missing in/orders_2026-11-20_07.csv
json steps[asset=source.shop.orders].reason ~ due 2026-11-22T06:00:00Z: 2026-11-21: 1 of 24 files
json steps[asset=model.total].status = upstream_failed
query I
| select n from trusted.total
----
47

query TT
| select status, observed from leat.check_results where check_id = 'source.shop.orders.expect' order by run_id desc limit 1
----
fail  2026-11-20: 23 of 24 files; missing in/orders_2026-11-20_07.csv

# It arrives late: everything goes on. The inbound folder may be cleaned: the ledger knows what was there.
shell printf 'id,hour\n20,7\n' > in/orders_2026-11-20_07.csv
run run --output json
json steps[asset=source.shop.orders].rows_in = 2
shell rm in/*
run run --output json
json status = nothing

# The next day lacks 23; a warning lets the files through.
clock 2026-11-22T06:00:00Z
run run --output json
exit 1
json steps[asset=source.shop.orders].error.message ~ 2026-11-21: 1 of 24 files
file sources/shop.yml
| connection: inbound
| tables:
|   - name: orders
|     files: 'orders_{yyyy-MM-dd}_{HH}.csv'
|     structured: false
|     expect: { every: day, count: 24, by: '06:00', since: 2026-11-19, on_fail: warn }

run run --output json
json steps[asset=source.shop.orders].reason ~ not complete: 2026-11-21: 1 of 24 files
file sources/shop.yml
| connection: inbound
| tables:
|   - name: orders
|     files: 'orders_{yyyy-MM-dd}_{HH}.csv'
|     structured: false
|     expect: { every: day, count: 24, by: '06:00', since: 2026-11-19, accept: [2026-11-21] }

run run --output json
run run --output json
json status = nothing

# Names that are no dates are not taken and said.
shell printf 'id,hour\n1,1\n' > in/orders_2026-11-31_00.csv
run plan
stdout ~ in/orders_2026-11-31_00.csv names no day of the calendar

# A manifest names the files of a period; until they are all there they wait.
remove models/total.sql
file sources/shop.yml
| connection: inbound
| tables:
|   - name: lots
|     files: 'lot_{yyyy-MM-dd}_*.csv'
|     structured: false
|     expect: { manifest: 'lots_{yyyy-MM-dd}.txt', wait: true, by: '24:00' }

shell rm in/*
file in/lot_2026-11-22_a.csv
| id
| 1
clock 2026-11-22T12:00:00Z
run run --output json
json steps[asset=source.shop.lots].rows_in = 0
json steps[asset=source.shop.lots].reason ~ in/lot_2026-11-22_a.csv waits for the other files of its period
file in/lots_2026-11-22.txt
| lot_2026-11-22_a.csv 5
| lot_2026-11-22_b.csv
run run --output json
json steps[asset=source.shop.lots].rows_in = 0
file in/lot_2026-11-22_b.csv
| id
| 2
run run --output json
json steps[asset=source.shop.lots].rows_in = 2

# A manifest is no data, even where the pattern takes it.
query I
| select count(*) from leat.files where origin like '%.txt'
----
0

# Hours by the clocks of a place: the day on which summer time ends has an hour more until it is due.
file sources/shop.yml
| connection: inbound
| tables:
|   - name: days
|     files: 'day_{yyyy-MM-dd}.csv'
|     structured: false
|     expect: { by: '06:00', time_zone: Europe/Berlin }

file in/day_2026-10-23.csv
| id
| 23
clock 2026-10-24T03:59:00Z
run run --output json
json steps[asset=source.shop.days].rows_in = 1
run plan --output json
json steps[asset=source.shop.days].periods.next_due = 2026-10-25T05:00:00Z
clock 2026-10-25T04:59:00Z
run run --output json
json status = nothing
clock 2026-10-25T05:00:00Z
run run --output json
exit 1
json steps[asset=source.shop.days].error.message ~ 2026-10-24: 0 of 1 files; missing in/day_2026-10-24.csv

# Dates in the names of folders.
file sources/shop.yml
| connection: inbound
| tables:
|   - name: nested
|     files: '{yyyy}/{MM}/*.csv'
|     structured: false

file in/2026/02/a.csv
| id
| 1
file in/2026/13/a.csv
| id
| 2
run run --output json
json steps[asset=source.shop.nested].rows_in = 1
json steps[asset=source.shop.nested].reason ~ in/2026/13/a.csv names no day of the calendar
query T
| select period::varchar from leat.files where load_key = 'shop.nested'
----
2026-02-01 00:00:00

# Wrong words are refused with their place.
file sources/shop.yml
| connection: inbound
| tables:
|   - { name: lots, files: 'lot_{yyyy-MM-dd}_*.csv', structured: false, expect: { by: sixish } }

run run --output json
exit 1
json steps[asset=source.shop.lots].error.code = SRC-207
file sources/shop.yml
| connection: inbound
| tables:
|   - { name: lots, files: 'lot_{yyyy-MM-dd}_*.csv', structured: false, expect: { time_zone: Mars/Olympus } }

run run --output json
exit 1
json steps[asset=source.shop.lots].error.code = SRC-207
file sources/shop.yml
| connection: inbound
| tables:
|   - { name: lots, files: 'lot_*.csv', structured: false, expect: { every: hour } }

run run --output json
exit 1
json steps[asset=source.shop.lots].error.code = SRC-207
file sources/shop.yml
| connection: inbound
| tables:
|   - { name: lots, files: 'lot_{year}.csv', structured: false }

run run --output json
exit 1
json steps[asset=source.shop.lots].error.code = SRC-206
