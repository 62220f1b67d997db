"""A receiver as a Python team would write it: 200 where the signature is right, else 400. Prints its port
when it listens."""

from __future__ import annotations

import hashlib
import hmac
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET, SCHEME = sys.argv[1].encode(), sys.argv[2]
KEY = SECRET if SCHEME == "legacy" else hashlib.sha256(SECRET).hexdigest().encode()


class Hook(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        right = hmac.compare_digest(hashlib.sha256(body + KEY).hexdigest(), self.headers.get("Signature", ""))
        self.send_response(200 if right else 400)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return


server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
print(server.server_address[1], flush=True)
server.serve_forever()
