# what: what is registered belongs to the commit that published it: a run that was taken back, blocked or made in an environment does not count elsewhere
tags quick
include sqlite.inc

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, structured: false }
run run

run env create dev
sql ops.db ok
| alter table people add column email varchar(40);
| update people set email = name || '@x';
run run --target env/dev
query T --ref env/dev
| select string_agg(email, ',' order by id) from raw_ops.people
----
ann@x,bob@x

# main has not seen it
run drift
stdout ~ additive
run drift --target env/dev
stdout ~ source.ops.people: as registered

run run --output json
json steps[asset=source.ops.people].status = success
let run_id = json run_id
run drift
stdout ~ as registered
run lake rollback --run ${run_id}
run drift
stdout ~ additive
query TT
| select changes, status from leat.schemas order by registered_at desc limit 1
----
added email (string)  taken back

run run
query T
| select string_agg(email, ',' order by id) from raw_ops.people
----
ann@x,bob@x

# a run whose gate blocks registers nothing
file sources/ops.yml
| connection: ops
| tables:
|   - name: people
|     structured: false
|     checks: [{ row_count: { min: 5 } }]
sql ops.db ok
| alter table people add column phone varchar(40);
run run
exit 1
run drift
stdout ~ phone
