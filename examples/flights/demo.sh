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
printf '\nA year of flights, without December yet, in %s\n\n' "$project"
"$leat" run
cat <<EOF

Try next, in $project:
  leat sql -c "select carrier_name, sum(late_count) as late from mrt_daily_delays group by all order by late desc limit 5"
  leat sql -c "select asset, rows_in, rows_out, rows_rejected from leat.ledger"
  leat sql -c "select * from leat.rejected limit 5"
  leat lake history
  leat run                                     a second run does nothing, and says why
  python3 $here/prepare.py $data . --months 12
  leat run                                     December arrives: just that month is loaded
  (leat is $leat)
EOF
