# what: a truncated parquet file is named, or set aside with `on_bad_file: skip`; the first load does so, too
tags quick

include orders.inc
shell $LEAT sql -c "select 1 as id" --output parquet --file in/orders_1.parquet
shell $LEAT sql -c "select 2 as id" --output parquet --file in/orders_2.parquet
shell head -c 60 in/orders_1.parquet > in/orders_3.parquet

run run --output json
exit 1
json steps[asset=source.shop.orders].status = failed
json steps[asset=source.shop.orders].reason ~ in/orders_3.parquet

file connections.yml
| connections:
|   exports: { type: parquet, path: in, on_bad_file: skip }
run run --output json
json status = success
json steps[asset=source.shop.orders].rows_out = 2
json steps[asset=source.shop.orders].rows_rejected = 1
query TT
| select origin, reason_code from leat.rejected
----
in/orders_3.parquet  file

run run --output json
json status = nothing

# Bad files only: nothing is loaded, and that is said.
shell head -c 61 in/orders_1.parquet > in/orders_4.parquet
run run --output json
json status = success
json steps[asset=source.shop.orders].rows_rejected = 1
query I
| select count(*) from leat.rejected
----
2

run run --output json
json status = nothing

# Damage behind a sound footer shows in the pages only: nothing of such a file is seen.
shell $LEAT sql -c "select i::int as id from range(100, 50100) t(i)" --output parquet --file in/orders_5.parquet && S=$(wc -c <in/orders_5.parquet) && (head -c 4 in/orders_5.parquet; head -c 200 /dev/zero; tail -c +205 in/orders_5.parquet) >in/orders_6.parquet && test $(wc -c <in/orders_6.parquet) = $S
run run --output json
json status = success
json steps[asset=source.shop.orders].rows_out = 50000
json steps[asset=source.shop.orders].rows_rejected = 1
query TT
| select origin, regexp_extract(message, '^table orders: [^ ]* cannot be read as parquet') from leat.rejected where origin like '%_6.parquet'
----
in/orders_6.parquet  table orders: in/orders_6.parquet cannot be read as parquet

run run --output json
json status = nothing
