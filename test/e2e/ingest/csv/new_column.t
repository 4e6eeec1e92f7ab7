# what: a column that appears is added, one that a file lacks is NULL, the order of columns does not matter
tags quick
include csv.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'orders_*.csv', structured: false }

file in/orders_1.csv
| id,name
| 1,ann

run run

file in/orders_2.csv
| Name,id,amount
| bob,2,1.50

file in/orders_3.csv
| id
| 3

run run

query ITT
| select id, name, amount from raw_shop.orders order by id
----
1  ann  NULL
2  bob  1.50
3  NULL  NULL
