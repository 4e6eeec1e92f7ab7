# what: a file that is still being written is not taken: temporary names, settle, a marker beside it; one that grows while it is read is not published
tags quick
include project.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: '*', structured: false, settle: 10s }

file in/a.csv.tmp
| id,state
| 1,ne
file in/b.part
| id
file in/.hidden
| id
run run --output json
json steps[asset=source.shop.orders].rows_in = 0

shell mv in/a.csv.tmp in/a.csv
run run --output json
json steps[asset=source.shop.orders].reason ~ 1 file not taken yet (in/a.csv was written to just now)
# Its own mtime says nothing of when it arrived.
shell touch -d 2020-01-01 in/a.csv
run plan
stdout ~ not taken yet
clock +60
run run --output json
json steps[asset=source.shop.orders].rows_in = 1

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: '*', structured: false, done_file: '{name}.ok' }
file in/c.csv
| id,state
| 2,new
run run --output json
json steps[asset=source.shop.orders].reason ~ 1 file not taken yet (in/c.csv waits for in/c.csv.ok)
shell : > in/c.csv.ok
run run --output json
json steps[asset=source.shop.orders].rows_in = 1
run run --output json
json status = nothing

# It grows while it is read: nothing of it is published, and the next run takes it whole.
file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: '*.csv', structured: false }
file in/d.csv
| id,state
| 3,new
failpoint load.opened pause
start growing run --output json
reached load.opened
append in/d.csv
| 4,new
release load.opened
wait growing
exit 1
json steps[asset=source.shop.orders].error.code = SRC-205
query I
| select id from raw_shop.orders order by 1
----
1
2

run run --output json
json steps[asset=source.shop.orders].rows_in = 2
query I
| select id from raw_shop.orders order by 1
----
1
2
3
4
