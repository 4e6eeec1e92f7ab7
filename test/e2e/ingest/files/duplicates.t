# what: the same content under a second name is noted and not read; a run that is taken back takes the notes along; other words load it or stop
tags quick
include project.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: '*.csv', structured: false }

file in/a.csv
| id,state
| 1,new
file in/copy_of_a.csv
| id,state
| 1,new
run plan --output json
json steps[asset=source.shop.orders].files count = 1
run run --output json
let first = json run_id
json steps[asset=source.shop.orders].reason ~ 1 duplicate (in/copy_of_a.csv has the content of in/a.csv)
json steps[asset=source.shop.orders].rows_in = 1

file in/third.csv
| id,state
| 1,new
file in/other.csv
| id,state
| 2,new
run run --output json
let second = json run_id
json steps[asset=source.shop.orders].reason ~ 1 new file, 2 duplicates (in/copy_of_a.csv has the content of in/a.csv)
json steps[asset=source.shop.orders].rows_in = 1

run run --output json
json status = nothing
json steps[asset=source.shop.orders].reason = nothing new: 4 files unchanged

query TTTII
| select origin, status, duplicate_of, "rows", version from leat.files order by 1
----
in/a.csv  loaded  NULL  1  1
in/copy_of_a.csv  duplicate  in/a.csv  0  1
in/other.csv  loaded  NULL  1  1
in/third.csv  duplicate  in/a.csv  0  1

# A duplicate alone starts no run; it is noted.
file in/fourth.csv
| id,state
| 2,new
run run --output json
json status = nothing
json steps[asset=source.shop.orders].reason ~ 4 files unchanged, 1 duplicate (in/fourth.csv has the content of in/other.csv)
run run --output json
json steps[asset=source.shop.orders].reason = nothing new: 5 files unchanged

# Taken back: the file that the run loaded and its duplicate are pending again, those of the first run are not.
run lake rollback --run ${second}
query TT
| select origin, status from leat.files order by 1
----
in/a.csv  loaded
in/copy_of_a.csv  duplicate
in/fourth.csv  taken back
in/other.csv  taken back
in/third.csv  duplicate

run run --output json
json steps[asset=source.shop.orders].reason ~ 1 new file, 1 duplicate (in/other.csv has the content of in/fourth.csv)
query II
| select id, count(*) from raw_shop.orders group by 1 order by 1
----
1  1
2  1

# An environment sees what main did; what it notes itself main does not see.
run env create dev
file in/fifth.csv
| id,state
| 5,new
run run --target env/dev --output json
file in/sixth.csv
| id,state
| 5,new
run plan --target env/dev
stdout ~ 1 duplicate (in/sixth.csv has the content of in/fifth.csv)
run plan
stdout ~ 1 new file, 1 duplicate (in/sixth.csv has the content of in/fifth.csv)

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: '*.csv', structured: false, on_duplicate: fail }
run run --output json
exit 1
json steps[asset=source.shop.orders].reason ~ in/sixth.csv has the content of in/fifth.csv
query I
| select count(*) from raw_shop.orders
----
2

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: '*.csv', structured: false, on_duplicate: load }
run run --output json
json steps[asset=source.shop.orders].rows_in = 2
