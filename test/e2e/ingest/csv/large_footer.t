# what: types of a large file with a header over two lines and lines at its end are found without them, and all threads end where the rows do
tags quick
include csv.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: big, files: big.csv, structured: false, header_rows: 2, footer: 1 }

shell mkdir -p in; { printf 'id,amount\n,EUR\n'; seq 1 900000 | awk '{ printf "%d,%d.25\n", $1, $1 }'; printf 'total,none'; } > in/big.csv; test "$(stat -c %s in/big.csv)" -gt 9000000
run run --output json
json steps[asset=source.shop.big].rows_out = 900000
json steps[asset=source.shop.big].rows_rejected = 0
query TTTT
| select typeof(max(id)), typeof(max("amount_EUR")), sum("amount_EUR")::varchar, max(_source_row)::varchar from raw_shop.big
----
BIGINT  DECIMAL(18,2)  405000675000.00  900002
