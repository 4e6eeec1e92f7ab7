#!/usr/bin/env bash
# A part is one folder: adds test/parts/check/dummy to the build and nothing else, and finds it in the program's list, its
# description, the editors' schema and a project's validation. The build is put back as it was at the end.
# usage: add_a_part.sh LEAT    (LEAT_BUILD: the build folder of that binary)
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${LEAT_BUILD:-$(cd "$(dirname "$1")/.." && pwd)}
work=$(mktemp -d)
passed=0 failed=0

put_back() {
  cmake -ULEAT_EXTRA_COMPONENTS "$build" >/dev/null 2>&1 && ninja -C "$build" leat >/dev/null 2>&1
  rm -rf "$work"
}

check() {  # check NAME COMMAND…: the command must succeed
  if "${@:2}" >"$work/out" 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "failed: $1"
    cat "$work/out"
  fi
}

has() { "$leat" "${@:2}" | grep -qF -- "$1"; }
refuses() { ! "$leat" "${@:2}" >"$work/refused" 2>&1 && grep -qF -- "$1" "$work/refused"; }

leat=$build/bin/leat
check "without its folder the part is unknown" refuses CMP-102 describe check dummy
trap put_back EXIT
cmake -DLEAT_EXTRA_COMPONENTS="$root/test/parts" "$build" >/dev/null
ninja -C "$build" leat >"$work/ninja.log" 2>&1 || { cat "$work/ninja.log"; exit 1; }

check "list" has "no value of the column is a dummy" list check
check "describe" has "How loud it is." describe check dummy
check "describe as JSON" has '"loudness"' describe check dummy --output json
check "schema" has '"loudness"' schema models

mkdir -p "$work/project/models"
cd "$work/project"
printf 'version: 1\nname: parts\n' >leat.yml
printf "select 'x' as id\n" >models/m.sql
printf 'models:\n  - name: m\n    columns: [{ name: id, checks: [ dummy: { loudness: 3 } ] }]\n' >models/m.yml
check "a project may use it" "$leat" check
printf 'models:\n  - name: m\n    columns: [{ name: id, checks: [ dummy: { loudnes: 3 } ] }]\n' >models/m.yml
check "its fields are checked" refuses "did you mean 'loudness'" check

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
