# what: a type that became wider, narrower or another one, by every policy; values that do not fit never change
tags quick

file leat.yml
| version: 1
| name: shop

file connections.yml
| connections:
|   ops: { type: sqlite, file: ops.db }

sql ops.db ok
| create table people (id integer primary key, name varchar(20), age decimal(3,0));
| insert into people values (1, 'ann', 30), (2, 'bob', 40);

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, structured: false, drift: { widened: freeze } }
run run

sql ops.db ok
| create table next (id integer primary key, name varchar(20), age decimal(9,0));
| insert into next values (1, 'ann', 30), (2, 'bob', 40), (3, 'cem', 5000);
| drop table people;
| alter table next rename to people;

# frozen: what does not fit is rejected, and that is more than max_reject
run run --output json
exit 1
json steps[asset=source.ops.people].error.code = RUN-523

foreach policy discard_row quarantine
file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, structured: false, drift: { widened: ${policy} } }
run run --output json
json steps[asset=source.ops.people].rows_in = 3
json steps[asset=source.ops.people].rows_out = 2
endforeach
query TI
| select f.rule, f.rows from leat.filters f
----
drift:widened  1

query TT
| select reason_code, message from leat.rejected where reason_code like 'drift%'
----
drift.widened  5000 is not exactly a decimal(3,0)

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, structured: false, drift: { widened: discard_column } }
run run
query II
| select count(*), count(age) from raw_ops.people
----
3  0

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, structured: false }
sql ops.db ok
| create table next (id integer primary key, name varchar(20), age varchar(10));
| insert into next select * from people;
| insert into next values (4, 'dia', 'old');
| drop table people;
| alter table next rename to people;
run run --output json
json steps[asset=source.ops.people].status = blocked
exit 1

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, structured: false, drift: { type_change: evolve } }
run run
query IT
| select id, age from raw_ops.people order by id
----
1  30
2  40
3  5000
4  old

query TTT
| select class, was, became from leat.drift order by found_at desc, class limit 1
----
additive  decimal(3,0)  string

sql ops.db ok
| create table next (id integer primary key, name varchar(20), age bigint);
| insert into next select id, name, id from people;
| drop table people;
| alter table next rename to people;
run run
query TTT
| select distinct typeof(age), min(age) over (), max(age) over () from raw_ops.people
----
BIGINT  1  4

query TTTT
| select class, was, became, action from leat.drift order by found_at desc, class limit 1
----
type_change  string  long  the column becomes long
