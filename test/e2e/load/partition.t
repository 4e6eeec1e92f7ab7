# what: mode partition replaces exactly the partitions that occur in the extract, in one snapshot; models do it with insert_overwrite
tags quick
include base.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: sales, files: 'sales_*.csv', mode: partition, partition_by: [month(day)], structured: false }

file models/by_month.sql
| {{ config(materialized='incremental', incremental_strategy='insert_overwrite', partition_by=['month']) }}
| select month(day) as month, count(*) as n from {{ source('shop', 'sales') }} where day >= '2020-02-01' group by 1

file in/sales_1.csv
| day,amount
| 2020-01-01,1
| 2020-01-31,2
| 2020-02-01,3
| 2020-03-01,4

run run --output json
json steps[asset=source.shop.sales].rows_inserted = 4
json steps[asset=source.shop.sales].rows_deleted = 0

file in/sales_2.csv
| day,amount
| 2020-01-15,10
| 2020-03-15,20
| 2020-04-15,30
| 2020-03-16,21

run run --output json
json steps[asset=source.shop.sales].rows_in = 4
json steps[asset=source.shop.sales].rows_out = 4
json steps[asset=source.shop.sales].rows_inserted = 4
json steps[asset=source.shop.sales].rows_deleted = 3
json steps[asset=model.by_month].rows_inserted = 3
json steps[asset=model.by_month].rows_deleted = 2

query TI
| select day, amount from raw_shop.sales order by day
----
2020-01-15  10
2020-02-01  3
2020-03-15  20
2020-03-16  21
2020-04-15  30

query II
| select month, n from trusted.by_month order by 1
----
2  1
3  2
4  1

run lake snapshots raw_shop.sales --output json
json . count = 2
json [1].summary.operation = overwrite

# an extract without rows replaces no partition
file in/sales_3.csv
| day,amount

run run --output json
json steps[asset=source.shop.sales].rows_in = 0
query I
| select count(*) from raw_shop.sales
----
5

# the partitions that the old files are in are no longer those of the table
file sources/shop.yml
| connection: inbound
| tables:
|   - { name: sales, files: 'sales_*.csv', mode: partition, partition_by: [year(day)], structured: false }

file in/sales_4.csv
| day,amount
| 2020-01-15,11

run run --output json
exit 1
json steps[asset=source.shop.sales].error.code = RUN-538
query I
| select count(*) from raw_shop.sales
----
5

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: sales, files: 'sales_*.csv', mode: partition }

run check --output json
exit 2
stdout ~ PROJ-209
