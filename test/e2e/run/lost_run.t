# what: a killed run is marked as lost, its finished steps are taken over, nothing of it is visible before
tags quick

include project.inc

failpoint publish.before crash
run run
exit crash

query I
| select count(*) from leat.runs where status = 'running'
----
1

run run --output json
json status = success
json steps[asset=source.shop.orders].status = adopted
json steps[asset=model.totals].status = adopted

query TI
| select status, count(*) from leat.runs group by 1 order by 1
----
failed (lost)  1
success        1

query I
| select count(*) from leat.runs r join leat.runs lost on lost.run_id = r.retry_of where lost.status = 'failed (lost)'
----
1

query I
| select count(*) from raw_shop.orders
----
3
