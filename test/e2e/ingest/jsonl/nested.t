# what: objects and lists become structs and lists; what does not fit them is rejected with its line, and one value after the other
tags quick

file leat.yml
| version: 1
| name: shop
| defaults: { max_reject: 90% }

file connections.yml
| connections:
|   inbound: { type: jsonl, path: in, on_new_column: ignore }

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: events, files: 'events_*.jsonl', structured: false }

file in/events_1.jsonl
| {"id": 1, "tags": ["a", "b"], "who": {"name": "ann", "age": 7}, "lines": [{"sku": "x", "n": 1}, {"sku": "y"}]}
| {"id": 2, "tags": [], "who": null}

run run --output json
json steps[asset=source.shop.events].rows_out = 2

# Text that is JSON is as good as what it says.
file in/events_2.jsonl
| {"id": 3, "tags": ["c", null], "who": {"name": "bob", "more": true}, "lines": []}
| {"id": 4, "tags": "[\"d\"]", "who": "{\"name\": \"cid\"}"}
| {"id": 5, "tags": "[d, e]"}
| {"id": 6, "tags": "no list"}
| {"id": 9, "tags": 7}

run run --output json
json steps[asset=source.shop.events].rows_in = 5
json steps[asset=source.shop.events].rows_out = 2
json steps[asset=source.shop.events].rows_rejected = 3

query ITTTT
| select id, tags, who.name, who.age, lines::varchar from raw_shop.events order by id
----
1  [a, b]  ann  7  [{'sku': x, 'n': 1}, {'sku': y, 'n': NULL}]
2  []  NULL  NULL  NULL
3  [c, NULL]  bob  NULL  []
4  [d]  cid  NULL  NULL

query TTTT
| select origin, reason_code, "column", payload from raw_shop.events__rejected order by origin
----
in/events_2.jsonl:3  cast  tags  {"id": 5, "tags": "[d, e]"}
in/events_2.jsonl:4  cast  tags  {"id": 6, "tags": "no list"}
in/events_2.jsonl:5  cast  tags  {"id": 9, "tags": 7}
