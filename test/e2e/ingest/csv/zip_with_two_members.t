# what: each member of a zip is a file of its own; gz and zst are unpacked; a broken archive is an error
tags quick
require program python3
include csv.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: orders, files: ['*.zip', '*.csv.gz'], structured: false }

shell mkdir -p in; python3 -c "import zipfile, gzip; z = zipfile.ZipFile('in/a.zip', 'w', zipfile.ZIP_DEFLATED); z.writestr('x.csv', 'id,name\n1,ann\n'); z.writestr('y.csv', 'id,name\n2,bob\n'); z.close(); gzip.open('in/b.csv.gz', 'wt').write('id,name\n3,cid\n')"
run run --output json
json steps[asset=source.shop.orders].rows_in = 3

query ITT
| select id, name, _source_file from raw_shop.orders order by id
----
1  ann  in/a.zip!x.csv
2  bob  in/a.zip!y.csv
3  cid  in/b.csv.gz

shell head -c 60 in/a.zip > in/c.zip
run run --output json
exit 1
json steps[asset=source.shop.orders].error.code = IO-401
