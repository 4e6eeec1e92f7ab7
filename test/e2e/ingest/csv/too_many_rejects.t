# what: more rejected rows than max_reject allows block the load: nothing is published, the rows are kept
tags quick

file leat.yml
| version: 1
| name: shop

file connections.yml
| connections:
|   inbound: { type: csv, path: in }

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'orders.csv', structured: false }

file in/orders.csv
| id,note
| 1,one
| 2,two,extra

run run --output json
exit 1
json status = failed
json steps[asset=source.shop.orders].status = blocked
json steps[asset=source.shop.orders].reason ~ 1 of 2 rows were rejected

query TT
| select reason_code, payload from leat.rejected
----
csv.too_many_columns  2,two,extra
