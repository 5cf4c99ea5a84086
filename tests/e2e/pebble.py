# SPDX-License-Identifier: Apache-2.0
"""Pebble and pebble-challtestsrv on free loopback ports."""
import collections
import json
import pathlib
import re
import ssl
import subprocess
import urllib.error
import urllib.request

from running import ROOT, Server, free_port

# Nothing is left to chance unless a test asks for it. One thread: Pebble takes the read lock
# of an order twice, and stops for good when a writer comes in between (is_wedged).
CALM = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0", "PEBBLE_AUTHZREUSE": "0",
        "GOMAXPROCS": "1"}
USER_AGENT = "acmecore-tests"
REQUEST = re.compile(r"\b(GET|HEAD|POST|PUT|DELETE) (/\S*) -> calling handler")


def programs():
    """The folder with pebble and pebble-challtestsrv."""
    return pathlib.Path(subprocess.run(
        [ROOT / "scripts/get-pebble"], check=True, stdout=subprocess.PIPE,
        text=True).stdout.strip())


class ChallTestSrv:
    """
    The DNS server that Pebble asks: every name is 127.0.0.1 unless told otherwise.
    set("add-a", host="x.test.", addresses=["127.0.0.2"]) calls the management.
    """

    def __init__(self, folder, arguments=()):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.dns_port, self.port = free_port(), free_port()
        self.dns = f"127.0.0.1:{self.dns_port}"
        self.url = f"http://127.0.0.1:{self.port}"
        # Pebble tries the first address only, AAAA first: so there is none.
        self.server = Server(
            [programs() / "pebble-challtestsrv", "-dnsserver", self.dns, "-doh", "",
             "-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv6", "",
             "-management", f"127.0.0.1:{self.port}", *arguments],
            self.folder / "challtestsrv.log")

    def start(self):
        self.server.start([self.dns_port, self.port])
        return self

    def stop(self):
        self.server.stop()

    def set(self, what, **body):
        """POST to the management; the answer's text."""
        request = urllib.request.Request(f"{self.url}/{what}",
                                         data=json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.read().decode()

    def history(self, what, host):
        """What was asked: history("dns-request-history", "x.test.")."""
        return json.loads(self.set(what, host=host))


class Pebble:
    """
    One Pebble. `env`, `config` (of the object "pebble") and `arguments` add to or
    replace the calm defaults; None in env removes a variable.
    """

    def __init__(self, folder, authority, dns, env=None, config=None, arguments=()):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port, self.management_port = free_port(), free_port()
        self.http_port, self.tls_port = free_port(), free_port()
        self.ca_file = authority.path
        certificate, key = authority.server(stem=f"pebble-{self.port}")
        self.config = {
            "listenAddress": f"127.0.0.1:{self.port}",
            "managementListenAddress": f"127.0.0.1:{self.management_port}",
            "certificate": str(certificate), "privateKey": str(key),
            "httpPort": self.http_port, "tlsPort": self.tls_port,
            "ocspResponderURL": "", "externalAccountBindingRequired": False,
            "keyAlgorithm": "ecdsa", "retryAfter": {"authz": 1, "order": 1},
            "profiles": {"default": {"description": "d", "validityPeriod": 7776000}},
            **(config or {})}
        self.http_port = self.config["httpPort"]
        self.tls_port = self.config["tlsPort"]
        file = self.folder / "pebble.json"
        file.write_text(json.dumps({"pebble": self.config}, indent=1))
        merged = {name: value for name, value in {**CALM, **(env or {})}.items()
                  if value is not None}
        self.server = Server(
            [programs() / "pebble", "-config", file, "-dnsserver", dns, *arguments],
            self.folder / "pebble.log", env=merged)
        self.directory_url = f"https://localhost:{self.port}/dir"
        self.management_url = f"https://localhost:{self.management_port}"

    def start(self):
        self.server.start([self.port, self.management_port])
        return self

    def stop(self):
        self.server.stop()

    def restart(self):
        """Same ports and trust; Pebble itself has forgotten everything, also its root."""
        self.stop()
        return self.start()

    def fetch(self, url, data=None):
        """The body of a plain request; a path is one of the management interface."""
        full = url if url.startswith("https:") else self.management_url + url
        request = urllib.request.Request(full, data=data,
                                         headers={"User-Agent": USER_AGENT})
        context = ssl.create_default_context(cafile=str(self.ca_file))
        with urllib.request.urlopen(request, timeout=5, context=context) as answer:
            return answer.read()

    def is_wedged(self):
        """
        Does its database answer nobody any more? Pebble 2.10.1 takes the read lock of an
        order twice, and stops for good when a writer comes in between (its issue 554).
        """
        try:
            self.fetch("/cert-status-by-serial/1")
        except urllib.error.HTTPError:
            return False
        except OSError:
            return True
        return False

    def directory(self):
        return json.loads(self.fetch(self.directory_url))

    def root(self, number=0):
        """PEM of the root that this run of Pebble issues from."""
        return self.fetch(f"/roots/{number}")

    def intermediate(self, number=0):
        return self.fetch(f"/intermediates/{number}")

    def set_renewal_info(self, certificate, answer):
        body = json.dumps({"Certificate": certificate, "ARIResponse": answer}).encode()
        return self.fetch("/set-renewal-info/", data=body)

    def text(self):
        return self.server.text()

    def requests(self):
        """[(method, path)] in the order of arrival, from the log; the tests' own too."""
        return REQUEST.findall(self.text())

    def counts(self):
        """
        {("POST", "/order-plz"): 1, ...}; what follows the second slash is left out, so
        that all orders count as ("POST", "/my-order").
        """
        return collections.Counter(
            (method, "/" + path.split("/")[1].split("?")[0])
            for method, path in self.requests())
