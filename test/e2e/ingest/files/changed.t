# what: a file that changed, returned, was truncated: on_change appends its rows, puts them in place of those it had, or stops
tags quick
include project.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: '*.csv', structured: false, on_change: replace }

file in/a.csv
| id,state
| 1,new
| 2,new
file in/b.csv
| id,state
| 9,new
run run --output json

file in/a.csv
| id,state
| 1,paid
| 2,new
| 3,new
run run --output json
json steps[asset=source.shop.orders].reason = 1 changed file
json steps[asset=source.shop.orders].rows_in = 3
json steps[asset=source.shop.orders].rows_inserted = 3
json steps[asset=source.shop.orders].rows_deleted = 2
query IT
| select id, state from raw_shop.orders order by 1
----
1  paid
2  new
3  new
9  new

# Back to what it was: its rows are those of then.
file in/a.csv
| id,state
| 1,new
| 2,new
run run --output json
json steps[asset=source.shop.orders].rows_deleted = 3
query IT
| select id, state from raw_shop.orders order by 1
----
1  new
2  new
9  new

# Truncated: fewer rows, then none at all.
file in/a.csv
| id,state
| 1,new
run run --output json
json steps[asset=source.shop.orders].rows_deleted = 2
shell : > in/a.csv
run run --output json
json steps[asset=source.shop.orders].rows_deleted = 1
json steps[asset=source.shop.orders].rows_in = 0
query I
| select id from raw_shop.orders
----
9

query II
| select version, "rows" from leat.files where origin = 'in/a.csv' order by 1
----
1  2
2  3
3  2
4  1
5  0

run run --output json
json status = nothing

# A file that only was touched or copied back is not read again.
shell touch in/b.csv && cp in/b.csv b && mv b in/b.csv
run run --output json
json status = nothing

# One that cannot be read any more keeps its rows.
file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: '*.csv', structured: false, on_change: replace, on_bad_file: skip }
file in/b.csv
| {"id": 9}
run run --output json
json steps[asset=source.shop.orders].rows_rejected = 1
json steps[asset=source.shop.orders].rows_deleted = 0
query I
| select id from raw_shop.orders
----
9

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: '*.csv', structured: false, on_change: fail }
file in/a.csv
| id,state
| 7,new
run run --output json
exit 1
json steps[asset=source.shop.orders].error.code = RUN-541
query I
| select id from raw_shop.orders
----
9

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'a.csv', structured: false }
run run --output json
json steps[asset=source.shop.orders].rows_in = 1
query I
| select id from raw_shop.orders order by 1
----
7
9
