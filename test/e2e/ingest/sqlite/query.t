# what: `query` instead of a table of an SQLite file: declared types, update keys of columns and of expressions, what is refused and where
tags quick

file leat.yml
| version: 1
| name: shop
| defaults: { max_reject: 60% }

file connections.yml
| connections:
|   ops: { type: sqlite, file: ops.db }

file sources/ops.yml
| connection: ops
| tables:
|   - name: paid
|     structured: false
|     query: |
|       -- the day's orders; with names
|       SELECT o.id, o.amount, o.day, c.name AS customer, o.amount * 2 AS twice, o.rowid AS rowid
|       FROM orders o JOIN customers c ON c.id = o.customer
|       WHERE o.paid AND c.name <> ';' ; -- that is all
|   - { name: upserted, mode: incremental, update_key: changed, primary_key: [id], query: 'WITH o AS (SELECT * FROM orders) SELECT id, amount, at + 0 AS changed FROM o', structured: false }
|   - { name: appended, mode: append, update_key: at, query: 'SELECT at, count(*) AS "how many" FROM orders GROUP BY at', structured: false }
|   - { name: constants, query: 'VALUES (1, ''a''), (2, ''b'')', structured: false }

sql ops.db ok
| create table customers (id integer primary key, name varchar(9));
| create table orders (id integer primary key, customer int, amount decimal(9,2), day date, paid boolean, at int);
| insert into customers values (1, 'Ann'), (2, 'Bo');
| insert into orders values (1, 1, 2.5, '2026-01-01', 1, 9), (2, 2, 10, '2026-01-02', 1, 10), (3, 1, 7.125, '2026-01-02', 1, 10), (4, 1, 1, null, 0, 10);

run run --output json
json steps[asset=source.ops.paid].rows_in = 3
json steps[asset=source.ops.paid].rows_rejected = 1

query ITTTRI
| select id, amount, day, customer, twice, rowid from raw_ops.paid order by id
----
1  2.50  2026-01-01  Ann  5.0  1
2  10.00  2026-01-02  Bo  20.0  2

query TT
| select column_name, column_type from (describe select * from raw_ops.paid) where column_name not like '\_%' escape '\'
----
id  BIGINT
amount  DECIMAL(9,2)
day  DATE
customer  VARCHAR
twice  DOUBLE
rowid  BIGINT

query II
| select (select sum(column1) from raw_ops.constants), (select count(*) from raw_ops.upserted)
----
3  3

# A number that only an expression gives is compared as one: 100 is behind 10.
sql ops.db ok
| update orders set amount = 8, at = 100 where id = 3;

run run --output json
json steps[asset=source.ops.upserted].rows_in = 1
json steps[asset=source.ops.upserted].watermark_after = 100
json steps[asset=source.ops.appended].rows_in = 1

query IT
| select id, amount from raw_ops.upserted order by id
----
1  2.50
2  10.00
3  8.00
4  1.00

query II
| select "at", "how many" from raw_ops.appended order by "at"
----
9  1
10  3
100  1

# The file is the same, the answer may be another: a query is asked anew.
run run --output json
json steps[asset=source.ops.constants].rows_in = 2

# A column that the query gives now is added; one that it gives no longer blocks the load.
file sources/ops.yml
| connection: ops
| tables:
|   - { name: paid, query: 'SELECT id, amount, day, paid, amount * 2 AS twice, ''x'' AS customer, 2 AS rowid FROM orders', structured: false }

run drift
exit 0
stdout ~ additive

run run
query II
| select count(*), count(paid) from raw_ops.paid
----
4  4

file sources/ops.yml
| connection: ops
| tables:
|   - { name: paid, query: 'SELECT id, amount, day, paid FROM orders', structured: false }

run run
error RUN-549

file sources/ops.yml
| connection: ops
| tables:
|   - { name: t, query: DELETE FROM orders }

run run
error SRC-435 at sources/ops.yml:3:23

file sources/ops.yml
| connection: ops
| tables:
|   - { name: t, query: SELECT id FROM orders; DELETE FROM orders }

run run
error SRC-435 at sources/ops.yml:3:23

file sources/ops.yml
| connection: ops
| tables:
|   - { name: t, query: 'SELECT a.id, b.id FROM orders a, orders b' }

run run
error SRC-436 at sources/ops.yml:3:23

file sources/ops.yml
| connection: ops
| tables:
|   - name: t
|     query: SELECT wrong FROM orders

run run
error SRC-437 at sources/ops.yml:4:12
stdout ~ no such column: wrong

file sources/ops.yml
| connection: ops
| tables:
|   - { name: t, query: 'SELECT id FROM orders WHERE id = :id' }

run run
error SRC-437 at sources/ops.yml:3:23
stdout ~ :id

file sources/ops.yml
| connection: ops
| tables:
|   - { name: t, table: orders, query: SELECT 1 AS one }

run run
error SRC-319 at sources/ops.yml:3:38

file sources/ops.yml
| connection: ops
| tables:
|   - { name: t, mode: append, update_key: changed, query: SELECT id FROM orders }

run run
exit 1
stdout ~ changed

