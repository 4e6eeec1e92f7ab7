# what: Ctrl-C ends a run within its patience, nothing of it is visible, the next run does all of it
tags quick

run init . --name shop

failpoint run.opened pause
start slow run
reached run.opened
kill slow INT
release run.opened
wait slow
exit 130

query I
| select count(*) from leat.runs where status = 'success'
----
0

run run --output json
json status = success
