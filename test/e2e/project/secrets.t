# what: values come from the environment or .env; a missing one names the places that were tried
tags quick

file leat.yml
| version: 1
| name: shop

file connections.yml
| connections:
|   shop: { type: csv, path: '${env:SHOP_FOLDER}' }

file sources/shop.yml
| tables:
|   - { name: orders, files: orders.csv }

run check
exit 2
error CFG-108 at connections.yml:2:28
stderr ~ environment variable SHOP_FOLDER
stderr ~ .env

file .env
| # where the shop's files are
| SHOP_FOLDER=inbound

run check
stdout ~ 1 source table
