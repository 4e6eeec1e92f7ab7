# what: a lock in a folder is respected while somebody sees to it, told, and broken when nobody does; ours is there while files are read and moved
timeout 300
tags quick

file leat.yml
| version: 1
| name: shop

file connections.yml
| connections:
|   inbound: { type: csv, path: in, lock: .leat-lock, lock_timeout: 10m }

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: '*.csv', structured: false, after_load: move, move_to: done }
|   - { name: whole, files: 'sub/*.csv', structured: false, mode: full-refresh }

file models/n.sql
| select count(*) as n from {{ source('shop', 'orders') }}

file in/a.csv
| id
| 1
file in/sub/w.csv
| id
| 1
file in/.leat-lock
| owner: pump 7

# The first load fails and says whose it is: there is nothing that could stay as it was.
run plan
stdout ~ the folder is locked: in/.leat-lock of pump 7, since
run run --output json
exit 1
json steps[asset=source.shop.orders].error.code = RUN-550
json steps[asset=source.shop.whole].error.code = RUN-550
shell test -e in/a.csv && rm in/.leat-lock
run run --output json
json steps[asset=source.shop.orders].rows_in = 1
shell test ! -e in/.leat-lock && test -e done/a.csv

# Later ones wait, by force too: nothing is read or moved, nothing fails.
file in/.leat-lock
| owner: pump 7
file in/b.csv
| id
| 2
file in/sub/x.csv
| id
| 2
run run --force --output json
json steps[asset=source.shop.orders].status = skipped
json steps[asset=source.shop.whole].status = skipped
json steps[asset=source.shop.whole].reason ~ pump 7
shell test -e in/b.csv && test -e in/.leat-lock

# Nobody saw to it for longer than lock_timeout: it is broken.
shell touch -d '-11 minutes' in/.leat-lock
run run --output json
json steps[asset=source.shop.orders].rows_in = 1
json steps[asset=source.shop.whole].rows_in = 2
shell test ! -e in/.leat-lock && test -e done/b.csv

# Ours is there while a run reads, and goes with it; that of a run that was killed keeps nobody out.
file in/c.csv
| id
| 3
failpoint load.opened pause
start one run
reached load.opened
shell cat in/.leat-lock
stdout ~ owner: leat shop run
run plan
stdout ~ its folder is locked: in/.leat-lock of leat shop run
release load.opened
wait one
shell test ! -e in/.leat-lock
file in/d.csv
| id
| 4
failpoint load.opened crash
run run
exit crash
shell test -e in/.leat-lock
run run --output json
json steps[asset=source.shop.orders].rows_in = 1
shell test ! -e in/.leat-lock
query I
| select n from trusted.n
----
4

# Somebody locks it between the plan and the reading: the step ends, the next run does it.
file in/e.csv
| id
| 5
failpoint run.opened pause
start two run
reached run.opened
file in/.leat-lock
| owner: pump 8
release run.opened
wait two
exit 1
stdout ~ RUN-550
shell rm in/.leat-lock
run run --output json
json steps[asset=source.shop.orders].rows_in = 1
