# what: tables of a PostgreSQL database, whole and from a bookmark on; a value that the lake cannot hold is rejected with its row
tags quick
postgres

file leat.yml
| version: 1
| name: shop
| defaults: { max_reject: 60% }

file connections.yml
| connections:
|   shop: { type: postgres, uri: '${postgres}' }

file sources/shop.yml
| connection: shop
| tables:
|   - { name: orders, mode: incremental, update_key: changed, primary_key: [id], structured: false }
|   - { name: sales.Order Lines, primary_key: [id], structured: false }
|   - { name: nothing, structured: false }

psql ${postgres}
| create table orders (id bigint primary key, amount numeric(9,2), day date, changed timestamptz not null);
| insert into orders values (1, 2.5, '2020-01-01', '2020-01-01 10:00+02'), (2, -0.01, '0044-03-15 BC', '2020-01-02 00:00:00.000001Z'),
|   (3, 'NaN', null, '2020-01-02Z'), (4, 1, 'infinity', '2020-01-02Z');
| create schema sales;
| create table sales."Order Lines" (id int primary key, "select" text, "größe ""x""" char(4));
| insert into sales."Order Lines" values (1, e'tab\tline\nquote"', 'ab'), (2, '', null);
| create table nothing (a int, b text);

run run --output json
json steps[asset=source.shop.orders].rows_in = 4
json steps[asset=source.shop.orders].rows_rejected = 2
json steps[asset=source.shop.orders].watermark_after = 2020-01-02 00:00:00.000001+00
json steps[asset=source.shop.nothing].rows_in = 0

query ITTT
| select id, amount, day, changed from raw_shop.orders order by id
----
1  2.50  2020-01-01  2020-01-01 08:00:00+00
2  -0.01  0044-03-15 (BC)  2020-01-02 00:00:00.000001+00

query ITI
| select id, to_json("select"), length("größe ""x""") from raw_shop."sales__Order Lines" order by id
----
1  "tab\tline\nquote\""  4
2  ""  NULL

query TT
| select message, payload from leat.rejected order by message
----
NaN is not exactly a decimal(9,2)  {"id": 3, "amount": "NaN", "day": null, "changed": "2020-01-02 00:00:00"}
infinity is not exactly a date  {"id": 4, "amount": "1.00", "day": "infinity", "changed": "2020-01-02 00:00:00"}

psql ${postgres}
| update orders set amount = 3, changed = '2020-01-03Z' where id = 1;
| insert into orders values (5, 5, null, '2020-01-03Z');
| alter table orders add column note text default 'new';

run run --output json
json steps[asset=source.shop.orders].rows_in = 2
json steps[asset=source.shop.orders].rows_updated = 1
json steps[asset=source.shop.orders].rows_inserted = 1

query ITT
| select id, amount, note from raw_shop.orders order by id
----
1  3.00  new
2  -0.01  NULL
5  5.00  new

run run --output json
json steps[asset=source.shop.orders].reason = nothing after '2020-01-03 00:00:00+00'

# Rows that were rejected and are mended in the source, with their old time: backfill brings them, both ends included.
psql ${postgres}
| update orders set amount = 30 where id = 3;
| update orders set day = null where id = 4;
| create index on orders (changed);

run backfill source.shop.orders --from '2020-01-02 00:00:00+00' --to '2020-01-02 00:00:00+00' --output json
json steps[asset=source.shop.orders].rows_in = 2
json steps[asset=source.shop.orders].rows_inserted = 2
json steps[asset=source.shop.orders].watermark_after = 2020-01-03 00:00:00+00

run backfill source.shop.orders --from 2020-01-02 --output json
json steps[asset=source.shop.orders].rows_in = 5
json steps[asset=source.shop.orders].rows_updated = 1
json steps[asset=source.shop.orders].rows_filtered = 4

query IT
| select id, amount from raw_shop.orders order by id
----
1  3.00
2  -0.01
3  30.00
4  1.00
5  5.00
