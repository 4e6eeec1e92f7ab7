"""A real PostgreSQL for test scripts (postgres.sh), which can be stopped and started again."""
import os
import shutil
import signal
import subprocess

from leat_project import scratch, wait_for

HERE = os.path.dirname(os.path.abspath(__file__))


class PostgresServer:
    """Started at once; `with` ends it and removes its folder. `options`: of the server, such as "-c", "name=value"."""

    def __init__(self, *options, **environment):
        self.options = options
        self.environment = {**os.environ, **environment}
        self.parent = scratch("leat-postgres-")
        os.chmod(self.parent, 0o755)  # the server has a user of its own
        self.folder = os.path.join(self.parent, "cluster")
        self.start()
        with open(os.path.join(self.folder, "url"), encoding="utf-8") as file:
            self.url = file.read().strip()

    def start(self):
        """Returns when it takes connections (after a crash: when it has recovered)."""
        self.process = subprocess.Popen(["sh", os.path.join(HERE, "postgres.sh"), self.folder, *self.options], env=self.environment)
        wait_for("PostgreSQL", self._ready)

    def _ready(self):
        if self.process.poll() is not None:
            with open(os.path.join(self.folder, "log"), encoding="utf-8") as file:
                raise SystemExit(f"PostgreSQL ended: {file.read()[-2000:]}")
        # Its last line is the state of the server: starting, ready, stopping, standby.
        path = os.path.join(self.folder, "data", "postmaster.pid")
        try:
            with open(path, encoding="utf-8") as file:
                lines = file.read().split("\n")
            return int(lines[0]) == self.process.pid and lines[7].strip() == "ready"
        except (OSError, IndexError, ValueError):
            return False

    def sql(self, text, separator="\n"):
        """Runs statements; the rows of the last one, columns parted by |, rows by `separator`."""
        done = subprocess.run(["psql", "-XqAt", "-R", separator, "-v", "ON_ERROR_STOP=1", "-c", text, self.url],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise SystemExit(f"PostgreSQL: {done.stderr}in: {text[:300]}")
        return done.stdout.removesuffix("\n")

    def stop(self, mode="fast"):
        """As `pg_ctl stop -m`: "fast" ends all sessions and writes everything, "immediate" is as after a crash."""
        self.process.send_signal({"fast": signal.SIGINT, "immediate": signal.SIGQUIT}[mode])
        self.process.wait(timeout=60)

    def restart(self, mode="fast"):
        self.stop(mode)
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop("immediate")
        shutil.rmtree(self.parent, ignore_errors=True)
