# what: sums of integers (HUGEINT) keep all their digits, and stay whole numbers from run to run
tags quick

file leat.yml
| version: 1
| name: sums

file models/sums.sql
| {{ config(materialized='incremental', unique_key='k') }}
| select 1 as k, sum(n) as total, count(*) as n from (values (9007199254740993), (2)) t(n)

run run
query ITT
| select k, total::varchar, typeof(total) from sums
----
1  9007199254740995  DECIMAL(38,0)

run run --force
query ITT
| select k, total::varchar, typeof(total) from sums
----
1  9007199254740995  DECIMAL(38,0)

file models/sums.sql
| {{ config(materialized='incremental', unique_key='k') }}
| select 1 as k, sum(n) as total, count(*) as n from (values (99999999999999999999999999999999999999), (2)) t(n)

run run
exit 1
