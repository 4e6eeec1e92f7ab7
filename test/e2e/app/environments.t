# what: environments and tags: build beside main, name a state, look at the past
tags quick

run init . --name shop
run run
exit 0
run lake tag opening --output json
json [0].name = tag/opening

run env create dev
stdout ~ env/dev

file inbound/orders_2026-11-02.csv
| order_id,customer,ordered_at,amount
| 4,Grace,2026-11-02 08:00:00,1.25

run run --target env/dev
exit 0

query I --ref env/dev
| select count(*) from raw_shop.orders
----
4

query I
| select count(*) from raw_shop.orders
----
3

run run
exit 0

query I --as-of tag/opening
| select count(*) from raw_shop.orders
----
3

run env list --output json
json [0].name = env/dev

run lake branches --output json
json [name=main].kind = main
json [name=tag/opening].kind = tag

run env drop dev
run sql --ref env/dev -c "select 1"
exit 2
error LAKE-201

run lake drop-ref main
exit 2

run lake tables --output json
json [table=raw_shop.orders].records = 4
run lake snapshots raw_shop.orders --output json
json . count = 2
json [1].current = true
run lake snapshots raw_shop.ordres
error LAKE-201
stderr ~ raw_shop.orders
