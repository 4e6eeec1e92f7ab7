# what: an engine that gives a column's id another type, which the rows that are there cannot have, is refused; a wider type is not
tags quick

run init . --name shop
run run
exit 0
run env create dev
serve

http POST /iceberg/v1/lake~env~dev/namespaces/raw_shop/tables/orders header 'Content-Type: application/json'
| {"requirements": [], "updates": [
|   {"action": "add-schema", "schema": {"type": "struct", "schema-id": 1, "fields": [{"id": 1, "name": "order_id", "type": "date", "required": false}]}},
|   {"action": "set-current-schema", "schema-id": -1}]}
status 400
json error.message ~ LAKE-120

http POST /iceberg/v1/lake~env~dev/namespaces/raw_shop/tables/orders header 'Content-Type: application/json'
| {"requirements": [], "updates": [
|   {"action": "add-schema", "schema": {"type": "struct", "schema-id": 1, "fields": [{"id": 1, "name": "number", "type": "long", "required": false}]}},
|   {"action": "set-current-schema", "schema-id": -1}]}
status 200
stop
query I --ref env/dev
| select count(number) from raw_shop.orders
----
3
