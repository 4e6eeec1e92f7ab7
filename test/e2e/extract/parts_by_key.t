# what: modes that need all rows at once (keys, partitions, order) take portions as their input, also after a crash
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
|   - { name: people, mode: incremental, update_key: changed, primary_key: [id], part_rows: 100, structured: false, properties: { write.target-file-size-bytes: "1" } }
|   - { name: days, mode: full-refresh, partition_by: [kind], sort_by: [id], part_rows: 100, structured: false, properties: { write.target-file-size-bytes: "1" } }

sql ops.db ok
| create table people (id integer primary key, name text, changed integer);
| create table days (id integer primary key, kind text);
| with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000)
| insert into people select i, 'p' || i, i from n;
| insert into days select id, 'k' || (id % 3) from people;

run run

sql ops.db ok
| update people set name = 'renamed', changed = 2000 + id where id > 300;
| update days set kind = 'k9' where id > 900;

foreach point load.portion.kept load.portion.written load.written load.committed
failpoint ${point} crash
run run
exit crash
endforeach

run run --output json
json steps[asset=source.ops.people].rows_updated = 700
json steps[asset=source.ops.people].watermark_after = 3000

query II
| select count(*), count(*) filter (name = 'renamed') from raw_ops.people
----
1000  700

query TI
| select kind, count(*) from raw_ops.days group by 1 order by 1
----
k0  300
k1  300
k2  300
k9  100

shell sqlite3 .leat/state.db "select (select count(*) from load_plan) + (select count(*) from load_portion) + (select count(*) from load_folder) + (select count(*) from lease)"
stdout 0
run run --output json
json status = nothing
