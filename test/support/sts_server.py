"""A service that answers AssumeRole as AWS's does, for tests: it checks the request's signature by an implementation of its own
(from AWS's reference, "Create a signed request") and says what was asked. No service with AssumeRole can be had for tests
(versitygw has only AssumeRoleWithWebIdentity), so its keys open nothing: tests look at what was asked and at what is passed on."""
import hashlib
import hmac
import http.server
import json
import threading
import time
import urllib.parse


def signature(secret, method, path, query, headers, body, scope, signed):
    """The signature of a request that has `headers` (lower-case names) of which `signed` are covered."""
    canonical = "\n".join([method, path, query, *[f"{name}:{' '.join(headers[name].split())}" for name in signed], "",
                           ";".join(signed), headers.get("x-amz-content-sha256") or hashlib.sha256(body).hexdigest()])
    text = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


class StsServer:
    """`asked` has what each request that was signed by `key` asked for; others get 403. `life`: seconds until keys end."""

    def __init__(self, key, secret, life=3600):
        self.key, self.secret, self.life, self.asked, self.refused = key, secret, life, [], 0
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                service.serve(self)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def serve(self, client):
        body = client.rfile.read(int(client.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in client.headers.items()}
        given = dict(part.split("=", 1) for part in headers["authorization"].removeprefix("AWS4-HMAC-SHA256 ").split(", "))
        key, scope = given["Credential"].split("/", 1)
        expected = signature(self.secret, "POST", "/", "", headers, body, scope, given["SignedHeaders"].split(";"))
        if key != self.key or not hmac.compare_digest(expected, given["Signature"]):
            self.refused += 1
            self.answer(client, 403, "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>")
            return
        form = dict(urllib.parse.parse_qsl(body.decode()))
        self.asked.append({**form, "Policy": json.loads(form["Policy"]), "scope": scope})
        ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + self.life))
        number = len(self.asked)
        self.answer(client, 200, "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>"
                    f"<Credentials><AccessKeyId>ASIAKEY{number}</AccessKeyId><SecretAccessKey>role-secret-{number}"
                    f"</SecretAccessKey><SessionToken>role-token-{number}</SessionToken><Expiration>{ends}</Expiration>"
                    "</Credentials></AssumeRoleResult></AssumeRoleResponse>")

    @staticmethod
    def answer(client, status, text):
        client.send_response(status)
        client.send_header("Content-Type", "text/xml")
        client.send_header("Content-Length", str(len(text)))
        client.end_headers()
        client.wfile.write(text.encode())

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
