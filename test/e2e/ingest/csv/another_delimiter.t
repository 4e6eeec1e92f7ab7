# what: the delimiter is found in the first file; a later file with another one is read by its header; a foreign file is an error
tags quick
include csv.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'orders_*.csv', structured: false }

file in/orders_1.csv
| id;amount
| 1;1,5
| 2;2,5

run run

file in/orders_2.csv
| id,amount
| 3,three

run run

query IT
| select id, amount from raw_shop.orders order by id
----
1  1,5
2  2,5
3  three

file in/orders_3.csv
| name|street
| ann|main

run run --output json
exit 1
json steps[asset=source.shop.orders].status = failed
json steps[asset=source.shop.orders].error.code = SRC-212

query I
| select count(*) from raw_shop.orders
----
3
