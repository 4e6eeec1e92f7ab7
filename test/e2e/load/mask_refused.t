# what: masks that cannot be kept are refused, where they stand: unknown ones, keys, short salts, other types, columns that the source lacks
tags quick

file leat.yml
| version: 1
| name: shop

file connections.yml
| connections:
|   ops: { type: sqlite, file: ops.db }
|   inbound: { type: csv, path: in }

sql ops.db ok
| create table docs (id integer primary key, body text, price double, changed timestamp);
| insert into docs values (1, 'a', 0.5, '2026-01-01');

file sources/ops.yml
| connection: ops
| tables:
|   - name: docs
|     columns:
|       - { name: body, mask: fixd }

run check
exit 2
error PROJ-223 at sources/ops.yml:5:29
stderr ~ fixed

file sources/ops.yml
| connection: ops
| tables:
|   - name: docs
|     columns:
|       - { name: body, mask: { salt: x } }

run check
exit 2
error PROJ-223

file sources/ops.yml
| connection: ops
| tables:
|   - name: docs
|     columns:
|       - { name: body, mask: { type: fixed, txt: x } }

run check
exit 2
error CFG-104

file sources/ops.yml
| connection: ops
| tables:
|   - name: docs
|     columns:
|       - { name: body, mask: sha256 }

run check
exit 2
error CFG-105

env SALT=fifteen letters

file sources/ops.yml
| connection: ops
| tables:
|   - name: docs
|     columns:
|       - { name: body, mask: { type: sha256, salt: '${env:SALT}' } }

run check
exit 2
error CMP-111

# A bookmark is the greatest value itself.
file sources/ops.yml
| connection: ops
| tables:
|   - name: docs
|     mode: incremental
|     update_key: changed
|     primary_key: [id]
|     columns:
|       - { name: changed, mask: fixed }

run check
exit 2
error PROJ-223
stderr ~ update_key

file sources/ops.yml
| connection: ops
| tables:
|   - name: docs
|     mode: incremental
|     update_key: changed
|     primary_key: [id]
|     columns:
|       - { name: id, mask: fixed }

run check
exit 2
error PROJ-223
stderr ~ primary_key

file sources/ops.yml
| connection: ops
| tables:
|   - name: docs
|     columns:
|       - { name: body, mask: fixed, large_values: { over: 1KB } }

run check
exit 2
error PROJ-223
stderr ~ large_values

env SALT=sixteen letters!

file sources/ops.yml
| connection: ops
| tables:
|   - name: docs
|     columns:
|       - { name: price, mask: { type: sha256, salt: '${env:SALT}' } }

run run
exit 1
stdout ~ RUN-567

file sources/ops.yml
| connection: ops
| tables:
|   - name: docs
|     columns:
|       - { name: bodi, mask: fixed }

run run
exit 1
stdout ~ RUN-568

# Keys that are to be found must be masked like those among which they are.
file sources/inbound.yml
| connection: inbound
| tables:
|   - name: people
|     files: 'people_*.csv'
|     mode: incremental
|     primary_key: [ssn]
|     columns: [ { name: ssn, mask: { type: sha256, salt: '${env:SALT}' } } ]
|   - name: forgotten
|     files: 'forgotten_*.csv'
|     mode: delete
|     into: people
|     primary_key: [ssn]

remove sources/ops.yml

run check
exit 2
error PROJ-223

append sources/inbound.yml
|     columns: [ { name: ssn, mask: { type: sha256, salt: '${env:SALT}' } } ]

# Files that are kept are kept as they came: told, not hidden.
run check
exit 0
stderr ~ warning PROJ-224

file in/people_1.csv
| ssn,name
| 7001234567,ann
| 7001234568,bob

file in/forgotten_1.csv
| ssn
| 7001234567

run run --output json
json steps[asset=source.inbound.people].rows_out = 2
json steps[asset=source.inbound.forgotten].rows_deleted = 1

query T
| select name from raw_inbound.people
----
bob

# What a mask is, and where it may stand.
run list mask
stdout ~ sha256
run describe mask sha256
stdout ~ keeps_equal: yes
run schema sources
stdout ~ "sha256"
