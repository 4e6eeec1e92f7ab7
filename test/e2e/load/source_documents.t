# what: schema/ and keys/ lie beside the data of a raw table: what its rows look like in their source, one document for each form
tags quick
include base.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'orders_*.csv', mode: append, structured: false, columns: [{ name: id, data_type: bigint }] }

file in/orders_1.csv
| id,Amount
| 1,10.50

run run
shell cat .leat/warehouse/shop/raw/orders-*/schema/*.json
stdout ~ "connection": "inbound"
stdout ~ "name": "Amount"
stdout ~ "source_type": "decimal(18,2)"
shell cat .leat/warehouse/shop/raw/orders-*/keys/*.json
stdout ~ "mode": "append"
stdout ~ "primary_key": []

# the same form: nothing is written again, and the snapshot names its documents
file in/orders_2.csv
| id,Amount
| 2,20.50

run run
shell ls .leat/warehouse/shop/raw/orders-*/schema | wc -l
stdout 1
run lake snapshots raw_shop.orders --output json
stdout ~ "leat.source-schema": "schema/

# one more column: one more document
file in/orders_3.csv
| id,Amount,note
| 3,30.50,x

run run
shell ls .leat/warehouse/shop/raw/orders-*/schema .leat/warehouse/shop/raw/orders-*/keys | grep -c json
stdout 3
shell grep -l '"name": "note"' .leat/warehouse/shop/raw/orders-*/schema/*.json | wc -l
stdout 1
