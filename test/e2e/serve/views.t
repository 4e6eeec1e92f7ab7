# what: views over REST: made in two dialects, replaced, renamed, dropped; leat sql reads the duckdb text and refuses one without
tags quick

run init . --name shop
run run
exit 0
serve
let ns = /iceberg/v1/lake/namespaces

http POST ${ns}
| {"namespace": ["reports"]}
status 200

http POST ${ns}/reports/views
| {"name": "orders_there", "schema": {"type": "struct", "schema-id": 0, "fields":
|    [{"id": 0, "name": "there", "type": "boolean", "required": false}]},
|  "view-version": {"version-id": 1, "timestamp-ms": 1700000000000, "schema-id": 0, "summary": {"engine-name": "test"},
|    "default-namespace": ["raw_shop"], "representations": [
|      {"type": "sql", "dialect": "duckdb", "sql": "select count(*) > 0 as there from orders"},
|      {"type": "sql", "dialect": "spark", "sql": "select count(1) > 0 as there from orders"}]},
|  "properties": {"comment": "is there anything?"}}
status 200
json metadata.versions[0].representations count = 2
json metadata.properties.comment = is there anything?
let uuid = json metadata.view-uuid

query T
| select there from reports.orders_there
----
true

# One text of two goes only when that is said.
http POST ${ns}/reports/views/orders_there
| {"requirements": [{"type": "assert-view-uuid", "uuid": "${uuid}"}],
|  "updates": [{"action": "add-view-version", "view-version": {"version-id": 2, "timestamp-ms": 1700000001000, "schema-id": 0,
|    "summary": {}, "default-namespace": ["raw_shop"], "representations": [
|      {"type": "sql", "dialect": "spark", "sql": "select count(1) < 0 as there from orders"}]}},
|    {"action": "set-current-view-version", "view-version-id": -1}]}
status 400
json error.message ~ dialect duckdb would be lost

http POST ${ns}/reports/views/orders_there
| {"requirements": [{"type": "assert-view-uuid", "uuid": "${uuid}"}],
|  "updates": [{"action": "add-view-version", "view-version": {"version-id": 2, "timestamp-ms": 1700000001000, "schema-id": 0,
|    "summary": {}, "default-namespace": ["raw_shop"], "representations": [
|      {"type": "sql", "dialect": "spark", "sql": "select count(1) < 0 as there from orders"},
|      {"type": "sql", "dialect": "duckdb", "sql": "select count(*) < 0 as there from orders"}]}},
|    {"action": "set-current-view-version", "view-version-id": -1}]}
status 200
json metadata.current-version-id = 2

query T
| select there from reports.orders_there
----
false

# A table and a view cannot have one name.
http POST ${ns}/reports/tables
| {"name": "orders_there", "schema": {"type": "struct", "fields": [{"id": 0, "name": "a", "type": "long", "required": false}]}}
status 409
json error.type = AlreadyExistsException
http GET ${ns}/reports/tables/orders_there
status 404
json error.type = NoSuchTableException

# Only Spark's text: refused by name, with what there is.
http POST ${ns}/reports/views
| {"name": "spark_only", "schema": {"type": "struct", "schema-id": 0, "fields": []},
|  "view-version": {"version-id": 1, "timestamp-ms": 1700000000000, "schema-id": 0, "summary": {}, "default-namespace": ["raw_shop"],
|    "representations": [{"type": "sql", "dialect": "spark", "sql": "select `id` from orders"}]}, "properties": {}}
status 200
run sql -c "select * from reports.spark_only"
exit 2
error SQL-406
stderr ~ spark

# Page by page.
http GET ${ns}/reports/views?pageToken=&pageSize=1
status 200
json identifiers count = 1
json identifiers[0].name = orders_there
let token = json next-page-token
http GET ${ns}/reports/views?pageToken=${token}&pageSize=1
json identifiers[0].name = spark_only

http POST /iceberg/v1/lake/views/rename
| {"source": {"namespace": ["reports"], "name": "orders_there"}, "destination": {"namespace": ["reports"], "name": "any_orders"}}
status 204
query T
| select there from reports.any_orders
----
false

http HEAD ${ns}/reports/views/orders_there
status 404
http DELETE ${ns}/reports/views/any_orders
status 204
http DELETE ${ns}/reports/views/any_orders
status 404
json error.type = NoSuchViewException

# A view of an owned namespace is its project's.
http POST ${ns}/raw_shop/views
| {"name": "v", "schema": {"type": "struct", "schema-id": 0, "fields": []},
|  "view-version": {"version-id": 1, "timestamp-ms": 1, "schema-id": 0, "summary": {}, "default-namespace": [],
|    "representations": [{"type": "sql", "dialect": "duckdb", "sql": "select 1"}]}, "properties": {}}
status 403
json error.message ~ SERVE-305
stop
