# SPDX-License-Identifier: Apache-2.0
"""A CA's web server for revocation lists, good and bad."""
import http.server
import threading


class CrlServer:
    """
    lists     path: bytes, or function of the request's handler that answers itself
    requests  (path, headers) in the order in which they came
    """

    def __init__(self):
        self.lists, self.requests, self.stops = {}, [], threading.Event()
        own = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                own.requests.append((self.path, dict(self.headers)))
                answer = own.lists.get(self.path)
                if callable(answer):
                    answer(self)
                elif answer is None:
                    self.send_error(404)
                else:
                    send(self, answer)

            def log_message(self, format, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    def start(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        self.stops.set()
        self.server.shutdown()
        self.server.server_close()

    def url(self, path="/list.crl"):
        return f"http://127.0.0.1:{self.server.server_address[1]}{path}"


def send(handler, body, status=200, headers=(), length=None):
    handler.send_response(status)
    for name, value in headers:
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.end_headers()
    try:
        handler.wfile.write(body)
    except OSError:
        pass


def with_status(status, *headers):
    return lambda handler: send(handler, b"", status, headers)


def tagged(body, tag):
    """Answers a question for this tag with 304."""
    def answer(handler):
        if handler.headers["If-None-Match"] == tag:
            send(handler, b"", 304, [("ETag", tag)])
        else:
            send(handler, body, headers=[("ETag", tag)])
    return answer


def cut(body):
    return lambda handler: send(handler, body[:len(body) // 2], length=len(body))


def endless(handler):
    handler.send_response(200)
    handler.end_headers()
    try:
        for _ in range(64):
            handler.wfile.write(bytes(1 << 20))
    except OSError:
        pass


def dripping(server, body):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        try:
            for octet in body:
                handler.wfile.write(bytes([octet]))
                if server.stops.wait(0.5):
                    return
        except OSError:
            pass
    return answer
