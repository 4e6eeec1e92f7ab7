# what: mode snapshot adds the whole extract each time that it changed; _loaded_at and _batch_id tell the states apart
tags quick
include base.inc

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, mode: snapshot, structured: false }

sql ops.db ok
| create table people (id integer primary key, name text);
| insert into people values (1, 'ann'), (2, 'bob');

run run
run run --output json
json status = nothing

sql ops.db ok
| update people set name = 'bobby' where id = 2;
| insert into people values (3, 'cid');

run run --output json
json steps[asset=source.ops.people].rows_inserted = 3
json steps[asset=source.ops.people].rows_deleted = 0

query IT
| select id, name from raw_ops.people order by _loaded_at, id
----
1  ann
2  bob
1  ann
2  bobby
3  cid

query I
| select count(distinct _batch_id) from raw_ops.people
----
2

# the source was touched, its content is as before
sql ops.db ok
| update people set name = 'bobby' where id = 2;

run run --output json
json steps[asset=source.ops.people].rows_inserted = 0
query I
| select count(*) from raw_ops.people
----
5
