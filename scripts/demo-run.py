#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""
The demo behind scripts/demo: demo-run.py PROGRAM.

Starts Pebble with pebble-challtestsrv (which says that every name is 127.0.0.1), gets one
certificate with http01-standalone and one with http01-webroot, verifies both with
openssl against Pebble's root, and stops what it started.
"""
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/e2e"))

from certificates import Authority  # noqa: E402
from pebble import ChallTestSrv, Pebble  # noqa: E402
from running import Server  # noqa: E402


class Demo:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.state = folder / "state"
        self.started = []
        self.identity = self._identity()

    def _identity(self):
        """
        As root acmecore would trust no plugin in somebody else's clone, because that
        person could replace it: there it runs as its owner.
        """
        owner = ROOT.stat()
        if os.geteuid() != 0 or owner.st_uid == 0:
            return {}
        print(f"{ROOT} belongs to user id {owner.st_uid}, as whom acmecore runs")
        os.chown(self.folder, owner.st_uid, owner.st_gid)
        return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}

    def begin(self):
        say("A test CA on this machine: Pebble, with a DNS server that says 127.0.0.1")
        dns = self._start(ChallTestSrv(self.folder / "dns"))
        self.ca = self._start(Pebble(self.folder / "ca", Authority(self.folder / "tls"),
                                     dns.dns))
        (self.folder / "root.pem").write_bytes(self.ca.root())
        print(f"directory {self.ca.directory_url}")

    def _start(self, server):
        self.started.append(server)
        return server.start()

    def end(self):
        for server in reversed(self.started):
            server.stop()

    def run(self, *words, **identity):
        """Shows a command and its output, and ends the demo when it fails."""
        print(f"\n$ {shlex.join(str(word) for word in words)}", flush=True)
        code = subprocess.run([str(word) for word in words], check=False,
                              **identity).returncode
        if code != 0:
            raise SystemExit(f"demo: the command failed with exit code {code}")

    def acmecore(self, *words):
        self.run(self.program, *words, **self.identity)

    def issue(self, names, *solver):
        domains = [word for name in names for word in ("-d", name)]
        self.acmecore("issue", "--server", self.ca.directory_url,
                      "--ca-file", self.ca.ca_file, "--state-dir", self.state,
                      "--agree-tos", *domains, *solver,
                      "--self-check-via", f"127.0.0.1:{self.ca.http_port}")

    def standalone(self):
        say("One certificate for two names; acmecore answers the CA itself")
        self.issue(("a.example.test", "b.example.test"), "--solver", "http01-standalone",
                   "--set", f"http01-standalone.port={self.ca.http_port}",
                   "--set", "http01-standalone.address=127.0.0.1")

    def webroot(self):
        say("Another one, where a web server that runs already serves the answer")
        root = self.folder / "www"
        root.mkdir()
        if self.identity:
            os.chown(root, self.identity["user"], self.identity["group"])
        server = Server([sys.executable, "-m", "http.server", self.ca.http_port,
                         "--bind", "127.0.0.1", "--directory", root],
                        self.folder / "www.log")
        self.started.append(server)
        server.start([self.ca.http_port])
        self.issue(("www.example.test",), "--solver", "http01-webroot",
                   "--set", f"http01-webroot.path={root}")
        left = [path for path in root.rglob("*") if path.is_file()]
        if left:
            raise SystemExit(f"demo: left in the web root: {left}")

    def show(self):
        say("What there is now")
        self.acmecore("list", "--state-dir", self.state)
        for current in sorted(self.state.glob("certs/*/current")):
            self.acmecore("show", current.parent.name, "--state-dir", self.state)

    def verify(self):
        say("And openssl agrees, with Pebble's root")
        found = sorted(self.state.glob("certs/*/current"))
        for current in found:
            self.run("openssl", "verify", "-CAfile", self.folder / "root.pem",
                     "-untrusted", current / "chain.pem", current / "cert.pem")
            self.run("openssl", "x509", "-noout", "-ext", "subjectAltName", "-in",
                     current / "cert.pem")
        if len(found) != 2:
            raise SystemExit(f"demo: {len(found)} certificates, 2 were expected")


def say(text):
    print(f"\n=== {text}", flush=True)


def main():
    # A signal ends the demo like an error does: through what stops the servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="acmecore-demo-") as folder:
        demo = Demo(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(folder))
        try:
            demo.begin()
            demo.standalone()
            demo.webroot()
            demo.show()
            demo.verify()
        finally:
            demo.end()
    print(f"\nDone in {time.monotonic() - began:.1f} s; everything that was started is "
          "stopped.")


if __name__ == "__main__":
    main()
