# what: an extract without rows keeps what a full load has, with a warning and a reason, unless the source may be empty: on_empty
tags quick
include base.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: kept, files: 'kept*.csv', mode: full-refresh, structured: false }
|   - { name: replaced, files: replaced.csv, mode: truncate, on_empty: replace, structured: false }
|   - { name: failed, files: failed.csv, mode: full-refresh, on_empty: fail, structured: false }

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, mode: full-refresh, structured: false }

shell mkdir -p in; for t in kept replaced failed; do printf 'id\n1\n2\n' > in/$t.csv; done
sql ops.db ok
| create table people (id integer primary key);
| insert into people values (1), (2), (3);

run run
query IIII
| select (select count(*) from raw_shop.kept), (select count(*) from raw_shop.replaced), (select count(*) from raw_shop.failed), (select count(*) from raw_ops.people)
----
2  2  2  3

shell for t in kept replaced failed; do printf 'id\n' > in/$t.csv; done
sql ops.db ok
| delete from people;

run run --output json
exit 3
json steps[asset=source.shop.kept].status = success
json steps[asset=source.shop.kept].reason ~ no rows
json steps[asset=source.shop.kept].checks_warned = 1
json steps[asset=source.shop.kept].rows_deleted = 0
json steps[asset=source.ops.people].reason ~ no rows
json steps[asset=source.shop.replaced].rows_deleted = 2
json steps[asset=source.shop.failed].status = blocked
json steps[asset=source.shop.failed].error.code = RUN-537

query IIII
| select (select count(*) from raw_shop.kept), (select count(*) from raw_shop.replaced), (select count(*) from raw_shop.failed), (select count(*) from raw_ops.people)
----
2  0  2  3

# no file at all is an empty extract, too
remove in/kept.csv
run run --select source:shop.kept --output json
json steps[asset=source.shop.kept].reason ~ no rows
query I
| select count(*) from raw_shop.kept
----
2

# and rows again are taken as always
file in/kept.csv
| id
| 7

run run --select source:shop.kept --output json
json steps[asset=source.shop.kept].rows_deleted = 2
query I
| select id from raw_shop.kept
----
7

# on_empty belongs to what replaces all rows
file sources/shop.yml
| connection: inbound
| tables:
|   - { name: kept, files: 'kept*.csv', on_empty: replace }

run check --output json
exit 2
stdout ~ PROJ-209
