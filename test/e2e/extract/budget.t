# what: the budget of a connection: checked with its place, waited for, shown by plan, its cost in leat.source_cost
tags quick

file leat.yml
| version: 1
| name: shop

file connections.yml
| connections:
|   ops: { type: sqlite, file: ops.db, budget: { connections: 0, rate: 20MB, hours: 8-10, calls: "1/x" } }

file sources/ops.yml
| connection: ops
| tables:
|   - { name: people, primary_key: [id], structured: false }

sql ops.db ok
| create table people (id integer primary key, name text);
| insert into people values (1, 'ann'), (2, 'bob');

run check
exit 2
error CFG-107 at connections.yml:2:61
stderr ~ such as 20MB/s
stderr ~ such as 20:00-06:00 Europe/Berlin
stderr ~ such as 100/1m or 1/15m

file connections.yml
| connections:
|   ops: { type: sqlite, file: ops.db, budget: { connections: 1, rate: 1MB/s, hours: "20:00-06:00 Europe/Berlin" } }

run describe source sqlite
stdout ~ budget  (map)

# At noon the hours are further away than a step waits.
clock 2026-01-15T12:00:00Z
run plan
stdout ~ first load; waits for the hours of ops (20:00-06:00 Europe/Berlin), which begin at 2026-01-15T19:00:00Z
run plan --output json
json steps[asset=source.ops.people].waits.until = 2026-01-15T19:00:00Z
run run
exit 4
error SRC-240
stdout ~ 2026-01-15T19:00:00Z

clock 2026-01-15T20:00:00Z
run plan --output json
json steps[asset=source.ops.people].waits = null
run run --output json
json source_cost[step=source.ops.people].statements = 1
json source_cost[step=source.ops.people].rows = 2

query TIII
| select step, connections, statements, rows from leat.source_cost where statements > 0
----
source.ops.people  1  1  2

# A place in the budget is a lease; the run gave it back.
shell sqlite3 .leat/state.db "select count(*) from lease"
stdout 0
