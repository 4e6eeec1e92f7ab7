# what: an incremental table with a key replaces changed rows in one row delta; an incremental model with unique_key does the same
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

file models/adults.sql
| {{ config(materialized='incremental', unique_key='id') }}
| select id, name from {{ source('ops', 'people') }}

sql ops.db ok
| create table people (id integer primary key, name text, changed integer);
| insert into people values (1, 'ann', 1), (2, 'bob', 1), (3, 'cid', 2);

run run

sql ops.db ok
| update people set name = 'bobby', changed = 3 where id = 2;
| insert into people values (4, 'dan', 3);

run run --output json
json steps[asset=source.ops.people].rows_in = 2
json steps[asset=source.ops.people].rows_updated = 1
json steps[asset=source.ops.people].rows_inserted = 1
json steps[asset=model.adults].rows_updated = 3
json steps[asset=model.adults].rows_inserted = 1

query IT
| select id, name from raw_ops.people order by id
----
1  ann
2  bobby
3  cid
4  dan

query IT
| select id, name from trusted.adults order by id
----
1  ann
2  bobby
3  cid
4  dan
