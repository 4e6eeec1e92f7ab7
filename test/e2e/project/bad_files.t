# what: mistakes in project files are all shown at once, each with code, place, caret and what to do
tags quick

file leat.yml
| version: 1
| name: shop
| colour: red

file connections.yml
| connections:
|   shop: { type: cvs, path: inbound }

file models/m.sql
| select *
| from {{ ref('orders_dm') }}

file models/orders_dim.sql
| select 1 as id

run check
exit 2
stderr ~ error CFG-104: unknown field 'colour' in leat.yml
stderr ~   leat.yml:3:1
stderr ~ 3 | colour: red
stderr ~   | ^^^^^^
stderr ~ allowed here: version, name
stderr ~ error PROJ-206: connection 'shop' has the unknown type 'cvs'
stderr ~ did you mean 'csv'?
stderr ~ error PROJ-203: there is no model 'orders_dm'
stderr ~ did you mean 'orders_dim'?
stderr ~ 3 errors

run check --output json
exit 2
json errors count = 3

# A malformed file, and what else is wrong beside it.
file leat.yml
| version: 1
| name: "shop

run check
exit 2
error CFG-101 at leat.yml:2:7

file leat.yml
| version: 1
| name: shop
| name: other

run check
exit 2
error CFG-102 at leat.yml:3:1
