# what: excluded columns are never read, also when they are excluded later; keys cannot be
tags quick

file leat.yml
| version: 1
| name: shop

file connections.yml
| connections:
|   ops: { type: sqlite, file: ops.db }

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, primary_key: [id], exclude: [ID], structured: false }

run check
exit 2
error PROJ-209 at sources/ops.yml:3:49

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, primary_key: [id], exclude: [password, 'TMP_*'], structured: false }

sql ops.db ok
| create table people (id integer primary key, password text, name text, tmp_a text, tmp_b text);
| insert into people values (1, 'secret', 'ann', 'a', 'b');

run run
query IT
| select id, name from raw_ops.people
----
1  ann

run sql -c "select password from raw_ops.people"
exit 2
error SQL-201
run sql -c "select tmp_a from raw_ops.people"
exit 2
error SQL-201
shell ! grep -r secret .leat/warehouse

# Excluded later: what was loaded stays, new rows have NULL.
file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, primary_key: [id], exclude: [password, 'tmp_*', name], structured: false }
sql ops.db ok
| insert into people values (2, 'secret', 'bob', 'a', 'b');
run run
query IT
| select id, name from raw_ops.people order by id
----
1  NULL
2  NULL

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, exclude: ['*'], structured: false }
run run
exit 1
error RUN-548 at sources/ops.yml:3:13
