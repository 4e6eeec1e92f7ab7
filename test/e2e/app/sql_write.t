# what: leat sql --write: every statement is one commit on an environment, never on main; what is refused says why and where
tags quick

run init . --name shop
run run
exit 0
run env create dev

# Reading is the default; main, tags, commits and runs are never written.
run sql --ref env/dev -c "delete from raw_shop.orders"
error APP-201
stderr ~ --write
run sql --write -c "delete from raw_shop.orders"
exit 2
error RUN-601
stderr ~ env/
run lake tag opening
foreach ref "tag/opening" "commit/1" "snapshot" "2026-11-01T00:00:00Z"
run sql --write --ref ${ref} -c "delete from raw_shop.orders"
exit 2
error RUN-601
endforeach
run sql --write --ref env/dev --as-of 1 -c "select 1"
exit 2
error APP-103

# Insert: values, columns by list and by name, from a SELECT, with CTEs.
run sql --write --ref env/dev -c "insert into raw_shop.orders (order_id, customer, amount) values (10, 'Linus', 1.5), (11, 'Grace', 22.25)"
stderr ~ 2 rows inserted
run sql --write --ref env/dev -c "with big as (select 12 as order_id, 'Ada' as customer) insert into raw_shop.orders by name select * from big"
query IT --ref env/dev
| select order_id, customer from raw_shop.orders where order_id >= 10 order by 1
----
10  Linus
11  Grace
12  Ada

query I
| select count(*) from raw_shop.orders
----
3

# Update and delete are row deltas: no data file is written again.
run sql --write --ref env/dev -c "update raw_shop.orders as o set amount = o.amount * 2, customer = upper(customer) where order_id between 10 and 11"
stderr ~ 2 rows updated
run sql --write --ref env/dev -c "update raw_shop.orders set customer = n.name from (values (1, 'Lovelace')) as n(id, name) where order_id = n.id"
run sql --write --ref env/dev -c "delete from raw_shop.orders as o using (select 2 as id) as gone where o.order_id = gone.id"
stderr ~ 1 row deleted
query ITR --ref env/dev
| select order_id, customer, amount from raw_shop.orders where order_id in (1, 2, 10, 11) order by 1
----
1  Lovelace  19.90
10  LINUS  3.00
11  GRACE  44.50

# A table of one's own, with its life.
run sql --write --ref env/dev
| create schema scratch;
| create table scratch.big as select customer, sum(amount) as total from raw_shop.orders group by all;
| create table scratch.empty (id integer not null, note varchar, day date);
| insert into scratch.empty values (1, 'text', '2026-11-01');
| alter table scratch.empty add column rate decimal(9, 2);
| alter table scratch.empty rename column note to remark;
| alter table scratch.empty alter column id set data type bigint;
| update scratch.empty set rate = 0.25;
| alter table scratch.empty drop column day;
| create or replace table scratch.big as select 1 as one;
| alter table scratch.big rename to small;
| select * from scratch.empty
stdout ~ remark
query ITR --ref env/dev
| select id, remark, rate from scratch.empty
----
1  text  0.25

query I --ref env/dev
| select one from scratch.small
----
1

run sql --write --ref env/dev -c "truncate scratch.empty; drop table scratch.empty; drop table if exists scratch.empty; drop table scratch.small; drop schema scratch"
run sql --ref env/dev -c "select * from scratch.small"
error SQL-403

# Each statement is one commit on the branch, with author and message; main has none of them.
run sql --write --ref env/dev -m "as agreed with Ada" -c "delete from raw_shop.orders where order_id = 12"
query TT
| select message, object_name from leat.commits where ref = 'env/dev' order by commit_id desc limit 1
----
as agreed with Ada  raw_shop.orders

query I
| select count(*) from leat.commits where ref = 'env/dev' and coalesce(author, '') = ''
----
0

query I
| select count(*) from leat.commits where ref = 'main' and message like 'INSERT%'
----
0

# A statement that changes nothing makes no commit.
run sql -o csv -c "select max(commit_id) as c from leat.commits"
let before = stdout
run sql --write --ref env/dev -c "delete from raw_shop.orders where order_id = 999; update raw_shop.orders set amount = 0 where false; insert into raw_shop.orders select * from raw_shop.orders where false"
run sql -o csv -c "select max(commit_id) as c from leat.commits"
let after = stdout
same ${before} ${after}

# Refusals, with their place in what was written.
run sql --write --ref env/dev -o json -c "delete from raw_shop.ordres where true"
json error.code = SQL-403
json error.column = 13
json error.hint ~ raw_shop.orders
exit 2
run sql --write --ref env/dev -o json -c "update raw_shop.orders set amout = 1"
json error.code = RUN-604
json error.column = 28
json error.hint ~ amount
exit 2
run sql --write --ref env/dev -o json -c "update raw_shop.orders set amount = amout + 1"
json error.code = SQL-201
json error.column = 37
exit 2
run sql --write --ref env/dev -o json -c "delete from raw_shop.orders where order_id = (select max(id) from raw_shop.nothing)"
json error.code = SQL-403
json error.column = 67
exit 2
run sql --write --ref env/dev -c "insert into raw_shop.orders values (1)"
error RUN-604
run sql --write --ref env/dev -c "insert into raw_shop.orders (order_id) values ('x')"
error SQL-503
run sql --write --ref env/dev -c "insert into leat.runs values (1)"
error RUN-602
run sql --write --ref env/dev -c "insert into raw_shop.orders select * from read_csv('inbound/orders_2026-11-01.csv')"
error SQL-402
run sql --write --ref env/dev -c "update raw_shop.orders set amount = v.a from (values (1, 1), (1, 2)) v(id, a) where order_id = v.id"
error RUN-603
foreach statement "merge into raw_shop.orders using x on true when matched then delete" "create view v as select 1" "insert into raw_shop.orders values (1) returning *" "delete from raw_shop.orders where true on conflict do nothing" "alter table raw_shop.orders add column x integer default 3" "attach 'x.db'" "set threads = 1" "copy raw_shop.orders to 'x.csv'" "begin"
run sql --write --ref env/dev -c "${statement}"
exit 2
endforeach

run sql --write --ref env/dev -c "create table raw_shop.n (id integer not null); insert into raw_shop.n values (null)"
exit 1
error SQL-202
stderr ~ column id cannot be NULL

# The rest of the lake goes on: a run publishes to the environment what a person changed there.
run run --target env/dev
exit 0
