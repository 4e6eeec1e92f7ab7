"""An HTTP API with everything that real ones do to their clients: paging of every kind, tokens that end, limits, reports that take
their time, cut connections, odd answers. It counts what it was asked.

use: with TestApi() as api: api.url, api.seen (one dict per request), api.rows (what /rows… gives), api.behave[path] = [behaviours]
A behaviour is used up by one request: ("status", 503), ("status", 429, {"Retry-After": "1"}), ("cut", 40), ("body", b"..."), ("slow", 0.2),
("as is", b"...", {"Content-Type": "text/csv"}): these bytes with these headers, nothing packed.
"""
import base64
import gzip
import json
import socket
import threading
import time
import urllib.parse

import http_server


class TestApi:
    __test__ = False

    def __init__(self, page=100):
        self.page = page
        self.rows = []
        self.seen = []
        self.behave = {}
        self.tokens = {}
        self.token_life = 3600
        self.refresh = None  # a refresh token that is good once: each answer has the next one
        self.jobs = {}
        self.lock = threading.Lock()
        api = self

        class Handler(http_server.Handler):
            def do_GET(self):
                api.answer(self, b"")

            def do_HEAD(self):
                api.send(self, 200, b"")

            def do_POST(self):
                api.answer(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))

        self.server = http_server.Server(Handler)
        self.url = self.server.url
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def count(self, path):
        return sum(1 for one in self.seen if one["path"] == path)

    @staticmethod
    def send(handler, status, body, headers=None, kind="application/json", packed=True):
        handler.send_response(status)
        headers = dict(headers or {})
        headers.setdefault("Content-Type", kind)
        if packed and "gzip" in handler.headers.get("Accept-Encoding", "") and len(body) > 200:
            body = gzip.compress(body, 1)
            headers["Content-Encoding"] = "gzip"
        headers["Content-Length"] = str(len(body))
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)

    def answer(self, handler, body):
        parts = urllib.parse.urlsplit(handler.path)
        query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        with self.lock:
            self.seen.append({"path": parts.path, "query": query, "headers": dict(handler.headers), "body": body, "at": time.monotonic(),
                              "method": handler.command})
            behaviour = self.behave[parts.path].pop(0) if self.behave.get(parts.path) else None
        if behaviour:
            if behaviour[0] == "status":
                return self.send(handler, behaviour[1], b'{"error":"asked to"}', behaviour[2] if len(behaviour) > 2 else None)
            if behaviour[0] == "body":
                return self.send(handler, 200, behaviour[1])
            if behaviour[0] == "as is":
                return self.send(handler, 200, behaviour[1], behaviour[2], packed=False)
            if behaviour[0] == "slow":
                time.sleep(behaviour[1])
            if behaviour[0] == "cut":
                handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n" + b"[" * behaviour[1])
                handler.wfile.flush()
                handler.connection.shutdown(socket.SHUT_RDWR)
                handler.close_connection = True
                return None
        name = parts.path.strip("/").split("/")
        method = getattr(self, "on_" + name[0].replace("-", "_"), None)
        if method is None:
            return self.send(handler, 404, b'{"error":"no such path"}')
        return method(handler, name[1:], query, body)

    def since(self, query):
        return [row for row in self.rows if "since" not in query or row["at"] >= query["since"]]

    def on_list(self, handler, _, query, body):
        self.send(handler, 200, json.dumps({"data": self.since(query), "as_of": "now"}).encode())

    def on_pages(self, handler, _, query, body):
        rows, number, size = self.since(query), int(query.get("page", 1)), min(int(query.get("per_page", 30)), self.page)
        pages = -(-len(rows) // size)
        self.send(handler, 200, json.dumps({"items": rows[(number - 1) * size:number * size], "pages": pages}).encode())

    def on_offset(self, handler, _, query, body):
        rows, first, size = self.since(query), int(query.get("offset", 0)), min(int(query.get("limit", 30)), self.page)
        self.send(handler, 200, json.dumps({"items": rows[first:first + size], "total": len(rows)}).encode())

    def on_cursor(self, handler, _, query, body):
        if body:
            query = {**query, **{k: v for k, v in json.loads(body).items() if v}}
        rows, first = self.since(query), int(query.get("cursor", 0))
        more = first + self.page < len(rows)
        self.send(handler, 200, json.dumps({"rows": rows[first:first + self.page], "meta": {"next": str(first + self.page) if more else None,
                                                                                           "has_more": more}}).encode())

    def on_link(self, handler, _, query, body):
        rows, first = self.since(query), int(query.get("at", 0))
        headers = {}
        if first + self.page < len(rows):
            headers["Link"] = f'<{self.url}/link?at=0>; rel="first", <{self.url}/link?at={first + self.page}>; title="a, b"; rel="next"'
        self.send(handler, 200, json.dumps(rows[first:first + self.page]).encode(), headers)

    def on_next(self, handler, _, query, body):
        rows, first = self.since(query), int(query.get("at", 0))
        more = first + self.page < len(rows)
        self.send(handler, 200, json.dumps({"rows": rows[first:first + self.page], "links": {"next": f"/next?at={first + self.page}" if more else ""}}).encode())

    def on_window(self, handler, _, query, body):
        self.send(handler, 200, json.dumps([row for row in self.rows if query["from"] <= row["at"] < query["to"]]).encode())

    def on_people(self, handler, rest, query, body):
        if len(rest) == 2:  # /people/7/orders
            return self.send(handler, 200, json.dumps({"orders": [{"id": f"{rest[0]}-{i}", "n": i} for i in range(int(rest[0]) % 4)]}).encode())
        return self.on_pages(handler, rest, query, body)

    def on_csv(self, handler, _, query, body):
        lines = "id,name,note\n" + "".join(f'{row["id"]},"{row["name"]}, esq.","say ""{row["id"]}"""\n' for row in self.rows)
        self.send(handler, 200, lines.encode(), kind="text/csv; charset=utf-8")

    def on_lines(self, handler, _, query, body):
        self.send(handler, 200, "".join(json.dumps(row) + "\n" for row in self.rows).encode(), kind="application/x-ndjson")

    def on_feed(self, handler, _, query, body):
        """Pages of XML in Latin-1: attributes, an element that comes several times, one that is empty, one that is nil, one that is missing."""
        number = int(query.get("page", 1))
        rows = self.since(query)[(number - 1) * self.page:number * self.page]
        items = "".join(f'<item id="{row["id"]}"><name>nö {row["id"]} &amp; co</name><price currency="EUR">{row["price"]["amount"]}</price>'
                        f'<at>{row["at"]}</at><tag>a</tag>{"<tag>b</tag>" if row["open"] else ""}<qty>{row["id"] if row["open"] else ""}</qty><note xsi:nil="true"/></item>' for row in rows)
        text = f'<?xml version="1.0" encoding="iso-8859-1"?><feed xmlns="urn:feed" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" page="{number}"><items>{items}</items></feed>'
        self.send(handler, 200, text.encode("iso-8859-1"), kind="application/xml; charset=iso-8859-1")

    def on_token(self, handler, _, query, body):
        form = dict(urllib.parse.parse_qsl(body.decode()))
        basic = base64.b64decode(handler.headers.get("Authorization", "Basic ")[6:]).decode()
        good = {"client_credentials": basic == "leat:s3cret-of-client", "refresh_token": self.refresh or form.get("refresh_token") == "refresh-me-please",
                "urn:ietf:params:oauth:grant-type:jwt-bearer": form.get("assertion", "").count(".") == 2}
        if not good.get(form.get("grant_type")):
            return self.send(handler, 400, b'{"error":"invalid_client"}')
        with self.lock:
            answer = {"access_token": f"token-{len(self.tokens)}-abcdef", "token_type": "bearer", "expires_in": 3600}
            if self.refresh:
                if form.get("refresh_token") != self.refresh:
                    return self.send(handler, 400, b'{"error":"invalid_grant"}')
                self.refresh = answer["refresh_token"] = f"refresh-{len(self.tokens)}-ghijkl"
            self.tokens[answer["access_token"]] = time.monotonic() + self.token_life
        return self.send(handler, 200, json.dumps(answer).encode())

    def on_guarded(self, handler, rest, query, body):
        token = handler.headers.get("Authorization", "")[7:]
        if self.tokens.get(token, 0) < time.monotonic():
            return self.send(handler, 401, b'{"error":"invalid_token"}')
        return self.on_pages(handler, rest, query, body)

    def on_reports(self, handler, rest, query, body):
        if not rest:
            job = f"job {len(self.jobs)}"
            self.jobs[job] = 0
            return self.send(handler, 202, json.dumps({"id": job}).encode())
        job = urllib.parse.unquote(rest[0])
        if len(rest) > 1:
            return self.on_csv(handler, rest, query, body)
        self.jobs[job] += 1
        done = self.jobs[job] > 2
        return self.send(handler, 200, json.dumps({"status": "done" if done else "running", "url": f"{self.url}/reports/{rest[0]}/download" if done else None}).encode())
