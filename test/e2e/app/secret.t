# what: leat secret: values of ${secret:NAME} in private files, never in an argument, an output or an error
tags quick

run init . --name shop
run secret set SHOP_FOLDER
| inbound
stdout ~ ${secret:SHOP_FOLDER}
shell stat -c '%a' .leat/secrets .leat/secrets/SHOP_FOLDER | paste -sd ' '
stdout 700 600

run secret list
stdout SHOP_FOLDER

file connections.yml
| connections:
|   inbound: { type: csv, path: '${secret:SHOP_FOLDER}' }
run run
exit 0
shell $LEAT check; $LEAT describe project; $LEAT plan; $LEAT runs; $LEAT sql -c "select * from leat.run_log" 2>&1
stdout ! ${secret:SHOP_FOLDER}

# A missing one: its place, the nearest name, what to do.
file connections.yml
| connections:
|   inbound: { type: csv, path: '${secret:SHOP_FOLDR}' }
run check
exit 2
error CFG-108 at connections.yml:2:31
stderr ~ SHOP_FOLDER
stderr ~ leat secret set SHOP_FOLDR

# What is in an error is masked.
run secret set SHOP_FOLDER
| not-a-folder-at-all
file connections.yml
| connections:
|   inbound: { type: csv, path: '${secret:SHOP_FOLDER}' }
run run
exit 1
stderr ! not-a-folder-at-all

# Left over ones are told by check.
file connections.yml
| connections:
|   inbound: { type: csv, path: inbound }
file .env
| # a comment
| LEFT_OVER=1
run check --output json
json warnings[0].code = CFG-116
json warnings[0].line = 2
json warnings[1].message ~ SHOP_FOLDER
run secret rm SHOP_FOLDR
exit 2
error CFG-108
run secret rm SHOP_FOLDER
run secret list
stdout ! SHOP_FOLDER

run secret set "no name"
exit 2
error CFG-113
run secret set EMPTY
exit 2
error CFG-113
run secret set NAME value
exit 2
error APP-104
