# what: leat serve: a free port, health, the catalogue, tokens, a port in use, the end by TERM
tags quick

run init . --name shop
run run
exit 0

serve
http GET /healthz
status 200
http GET /iceberg/v1/config?warehouse=lake
status 200
let prefix = json overrides.prefix
http GET /iceberg/v1/${prefix}/namespaces/raw_shop/tables
status 200
json identifiers[name=orders].namespace[0] = raw_shop

run serve --listen 127.0.0.1:${port} --no-auth
exit 4
error SERVE-101

run serve --listen 0.0.0.0:0 --no-auth
exit 2
error SERVE-104
stop

run serve token create spark --scope read --output json
let token = json token
let id = json id
serve tokens
http GET /iceberg/v1/config?warehouse=lake
status 401
http GET /iceberg/v1/config?warehouse=lake header "Authorization: Bearer ${token}"
status 200
stop

run serve token list
stdout ~ spark
stdout ! ${token}
run serve token revoke ${id}
run serve token revoke nobody
exit 2
error SERVE-202
