#!/usr/bin/env bash
# Holds an installed folder (cmake --install) to what it promises: it runs on a machine that has glibc 2.35 (Ubuntu 22.04) and nothing else.
#   cmake/check_portable.sh FOLDER [GLIBC]     every program and library in FOLDER: no symbol above that glibc, every library that it
#                                              needs beside it (or glibc's), no symbol that is nowhere
set -euo pipefail
folder=$(realpath "$1")
glibc=${2:-2.35}
libraries=$folder/lib/leat
bad=0 files=0
fail() { echo "not portable: $*" >&2; bad=1; }
newer() { [ "$(printf '%s\n%s\n' "$1" "$glibc" | sort -V | tail -1)" != "$glibc" ]; }
glibc_part() { [[ $1 =~ ^(lib(c|m|dl|pthread|rt|resolv|util)\.so\.[0-9]+|ld-linux.*\.so\.[0-9]+|linux-vdso\.so\.1)$ ]]; }

while read -r file; do
  head -c 4 "$file" | grep -q ELF || continue
  files=$((files + 1))
  name=${file#"$folder"/}
  for version in $(objdump -p "$file" | sed -n '/^Version References/,$p' | grep -oE 'GLIBC_[0-9.]+$' | sort -u); do
    newer "${version#GLIBC_}" || continue
    fail "$name needs $version ($(objdump -T "$file" | grep -F "($version)" | awk '{ print $NF }' | sort -u | paste -sd' '))"
  done
  while read -r library; do
    glibc_part "$library" || [ -e "$libraries/$library" ] || fail "$name needs $library, which is not in lib/leat"
  done < <(objdump -p "$file" | awk '$1 == "NEEDED" { print $2 }')
  missing=$(LD_LIBRARY_PATH=$libraries ldd -r "$file" 2>&1 | grep -E 'undefined symbol|not found' | head -3 || true)
  [ -z "$missing" ] || fail "$name: $missing"
done < <(find "$folder" -type f)

[ "$files" -gt 0 ] || fail "no program in $folder"
[ $bad -eq 0 ] && echo "portable: $files programs and libraries need glibc $glibc or older, and nothing else"
exit $bad
