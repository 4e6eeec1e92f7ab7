# what: leat env refresh lays an environment over main's newest state by the rules of publish, or names every conflict
tags quick

run init . --name shop
run run
exit 0
run sql -o csv -c "select 1"
run env create dev
run sql --write --ref env/dev
| create schema scratch;
| create table scratch.notes as select 'mine' as note;
| insert into raw_shop.orders (order_id, customer, amount) values (100, 'Linus', 5)

run env refresh dev
stdout ~ newest base

# main goes on: the appended table is re-based, what only the environment has is kept, the rest is main's.
file inbound/orders_2026-11-02.csv
| order_id,customer,ordered_at,amount
| 4,Grace,2026-11-02 08:00:00,1.25
run run
exit 0
query I --ref env/dev
| select count(*) from raw_shop.orders
----
4

run env diff dev --output json
json changes[name=raw_shop.orders].refresh = rebased
json changes[name=scratch.notes].refresh = kept
json commit = null
run sql -o json -c "select max(commit_id) as c from leat.commits where ref = 'env/dev'"
let old = json [0].c
run env refresh dev --output json
json changes[name=raw_shop.orders].refresh = rebased
json changes[name=scratch.notes].refresh = kept
query II --ref env/dev
| select count(*), sum(order_id) from raw_shop.orders
----
5  110

query TI --ref env/dev
| select (select note from scratch.notes), (select count(*) from structured_shop.orders)
----
mine  4

query T
| select kind from leat.commits where ref = 'env/dev' order by commit_id desc limit 1
----
refresh

# The environment's past is what it was: over the old base.
query II
| select count(*), (select count(*) from structured_shop.orders at (version => ${old})) from raw_shop.orders at (version => ${old})
----
4  3

# Rows changed on one side and files on the other: a conflict, named; nothing moves.
run sql --write --ref env/dev -c "update raw_shop.orders set amount = 0 where order_id = 1"
file inbound/orders_2026-11-03.csv
| order_id,customer,ordered_at,amount
| 5,Edsger,2026-11-03 08:00:00,2.50
run run
exit 0
run env refresh dev
exit 1
error LAKE-305
stderr ~ raw_shop.orders
stderr ~ --give-up
query I --ref env/dev
| select count(*) from raw_shop.orders
----
5

run env refresh dev --give-up
exit 0
query II --ref env/dev
| select count(*), sum(order_id) from raw_shop.orders
----
5  15

query T --ref env/dev
| select note from scratch.notes
----
mine

# One file loaded on both sides is not doubled.
file inbound/orders_2026-11-04.csv
| order_id,customer,ordered_at,amount
| 6,Barbara,2026-11-04 08:00:00,3.75
run run --target env/dev
exit 0
run run
exit 0
run env refresh dev
exit 1
error LAKE-305
stderr ~ loaded on both sides
run env refresh dev --give-up
query I --ref env/dev
| select count(*) from raw_shop.orders
----
6

run run --target env/dev --output json
json status = nothing
query I --ref env/dev
| select count(*) from raw_shop.orders
----
6

# A file that only the environment had is pending again when its table is given up.
file inbound/orders_2026-11-05.csv
| order_id,customer,ordered_at,amount
| 7,Margaret,2026-11-05 08:00:00,3.75
run run --target env/dev
remove inbound/orders_2026-11-05.csv
file inbound/orders_2026-11-06.csv
| order_id,customer,ordered_at,amount
| 8,Niklaus,2026-11-06 08:00:00,3.75
run run
exit 0
run sql --write --ref env/dev -c "delete from raw_shop.orders where order_id = 1"
run env refresh dev --give-up
exit 0
query I --ref env/dev
| select count(*) from raw_shop.orders
----
7

file inbound/orders_2026-11-05.csv
| order_id,customer,ordered_at,amount
| 7,Margaret,2026-11-05 08:00:00,3.75
run run --target env/dev
exit 0
query I --ref env/dev
| select count(*) from raw_shop.orders where order_id = 7
----
1

run env refresh main
exit 2
error LAKE-201
run env refresh dve
exit 2
error LAKE-201
stderr ~ env/dev
