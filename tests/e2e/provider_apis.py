# SPDX-License-Identifier: Apache-2.0
"""
Stand-ins for the HTTP APIs of DNS providers, over TLS on a free loopback port. They
answer in the recorded shapes of the real ones and put the records into a real name
server (powerdns.PowerDns), which the CA asks.
"""
import collections
import http.server
import itertools
import json
import ssl
import threading
import urllib.parse

TOKEN = "a token of a test"


class Api:
    """handle(method, path, headers, body) of a subclass gives (status, document) or
    (status, document, headers)."""

    def __init__(self, certificate):
        api = self
        self.calls = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                size = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(size)) if size else None
                with api.lock:
                    api.calls.append((self.command, self.path))
                    status, document, *more = api.handle(
                        self.command, self.path, self.headers, body)
                text = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                for name, value in (more[0] if more else {}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_DELETE = answer

            def log_message(self, format, *args):
                """Quiet."""

        class Listener(http.server.ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

        self.lock = threading.Lock()
        self._server = Listener(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}"

    def start(self):
        threading.Thread(target=self._server.serve_forever, args=(0.02,),
                         daemon=True).start()
        return self

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


class AcmeDns(Api):
    """acme-dns: POST /update alone; it keeps the two newest values of a name."""

    def __init__(self, certificate, powerdns, apex, names):
        super().__init__(certificate)
        self.powerdns, self.apex = powerdns, apex
        self.accounts = {name: {"username": f"user-{name}", "password": f"secret-{name}",
                                "subdomain": name, "fulldomain": f"{name}.{apex}"}
                         for name in names}
        self.values = collections.defaultdict(list)

    def handle(self, method, path, headers, body):
        account = self.accounts.get((body or {}).get("subdomain"))
        if (method, path) != ("POST", "/update") or account is None:
            return 404, {"error": "not_found"}
        if (headers["X-Api-User"], headers["X-Api-Key"]) != (
                account["username"], account["password"]):
            return 401, {"error": "forbidden"}
        if len(body["txt"]) != 43:
            return 400, {"error": "bad_txt"}
        values = self.values[account["subdomain"]]
        values[:] = [*values, body["txt"]][-2:]
        self.powerdns.put_txt(account["fulldomain"], self.apex, *dict.fromkeys(values))
        return 200, {"txt": body["txt"]}


def failure(code, message):
    return {"success": False, "errors": [{"code": code, "message": message}],
            "messages": [], "result": None}


class Cloudflare(Api):
    """
    Cloudflare's API, version 4: /zones, and dns_records with pages and a batch.

    busy   so many answers are first 429, with Retry-After: 1
    """
    BATCH_MAX = 200     # changes of one batch in the smallest plan

    def __init__(self, certificate, powerdns, zones, busy=0):
        super().__init__(certificate)
        self.powerdns, self.busy = powerdns, busy
        self.zones = {apex: f"{number:032x}" for number, apex in enumerate(zones, 1)}
        self.records = {apex: {} for apex in zones}      # id -> record
        self.numbers = itertools.count(1)
        self.per_page = 3       # at most, so that there are pages

    def handle(self, method, path, headers, body):
        if self.busy:
            self.busy -= 1
            return 429, failure(971, "Please wait"), {"Retry-After": "1"}
        if headers["Authorization"] != f"Bearer {TOKEN}":
            return 403, failure(10000, "Authentication error")
        split = urllib.parse.urlsplit(path)
        query = dict(urllib.parse.parse_qsl(split.query))
        if split.path == "/zones":
            return self.page([{"id": self.zones[apex], "name": apex}
                              for apex in self.zones if apex == query.get("name")], query)
        for apex, zone_id in self.zones.items():
            if (method, split.path) == ("GET", f"/zones/{zone_id}/dns_records"):
                return self.page(list(self.records[apex].values()), query)
            if (method, split.path) == ("POST", f"/zones/{zone_id}/dns_records/batch"):
                return self.change(apex, body)
        return 404, failure(7003, "Could not route")

    def page(self, items, query):
        size = min(int(query.get("per_page", 20)), self.per_page)
        number = int(query.get("page", 1))
        part = items[(number - 1) * size:number * size]
        return 200, {"success": True, "errors": [], "messages": [], "result": part,
                     "result_info": {"page": number, "per_page": size, "count": len(part),
                                     "total_count": len(items),
                                     "total_pages": -(-len(items) // size)}}

    def change(self, apex, body):
        records = self.records[apex]
        posts = [(record["name"], record["content"]) for record in body.get("posts", [])]
        if len(posts) + len(body.get("deletes", [])) > self.BATCH_MAX:
            return 400, failure(9207, "Too many changes in a batch")
        known = {(record["name"], record["content"]) for record in records.values()}
        if len(set(posts)) < len(posts) or known & set(posts):
            return 400, failure(81058, "An identical record already exists.")
        for record in body.get("deletes", []):
            if record["id"] not in records:
                return 404, failure(81044, "Record does not exist.")
        touched = {records.pop(record["id"])["name"] for record in body.get("deletes", [])}
        for record in body.get("posts", []):
            self.add(apex, record["name"], record["content"])
            touched.add(record["name"])
        for name in touched:
            self.powerdns.put_txt(name, apex, *sorted(
                {record["content"].strip('"') for record in records.values()
                 if record["name"] == name}))
        return 200, {"success": True, "errors": [], "messages": [], "result": {}}

    def add(self, apex, name, content):
        number = f"{next(self.numbers):032x}"
        self.records[apex][number] = {"id": number, "name": name, "type": "TXT",
                                      "content": content, "ttl": 60}
