# what: dates in names, `expect`, `after_load` and replay go for avro files as for others
tags quick

include avro.inc
file sources/shop.yml
| connection: inbound
| tables:
|   - { name: events, files: 'events_{yyyy-MM-dd}.avro', structured: false, after_load: move, move_to: in/done }
clock 2026-11-20T10:00:00Z
shell bash avro.sh "$(cat event.avsc)" null 1 02020278 >in/events_2026-11-19.avro; bash avro.sh "$(cat event.avsc)" null 1 04020279 >in/events_2026-11-20.avro
run run --output json
json status = success
query ITT
| select rows, period::date, status from leat.files order by origin
----
1  2026-11-19  loaded
1  2026-11-20  loaded

shell test -e in/done/events_2026-11-19.avro && test ! -e in/events_2026-11-19.avro
run replay --file in/events_2026-11-19.avro --output json
run run --output json
query I
| select count(*) from raw_shop.events
----
2
