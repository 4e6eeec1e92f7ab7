#!/usr/bin/env python3
"""The bill of materials of an installed folder (SPDX 2.3, JSON), and the licence texts of what it carries.

usage: sbom.py FOLDER --build BUILD --name NAME --version V --namespace URI --created TIME --duckdb-licence FILE
               --adbc-licence FILE [--licences FILE] >sbom.json
  FOLDER: where `cmake --install` put the program; its lib/leat/ and the static libraries of the link command in BUILD are what is carried.
  Writes FOLDER/share/doc/leat/licences/<package>.txt. Licences come from deps/licences.txt, which is checked against both.
"""
import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
HEADERS_ONLY = ("libboost1.81-dev", "nlohmann-json3-dev")  # compiled in; no file of theirs is in the link command
PUBLIC_DOMAIN = {"licenseId": "LicenseRef-public-domain", "name": "Public domain", "extractedText": "liblzma is in the public domain."}


def fail(text):
    sys.exit(f"sbom: {text}")


def output(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


def owners(paths):
    """Path (without links) -> the Debian package that it belongs to (/usr/lib and /lib are the same folder)."""
    names = {}
    for path in paths:
        names[path] = names[path.removeprefix("/usr")] = path
    # The exit code is 1 when some name belongs to nobody: one of the two spellings always does.
    found = subprocess.run(["dpkg-query", "-S", *names], capture_output=True, text=True, check=False).stdout
    packages = {}
    for line in found.splitlines():
        package, name = line.rsplit(": ", 1)
        packages[names[name]] = package.split(":")[0]
    nobodys = sorted(set(paths) - set(packages))
    if nobodys:
        fail("no package owns " + ", ".join(nobodys))
    return packages


def carried(folder, build):
    """Package -> how it is in the folder."""
    system = "/usr/lib/" + output("gcc", "-print-multiarch").strip()
    link = output("ninja", "-C", build, "-t", "commands", "leat").splitlines()[-1]
    ways = {os.path.realpath(library): "STATIC_LINK" for library in re.findall(r"/usr/lib/\S+\.a\b", link)}
    for library in os.listdir(os.path.join(folder, "lib", "leat")):
        if library == "libstdc++.so.6":
            ways[os.path.realpath(output("g++", "-print-file-name=libstdc++.a").strip())] = "CONTAINS"  # cmake/libstdcxx.cmake
        elif ".so" in library and library != "libduckdb.so":
            ways[os.path.realpath(os.path.join(system, library))] = "CONTAINS"
    packages = {name: "STATIC_LINK" for name in HEADERS_ONLY}
    packages.update({package: ways[path] for path, package in owners(list(ways)).items()})
    return packages


def copyright_of(package):
    with open(f"/usr/share/doc/{package}/copyright", encoding="utf-8", errors="replace") as text:
        return text.read()


def licences(packages, file):
    """Package -> SPDX expression, from the table in `file`; stops with all rows that are not true."""
    table, wrong = {}, []
    with open(file, encoding="utf-8") as rows:
        for row in rows:
            if row.strip() and not row.startswith("#"):
                package, expression, words = (part.strip() for part in row.split(" | ", 2))
                table[package] = expression
                if package not in packages:
                    wrong.append(f"{package} has a row but is not carried")
                elif words not in " ".join(copyright_of(package).split()):
                    wrong.append(f"{package}: its copyright file does not say '{words}'")
    wrong += [f"{package} is carried but has no row" for package in packages if package not in table]
    if wrong:
        fail(f"{file} is not true:\n  " + "\n  ".join(sorted(wrong)))
    return table


def spdx_id(name):
    return "SPDXRef-" + re.sub(r"[^a-zA-Z0-9.-]", "-", name)


def part(name, version, licence, **more):
    return {"SPDXID": spdx_id(name), "name": name, "versionInfo": version, "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
            "licenseConcluded": licence, "licenseDeclared": licence, "copyrightText": "NOASSERTION", **more}


def document(options, packages, table):
    architecture = output("dpkg", "--print-architecture").strip()
    with open(os.path.join(options.folder, "lib/leat/libduckdb.so"), "rb") as library:
        checksum = hashlib.sha256(library.read()).hexdigest()
    with open(os.path.join(HERE, "duckdb.cmake"), encoding="utf-8") as text:
        duckdb = re.match(r"# DuckDB ([0-9.]+), MIT", text.readline()).group(1)
    parts = [part("leat", options.version, "Apache-2.0"),
             part("duckdb", duckdb, "MIT", checksums=[{"algorithm": "SHA256", "checksumValue": checksum}])]
    with open(os.path.join(HERE, "adbc.cmake"), encoding="utf-8") as text:
        adbc = re.match(r"# ADBC driver manager ([0-9.]+), ", text.readline()).group(1)
    parts.append(part("adbc-driver-manager", adbc, "Apache-2.0 AND MIT"))
    extensions = duckdb_extensions(options.folder)
    for name, path in extensions.items():
        with open(path, "rb") as file:
            checksum = hashlib.sha256(file.read()).hexdigest()
        parts.append(part(name, duckdb, "MIT", checksums=[{"algorithm": "SHA256", "checksumValue": checksum}]))
    for package in sorted(packages):
        version = output("dpkg-query", "-W", "-f", "${Version}\n", package).splitlines()[0]
        locator = f"pkg:deb/debian/{package}@{version}?arch={architecture}".replace("+", "%2B")
        parts.append(part(package, version, table[package], supplier="Organization: Debian", externalRefs=[
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": locator}]))
    ways = {"duckdb": "CONTAINS", "adbc-driver-manager": "CONTAINS", **{name: "CONTAINS" for name in extensions}, **packages}
    relations = [("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-leat")]
    relations += [("SPDXRef-leat", ways[name], spdx_id(name)) for name in sorted(ways)]
    return {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": options.name,
            "documentNamespace": options.namespace, "creationInfo": {"created": options.created, "creators": ["Tool: sbom.py"]},
            "packages": parts, "hasExtractedLicensingInfos": [PUBLIC_DOMAIN],
            "relationships": [dict(zip(("spdxElementId", "relationshipType", "relatedSpdxElement"), row)) for row in relations]}


def duckdb_extensions(folder):
    """DuckDB's own extensions that are shipped (deps/native.txt), under DuckDB's licence: name of the part -> file."""
    extensions = os.path.join(folder, "lib/leat/extensions")
    files = sorted(os.listdir(extensions)) if os.path.isdir(extensions) else []
    return {"duckdb-" + name.split(".")[0]: os.path.join(extensions, name) for name in files if name.endswith(".duckdb_extension")}


def texts(options, packages):
    folder = os.path.join(options.folder, "share/doc/leat/licences")
    os.makedirs(folder, exist_ok=True)
    with open(options.duckdb_licence, encoding="utf-8") as source:
        licence = source.read()
    for name in ["duckdb", *duckdb_extensions(options.folder)]:
        with open(os.path.join(folder, name + ".txt"), "w", encoding="utf-8") as out:
            out.write(licence)
    shutil.copyfile(options.adbc_licence, os.path.join(folder, "adbc-driver-manager.txt"))
    for package in packages:
        with open(os.path.join(folder, package + ".txt"), "w", encoding="utf-8") as out:
            out.write(copyright_of(package))


def main():
    options = argparse.ArgumentParser()
    options.add_argument("folder")
    for name in ("build", "name", "version", "namespace", "created", "duckdb-licence", "adbc-licence"):
        options.add_argument("--" + name, required=True)
    options.add_argument("--licences", default=os.path.normpath(os.path.join(HERE, "..", "deps", "licences.txt")))
    options = options.parse_args()
    packages = carried(options.folder, options.build)
    table = licences(packages, options.licences)
    texts(options, packages)
    json.dump(document(options, packages, table), sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
