"""A real MariaDB server of this test: with MariaDb() as server: server.run(sql), server.rows(sql), server.port"""
import os
import shutil
import signal
import subprocess

from leat_project import scratch, wait_for

HERE = os.path.dirname(os.path.abspath(__file__))


class MariaDb:
    def __enter__(self):
        self.folder = scratch("leat-mariadb-")
        os.chmod(self.folder, 0o755)
        self.start()
        return self

    def start(self):
        self.process = subprocess.Popen([os.path.join(HERE, "mariadb.sh"), os.path.join(self.folder, "server")])
        wait_for("MariaDB", lambda: self.process.poll() is not None or self.client("select 1", check=False).returncode == 0)
        if self.process.poll() is not None:
            raise SystemExit("MariaDB did not start: " + open(os.path.join(self.folder, "server/log"), encoding="utf-8", errors="replace").read()[-2000:])
        self.port = int(open(os.path.join(self.folder, "server/port"), encoding="utf-8").read())

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait()

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def client(self, sql, check=True, database=""):
        return subprocess.run(["mariadb", "--no-defaults", "-u", "root", "-S", os.path.join(self.folder, "server/socket"), "--default-character-set=utf8mb4",
                               "--batch", "--skip-column-names", *([database] if database else [])],
                              input=sql, capture_output=True, text=True, check=check)

    def run(self, sql, database=""):
        done = self.client(sql, check=False, database=database)
        if done.returncode != 0:
            raise SystemExit(f"{sql[:200]}: {done.stderr}")
        return done.stdout

    def rows(self, sql, database=""):
        return [line.split("\t") for line in self.run(sql, database).splitlines()]
