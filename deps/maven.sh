#!/usr/bin/env bash
# deps/maven.sh FOLDER: fetches the artefacts of maven.txt into FOLDER with mvn and checks their hashes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$1
plugin=org.apache.maven.plugins:maven-dependency-plugin:3.6.1
mkdir -p "$folder"
grep -v '^#' "$here/maven.txt" | while read -r artefact sha256; do
  [ -n "$artefact" ] || continue
  IFS=: read -r _ name version <<<"$artefact"
  file=$folder/$name-$version.jar
  if [ ! -f "$file" ]; then
    mvn -q -B "$plugin:copy" -Dartifact="$artefact" -DoutputDirectory="$folder" -Dmdep.useBaseVersion=true >&2
  fi
  echo "$sha256  $file" | sha256sum -c --quiet - || { echo "setup: hash of $file is not the pinned one" >&2; rm -f "$file"; exit 1; }
done
