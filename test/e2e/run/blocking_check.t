# what: a failing blocking check keeps its group off main, other groups are published, the failed asset can be looked at
tags quick

include project.inc

file sources/crm.yml
| connection: inbound
| tables:
|   - { name: leads, files: 'leads.csv', structured: false }

file in/leads.csv
| id
| 1

file models/totals.yml
| models:
|   - name: totals
|     columns:
|       - name: amount
|         checks: [{ range: { max: 15 } }]

run run --output json
exit 3
json status = partial
json steps[asset=model.totals].status = blocked
json steps[asset=source.shop.orders].published = false
json steps[asset=source.shop.orders].reason ~ held back
json steps[asset=source.crm.leads].published = true
let branch = json branch

run sql -c "select * from trusted.totals"
error SQL-403

query I
| select count(*) from raw_crm.leads
----
1

query I --ref ${branch}
| select count(*) from trusted.totals
----
2

query TT
| select check_id, status from leat.check_results where step = 'model.totals' and status <> 'pass' and stage = 'branch'
----
model.totals.amount.range  fail

file models/totals.yml
| models:
|   - name: totals
|     columns:
|       - name: amount
|         checks: [{ range: { max: 100 } }]

run run --output json
json status = success
json steps[asset=source.shop.orders].status = adopted
json steps[asset=source.shop.orders].published = true
json steps[asset=source.crm.leads].status = skipped

query I
| select count(*) from raw_shop.orders
----
3

run run --output json
json status = nothing
