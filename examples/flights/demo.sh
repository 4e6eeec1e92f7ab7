#!/usr/bin/env bash
# The main job on real data, from an empty lake: prepares the inputs in a folder of its own, runs, and shows the result.
#   examples/flights/demo.sh LEAT DATA_FOLDER [PROJECT_FOLDER]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
leat=$(realpath "$1")
data=$(realpath "$2")
project=${3:-$PWD/build/demo/flights}

rm -rf "$project"
mkdir -p "$project"
cp -r "$here"/leat.yml "$here"/connections.yml "$here"/sources "$here"/models "$project"/
python3 "$here/prepare.py" "$data" "$project" --months 1-11
cd "$project"
cat <<EOF

A year of flights, without December yet, in $project:
monthly csv files, weather stations' JSON lines and an SQLite database go through three zones, raw_* (as it came), structured_*
(types, names and times made clean) and trusted (a star and two marts), and are published together once their checks have passed.

EOF
"$leat" run
cat <<EOF

rejected: rows that a check of the table put aside, with the reason; warned: a check that found something and let it pass.

Try next:
  cd $project && export PATH=$(dirname "$leat"):\$PATH
  leat sql -c "select carrier_name, sum(late_count) as late from mrt_daily_delays group by all order by late desc limit 5"
  leat sql -c "select asset, rows_in, rows_out, rows_rejected from leat.ledger"
  leat sql -c "select step, message, count(*) as n from leat.rejected group by all"       what was put aside, and why
  leat sql -c "select step, message, failures from leat.check_results where status = 'warn'"
  leat lake history                                                                       every publish is one commit
  leat run                                                                                a second run does nothing, and says why
  python3 $here/prepare.py $data . --months 12 && leat run                                December arrives: just that month is loaded
EOF
