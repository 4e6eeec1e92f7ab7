# what: an error that only the engine finds points into the model's file, past templates and comments, to the column
tags quick

file leat.yml
| version: 1
| name: shop

file models/dim.sql
| select 1 as id

file models/m.sql
| {# a comment
|    of two lines #}
| {{ config(tags=['x']) }}
| select
|   id, {{ ref('dim') }}.nope
| from {{ ref('dim') }}

run run
exit 1
stdout ~ models/m.sql:5
stdout ~ 5 |   id, {{ ref('dim') }}.nope
