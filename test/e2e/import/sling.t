# what: a Sling replication becomes a source that loads the same rows; its report accounts for every key, with its place
tags quick

file leat.yml
| version: 1
| name: shop

sql ops.db ok
| create table orders (id integer primary key, amount decimal(9,2) not null, secret text, updated_at timestamp not null);
| insert into orders values (1, 2.5, 'x', '2026-01-01 10:00:00'), (2, 3, 'y', '2026-01-02 10:00:00');
| create table lines (order_id int not null, line int not null, note text, primary key (order_id, line));
| insert into lines values (1, 1, 'a'), (1, 2, 'b'), (2, 1, 'c');
| create table customers (id integer primary key, amount int); insert into customers values (1, 2), (2, 3), (3, 4);
| create table event_a (id integer primary key); insert into event_a values (1);
| create table event_b (id integer primary key); insert into event_b values (1), (2);
| create table event_off (id integer primary key);

file env.yaml
| connections:
|   OPS:
|     type: sqlite
|     instance: ops.db
|   OTHER: { type: snowflake, password: never-shown }

file replication.yaml
| source: OPS
| target: SNOWFLAKE
|
| env:
|   SLING_THREADS: 3
|   zone: main
|
| hooks:
|   start: [{ type: log, message: hello }]
|
| defaults:
|   mode: incremental
|   object: '{zone}.{stream_table}'
|   target_options: { column_casing: snake }
|
| streams:
|   main.orders:
|     primary_key: id
|     update_key: updated_at
|     select: ['-secret']
|     source_options: { limit: 10, chunk_size: 1000 }
|     colums: {}
|   main.lines:
|     object: 'main.order_lines'
|     mode: full-refresh
|     primary_key: [order_id, line]
|     columns: { note: string }
|   main.event_*:
|     mode: full-refresh
|   main.event_off: { disabled: true }
|   main.paid:
|     sql: select * from orders where amount > 2
|     object: main.paid
|   main.since:
|     sql: select id, updated_at from orders where {incremental_where_cond} and amount > 0
|     object: main.since
|     primary_key: id
|     update_key: updated_at
|   main.lately:
|     sql: select id from orders where updated_at > {incremental_value}
|   main.customers:
|     where: amount > 2.75
|     mode: full-refresh

# Nothing is written yet.
run import replication.yaml --dry-run
stdout ~ type: sqlite
stdout ~ file: ops.db
stdout ~ not possible  hooks  replication.yaml:8:1
stdout ! never-shown
shell ls
stdout ! sources
stdout ! connections.yml

run import replication.yaml --output json
json from = sling
json written = true
json sources count = 1
json sources[0].file = sources/ops.yml
json sources[0].tables = ["orders","order_lines","event_a","event_b","paid","since","customers"]
json sources[0].left_out = ["main.event_off (it is disabled)","main.lately (a SELECT of its own: write `query:` by hand)"]
json secrets = []
json report[key=source].verdict = taken
json report[key=target].verdict = changed
json report[key=hooks].verdict = not_possible
json report[key=env.SLING_THREADS].verdict = taken
json report[key=env.zone].text = put in where {zone} stands
json report[key=defaults.target_options.column_casing].verdict = changed
json report[key=streams.main.orders.primary_key].line = 18
json report[key=streams.main.orders.primary_key].column = 5
json report[key=streams.main.orders.select].text = exclude
json report[key=streams.main.orders.source_options.limit].verdict = not_possible
json report[key=streams.main.orders.source_options.chunk_size].verdict = changed
json report[key=streams.main.orders.colums].text = no key of a Sling stream; did you mean 'columns'?
json report[key=streams.main.lines.columns.note].text = data_type: string
json report[key=streams.main.event_*].text ~ 2 tables that the source has now
json report[key=streams.main.paid.sql].verdict = taken
json report[key=streams.main.since.sql].verdict = changed
json report[key=streams.main.lately.sql].verdict = not_possible
json report[key=streams.main.lately.sql].text ~ by hand
json report[key=streams.main.customers.where].text = query
json report[key=connections.OPS.instance].file = env.yaml
json report count = 38

shell cat connections.yml sources/ops.yml
stdout
| connections:
|   ops:
|     type: sqlite
|     file: ops.db
| # From `leat import`, made of replication.yaml. Its report says what of it means something else here.
| source: ops
| connection: ops
| tables:
|   - name: orders
|     mode: incremental
|     update_key: updated_at
|     primary_key: [id]
|     exclude: [secret]
|   - name: order_lines
|     table: lines
|     mode: full-refresh
|     primary_key: [order_id, line]
|     columns: [{ name: note, data_type: string }]
|   - name: event_a
|     mode: full-refresh
|   - name: event_b
|     mode: full-refresh
|   - name: paid
|     query: "select * from orders where amount > 2"
|     mode: full-refresh                      # neither a primary key nor a column that tells what is new: every load reads all rows and puts them in place
|   - name: since
|     query: "select id, updated_at from orders where 1 = 1 and amount > 0"
|     mode: incremental
|     update_key: updated_at
|     primary_key: [id]
|   - name: customers
|     query: "SELECT * FROM main.customers WHERE amount > 2.75"
|     mode: full-refresh
| # left out: main.event_off (it is disabled)
| # left out: main.lately (a SELECT of its own: write `query:` by hand)

run check
run run
query III
| select (select count(*) from raw_ops.paid), (select count(*) from raw_ops.since), (select count(*) from raw_ops.customers)
----
2  2  2

query IIIT
| select (select count(*) from raw_ops.orders), (select count(*) from raw_ops.order_lines),
|   (select count(*) from raw_ops.event_b), (select string_agg(column_name, ',') from (describe raw_ops.orders) where column_name not like '\_%' escape '\')
----
2  3  2  id,amount,updated_at

sql ops.db ok
| insert into orders values (3, 4, 'z', '2026-01-03 10:00:00');
run run --output json
json steps[asset=source.ops.since].rows_in = 1
query III
| select count(*), count(distinct id), (select count(*) from raw_ops.since) from raw_ops.orders
----
3  3  3

# What is there is never written over.
run import replication.yaml
exit 2
error APP-206

# A connection of the project goes before Sling's own; the name of the source is free.
run import replication.yaml --name again --output json
json sources[0].connection = ops
json connections = null
shell sed -n 's/^source: //p' sources/again.yml
stdout again
