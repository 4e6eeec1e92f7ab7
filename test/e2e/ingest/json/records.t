# what: records anywhere in JSON documents, exact; records that are no object are rejected with their number, broken documents are bad files
tags quick

file leat.yml
| version: 1
| name: shop
| defaults: { max_reject: 60% }

file connections.yml
| connections:
|   inbound: { type: json, path: in }

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'orders_*.json*', records: $.data.orders, structured: false, on_bad_file: skip }
|   - { name: plain, files: 'plain_*.json', structured: false }
|   - { name: lines, files: 'nested.json', records: '$.orders[*].lines', structured: false }

file in/orders_1.json
| {"data": {
|   "count": 4,
|   "orders": [
|     {"id": 1, "amount": 12345678901234567.89,
|      "note": "two\nlines", "tags": ["a", "b"]},
|     7,
|     {"id": 2, "amount": 0.10, "note": "\u00e4 \"quoted\"", "tags": []}, null,
|     {"id": 3}
|   ] } }
file in/plain_1.json
| [{"id": 1}, {"id": 2}]
file in/plain_2.json
| {
|   "id": 3
| }
file in/nested.json
| {"orders": [{"id": 1, "lines": [{"sku": "x"}, {"sku": "y"}]}, {"id": 2, "lines": []}, {"id": 3, "lines": [{"sku": "z"}]}]}
shell printf '\xef\xbb\xbf{"data":{"orders":[{"id":4,"amount":1.5}]}}' > in/orders_2.json; gzip -c in/orders_2.json > in/orders_3.json.gz; printf '{"data":{"orders":null}}' > in/orders_4.json; : > in/orders_5.json
run run --output json
json steps[asset=source.shop.orders].rows_in = 7
json steps[asset=source.shop.orders].rows_out = 5
json steps[asset=source.shop.orders].rows_rejected = 2
json steps[asset=source.shop.plain].rows_out = 3
json steps[asset=source.shop.lines].rows_out = 3
query ITTT
| select id, amount, replace(note, chr(10), '/'), tags from raw_shop.orders order by id
----
1  12345678901234567.89  two/lines  [a, b]
2  0.10  ä "quoted"  []
3  NULL  NULL  NULL
4  1.50  NULL  NULL
4  1.50  NULL  NULL

query TTT
| select reason_code, origin, payload from leat.rejected order by origin
----
json.not_an_object  in/orders_1.json:2  7
json.not_an_object  in/orders_1.json:4  null

query T
| select string_agg(sku, ',' order by sku) from raw_shop.lines
----
x,y,z

# Documents that are none: each is a bad file, said with its place; the good one beside them is loaded.
file in/orders_two.json
| {"data":{"orders":[{"id":5}]}}
| {"data":{"orders":[]}}
file in/orders_number.json
| {"data":{
|   "orders":[{"id":05}]}}
file in/orders_csv.json
| id,amount
| 1,2
file in/orders_other.json
| {"other": []}
file in/orders_good.json
| {"data":{"orders":[{"id":9}]}}
shell cd in && rm orders_?.json* && printf '{"data":{"orders":[{"id":5},{"id":6' > orders_cut.json && printf '{"data":{"orders":[{"x":"a\001b"}]}}' > orders_control.json && head -c 300 /dev/zero | tr '\0' '[' > orders_deep.json && printf '{"data":{"orders":[{"id":7,"x":"J\366rg"}]}}' > orders_latin.json && printf '{"data":{"orders":[{"id":8,"x":"\\ud800"}]}}' > orders_surrogate.json && printf '{"data":{"orders":[1,2]}}' > orders_numbers.json
run run --output json
json steps[asset=source.shop.orders].rows_out = 1
query TT sorted
| select origin, message from leat.rejected where reason_code = 'file'
----
in/orders_control.json  table orders: in/orders_control.json:1:30: no JSON
in/orders_csv.json  table orders: in/orders_csv.json:1:3: no JSON
in/orders_cut.json  table orders: in/orders_cut.json:1:36: the document is cut off
in/orders_deep.json  table orders: in/orders_deep.json:1:130: no JSON
in/orders_latin.json  table orders: in/orders_latin.json is not UTF-8 (byte 0xf6 in line 1)
in/orders_number.json  table orders: in/orders_number.json:2:21: no JSON
in/orders_numbers.json  table orders: in/orders_numbers.json has no JSON object
in/orders_other.json  table orders: in/orders_other.json has nothing at $.data.orders
in/orders_surrogate.json  table orders: in/orders_surrogate.json has no JSON object
in/orders_two.json  table orders: in/orders_two.json:2:1: more text stands behind the document

# What a document of another kind says, and a path that is none.
file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'again.json', records: $.data.orders, structured: false }
|   - { name: path, files: 'plain_*.json', records: '$.data[', structured: false }
|   - { name: around, files: 'plain_*.json', records: ^.data, structured: false }
file in/again.json
| {"data": {"orders": []}} {}
run run --output json
exit 1
json steps[asset=source.shop.orders].error.code = SRC-221
json steps[asset=source.shop.path].error.code = SRC-220
json steps[asset=source.shop.around].error.code = SRC-220

# One document of many megabytes, its records over several lines; a member that comes later is a column of its own.
file sources/shop.yml
| connection: inbound
| tables:
|   - { name: big, files: 'big.json', records: $.items, structured: false }
shell awk 'BEGIN { print "{\"items\": ["; for (i = 1; i <= 200000; ++i) printf "%s{\n  \"id\": %d,\n  \"price\": %d.10, \"tags\": {\"n\": %d}\n}", (i > 1 ? ",\n" : ""), i, i, i % 7; print ",{\"id\": 0, \"late\": true}]}" }' > in/big.json; test "$(stat -c %s in/big.json)" -gt 9000000
run run --output json
json steps[asset=source.shop.big].rows_out = 200001
json steps[asset=source.shop.big].rows_rejected = 0
query TTTI
| select sum(price)::varchar, sum(tags.n)::varchar, typeof(max(price)), count(late) from raw_shop.big
----
20000120000.00  599997  DECIMAL(18,2)  1
