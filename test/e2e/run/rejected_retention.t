# what: rejected rows leave their table when they are older than rejected_retention (30 days), newer ones stay
tags quick

include orders_with_states.inc

file in/orders_1.csv
| id,state
| 1,new
| 2,lost

clock 2026-01-01T00:00:00Z
run run

file in/orders_2.csv
| id,state
| 3,new
| 4,odd

clock 2026-01-20T00:00:00Z
run run
query T sorted
| select payload from raw_shop.orders__rejected
----
{"id":2,"state":"lost"}
{"id":4,"state":"odd"}

file in/orders_3.csv
| id,state
| 5,new

clock 2026-02-01T00:00:00Z
run run
query T
| select payload from leat.rejected
----
{"id":4,"state":"odd"}

# The raw table is as it was: only the evidence goes.
query I
| select count(*) from raw_shop.orders
----
3

file leat.yml
| version: 1
| name: shop
| rejected_retention: 1h
| defaults: { max_reject: 50% }
file in/orders_4.csv
| id,state
| 6,new
| 7,wrong
run run
query T
| select payload from leat.rejected
----
{"id":7,"state":"wrong"}
