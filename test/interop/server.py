"""One `leat serve` for all interop cases."""
import json
import socket
import urllib.error
import urllib.request

from leat_project import wait_for


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """Serves a project with tokens; `admin`, `writer` and `reader` are the secrets of three tokens."""

    def __init__(self, project):
        self.project = project
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/iceberg"
        self.admin, self.writer, self.reader = (self._token(scope) for scope in ("admin", "write", "read"))
        self.process = project.start("serve", "--listen", f"127.0.0.1:{self.port}")
        wait_for("leat serve to answer", self._healthy)

    def _token(self, scope):
        return self.project.json("serve", "token", "create", f"interop-{scope}", "--scope", scope)["token"]

    def _healthy(self):
        if self.process.poll() is not None:
            raise SystemExit(f"leat serve ended with {self.process.returncode}\n{self.process.stderr.read()}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def call(self, method, path, body=None, token=None):
        """One request; returns (status, JSON or None)."""
        request = urllib.request.Request(self.url + path, method=method, data=None if body is None else json.dumps(body).encode())
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text, status = answer.read(), answer.status
        except urllib.error.HTTPError as error:
            text, status = error.read(), error.code
        return status, json.loads(text) if text else None

    def stop(self):
        """Ends the server as an operator would; returns its exit code."""
        self.process.terminate()
        try:
            return self.process.wait(timeout=30)
        finally:
            self.process.stdout.close()
            self.process.stderr.close()
