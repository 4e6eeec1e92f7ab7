# what: leat drift shows what a run would do about changed columns, and which columns downstream are made from them; it writes nothing
tags quick
include sqlite.inc

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, drift: { removed: fail } }
|   - { name: quiet, structured: false }

file models/ages.sql
| select age / 10 as decade, count(*) as people from structured_ops.people group by 1

file models/decades.sql
| select max(decade) as greatest from ages

file models/names.sql
| select name from structured_ops.people

sql ops.db ok
| create table quiet (id int);
| insert into quiet values (1);
run run -s source:ops.people
run drift
stdout ~ source.ops.quiet: not compared, never loaded
run run
run drift
stdout
| source.ops.people: as registered
| source.ops.quiet: as registered
| 0 of 2 tables changed

sql ops.db ok
| alter table people drop column age;
| alter table people add column email varchar(40);
run drift source:ops --output json
exit 1
json fails = true
json tables[asset=source.ops.people].drift count = 2
json tables[asset=source.ops.people].drift[class=removed].column = age
json tables[asset=source.ops.people].drift[class=removed].policy = fail
json tables[asset=source.ops.people].drift[class=removed].readers count = 4
json tables[asset=source.ops.people].drift[class=removed].readers[column=age].asset = structured.ops.people
json tables[asset=source.ops.people].drift[class=removed].readers[asset=model.ages].column = decade
json tables[asset=source.ops.people].drift[class=removed].readers[asset=model.decades].column = greatest
json tables[asset=source.ops.people].drift[class=additive].became = string
json tables[asset=source.ops.quiet].drift count = 0
run drift source:ops.people
exit 1
stdout ~ reaches model.ages.decade
stdout ! reaches model.names

# nothing is registered, nothing is noted, nothing was loaded
query II
| select (select count(*) from leat.drift), (select count(*) from leat.schemas)
----
0  2

query I
| select count(*) from leat.runs
----
2

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, drift: { removed: evolve } }
|   - { name: quiet, structured: false }
run drift
stdout ~ 1 of 2 tables changed
