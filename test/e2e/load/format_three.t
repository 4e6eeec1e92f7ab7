# what: tables of format v3: the project chooses it; changed rows become deletion vectors, one a data file, and keep their row ids
tags quick
include base.inc

file leat.yml
| version: 1
| name: shop
| defaults: { properties: { format-version: 3 } }

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: people, files: 'people_*.csv', mode: incremental, primary_key: [id], delete_when: "name = 'gone'", structured: false }
|   - { name: kept, files: kept.csv, mode: full-refresh, primary_key: [id], soft_delete: true, structured: false }
|   - { name: old, files: 'old_*.csv', mode: incremental, primary_key: [id], structured: false, properties: { format-version: 2 } }

file in/people_1.csv
| id,name
| 1,ann
| 2,bob
| 3,cid
| 4,dan

file in/kept.csv
| id,name
| 1,ann
| 2,bob

file in/old_1.csv
| id,name
| 1,ann
| 2,bob
| 3,cid

run run --output json
exit 0
run lake tables raw_shop --output json
json [table=raw_shop.people].format_version = 3
json [table=raw_shop.kept].format_version = 3
json [table=raw_shop.old].format_version = 2

query III
| select id, _row_id, _last_updated_sequence_number from raw_shop.people order by id
----
1  0  1
2  1  1
3  2  1
4  3  1

# * is as before where nobody asks for them
query IT
| select * exclude (_loaded_at, _batch_id, _source_file, _source_row) from raw_shop.people where id = 1
----
1  ann

# the updated row keeps its id, the new one gets the next
file in/people_2.csv
| id,name
| 2,bobby
| 4,gone
| 5,eve

file in/kept.csv
| id,name
| 1,anna

file in/old_2.csv
| id,name
| 1,anna
| 3,cindy

run run --output json
json steps[asset=source.shop.people].rows_updated = 1
json steps[asset=source.shop.people].rows_inserted = 1
json steps[asset=source.shop.people].rows_deleted = 1

query ITII
| select id, name, _row_id, _last_updated_sequence_number from raw_shop.people order by id
----
1  ann  0  1
2  bobby  1  2
3  cid  2  1
5  eve  5  2

run lake snapshots raw_shop.people --output json
json [1].summary.added-dvs = 1
run lake snapshots raw_shop.old --output json
json [1].summary.added-position-delete-files = 1

# a row that is gone stays the same row
query ITI
| select id, name, _row_id from raw_shop.kept where _deleted_at is not null
----
2  bob  1

# an upgraded table: what it had of delete files goes into its first vectors, and its rows have ids from then on
file sources/shop.yml
| connection: inbound
| tables:
|   - { name: people, files: 'people_*.csv', mode: incremental, primary_key: [id], delete_when: "name = 'gone'", structured: false }
|   - { name: kept, files: kept.csv, mode: full-refresh, primary_key: [id], soft_delete: true, structured: false }
|   - { name: old, files: 'old_*.csv', mode: incremental, primary_key: [id], structured: false }

file in/old_3.csv
| id,name
| 2,bobby

file in/people_3.csv
| id,name
| 1,anne
| 2,bobo

run run --output json
json steps[asset=source.shop.old].rows_updated = 1
run lake tables raw_shop --output json
json [table=raw_shop.old].format_version = 3
json [table=raw_shop.old].records = 3
run lake snapshots raw_shop.old --output json
json [2].summary.added-dvs = 1
json [2].summary.removed-position-delete-files = 1
json [2].summary.total-position-deletes = 3

query IT
| select id, name from raw_shop.old order by id
----
1  anna
2  bobby
3  cindy

query II
| select count(_row_id), count(distinct _row_id) from raw_shop.old
----
3  3

# the vectors of two files, one of them there before
run lake snapshots raw_shop.people --output json
json [2].summary.added-dvs = 2
json [2].summary.removed-dvs = 1
query ITII
| select id, name, _row_id, _last_updated_sequence_number from raw_shop.people order by id
----
1  anne  0  3
2  bobo  1  3
3  cid  2  1
5  eve  5  2

# by hand, on an environment
run env create dev
run sql --write --ref env/dev
| update raw_shop.people set name = upper(name) where id in (1, 3);
| delete from raw_shop.people where id = 5;
query ITI --ref env/dev
| select id, name, _row_id from raw_shop.people order by id
----
1  ANNE  0
2  bobo  1
3  CID  2

run sql --write --ref env/dev -c "update raw_shop.people set name = 'again' where id = 1"
query ITI --ref env/dev
| select id, name, _row_id from raw_shop.people where id = 1
----
1  again  0

# a default stays when a load brings another column
run lake alter raw_shop.people --ref env/dev --add 'level int default 5'
file in/people_4.csv
| id,name,extra
| 7,gil,x

run run --target env/dev
query IITT --ref env/dev
| select id, level, extra, name from raw_shop.people where id in (2, 7) order by id
----
2  5  NULL  bobo
7  5  x  gil
