# what: a step that runs out of memory with many threads is done by its second try: alone, one thread, no insertion order
timeout 300

file leat.yml
| version: 1
| name: shop

file connections.yml
| connections:
|   exports: { type: parquet, path: in }

file sources/shop.yml
| connection: exports
| tables:
|   - { name: orders, files: 'orders.parquet', structured: false }

shell mkdir -p in
shell $LEAT sql -c "select i as id, repeat(md5(i::varchar), 2) as a, repeat(md5((i + 1)::varchar), 2) as b from range(600000) r(i)" --output parquet --file in/orders.parquet

file leat.yml
| version: 1
| name: shop
| memory_limit: 92MB
| threads: 8

run run --output json
json status = success
json steps[asset=source.shop.orders].attempt = 2
json steps[asset=source.shop.orders].rows_out = 600000

query TII
| select status, attempt, published::int from leat.steps
----
success  2  1

query T
| select json_extract_string(entry, '$.steps_tried_again') from leat.run_log where stage = 'load'
----
1

# Nothing came twice, nothing is missing.
query IIII
| select count(*), count(distinct id), sum(id), count(*) filter (a = repeat(md5(id::varchar), 2) and b = repeat(md5((id + 1)::varchar), 2)) from raw_shop.orders
----
600000  600000  179999700000  600000

# The steps after it have their threads back and are tried once.
file models/small.sql
| select count(*) as n from {{ source('shop', 'orders') }}
run run --output json
json steps[asset=model.small].attempt = 1
json steps[asset=source.shop.orders].attempt = 0

# One row group of wide rows is more than the memory: the second try writes smaller ones.
file models/wide.sql
| select i as id, repeat(md5(i::varchar), 10) as a, repeat(md5((i + 1)::varchar), 10) as b from range(150000) r(i)
run run --output json
json steps[asset=model.wide].attempt = 2
json steps[asset=model.wide].status = success
query II
| select count(*), count(*) filter (a = repeat(md5(id::varchar), 10)) from trusted.wide
----
150000  150000
