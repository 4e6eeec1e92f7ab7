# what: rows that were deleted in the source are found by comparing keys, as often as `every` says
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
|   - { name: people, mode: incremental, update_key: changed, primary_key: [id, kind], reconcile: { every: 1d } }
|   - { name: soft, mode: incremental, update_key: changed, primary_key: [id], reconcile: { every: 0 }, soft_delete: true, structured: false }
|   - { name: whole, reconcile: { every: 1d } }

run check
exit 2
error PROJ-209 at sources/ops.yml:5:31

# The engine reads such a file by itself: nobody there could be asked for keys alone.
file connections.yml
| connections:
|   ops: { type: duckdb, file: ops.duckdb }

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, mode: incremental, update_key: changed, primary_key: [id], reconcile: { every: 1d } }

run check
exit 2
error PROJ-209 at sources/ops.yml:3:91
stderr ~ reconcile cannot ask source duckdb for its keys alone

file connections.yml
| connections:
|   ops: { type: sqlite, file: ops.db }

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, mode: incremental, update_key: changed, primary_key: [id, kind], reconcile: { every: 1d } }
|   - { name: soft, mode: incremental, update_key: changed, primary_key: [id], reconcile: { every: 0 }, soft_delete: true, structured: false }

sql ops.db ok
| create table people (id integer, kind text, name text, changed integer, primary key (id, kind));
| insert into people values (1, 'a', 'ann', 1), (1, 'b', 'bob', 2), (2, 'a', 'cid', 3), (3, 'a', 'dan', 4);
| create table soft (id integer primary key, changed integer);
| insert into soft values (1, 1), (2, 2), (3, 3);

run run

# Nobody's update key moves: without a comparison the rows would stay for ever.
sql ops.db ok
| delete from people where id = 1 and kind = 'b';
| delete from soft where id < 3;
run run --output json
json steps[asset=source.ops.people].rows_in = 0
json steps[asset=source.ops.people].rows_deleted = 1
json steps[asset=source.ops.soft].rows_updated = 2

query ITT
| select id, kind, name from raw_ops.people order by all
----
1  a  ann
2  a  cid
3  a  dan

query ITT sorted
| select id, kind, name from structured_ops.people
----
1  a  ann
2  a  cid
3  a  dan

query IT
| select id, _deleted_at is not null from raw_ops.soft order by id
----
1  true
2  true
3  false

query TTII
| select check_id, status, total, failures from leat.check_results where check_id like '%.reconcile' order by 1
----
source.ops.people.reconcile  pass  3  1
source.ops.soft.reconcile  pass  1  2

# Within a day of the last comparison none; with new rows and deleted ones together once it is over.
sql ops.db ok
| delete from people where id = 2;
| insert into people values (4, 'a', 'eve', 5);
run run --output json
json steps[asset=source.ops.people].rows_inserted = 1
json steps[asset=source.ops.people].rows_deleted = 0
sql ops.db ok
| update people set name = 'eva', changed = 6 where id = 4;
| insert into people values (5, 'a', 'fay', 6);
clock +90000
run run --output json
json steps[asset=source.ops.people].rows_in = 2
json steps[asset=source.ops.people].rows_inserted = 1
json steps[asset=source.ops.people].rows_updated = 1
json steps[asset=source.ops.people].rows_deleted = 1
query ITT
| select id, kind, name from raw_ops.people order by all
----
1  a  ann
3  a  dan
4  a  eva
5  a  fay
