# what: numbers of JSON lines keep all their digits; lines that are no object are rejected, empty lines filtered by name
tags quick

file leat.yml
| version: 1
| name: shop
| defaults: { max_reject: 60% }

file connections.yml
| connections:
|   inbound: { type: jsonl, path: in }

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: events, files: 'events_*.jsonl', structured: false }

shell mkdir -p in; printf '{"id":1,"amount":12345678901234567.89,"tags":["a","b"],"who":{"name":"ann"}}\n{broken\n\n[1]\n{"id":2,"amount":0.10,"tags":[],"who":null}\n' > in/events_1.jsonl
run run --output json
json steps[asset=source.shop.events].rows_in = 5
json steps[asset=source.shop.events].rows_out = 2
json steps[asset=source.shop.events].rows_rejected = 2
json steps[asset=source.shop.events].rows_filtered = 1

query ITTT
| select id, amount, tags, who.name from raw_shop.events order by id
----
1  12345678901234567.89  [a, b]  ann
2  0.10  []  NULL

query TT sorted
| select reason_code, payload from leat.rejected
----
jsonl.malformed  [1]
jsonl.malformed  {broken

query TI
| select rule, rows from leat.filters
----
blank_line  1
