#!/usr/bin/env bash
# Holds #include lines to the table of folders: leat_folder(name USES …) of CMakeLists.txt says what each may use.
# duckdb.h belongs to src/sql alone; components/ are leaves: nobody includes them, and they include no other part.
set -euo pipefail
cd "$(dirname "$0")/.."
tr '\n' ' ' <CMakeLists.txt | grep -o 'leat_folder([^)]*)\|leat_components([^)]*)' |
  sed 's/leat_folder(//; s/leat_components(/components/; s/)//; s/LIBRARIES.*//; s/USES//' >build-includes.table
trap 'rm -f build-includes.table' EXIT
{ git ls-files --cached --others --exclude-standard 'src/*.h' 'src/*.cc' 'src/*.inc' 'components/*.h' 'components/*.cc'; } |
  { grep -v '^$' || true; } | xargs -r grep -Hn '^#include [<"]' |
  awk -v table=build-includes.table '
    BEGIN {
      while ((getline line < table) > 0) {
        n = split(line, word, " ")
        known[word[1]] = 1
        for (i = 2; i <= n; i++) allowed[word[1], word[i]] = 1
      }
      known["app"] = 1
    }
    function wrong(text) { print where ": " text; bad++ }
    {
      match($0, /:[0-9]+:/)
      file = substr($0, 1, RSTART - 1)
      where = substr($0, 1, RSTART + RLENGTH - 2)
      match($0, /[<"][^>"]*[>"]/)
      target = substr($0, RSTART + 1, RLENGTH - 2)
      split(file, part, "/")
      folder = part[1] == "components" ? "components" : part[2]
      if (target == "duckdb.h" && folder != "sql") wrong("duckdb.h is included by src/sql only")
      if (target ~ /^components\//) {
        own = part[1] "/" part[2] "/" part[3] "/"
        if (index(target, own) != 1) wrong(target ": parts are leaves, nobody includes them")
      }
      n = split(target, step, "/")
      if (n < 2 || !(step[1] in known) || folder == "app" || step[1] == folder) next
      # Tests of parts run their SQL on the real engine.
      if (folder == "components" && step[1] == "sql" && file ~ /_test\.cc$/) next
      if (!((folder, step[1]) in allowed)) wrong("src/" folder " must not use src/" step[1] " (" target ")")
    }
    END { exit bad > 0 }'
