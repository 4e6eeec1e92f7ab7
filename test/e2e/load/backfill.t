# what: leat backfill reads a range of the update key again; nothing else of the table moves, and neither does its bookmark
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
|   - { name: people, mode: incremental, update_key: changed, primary_key: [id], structured: false }
|   - { name: events, mode: append, update_key: id, structured: false }
|   - { name: planes, structured: false }

file models/names.sql
| select id, name from {{ source('ops', 'people') }}

sql ops.db ok
| create table people (id integer primary key, name text, changed timestamp);
| insert into people values (1, 'ann', '2026-01-10'), (2, 'bob', '2026-01-11'), (3, 'cid', '2026-01-12'), (4, 'dan', '2026-01-13');
| create table events (id integer, what text);
| insert into events values (1, 'a'), (2, 'b'), (2, 'b2'), (3, 'c'), (4, 'd');
| create table planes (id integer);
| insert into planes values (1);

# Before a table was loaded there is nothing to fill.
run run --select source.ops.planes

run backfill source.ops.people --from 2026-01-11 --to 2026-01-12
exit 2
error RUN-557
stderr ~ leat run

run run

# Corrected in the source without a new time; one row is gone, one is new, and two are outside of the range.
sql ops.db ok
| update people set name = 'BOB' where id = 2;
| update people set name = 'DAN' where id = 4;
| insert into people values (5, 'eve', '2026-01-12');
| insert into people values (6, 'fay', '2026-01-09');
| insert into people values (7, 'gil', '2026-02-01');

run backfill source.ops.people --from 2026-01-11 --to 2026-01-12 --output json
json steps[asset=source.ops.people].rows_in = 3
json steps[asset=source.ops.people].rows_inserted = 1
json steps[asset=source.ops.people].rows_updated = 1
json steps[asset=source.ops.people].watermark_after = 2026-01-13
json steps[asset=source.ops.people].reason = backfill: changed from 2026-01-11 to 2026-01-12
json steps[asset=model.names].status = success

query IT
| select id, name from raw_ops.people order by id
----
1  ann
2  BOB
3  cid
4  dan
5  eve

query I
| select count(*) from trusted.names
----
5

# Again: nothing is another, and there is no snapshot.
run backfill source.ops.people --from 2026-01-11 --to 2026-01-12 --output json
json steps[asset=source.ops.people].rows_filtered = 3
json steps[asset=source.ops.people].rows_out = 0

# The next run goes on where the last one ended.
run run --output json
json steps[asset=source.ops.people].rows_in = 1
json steps[asset=source.ops.people].watermark_after = 2026-02-01

# Up to the bookmark, where no end is named.
run backfill source.ops.people --from 2026-01-09 --output json
json steps[asset=source.ops.people].rows_in = 7
json steps[asset=source.ops.people].rows_inserted = 1
json steps[asset=source.ops.people].rows_updated = 1

# Without a key the rows of the range are replaced: those that are gone, go.
sql ops.db ok
| delete from events where what = 'b2';
| update events set what = 'C' where id = 3;
| insert into events values (9, 'i');

run backfill source.ops.events --from 2 --to 3 --output json
json steps[asset=source.ops.events].rows_in = 2
json steps[asset=source.ops.events].rows_inserted = 2
json steps[asset=source.ops.events].rows_deleted = 3
json steps[asset=source.ops.events].watermark_after = 4

query IT
| select id, what from raw_ops.events order by id, what
----
1  a
2  b
3  C
4  d

# What a run would bring cannot be filled in: it would come twice.
run backfill source.ops.events --from 3 --to 9
exit 1
error RUN-558
stdout ~ leat run

# A range from which the source has nothing any more.
sql ops.db ok
| delete from events where id = 1;

run backfill source.ops.events --from 0 --to 1 --output json
json steps[asset=source.ops.events].rows_deleted = 1

run run --select source.ops.events --output json
json steps[asset=source.ops.events].rows_in = 1

query I
| select count(*) from raw_ops.events
----
4

# A value that is none of the column.
run backfill source.ops.events --from one --to 2
exit 1

# Tables that have no ranges.
run backfill source.ops.planes --from 1 --to 2
exit 2
error RUN-556
stderr ~ update_key

run backfill model.names --from 1 --to 2
exit 2
error RUN-556

run backfill source.ops.people
exit 2
error APP-101
