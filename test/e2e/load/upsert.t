# what: mode incremental of files: rows replace those of their key, in one row delta; of several rows of one key the newest by update_key counts
tags quick
include base.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: people, files: 'people_*.csv', mode: incremental, primary_key: [id], update_key: changed, structured: false }
|   - { name: plain, files: 'plain_*.csv', mode: incremental, primary_key: [a, b], structured: false }

file in/people_1.csv
| id,name,changed
| 1,ann,1
| 2,bob,1
| 1,anna,2

file in/plain_1.csv
| a,b,v
| 1,x,10
| 1,y,20
| ,z,30

run run --output json
json steps[asset=source.shop.people].rows_in = 3
json steps[asset=source.shop.people].rows_out = 2
json steps[asset=source.shop.people].rows_filtered = 1

query TI
| select rule, rows from leat.filters
----
older_version  1

file in/people_2.csv
| id,name,changed
| 2,bobby,5
| 2,bo,4
| 3,cid,5

# a key with a NULL in it is no key: such rows are added
file in/plain_2.csv
| a,b,v
| 1,y,21
| ,z,31

run run --output json
json steps[asset=source.shop.people].rows_in = 3
json steps[asset=source.shop.people].rows_out = 2
json steps[asset=source.shop.people].rows_inserted = 1
json steps[asset=source.shop.people].rows_updated = 1
json steps[asset=source.shop.people].rows_deleted = 0
json steps[asset=source.shop.plain].rows_inserted = 1
json steps[asset=source.shop.plain].rows_updated = 1

query ITI
| select id, name, changed from raw_shop.people order by id
----
1  anna  2
2  bobby  5
3  cid  5

query ITI
| select a, b, v from raw_shop.plain order by all
----
1  x  10
1  y  21
NULL  z  30
NULL  z  31

# without an update_key nobody knows which of two rows counts
file in/plain_3.csv
| a,b,v
| 7,x,1
| 7,x,2

run run --output json
exit 1
json steps[asset=source.shop.plain].error.code = RUN-533

query I
| select count(*) from raw_shop.plain
----
4

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: people, files: 'people_*.csv', mode: incremental }

run check --output json
exit 2
stdout ~ PROJ-209
