# what: AT (VERSION => …) and AT (TIMESTAMP => …): each table of a statement at a state of its own
tags quick

run init . --name shop
run run
exit 0
run lake tag opening
file inbound/orders_2026-11-02.csv
| order_id,customer,ordered_at,amount
| 4,Grace,2026-11-02 08:00:00,1.25
run run
exit 0

run lake snapshots raw_shop.orders --output json
let first = json [0].snapshot_id
run sql -o json -c "select min(commit_id) filter (object_name = 'raw_shop.orders') as loaded, epoch_us(min(committed_at) filter (object_name = 'raw_shop.orders')) as at from leat.commits where ref = 'main'"
let commit = json [0].loaded
let time = json [0].at

# A snapshot of the table, a commit of the lake, a ref, a time: two states of one table side by side, with and without aliases.
query IIIII
| select (select count(*) from raw_shop.orders),
|        (select count(*) from raw_shop.orders at (version => ${first})),
|        (select count(*) from lake.raw_shop.orders AT (VERSION => ${commit})),
|        (select count(*) from raw_shop.orders at (version => 'tag/opening')),
|        (select count(*) from raw_shop.orders at (timestamp => make_timestamptz(${time})))
----
4  3  3  3  3

query IT
| select now.order_id, now.customer from raw_shop.orders as now
| anti join raw_shop.orders
|   as old at (version => ${commit}) using (order_id)
----
4  Grace

query I
| select count(*) from raw_shop.orders a at (version => ${commit}), "raw_shop".orders as b (x) at (version => 'tag/opening') where a.order_id = b.x
----
3

query I
| with old as (select * from raw_shop.orders at (timestamp => now()) where orders.order_id > 3) select count(*) from old
----
1

# On an environment the time is that of the environment.
run env create dev
run sql --write --ref env/dev -c "delete from raw_shop.orders where order_id = 1"
query II --ref env/dev
| select count(*), (select count(*) from raw_shop.orders at (timestamp => make_timestamptz(${time}))) from raw_shop.orders
----
3  3

# A snapshot is read with the columns of its time.
run sql --write --ref env/dev -c "alter table raw_shop.orders rename column customer to buyer; insert into raw_shop.orders (order_id) values (9)"
query T --ref env/dev
| select customer from raw_shop.orders at (version => ${first}) where order_id = 1
----
Ada

# What is not there has its place.
run sql -o json -c "select * from raw_shop.orders at (version => 987654321)"
exit 2
json error.code = SQL-404
json error.column = 46
run sql -o json -c "select * from raw_shop.orders at (version => 1)"
exit 2
json error.code = SQL-404
run sql -o json -c "select * from raw_shop.orders at (timestamp => '1999-01-01')"
exit 2
json error.code = SQL-404
run sql -o json -c "select * from raw_shop.orders at (timestamp => 'soon')"
exit 1
json error.code = SQL-202
run sql -c "select * from leat.runs at (version => 1)"
error SQL-404
run sql -o json -c "select nothing from raw_shop.orders at (version => ${commit}) where 1 = 1"
json error.code = SQL-201
json error.column = 8
exit 2
