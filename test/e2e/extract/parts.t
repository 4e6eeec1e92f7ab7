# what: a table is read in parts; a run that crashed between them is gone on with, and what it left behind goes
tags quick

file leat.yml
| version: 1
| name: shop
| defaults: { max_reject: 50% }

file connections.yml
| connections:
|   ops: { type: sqlite, file: ops.db, budget: { connections: 2 } }

# Files of a few bytes: a portion is as many parts as there are streams.
file sources/ops.yml
| connection: ops
| tables:
|   - name: events
|     primary_key: [id]
|     part_rows: 500
|     structured: false
|     properties: { write.target-file-size-bytes: "1" }
|     columns:
|       - name: state
|         checks: [{ accepted_values: { values: [new, paid], on_fail: quarantine } }]

sql ops.db ok
| create table events (id integer primary key, amount decimal(9,2), state text);
| with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000)
| insert into events select i, case when i % 1000 = 7 then 0.125 else i end, case when i % 100 = 3 then 'lost' else 'paid' end from n;

failpoint load.portion.kept crash @2
run run
exit crash

query I
| select count(*) from leat.commits where ref = 'main' and kind = 'publish'
----
0

run run --output json
json status = success
json steps[asset=source.ops.events].rows_in = 5000
json steps[asset=source.ops.events].rows_rejected = 55
json steps[asset=source.ops.events].rows_out = 4945
json steps[asset=source.ops.events].reason ~ of 11 parts taken over from run
let adopted = json steps[asset=source.ops.events].rows_adopted
shell test ${adopted} -gt 900 -a ${adopted} -lt 4900

query IIII
| select rows_in, rows_out, rows_rejected, rows_adopted > 900 from leat.ledger where step = 'source.ops.events'
----
5000  4945  55  true

query IIIR
| select count(*), count(distinct id), max(id), sum(amount) from raw_ops.events
----
4945  4945  5000  12369815.00

query TI
| select reason_code, count(*) from leat.rejected group by 1 order by 1
----
cast  5
check:source.ops.events.state.accepted_values  50

# Nothing of either run is left but the table: no state, no file that is in no snapshot, no connection.
shell sqlite3 .leat/state.db "select (select count(*) from load_plan) + (select count(*) from load_portion) + (select count(*) from load_folder) + (select count(*) from lease)"
stdout 0
shell test $(find .leat/warehouse -name '*.parquet' -path '*/data/*' -not -path '*rejected*' | wc -l) = $(grep -o '"total-data-files": *"[0-9]*"' $(ls -t $(find .leat/warehouse -name '*.metadata.json' -path '*events*' -not -path '*rejected*') | head -1) | tail -1 | tr -dc 0-9)
shell find .leat/warehouse -name portion.avro
stdout

# It is written while it is read: what was read is thrown away, and all is read in one transaction.
sql ops.db ok
| insert into events values (5001, 1, 'new');
failpoint load.portion.kept pause @2
start reader run --output json
reached load.portion.kept
sql ops.db ok
| insert into events values (-1, 1, 'new'), (5002, 1, 'new');
release load.portion.kept
wait reader
json steps[asset=source.ops.events].rows_in = 5003
query III
| select count(*), min(id), max(id) from raw_ops.events
----
4948  -1  5002

# Older than resume_within, or another configuration: read from the beginning, and what was left goes.
sql ops.db ok
| insert into events values (5003, 1, 'new');
failpoint load.portion.written crash @3
run run
exit crash
clock +90000
run run --output json
json steps[asset=source.ops.events].rows_in = 5004
json steps[asset=source.ops.events].rows_adopted = 0
shell sqlite3 .leat/state.db "select (select count(*) from load_plan) + (select count(*) from load_portion) + (select count(*) from load_folder)"
stdout 0
