# what: a file that comes late does not put older rows in place of newer ones, takes no newer row out and brings no newer soft-deleted row back
tags quick
include base.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: people, files: 'people_*.csv', mode: incremental, primary_key: [id], update_key: changed, structured: false, delete_when: "op = 'D'" }
|   - { name: soft, files: 'soft_*.csv', mode: incremental, primary_key: [id], update_key: changed, structured: false, delete_when: "op = 'D'", soft_delete: true }

file in/people_1.csv
| id,name,changed,op
| 1,ann,10,U
| 2,bob,10,U
| 3,cid,10,U
| 4,dan,10,U
| 5,eva,,U

file in/soft_1.csv
| id,name,changed,op
| 1,ann,10,U
| 2,bob,10,U

run run

# late: 1 is older, 2 is older and would delete, 3 is equal, 4 has no time, 5 had none, 6 is new
file in/people_2.csv
| id,name,changed,op
| 1,late,9,U
| 2,late,9,D
| 3,same,10,U
| 4,late,,U
| 5,late,1,U
| 6,new,1,U

file in/soft_2.csv
| id,name,changed,op
| 1,ann,20,D

run run --output json
json steps[asset=source.shop.people].rows_in = 6
json steps[asset=source.shop.people].rows_out = 3
json steps[asset=source.shop.people].rows_filtered = 3
json steps[asset=source.shop.people].rows_inserted = 1
json steps[asset=source.shop.people].rows_updated = 2
json steps[asset=source.shop.people].rows_deleted = 0

query TI
| select rule, rows from leat.filters order by all
----
delete_when  1
older  3

query ITIT
| select id, name, changed, op from raw_shop.people order by id
----
1  ann  10  U
2  bob  10  U
3  same  10  U
4  dan  10  U
5  late  1  U
6  new  1  U

# gone, as the row of 10: one of 5 is no news, one of 25 is
file in/soft_3.csv
| id,name,changed,op
| 1,late,5,U

run run

query II
| select id, changed from raw_shop.soft where _deleted_at is null order by id
----
2  10

file in/soft_4.csv
| id,name,changed,op
| 1,back,25,U

run run

query II
| select id, changed from raw_shop.soft where _deleted_at is null order by id
----
1  25
2  10

# only older rows: the file is done, the table stays as it is
file in/people_3.csv
| id,name,changed,op
| 1,late,2,U

run run --output json
json steps[asset=source.shop.people].rows_filtered = 1
json steps[asset=source.shop.people].rows_out = 0

run run --output json
json status = nothing
