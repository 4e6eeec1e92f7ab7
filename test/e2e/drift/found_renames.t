# what: a column that is gone and a new one with the same values are proposed as one, with a confidence; `rename: apply` renames it
tags quick
include sqlite.inc

sql ops.db ok
| with recursive n(i) as (select 3 union all select i + 1 from n where i < 100) insert into people select i, 'name ' || i, i % 7 from n;
file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, structured: false }
run run

sql ops.db ok
| alter table people rename column name to full_name;
| alter table people rename column age to years;
| alter table people add column note varchar(20);
| update people set full_name = 'other' where id = 1;
| update people set note = 'note ' || id;

# proposed: the run would fail all the same
run drift --output json
exit 1
json tables[0].drift[class=rename].was = name
json tables[0].drift[class=rename].became = full_name
json tables[0].drift[class=rename].policy = propose
json tables[0].drift[class=rename].fails = false
run drift
exit 1
stdout ~ renames: { name: full_name }` says so: 99 of 100 rows of the same key are equal
stdout ~ renames: { age: years }
run run --output json
exit 1
json steps[asset=source.ops.people].error.code = RUN-549

# ages have 9 different values: below the confidence that is asked for
file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, structured: false, drift: { rename: apply, confidence: 95%, removed: evolve } }
run run
query IIII
| select count(full_name), count(age), count(years), count(note) from raw_ops.people
----
100  0  100  100

query TTTT
| select was, became, policy, confidence > 0.95 from leat.drift where class = 'rename' and policy = 'apply'
----
name  full_name  apply  true

query T
| select changes from leat.schemas order by registered_at desc limit 1
----
renamed name to full_name; gone age; added years (long); added note (string)
