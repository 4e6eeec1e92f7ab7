#!/usr/bin/env bash
# The list of third parties, as Markdown, from the first comment of each cmake/<library>.cmake: name, where from, licence, what for.
set -euo pipefail
cd "$(dirname "$0")/.."
echo "# Third parties"
echo
echo "What Leat is built on. Libraries under the LGPL are linked as shared libraries only. The full texts are in \`licences/\` of a release."
echo
for file in cmake/*.cmake; do
  [ "$file" != cmake/googletest.cmake ] || continue  # tests only
  grep -q "^# .*, Debian \|^# DuckDB\|^# ADBC" "$file" || continue
  awk '/^#/ { sub(/^# ?/, ""); text = text " " $0; next } { exit } END { print "-" text }' "$file"
done
