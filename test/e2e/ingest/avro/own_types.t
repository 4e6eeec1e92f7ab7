# what: avro files bring their types and row numbers over all blocks; a column that appears later is added; packed files and files again as of every source
tags quick

include avro.inc
shell bash avro.sh "$(cat event.avsc)" null 2 02020278 0 '' >in/events_1.avro
run run --output json
exit 1
error SRC-223
shell bash avro.sh "$(cat event.avsc)" null 2 020202780400 0 '' 1 06020279 >in/events_1.avro
run run --output json
json steps[asset=source.shop.events].rows_in = 3
query ITTI
| select id, name, _source_file, _source_row from raw_shop.events order by id
----
1  x  in/events_1.avro  1
2  NULL  in/events_1.avro  2
3  y  in/events_1.avro  3

query TT
| select typeof(id), typeof(name) from raw_shop.events limit 1
----
BIGINT  VARCHAR

run run --output json
json status = nothing

# The same content under another name is a duplicate; packed files are unpacked.
shell cp in/events_1.avro in/events_2.avro
run run --output json
json status = nothing
shell bash avro.sh '{"type":"record","name":"e","fields":[{"name":"day","type":{"type":"int","logicalType":"date"}},{"name":"id","type":"int"}]}' null 1 0208 >in/events_3.avro; gzip in/events_3.avro
run run --output json
json steps[asset=source.shop.events].rows_out = 1
query ITT
| select id, name, day from raw_shop.events where id > 3
----
4  NULL  1970-01-02

# A file without rows is no error, and is not read again.
shell bash avro.sh "$(cat event.avsc)" null >in/events_4.avro
run run --output json
run run --output json
json status = nothing
query TI
| select status, count(*) from leat.files group by all order by all
----
duplicate  1
loaded  3
