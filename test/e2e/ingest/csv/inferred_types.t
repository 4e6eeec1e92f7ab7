# what: types are found once: whole numbers, decimals with the largest scale, dates, times, booleans, else text; a wider value later is rejected
tags quick
include csv.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'orders_*.csv', structured: false }

file in/orders_1.csv
| id,price,day,at,paid,zip,ratio,none
| 1,2.5,2020-01-01,2020-01-01 10:00,true,00123,1e3,
| 2,2.125,2020-01-02,2020-01-02 10:00,false,04103,2.5,

run run

query TTTTTTTT
| select typeof(id), typeof(price), typeof(day), typeof("at"), typeof(paid), typeof(zip), typeof(ratio), typeof("none") from raw_shop.orders limit 1
----
BIGINT  DECIMAL(18,3)  DATE  TIMESTAMP  BOOLEAN  VARCHAR  DOUBLE  VARCHAR

file in/orders_2.csv
| id,price,day,at,paid,zip,ratio,none
| 3,2.0625,2020-01-01,2020-01-01 10:00,true,1,1,
| 4,9,2020-01-01,2020-01-01 10:00,true,1,1,x

run run --output json
json steps[asset=source.shop.orders].rows_in = 2
json steps[asset=source.shop.orders].rows_rejected = 1

query IT
| select id, price from raw_shop.orders order by id
----
1  2.500
2  2.125
4  9.000
