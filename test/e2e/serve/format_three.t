# what: format versions over REST: what only version 3 has is refused before it with the column's name, upgrades never go back
tags quick

run init . --name shop
serve
let v1 = /iceberg/v1/lake
http POST ${v1}/namespaces
| {"namespace": ["a"]}
status 200

foreach column '"type": "timestamp_ns"' '"type": "timestamptz_ns"' '"type": "variant"' '"type": "unknown"' '"type": "int", "initial-default": 5' '"type": "int", "write-default": 5'
http POST ${v1}/namespaces/a/tables
| {"name": "t", "schema": {"type": "struct", "fields": [{"id": 1, "name": "odd", "required": false, ${column}}]}}
status 400
json error.message ~ column odd
json error.message ~ version 3
endforeach

http POST ${v1}/namespaces/a/tables
| {"name": "t", "properties": {"format-version": "3"}, "schema": {"type": "struct", "fields": [{"id": 1, "name": "id", "required": false, "type": "long"}, {"id": 2, "name": "ns", "required": false, "type": "timestamp_ns"}, {"id": 3, "name": "tz", "required": false, "type": "timestamptz_ns"}, {"id": 4, "name": "v", "required": false, "type": "variant"}, {"id": 5, "name": "u", "required": false, "type": "unknown"}, {"id": 6, "name": "d", "required": true, "type": "decimal(9,2)", "initial-default": "1.50", "write-default": "2.50"}]}, "partition-spec": {"spec-id": 0, "fields": [{"source-id": 2, "field-id": 1000, "name": "ns_hour", "transform": "hour"}]}}
status 200
json metadata.format-version = 3
json metadata.next-row-id = 0
json metadata.schemas[0].fields[5].initial-default = 1.50
json metadata.schemas[0].fields[5].write-default = 2.50

# what tables cannot have: said with the column, or the field of the spec
foreach type '"geometry(OGC:CRS84)"' '"geography(OGC:CRS84,spherical)"' '"interval"'
http POST ${v1}/namespaces/a/tables
| {"name": "x", "properties": {"format-version": "3"}, "schema": {"type": "struct", "fields": [{"id": 1, "name": "odd", "required": false, "type": ${type}}]}}
status 406
json error.message ~ odd
json error.message ~ is not a type
endforeach
http POST ${v1}/namespaces/a/tables/t
| {"requirements": [], "updates": [{"action": "add-spec", "spec": {"spec-id": 1, "fields": [{"source-ids": [1, 2], "field-id": 1001, "name": "both", "transform": "bucket[4]"}]}}]}
status 400
json error.message ~ source-ids
http POST ${v1}/namespaces/a/tables/t
| {"requirements": [], "updates": [{"action": "add-spec", "spec": {"spec-id": 1, "fields": [{"source-id": 4, "field-id": 1001, "name": "v", "transform": "identity"}]}}, {"action": "set-default-spec", "spec-id": -1}]}
status 406

# only another default is another schema
http POST ${v1}/namespaces/a/tables/t
| {"requirements": [], "updates": [{"action": "add-schema", "schema": {"type": "struct", "fields": [{"id": 1, "name": "id", "required": false, "type": "long"}, {"id": 2, "name": "ns", "required": false, "type": "timestamp_ns"}, {"id": 3, "name": "tz", "required": false, "type": "timestamptz_ns"}, {"id": 4, "name": "v", "required": false, "type": "variant"}, {"id": 5, "name": "u", "required": false, "type": "unknown"}, {"id": 6, "name": "d", "required": true, "type": "decimal(9,2)", "initial-default": "1.50", "write-default": "3.50"}]}}, {"action": "set-current-schema", "schema-id": -1}]}
status 200
json metadata.current-schema-id = 1
json metadata.schemas[1].fields[5].write-default = 3.50

# upgrades
http POST ${v1}/namespaces/a/tables
| {"name": "old", "properties": {"format-version": "1"}, "schema": {"type": "struct", "fields": [{"id": 1, "name": "id", "required": false, "type": "long"}]}}
status 200
json metadata.format-version = 1
foreach version 2 3
http POST ${v1}/namespaces/a/tables/old
| {"requirements": [], "updates": [{"action": "upgrade-format-version", "format-version": ${version}}]}
status 200
json metadata.format-version = ${version}
endforeach
http POST ${v1}/namespaces/a/tables/old
| {"requirements": [], "updates": [{"action": "upgrade-format-version", "format-version": 2}]}
status 400
http POST ${v1}/namespaces/a/tables/old
| {"requirements": [], "updates": [{"action": "upgrade-format-version", "format-version": 4}]}
status 406
