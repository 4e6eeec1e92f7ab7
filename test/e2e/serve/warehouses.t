# what: several warehouses in one server: each project's own tables, one set of tokens, refs of each
tags quick

file shop/leat.yml
| version: 1
| name: shop
file finance/leat.yml
| version: 1
| name: finance
| warehouse_name: money
file twin/leat.yml
| version: 1
| name: twin

run serve --project shop --no-auth --listen 127.0.0.1:0 --with twin
exit 2
error SERVE-106
run serve --project shop --no-auth --listen 127.0.0.1:0 --with nothing
exit 2
error PROJ-101

run serve token create ann --scope admin --project shop --output json
let token = json token
shell ( cd shop; timeout 100 $LEAT serve --listen 127.0.0.1:0 --with ../finance >../serve.out 2>../serve.err & echo $! >../timeout.pid ); until grep -q listening serve.out; do :; done; pgrep -P $(cat timeout.pid) >serve.pid; sed 's/listening on //' serve.out
let url = stdout

foreach warehouse lake money
http GET ${url}/iceberg/v1/config?warehouse=${warehouse} header 'Authorization: Bearer ${token}'
status 200
json overrides.prefix = ${warehouse}
http POST ${url}/iceberg/v1/${warehouse}/namespaces header 'Authorization: Bearer ${token}'
| {"namespace": ["only_in_${warehouse}"]}
status 200
http GET ${url}/iceberg/v1/${warehouse}/namespaces header 'Authorization: Bearer ${token}'
json namespaces count = 1
json namespaces[0][0] = only_in_${warehouse}
endforeach
http GET ${url}/iceberg/v1/config header 'Authorization: Bearer ${token}'
json overrides.prefix = lake
http GET ${url}/iceberg/v1/config?warehouse=money@commit/1 header 'Authorization: Bearer ${token}'
json overrides.prefix = money~c~1
http GET ${url}/iceberg/v1/money~c~1/namespaces header 'Authorization: Bearer ${token}'
json namespaces count = 1
http GET ${url}/iceberg/v1/config?warehouse=other header 'Authorization: Bearer ${token}'
status 404
json error.message ~ lake, money
http GET ${url}/iceberg/v1/other/namespaces header 'Authorization: Bearer ${token}'
status 404
http GET ${url}/iceberg/v1/money/namespaces
status 401
shell kill $(cat serve.pid); while kill -0 $(cat serve.pid) 2>/dev/null; do :; done; echo ended
stdout ended
