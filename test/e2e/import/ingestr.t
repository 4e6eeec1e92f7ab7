# what: assets of ingestr and Bruin become sources, one for each connection of .bruin.yml, with their columns and checks
tags quick

file leat.yml
| version: 1
| name: shop

sql ops.db ok
| create table orders (id integer primary key, amount decimal(9,2), state text, updated_at timestamp not null);
| insert into orders values (1, 2.5, 'new', '2026-01-01 10:00:00'), (2, 3, 'paid', '2026-01-02 10:00:00');
| create table planes (tailnum text);
| insert into planes values ('N1');

file .bruin.yml
| default_environment: dev
| environments:
|   prod:
|     connections:
|       sqlite: [{ name: lite, path: never.db }]
|   dev:
|     connections:
|       sqlite:
|         - name: lite
|           path: ops.db
|       postgres:
|         - { name: pg, username: reader, password: very-secret, host: db.example.com, port: 5432, database: shop, ssl_mode: require, pool_max_conns: 3 }

file pipe/assets/orders.asset.yml
| name: raw.orders
| type: ingestr
| description: Orders
| owner: ann
| parameters:
|   source_connection: lite
|   source_table: main.orders
|   destination: duckdb
|   enforce_schema: true
|   sql_limit: 5
|   loader_file_size: 100
| materialization:
|   type: table
|   strategy: merge
|   incremental_key: updated_at
| columns:
|   - name: id
|     type: integer
|     primary_key: true
|     checks: [{ name: not_null }, { name: positive }, { name: unique, blocking: false }]
|   - name: amount
|     type: decimal
|     precision: 9
|     scale: 2
|   - name: state
|     type: string
|     mask: hash
|     checks:
|       - { name: accepted_values, value: [new, paid] }
|       - { name: odd_one }
| custom_checks:
|   - { name: some, query: select 1 }
| dependz: [a]

file pipe/assets/planes.asset.yml
| name: raw.planes
| type: ingestr
| parameters: { source_connection: lite, source_table: planes, destination: duckdb }

file pipe/assets/remote.asset.yml
| name: raw.remote
| type: ingestr
| connection: warehouse
| parameters: { source_connection: pg, source_table: public.remote, incremental_strategy: append, incremental_key: id }

run import pipe/assets/orders.asset.yml pipe/assets/planes.asset.yml pipe/assets/remote.asset.yml --output json
json from = ingestr
json sources count = 2
json sources[0].file = sources/lite.yml
json sources[0].tables = ["orders","planes"]
json secrets = ["PG_PASSWORD"]
json report[key=connections.pg.password].verdict = taken
json report[key=connections.pg.pool_max_conns].verdict = not_possible
json report[key=parameters.sql_limit].verdict = not_possible
json report[key=parameters.loader_file_size].verdict = taken
json report[line=27].key = columns[2].mask
json report[line=27].verdict = not_possible
json report[line=30].verdict = not_possible
json report[line=30].key = columns[2].checks[1].name
json report[key=custom_checks].verdict = not_possible
json report[key=dependz].text = no key of an asset; did you mean 'depends'?
json report[key=connection].verdict = changed

shell cat connections.yml
stdout ! very-secret
stdout
| connections:
|   lite:
|     type: sqlite
|     file: ops.db
|   pg:
|     type: postgres
|     user: reader
|     password: "${secret:PG_PASSWORD}"
|     host: db.example.com
|     port: 5432
|     database: shop
|     sslmode: require

shell cat sources/lite.yml
stdout ~ mode: incremental
stdout ~ - { name: id, data_type: bigint, checks: [not_null, { range: { min: 0, exclusive: true } }, { unique: { on_fail: warn } }] }
stdout ~ - { name: state, data_type: string, checks: [{ accepted_values: { values: [new, paid] } }] }
stdout ~ meta: { owner: ann }

# The secret is still to be kept.
run check
error CFG-108
shell printf very-secret | $LEAT secret set PG_PASSWORD
run check
run run -s source:lite
query IRI
| select count(*), sum(amount), (select count(*) from raw_lite.planes) from raw_lite.orders
----
2  5.50  1

# A SELECT of its own is a query; one that asks for an interval is written by hand.
file paid.asset.yml
| name: paid
| type: ingestr
| parameters: { source_connection: lite, source_table: "query:select id, amount from orders where state = 'paid'" }
file lately.asset.yml
| name: lately
| type: ingestr
| parameters: { source_connection: lite, source_table: 'query:select id from orders where updated_at > :interval_start' }
run import paid.asset.yml lately.asset.yml --name asked --output json
json sources[0].tables = ["paid"]
json report[verdict=not_possible].text ~ :interval_start
run run -s source:asked
query IR
| select id, amount from raw_asked.paid
----
2  3.00

# Two addresses are two connections; what is left out of an address is said.
file one.asset.yml
| type: ingestr
| parameters: { source_connection: 'mysql://ann:hidden-1@one.example.com/shop?charset=utf8', source_table: a }
file two.asset.yml
| type: ingestr
| parameters: { source_connection: 'mysql://ann:hidden-2@two.example.com/shop', source_table: b }
run import one.asset.yml two.asset.yml --output json
stdout ! hidden
json sources count = 2
json sources[0].connection = mysql
json sources[1].connection = mysql_2
json sources[1].file = sources/mysql_2.yml
json secrets = ["MYSQL_PASSWORD","MYSQL_PASSWORD_2"]
json report[file=one.asset.yml].key = type
json not_possible = 1
json report[verdict=not_possible].text ~ left out: charset
shell grep -A2 'mysql' connections.yml | grep -c host || true
shell grep host connections.yml
stdout ~ host: two.example.com
