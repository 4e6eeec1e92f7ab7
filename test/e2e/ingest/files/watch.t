# what: leat watch brings tables of files up to date, with what depends on them; what it cannot watch is refused
tags quick
timeout 120
include project.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: 'orders_*.csv' }
|   - { name: notes, files: 'notes_*.csv', structured: false }

file in/orders_1.csv
| id
| 1
file in/notes_1.csv
| id
| 1
run watch --runs 1 --output json
json status = success
json steps count = 3
file in/orders_2.csv
| id
| 2
file in/notes_2.csv
| id
| 2
run watch --runs 1 -s source:shop.orders+
query II
| select (select count(*) from structured_shop.orders), (select count(*) from raw_shop.notes)
----
2  1

run watch --every soon
exit 2
error APP-103
run watch --runs 0
exit 2
error APP-103
run watch -s source:shop.nothing
exit 2
error PROJ-301
file connections.yml
| connections:
|   inbound: { type: csv, path: in, arrival: { sqs: 'https://sqs.eu-west-1.amazonaws.com/1/arrived' } }
run watch --runs 1
exit 2
error SRC-382 at connections.yml:2:44
