#!/usr/bin/env python3
"""leat on a real terminal: the prompt (several lines, history, completion, Ctrl-C), bars and summary of a run, secrets typed unseen.

usage: terminal.py LEAT [DATA]
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from leat_project import Cases, Project, wait_for  # noqa: E402

PATIENCE = 60


class Terminal:
    """A program on a pseudo terminal of its own. `seen` is all that it wrote."""

    def __init__(self, arguments, folder, columns=100, **environment):
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.environ.pop("NO_COLOR", None)
            os.environ.update(TERM="xterm-256color", **environment)
            os.execv(arguments[0], arguments)
        self.seen = ""
        self.at = 0
        self.closed = False
        self.resize(columns)

    def resize(self, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))

    def read(self, seconds):
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:  # the program has ended
            self.closed = True
            return False
        self.seen += data.decode("utf-8", "replace")
        return bool(data)

    def expect(self, text):
        """Waits for `text` behind what was expected before; returns what stands between."""
        end = time.monotonic() + PATIENCE
        while True:
            found = self.plain().find(text, self.at)
            if found >= 0:
                between = self.plain()[self.at:found]
                self.at = found + len(text)
                return between
            if time.monotonic() > end or not (self.read(1) or self.alive()):
                raise SystemExit(f"FAILED  never seen: {text!r}\n  behind: {self.plain()[self.at:]!r}")

    def plain(self):
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\x07", "", self.seen)

    def type(self, text):
        os.write(self.master, text.encode())

    def cpu_ticks(self):
        with open(f"/proc/{self.pid}/stat", encoding="utf-8") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    def alive(self):
        return os.waitpid(self.pid, os.WNOHANG)[0] == 0

    def end(self):
        """Its exit code, after reading the rest."""
        end = time.monotonic() + PATIENCE
        while not self.closed and time.monotonic() < end:
            self.read(1)
        if not self.closed:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            raise SystemExit(f"FAILED  the program did not end\n  last seen: {self.plain()[-400:]!r}")
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.master)
        return code


def prompt(cases, leat, project):
    term = Terminal([leat, "sql"], project.folder)
    term.expect("main> ")
    term.type("select 40 +\n")
    term.expect("...> ")
    term.type("2 as answer -- so it is\n;\n")
    term.expect("main> ")
    cases.true("a statement over several lines", "42" in term.plain()[:term.at], term.plain())

    term.type("\x1b[A\n")  # arrow up: the last statement, whose comment must not eat its end
    term.expect("answer")
    term.expect("42")
    term.expect("main> ")
    cases.true("the history gives a whole statement back", True)

    term.type("select count(*) from raw_shop.or\t")
    term.expect("ders ")  # only what is added is written
    term.type(";\n")
    term.expect("3")
    term.expect("main> ")
    cases.true("Tab completes the name of a table", True)
    term.type("select custo")
    term.expect("custo")
    term.type("\x03")
    term.expect("main> ")

    term.type("select 'half a sta")
    term.expect("half a sta")
    term.type("\x03")
    term.expect("main> ")
    term.type("select 'näh ' || 'ß' as umlaut;\n")
    between = term.expect("main> ")
    cases.true("Ctrl-C drops what was typed; letters beyond ASCII are kept", "näh ß" in between and "error" not in between, between)

    term.type("select 1,\n")
    term.expect("...> ")
    term.type("\x03")
    term.expect("main> ")
    term.type("select 7 as seven;\n")
    between = term.expect("main> ")
    cases.true("Ctrl-C drops the lines before, too", "seven" in between and "error" not in between, between)

    term.type("select sum(a.range * b.range) from range(10000000) a, range(1000000) b;\n")
    before = term.cpu_ticks()
    wait_for("the statement to run", lambda: term.cpu_ticks() > before + 20)
    began = time.monotonic()
    term.type("\x03")
    between = term.expect("main> ")
    cases.true("Ctrl-C stops a statement at once", time.monotonic() - began < 5 and "RUN-900" in between, between)
    term.type("select 'still' || 'here';\n")
    term.expect("stillhere")
    term.expect("main> ")
    cases.true("the prompt goes on after it", True)

    term.type("selec 1;\n")
    between = term.expect("main> ")
    cases.true("an error shows its place and does not end the prompt", "SQL-200" in between and "^" in between, between)
    term.type("update raw_shop.orders set amount = 0;\n")
    between = term.expect("main> ")
    cases.true("writing is refused", "APP-201" in between, between)
    term.type(".tables orders\n")
    between = term.expect("main> ")
    cases.true(".tables", "raw_shop.orders" in between, between)
    term.type(".schema raw_shop.orders\n")
    between = term.expect("main> ")
    cases.true(".schema", "order_id" in between, between)
    term.type(".nonsense\n")
    between = term.expect("main> ")
    cases.true("an unknown command shows the help", ".tables" in between, between)
    term.type("\x04")
    cases.check("Ctrl-D ends the prompt with 0", term.end(), 0)

    term = Terminal([leat, "sql"], project.folder)
    term.expect("main> ")
    term.type("select sum(a.range * b.range) from range(100000) a, range(10000) b;\n")
    before = term.cpu_ticks()
    wait_for("the statement to run", lambda: term.cpu_ticks() > before + 5)
    term.type("\x04")
    cases.check("Ctrl-D that is typed during a statement ends the prompt after it", term.end(), 0)
    cases.true("and after its result", "(1 row" in term.plain() or "1 row" in term.plain(), term.plain())

    history = os.path.join(project.folder, ".leat")
    found = [os.path.join(top, name) for top, _, names in os.walk(history) for name in names if name == "sql_history"]
    cases.check("the history is its owner's alone", [oct(os.stat(path).st_mode & 0o777) for path in found], ["0o600"])


def runs(cases, leat, project):
    project.write({f"inbound/orders_2026-12-{day:02}.csv": "order_id,customer,ordered_at,amount\n" + "".join(
        f"{day * 100000 + i},Ada,2026-12-{day:02} 10:00:00,{i}.25\n" for i in range(60000)) for day in range(1, 6)})
    term = Terminal([leat, "run"], project.folder, columns=70)
    term.expect("run ")
    term.resize(50)
    code = term.end()
    cases.check("a run on a terminal", code, 0)
    text = term.plain()
    cases.true("each step ends with a line", "✓ raw_shop.orders" in text and "300,000 rows" in text, text)
    cases.true("the summary says what was published", "Published as commit" in text and "rows out" in text, text)
    cases.true("in colour", "\x1b[32m" in term.seen)
    bars = [line for line in re.split(r"\r?\n", text) if "…" in line or "█" in line]
    cases.true("no bar is wider than the window", all(len(line) <= 70 for line in bars), "\n".join(bars))

    project.write({"inbound/orders_2026-12-07.csv": "order_id,customer,ordered_at,amount\n7,Ada,2026-12-07 10:00:00,1.25\n"})
    term = Terminal([leat, "run"], project.folder, NO_COLOR="1")
    cases.check("NO_COLOR", term.end(), 0)
    cases.true("nothing is coloured or drawn over", "\x1b[" not in term.seen, repr(term.seen))
    project.write({"inbound/orders_2026-12-08.csv": "order_id,customer,ordered_at,amount\n8,Ada,2026-12-08 10:00:00,1.25\n"})
    piped = project.run("run")
    cases.true("piped, it is quiet until the summary", "\x1b" not in piped.stdout + piped.stderr and piped.stderr == "", piped.stderr)


def secrets(cases, leat, project):
    term = Terminal([leat, "secret", "set", "SHOP_PASSWORD"], project.folder)
    term.expect("(not shown): ")
    term.type("correct horse\n")
    cases.check("a secret is set", term.end(), 0)
    cases.true("what is typed is not shown", "horse" not in term.seen, term.seen)
    with open(os.path.join(project.folder, ".leat/secrets/SHOP_PASSWORD"), encoding="utf-8") as file:
        cases.check("and kept as it was typed", file.read(), "correct horse")
    term = Terminal([leat, "secret", "set", "OTHER"], project.folder)
    term.expect("(not shown): ")
    term.type("\x03")
    cases.check("Ctrl-C sets nothing", term.end(), 130)
    cases.true("and leaves no file", not os.path.exists(os.path.join(project.folder, ".leat/secrets/OTHER")))


def main():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    leat = os.path.abspath(sys.argv[1])
    cases = Cases()
    project = Project(leat)
    try:
        project.run("init", ".", "--name", "shop")
        project.run("run")
        prompt(cases, leat, project)
        runs(cases, leat, project)
        secrets(cases, leat, project)
    finally:
        project.remove()
    cases.finish()


if __name__ == "__main__":
    main()
