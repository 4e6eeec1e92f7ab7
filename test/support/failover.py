"""Several `leat serve` of one lake, as clients see them behind something that spreads requests over all that answer."""
import itertools
import threading
import time
import urllib.parse

import requests
from requests.adapters import HTTPAdapter


class Failover(HTTPAdapter):
    """Sends each request to the next server in turn, and the very same one again to another when no answer came, or when the
    answer was 503. Counts what it met. Thread-safe."""

    def __init__(self, ports, seconds=60, **options):
        super().__init__(**options)
        self.ports, self.seconds = list(ports), seconds
        self.turn = itertools.count()
        self.lock = threading.Lock()
        self.lost = self.refused = 0
        self.wrong = []  # answers that a client must never see

    def send(self, request, **options):
        end = time.monotonic() + self.seconds
        options["timeout"] = 60
        while True:
            port = self.ports[next(self.turn) % len(self.ports)]
            parts = urllib.parse.urlsplit(request.url)
            request.url = urllib.parse.urlunsplit(parts._replace(netloc=f"127.0.0.1:{port}"))
            try:
                answer = super().send(request, **options)
            except (requests.ConnectionError, requests.Timeout) as error:
                self._count(lost=1)
                if time.monotonic() > end:
                    raise error
                time.sleep(0.05)
                continue
            if answer.status_code < 500:
                return answer
            self._judge(answer)
            if answer.status_code != 503 or time.monotonic() > end:
                return answer
            time.sleep(min(float(answer.headers.get("Retry-After", "1")), 1.0) / 5)

    def _count(self, lost=0, refused=0):
        with self.lock:
            self.lost += lost
            self.refused += refused

    def _judge(self, answer):
        try:
            error = answer.json()["error"]
            as_specified = bool(error["message"] and error["type"]) and error["code"] == answer.status_code
        except (ValueError, KeyError, TypeError):
            as_specified = False
        if answer.status_code == 503 and as_specified and "Retry-After" in answer.headers:
            return self._count(refused=1)
        with self.lock:
            self.wrong.append((answer.request.method, answer.status_code, dict(answer.headers), answer.text[:500]))
        return None
