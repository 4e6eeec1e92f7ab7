"""Loads of one table of a server over a gate that cuts, silences or slows its network, while the server is restarted, the process is killed or the
disk is full: nothing is visible before it is whole, the next run goes on inside the table, and the lake is equal to the server at the end."""
import contextlib
import hashlib
import os
import signal
import subprocess
import threading
import time

from leat_project import Project, scratch, wait_for
from tcp_gate import TcpGate

SUMS = "select count(*), sum(id), sum(amount), md5(string_agg(id || ':' || amount || ':' || note, '|' order by id)) from"


def sums_of(rows):
    """What SUMS gives of rows (id, amount, note) in the order of id, as texts."""
    values = [(int(number), amount, note) for number, amount, note in rows]
    cents = sum(round(float(amount) * 100) for _, amount, _ in values)
    text = "|".join(f"{number}:{amount}:{note}" for number, amount, note in values)
    return [str(len(values)), str(sum(number for number, _, _ in values)), f"{cents // 100}.{cents % 100:02}", hashlib.md5(text.encode()).hexdigest()]


@contextlib.contextmanager
def small_disk(size):
    """A folder on a disk of its own with so much space, and how to give it more; None where this user may not mount one."""
    folder = scratch("leat-disk-")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True).returncode != 0:
        print("not run here: mounting a small disk needs rights that this user does not have")
        yield None, None
        return
    try:
        yield folder, lambda more: subprocess.run(["mount", "-o", f"remount,size={more}", folder], check=True)
    finally:
        subprocess.run(["umount", "-l", folder], check=False)


def published(project):
    return project.one("select count(*) from leat.commits where ref = 'main' and kind = 'publish'")[0]


