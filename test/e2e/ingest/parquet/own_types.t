# what: parquet files bring their types and row numbers; a column that appears later is added
tags quick

include orders.inc
shell $LEAT sql -c "select 1::int as id, 2.50::decimal(9,2) as price, 'x' as name union all select 2, 3.75, null" --output parquet --file in/orders_1.parquet
run run
query ITTTI
| select id, price, name, _source_file, _source_row from raw_shop.orders order by id
----
1  2.50  x  in/orders_1.parquet  1
2  3.75  NULL  in/orders_1.parquet  2

shell $LEAT sql -c "select 3::int as id, 1.00::decimal(9,2) as price, 'z' as name, date '2020-01-01' as day" --output parquet --file in/orders_2.parquet
run run
query IT
| select id, day from raw_shop.orders order by id
----
1  NULL
2  NULL
3  2020-01-01
