# what: records, arrays and maps of avro files become structs, lists and maps; a union of other types is JSON text; what does not fit rejects its row
tags quick

include avro.inc
file leat.yml
| version: 1
| name: shop
| defaults: { max_reject: 90% }
file orders.avsc
| {"type":"record","name":"order","fields":[{"name":"id","type":"int"},
|  {"name":"who","type":["null",{"type":"record","name":"who","fields":[{"name":"name","type":"string"},{"name":"born","type":["null",{"type":"int","logicalType":"date"}]}]}]},
|  {"name":"tags","type":{"type":"array","items":["null","string"]}},{"name":"by","type":{"type":"map","values":"long"}},{"name":"any","type":["null","string","long"]}]}

# 1: ann, no birthday, tags a and NULL, by {k: 7}, any "x". 2: nobody, no tags, nothing, any 5. 3: born in the year 10000. 4: a key twice.
shell bash avro.sh "$(cat orders.avsc)" null 4 020206616e6e0004020261000002026b0e0002027804000000040a0602026202c282e60200000008000004026b02026b040000 >in/events_1.avro
run run --output json
json steps[asset=source.shop.events].rows_in = 4
json steps[asset=source.shop.events].rows_out = 2
query ITTTTTT
| select id, who.name, who.born, tags, "by"['k'], "any", typeof("by") from raw_shop.events order by id
----
1  ann  NULL  [a, NULL]  7  {"string":"x"}  MAP(VARCHAR, BIGINT)
2  NULL  NULL  []  NULL  {"long":5}  MAP(VARCHAR, BIGINT)

query TTT
| select origin, "column", message from raw_shop.events__rejected order by origin
----
in/events_1.avro:3  who  '2932897 days since 1970' is not exactly a date
in/events_1.avro:4  by  the key 'k' comes twice in a map

query T
| select payload from raw_shop.events__rejected where origin like '%:4'
----
{"id":4,"who":null,"tags":[],"by":{"k":1,"k":2},"any":null}
