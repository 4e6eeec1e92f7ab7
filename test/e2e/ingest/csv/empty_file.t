# what: an empty file is no error: alone it makes no table, beside others it adds nothing
tags quick
include csv.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'orders_*.csv', structured: false }

shell mkdir -p in; : > in/orders_1.csv
run run --output json
json steps[asset=source.shop.orders].rows_in = 0

file in/orders_2.csv
| id,name
| 1,ann

shell printf 'id,name\n' > in/orders_3.csv
run run --output json
json steps[asset=source.shop.orders].rows_in = 1

query IT
| select id, name from raw_shop.orders
----
1  ann
