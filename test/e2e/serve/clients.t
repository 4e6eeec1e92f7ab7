# what: tokens for some tables only; a client of OAuth 2 gets tokens for an hour; token exchange is refused; metrics reports are kept
tags quick

run init . --name shop
run run
exit 0

run serve token create nobody --tables orders
exit 2
error SERVE-207
run serve token create guest --scope read --tables raw_shop.orders --output json
let guest = json token
run serve token create spark --client --scope write --output json
let id = json client_id
let secret = json client_secret
run serve token list
stdout ~ client
stdout ~ raw_shop.orders
stdout ! ${secret}

serve tokens
let v1 = ${url}/iceberg/v1
http GET /iceberg/v1/lake/namespaces/raw_shop/tables header "Authorization: Bearer ${guest}"
status 200
json identifiers count = 1
json identifiers[0].name = orders
http GET /iceberg/v1/lake/namespaces/raw_shop/tables/other header "Authorization: Bearer ${guest}"
status 403
json error.type = ForbiddenException
json error.message ~ SERVE-206

# The secret of a client opens nothing but the token endpoint.
http GET /iceberg/v1/lake/namespaces header "Authorization: Bearer ${secret}"
status 401
shell curl -s -d grant_type=client_credentials -d client_id=${id} -d client_secret=${secret} ${v1}/oauth/tokens
json token_type = bearer
let token = json access_token
same not ${token} ${secret}
http GET /iceberg/v1/lake/namespaces header "Authorization: Bearer ${token}"
status 200
shell curl -s -u ${id}:${secret} -d grant_type=client_credentials ${v1}/oauth/tokens
json access_token exists
shell curl -s -w '\n%{http_code}\n' -d grant_type=client_credentials -d client_id=${id} -d client_secret=wrong ${v1}/oauth/tokens
stdout ~ invalid_client
stdout ~ 401
shell curl -s -w '\n%{http_code}\n' -d grant_type=urn:ietf:params:oauth:grant-type:token-exchange -d subject_token=${token} ${v1}/oauth/tokens
stdout ~ unsupported_grant_type
stdout ~ 400

http POST /iceberg/v1/lake/namespaces/raw_shop/tables/orders/metrics header "Authorization: Bearer ${token}"
| {"report-type": "scan-report", "table-name": "raw_shop.orders", "snapshot-id": 5, "filter": {"type": "eq", "term": "name", "value": "ann"},
|  "schema-id": 0, "projected-field-ids": [], "projected-field-names": [], "metrics": {"result-data-files": {"unit": "count", "value": 1}}}
status 204
stop
query TTTI
| select kind, table_name, user_name, snapshot_id from leat.metrics_reports
----
scan  orders  spark  5

query T
| select report from leat.metrics_reports where report like '%ann%'
----

run serve token revoke ${id}
serve tokens
http GET /iceberg/v1/lake/namespaces header "Authorization: Bearer ${token}"
status 401
stop
