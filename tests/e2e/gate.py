# SPDX-License-Identifier: Apache-2.0
"""
A gate in front of a CA: an HTTPS proxy that holds the request, or its answer, that a
test waits for. So the moment of a signal is chosen, not hoped for.

    gate = gate_of(ca)                  # its directory_url goes to acmecore
    held = gate.hold("/finalize-order", "after")
    run = issuer.start("a.test")
    held.wait()                         # the CA has done it, nobody was told
    run.send(signal.SIGKILL)
    gate.open()
"""
import base64
import http.client
import http.server
import json
import ssl
import threading

HOP_HEADERS = {"connection", "transfer-encoding", "content-length", "keep-alive"}


class Held:
    def __init__(self, path, when, number):
        self.path, self.when, self.left = path, when, number
        self.reached, self.opened = threading.Event(), threading.Event()
        self.is_dropped = False

    def wait(self, seconds=20):
        if not self.reached.wait(seconds):
            raise RuntimeError(f"nothing came to {self.when} {self.path}")


class Exchange:
    """One request and its answer, with what is inside the JWS."""

    def __init__(self, method, url, headers, body):
        self.method, self.url, self.headers = method, url, dict(headers)
        self.protected, self.payload = _open(body)
        self.status, self.answer_headers, self.answer = 0, [], b""

    @property
    def json(self):
        return json.loads(self.answer)


def _open(body):
    """(protected header, payload) of a flattened JWS; payload "" is POST-as-GET."""
    if not body:
        return None, None
    jws = json.loads(body)
    protected, payload = (base64.urlsafe_b64decode(jws[name] + "==")
                          for name in ("protected", "payload"))
    return json.loads(protected), json.loads(payload) if payload else ""


class Gate:
    """Passes everything on, until hold() names a path and a side of the CA's work."""

    def __init__(self, ca, certificate):
        self.ca, self.ca_file = ca, ca.ca_file
        self.holds = []
        self.requests, self.exchanges = [], []
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.gate = self
        self._server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._server.tls.load_cert_chain(*certificate)
        self.port = self._server.server_address[1]
        path = "/" + ca.directory_url.split("/", 3)[3]
        self.directory_url = f"https://localhost:{self.port}{path}"

    def start(self):
        threading.Thread(target=self._server.serve_forever, args=(0.02,),
                         daemon=True).start()
        return self

    def stop(self):
        self.open()
        self._server.shutdown()
        self._server.server_close()

    def hold(self, path, when="before", number=1):
        """The number-th request from now on whose path begins so."""
        held = Held(path, when, number)
        with self._lock:
            self.holds.append(held)
        return held

    def open(self, drop=False):
        """Lets everything through that is held, and what comes; or drops what is held."""
        with self._lock:
            for held in self.holds:
                held.is_dropped = drop
                held.opened.set()
            self.holds.clear()

    def open_one(self, held):
        """Lets this one through; the others stay held."""
        with self._lock:
            self.holds = [each for each in self.holds if each is not held]
            held.opened.set()

    def pass_on(self, path, when):
        with self._lock:
            held = next((each for each in self.holds
                         if each.when == when and path.startswith(each.path)), None)
            if held is None:
                return
            held.left -= 1
            if held.left > 0:
                return
        held.reached.set()
        held.opened.wait(60)
        if held.is_dropped:
            raise ConnectionAbortedError("dropped by the gate")

    def count(self, path, method="POST"):
        return sum(1 for each in self.requests if each[0] == method
                   and each[1].startswith(path))


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def get_request(self):
        connection, address = super().get_request()
        return self.tls.wrap_socket(connection, server_side=True,
                                    do_handshake_on_connect=False), address

    def handle_error(self, request, client_address):
        """Clients are killed; that is what the tests are about."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        gate = self.server.gate
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        gate.requests.append((self.command, self.path))
        exchange = Exchange(self.command, self.path, self.headers.items(), body)
        gate.exchanges.append(exchange)
        gate.pass_on(self.path, "before")
        status, headers, answer = self._ask(gate.ca, body)
        exchange.status, exchange.answer_headers = status, headers
        exchange.answer = answer
        gate.pass_on(self.path, "after")
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in HOP_HEADERS:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_HEAD = do_POST = do_GET

    def _ask(self, ca, body):
        """Same Host, so that the CA's URLs lead through the gate."""
        context = ssl.create_default_context(cafile=str(ca.ca_file))
        connection = http.client.HTTPSConnection("localhost", ca.port, timeout=30,
                                                 context=context)
        try:
            connection.request(self.command, self.path, body or None,
                               {name: value for name, value in self.headers.items()
                                if name.lower() not in HOP_HEADERS})
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def log_message(self, format, *args):
        """Quiet; the gate keeps the requests."""
