# what: rejected rows of a run that was killed before they were on main get there, once, when the run is recovered
tags quick

foreach point run.rejected.before run.rejected.committed publish.before run.ending

shell rm -rf .leat

include orders_with_states.inc

file in/orders_1.csv
| id,state
| 1,new
| 2,lost

failpoint ${point} crash
run run
exit crash

run run
query TII
| select payload, count(*), count(distinct run_id) from leat.rejected group by 1
----
{"id":2,"state":"lost"}  1  1

query I
| select count(*) from leat.rejected join leat.runs using (run_id) where leat.runs.started_at = (select min(started_at) from leat.runs)
----
1

query I
| select count(*) from raw_shop.orders
----
1

endforeach
