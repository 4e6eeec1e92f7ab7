# what: the system tables have the columns that they promise, and their numbers belong together
tags quick

include project.inc

run run

query I
| select count(*) from leat.ledger where rows_in = rows_out + rows_rejected + rows_filtered and snapshot_after is not null
----
3

query TTI
| select asset, kind, rows_out from leat.ledger order by asset
----
model.totals        handover  2
source.ops.people   load      3
source.shop.orders  load      3

query I
| select count(*) from (select run_id, step, asset, rows_in, rows_out, rows_rejected, rows_filtered, bytes_in, bytes_out, watermark_before, watermark_after, snapshot_before, snapshot_branch, snapshot_after, kind from leat.ledger)
----
3

query TI
| select input, rows_in_snapshot from leat.step_inputs where step = 'model.totals' order by 1
----
raw_ops.people   3
raw_shop.orders  3

query I
| select count(*) from leat.step_inputs i join leat.ledger l on l.run_id = i.run_id and i.snapshot_id = l.snapshot_after
----
2

query T
| select distinct status from leat.steps
----
success

query I
| select count(*) from leat.commits c join leat.runs r on r.commit_id = c.commit_id where c.object_name = 'trusted.totals'
----
1

query I
| select count(*) from leat.lineage where asset = 'model.totals' and column_name = 'name' and input_column = 'name'
----
1

query I
| select (select count(*) from leat.check_results) + (select count(*) from leat.filters) + (select count(*) from leat.rejected)
----
0

query I
| select count(*) from leat.run_log
----
3
