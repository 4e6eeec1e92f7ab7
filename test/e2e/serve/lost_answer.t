# what: a commit whose answer is lost (the server dies after it) comes again: the answer is the present state, nothing is doubled
tags quick

run init . --name shop
serve
let t = /iceberg/v1/lake/namespaces/a/tables/t
http POST /iceberg/v1/lake/namespaces
| {"namespace": ["a"]}
http POST /iceberg/v1/lake/namespaces/a/tables
| {"name": "t", "schema": {"type": "struct", "fields": [{"id": 0, "name": "id", "type": "long", "required": false}]}}
status 200
let uuid = json metadata.table-uuid
let location = json metadata.location
stop

failpoint lake.commit.after crash
serve
http POST ${t}
| {"requirements": [{"type": "assert-table-uuid", "uuid": "${uuid}"}, {"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": null}],
|  "updates": [{"action": "add-snapshot", "snapshot": {"snapshot-id": 4711, "sequence-number": 1, "timestamp-ms": 4000000000000,
|      "manifest-list": "${location}/metadata/snap-4711.avro", "summary": {"operation": "append"}, "schema-id": 0}},
|    {"action": "set-snapshot-ref", "ref-name": "main", "type": "branch", "snapshot-id": 4711}]}
# curl: no answer
exit 52

serve
http POST ${t}
| {"requirements": [{"type": "assert-table-uuid", "uuid": "${uuid}"}, {"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": null}],
|  "updates": [{"action": "add-snapshot", "snapshot": {"snapshot-id": 4711, "sequence-number": 1, "timestamp-ms": 4000000000000,
|      "manifest-list": "${location}/metadata/snap-4711.avro", "summary": {"operation": "append"}, "schema-id": 0}},
|    {"action": "set-snapshot-ref", "ref-name": "main", "type": "branch", "snapshot-id": 4711}]}
status 200
json metadata.snapshots count = 1
json metadata.current-snapshot-id = 4711
# Somebody else's commit on the same old state is still a conflict.
http POST ${t}
| {"requirements": [{"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": null}],
|  "updates": [{"action": "add-snapshot", "snapshot": {"snapshot-id": 4712, "sequence-number": 1, "timestamp-ms": 4000000000000,
|      "manifest-list": "${location}/metadata/snap-4712.avro", "summary": {"operation": "append"}, "schema-id": 0}}]}
status 409
json error.type = CommitFailedException
stop
query I
| select count(*) from leat.commits where object_name = 'a.t'
----
2

# The store says that it does not know, and the commit was made: the server finds out and answers with success.
failpoint lake.commit.after error
serve
http POST ${t}
| {"requirements": [{"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": 4711}],
|  "updates": [{"action": "set-properties", "updates": {"x": "1"}}]}
status 200
json metadata.properties.x = 1
stop
