#!/usr/bin/env python3
"""schemathesis on our OpenAPI page, against a real `leat serve`, with tokens and without: every operation gets requests that are
as described and requests that are not. No 5xx; statuses, headers and answers are those that the page tells; what breaks the
description is refused; without the token nothing is answered.

usage: openapi_conformance.py LEAT        (LEAT_FUZZ_SEED, LEAT_OPENAPI_EXAMPLES: another seed or number of requests an operation)
"""
import json
import os
import subprocess
import sys
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
SUPPORT = os.path.join(HERE, "..", "support")
sys.path[:0] = [SUPPORT, os.path.join(HERE, "..", "interop")]
from leat_project import Cases, Project, scratch, wait_for  # noqa: E402
from server import free_port  # noqa: E402

SEED = os.environ.get("LEAT_FUZZ_SEED", "1")
EXAMPLES = os.environ.get("LEAT_OPENAPI_EXAMPLES", "10")
# The page cannot say all that makes a body right (names that are free, ids that exist): a POST that is as described may get 400.
# Commits are read by what reads metadata files, which forgives optional members of another type: these two may accept them.
CONFIG = """
[parameters]
"path.prefix" = "lake"

[[operations]]
include-method = "POST"
checks.positive_data_acceptance.enabled = false
""" + "".join(f"""
[[operations]]
include-operation-id = "{operation}"
checks.positive_data_acceptance.enabled = false
checks.negative_data_rejection.enabled = false
""" for operation in ("updateTable", "replaceView"))
# Renames need a new name each time, transactions a table each, tokens a client, a plan by its id never exists: random data
# finds no success there, unit tests and test/interop do.
NEVER_RIGHT = ("/rename", "/transactions/commit", "/oauth/tokens", "/plan/{plan-id}")


def conforms(cases, leat, name, tokens, phases, succeeded):
    project = Project(leat, os.path.join(scratch("leat-openapi-"), "project"))
    project.write({"leat.yml": "version: 1\nname: fuzz\n", "../schemathesis.toml": CONFIG})
    token = project.json("serve", "token", "create", "fuzz", "--scope", "admin")["token"]
    url = f"http://127.0.0.1:{free_port()}"
    server = project.start("serve", "--listen", url[7:], *([] if tokens else ["--no-auth"]))

    def page():
        if server.poll() is not None:
            raise SystemExit(f"leat serve ended with {server.returncode}\n{server.stderr.read()}")
        try:
            with urllib.request.urlopen(url + "/openapi.json", timeout=10) as answer:
                return json.load(answer)
        except OSError:
            return None

    wait_for("leat serve to answer", page)
    operations = {f"{method.upper()} {path}" for path, methods in page()["paths"].items() for method in methods}
    folder = os.path.dirname(project.folder)
    arguments = [os.path.join(os.path.dirname(sys.executable), "schemathesis"), "--config-file", "schemathesis.toml", "run", url + "/openapi.json", "--seed", SEED,
                 "--max-examples", EXAMPLES, "--phases", phases, "--continue-on-failure", "--generation-database", "none", "--no-color",
                 "--suppress-health-check", "all", "--warnings", "off", "--no-shrink"]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "openapi_hooks", "PYTHONPATH": SUPPORT, "LEAT_OPENAPI_URL": url}
    if tokens:
        arguments += ["--header", f"Authorization: Bearer {token}"]
        environment["LEAT_OPENAPI_TOKEN"] = token
    done = subprocess.run(arguments, cwd=folder, env=environment, capture_output=True, text=True, timeout=900)
    cases.check(f"{name}: schemathesis finds nothing (seed {SEED})", done.returncode, 0)
    if done.returncode != 0:
        print(done.stdout[-20_000:], done.stderr[-4_000:], flush=True)
    with open(os.path.join(folder, "seen.json"), encoding="utf-8") as file:
        seen = json.load(file)
    total = {}
    for statuses in seen.values():
        for status, count in statuses.items():
            total[status] = total.get(status, 0) + count
    print(f"        {sum(total.values())} requests by status {dict(sorted(total.items()))}", flush=True)
    cases.check(f"{name}: every operation was asked", operations - set(seen), {"GET /openapi.json"})  # schemathesis read it
    succeeded.update(label for label, statuses in seen.items() if any(status < "400" for status in statuses))
    cases.true(f"{name}: the server is alive", server.poll() is None)
    server.terminate()
    cases.check(f"{name}: and ends as asked", server.wait(timeout=60), 0)
    server.stdout.close(), server.stderr.close()
    project.remove()
    return operations


def main():
    cases = Cases()
    # The warehouse here is a folder, which has nothing to sign for: test/interop/store_access.py signs.
    succeeded = {"GET /openapi.json", "POST /iceberg/v1/{prefix}/namespaces/{namespace}/tables/{table}/sign"}
    operations = conforms(cases, sys.argv[1], "with tokens", True, "examples,coverage", succeeded)
    conforms(cases, sys.argv[1], "without", False, "fuzzing", succeeded)
    cases.check("each operation was answered with a success too",
                {label for label in operations - succeeded if not any(part in label for part in NEVER_RIGHT)}, set())
    cases.finish()


if __name__ == "__main__":
    main()
