# what: leat discover shows what a connection has; leat add source writes how to load it, with reasons, and it loads as written
tags quick

file leat.yml
| version: 1
| name: shop

file connections.yml
| connections:
|   ops: { type: sqlite, file: ops.db }
|   inbound: { type: csv, path: . }

sql ops.db ok
| create table orders (id integer primary key, amount decimal(9,2) not null, updated_at timestamp not null);
| create index orders_by_change on orders (updated_at);
| insert into orders values (1, 2.5, '2026-01-01 10:00:00'), (2, 3, '2026-01-02 10:00:00');
| create table "Order Lines" ("order" int not null, line int not null, text varchar(9), unique ("order", line));
| insert into "Order Lines" values (1, 1, 'a'), (1, 2, 'b');
| create table orders_audit (id int, changed_at timestamp);
| create table changes_without_key (note varchar(9), last_modified datetime not null);
| create view big as select * from orders where amount > 2.75;

run discover ops --output json
json . count = 5
json [name=orders].rows = 2
json [name=orders].primary_key = ["id"]
json [name=orders].mode = incremental
json [name=orders].update_key = updated_at
json [name=orders].columns[name=updated_at].leads_index = true
json [name=orders].columns[name=updated_at].nullable = false
json [name=orders].columns[name=amount].leads_index = false
json [name=Order Lines].unique_key = ["order","line"]
json [name=Order Lines].mode = full-refresh
json [name=orders_audit].left_out ~ log that the source keeps
json [name=changes_without_key].mode_reason ~ no key tells which rows they replace
json [name=big].kind = view

run discover ops 'ORD*' --columns
stdout ~ updated_at
stdout ~ not null, indexed

run add source ops --dry-run
stdout
| # From `leat add source`: how each table is loaded, and why. The source's catalogue was read; no table was scanned.
| source: ops
| connection: ops
| tables:
|   - name: Order_Lines                       # table, about 2 rows (small)
|     table: "Order Lines"
|     mode: full-refresh                      # no column tells which rows changed
|     primary_key: [order, line]              # no primary key; a unique index over columns that are never null
|   - name: big                               # view, of unknown size (unknown)
|     mode: full-refresh                      # updated_at tells which rows changed, but no key tells which rows they replace
|     # look at this: every load reads all of it: name the columns of its key, if you know them, as `primary_key`, and it can be incremental
|   - name: changes_without_key               # table, about 0 rows (small)
|     mode: full-refresh                      # last_modified tells which rows changed, but no key tells which rows they replace
|   - name: orders                            # table, about 2 rows (small)
|     mode: incremental                       # rows that are new or changed replace those of their key
|     update_key: updated_at                  # by its name, the time of a row's last change (timestamp, not null, indexed)
|     primary_key: [id]                       # the table's primary key
|     look_back: 10m                          # transactions that began earlier may commit later
|     reconcile: { every: 1d }                # rows that were deleted are found by comparing the keys
stderr ~ left out: orders_audit

run add source ops
stdout ~ sources/ops.yml: 4 tables of ops
run run
query II
| select (select count(*) from raw_ops.orders), (select count(*) from "raw_ops"."Order_Lines")
----
2  2

# A second time: what is loaded is named and left out, the file is never written over.
run add source ops
stderr ~ left out: orders (loaded as source.ops.orders already)
stderr ~ left out: Order Lines (loaded as source.ops.Order_Lines already)
stderr ~ nothing to add
run add source ops orders_audit
exit 2
error APP-206
run add source ops orders_audit --name one
stdout ~ sources/one.yml: 1 table of ops
shell rm sources/one.yml
run add source ops orders_audit --name audit --output json
json file = sources/audit.yml
json added = ["orders_audit"]
run check
exit 0

# What was written is what a change needs.
sql ops.db ok
| update orders set amount = 4, updated_at = '2026-01-03 10:00:00' where id = 2;
run run
query IR
| select id, amount from raw_ops.orders order by id
----
1  2.50
2  4.00

run discover opps
exit 2
error PROJ-206
stderr ~ 'ops'
run discover ops ordrs
exit 2
error RUN-553
stderr ~ 'orders'
run discover inbound
exit 2
error RUN-552
run add source ops --name ../out
exit 2
error PROJ-205
