# what: a file that is not UTF-8 is an error with the place and what to set; named, it is read
tags quick
include csv.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: people, files: people.csv, structured: false }

shell mkdir -p in; printf 'id,name\n1,ann\n2,Andr\xe9\n' > in/people.csv
run run --output json
exit 1
json steps[asset=source.shop.people].error.code = SRC-211
json steps[asset=source.shop.people].error.message ~ in/people.csv is not UTF-8 (byte 0xe9 in line 3)
json steps[asset=source.shop.people].error.hint ~ latin-1

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: people, files: people.csv, encoding: latin-1, structured: false }

run run
query IT
| select id, name from raw_shop.people order by id
----
1  ann
2  André
