# what: columns that every file must have (by their exact names) are looked for in all of them before a row is read, at the first load, too
tags quick

file leat.yml
| version: 1
| name: shop

file connections.yml
| connections:
|   inbound: { type: csv, path: in }
|   objects: { type: jsonl, path: in }

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: '*.csv', mode: append, structured: false, required_columns: [id, amount] }

file in/orders_1.csv
| id,amount
| 1,10

file in/orders_2.csv
| id,note
| 2,x

run run
exit 1
error RUN-563 at sources/shop.yml:3:88
stdout ~ in/orders_2.csv lacks amount (it has id, note)
run sql -c "select * from raw_shop.orders"
exit 2

# with the column in another place, among others
file in/orders_2.csv
| note,amount,id
| x,20,2

run run
query II
| select count(*), sum(amount)::bigint from raw_shop.orders
----
2  30

# later files, too; nothing of the good one beside it is taken
file in/orders_3.csv
| id,amount
| 3,30

file in/orders_4.csv
| amount
| 40

run run
exit 1
stdout ~ in/orders_4.csv lacks id (it has amount)
query I
| select count(*) from raw_shop.orders
----
2

shell rm in/orders_4.csv
run run
query I
| select count(*) from raw_shop.orders
----
3

# rows that may each lack some
file in/one.jsonl
| {"id": 1}

file sources/shop.yml
| connection: objects
| tables:
|   - { name: events, files: '*.jsonl', mode: append, structured: false, required_columns: [id] }

run run
exit 1
error RUN-564 at sources/shop.yml:3:90
stdout ~ not_null
