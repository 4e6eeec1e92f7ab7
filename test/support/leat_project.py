"""A scratch project for tests that need more than one process: writes files, runs the binary, reads rows back.

Folders of a script go when it ends, also by a signal; LEAT_KEEP=1 leaves them to be looked at."""
import atexit
import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time


csv.field_size_limit(1 << 30)  # values of rows() may be long


def scratch(prefix, parent=None):
    """A new folder that goes when the script ends."""
    folder = tempfile.mkdtemp(prefix=prefix, dir=parent)
    owner = os.getpid()

    def remove():
        if os.getpid() == owner and not os.environ.get("LEAT_KEEP"):
            shutil.rmtree(folder, ignore_errors=True)
    atexit.register(remove)
    return folder


def _end(number, _):
    sys.exit(128 + number)


for _signal in (signal.SIGTERM, signal.SIGHUP):  # else neither `with` nor what scratch registered would run
    if threading.current_thread() is threading.main_thread() and signal.getsignal(_signal) is signal.SIG_DFL:
        signal.signal(_signal, _end)
        os.register_at_fork(after_in_child=lambda number=_signal: signal.signal(number, signal.SIG_DFL))


class Cases:
    """Counts cases; Finish prints the line that ./dev test adds up."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, got, expected):
        self.true(name, got == expected, f"expected {expected!r}\n  got      {got!r}")

    def true(self, name, held, detail=""):
        if held:
            self.passed += 1
            print(f"ok      {name}", flush=True)
        else:
            self.failed += 1
            print(f"FAILED  {name}\n  {detail}", flush=True)

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed else 0)


class Project:
    def __init__(self, leat, folder=None):
        self.leat = os.path.abspath(leat)
        self.folder = folder or scratch("leat-test-")

    def write(self, files):
        for name, text in files.items():
            path = os.path.join(self.folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as out:
                out.write(text)

    def start(self, *arguments, **environment):
        return subprocess.Popen([self.leat, *arguments], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, env={**os.environ, **environment})

    def run(self, *arguments, expect=0, **environment):
        process = self.start(*arguments, **environment)
        out, err = process.communicate(timeout=300)
        if expect is not None and process.returncode != expect:
            raise SystemExit(f"leat {' '.join(arguments)} ended with {process.returncode}, expected {expect}\n{out}{err}")
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def json(self, *arguments, expect=0, **environment):
        return json.loads(self.run(*arguments, "--output", "json", expect=expect, **environment).stdout)

    def measured(self, *arguments):
        """What a command answers as JSON, and the most memory (MB) that the kernel saw it take."""
        process = self.start(*arguments, "--output", "json")
        out = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"leat {' '.join(arguments)} ended with {process.returncode}\n{out}{process.stderr.read()}")
        return json.loads(out), used.ru_maxrss / 1024

    def paused(self, point, *arguments, more=""):
        """Starts a command that waits at a fault point (`more`: other points armed with it, ",name=action"); returns the
        process and how to let it go on."""
        folder = os.path.join(self.folder, "faults")
        os.makedirs(folder, exist_ok=True)
        reached, go = (os.path.join(folder, f"{point}.{end}") for end in ("reached", "go"))
        for path in (reached, go):
            if os.path.exists(path):
                os.remove(path)
        process = self.start(*arguments, LEAT_FAULT=f"{point}=pause{more}", LEAT_FAULT_DIR=folder)
        wait_for(f"{point}", lambda: os.path.exists(reached) or process.poll() is not None)
        if process.poll() is not None:
            raise SystemExit(f"the command ended before {point}: {process.communicate()}")
        return process, lambda: open(go, "w", encoding="utf-8").close()

    def rows(self, sql, *options):
        return list(csv.reader(io.StringIO(self.run("sql", "-c", sql, "--output", "csv", *options).stdout)))[1:]

    def one(self, sql, *options):
        return self.rows(sql, *options)[0]

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def wait_for(what, condition, seconds=60):
    """Waits for something that another process does (a file, a port); fails loudly when it does not happen."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"waited {seconds} s for {what}")
        time.sleep(0.01)
