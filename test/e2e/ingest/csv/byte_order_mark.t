# what: a byte order mark is no part of the first column's name; UTF-16 is read when it is named
tags quick
include csv.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: marked, files: marked.csv, mode: full-refresh, structured: false }
|   - { name: wide, files: wide.csv, mode: full-refresh, encoding: utf-16, structured: false }

shell mkdir -p in; printf '\xef\xbb\xbfid,name\n1,ann\n' > in/marked.csv; printf 'id;name\n2;bob\xc3\xa9\n' | iconv -f utf-8 -t utf-16 > in/wide.csv
run run

query IT
| select id, name from raw_shop.marked
----
1  ann

query IT
| select id, name from raw_shop.wide
----
2  bobé
