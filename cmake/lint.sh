#!/usr/bin/env bash
# What ./dev lint checks: include directions, file sizes, names, private facts, format, tidy of changed files.
#   cmake/lint.sh [--all]     --all: tidy every file (an hour at first; what is unchanged since it was clean is not looked at again)
set -uo pipefail
cd "$(dirname "$0")/.."
bad=0
fail() { echo "lint: $*" >&2; bad=1; }
files() { git ls-files --cached --others --exclude-standard "$@" | while read -r f; do [ -f "$f" ] && echo "$f"; done; }

cmake/check_includes.sh || fail "includes that the table of folders does not allow"

for file in $(files '*.cc' '*.h' '*.py' '*.sh' 'dev'); do
  lines=$(wc -l <"$file")
  [ "$lines" -le 1000 ] || fail "$file has $lines lines: split it (asked for at 600, refused above 1000)"
done

for file in $(files '*.cc' '*.h'); do
  case $(basename "$file") in *_utils.*|*_helpers.*|*_common.*|utils.*|helpers.*|common.*) fail "$file: name it for what it does" ;; esac
done

# Facts of one machine or of one company's network do not belong into the repository.
private='/roo[t]/|/hom[e]/[a-z]+/|/wor[k]/(wt|main|shared)|artifactory|nexus\.|\.internal\b|corp\.'
hits=$(files | grep -v '^cmake/lint.sh$' | xargs grep -nIE "$private" 2>/dev/null)
[ -z "$hits" ] || fail "paths of a machine or hosts of a private registry:
$hits"

hits=$(files '*.cc' '*.h' '*.py' '*.sh' | grep -v '^cmake/lint.sh$' | xargs grep -nE '\b(TODO|FIXME|XXX)\b' 2>/dev/null)
[ -z "$hits" ] || fail "unfinished business:
$hits"

# Every code that is made in src/ and components/ has its row in docs/errors.md.
if [ -f docs/errors.md ]; then
  for code in $(files 'src/*.cc' 'src/*.h' 'components/*.cc' | grep -v _test | xargs grep -hoE 'Error\("[A-Z]+-[0-9]+' | sed 's/.*"//' | sort -u); do
    grep -q "^| *\`*$code\`* *|" docs/errors.md || fail "docs/errors.md has no row for $code"
  done
fi

cmake/licences.sh | diff -q - docs/third-parties.md >/dev/null || fail "docs/third-parties.md is old: cmake/licences.sh >docs/third-parties.md"

unformatted=$(files 'src/*.cc' 'src/*.h' 'components/*.cc' 'components/*.h' 'test/*.cc' 'test/*.h' 'bench/*.cc' |
  xargs -r clang-format-16 --dry-run 2>&1 | grep -oE '^[^: ]+\.(cc|h):' | tr -d : | sort -u)
[ -z "$unformatted" ] || fail "not formatted (./dev format):
$unformatted"

# Tidy needs a compile_commands.json; it looks at what changed since the main branch (or in the last commit on it).
database=
for preset in dev relassert release; do [ -f build/$preset/compile_commands.json ] && database=build/$preset && break; done
if [ -n "$database" ]; then
  if [ "${1:-}" = --all ]; then
    changed=$(files 'src/*.cc' 'components/*.cc')
  else
    base=$(git merge-base HEAD "${LEAT_LINT_BASE:-origin/main}" 2>/dev/null || git rev-parse HEAD~1 2>/dev/null || git rev-parse HEAD)
    [ "$base" != "$(git rev-parse HEAD)" ] || base=$(git rev-parse HEAD~1 2>/dev/null || echo HEAD)
    changed=$( { git diff --name-only --diff-filter=d "$base" -- 'src/*.cc' 'components/*.cc'
                 git ls-files --others --exclude-standard 'src/*.cc' 'components/*.cc'; } | grep -v '_test\.cc$' | sort -u | head -"${LEAT_LINT_FILES:-12}")
  fi
  if [ -n "$changed" ]; then
    echo "$changed" | xargs cmake/tidy.py --database "$database" || fail "clang-tidy"
  fi
else
  fail "no build folder: ./dev build first"
fi

[ $bad -eq 0 ] && echo "lint: clean"
exit $bad
