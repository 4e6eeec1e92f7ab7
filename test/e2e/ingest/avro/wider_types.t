# what: a wider type in a later avro file widens the column, an alias leads to the old column; another type rejects what does not fit; types without a common one are an error
tags quick

include avro.inc
file leat.yml
| version: 1
| name: shop
| defaults: { max_reject: 60% }
shell bash avro.sh '{"type":"record","name":"e","fields":[{"name":"id","type":"int"},{"name":"n","type":"float"}]}' null 1 020000003f >in/events_1.avro
run run
shell bash avro.sh '{"type":"record","name":"e","fields":[{"name":"amount","aliases":["n"],"type":"double"},{"name":"id","type":"long"}]}' null 1 9a9999999999b93ffeffffffff3f >in/events_2.avro
run run --output json
json status = success
query IRTT
| select id, n, typeof(id), typeof(n) from raw_shop.events order by id
----
1  0.5  BIGINT  DOUBLE
1099511627775  0.1  BIGINT  DOUBLE

query TT
| select class, column_name from leat.drift order by all
----
widened  id
widened  n

shell bash avro.sh '{"type":"record","name":"e","fields":[{"name":"id","type":"string"}]}' null 2 0433300278 >in/events_3.avro
run run --output json
json steps[asset=source.shop.events].rows_out = 1
json steps[asset=source.shop.events].rows_rejected = 1
query TT
| select class, action from leat.drift where column_name = 'id' and class <> 'widened'
----
type_change  the column stays long: a value that does not fit rejects its row

# Both in the first load: no type holds them.
file sources/shop.yml
| connection: inbound
| tables:
|   - { name: other, files: ['events_1.avro', 'events_3.avro'], structured: false }
run run --output json
exit 1
json steps[asset=source.shop.other].error.code = SRC-225
json steps[asset=source.shop.other].error.message ~ the column id is int in in/events_1.avro and string in in/events_3.avro
