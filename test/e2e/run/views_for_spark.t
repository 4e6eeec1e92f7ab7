# what: views of models: a text for Spark generated where it is plainly the same, given by the model, none where it may differ
tags quick

file leat.yml
| version: 1
| name: shop
file connections.yml
| connections: { inbound: { type: csv, path: in } }
file in/orders.csv
| id,customer
| 1,ann
| 2,ben
file sources/shop.yml
| connection: inbound
| tables: [{ name: orders, files: 'orders.csv', structured: false }]
file models/same.sql
| {{ config(materialized='view') }}
| select customer as who, count(*) as n from {{ source('shop', 'orders') }} where customer <> 'x' group by customer
file models/other.sql
| {{ config(materialized='view') }}
| select upper(customer) as who from {{ source('shop', 'orders') }}
file models/given.sql
| select upper(customer) as who from {{ source('shop', 'orders') }}
file models/given.yml
| models:
|   - name: given
|     config:
|       materialized: view
|       spark_sql: select upper(customer) as who from raw_shop.orders
run run
exit 0

serve
http GET /iceberg/v1/lake/namespaces/trusted/views/same
status 200
json metadata.versions[0].representations[1].dialect = spark
json metadata.versions[0].representations[1].sql = SELECT `orders`.`customer` AS `who`, count(*) AS `n` FROM `raw_shop`.`orders` AS `orders` WHERE (`orders`.`customer` <> 'x') GROUP BY `orders`.`customer`
http GET /iceberg/v1/lake/namespaces/trusted/views/given
json metadata.versions[0].representations[1].sql = select upper(customer) as who from raw_shop.orders
http GET /iceberg/v1/lake/namespaces/trusted/views/other
json metadata.versions[0].representations count = 1
json metadata.versions[0].representations[0].dialect = duckdb
stop

file models/given.yml
| models: [{ name: given, config: { spark_sql: select 1 } }]
run plan
exit 2
error PROJ-218
