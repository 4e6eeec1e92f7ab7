# what: mode append adds the rows of new files, and of a database those behind the last update_key; nothing that is there changes
tags quick
include base.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'orders_*.csv', structured: false }

file sources/ops.yml
| connection: ops
| tables:
|   - { name: events, mode: append, update_key: id, structured: false }

file in/orders_1.csv
| id,amount
| 1,10
| 2,20

sql ops.db ok
| create table events (id integer primary key, note text);
| insert into events values (1, 'a'), (2, 'b');

run run --output json
json steps[asset=source.shop.orders].rows_inserted = 2
json steps[asset=source.ops.events].rows_inserted = 2
json steps[asset=source.ops.events].watermark_after = 2

file in/orders_2.csv
| id,amount
| 2,21
| 3,30

sql ops.db ok
| insert into events values (3, 'c');
| update events set note = 'changed' where id = 1;

# a row that changed without its update_key is not read again, and no row comes twice
run run --output json
json steps[asset=source.shop.orders].rows_in = 2
json steps[asset=source.ops.events].rows_in = 1
json steps[asset=source.ops.events].rows_inserted = 1
json steps[asset=source.ops.events].rows_updated = 0

query II
| select id, amount from raw_shop.orders order by all
----
1  10
2  20
2  21
3  30

query IT
| select id, note from raw_ops.events order by id
----
1  a
2  b
3  c

run run --output json
json status = nothing
