# what: a wider type in a later file widens the column where Iceberg allows it, a narrower one fits, another one is an error
tags quick

include orders.inc
shell $LEAT sql -c "select 1::int as id, 1.5::float as weight, 2.50::decimal(9,2) as price, 'x' as note" --output parquet --file in/orders_1.parquet
run run

shell $LEAT sql -c "select 5000000000::bigint as id, 0.1::double as weight, 12345678901.25::decimal(18,2) as price, 'y' as note" --output parquet --file in/orders_2.parquet
run run --output json
json status = success
shell $LEAT sql -c "select 3::smallint as id, 0.5::float as weight, 1.00::decimal(5,2) as price, 'z' as note" --output parquet --file in/orders_3.parquet
run run --output json
json status = success

query ITTT
| select id, weight, price, note from raw_shop.orders order by note
----
1  1.5  2.50  x
5000000000  0.1  12345678901.25  y
3  0.5  1.00  z

query TTT
| select typeof(id), typeof(weight), typeof(price) from raw_shop.orders limit 1
----
BIGINT  DOUBLE  DECIMAL(18,2)

shell $LEAT sql -c "select 'four' as id, 0.5::double as weight, 1.00::decimal(18,2) as price, 'n' as note" --output parquet --file in/orders_4.parquet
run run --output json
exit 1
json steps[asset=source.shop.orders].reason ~ id
json steps[asset=source.shop.orders].error.code = RUN-549
query I
| select count(*) from raw_shop.orders
----
3
