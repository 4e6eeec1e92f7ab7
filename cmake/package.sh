#!/usr/bin/env bash
# Makes dist/ from build/release (or LEAT_PACKAGE_BUILD): a tar.gz that runs on Debian 12+ and Ubuntu 22.04+ with nothing installed, a .deb that
# declares its dependencies, an SBOM (SPDX 2.3, JSON), the third parties' licences, and SHA256SUMS.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(sed -n 's/^project(leat VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
machine=$(uname -m)
architecture=$(dpkg --print-architecture)
name=leat-$version-linux-$machine
build=${LEAT_PACKAGE_BUILD:-build/release}
stage=dist/stage
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
rm -rf dist
mkdir -p "$stage"

say() { printf 'package: %s\n' "$*" >&2; }

# The Debian package that a file belongs to (/usr/lib and /lib are the same folder).
owner() {
  local file; file=$(realpath "$1")
  { dpkg-query -S "$file" 2>/dev/null || dpkg-query -S "${file#/usr}" 2>/dev/null || true; } | head -1 | cut -d: -f1
}
package_version() { dpkg-query -W -f '${Version}\n' "$1" 2>/dev/null | head -1; }

say "the relocatable folder"
cmake --install "$build" --prefix "$PWD/$stage/$name" --strip >dist/install.log
portable=$(cmake/check_portable.sh "$stage/$name")
say "$portable"

say "licences and SBOM"
documents=$stage/$name/share/doc/leat
cmake/licences.sh >"$documents/THIRD-PARTY.md"
cmake/sbom.py "$stage/$name" --build "$build" --name "$name" --version "$version" --duckdb-licence "${LEAT_DEPS:-.deps}/duckdb/LICENSE" \
  --adbc-licence "${LEAT_DEPS:-.deps}/adbc/LICENSE.txt" \
  --namespace "https://spdx.org/spdxdocs/$name-$(git rev-parse HEAD)" --created "$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)" >"dist/$name.spdx.json"
cp "dist/$name.spdx.json" "$documents/sbom.spdx.json"

say "$name.tar.gz"
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$epoch" -C "$stage" -cf - "$name" | gzip -9n >"dist/$name.tar.gz"

say "leat_${version}_$architecture.deb"
deb=$stage/deb
mkdir -p "$deb/DEBIAN" "$deb/usr"
cmake --install "$build" --prefix "$PWD/$deb/usr" --component program --strip >>dist/install.log
mkdir -p "$deb/usr/share/bash-completion/completions"
"$build"/bin/leat completion bash >"$deb/usr/share/bash-completion/completions/leat"
cp "$documents/THIRD-PARTY.md" "$deb/usr/share/doc/leat/"
mkdir -p "$deb/usr/share/doc/leat/licences"
cp "$documents"/licences/{adbc*,duckdb*,*-dev}.txt "$deb/usr/share/doc/leat/licences/"  # what is inside the program; the rest comes with its own package
rm "$deb/usr/share/doc/leat/licences/libstdc++-12-dev.txt"
cp LICENSE "$deb/usr/share/doc/leat/copyright"
depends=$(for library in $(objdump -p "$deb/usr/bin/leat" "$deb/usr/lib/leat/libduckdb.so" | awk '$1 == "NEEDED" { print $2 }' | sort -u); do
  found=$(ldconfig -p | awk -v l="$library" '$1 == l { print $NF; exit }')
  package=$(owner "$found")
  case $package in
    libc6) echo "libc6 (>= 2.36)" ;;
    *) echo "$package (>= $(package_version "$package" | sed 's/^[0-9]*://; s/-.*//; s/+dfsg.*//; s/~.*//' | cut -d. -f1))" ;;
  esac
done | sed 's/(>= \([0-9]*:\)\?\([^)]*\))/(>= \2)/' | sort -u | paste -sd, | sed 's/,/, /g')
# Packages with an epoch would need it in the bound: those are named without one.
depends=$(for item in $(echo "$depends" | tr -d ' ' | tr ',' ' '); do
  package=${item%%(*}
  case $(package_version "$package") in *:*) echo "$package" ;; *) echo "$package (>= $(echo "$item" | sed 's/.*>=\(.*\))/\1/'))" ;; esac
done | paste -sd, | sed 's/,/, /g')
cat >"$deb/DEBIAN/control" <<CONTROL
Package: leat
Version: $version
Architecture: $architecture
Maintainer: The Leat authors <leat@example.org>
Section: database
Priority: optional
Installed-Size: $(du -sk "$deb/usr" | cut -f1)
Depends: $depends, tzdata
Suggests: libodbc2
Description: runs a company's data platform on Apache Iceberg tables
 One program that pulls data from where it is made, keeps it in open tables,
 shapes it with SQL, proves it, publishes it and serves it.
CONTROL
find "$deb/usr" -type d -exec chmod 0755 {} +
SOURCE_DATE_EPOCH=$epoch dpkg-deb --root-owner-group -Zxz -z3 --build "$deb" "dist/leat_${version}_$architecture.deb" >/dev/null

rm -rf "$stage" dist/install.log
(cd dist && sha256sum -- * >SHA256SUMS)
ls -l dist >&2
