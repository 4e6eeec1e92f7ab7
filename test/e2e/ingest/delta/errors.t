# what: a Delta table is read by its log; what is wrong with it is said by name, with what to do
tags quick

file leat.yml
| version: 1
| name: shop

file connections.yml
| connections:
|   lake: { type: delta, path: lake }

file lake/orders/_delta_log/00000000000000000000.json
| {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}
| {"metaData": {"id": "9c12d441", "format": {"provider": "parquet", "options": {}}, "schemaString": "{\"type\":\"struct\",\"fields\":[{\"name\":\"id\",\"type\":\"long\",\"nullable\":true,\"metadata\":{}},{\"name\":\"label\",\"type\":\"string\",\"nullable\":true,\"metadata\":{}}]}", "partitionColumns": [], "configuration": {}}}

file sources/shop.yml
| connection: lake
| tables:
|   - { name: orders, mode: incremental, structured: false }

run plan
exit 2
stderr ~ mode incremental needs a primary_key

file sources/shop.yml
| connection: lake
| tables:
|   - { name: orders, mode: append, structured: false }

run run
query I
| select count(*) from raw_shop.orders
----
0

# Version 2 without version 1.
file lake/orders/_delta_log/00000000000000000002.json
| {"commitInfo": {}}

run run
exit 1
stdout ~ error SRC-421: table orders: version 1 of the table cannot be put together: the commit 00000000000000000001.json is not there
stdout ~ restore the files of _delta_log

file lake/orders/_delta_log/00000000000000000001.json
| {"commitInfo": {}}
|
| {"add": {"path": "part.parquet"}}

run run
exit 1
stdout ~ error SRC-422: table orders
stdout ~ 00000000000000000001.json:3 cannot be read: add: no whole number "size"

file lake/orders/_delta_log/00000000000000000001.json
| {"protocol": {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["catalogManaged"], "writerFeatures": []}}

run run
exit 1
stdout ~ error SRC-423: table orders: the table asks its readers for the feature catalogManaged, which is not known

file sources/shop.yml
| connection: lake
| tables:
|   - { name: orders, as_of: yesterday, structured: false }

run run
exit 1
stdout ~ error SRC-425: table orders: `as_of: yesterday` is no time
stdout ~ sources/shop.yml:3

file sources/shop.yml
| connection: lake
| tables:
|   - { name: nowhere, structured: false }

run run
exit 1
stdout ~ error SRC-420: table nowhere: there is no Delta table in
