# what: mode insert adds rows whose key is not there yet; the others are counted and left alone
tags quick
include base.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: people, files: 'people_*.csv', mode: insert, primary_key: [id], structured: false }

file sources/ops.yml
| connection: ops
| tables:
|   - { name: codes, mode: insert, primary_key: [code], structured: false }

file models/first_seen.sql
| {{ config(materialized='incremental', incremental_strategy='insert', unique_key='id') }}
| select id, name from {{ source('shop', 'people') }}

file in/people_1.csv
| id,name
| 1,ann
| 2,bob

sql ops.db ok
| create table codes (code text, meaning text);
| insert into codes values ('a', 'first'), ('b', 'first');

run run --output json
json steps[asset=source.shop.people].rows_inserted = 2

file in/people_2.csv
| id,name
| 2,bobby
| 3,cid

sql ops.db ok
| update codes set meaning = 'second';
| insert into codes values ('c', 'second');

run run --output json
json steps[asset=source.shop.people].rows_in = 2
json steps[asset=source.shop.people].rows_out = 1
json steps[asset=source.shop.people].rows_filtered = 1
json steps[asset=source.shop.people].rows_inserted = 1
json steps[asset=source.shop.people].rows_updated = 0
json steps[asset=source.ops.codes].rows_in = 3
json steps[asset=source.ops.codes].rows_filtered = 2
json steps[asset=model.first_seen].rows_in = 3
json steps[asset=model.first_seen].rows_filtered = 2
json steps[asset=model.first_seen].rows_inserted = 1

query TTI
| select step, rule, rows from leat.filters order by all
----
model.first_seen  existing_key  2
source.ops.codes  existing_key  2
source.shop.people  existing_key  1

query IT
| select id, name from raw_shop.people order by id
----
1  ann
2  bob
3  cid

query TT
| select code, meaning from raw_ops.codes order by code
----
a  first
b  first
c  second

# no new key: an empty snapshot, so that the file is done
file in/people_3.csv
| id,name
| 1,other

run run --output json
json steps[asset=source.shop.people].rows_filtered = 1
json steps[asset=source.shop.people].rows_inserted = 0
run lake snapshots raw_shop.people --output json
json . count = 3
json [2].summary.total-records = 3
run run --output json
json steps[asset=source.shop.people].status = skipped

# twice in one extract is refused
file in/people_4.csv
| id,name
| 9,x
| 9,y

run run --output json
exit 1
json steps[asset=source.shop.people].error.code = RUN-533

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: people, files: 'people_*.csv', mode: insert }

run check --output json
exit 2
stdout ~ PROJ-209
