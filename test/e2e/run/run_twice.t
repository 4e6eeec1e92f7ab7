# what: the second run writes nothing and says why for each step; a new file loads just that file
tags quick

include project.inc

run run --output json
json status = success
json steps[asset=source.shop.orders].rows_in = 3
json steps[asset=source.shop.orders].published = true
json steps[asset=model.totals].rows_out = 2
let first = json commit

run run --output json
json status = nothing
json commit = null
json steps[asset=source.shop.orders].reason ~ 1 file unchanged
json steps[asset=source.ops.people].reason ~ the source is unchanged
json steps[asset=model.totals].reason ~ unchanged

query I
| select count(*) from leat.commits where kind = 'publish' and ref = 'main' and object_name = 'trusted.totals'
----
1

file in/orders_2.csv
| id,person,amount
| 4,1,1.05
| 5,3,2.00

run plan
stdout ~ 1 new file
stdout ~ source is unchanged

run run --output json
json status = success
json steps[asset=source.shop.orders].rows_in = 2
json steps[asset=source.shop.orders].reason = 1 new file
json steps[asset=source.ops.people].status = skipped

query TR sorted
| select name, amount from trusted.totals
----
ann  13.55
bob  20.25
cid  2.00

run run --force --output json
json status = success
query TR sorted
| select name, amount from trusted.totals
----
ann  13.55
bob  20.25
cid  2.00

run run --output json
json status = nothing
