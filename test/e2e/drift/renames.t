# what: `renames` gives a column its new name with all its values, by field id; also in the structured copy
tags quick
include sqlite.inc

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, mode: incremental, update_key: id, primary_key: [id] }
run run

sql ops.db ok
| alter table people rename column name to full_name;
| insert into people values (3, 'cem', 50);
run run --output json
exit 1
json steps[asset=source.ops.people].error.code = RUN-549

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, mode: incremental, update_key: id, primary_key: [id], renames: { name: full_name } }
run run
query IT
| select id, full_name from raw_ops.people order by id
----
1  ann
2  bob
3  cem

query IT
| select id, full_name from structured_ops.people order by id
----
1  ann
2  bob
3  cem

query I
| select count(*) from (describe raw_ops.people) where column_name = 'name'
----
0

query TTTT
| select class, was, became, policy from leat.drift where not fails
----
rename  name  full_name  renames

# said for ever, done once
sql ops.db ok
| insert into people values (4, 'dia', 60);
run run
query II
| select count(full_name), (select count(*) from leat.drift where class = 'rename') from raw_ops.people
----
4  1

# A rename that is said after both columns were loaded: the values are not mixed up, and it is told, once.
file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, mode: incremental, update_key: id, primary_key: [id], drift: evolve }
sql ops.db ok
| alter table people rename column full_name to whole_name;
| insert into people values (5, 'eva', 70);
run run
file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, mode: incremental, update_key: id, primary_key: [id], drift: evolve, renames: { full_name: whole_name } }
sql ops.db ok
| insert into people values (6, 'fay', 80);
run run
sql ops.db ok
| insert into people values (7, 'gil', 90);
run run
query IT
| select count(*), max(action) from leat.drift where class = 'rename' and became = 'whole_name' and policy = 'renames'
----
1  nothing: the table has whole_name already, and older rows keep their values in full_name. Put them together in an environment (`leat sql --write`: UPDATE … SET whole_name = coalesce(whole_name, full_name)), publish it, and take the entry out of `renames`

query ITT
| select id, full_name, whole_name from raw_ops.people where id > 3 order by id
----
4  dia   NULL
5  NULL  eva
6  NULL  fay
7  NULL  gil

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, renames: { a: b, c: b } }
run check
exit 2
error PROJ-219 at sources/ops.yml:3:30
