"""A queue that speaks SQS's JSON protocol, for test scripts: receiving hides a message for a while, deleting ends it."""
import hashlib
import hmac
import itertools
import json
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class EventQueue:
    """Listens on `url` until `stop`. `key` and `secret` sign requests; `deleted` counts messages that were deleted, `received`
    how often one was given away, `refused` requests that were not signed well. `failing`: answers that are errors."""

    key, secret, region = "queue-key", "queue-secret", "us-east-1"

    def __init__(self):
        self.lock = threading.Condition()
        self.messages = {}  # number -> [body, visible from, receipt]
        self.numbers = itertools.count(1)
        self.deleted = self.received = self.refused = self.failing = 0
        self.ended = False
        queue = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):  # noqa: N802
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = queue.answer(self.headers, body)
                text = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.0")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                try:
                    self.wfile.write(text)
                except OSError:
                    pass

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/000000000000/arrived"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def send(self, body):
        with self.lock:
            self.messages[next(self.numbers)] = [body if isinstance(body, str) else json.dumps(body), 0.0, ""]
            self.lock.notify_all()

    def object_came(self, bucket, *keys, event="ObjectCreated:Put"):
        self.send({"Records": [{"eventSource": "aws:s3", "eventName": event,
                                "s3": {"bucket": {"name": bucket}, "object": {"key": urllib.parse.quote_plus(key, safe="/"), "size": 1}}}
                               for key in keys]})

    def left(self):
        with self.lock:
            return len(self.messages)

    def answer(self, headers, body):
        if not self.signed(headers, body):
            self.refused += 1
            return 403, {"__type": "com.amazon.coral.service#InvalidSignatureException", "message": "the signature does not match"}
        if self.failing:
            self.failing -= 1
            return 400, {"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "no such queue"}
        action, asked = headers["X-Amz-Target"], json.loads(body)
        assert asked["QueueUrl"] == self.url, asked
        if action == "AmazonSQS.DeleteMessage":
            with self.lock:
                for number, message in list(self.messages.items()):
                    if message[2] == asked["ReceiptHandle"]:
                        del self.messages[number]
                        self.deleted += 1
            return 200, {}
        assert action == "AmazonSQS.ReceiveMessage", action
        end = time.monotonic() + asked["WaitTimeSeconds"]
        with self.lock:
            while not self.ended:
                now = time.monotonic()
                ready = [(number, message) for number, message in self.messages.items() if message[1] <= now]
                if ready or now >= end:
                    break
                self.lock.wait(0.1)
            given = []
            for number, message in ready[:asked["MaxNumberOfMessages"]]:
                self.received += 1
                message[1:] = [time.monotonic() + asked["VisibilityTimeout"], f"receipt-{number}-{self.received}"]
                given.append({"MessageId": str(number), "ReceiptHandle": message[2], "Body": message[0]})
        return 200, {"Messages": given} if given else {}

    def signed(self, headers, body):
        try:
            parts = dict(part.strip().split("=", 1) for part in headers["Authorization"].split(" ", 1)[1].split(","))
            key, day, region, service, _ = parts["Credential"].split("/")
            names = parts["SignedHeaders"].split(";")
        except (AttributeError, KeyError, ValueError, TypeError):
            return False
        canonical = "\n".join(["POST", "/", "", "".join(f"{name}:{headers[name].strip()}\n" for name in names), ";".join(names),
                               hashlib.sha256(body).hexdigest()])
        scope = f"{day}/{region}/{service}/aws4_request"
        text = "\n".join(["AWS4-HMAC-SHA256", headers["X-Amz-Date"], scope, hashlib.sha256(canonical.encode()).hexdigest()])
        signing = ("AWS4" + self.secret).encode()
        for part in (day, region, service, "aws4_request"):
            signing = hmac.new(signing, part.encode(), hashlib.sha256).digest()
        good = hmac.new(signing, text.encode(), hashlib.sha256).hexdigest()
        return (key, region, service, parts["Signature"]) == (self.key, self.region, "sqs", good) and {"host", "x-amz-target"} <= set(names)

    def stop(self):
        self.ended = True
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
