# what: freeze, discard_column, discard_row, quarantine and fail of a column that appeared and of one that is gone; the ledger balances
tags quick
include sqlite.inc

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, structured: false }
run run

sql ops.db ok
| alter table people add column email varchar(40);
| insert into people values (3, 'cem', 50, 'c@x'), (4, 'dia', 60, null);

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, structured: false, drift: { additive: fail } }
run run --output json
exit 1
json steps[asset=source.ops.people].error.code = RUN-549

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, structured: false, drift: { additive: discard_row } }
run run --output json
json steps[asset=source.ops.people].rows_in = 4
json steps[asset=source.ops.people].rows_filtered = 1
json steps[asset=source.ops.people].rows_out = 3
query TI
| select rule, rows from leat.filters
----
drift:additive  1

file sources/ops.yml
| connection: ops
| drift: { additive: quarantine }
| tables:
|   - { name: people, structured: false }
run run --output json
json steps[asset=source.ops.people].rows_in = 4
json steps[asset=source.ops.people].rows_rejected = 1
json steps[asset=source.ops.people].rows_out = 3
query TTTT
| select reason_code, "column", origin, payload from leat.rejected
----
drift.additive  email  ops.people:3  {"id":3,"name":"cem","age":50,"email":"c@x"}

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, structured: false, drift: freeze }
run run --output json
json steps[asset=source.ops.people].rows_out = 4
query IT
| select count(*), string_agg(column_name, ',' order by column_name) from (describe raw_ops.people) where column_name not like '\_%' escape '\'
----
3  age,id,name

# discarded: settled, also when the policy is another one again
file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, structured: false, drift: { additive: discard_column } }
sql ops.db ok
| insert into people values (5, 'eva', 70, 'e@x');
run run
file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, structured: false }
sql ops.db ok
| insert into people values (6, 'fay', 80, 'f@x');
run run --output json
json steps[asset=source.ops.people].rows_out = 6
query TTI
| select policy, action, count(*) from leat.drift where policy in ('freeze', 'discard_column') group by all order by all
----
discard_column  the column is not read  1
freeze  the column is not read  1

# removed
file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, structured: false, drift: { removed: quarantine } }
sql ops.db ok
| alter table people drop column age;
run run --output json
json steps[asset=source.ops.people].status = success
json steps[asset=source.ops.people].rows_in = 6
json steps[asset=source.ops.people].rows_rejected = 6
json steps[asset=source.ops.people].reason ~ drift set every row aside
query II
| select count(*), sum(age) from raw_ops.people
----
6  330

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, structured: false, drift: { removed: freeze } }
run run
query II
| select count(*), sum(age) from raw_ops.people
----
6  NULL

sql ops.db ok
| alter table people add column age int;
| update people set age = 1;
run run
query II
| select count(*), sum(age) from raw_ops.people
----
6  6
