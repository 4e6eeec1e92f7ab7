# what: errors of a PostgreSQL source say what is wrong, on which table, and what to do
tags quick
postgres

file leat.yml
| version: 1
| name: shop

file connections.yml
| connections:
|   shop: { type: postgres, uri: '${postgres}' }
|   other: { type: postgres, uri: '${postgres}', database: nowhere }
|   nobody: { type: postgres, uri: '${postgres}', user: nobody }
|   away: { type: postgres, host: 127.0.0.1, port: 1, database: x, user: x }
|   reader: { type: postgres, uri: '${postgres}', user: reader }

psql ${postgres}
| create table orders (id int primary key, secret text);
| create table policed (id int primary key);
| alter table policed enable row level security;
| create schema hidden;
| create table hidden.t (id int);
| do $$ begin if not exists (select from pg_roles where rolname = 'reader') then create role reader login; end if; end $$;
| grant select (id) on orders to reader;
| grant select on policed to reader;

file sources/shop.yml
| connection: shop
| tables: [ordrs]
run run
exit 1
error SRC-245
stdout ~ orders

file sources/shop.yml
| connection: other
| tables: [orders]
run run
exit 1
error SRC-244

file sources/shop.yml
| connection: nobody
| tables: [orders]
run run
exit 4
error SRC-243

file sources/shop.yml
| connection: away
| tables: [orders]
run run
exit 4
error SRC-242

file sources/shop.yml
| connection: reader
| tables: [orders]
run run
exit 4
error SRC-247
stdout ~ secret

file sources/shop.yml
| connection: reader
| tables: [hidden.t]
run run
exit 4
error SRC-247
stdout ~ GRANT USAGE ON SCHEMA

file sources/shop.yml
| connection: reader
| tables: [policed]
run run
exit 4
error SRC-247
stdout ~ row_security: true

file sources/shop.yml
| connection: shop
| tables: [{ name: orders, mode: incremental, update_key: idd, primary_key: [id] }]
run run
exit 1
error SRC-246

file sources/shop.yml
| connection: shop
| tables: [{ name: orders, mode: full-refresh }]
run run

psql ${postgres}
| alter table orders rename column secret to secrets;
| insert into orders values (1, 'x');
run run
exit 1
error RUN-549
stdout ~ renames: { secret: secrets }
