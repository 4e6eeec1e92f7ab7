# what: look_back reads rows again that were committed late with an older time; equal rows make no snapshot
tags quick

file leat.yml
| version: 1
| name: shop

file connections.yml
| connections:
|   ops: { type: sqlite, file: ops.db }

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, mode: append, update_key: changed, look_back: 2h }
|   - { name: more, mode: incremental, update_key: changed, primary_key: [id], look_back: often }

run check
exit 2
error PROJ-209 at sources/ops.yml:3:67
stderr ~ would be there twice
stderr ~ neither a span of time (2h) nor a whole number

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, mode: incremental, update_key: changed, primary_key: [id], look_back: 2h, structured: false }

sql ops.db ok
| create table people (id integer primary key, name text, changed timestamp);
| insert into people values (1, 'ann', '2026-01-15 08:00:00'), (2, 'bob', '2026-01-15 12:00:00');

run run

# Late: an older time than the bookmark. Changed: the same time. Older than the look-back: not seen.
sql ops.db ok
| insert into people values (3, 'cid', '2026-01-15 10:30:00'), (4, 'dan', '2026-01-15 09:59:00');
| update people set name = 'bobby' where id = 2;

run run --output json
json steps[asset=source.ops.people].rows_in = 2
json steps[asset=source.ops.people].rows_inserted = 1
json steps[asset=source.ops.people].rows_updated = 1

query IT
| select id, name from raw_ops.people order by id
----
1  ann
2  bobby
3  cid

# Read again, and nothing is another: no snapshot.
let before = json steps[asset=source.ops.people].snapshot_after
sql ops.db ok
| update people set name = 'danny' where id = 4;
run run --output json
json steps[asset=source.ops.people].rows_in = 2
json steps[asset=source.ops.people].rows_out = 0
json steps[asset=source.ops.people].rows_filtered = 2
json steps[asset=source.ops.people].snapshot_branch = ${before}
query TI
| select rule, rows from leat.filters order by run_id desc limit 1
----
unchanged  2

sql ops.db ok
| insert into people values (5, 'eve', '2026-01-15 13:00:00');
run run --output json
json steps[asset=source.ops.people].rows_inserted = 1
json steps[asset=source.ops.people].rows_filtered = 2
json steps[asset=source.ops.people].watermark_before = 2026-01-15 12:00:00
json steps[asset=source.ops.people].watermark_after = 2026-01-15 13:00:00
