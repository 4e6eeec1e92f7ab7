# what: a packed file with one changed byte, or a few missing, is a bad file: never its other values, never a part of its rows
tags quick

file leat.yml
| version: 1
| name: shop

file connections.yml
| connections:
|   inbound: { type: csv, path: in, on_bad_file: skip }

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: sums, files: '*.csv.*', structured: false }
|   - { name: zips, files: '*.zip', structured: false }

# Stored, not compressed: a changed digit is still a csv file, only the checksum tells.
file in/a.csv
| id,amount
| 1,1000
| 2,2000
shell cd in && gzip -c a.csv > good.csv.gz && head -c -8 good.csv.gz > no_end.csv.gz && head -c -4 good.csv.gz > half_end.csv.gz && (cat good.csv.gz; echo more) > behind.csv.gz && (cat good.csv.gz; printf '3,3000\n' | gzip -c) > twice.csv.gz
shell cd in && (head -c -8 good.csv.gz; printf 'abcd'; tail -c 4 good.csv.gz) > sum.csv.gz && bzip2 -c a.csv | head -c 12 > start.csv.bz2 && bzip2 -c a.csv | head -c -4 > cut.csv.bz2 && zstd -q -c a.csv | head -c -3 > cut.csv.zst && rm a.csv
shell cd in && printf 'id,amount\n1,1000\n' > a.csv && printf 'id,amount\n2,2000\n' > b.csv && printf 'PK\003\004\012\000\000\000\000\000\000\000\000\000' > head && S=$(gzip -c a.csv | tail -c 8 | head -c 4 | od -An -tx1 | tr -d ' \n') && (cat head; gzip -c a.csv | tail -c 8 | head -c 4; printf '\021\000\000\000\021\000\000\000\005\000\000\000a.csv'; cat a.csv) > only_a_member.zip && sed 's/1000/9000/' only_a_member.zip > changed.zip && rm a.csv b.csv head

run run --output json
json status = success
json steps[asset=source.shop.sums].rows_out = 5
json steps[asset=source.shop.sums].rows_rejected = 7
json steps[asset=source.shop.zips].rows_out = 0
json steps[asset=source.shop.zips].rows_rejected = 2

query TI
| select _source_file, sum(amount) from raw_shop.sums group by 1 order by 1
----
in/good.csv.gz  3000
in/twice.csv.gz  6000

query TT
| select origin, regexp_extract(message, 'unpacked: (.*?)(: 0x.*)?$', 1) from leat.rejected where reason_code = 'file' order by origin
----
in/behind.csv.gz  incorrect header check
in/changed.zip  ZIP bad CRC
in/cut.csv.bz2  truncated bzip2 input
in/cut.csv.zst  Truncated zstd input
in/half_end.csv.gz  it is cut off
in/no_end.csv.gz  it is cut off
in/only_a_member.zip  its bytes are not sound
in/start.csv.bz2  it is cut off
in/sum.csv.gz  incorrect data check
