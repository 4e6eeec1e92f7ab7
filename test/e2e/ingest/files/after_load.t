# what: after its publish a file is moved or deleted, whenever the run is killed; what changed or is still needed stays; replay reads the kept copy
tags quick
timeout 300
include project.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'orders_*.csv', structured: false, after_load: move, move_to: in/done }
|   - { name: notes, files: ['sub/*.csv', '*/*.csv'], structured: false, after_load: delete, done_file: '{name}.ok' }

file in/orders_1.csv
| id
| 1
file in/sub/a.csv
| id
| 1
file in/sub/a.csv.ok
file in/sub/b.csv
| id
| 2

# Between the publish and the move, and in the middle of it: the next run does what is left, also with nothing new.
failpoint run.published crash
run run
exit crash
shell test -e in/orders_1.csv && test ! -e in/done && test -e in/sub/a.csv
failpoint files.aside crash
run run
exit crash
shell test "$(find in -name '.leat-taken.*' | wc -l)" = 1 && test ! -e in/done/orders_1.csv
run run --output json
json status = nothing
json steps[asset=source.shop.orders].reason ~ 1 file moved to in/done
json steps[asset=source.shop.notes].reason ~ 1 file deleted
shell test -e in/done/orders_1.csv && test ! -e in/sub/a.csv && test ! -e in/sub/a.csv.ok && test -e in/sub/b.csv
shell test -z "$(find in -name '.leat-taken.*')"
query II
| select (select count(*) from raw_shop.orders), (select count(*) from raw_shop.notes)
----
1  1

# The same name again, a duplicate, and a file of the folder to which files are moved: that one is never read.
file in/orders_1.csv
| id
| 2
file in/orders_2.csv
| id
| 1
run run --output json
json steps[asset=source.shop.orders].rows_in = 1
json steps[asset=source.shop.orders].reason ~ 2 files moved to in/done
shell cd in/done && ls && cat 'orders_1~2.csv' orders_2.csv
stdout ~ orders_1~2.csv
query T
| select origin || ' ' || status from leat.files where load_key = 'shop.orders' order by 1
----
in/orders_1.csv loaded
in/orders_1.csv loaded
in/orders_2.csv duplicate

# What was written to after it was read stays, and is read by the next run.
file in/orders_3.csv
| id
| 3
failpoint run.published crash
run run
exit crash
shell printf '4\n' >> in/orders_3.csv
run run --output json
json steps[asset=source.shop.orders].rows_in = 2
shell test ! -e in/orders_3.csv && test -e in/done/orders_3.csv
# It was written to while it was taken aside: it goes back.
file in/orders_4.csv
| id
| 5
failpoint files.aside crash
run run
exit crash
shell printf '6\n' >> in/.leat-taken.orders_4.csv
run run --output json
json steps[asset=source.shop.orders].reason ~ 1 file left (in/orders_4.csv: it changed since it was loaded)
run run --output json
json steps[asset=source.shop.orders].rows_in = 2
shell test -e in/done/orders_4.csv

# Read again from the kept copies, which stay where they are.
query I
| select count(*) from raw_shop.orders
----
8

run replay --file in/orders_2.csv
exit 2
error RUN-543
run replay --file in/sub/a.csv --output json
json steps[asset=source.shop.notes].rows_inserted = 1
json steps[asset=source.shop.notes].rows_deleted = 1
run replay --file in/sub/a.csv --output json
json steps[asset=source.shop.notes].rows_inserted = 1

# A run on an environment takes nothing from main, nor does a publish that is held back.
file in/orders_5.csv
| id
| 7
run env create dev
run run --target env/dev --output json
json steps[asset=source.shop.orders].rows_in = 1
shell test -e in/orders_5.csv
run run --output json
json steps[asset=source.shop.orders].rows_in = 1
shell test ! -e in/orders_5.csv

# Another table that has not read a file, or reads it each time, keeps it there.
file sources/twice.yml
| connection: inbound
| tables:
|   - { name: all_orders, files: 'orders_*.csv', structured: false, on_change: fail }
|   - { name: whole, files: 'orders_7*.csv', structured: false, mode: full-refresh }

file in/orders_6.csv
| id
| 8
file in/orders_7.csv
| id
| 9
run run --select source:shop.orders --output json
json steps[asset=source.shop.orders].reason ~ 2 files left (in/orders_6.csv: raw_twice.all_orders has not loaded it yet)
run run --output json
json steps[asset=source.shop.orders].reason ~ 1 file left (in/orders_7.csv: raw_twice.whole reads it each time)
shell test ! -e in/orders_6.csv && test -e in/orders_7.csv

# What cannot be is refused with its place.
file sources/twice.yml
| connection: inbound
| tables:
|   - name: whole
|     files: 'orders_7*.csv'
|     structured: false
|     mode: full-refresh
|     after_load: delete

run run --output json
exit 1
json steps[asset=source.twice.whole].error.code = RUN-551
shell test -e in/orders_7.csv
