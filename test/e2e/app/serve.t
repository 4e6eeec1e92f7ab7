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

# SIGHUP reads the project again, says what it found, and goes on as before when there are errors.
shell ( timeout 100 $LEAT serve --no-auth --listen 127.0.0.1:0 >serve.out 2>serve.err & echo $! >timeout.pid ); until grep -q listening serve.out; do :; done; pgrep -P $(cat timeout.pid) >serve.pid; kill -HUP $(cat serve.pid); timeout 20 sh -c 'until grep -q "no errors" serve.err; do :; done'; grep -c "read again" serve.err
stdout 1
append leat.yml
| nme: x
shell kill -HUP $(cat serve.pid); timeout 20 sh -c 'until grep -q "goes on as it was" serve.err; do :; done'; grep -om1 CFG-104 serve.err; curl -s -o /dev/null -w '%{http_code}\n' $(sed 's/listening on //' serve.out)/healthz
stdout
| CFG-104
| 200
shell kill $(cat serve.pid); while kill -0 $(cat serve.pid) 2>/dev/null; do :; done; echo ended
stdout ended
