# what: a ring of refs is refused before anything runs, with every place in it
tags quick

file leat.yml
| version: 1
| name: shop

file models/a.sql
| select * from {{ ref('b') }}

file models/b.sql
| select *
| from c

file models/c.sql
| select * from {{ ref('a') }}

run run
exit 2
error PROJ-201 at models/a.sql:1:18
stderr ~ model.a -> model.b -> model.c -> model.a
stderr ~ model.b names model.c at models/b.sql:2:6

remove models/c.sql
run check
exit 2
error PROJ-203 at models/b.sql:2:6
