# SPDX-License-Identifier: Apache-2.0
"""
An ACME server over HTTPS that is good until a test tells it otherwise.

    ca = scripted_ca()
    ca.script("newOrder", replies.problem("rateLimited", status=429), replies.normal())
    ca.always("order", replies.merge(status="processing"))

Resources: directory newNonce newAccount newOrder revokeCert keyChange account orders
order authorization challenge finalize certificate renewalInfo, and unknown. It keeps every request
(ca.requests), takes every signature for good, and validates nothing unless `validate`
is set. Change ca.paths for URLs of another form, `meta` for the directory.
"""
import base64
import collections
import dataclasses
import http.server
import json
import pathlib
import secrets
import socket
import ssl
import struct
import threading
import time

import mini_ca
from replies import Response, problem_response

PATHS = {
    "directory": "/directory", "newNonce": "/acme/new-nonce",
    "newAccount": "/acme/new-account", "newOrder": "/acme/new-order",
    "newAuthz": "/acme/new-authz", "revokeCert": "/acme/revoke", "keyChange": "/acme/key-change",
    "account": "/acme/account/{id}", "orders": "/acme/orders/{id}",
    "order": "/acme/order/{id}", "authorization": "/acme/authorization/{id}",
    "challenge": "/acme/challenge/{id}", "finalize": "/acme/finalize/{id}",
    "certificate": "/acme/certificate/{id}", "renewalInfo": "/acme/renewal-info",
}
REQUEST_BODY_MAX = 10 << 20


def from_base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclasses.dataclass
class Request:
    method: str
    target: str         # as it came: path and query
    headers: object     # case does not matter: headers["user-agent"]
    body: bytes
    resource: str
    id: str
    at: float           # time.monotonic()

    @property
    def jws(self):
        return json.loads(self.body)

    @property
    def protected(self):
        return json.loads(from_base64url(self.jws["protected"]))

    @property
    def payload(self):
        """None for POST-as-GET."""
        raw = from_base64url(self.jws["payload"])
        return json.loads(raw) if raw else None


