# what: soft_delete: rows that are gone stay with the time in _deleted_at: from a full extract, by delete_when, by mode delete; they come back when their key does
tags quick
include base.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: people, files: people.csv, mode: full-refresh, primary_key: [id], soft_delete: true }
|   - { name: orders, files: 'orders_*.csv', mode: incremental, primary_key: [id], delete_when: "op = 'D'", soft_delete: true, structured: false }
|   - { name: visits, files: 'visits_*.csv', soft_delete: true, structured: false }
|   - { name: forgotten, files: 'forgotten_*.csv', mode: delete, into: visits, primary_key: [person] }

file models/adults.sql
| {{ config(unique_key='id', soft_delete=true) }}
| select id, name from {{ source('shop', 'people') }} where age >= 18 and _deleted_at is null

file in/people.csv
| id,name,age
| 1,ann,30
| 2,bob,40
| 3,cid,17

file in/orders_1.csv
| id,amount,op
| 1,10,I
| 2,20,I

file in/visits_1.csv
| person,day
| 1,2020-01-01
| 1,2020-01-02
| 2,2020-01-02

run run --output json
json steps[asset=source.shop.people].rows_inserted = 3

file in/people.csv
| id,name,age
| 1,ann,31
| 3,cid,17

file in/orders_2.csv
| id,amount,op
| 2,,D
| 7,,D
| 3,30,I

file in/forgotten_1.csv
| person
| 1

run run --output json
json steps[asset=source.shop.people].rows_in = 2
json steps[asset=source.shop.people].rows_out = 2
json steps[asset=source.shop.people].rows_updated = 1
json steps[asset=source.shop.people].rows_inserted = 2
json steps[asset=source.shop.people].rows_deleted = 2
json steps[asset=source.shop.orders].rows_filtered = 2
json steps[asset=source.shop.orders].rows_updated = 1
json steps[asset=source.shop.orders].rows_inserted = 1
json steps[asset=source.shop.orders].rows_deleted = 0
json steps[asset=source.shop.forgotten].rows_updated = 2
json steps[asset=model.adults].rows_updated = 1

query ITT
| select id, name, _deleted_at is not null from raw_shop.people order by id
----
1  ann  false
2  bob  true
3  cid  false

query ITT
| select id, name, _deleted_at is not null from structured_shop.people order by id
----
1  ann  false
2  bob  true
3  cid  false

query IIT
| select id, amount, _deleted_at is not null from raw_shop.orders order by id
----
1  10  false
2  20  true
3  30  false

query IT
| select person, _deleted_at is not null from raw_shop.visits order by all
----
1  true
1  true
2  false

query IT
| select id, _deleted_at is not null from trusted.adults order by id
----
1  false
2  true

# the time stays what it was, and a key that returns is there again
run sql --output csv -c "select epoch_us(_deleted_at) as at from raw_shop.people where id = 2"
let gone = stdout
file in/people.csv
| id,name,age
| 1,ann,31
| 3,cid,18
run run
run sql --output csv -c "select epoch_us(_deleted_at) as at from raw_shop.people where id = 2"
let still = stdout
same ${gone} ${still}

file in/people.csv
| id,name,age
| 1,ann,31
| 2,bob,41
| 3,cid,18
file in/orders_3.csv
| id,amount,op
| 2,22,I
| 1,,D
| 2,,X
shell sed -i '/X/d' in/orders_3.csv
run run --output json
json steps[asset=source.shop.people].rows_updated = 0

query IIT
| select id, age, _deleted_at is not null from raw_shop.people order by id
----
1  31  false
2  41  false
3  18  false

query IIT
| select id, amount, _deleted_at is not null from raw_shop.orders order by id
----
1  10  true
2  22  false
3  30  false

# which rows would be gone?
file sources/shop.yml
| connection: inbound
| tables:
|   - { name: people, files: people.csv, mode: full-refresh, soft_delete: true }
|   - { name: other, files: other.csv, mode: snapshot, soft_delete: true }

run check --output json
exit 2
stdout ~ PROJ-217
