#!/usr/bin/env python3
"""The installed folder runs where there is nothing but glibc: an empty root with a new user, no other library, no shell, no time zones
(/proc is there, as on every machine: the loader finds the program's own folder by it).

usage: empty_root.py LEAT [DATA] [--installed FOLDER] [--glibc FOLDER]
  LEAT_BUILD (environment): the build whose `cmake --install` is tried; --installed: an unpacked release instead
  --glibc: glibc's libraries from FOLDER (e.g. those of an older release) instead of this machine's
"""
import argparse
import glob
import gzip
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from leat_project import Cases, wait_for  # noqa: E402

TREE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
CHECK = os.path.join(TREE, "cmake", "check_portable.sh")
GLIBC = ("ld-linux-x86-64.so.2", "libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libresolv.so.2", "libutil.so.1",
         "libnss_files.so.2", "libnss_dns.so.2")
USER = 1000


class Root:
    """An empty root; `run` starts the program in it as a user without rights."""

    def __init__(self, installed, glibc):
        self.folder = tempfile.mkdtemp(prefix="leat-root-")
        os.chmod(self.folder, 0o755)
        libraries = os.path.join(self.folder, "lib64")
        os.makedirs(libraries)
        for name in GLIBC:
            source = next((p for p in (os.path.join(f, name) for f in glibc) if os.path.exists(p)), None)
            if source:
                shutil.copy(source, libraries)
        os.makedirs(os.path.join(self.folder, "usr/lib"))
        os.symlink("/usr/lib", os.path.join(self.folder, "lib"))
        for place in ("usr/lib/x86_64-linux-gnu", "usr/lib64"):  # where the loader of Debian and Ubuntu looks, and glibc's own
            os.symlink("/lib64", os.path.join(self.folder, place))
        conversions = next((p for p in (os.path.join(f, "gconv") for f in glibc) if os.path.isdir(p)), None)
        if conversions:  # iconv's tables belong to glibc
            shutil.copytree(conversions, os.path.join(libraries, "gconv"))
        shutil.copytree(installed, os.path.join(self.folder, "opt/leat"), symlinks=True)
        for name, mode in (("tmp", 0o1777), ("srv", 0o755), ("srv/ann", 0o700), ("etc", 0o755), ("dev", 0o755)):
            os.makedirs(os.path.join(self.folder, name), exist_ok=True)
            os.chmod(os.path.join(self.folder, name), mode)
        os.chown(os.path.join(self.folder, "srv/ann"), USER, USER)
        self.write("etc/passwd", f"ann:x:{USER}:{USER}::/srv/ann:/bin/false\n".encode())
        for name, numbers in (("null", (1, 3)), ("urandom", (1, 9))):
            os.mknod(os.path.join(self.folder, "dev", name), 0o020666, os.makedev(*numbers))
            os.chmod(os.path.join(self.folder, "dev", name), 0o666)
        self.proc = os.path.join(self.folder, "proc")
        os.mkdir(self.proc)
        subprocess.run(["mount", "-t", "proc", "proc", self.proc], check=True)

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as out:
            out.write(content)
        os.chown(path, USER, USER)

    def start(self, *arguments, at="/srv/ann"):
        def enter():
            os.chroot(self.folder)
            os.setgroups([])
            os.setgid(USER)
            os.setuid(USER)
            os.chdir(at)
        return subprocess.Popen(["/opt/leat/bin/leat", *arguments], preexec_fn=enter, env={"HOME": "/srv/ann", "LANG": "C"}, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, *arguments, at="/srv/ann"):
        process = self.start(*arguments, at=at)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def remove(self):
        subprocess.run(["umount", "-l", self.proc], check=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def check(folder, glibc="2.35"):
    done = subprocess.run([CHECK, folder, glibc], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def checks(cases, installed):
    code, text = check(installed)
    cases.true("the folder needs nothing newer than glibc 2.35 and nothing else", code == 0, text)
    code, text = check(installed, "2.33")
    cases.true("the check names what is too new", code == 1 and "bin/leat needs GLIBC_2.34" in text, text)
    folder = tempfile.mkdtemp(prefix="leat-folder-")
    broken = os.path.join(folder, "leat")
    shutil.copytree(installed, broken, symlinks=True)
    for library in glob.glob(os.path.join(broken, "lib/leat/libyaml-cpp.so*")):
        os.remove(library)
    code, text = check(broken)
    cases.true("the check names a library that is not there", code == 1 and "bin/leat needs libyaml-cpp.so" in text, text)
    shutil.rmtree(folder)


def postgres(cases, root):
    folder = tempfile.mkdtemp(prefix="leat-postgres-")
    os.chmod(folder, 0o755)
    server = subprocess.Popen([os.path.join(TREE, "test/support/postgres.sh"), os.path.join(folder, "cluster")])
    try:
        wait_for("the address of PostgreSQL", lambda: os.path.exists(os.path.join(folder, "cluster", "url")))
        with open(os.path.join(folder, "cluster", "url"), encoding="utf-8") as text:
            url = text.read().strip()
        port = int(url.rsplit(":", 1)[1].split("/")[0])

        def answers():
            with socket.socket() as client:
                return client.connect_ex(("127.0.0.1", port)) == 0
        wait_for("PostgreSQL", answers)
        cases.check("a second project", root.run("init", "pg")[0], 0)
        config = os.path.join(root.folder, "srv/ann/pg/leat.yml")
        with open(config, "a", encoding="utf-8") as out:
            out.write(f"state: {url}\n")
        code, out, err = root.run("run", at="/srv/ann/pg")
        cases.true("a run with its state in PostgreSQL", code == 0, out + err)
        code, out, err = root.run("sql", "-c", "select count(*) as runs from leat.runs", "--output", "csv", at="/srv/ann/pg")
        cases.true("is in its ledger", code == 0 and out.split() == ["runs", "1"], out + err)
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def serve(cases, root):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = "127.0.0.1:%d" % free.getsockname()[1]
    server = root.start("serve", "--listen", address, "--no-auth", at="/srv/ann/shop")
    try:
        def answer():
            try:
                with urllib.request.urlopen(f"http://{address}/iceberg/v1/config?warehouse=lake", timeout=5) as reply:
                    return json.load(reply)
            except OSError:
                if server.poll() is not None:
                    raise SystemExit(f"leat serve ended: {server.communicate()}")
                return None
        found = []
        wait_for("leat serve", lambda: found.append(answer()) or found[-1] is not None)
        prefix = found[-1]["overrides"]["prefix"]
        with urllib.request.urlopen(f"http://{address}/iceberg/v1/{prefix}/namespaces", timeout=5) as reply:
            names = json.load(reply)["namespaces"]
        cases.true("leat serve answers with the namespaces", ["trusted"] in names, str(names))
    finally:
        server.terminate()
        out, err = server.communicate(timeout=30)
    cases.true("and ends when asked", server.returncode in (0, 143), f"{server.returncode}\n{out}{err}")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("leat")
    options.add_argument("data", nargs="?")
    options.add_argument("--installed")
    options.add_argument("--glibc", action="append")
    options = options.parse_args()
    cases = Cases()
    scratch = tempfile.mkdtemp(prefix="leat-install-")
    installed = options.installed
    if not installed:
        installed = os.path.join(scratch, "leat")
        inputs = subprocess.run(["ninja", "-C", os.environ["LEAT_BUILD"], "-t", "inputs", "leat"], capture_output=True, text=True, check=True)
        cases.true("who builds leat builds the C++ library that is installed beside it", "leat_libstdcxx" in inputs.stdout.split(),
                   inputs.stdout[-500:])
        subprocess.run(["cmake", "--install", os.environ["LEAT_BUILD"], "--prefix", installed, "--strip"], check=True, stdout=subprocess.DEVNULL)
    checks(cases, installed)
    if os.geteuid() != 0:
        print("not run here: an empty root (chroot) needs rights that this user does not have")
        shutil.rmtree(scratch)
        cases.finish()

    root = Root(installed, options.glibc or ["/lib64", "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu"])
    try:
        code, out, err = root.run("version")
        cases.true("leat version", code == 0 and out.startswith("leat "), out + err)
        if code != 0:
            cases.finish()
        code, out, err = root.run("init", "shop")
        cases.true("leat init", code == 0, out + err)
        root.write("srv/ann/shop/inbound/cities.csv.gz", gzip.compress("id,city\n1,Málaga\n".encode("latin-1")))
        root.write("srv/ann/shop/sources/cities.yml", b"source: geo\nconnection: inbound\ntables:\n"
                   b"  - { name: cities, files: cities.csv.gz, encoding: latin-1, structured: false }\n")
        code, out, err = root.run("run", at="/srv/ann/shop")
        cases.true("leat run", code == 0, out + err)
        code, out, err = root.run("sql", "-c", "select count(*) > 0 as filled from customers", "--output", "csv", at="/srv/ann/shop")
        cases.true("leat sql", code == 0 and out.split() == ["filled", "true"], out + err)
        code, out, err = root.run("sql", "-c", "select city from raw_geo.cities", "--output", "csv", at="/srv/ann/shop")
        cases.true("a packed file in another encoding", code == 0 and out.split() == ["city", "Málaga"], out + err)
        serve(cases, root)
        postgres(cases, root)
    finally:
        root.remove()
        shutil.rmtree(scratch)
    cases.finish()


if __name__ == "__main__":
    main()
