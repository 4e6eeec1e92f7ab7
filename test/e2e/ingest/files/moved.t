# what: replay finds files where they were moved to; nothing is deleted of which no copy is kept; a file with a name of its own may be gone; dated names
tags quick
timeout 300

file leat.yml
| version: 1
| name: shop
| archive: false

file connections.yml
| connections:
|   inbound: { type: csv, path: in/ }

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'sub/orders_{yyyy-MM-dd}.csv', structured: false, on_change: replace, after_load: move, move_to: in/done/ }
|   - { name: one, files: one.csv, structured: false, after_load: move, move_to: "/dev/shm/leat-moved${dir}" }
|   - { name: notes, files: 'notes_*.csv', structured: false }

file in/sub/orders_2026-11-20.csv
| id
| 1
file in/one.csv
| id
| 1
file in/notes_1.csv
| id
| 1
run run
shell test -e in/done/sub/orders_2026-11-20.csv && test ! -e in/one.csv

# Of two files that had the same name the one with the content of the newest load is read again.
file in/sub/orders_2026-11-20.csv
| id
| 2
run run
run replay --file in/sub/orders_2026-11-20.csv --output json
json steps[asset=source.shop.orders].rows_inserted = 1
json steps[asset=source.shop.orders].rows_deleted = 1
query T
| select string_agg(id::varchar, ' ' order by id) from raw_shop.orders
----
2

shell rm 'in/done/sub/orders_2026-11-20~2.csv'
run replay --file in/sub/orders_2026-11-20.csv --output json
exit 1
json steps[asset=source.shop.orders].error.code = RUN-544

# It was moved: that it is gone is no error. It comes again.
run run --output json
json status = nothing
file in/one.csv
| id
| 2
run run --output json
json steps[asset=source.shop.one].rows_in = 1
# Another file system.
shell cd /dev/shm/leat-moved${dir} && cat one.csv one~2.csv && test "$(ls -A | wc -l)" = 2
stdout ~ 2
shell cd /dev/shm && rm leat-moved${dir}/* && rmdir -p --ignore-fail-on-non-empty leat-moved${dir}

# No copy was kept when it was loaded: it stays. With one it goes.
file leat.yml
| version: 1
| name: shop

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: notes, files: 'notes_*.csv', structured: false, after_load: delete }
file in/notes_2.csv
| id
| 2
file in/notes_3.csv
| id
| 1
run run --output json
json steps[asset=source.shop.notes].reason ~ 1 file deleted; 2 files left (in/notes_1.csv: no copy of it is kept)
shell test ! -e in/notes_2.csv && test -e in/notes_1.csv && test -e in/notes_3.csv
run replay --file in/notes_2.csv --output json
json steps[asset=source.shop.notes].rows_inserted = 1
