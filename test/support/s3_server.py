"""A real object store for test scripts (s3_server.sh), and a gate in front of it that is hostile by chance of a seed."""
import os
import shutil
import socket
import subprocess
import urllib.request

from leat_project import scratch, wait_for

HERE = os.path.dirname(os.path.abspath(__file__))


class S3Server:
    """Started at once; `with` ends it and removes its folder. The bucket `lake` is there."""

    key, secret = "leat-test-key", "leat-test-secret"

    def __init__(self):
        parent = scratch("leat-s3-")
        self.folder = os.path.join(parent, "store")
        self.process = subprocess.Popen([os.path.join(HERE, "s3_server.sh"), self.folder])
        wait_for("the object store", self._answers)

    def _answers(self):
        if self.process.poll() is not None:
            raise SystemExit(f"the object store ended: {self._log()}")
        try:
            with open(os.path.join(self.folder, "url"), encoding="utf-8") as file:
                self.url = file.read().strip()
            with urllib.request.urlopen(self.url + "/health", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def _log(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8") as file:
            return file.read()[-2000:]

    def make_bucket(self, name):
        os.mkdir(os.path.join(self.folder, "data", name))

    def files(self, bucket="lake"):
        """Names of all objects of a bucket."""
        root = os.path.join(self.folder, "data", bucket)
        return sorted(os.path.relpath(os.path.join(folder, name), root)
                      for folder, folders, names in os.walk(root) if ".sgwtmp" not in folder for name in names)

    def environment(self, endpoint=None):
        """Variables of a process that finds this store and its keys, and asks nobody else for them."""
        return {"AWS_ENDPOINT_URL": endpoint or self.url, "AWS_ACCESS_KEY_ID": self.key, "AWS_SECRET_ACCESS_KEY": self.secret,
                "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
                "AWS_CONFIG_FILE": "/dev/null"}

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)
        shutil.rmtree(os.path.dirname(self.folder), ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
