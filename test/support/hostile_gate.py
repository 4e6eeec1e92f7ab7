"""An HTTP gate in front of an object store that is hostile by chance of a seed: slow, busy, cutting, or silent after the work."""
import collections
import http.client
import http.server
import random
import threading
import time

MOODS = ("busy", "cut_before", "cut_after", "cut_within", "slow")


class HostileGate:
    """Answers at `url` with what the store says, but for `share` of the requests, which meet one of MOODS:
    busy        503 SlowDown; the store hears nothing
    cut_before  the connection ends; the store hears nothing
    cut_after   the store does the work; the connection ends without an answer
    cut_within  the store does the work; half of the answer arrives
    slow        the answer comes in pieces
    `moods` chooses among them; `counts` says how often each was met. Requests that look at nothing (health) pass."""

    def __init__(self, store_url, seed, share=0.15, moods=MOODS):
        self.store = store_url.removeprefix("http://")
        self.random = random.Random(seed)
        self.share, self.moods = share, moods
        self.counts, self.methods = collections.Counter(), collections.Counter()
        self.lock = threading.Lock()
        gate = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def handle_one_request(self):
                try:
                    super().handle_one_request()
                except (ConnectionError, TimeoutError):
                    self.close_connection = True

            def do(self):
                gate.serve(self)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = do

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def mood(self, method):
        with self.lock:
            self.methods[method] += 1
            if self.random.random() >= self.share:
                return "calm"
            mood = self.random.choice(self.moods)
            self.counts[mood, method] += 1
            return mood

    def met(self, mood):
        return sum(count for (name, _), count in self.counts.items() if name == mood)

    def serve(self, client):
        body = client.rfile.read(int(client.headers.get("Content-Length") or 0))
        mood = self.mood(client.command)
        if mood == "cut_before":
            client.close_connection = True
            return
        if mood == "busy":
            text = b"<?xml version=\"1.0\"?><Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>"
            head = f"HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nContent-Length: {len(text)}\r\n\r\n"
            client.wfile.write(head.encode() + (b"" if client.command == "HEAD" else text))
            return
        upstream = http.client.HTTPConnection(self.store, timeout=60)
        try:
            upstream.putrequest(client.command, client.path, skip_host=True, skip_accept_encoding=True)
            for name, value in client.headers.items():
                upstream.putheader(name, value)  # the host, too: it is signed
            upstream.endheaders(body)
            answer = upstream.getresponse()
            content = answer.read()
        finally:
            upstream.close()
        head = f"HTTP/1.1 {answer.status} {answer.reason}\r\n"
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "content-length", "keep-alive"):
                head += f"{name}: {value}\r\n"
        length = answer.getheader("Content-Length") if client.command == "HEAD" else len(content)
        if length is not None and answer.status != 204:
            head += f"Content-Length: {length}\r\n"
        raw = head.encode("latin-1") + b"\r\n" + content
        if mood in ("cut_after", "cut_within"):
            client.close_connection = True
            if mood == "cut_within":
                client.wfile.write(raw[:len(raw) // 2])
                client.wfile.flush()
            return
        if mood == "slow":
            for piece in range(4):
                client.wfile.write(raw[piece * len(raw) // 4:(piece + 1) * len(raw) // 4])
                client.wfile.flush()
                time.sleep(0.02)
            return
        client.wfile.write(raw)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
