# what: an SQLite table is read from its bookmark on; values that do not fit their declaration are rejected with their rowid
tags quick

file leat.yml
| version: 1
| name: shop
| defaults: { max_reject: 60% }

file connections.yml
| connections:
|   ops: { type: sqlite, file: ops.db }

file sources/ops.yml
| connection: ops
| tables:
|   - { name: events, mode: incremental, update_key: id, structured: false }

sql ops.db ok
| create table events (id integer primary key, amount decimal(9,2), day date);
| insert into events values (1, 2.5, '2020-01-01'), (2, 0.125, '2020-01-01'), (3, 10, null);

run run --output json
json steps[asset=source.ops.events].rows_in = 3
json steps[asset=source.ops.events].rows_rejected = 1
json steps[asset=source.ops.events].watermark_after = 3

run run --output json
json steps[asset=source.ops.events].status = skipped

sql ops.db ok
| insert into events values (4, 4, '2020-01-04');

run run --output json
json steps[asset=source.ops.events].rows_in = 1
json steps[asset=source.ops.events].watermark_before = 3

query ITT
| select id, amount, day from raw_ops.events order by id
----
1  2.50  2020-01-01
3  10.00  NULL
4  4.00  2020-01-04

query TT
| select origin, message from leat.rejected
----
ops.events:2  0.125 is not exactly a decimal(9,2)
