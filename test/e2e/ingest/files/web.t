# what: a path of a web server: what cannot be is said at its place before anything is asked
tags quick

file leat.yml
| version: 1
| name: shop

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'o.csv', structured: false }

file connections.yml
| connections:
|   inbound:
|     type: csv
|     path: http://127.0.0.1:9/out
|     http: { user: leat }

run check
exit 2
error CFG-104 at connections.yml:5:13
stderr ~ auth

file connections.yml
| connections:
|   inbound:
|     type: csv
|     path: http://127.0.0.1:9/out
|     http: { auth: { type: basic, password: x } }

run run
exit 1
error SRC-252 at connections.yml:5:19

file connections.yml
| connections:
|   inbound:
|     type: csv
|     path: http://127.0.0.1:9/out
|     http: { timeout: 0s }

run run
exit 1
error SRC-384 at connections.yml:5:22

foreach address https://me:pass@127.0.0.1:9/out https:///out https://[::1]/out
file connections.yml
| connections:
|   inbound: { type: csv, path: '${address}' }

run run
exit 1
error IO-419
stderr ! pass@
endforeach

file connections.yml
| connections:
|   inbound: { type: csv, path: 'http://127.0.0.1:9/out', arrival: { sqs: 'https://sqs.example.com/1/q' } }

run watch --runs 1
exit 2
error SRC-382 at connections.yml:2:66

file connections.yml
| connections:
|   inbound: { type: csv, path: 'http://127.0.0.1:9/out' }

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'o.csv', structured: false, lock: .lock }

run run
exit 1
error RUN-551 at sources/shop.yml:3:62

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'o.csv', structured: false, after_load: delete }

run run
exit 1
error RUN-551 at sources/shop.yml:3:68
stdout ~ web server

# Nobody is there: an error of the network, which a later run may not meet.
file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'o.csv', structured: false }

file connections.yml
| connections:
|   inbound: { type: csv, path: 'http://127.0.0.1:9/out', http: { retries: 0 } }

run run
exit 4
error IO-511
run doctor
exit 4
stdout ~ IO-511
