# what: an incremental model with incremental_strategy append adds all rows of its SELECT, without a key
tags quick
include base.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: prices, files: prices.csv, mode: full-refresh, structured: false }

file models/price_log.sql
| {{ config(materialized='incremental', incremental_strategy='append') }}
| select item, price from raw_shop.prices

file in/prices.csv
| item,price
| a,1
| b,2

run run --output json
json steps[asset=model.price_log].rows_inserted = 2

file in/prices.csv
| item,price
| a,1
| b,3

run run --output json
json steps[asset=model.price_log].rows_in = 2
json steps[asset=model.price_log].rows_inserted = 2
json steps[asset=model.price_log].rows_deleted = 0

query TI
| select item, price from trusted.price_log order by all
----
a  1
a  1
b  2
b  3

file models/price_log.sql
| {{ config(incremental_strategy='append') }}
| select item, price from raw_shop.prices

run check --output json
exit 2
stdout ~ PROJ-214
