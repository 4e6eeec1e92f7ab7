# what: rejected lines of json files say their line, also of packed files, equal lines and lines that are no JSON
tags quick

file leat.yml
| version: 1
| name: shop
| defaults: { max_reject: 90% }

file connections.yml
| connections:
|   inbound: { type: jsonl, path: in }

file sources/shop.yml
| connection: inbound
| tables:
|   - name: orders
|     files: 'orders_*.jsonl*'
|     structured: false
|     columns: [{ name: id, data_type: bigint }]

file in/orders_1.jsonl
| {"id": 1}
| {"id": "one"}
| {"id": 3}
|
| not json
| {"id": "one"}
| {"id": 7}

file in/orders_2.jsonl
| {"id": 8}
| {"id": 9.5}

shell gzip -k in/orders_2.jsonl && mv in/orders_2.jsonl.gz in/orders_3.jsonl.gz && printf '{"id": 10}\r\n{"id": "crlf"}\r\n' > in/orders_4.jsonl

run run --output json
json status = success
json steps[asset=source.shop.orders].rows_rejected = 6
json steps[asset=source.shop.orders].rows_out = 6

query TT
| select origin, payload from raw_shop.orders__rejected order by origin
----
in/orders_1.jsonl:2  {"id": "one"}
in/orders_1.jsonl:5  not json
in/orders_1.jsonl:6  {"id": "one"}
in/orders_2.jsonl:2  {"id": 9.5}
in/orders_3.jsonl.gz:2  {"id": 9.5}
in/orders_4.jsonl:2  {"id": "crlf"}
