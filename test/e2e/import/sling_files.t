# what: streams of files become connections by what their files are, with patterns, dates and the csv dialect
tags quick

file leat.yml
| version: 1
| name: inbound

file in/day=2026-11-01/sales_1.csv
| a preamble
| id;amount
| 1;2.50
| 2;NULL

file in/day=2026-11-02/sales_1.csv
| a preamble
| id;amount
| 3;4.00

file in/people.jsonl
| {"id": 1, "name": "Ann"}

file files.yaml
| source: LOCAL
| target: PG
| defaults: { mode: incremental }
| streams:
|   file://./in/day={part_year}-{part_month}-{part_day}/sales_*.csv:
|     object: public.sales
|     update_key: .
|     source_options: { delimiter: ';', skip_lines: 1, null_if: 'NULL', header: true, max_decimals: 2 }
|   file://in/people.jsonl:
|     object: 'public.{stream_file_name}'
|     primary_key: id
|     source_options: { flatten: true }
|   sftp://host/x.csv: {}
|   in/unknown.bin: {}

run import files.yaml --output json
json sources count = 2
json sources[0].connection = local
json sources[1].connection = local_jsonl
json sources[0].left_out count = 2
json report[key=streams.file://./in/day={part_year}-{part_month}-{part_day}/sales_*.csv.source_options.max_decimals].verdict = not_possible
json report[key=streams.file://in/people.jsonl.source_options.flatten].verdict = not_possible
json report[key=streams.sftp://host/x.csv].verdict = not_possible

shell cat sources/local.yml
stdout ~ files: "in/day={yyyy}-{MM}-{dd}/sales_*.csv"
stdout ~ delimiter: ";"

run check
run run
query IRTT
| select s.id, s.amount, p.name, (select string_agg(distinct mode, ',') from (values ('x')) t(mode))
| from raw_local.sales s left join raw_local_jsonl.people p on p.id = s.id order by s.id
----
1  2.50  Ann  x
2  NULL  NULL  x
3  4.00  NULL  x
