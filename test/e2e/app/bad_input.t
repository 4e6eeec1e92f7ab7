# what: bad values of options, unknown names, a wrong state, a wrong request: an answer that says what to do, the right exit code
tags quick

run init . --name shop
run run
exit 0

foreach words "runs --limit x" "runs --limit 0" "runs --limit 3.5" "run --workers -1" "run --workers many" "lake history --limit -4" "show raw_shop.orders --limit 1e3" "serve token create ann --days soon" "sql --ref --write" "sql --output=tabel -c x" "run --force=yes" "sql -c x -c y"
run ${words}
exit 2
error APP-103
endforeach

foreach words "sql --writ" "run --selct x" "serve --port 80" "env create dev --fron main" "-x"
run ${words}
exit 2
endforeach
run run --selct x
error APP-102
stderr ~ 'select'

# Names that are not there: the nearest one, exit 2.
run run --select ordrs
exit 2
error PROJ-301
stderr ~ orders
run run --target env/nowhere
exit 2
error LAKE-201
run run --target tag/x
exit 2
run show raw_shop.ordres
exit 2
error LAKE-201
stderr ~ raw_shop.orders
run runs 0192-no-such-run
exit 2
error APP-202
run lake rollback --run nobody
exit 2
run env create Dev
exit 2
error LAKE-203
run env create dev --from env/nowhere
exit 2
error LAKE-201
run env drop nowhere
exit 2
error LAKE-201
run sql --ref nowhere -c "select 1"
exit 2
error LAKE-203
run sql --as-of yesterday -c "select 1"
exit 2
error LAKE-203
run sql --as-of 999999 -c "select 1"
exit 2
error LAKE-201
run sql no-such-script.sql
exit 2
run check --project nowhere
exit 2
error PROJ-101

# Requests.
serve
http GET /nowhere
status 404
http GET /iceberg/v1/config?warehouse=laek
status 404
json error.message ~ lake
http GET /iceberg/v1/lake/namespaces/nowhere/tables
status 404
http POST /iceberg/v1/lake/namespaces header 'Content-Type: application/json'
| {"namespace": ["x"
status 400
http POST /iceberg/v1/lake/namespaces header 'Content-Type: application/json'
| {"namespace": "x"}
status 400
http DELETE /iceberg/v1/config
status 405
json error.message ~ /iceberg/v1/config
http POST /iceberg/v1/lake/namespaces/raw_shop/tables/orders header 'Content-Type: application/json'
| {"requirements": [{"type": "assert-nonsense"}], "updates": []}
status 400
http POST /iceberg/v1/lake~c~1/namespaces header 'Content-Type: application/json'
| {"namespace": ["x"]}
status 403
run serve --listen 127.0.0.1:${port} --no-auth
exit 4
error SERVE-101
run serve --listen nowhere:80
exit 2
error SERVE-102
stop

# A damaged state: no crash, nothing is written over it, exit code 4.
shell cp .leat/state.db kept.db; dd if=/dev/zero of=.leat/state.db bs=1 count=64 conv=notrunc 2>/dev/null; rm -f .leat/state.db-wal .leat/state.db-shm; sha256sum <.leat/state.db | cut -c-64
let damaged = stdout
foreach words "sql -c 'select 1'" "runs" "env list"
run ${words}
exit 4
error STATE-102
endforeach
run doctor
exit 4
stdout ~ STATE-102
shell sha256sum <.leat/state.db | cut -c-64
let after = stdout
same ${damaged} ${after}
