# what: the OpenAPI page without a token, the methods of a path, health of every warehouse
tags quick

run init . --name shop
serve tokens
http GET /openapi.json
status 200
json openapi = 3.1.0
json paths./healthz.get.operationId = health
json security count = 2
http GET /healthz
status 200
json status = ok
json warehouses.lake = ok
http HEAD /healthz
status 200
http PUT /openapi.json
status 405
json error.message ~ use GET
http PATCH /iceberg/v1/lake/namespaces header 'Authorization: Bearer none'
status 401
stop

serve
http GET /openapi.json
json security missing
http PATCH /iceberg/v1/lake/namespaces
status 405
json error.message ~ use GET, POST
stop
