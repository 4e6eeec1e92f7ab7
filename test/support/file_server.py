"""A web server of files with everything that real ones do to their clients: no HEAD, no ranges, no versions, no lengths, cuts, lies,
index pages of several kinds, redirects, logins. It counts what it was asked.

use: with FileServer() as server: server.put("out/a.csv", "id\\n1\\n"); server.url; server.seen (one dict per request)
Switches are attributes; server.behave[path] = [behaviours], each used up by one GET of that path:
("status", 503, {"Retry-After": "1"}), ("cut", 1000), ("cut", 1000, what to do before it), ("silent", 1000), ("headers", {...})
"""
import email.utils
import hashlib
import html
import re
import socket
import threading
import time
import urllib.parse

import http_server


class FileServer:
    def __init__(self):
        self.files = {}          # path -> (content, modified)
        self.seen = []
        self.behave = {}
        self.more_headers = {}   # path -> headers of each answer with that file
        self.head_status = None  # what HEAD answers instead
        self.tag = "strong"      # or weak, or None
        self.modified = True
        self.ranges = True
        self.length = "length"   # or chunked, or none: the end of the connection is the end
        self.index = "apache"    # or nginx, python, other, None
        self.login = None        # (header, value) that each request must have
        self.down = None         # the status of every answer
        self.moved = {}          # path -> where it is now
        self.lock = threading.Lock()
        self.at_once = self.most_at_once = 0
        self.go_on = threading.Event()
        files = self

        class Handler(http_server.Handler):
            def do_GET(self):
                with files.lock:
                    files.at_once += 1
                    files.most_at_once = max(files.most_at_once, files.at_once)
                try:
                    files.answer(self)
                except OSError:
                    self.close_connection = True
                finally:
                    with files.lock:
                        files.at_once -= 1

            do_HEAD = do_GET

        class Server(http_server.Server):
            def handle_error(self, *_):  # who asked is gone
                pass

        self.server = Server(Handler)
        self.port, self.url = self.server.port, self.server.url
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.go_on.set()
        self.server.shutdown()
        self.server.server_close()

    def put(self, name, content, modified=None):
        self.files["/" + name] = (content if isinstance(content, bytes) else content.encode(), modified or int(time.time()))

    def count(self, method, name):
        return sum(1 for one in self.seen if one["path"] == "/" + name and one["method"] == method)

    def send(self, handler, status, body=b"", headers=None):
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            handler.send_header(name, value)
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)

    def answer(self, handler):
        parts = urllib.parse.urlsplit(handler.path)
        path = urllib.parse.unquote(parts.path) + ("?" + parts.query if parts.query else "")
        with self.lock:
            self.seen.append({"method": handler.command, "path": path, "headers": {k.lower(): v for k, v in handler.headers.items()}})
            behaviour = self.behave[path].pop(0) if handler.command == "GET" and self.behave.get(path) else ("",)
        if self.down:
            return self.send(handler, self.down, b"out of order")
        if self.login and handler.headers.get(self.login[0]) != self.login[1]:
            return self.send(handler, 401, b"who are you?", {"WWW-Authenticate": 'Basic realm="files"'})
        if path in self.moved:
            return self.send(handler, 302, b"", {"Location": self.moved[path]})
        if behaviour[0] == "status":
            return self.send(handler, behaviour[1], b"not now", behaviour[2])
        if handler.command == "HEAD" and self.head_status:
            return self.send(handler, self.head_status)
        if path.endswith("/"):
            return self.folder(handler, path)
        if path not in self.files:
            return self.send(handler, 404, b"nothing here")
        return self.file(handler, path, behaviour)

    def file(self, handler, path, behaviour):
        content, modified = self.files[path]
        tag = '"' + hashlib.sha1(content).hexdigest()[:16] + '"'
        headers = {"Content-Type": "text/csv"}
        if self.tag:
            headers["ETag"] = tag if self.tag == "strong" else "W/" + tag
        if self.modified:
            headers["Last-Modified"] = email.utils.formatdate(modified, usegmt=True)
        headers.update(self.more_headers.get(path, {}))
        if behaviour[0] == "headers":
            headers.update(behaviour[1])
        status, body = 200, content
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", handler.headers.get("Range", ""))
        if asked and self.ranges and handler.headers.get("If-Range", tag) in (tag, headers.get("Last-Modified")):
            begin, end = int(asked[1]), min(int(asked[2] or len(content) - 1), len(content) - 1)
            if begin >= len(content):
                return self.send(handler, 416, b"", {"Content-Range": f"bytes */{len(content)}"})
            status, body = 206, content[begin:end + 1]
            headers["Content-Range"] = f"bytes {begin}-{end}/{len(content)}"
        handler.send_response(status)
        if self.length == "length" or status == 206:
            headers.setdefault("Content-Length", str(len(body)))
        elif self.length == "chunked":
            headers["Transfer-Encoding"] = "chunked"
        else:
            headers["Connection"] = "close"
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        if handler.command == "HEAD":
            return None
        chunked = "Transfer-Encoding" in headers

        def write(piece):
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked and piece else piece)
            handler.wfile.flush()

        if behaviour[0] in ("cut", "silent"):
            write(body[:behaviour[1]])
            if behaviour[0] == "silent":
                self.go_on.wait(60)
            for call in behaviour[2:]:
                call()
            handler.connection.shutdown(socket.SHUT_RDWR)
            handler.close_connection = True
            return None
        write(body)
        if chunked:
            handler.wfile.write(b"0\r\n\r\n")
        if headers.get("Connection") == "close" or int(headers.get("Content-Length", len(content))) > len(content):
            handler.close_connection = True
        return None

    def folder(self, handler, path):
        inside = {name[len(path):] for name in self.files if name.startswith(path) and "?" not in name}
        names = sorted({name.split("/")[0] + ("/" if "/" in name else "") for name in inside})
        if not self.index or not (names or path == "/"):
            return self.send(handler, 403 if names else 404, b"no")
        links = [(urllib.parse.quote(name), html.escape(name)) for name in names]
        above = html.escape(path)
        if self.index == "apache":
            rows = "".join(f'<tr><td valign="top"><img src="/icons/text.gif" alt="[TXT]"></td><td><a href="{link}">{text}</a></td>'
                           '<td align="right">2026-11-21 10:00  </td><td align="right"> 12 </td><td>&nbsp;</td></tr>\n' for link, text in links)
            page = ('<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">\n<html>\n <head>\n  <title>Index of '
                    f'{above}</title>\n </head>\n <body>\n<h1>Index of {above}</h1>\n  <table>\n   <tr><th><a href="?C=N;O=D">Name</a></th>'
                    f'<th><a href="?C=M;O=A">Last modified</a></th></tr>\n<tr><td><a href="/">Parent Directory</a></td></tr>\n{rows}</table>\n</body></html>\n')
        elif self.index == "nginx":
            rows = "".join(f'<a href="{link}">{text[:50]}</a>{" " * 20}21-Nov-2026 10:00{" " * 18}12\r\n' for link, text in links)
            page = (f"<html>\r\n<head><title>Index of {above}</title></head>\r\n<body>\r\n<h1>Index of {above}</h1><hr><pre>"
                    f'<a href="../">../</a>\r\n{rows}</pre><hr></body>\r\n</html>\r\n')
        elif self.index == "python":
            rows = "".join(f'<li><a href="{link}">{text}</a></li>\n' for link, text in links)
            page = (f"<!DOCTYPE HTML>\n<html lang=\"en\">\n<head>\n<title>Directory listing for {above}</title>\n</head>\n<body>\n"
                    f"<h1>Directory listing for {above}</h1>\n<hr>\n<ul>\n{rows}</ul>\n<hr>\n</body>\n</html>\n")
        else:
            page = '<html><title>Welcome</title><a href="a.csv">our files</a></html>'
        return self.send(handler, 200, page.encode(), {"Content-Type": "text/html;charset=UTF-8"})
