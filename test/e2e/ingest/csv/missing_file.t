# what: a missing file and a missing folder are named, with the nearest name
tags quick
include csv.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: order_1.csv, structured: false }

file in/orders_1.csv
| id
| 1

run run --output json
exit 1
json steps[asset=source.shop.orders].error.code = SRC-201
json steps[asset=source.shop.orders].error.hint ~ orders_1.csv
