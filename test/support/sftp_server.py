"""A real SFTP server (OpenSSH) for test scripts, on a free port of 127.0.0.1, with keys and folders of its own."""
import os
import shutil
import socket
import subprocess

from leat_project import scratch, wait_for
from s3_server import free_port

SSHD = "/usr/sbin/sshd"
UNPRIVILEGED = "nobody"


def make_key(path, kind="ed25519", passphrase=""):
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "test", "-f", path], check=True)
    return path


def fingerprint(public_key):
    return subprocess.run(["ssh-keygen", "-l", "-f", public_key], check=True, capture_output=True, text=True).stdout.split()[1]


class SftpServer:
    """Started at once; `with` ends it and removes its folder. It runs as an unprivileged user, which is the only one who can
    log in, with the key `key` (a file); what lies in `data` is what it serves, and where a login comes to."""

    def __init__(self):
        self.folder = scratch("leat-sftp-")
        os.chmod(self.folder, 0o755)
        self.data = os.path.join(self.folder, "data")
        self.port = free_port()
        self.user = UNPRIVILEGED if os.geteuid() == 0 else os.environ.get("USER") or os.popen("id -un").read().strip()
        self.key = make_key(os.path.join(self.folder, "client"))
        self.rsa_key = make_key(os.path.join(self.folder, "client_rsa"), "rsa")
        self.locked_key = make_key(os.path.join(self.folder, "client_locked"), passphrase="open sesame")
        with open(os.path.join(self.folder, "authorized"), "w", encoding="utf-8") as out:
            for key in (self.key, self.rsa_key, self.locked_key):
                with open(key + ".pub", encoding="utf-8") as public:
                    out.write(public.read())
        os.mkdir(self.data)
        self.make_host_keys()
        self.own(self.data)
        self.process = None
        self.start()

    def own(self, path):
        if os.geteuid() == 0:
            shutil.chown(path, self.user, "nogroup")

    def make_host_keys(self):
        """New host keys; those that were there go."""
        self.host_keys = {}
        for kind in ("ed25519", "ecdsa", "rsa"):
            path = os.path.join(self.folder, "host_" + kind)
            for old in (path, path + ".pub"):
                if os.path.exists(old):
                    os.remove(old)
            make_key(path, kind)
            self.own(path)
            self.host_keys[kind] = fingerprint(path + ".pub")
        self.host_key = self.host_keys["ed25519"]

    def command(self):
        return [SSHD, "-D", "-e", "-f", os.path.join(self.folder, "sshd_config")]

    def settings(self):
        return f"AuthorizedKeysFile {self.folder}/authorized\nPasswordAuthentication no\n"

    def start(self):
        with open(os.path.join(self.folder, "sshd_config"), "w", encoding="utf-8") as out:
            out.write(f"Port {self.port}\nListenAddress 127.0.0.1\nPidFile none\nStrictModes no\nUsePAM yes\nMaxStartups 100\n"
                      "LoginGraceTime 20\nKbdInteractiveAuthentication no\n"
                      f"Subsystem sftp internal-sftp -d {self.data}\n" + self.settings()
                      + "".join(f"HostKey {self.folder}/host_{kind}\n" for kind in self.host_keys))
        command = self.command()
        if os.geteuid() == 0 and command[0] == SSHD:
            command = ["setpriv", f"--reuid={self.user}", "--regid=nogroup", "--clear-groups", *command]
        self.log = open(os.path.join(self.folder, "log"), "a", encoding="utf-8")
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *command], stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        wait_for("the SFTP server", self._answers)

    def _answers(self):
        if self.process.poll() is not None:
            with open(os.path.join(self.folder, "log"), encoding="utf-8") as log:
                raise SystemExit(f"the SFTP server ended: {log.read()[-2000:]}")
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as one:
                return one.recv(4) == b"SSH-"
        except OSError:
            return False

    def put(self, name, content, modified=None):
        path = os.path.join(self.data, name)
        folder = os.path.dirname(path)
        if not os.path.isdir(folder):
            os.makedirs(folder)
            while folder != self.data:
                self.own(folder)
                folder = os.path.dirname(folder)
        with open(path, "wb") as out:
            out.write(content if isinstance(content, bytes) else content.encode())
        self.own(path)
        if modified is not None:
            os.utime(path, (modified, modified))
        return path

    def names(self, folder=""):
        root = os.path.join(self.data, folder)
        return sorted(os.path.relpath(os.path.join(where, name), root) for where, _, names in os.walk(root) for name in names)

    def stop_listening(self):
        self.process.terminate()
        self.process.wait(timeout=30)
        self.log.close()

    def stop(self):
        self.stop_listening()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class PasswordServer(SftpServer):
    """One for a user of its own with a password. It needs root and mount namespaces: the machine's own list of users stays as it
    is. `possible` says whether they are there."""

    password = "correct horse"
    number = 54321

    def own(self, path):
        os.chown(path, self.number, 65534)

    @staticmethod
    def possible():
        return os.geteuid() == 0 and subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode == 0

    def settings(self):
        self.user = "guest"
        hashed = subprocess.run(["openssl", "passwd", "-6", self.password], check=True, capture_output=True, text=True).stdout.strip()
        for name, line in (("passwd", f"guest:x:{self.number}:65534::{self.data}:/bin/sh\n"), ("shadow", f"guest:{hashed}:19000:0:99999:7:::\n")):
            with open("/etc/" + name, encoding="utf-8") as real, open(os.path.join(self.folder, name), "w", encoding="utf-8") as out:
                out.write(real.read() + line)
        os.chmod(os.path.join(self.folder, "shadow"), 0o600)
        return "PubkeyAuthentication no\nPasswordAuthentication yes\n"

    def command(self):
        return ["unshare", "-m", "sh", "-c",
                f"mount --bind {self.folder}/passwd /etc/passwd && mount --bind {self.folder}/shadow /etc/shadow && "
                f"mount -t tmpfs tmpfs /run && mkdir -m 0755 /run/sshd && exec {SSHD} -D -e -f {self.folder}/sshd_config"]