class ScriptedCa:
    def __init__(self, folder, authority, tls=True, certificate=None, check_nonces=True,
                 paths=None, **options):
        """
        certificate   (chain file, key file) of the server, instead of a good one
        check_nonces  badNonce for one that is unknown or was used
        options       of mini_ca.MiniCa: validation_polls, processing_polls,
                      retry_after, validate, meta, token, leaf, change_chain
        """
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ca_file = authority.path
        self.paths = {**PATHS, **(paths or {})}
        self.check_nonces = check_nonces
        self.requests = []
        self.nonces_twice = []
        self.connections = 0
        self.stopping = threading.Event()
        self.mini = mini_ca.MiniCa(self, self.folder, **options)
        self._lock = threading.RLock()
        self._known = {}
        self._nonces, self._used = set(), set()
        self._scripts, self._always = collections.defaultdict(list), {}
        self._drop_next = 0
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.ca = self
        self._server.tls = None
        if tls:
            chain, key = certificate or authority.server(stem=f"scripted-{id(self)}")
            self._server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._server.tls.load_cert_chain(chain, key)
        self.port = self._server.server_address[1]
        self.base = f"{'https' if tls else 'http'}://localhost:{self.port}"
        for resource, path in self.paths.items():
            if "{id}" not in path:
                self._known[path] = (resource, "")
        self.directory_url = self.url("directory")

    def start(self):
        threading.Thread(target=self._server.serve_forever, args=(0.01,),
                         daemon=True).start()
        return self

    def stop(self):
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def url(self, resource, number=""):
        """The URL of a resource; from then on it is known."""
        path = self.paths[resource].replace("{id}", str(number))
        with self._lock:
            self._known[path] = (resource, str(number))
        return self.base + path

    def script(self, resource, *behaviours):
        """The next requests of the resource get these, one each, in order."""
        with self._lock:
            self._scripts[resource] += behaviours

    def always(self, resource, behaviour):
        """All that no script is left for; None takes it back."""
        with self._lock:
            self._always[resource] = behaviour

    def states(self, resource, *documents):
        """Members laid over the good object, one dict a request; the last one stays."""
        def overlay(members):
            return lambda _ca, _request, act: act().merge(**members)
        self.script(resource, *[overlay(members) for members in documents[:-1]])
        self.always(resource, overlay(documents[-1]))

    def drop_connections(self, count):
        """The next connections are closed before anything is read."""
        self._drop_next = count

    def counts(self):
        """{("POST", "newOrder"): 1, ...}"""
        return collections.Counter((request.method, request.resource)
                                   for request in self.requests)

    def of(self, resource, method="POST"):
        return [request for request in self.requests
                if (request.method, request.resource) == (method, resource)]

    def new_nonce(self):
        nonce = secrets.token_urlsafe(16)
        with self._lock:
            self._nonces.add(nonce)
        return nonce

    # What follows is for the handler.

    def refuses_connection(self):
        with self._lock:
            self.connections += 1
            self._drop_next -= 1
            return self._drop_next >= 0

    def answer(self, method, target, headers, body):
        with self._lock:
            resource, number = self._find(target)
            request = Request(method, target, headers, body, resource, number,
                              time.monotonic())
            self.requests.append(request)
            script = self._scripts[resource]
            behaviour = script.pop(0) if script else self._always.get(resource)
        if behaviour is None:
            return self._act(request)
        return behaviour(self, request, lambda: self._act(request))

    def _find(self, target):
        base, _, name = target.rpartition("/")
        if base == self.paths["renewalInfo"]:
            return "renewalInfo", name      # the client knows it without being told
        return self._known.get(target, ("unknown", ""))

    def _act(self, request):
        with self._lock:
            refusal = self._refusal_of_nonce(request)
            return refusal or self.mini.act(request)

    def _refusal_of_nonce(self, request):
        if request.method != "POST":
            return None
        try:
            nonce = request.protected["nonce"]
        except (ValueError, KeyError, TypeError):
            return problem_response("malformed", "this is no JWS with a nonce")
        if nonce in self._used:
            self.nonces_twice.append(nonce)
        is_good = nonce in self._nonces
        self._nonces.discard(nonce)
        self._used.add(nonce)
        if is_good or not self.check_nonces:
            return None
        return problem_response("badNonce", "unknown or used nonce")


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def get_request(self):
        connection, address = super().get_request()
        if self.tls is not None:
            # The handshake comes with the first read, in the connection's own thread.
            connection = self.tls.wrap_socket(connection, server_side=True,
                                              do_handshake_on_connect=False)
        return connection, address

    def verify_request(self, request, client_address):
        return not self.ca.refuses_connection()

    def handle_error(self, request, client_address):
        """Clients go away in the middle; that is what the tests are about."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        size = min(int(self.headers.get("Content-Length", 0)), REQUEST_BODY_MAX)
        body = self.rfile.read(size)
        response = self.server.ca.answer(self.command, self.path, self.headers, body)
        self._send(response or Response(status=0))

    do_HEAD = do_POST = do_PUT = do_GET

    def log_message(self, format, *args):
        """Quiet; the CA keeps the requests."""

    def _send(self, response):
        ca = self.server.ca
        ca.stopping.wait(response.delay_s)
        if response.status:
            self.wfile.write(self._head(response))
            if self.command != "HEAD":
                self._send_body(response)
        if response.close or not response.status or response.content_length is None:
            self.close_connection = True
        if response.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()

    def _head(self, response):
        lines = [f"HTTP/1.1 {response.status} Scripted"]
        lines += [f"{name}: {value}" for name, value in response.headers]
        if response.has_nonce:
            lines.append(f"Replay-Nonce: {self.server.ca.new_nonce()}")
        length = response.content_length
        if length == "right":
            length = len(response.body)
        if length is not None and response.status != 204:
            lines.append(f"Content-Length: {length}")
        if response.close or length is None:
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")

    def _send_body(self, response):
        chunks = response.body
        if response.drip_s:
            chunks = [bytes([byte]) for byte in response.body]
        elif isinstance(response.body, (bytes, bytearray)):
            chunks = [response.body]
        for chunk in chunks:
            self.wfile.write(chunk)
            if response.drip_s and self.server.ca.stopping.wait(response.drip_s):
                return
