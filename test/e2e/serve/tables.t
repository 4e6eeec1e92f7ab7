# what: tables over REST: ETag, snapshots=refs, rename across namespaces, purge leaves a tombstone, register and overwrite
tags quick

run init . --name shop
serve
let v1 = /iceberg/v1/lake
foreach name a b
http POST ${v1}/namespaces
| {"namespace": ["${name}"]}
status 200
endforeach
http POST ${v1}/namespaces/a/tables
| {"name": "t", "schema": {"type": "struct", "fields": [{"id": 0, "name": "id", "type": "long", "required": false}]}}
status 200
let uuid = json metadata.table-uuid
let first = json metadata-location

# The entity tag of a state: asked for again, nothing is sent.
shell curl -s -D - -o /dev/null ${url}${v1}/namespaces/a/tables/t | tr -d '\r' | sed -n 's/^[Ee][Tt]ag: //p'
let tag = stdout
http GET ${v1}/namespaces/a/tables/t header 'If-None-Match: ${tag}'
status 304
http GET ${v1}/namespaces/a/tables/t?snapshots=refs header 'If-None-Match: ${tag}'
status 200

http POST ${v1}/namespaces/a/tables/t
| {"requirements": [{"type": "assert-table-uuid", "uuid": "${uuid}"}], "updates": [{"action": "set-properties", "updates": {"x": "1"}}]}
status 200
http GET ${v1}/namespaces/a/tables/t header 'If-None-Match: ${tag}'
status 200
http POST ${v1}/namespaces/a/tables/t
| {"requirements": [], "updates": [{"action": "add-encryption-key", "encryption-key": {"key-id": "k", "encrypted-key-metadata": "eA=="}}]}
status 406
json error.message ~ LAKE-115
http POST ${v1}/namespaces/a/tables/t
| {"requirements": [{"type": "assert-something"}], "updates": []}
status 400

http POST ${v1}/tables/rename
| {"source": {"namespace": ["a"], "name": "t"}, "destination": {"namespace": ["b"], "name": "u"}}
status 204
http HEAD ${v1}/namespaces/a/tables/t
status 404
http GET ${v1}/namespaces/b/tables/u
json metadata.table-uuid = ${uuid}
let last = json metadata-location

http DELETE ${v1}/namespaces/b/tables/u?purgeRequested=true
status 204
http POST ${v1}/namespaces/a/register
| {"name": "t", "metadata-location": "${last}"}
status 200
json metadata.properties.x = 1
http POST ${v1}/namespaces/a/register
| {"name": "t", "metadata-location": "${first}"}
status 409
http POST ${v1}/namespaces/a/register
| {"name": "t", "metadata-location": "${first}", "overwrite": true}
status 200
json metadata.properties.x missing
json metadata.table-uuid = ${uuid}
http POST ${v1}/namespaces/a/register
| {"name": "v", "metadata-location": "${first}.none"}
status 404
stop
