# what: drift of a PostgreSQL table: classes as its catalogue tells them, the key, by policy
tags quick
postgres

file leat.yml
| version: 1
| name: shop

file connections.yml
| connections:
|   shop: { type: postgres, uri: '${postgres}' }

file sources/shop.yml
| connection: shop
| tables:
|   - { name: orders, mode: incremental, update_key: id, primary_key: [id], structured: false, drift: { type_change: quarantine } }

psql ${postgres}
| create table orders (id int primary key, amount numeric(9,2), day date, free numeric, note text);
| insert into orders values (1, 1.5, '2020-01-01', 1.25, 'a');
run run

psql ${postgres}
| alter table orders alter amount type numeric(18,2), alter day type text, add column extra int;
| insert into orders values (2, 12345678901.25, '2020-01-02', 7.5, 'b', 5), (3, 2, 'someday', 1, 'c', 6);
run drift --output json
json fails = false
json tables[asset=source.shop.orders].drift count = 3
run run --output json
json steps[asset=source.shop.orders].rows_in = 2
json steps[asset=source.shop.orders].rows_rejected = 1
json steps[asset=source.shop.orders].rows_out = 1
query ITTTTI
| select id, amount, day, free, note, extra from raw_shop.orders order by id
----
1  1.50  2020-01-01  1.25  a  NULL
2  12345678901.25  2020-01-02  7.50  b  5

query TTTT
| select class, column_name, was, became from leat.drift order by class
----
additive  extra  NULL  int
type_change  day  date  string
widened  amount  decimal(9,2)  decimal(18,2)

query TT
| select reason_code, payload from leat.rejected
----
drift.type_change  {"id":3,"amount":"2.00","day":"someday","free":"1.00","note":"c","extra":6}

# the key: rows would replace the wrong ones
psql ${postgres}
| alter table orders drop constraint orders_pkey, add primary key (id, note);
| insert into orders values (4, 1, 'x', 1, 'd', 1);
run run --output json
exit 1
json steps[asset=source.shop.orders].error.code = RUN-549
query TTTT
| select class, was, became, policy from leat.drift where fails
----
key_changed  id  id, note  fail
