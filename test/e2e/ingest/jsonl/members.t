# what: no member of a line is lost in silence: names that differ in case only, members of structs, members that no sampled line had
tags quick

file leat.yml
| version: 1
| name: shop
| defaults: { max_reject: 100% }

file connections.yml
| connections:
|   drop: { type: jsonl, path: in }

file sources/drop.yml
| connection: drop
| tables:
|   - { name: t, files: "t*.jsonl", structured: false }
|   - { name: lax, files: "t*.jsonl", structured: false, on_new_column: ignore }

file in/t1.jsonl
| {"id": 1, "Name": "ann", "at": {"x": 1}}
| {"id": 2, "name": "bob", "at": {"x": 2}}
| {"id": 3, "Name": "cid", "name": "dan"}

run run
exit 0

query TTTT
| select id, Name, name_2, "at".x from raw_drop.t order by id
----
1  ann   NULL  1
2  NULL  bob   2
3  cid   dan   NULL

# A line that is no UTF-8 gives no names.
shell printf '{"id": 8, "\233x": 1}\n' > in/t1b.jsonl

run run
exit 0

query TT
| select reason_code, count(*)::varchar from raw_drop.t__rejected group by 1
----
jsonl.malformed  1

file in/t2.jsonl
| {"id": 4, "NAME": "eve", "at": {"x": 4, "y": 5}}
| {"id": 5, "NAME": "fay", "at": {"x": 5, "y": null}}
| {"id": 6, "new": 7}
| {"id": 7, "at": {"X": 7}}

run run
exit 0

query TTTTTT
| select id, Name, name_2, NAME_3, "at".x, new from raw_drop.t where id > 2 order by id
----
3  cid   dan   NULL  NULL  NULL
5  NULL  NULL  fay   5     NULL
6  NULL  NULL  NULL  NULL  7

query TT
| select reason_code, payload from raw_drop.t__rejected where reason_code = 'cast' order by payload
----
cast  {"id": 4, "NAME": "eve", "at": {"x": 4, "y": 5}}
cast  {"id": 7, "at": {"X": 7}}

query TTTT
| select id, Name, name_2, "at".x from raw_drop.lax order by id
----
1  ann   NULL  1
2  NULL  bob   2
3  cid   dan   NULL
4  NULL  NULL  4
5  NULL  NULL  5
6  NULL  NULL  NULL
7  NULL  NULL  NULL
