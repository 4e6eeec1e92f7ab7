# what: the number of rejected rows has no limit but max_reject, and costs no memory
timeout 300

file leat.yml
| version: 1
| name: shop
| memory_limit: 92MB
| threads: 1
| defaults: { max_reject: 100% }

file connections.yml
| connections:
|   inbound: { type: csv, path: in }

file sources/shop.yml
| connection: inbound
| tables:
|   - name: orders
|     files: 'orders.csv'
|     structured: false
|     columns: [{ name: amount, data_type: bigint }]

shell mkdir -p in
shell (echo id,amount; seq 1 600000 | sed 's/$/,none/'; echo 600001,1) > in/orders.csv

run run --output json
json status = success
json steps[asset=source.shop.orders].rows_in = 600001
json steps[asset=source.shop.orders].rows_rejected = 600000
json steps[asset=source.shop.orders].rows_out = 1

query IIT
| select count(*), count(distinct origin), min(reason_code) from raw_shop.orders__rejected
----
600000  600000  cast

# max_reject decides, whatever the number.
file leat.yml
| version: 1
| name: shop
| defaults: { max_reject: 50% }
shell cp in/orders.csv in/again.csv; sed -i 's/^600001,/600002,/' in/again.csv
file sources/shop.yml
| connection: inbound
| tables:
|   - name: orders
|     files: '*.csv'
|     structured: false
|     columns: [{ name: amount, data_type: bigint }]
run run --output json
exit 1
json steps[asset=source.shop.orders].status = blocked
json steps[asset=source.shop.orders].rows_rejected = 600000
query I
| select count(*) from raw_shop.orders__rejected
----
1200000

# Nothing is left on the way.
shell test -z "$(find .leat/rejected -type f)"
