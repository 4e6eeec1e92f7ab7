# what: what is typed wrong gets an answer that says what to do, and exit code 2
tags quick

run
stdout ~ usage: leat COMMAND

run rnu
exit 2
error APP-101
stderr ~ did you mean 'run'

run lake histry
error APP-101

run sql --outptu json
error APP-102
stderr ~ 'output'

run run --output xml
error APP-103

run check
error PROJ-101
stderr ~ leat init

run describe source cvs
error CMP-102
stderr ~ csv

run list --output json
json [name=csv].kind = source
json [name=unique].kind = check

run describe source csv --output json
json name = csv

run schema sources
json title = sources/*.yml

run schema --write .schemas
shell ls .schemas
stdout ~ leat.schema.json

run completion bash
shell eval "$($LEAT completion bash)"; COMP_WORDS=(leat lake hi); COMP_CWORD=2; _leat; echo "${COMPREPLY[@]}"
stdout history

shell eval "$($LEAT completion bash)"; COMP_WORDS=(leat sql --output m); COMP_CWORD=3; _leat; echo "${COMPREPLY[@]}"
stdout markdown

run completion tcsh
exit 2
error APP-103

# A closed pipe ends quietly.
shell { $LEAT --help; echo "exit $?" >&2; } | head -1
stderr ~ exit 0

# Exactly what is asked, and nothing coloured when piped.
shell $LEAT --help | grep -c $'\x1b' || true
stdout 0
