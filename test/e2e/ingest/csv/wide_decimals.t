# what: decimals of more than 18 digits, declared or inferred with a large scale, arrive digit for digit
tags quick
include csv.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - name: places
|     files: places.csv
|     structured: false
|     columns:
|       - { name: declared, data_type: "decimal(38,10)" }

file in/places.csv
| id,declared,lat
| 1,1.5,41.130472200000001
| 2,-0.0000000001,-80.619583300000002
| 3,9999999999999999999999999999.9999999999,0
| 4,-9999999999999999999999999999.9999999999,-7
| 5,,123456.7

run run

query TT
| select typeof(declared), typeof(lat) from raw_shop.places limit 1
----
DECIMAL(38,10)  DECIMAL(38,15)

query ITT
| select id, declared, lat from raw_shop.places order by id
----
1  1.5000000000                               41.130472200000001
2  -0.0000000001                              -80.619583300000002
3  9999999999999999999999999999.9999999999    0.000000000000000
4  -9999999999999999999999999999.9999999999   -7.000000000000000
5  NULL                                       123456.700000000000000