class DisturbedLoad:
    """`events` of a server: bigint id (the key), decimal amount, text note, about 30 MB in 50 parts.

    `port`: the server's; `connection(port)`: connections.yml's entry for the gate in front of it, with a budget of `connections`;
    `expected`: what SUMS gives; `code`: how the codes of errors begin that say the connection broke."""

    rows = 200_000

    def __init__(self, cases, leat, port, connection, expected, code, connections=3):
        self.cases, self.leat, self.port, self.connection = cases, leat, port, connection
        self.expected, self.code, self.connections = expected, code, connections
        self.whole = 0  # bytes of the network that a load takes that nothing disturbs

    @contextlib.contextmanager
    def project(self, warehouse=None, **gate):
        """Rows up to a bookmark stay where they are, so that another run may go on; small files are small portions."""
        gate = TcpGate(self.port, **gate)
        project = Project(self.leat)
        place = f"warehouse: {warehouse}\n" if warehouse else ""
        project.write({
            "leat.yml": f"version: 1\nname: bank\n{place}",
            "connections.yml": f"connections:\n  bank: {self.connection(gate.port)}\n",
            "sources/bank.yml": "connection: bank\ntables:\n  - { name: events, mode: incremental, update_key: id, primary_key: [id], part_rows: 4000,\n"
                                "      structured: false, properties: { write.target-file-size-bytes: '1' } }\n",
        })
        yield project, gate
        gate.stop()
        project.remove()

    def equal(self, name, project):
        self.cases.check(f"{name}: equal", project.one(f"{SUMS} raw_bank.events"), self.expected)

    def says(self, name, text, *words):
        self.cases.true(f"{name}: it says which connection", self.code in text and all(word in text for word in words), text)

    def goes_on(self, name, project, gate, most_read=0.9):
        """The next run takes over what is there and reads the rest."""
        before = gate.received
        step = next(one for one in project.json("run")["steps"] if one["asset"] == "source.bank.events")
        self.equal(f"{name}, the next run", project)
        self.cases.check(f"{name}: every row is accounted for", (step["rows_in"], step["rows_out"]), (self.rows, self.rows))
        self.cases.true(f"{name}: it read the rest only ({step['rows_adopted']} rows were there)",
                        step["rows_adopted"] > 0 and gate.received - before < most_read * self.whole, (step, (gate.received - before) / self.whole))

    def undisturbed(self, most=None):
        """Learns what a load takes; `most(run)`: runs it and returns the most connections that the server itself counted."""
        with self.project() as (project, gate):
            run = lambda: project.run("run")  # noqa: E731
            counted = most(run) if most else run() and None
            self.whole = gate.received
            self.equal("undisturbed", project)
            self.cases.true(f"the table takes {self.whole / 1e6:.1f} MB of the network", self.whole > 20_000_000, self.whole)
            if most:
                self.cases.true(f"the server counted several connections, and never more than the budget has ({counted})", 2 <= counted <= self.connections, counted)

    def slow(self, bytes_per_second=8_000_000):
        with self.project(bytes_per_second=bytes_per_second) as (project, gate):
            project.run("run")
            self.equal("slow", project)
            self.cases.true(f"slow: no more was read than there is ({gate.received / self.whole:.2f} times the table)", gate.received < 1.05 * self.whole)

    def cut(self):
        """Every connection is cut after a twelfth of the table: the run makes new ones and goes on where it was."""
        with self.project(cut_after=self.whole // 12) as (project, gate):
            project.run("run")
            times = gate.received / self.whole
            self.equal("cut", project)
            self.cases.true(f"cut: it was ({gate.cuts} times)", gate.cuts >= 4, gate.cuts)
            self.cases.true(f"cut: what was read is not read again ({times:.2f} times the table)", times < 1.5, times)
            self.cases.true("cut: never more connections than the budget has", gate.at_once <= self.connections, gate.at_once)

    def gone(self):
        """In the middle of the table the network goes and stays away: the run fails, the next one goes on inside the table."""
        with self.project() as (project, gate):
            process = project.start("run")
            wait_for("half of the table", lambda: gate.received > self.whole // 2 or process.poll() is not None)
            gate.cut_after = 0
            out, err = process.communicate(timeout=120)
            self.cases.check("gone: the run fails", process.returncode, 4)
            self.says("gone", out + err, str(gate.port))
            self.cases.check("gone: nothing is visible", published(project), "0")
            gate.cut_after = None
            self.goes_on("gone", project, gate)

    def killed(self):
        with self.project() as (project, gate):
            process = project.start("run")
            wait_for("half of the table", lambda: gate.received > self.whole // 2 or process.poll() is not None)
            process.kill()
            process.communicate(timeout=120)
            self.cases.check("killed: in the middle", process.returncode, -signal.SIGKILL)
            self.cases.check("killed: nothing is visible", published(project), "0")
            self.goes_on("killed", project, gate)
            self.cases.true("killed: the dead run's connections are given back", gate.at_once <= self.connections, gate.at_once)

    def silent(self):
        """The network takes everything and gives nothing: a person stops the run, which ends at once; the next goes on."""
        stopped_at, process = None, None

        def stop():
            nonlocal stopped_at
            stopped_at = time.monotonic()
            process.send_signal(signal.SIGINT)

        with self.project(silent_after=self.whole // 4, on_silence=stop) as (project, gate):
            process = project.start("run")
            out, err = process.communicate(timeout=120)
            self.cases.check("silent: a stopped run says so by its code", process.returncode, 130)
            self.cases.true("silent: it ends within five seconds", stopped_at is not None and time.monotonic() - stopped_at < 5, out + err)
            self.cases.check("silent: nothing is visible", published(project), "0")
            gate.silent_after = None
            self.goes_on("silent", project, gate, 1)

    def restarted(self, restart):
        """`restart`: of the server, as after a crash. It goes away in the middle and comes back: within the run or with the next one it is whole."""
        silent = threading.Event()
        with self.project(silent_after=self.whole // 4, on_silence=silent.set) as (project, gate):
            process = project.start("run")
            wait_for("a quarter of the table", lambda: silent.is_set() or process.poll() is not None)
            restart()  # here: a server ends with the thread that started it
            gate.silent_after = None
            out, err = process.communicate(timeout=120)
            self.cases.true("restarted: in the middle", silent.is_set(), out + err)
            self.cases.true("restarted: a whole load, or an error that says so", process.returncode == 0 or self.code in out + err, out + err)
            if process.returncode != 0:
                self.cases.check("restarted: nothing is visible", published(project), "0")
            project.run("run")
            self.equal("restarted, the next run", project)

    def full(self):
        with small_disk("3m") as (folder, grow):
            if folder is None:
                return
            with self.project(warehouse=os.path.join(folder, "warehouse")) as (project, gate):
                done = project.run("run", expect=None)
                text = done.stdout + done.stderr
                self.cases.check("full disk: exit code", done.returncode, 4)
                self.cases.true("full disk: says what and where", "no space" in text.lower() and folder in text, text)
                self.cases.check("full disk: nothing is visible", published(project), "0")
                grow("200m")
                self.goes_on("full disk", project, gate, 1)
