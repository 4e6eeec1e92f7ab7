# what: a text that is declared to be a time of the day is taken exactly or its row is rejected: digits below microseconds are not cut
tags quick

file leat.yml
| version: 1
| name: shop
| defaults: { max_reject: 80% }

file connections.yml
| connections:
|   exports: { type: parquet, path: in }

file sources/shop.yml
| connection: exports
| tables:
|   - name: shifts
|     files: 'shifts_*.parquet'
|     structured: false
|     columns:
|       - { name: began, data_type: time }

shell mkdir -p in
shell $LEAT sql -c "select * from (values (1, '08:30:00'), (2, '08:30:00.123456'), (3, '08:30:00.1234567'), (4, '25:00:00'), (5, null)) t(id, began)" --output parquet --file in/shifts_1.parquet
run run

query IT
| select id, began from raw_shop.shifts order by id
----
1  08:30:00
2  08:30:00.123456
5  NULL

query T
| select message from leat.rejected order by message
----
'08:30:00.1234567' is not exactly a time
'25:00:00' is not exactly a time
