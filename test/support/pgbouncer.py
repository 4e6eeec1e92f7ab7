"""A PgBouncer before a PostgreSQL of the tests (test/support/postgres_server.py): few connections for many clients."""
import os
import pwd
import shutil
import socket
import subprocess

from leat_project import scratch, wait_for


class PgBouncer:
    """`mode`: transaction or statement (pool_mode); `size`: connections to the server. `with` ends it."""

    def __init__(self, server, mode, size):
        port = int(server.url.rsplit(":", 1)[1].split("/")[0])
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = scratch("leat-pgbouncer-")
        os.chmod(self.folder, 0o755)
        ini = os.path.join(self.folder, "pgbouncer.ini")
        with open(ini, "w", encoding="utf-8") as file:
            file.write(f"[databases]\n* = host=127.0.0.1 port={port} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
                       f"listen_port = {self.port}\nunix_socket_dir =\nauth_type = any\npool_mode = {mode}\ndefault_pool_size = {size}\n"
                       "max_client_conn = 100\n")
        user = ["-u", "postgres"] if os.getuid() == 0 else []  # it refuses to run as root
        if user:
            pwd.getpwnam("postgres")
        self.log = open(os.path.join(self.folder, "log"), "w", encoding="utf-8")
        self.process = subprocess.Popen(["/usr/sbin/pgbouncer", *user, ini], stdout=self.log, stderr=self.log)
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        wait_for("PgBouncer", self._answers)

    def _answers(self):
        if self.process.poll() is not None:
            with open(self.log.name, encoding="utf-8") as file:
                raise SystemExit(f"PgBouncer ended: {file.read()[-2000:]}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
