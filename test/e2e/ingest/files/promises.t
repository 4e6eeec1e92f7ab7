# what: a manifest says contents and rows of its files: what does not hold blocks the table before anything of it is seen, or warns
tags quick
include project.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - name: orders
|     files: 'o_{yyyy-MM-dd}_*.csv'
|     structured: false
|     expect: { manifest: 'o_{yyyy-MM-dd}.txt', since: 2026-11-20, wait: true }

file models/total.sql
| select count(*) as n from raw_shop.orders

file in/o_2026-11-20_a.csv
| id
| 1
| 2
file in/o_2026-11-20_b.csv
| id
| 3

# As sha256sum writes it.
clock 2026-11-20T12:00:00Z
shell cd in && sha256sum o_2026-11-20_*.csv > o_2026-11-20.txt
run run --output json
json steps[asset=source.shop.orders].rows_in = 3
query TT
| select check_id, status from leat.check_results where check_id like 'source.shop.orders.expect%' order by 1
----
source.shop.orders.expect  pass
source.shop.orders.expect.content  pass

# One bit other: nothing of the day is seen, the sound file included; what depends on it stays.
clock 2026-11-21T12:00:00Z
file in/o_2026-11-21_a.csv
| id
| 4
file in/o_2026-11-21_b.csv
| id
| 5
shell cd in && md5sum o_2026-11-21_*.csv > o_2026-11-21.txt && printf 'id\n6\n' > o_2026-11-21_b.csv
run run --output json
exit 1
json steps[asset=source.shop.orders].status = blocked
json steps[asset=source.shop.orders].error.code = SRC-390
json steps[asset=source.shop.orders].error.message ~ in/o_2026-11-21_b.csv has the md5
json steps[asset=model.total].status = upstream_failed
query I
| select n from trusted.total
----
3

query TT
| select status, observed like '%o_2026-11-21_b.csv has the md5 %, and its manifest says %' from leat.check_results where check_id = 'source.shop.orders.expect.content' order by run_id desc limit 1
----
fail  true

# The right file comes: all of the day is read, and a number of rows is held against what came.
shell printf 'id\n5\n' > in/o_2026-11-21_b.csv
shell cd in && printf 'o_2026-11-21_a.csv 5 rows:1\no_2026-11-21_b.csv rows:2 md5:%s\n' "$(md5sum < o_2026-11-21_b.csv | cut -d' ' -f1)" > o_2026-11-21.txt
run run --output json
exit 1
json steps[asset=source.shop.orders].status = blocked
json steps[asset=source.shop.orders].error.code = SRC-391
json steps[asset=source.shop.orders].error.message ~ 2 rows came out of 2 files, and the manifests say 3 rows
query II
| select (select n from trusted.total), (select count(*) from raw_shop.orders)
----
3  3

file sources/shop.yml
| connection: inbound
| tables:
|   - name: orders
|     files: 'o_{yyyy-MM-dd}_*.csv'
|     structured: false
|     expect: { manifest: 'o_{yyyy-MM-dd}.txt', since: 2026-11-20, wait: true, on_fail: warn }

run run --output json
json steps[asset=source.shop.orders].rows_in = 2
query TT
| select check_id, status from leat.check_results where run_id = (select max(run_id) from leat.check_results) and check_id like 'source.shop.orders.expect%' order by 1
----
source.shop.orders.expect  pass
source.shop.orders.expect.content  pass
source.shop.orders.expect.rows  warn

# What is no line of a manifest.
clock 2026-11-22T12:00:00Z
shell printf 'o_2026-11-21_a.csv sha256:12\n' > in/o_2026-11-21.txt
run run --output json
exit 1
stdout ~ SRC-208
stdout ~ in/o_2026-11-21.txt:1
