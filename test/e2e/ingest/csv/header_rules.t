# what: names that come twice, names from the project, lines before a header, a header over several lines, comments and lines at the end
tags quick
include csv.inc

file sources/shop.yml
| connection: inbound
| tables:
|   - { name: twice, files: 'twice_*.csv', structured: false }
|   - { name: bare, files: 'bare_*.csv', structured: false, header: false, names: [id, day, amount] }
|   - { name: renamed, files: 'renamed_*.csv', structured: false, names: [id, what] }
|   - { name: report, files: 'report_*.csv', structured: false, skip: 2, header_rows: 2, footer: 2, comment: '#' }

# As written first; those that come again get the first number that nobody has.
file in/twice_1.csv
| a,a,a_2,,column4,A_2
| 1,2,3,4,5,6
file in/bare_1.csv
| 1,2026-11-20,1.50
| 2,2026-11-21,0.25
| 3,2026-11-21
file in/renamed_1.csv
| Nr.,Was ist es?
| 7,seven
# The sum and its ruler are values like others: types are found without them. An empty line at the end is no line.
file in/report_1.csv
| Sales of November
| as of the 21st
| # both years
| year,2025,2026,
| ,sum,sum,note
| # the best first
| 1,10,20.5,"two
| lines"
| # the rest
| 2,11,21.5,x
| ====,===,===,===
| total,21,42,
|
run run --output json
json steps[asset=source.shop.twice].rows_out = 1
json steps[asset=source.shop.bare].rows_out = 2
json steps[asset=source.shop.bare].rows_rejected = 1
json steps[asset=source.shop.renamed].rows_out = 1
json steps[asset=source.shop.report].rows_in = 2
query IIIIII
| select a, a_3, a_2, column4_2, column4, A_2_2 from raw_shop.twice
----
1  2  3  4  5  6

query ITTT
| select id, day, amount, typeof(amount) from raw_shop.bare order by id
----
1  2026-11-20  1.50  DECIMAL(18,2)
2  2026-11-21  0.25  DECIMAL(18,2)

query IT
| select id, what from raw_shop.renamed
----
7  seven

query IITTI
| select "year", "2025_sum", "2026_sum", replace(note, chr(10), '/'), _source_row from raw_shop.report order by 1
----
1  10  20.5  two/lines  7
2  11  21.5  x  10

# A file with another number of columns than there are names is no such file; one name more is a new column.
file in/renamed_2.csv
| Nr.,Was ist es?,Farbe
| 8,eight,red
run run --output json
exit 1
json steps[asset=source.shop.renamed].error.code = SRC-216
shell sed -i 's/names: \[id, what\]/names: [id, what, colour]/; s/names: \[id, day, amount\]/names: [id, day, amount, currency]/' sources/shop.yml; printf '9,2026-11-22,1.00,EUR\n' > in/bare_2.csv
run run --output json
json steps[asset=source.shop.renamed].rows_out = 1
json steps[asset=source.shop.bare].rows_out = 1
query TT
| select colour, (select max(currency) from raw_shop.bare) from raw_shop.renamed where id = 8
----
red  EUR

# A footer longer than the file leaves nothing of it; without a line end behind the last line it is the same.
shell printf 'x\ny\nyear,2025,2026,\n,sum,sum,note\ntotal,1,2,\n' > in/report_2.csv; printf 'x\ny\nyear,2025,2026,\n,sum,sum,note\n3,12,22.5,z\n====\ntotal,1,2,' > in/report_3.csv
run run --output json
json steps[asset=source.shop.report].rows_in = 1
json steps[asset=source.shop.report].rows_rejected = 0

# Names that are none.
file sources/shop.yml
| connection: inbound
| tables:
|   - { name: bare, files: 'bare_*.csv', structured: false, header: false, names: [id, day, id] }
run run --output json
exit 1
json steps[asset=source.shop.bare].error.code = SRC-215
