#!/usr/bin/env python3
"""Runs clang-tidy over files, several at once, and remembers which text it found clean.

    cmake/tidy.py --database build/relassert FILE…     exit code 0: clean, 1: findings (printed), 2: it could not run

What a file looks like to the compiler (all its headers in it, with comments, since NOLINT is one) is hashed together with the
rules and the tool's version; clean hashes are empty files below build/tidy/. So the whole tree costs its hour once, and then what
changed since. Findings are never remembered.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys

TOOL = "clang-tidy-16"
# The tool's version 16 may crash in this check, or come to no end where a function has many branches: such a file is looked at without it.
WEAK_CHECK = "bugprone-unchecked-optional-access"
LONGEST = 300  # seconds for one file with it


def commands(database: pathlib.Path) -> dict[str, tuple[str, list[str]]]:
    """Each source file's folder and compiler command, by its full path."""
    entries = json.loads((database / "compile_commands.json").read_text())
    return {os.path.realpath(os.path.join(e["directory"], e["file"])): (e["directory"], shlex.split(e["command"])) for e in entries}


def text_hash(directory: str, command: list[str], rules: bytes) -> str | None:
    """The hash of the preprocessed file; None where the preprocessor fails, so that clang-tidy says why."""
    out = command.index("-o") if "-o" in command else None
    arguments = command[:out] + command[out + 2:] if out is not None else list(command)
    arguments = [a for a in arguments if a not in ("-c", "-MD", "-MMD")] + ["-E", "-C"]
    done = subprocess.run(arguments, cwd=directory, capture_output=True, check=False)
    return hashlib.sha256(rules + done.stdout).hexdigest() if done.returncode == 0 else None


def look_at(path: str, known: dict, database: pathlib.Path, cache: pathlib.Path, rules: bytes) -> tuple[str, bool, str]:
    """(path, whether it is clean, what clang-tidy said)."""
    entry = known.get(os.path.realpath(path))
    if entry is None:
        return path, False, f"{path}: not in {database}/compile_commands.json: configure again"
    name = text_hash(entry[0], entry[1], rules)
    if name and (cache / name).exists():
        return path, True, ""
    command = [TOOL, "--quiet", "-p", str(database), "--extra-arg=-Wno-unknown-warning-option", path]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONGEST)
        why = "it crashes" if done.returncode < 0 or "PLEASE submit a bug report" in done.stderr else ""
    except subprocess.TimeoutExpired:
        why = "it comes to no end"
    if why:
        print(f"tidy: {path}: without {WEAK_CHECK}, in which {why}", file=sys.stderr, flush=True)
        done = subprocess.run([*command, f"--checks=-{WEAK_CHECK}"], capture_output=True, text=True, check=False)
    clean = done.returncode == 0 and not done.stdout.strip()
    if clean and name:
        (cache / name).touch()
    return path, clean, done.stdout or ("" if clean else done.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", type=pathlib.Path, required=True)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    try:
        version = subprocess.run([TOOL, "--version"], capture_output=True, check=True).stdout
        known = commands(options.database)
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        print(f"tidy: {error}", file=sys.stderr)
        return 2
    rules = version + pathlib.Path(".clang-tidy").read_bytes()
    cache = pathlib.Path("build/tidy")
    cache.mkdir(parents=True, exist_ok=True)
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for path, clean, said in pool.map(lambda f: look_at(f, known, options.database, cache, rules), options.files):
            if not clean:
                bad += 1
                print(f"{path}:\n{said}", flush=True)
    print(f"tidy: {len(options.files) - bad} of {len(options.files)} files clean", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
