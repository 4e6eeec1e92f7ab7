# what: doctor says what is in order and what is not, with what to do
tags quick

run init . --name shop
run run
exit 0
run doctor --output json
json [name=state].state = ok
json [name=warehouse].state = ok
json [name=source.shop.orders].state = ok
json [name=engine].text ~ 1.5.5

append leat.yml
| nme: x
run doctor
exit 2
stdout ~ CFG-104

run check
exit 2
error CFG-104 at leat.yml:3:1
stderr ~ did you mean 'name'?

run check --output json
exit 2
json errors[0].code = CFG-104
json errors[0].line = 3

# A dead run: doctor looks and changes nothing; --fix marks it.
run init other --name other
ledger off
failpoint publish.before crash
run run --project other
exit crash
run doctor --project other --output json
json [name=runs].state = warning
json [name=runs].hint ~ leat doctor --fix
run sql --project other -o json -c "select status from leat.runs"
json [0].status = running
run doctor --project other --fix --output json
json [name=runs].state = ok
run sql --project other -o json -c "select status from leat.runs"
json [0].status = failed (lost)
run doctor --project other --output json
json [name=runs].text ~ none
