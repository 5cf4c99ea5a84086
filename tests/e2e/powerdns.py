# SPDX-License-Identifier: Apache-2.0
"""The real PowerDNS Authoritative Server, with its HTTP API, on free loopback ports."""
import json
import pathlib
import re
import urllib.request

from dns_servers import find_program, has_ipv6
from running import Server, free_port

KEY = "the api key of a test"


class PowerDns:
    """
    zones  names without the final dot; records of a zone are there when it starts

        server.url, server.key_file, server.address
        server.calls()      (method, path) of all calls that the API saw
    """

    def __init__(self, folder, zones):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.zones = zones
        self.port, self.api_port = free_port(), free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.url = f"http://127.0.0.1:{self.api_port}"
        self.key_file = self.folder / "api.key"
        self.key_file.touch(mode=0o600)
        self.key_file.write_text(KEY)
        hosts = ["127.0.0.1"] + (["::1"] if has_ipv6() else [])
        (self.folder / "pdns.conf").write_text("\n".join([
            "launch=lmdb", f"lmdb-filename={self.folder}/pdns.lmdb",
            f"local-address={','.join(hosts)}", f"local-port={self.port}",
            "api=yes", f"api-key={KEY}", "webserver=yes",
            "webserver-address=127.0.0.1", f"webserver-port={self.api_port}",
            "webserver-allow-from=127.0.0.1", "webserver-loglevel=normal",
            f"socket-dir={self.folder}", "daemon=no", "guardian=no",
            "disable-syslog=yes", "loglevel=6", "cache-ttl=0", "query-cache-ttl=0",
            "negquery-cache-ttl=0", "zone-cache-refresh-interval=0",
            "security-poll-suffix=", "setuid=", "setgid=", ""]))
        self.log = self.folder / "pdns.log"
        self.server = Server([find_program("pdns_server"),
                              f"--config-dir={self.folder}"], self.log)

    def start(self):
        self.server.start([self.api_port, self.port])
        for apex in self.zones:
            self.call("POST", "/zones", {
                "name": f"{apex}.", "kind": "Native", "nameservers": [f"ns1.{apex}."],
                "rrsets": [{"name": f"ns1.{apex}.", "type": "A", "ttl": 60,
                            "records": [{"content": "127.0.0.1", "disabled": False}]}]})
        return self

    def stop(self):
        self.server.stop()

    def call(self, method, path, body=None):
        request = urllib.request.Request(
            f"{self.url}/api/v1/servers/localhost{path}", method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"X-API-Key": KEY, "Content-Type": "application/json",
                     "User-Agent": "fixture"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def put(self, kind, name, apex, *contents):
        """The whole set of a name, as the API wants contents; none: it goes."""
        self.call("PATCH", f"/zones/{apex}.", {"rrsets": [{
            "name": f"{name}.", "type": kind, "ttl": 60,
            "changetype": "REPLACE" if contents else "DELETE",
            "records": [{"content": content, "disabled": False}
                        for content in contents]}]})

    def put_txt(self, name, apex, *values):
        self.put("TXT", name, apex, *(f'"{value}"' for value in values))

    def txt(self, apex):
        """{name without the final dot: values}"""
        return {each["name"].rstrip("."): sorted(
                    record["content"].strip('"') for record in each["records"])
                for each in self.call("GET", f"/zones/{apex}.")["rrsets"]
                if each["type"] == "TXT"}

    def calls(self, method, apex):
        """How many calls of this kind the API has answered for a zone."""
        return len(re.findall(
            rf'"{method} /api/v1/servers/localhost/zones/{re.escape(apex)}\.[? ]',
            self.log.read_text(errors="replace")))
