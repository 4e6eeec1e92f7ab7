# what: a large file is read in pieces, by several threads: every line once, with its number; its members may come in any order and be missing

file leat.yml
| version: 1
| name: shop

file connections.yml
| connections:
|   inbound: { type: jsonl, path: in }

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: events, files: 'events_*.jsonl', structured: false }

shell mkdir -p in; awk 'BEGIN { for (i = 1; i <= 300000; ++i) { if (i == 150001) print "broken"; else if (i % 3 == 0) printf "{\"price\":%d.25,\"id\":%d,\"note\":\"number %d of very many of them, or nearly so\"}\n", i, i, i; else if (i % 3 == 1) printf "{\"id\":%d,\"price\":%d.25}\n", i, i; else printf "{\"id\": %d, \"other\": {\"id\": 7}, \"price\": %d.25, \"note\": null}\n", i, i } }' > in/events_1.jsonl; printf '{"id":0}\n' > in/events_2.jsonl; test "$(stat -c %s in/events_1.jsonl)" -gt 12000000
run run --output json
json steps[asset=source.shop.events].rows_in = 300001
json steps[asset=source.shop.events].rows_out = 300000
json steps[asset=source.shop.events].rows_rejected = 1

query IITIII
| select count(distinct id), sum(id), sum(price)::varchar, count(note), sum(other.id), count(*) filter (where _source_row <> id and id > 0) from raw_shop.events
----
300000  44999999999  45000074998.75  100000  700000  0
