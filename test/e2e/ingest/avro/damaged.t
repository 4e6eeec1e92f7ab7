# what: a damaged avro file is named with block and byte, nothing of it is seen; with `on_bad_file: skip` it is set aside, also for damage in its last block
tags quick

include avro.inc
shell bash avro.sh "$(cat event.avsc)" null 1 020278 >in/x; bash avro.sh "$(cat event.avsc)" null 1 02020278 1 04020279 >in/events_1.avro

# Cut in the middle of the second block.
shell head -c -20 in/events_1.avro >in/events_2.avro
run run --output json
exit 1
error SRC-223
json steps[asset=source.shop.events].reason ~ in/events_2.avro is no sound Avro file: block 2 at byte
json steps[asset=source.shop.events].error.message ~ are left of the file
query I
| select count(*) from leat.files
----
0

# A length that is absurd, a mark that is another one, more rows than bytes, a codec that nobody knows.
foreach what 'ffffffffffffffffff01' '02feffffff0f' '00'
shell head -c -23 in/events_1.avro >in/events_2.avro; printf "$(printf %s ${what} | sed 's/../\\x&/g')" >>in/events_2.avro
run run --output json
exit 1
error SRC-223
endforeach
shell head -c -1 in/events_1.avro >in/events_2.avro; printf X >>in/events_2.avro
run run --output json
exit 1
json steps[asset=source.shop.events].error.message ~ the mark at its end, at byte
shell bash avro.sh "$(cat event.avsc)" lzma 1 02020278 >in/events_2.avro
run run --output json
exit 1
error SRC-224
json steps[asset=source.shop.events].error.message ~ the Avro codec 'lzma'
json steps[asset=source.shop.events].error.hint ~ null, deflate, snappy, zstandard, bzip2, xz

file connections.yml
| connections:
|   inbound: { type: avro, path: in, on_bad_file: skip }
shell bash avro.sh "$(cat event.avsc)" null 1 02020278 7 04020279 >in/events_2.avro
run run --output json
json status = success
json steps[asset=source.shop.events].rows_out = 2
json steps[asset=source.shop.events].rows_rejected = 1
query TTI
| select origin, reason_code, message like '%block 2 at byte%' from leat.rejected
----
in/events_2.avro  file  true

run run --output json
json status = nothing
