# what: without a word in the project a database's new column is added, a wider type widens, a removed column fails the load
tags quick
include sqlite.inc

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, structured: false }

run run
query TTT
| select load_key, changes, status from leat.schemas
----
ops.people  3 columns  registered

sql ops.db ok
| alter table people add column email varchar(40);
| insert into people values (3, 'cem', 50, 'c@x');

run run
stderr ~ column
query ITIT
| select id, name, age, email from raw_ops.people order by id
----
1  ann  30  NULL
2  bob  40  NULL
3  cem  50  c@x

query TTTTTT
| select class, column_name, was, became, policy, fails from leat.drift
----
additive  email  NULL  string  evolve  false

query T
| select changes from leat.schemas order by registered_at
----
3 columns
added email (string)

sql ops.db ok
| alter table people drop column age;
| insert into people values (4, 'dia', 'd@x');
run run --output json
exit 1
json steps[asset=source.ops.people].status = blocked
json steps[asset=source.ops.people].error.code = RUN-549
query I
| select count(*) from raw_ops.people where age is not null
----
3

query TTTTT
| select class, column_name, was, policy, fails from leat.drift order by found_at desc limit 1
----
removed  age  long  fail  true

# the same, said to be so
file sources/ops.yml
| connection: ops
| drift: { removed: evolve }
| tables:
|   - { name: people, structured: false }
run run
query ITIT
| select id, name, age, email from raw_ops.people order by id
----
1  ann  NULL  NULL
2  bob  NULL  NULL
3  cem  NULL  c@x
4  dia  NULL  d@x

# it is told once
sql ops.db ok
| insert into people values (5, 'eva', 'e@x');
run run
query I
| select count(*) from leat.drift where class = 'removed' and not fails
----
1

# and back
sql ops.db ok
| alter table people add column age int;
| update people set age = id * 10;
run run
query III
| select id, age, count(*) over () from raw_ops.people order by id limit 2
----
1  10  5
2  20  5

query TT
| select action, became from leat.drift order by found_at desc limit 1
----
the column is read again  long
