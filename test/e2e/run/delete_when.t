# what: rows that delete_when marks take the row of their key out, in the same row delta as changed and new rows; they are counted and not checked
tags quick

file leat.yml
| version: 1
| name: shop
| defaults: { max_reject: 50% }

file connections.yml
| connections:
|   ops: { type: sqlite, file: ops.db }

file sources/ops.yml
| connection: ops
| tables:
|   - name: people
|     mode: incremental
|     update_key: changed
|     primary_key: [id]
|     delete_when: op = 'D'
|     structured: false
|     columns:
|       - { name: name, checks: [{ not_null: { on_fail: quarantine } }] }

file models/adults.sql
| {{ config(materialized='incremental', unique_key='id', delete_when="gone") }}
| select id, name, id = 3 as gone from {{ source('ops', 'people') }}

sql ops.db ok
| create table people (id integer primary key, name text, op text, changed integer);
| insert into people values (1, 'ann', 'I', 1), (2, 'bob', 'I', 1), (3, 'cid', 'I', 2), (9, null, 'D', 2);

run run --output json
json steps[asset=source.ops.people].rows_in = 4
json steps[asset=source.ops.people].rows_out = 3
json steps[asset=source.ops.people].rows_filtered = 1
json steps[asset=source.ops.people].rows_rejected = 0
json steps[asset=model.adults].rows_filtered = 1

sql ops.db ok
| update people set name = 'bobby', op = 'U', changed = 3 where id = 2;
| update people set name = null, op = 'D', changed = 3 where id = 1;
| insert into people values (4, 'dan', 'I', 3), (5, null, 'I', 3);

run run --output json
json steps[asset=source.ops.people].rows_in = 4
json steps[asset=source.ops.people].rows_out = 2
json steps[asset=source.ops.people].rows_rejected = 1
json steps[asset=source.ops.people].rows_filtered = 1
json steps[asset=source.ops.people].rows_inserted = 1
json steps[asset=source.ops.people].rows_updated = 1
json steps[asset=source.ops.people].rows_deleted = 1

query IT
| select id, name from raw_ops.people order by id
----
2  bobby
3  cid
4  dan

query TI
| select rule, rows from leat.filters where step = 'source.ops.people' order by run_id
----
delete_when  1
delete_when  1

# a delta of deletes alone
sql ops.db ok
| update people set op = 'D', changed = 4 where id = 4;

run run --output json
json steps[asset=source.ops.people].rows_out = 0
json steps[asset=source.ops.people].rows_deleted = 1

query I
| select id from raw_ops.people order by id
----
2
3

# what the condition may be
file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, mode: incremental, update_key: changed, primary_key: [id], delete_when: "id in (select 1 from raw_ops.people)", structured: false }
| 
sql ops.db ok
| update people set changed = 5 where id = 2;

run run --output json
exit 1
json steps[asset=source.ops.people].error.code = RUN-536

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, delete_when: "id = 1", structured: false }

run check --output json
exit 2
