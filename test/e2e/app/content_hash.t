# what: the content hash: equal after a forced run, other when a row is; NULL apart from ''; order plays no part
tags quick

file leat.yml
| version: 1
| name: hashes

file models/a.sql
| select * from (values (1, 'x'), (2, ''), (2, '')) t(id, note)
file models/same_rows.sql
| select * from (values (2, ''), (1, 'x'), (2, '')) t(id, note)
file models/null_note.sql
| select * from (values (1, 'x'), (2, ''), (2, null)) t(id, note)
file models/one_less.sql
| select * from (values (1, 'x'), (2, '')) t(id, note)

run run
exit 0
run lake content-hash --output json
let a = json [table=trusted.a].hash
let same_rows = json [table=trusted.same_rows].hash
let null_note = json [table=trusted.null_note].hash
let one_less = json [table=trusted.one_less].hash
same ${a} ${same_rows}
same not ${a} ${null_note}
same not ${a} ${one_less}

run run --force
exit 0
run lake content-hash a --output json
let again = json [0].hash
same ${a} ${again}
