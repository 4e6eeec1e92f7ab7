#!/usr/bin/env python3
"""The bill of materials of an installed folder: SPDX 2.3, complete, and its table of licences cannot drift from what is carried.

usage: bill_of_materials.py LEAT [DATA]      LEAT_BUILD, LEAT_DEPS (environment): the build that is installed, the fetched parts
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from leat_project import Cases  # noqa: E402

TREE = os.path.join(HERE, "..", "..")
TABLE = os.path.join(TREE, "deps", "licences.txt")


def make(folder, table):
    return subprocess.run(
        [os.path.join(TREE, "cmake", "sbom.py"), folder, "--build", os.environ["LEAT_BUILD"], "--name", "leat-test", "--version", "1.2.3",
         "--namespace", "https://spdx.org/spdxdocs/leat-test", "--created", "2026-01-02T03:04:05Z", "--licences", table,
         "--duckdb-licence", os.path.join(os.environ["LEAT_DEPS"], "duckdb", "LICENSE"),
         "--adbc-licence", os.path.join(os.environ["LEAT_DEPS"], "adbc", "LICENSE.txt")], capture_output=True, text=True)


def structure(cases, bill, folder):
    cases.check("version", (bill["spdxVersion"], bill["dataLicense"], bill["SPDXID"]), ("SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT"))
    ids = [part["SPDXID"] for part in bill["packages"]]
    cases.check("every part has an id of its own", len(set(ids)), len(ids))
    cases.true("ids are well formed", all(re.fullmatch(r"SPDXRef-[a-zA-Z0-9.-]+", i) for i in ids), str(ids))
    needed = {"SPDXID", "name", "versionInfo", "downloadLocation", "filesAnalyzed", "licenseConcluded", "licenseDeclared", "copyrightText"}
    cases.check("every part has all fields", [part["name"] for part in bill["packages"] if not needed <= set(part) or not all(
        part[field] not in ("", None) for field in needed)], [])
    ends = {row["spdxElementId"] for row in bill["relationships"]} | {row["relatedSpdxElement"] for row in bill["relationships"]}
    cases.check("relationships name every part and nothing else", ends, {"SPDXRef-DOCUMENT", *ids})
    own = {info["licenseId"] for info in bill["hasExtractedLicensingInfos"]}
    used = {word for part in bill["packages"] for word in part["licenseDeclared"].split() if word.startswith("LicenseRef-")}
    cases.check("licences of its own are explained", used, own)
    texts = {name.removesuffix(".txt") for name in os.listdir(os.path.join(folder, "share/doc/leat/licences"))}
    cases.check("every part has its licence text", texts, {part["name"] for part in bill["packages"]} - {"leat"})
    names = {part["name"] for part in bill["packages"]}
    cases.true("static, shared and header-only parts are there", {"libarchive-dev", "libpq5", "libboost1.81-dev", "duckdb"} <= names, str(names))
    stated = sum(part["licenseDeclared"] != "NOASSERTION" for part in bill["packages"])
    cases.true("most licences are stated", stated > 0.7 * len(names), f"{stated} of {len(names)}")


def main():
    cases = Cases()
    scratch = tempfile.mkdtemp(prefix="leat-bill-")
    folder = os.path.join(scratch, "leat")
    subprocess.run(["cmake", "--install", os.environ["LEAT_BUILD"], "--prefix", folder], check=True, stdout=subprocess.DEVNULL)
    done = make(folder, TABLE)
    cases.true("it is made", done.returncode == 0, done.stderr)
    if done.returncode == 0:
        structure(cases, json.loads(done.stdout), folder)

    with open(TABLE, encoding="utf-8") as text:
        rows = text.read()
    for name, changed, words in (
            ("a part without a row", re.sub(r"(?m)^libpq5 .*\n", "", rows), "libpq5 is carried but has no row"),
            ("a row without a part", rows + "libxml2 | MIT | License: MIT\n", "libxml2 has a row but is not carried"),
            ("a licence that changed", rows.replace("| License: Zlib", "| License: Zlib-2"), "zlib1g: its copyright file does not say")):
        table = os.path.join(scratch, "table.txt")
        with open(table, "w", encoding="utf-8") as out:
            out.write(changed)
        done = make(folder, table)
        cases.true(f"{name} stops it", done.returncode == 1 and words in done.stderr, done.stdout[:200] + done.stderr)
    shutil.rmtree(scratch)
    cases.finish()


if __name__ == "__main__":
    main()
