# what: what is wrong with a connection to Iceberg tables, or with a table of it, is said by name, with what to do
tags quick

file leat.yml
| version: 1
| name: shop

file connections.yml
| connections:
|   lake: { type: iceberg, path: lake }
|   nothing: { type: iceberg }
|   odd: { type: iceberg, catalog: 'lake.example.com' }
|   closed: { type: iceberg, catalog: 'http://127.0.0.1:9/iceberg' }

# A table as it was made: columns, no rows.
file lake/shop/orders/metadata/v1.metadata.json
| {"format-version": 2, "table-uuid": "9c12d441-03fe-4693-9a96-a0705ddf69c1", "location": "lake/shop/orders", "last-sequence-number": 0, "last-updated-ms": 1, "last-column-id": 2,
|  "current-schema-id": 0, "schemas": [{"type": "struct", "schema-id": 0, "identifier-field-ids": [1], "fields": [{"id": 1, "name": "id", "required": true, "type": "long"},
|    {"id": 2, "name": "label", "required": false, "type": "string"}]}],
|  "default-spec-id": 0, "partition-specs": [{"spec-id": 0, "fields": []}], "last-partition-id": 999, "default-sort-order-id": 0, "sort-orders": [{"order-id": 0, "fields": []}], "snapshots": []}

file lake/shop/odd/metadata/00003-9c12.metadata.json
| {"format-version": 3, "table-uuid": "9c12d441-03fe-4693-9a96-a0705ddf69c2", "location": "lake/shop/odd", "last-sequence-number": 0, "next-row-id": 0, "last-updated-ms": 1, "last-column-id": 2,
|  "current-schema-id": 0, "schemas": [{"type": "struct", "schema-id": 0, "fields": [{"id": 1, "name": "id", "required": true, "type": "long"}, {"id": 2, "name": "v", "required": false, "type": "variant"}]}],
|  "default-spec-id": 0, "partition-specs": [{"spec-id": 0, "fields": []}], "last-partition-id": 999, "default-sort-order-id": 0, "sort-orders": [{"order-id": 0, "fields": []}], "snapshots": []}

file lake/shop/cut/metadata/v1.metadata.json
| {"format-version": 2, "table-uu

file lake/shop/packed/metadata/v1.gz.metadata.json
| x

file sources/shop.yml
| connection: lake
| tables:
|   - { name: orders, table: shop/orders, mode: incremental, structured: false }

run plan
exit 2
stderr ~ mode incremental needs a primary_key

file sources/shop.yml
| connection: lake
| tables:
|   - { name: orders, table: shop/orders, mode: incremental, primary_key: [id], look_back: 1h, structured: false }

run plan
exit 2
stderr ~ knows by itself what is new

file sources/shop.yml
| connection: lake
| tables:
|   - { name: orders, table: shop/orders, structured: false }

run run
query I
| select count(*) from raw_shop.orders
----
0

run discover lake --output json
json . count = 4
json [entry=shop/orders].mode = incremental
json [entry=shop/orders].primary_key = ["id"]
json [entry=shop/orders].rows = 0
json [entry=shop/cut].left_out ~ v1.metadata.json

file sources/shop.yml
| connection: lake
| tables:
|   - { name: odd, table: shop/odd, structured: false }

run run
exit 1
stdout ~ error SRC-407: table odd: column v is of type variant, which cannot be read
stdout ~ `exclude: [v]`

file sources/shop.yml
| connection: lake
| tables:
|   - { name: odd, table: shop/odd, exclude: [v], structured: false }

run run
query I
| select count(*) from raw_shop.odd
----
0

file sources/shop.yml
| connection: lake
| tables:
|   - { name: cut, table: shop/cut, structured: false }

run run
exit 1
stdout ~ error LAKE-101: table cut, 
stdout ~ v1.metadata.json

file sources/shop.yml
| connection: lake
| tables:
|   - { name: packed, table: shop/packed, structured: false }

run run
exit 1
stdout ~ error LAKE-101: table packed, 
stdout ~ v1.gz.metadata.json

file sources/shop.yml
| connection: nothing
| tables:
|   - { name: orders, structured: false }

run run
exit 1
stdout ~ error SRC-410: table orders: the connection has neither `catalog` nor `path`
stdout ~ connections.yml:3

file sources/shop.yml
| connection: odd
| tables:
|   - { name: orders, table: shop.orders, structured: false }

run run
exit 1
stdout ~ error SRC-410: table orders: 'lake.example.com' is not the address of a catalogue
stdout ~ connections.yml:4

file sources/shop.yml
| connection: lake
| tables:
|   - { name: orders, table: shop/orders, as_of: yesterday, structured: false }

run run
exit 1
stdout ~ error SRC-416: table orders: `as_of: yesterday` names no state of the table
stdout ~ the table has no state yet
