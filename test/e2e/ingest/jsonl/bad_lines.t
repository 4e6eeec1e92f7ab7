# what: each line is an object or rejected alone, with its text and number; what the lines end with, escapes and members that come twice do not matter
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
|   - name: events
|     files: 'events_*.jsonl'
|     structured: false
|     columns: [{ name: id, data_type: bigint }, { name: d, data_type: double }, { name: t, data_type: string }]

# A mark at the start, lines that end with \r\n and one without an end; a control character, bytes that are no UTF-8, half a surrogate.
shell mkdir -p in; printf '\xef\xbb\xbf{"id":1,"d":NaN,"t":"\\u00e4 \\ud83d\\ude00 \\"q\\""}\r\n{"t":{"x": [1.0]},"id":"2"}\r\n\r\n{"id":3,"id":99,"t":null,"t":"no"}\r\n{"\\u0069d":4,}\r\n{"id":5,"t":"a\001b"}\r\n{"id":6,"t":"J\xf6rg"}\r\n{"id":7,"z":["\\ud800"]}\r\n{"id":8} {"id":9}\r\n  \r\n{"id":1.5}\r\n{"id":10,"t":""}' > in/events_1.jsonl
run run --output json
json status = success
json steps[asset=source.shop.events].rows_in = 12
json steps[asset=source.shop.events].rows_out = 5
json steps[asset=source.shop.events].rows_rejected = 5
json steps[asset=source.shop.events].rows_filtered = 2

query ITTI
| select id, d, coalesce('"' || t || '"', 'NULL'), _source_row from raw_shop.events order by id
----
1  nan  "ä 😀 "q""  1
2  NULL  "{"x": [1.0]}"  2
3  NULL  NULL  4
4  NULL  NULL  5
10  NULL  ""  12

query TTT
| select origin, reason_code, replace(payload, chr(1), '') from raw_shop.events__rejected order by length(origin), origin
----
in/events_1.jsonl:6  jsonl.malformed  {"id":5,"t":"ab"}
in/events_1.jsonl:7  jsonl.malformed  {"id":6,"t":"J�rg"}
in/events_1.jsonl:8  jsonl.malformed  {"id":7,"z":["\ud800"]}
in/events_1.jsonl:9  jsonl.malformed  {"id":8} {"id":9}
in/events_1.jsonl:11  cast  {"id":1.5}

query TI
| select rule, rows from leat.filters
----
blank_line  2

# Lines of many megabytes are read; a file that has none is said to be of another kind.
shell head -c 5000000 /dev/zero | tr '\0' x > in/x; { printf '{"id":11,"t":"'; cat in/x; printf '"}\n{"id":12}\n'; } > in/events_2.jsonl
run run --output json
json steps[asset=source.shop.events].rows_out = 2
query II
| select id, length(t) from raw_shop.events where id > 10 order by id
----
11  5000000
12  NULL

shell { printf '{"id":13}\n{"id":14,"t":"'; for i in 1 2 3 4 5 6 7; do cat in/x; done; printf '"}\n'; } > in/events_3.jsonl
run run --output json
exit 1
json steps[asset=source.shop.events].error.code = SRC-214
