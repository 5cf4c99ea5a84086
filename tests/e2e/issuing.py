# SPDX-License-Identifier: Apache-2.0
"""One certificate as most tests want it: at a CA, with a web root or a listener."""
import functools
import http.server
import json
import os
import pathlib
import subprocess
import threading
import time

from program import peak_kib

SCHEMA = 1


class WebServer:
    """Serves a folder on a loopback port, as any web server would; keeps the paths."""

    def __init__(self, folder, port=0, address="127.0.0.1"):
        self.paths = paths = []

        class Handler(http.server.SimpleHTTPRequestHandler):
            def do_GET(self):
                paths.append(self.path)
                super().do_GET()

            def log_message(self, format, *args):
                """Quiet."""

        class Listener(http.server.ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False
            allow_reuse_address = True
            request_queue_size = 512

        self._server = Listener((address, port),
                                functools.partial(Handler, directory=str(folder)))
        self.port = self._server.server_address[1]

    def start(self):
        threading.Thread(target=self._server.serve_forever, args=(0.02,),
                         daemon=True).start()
        return self

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


def standalone(port, address="127.0.0.1", via=True):
    """Options for http01-standalone at this port, which the self-check asks, too."""
    words = ["--solver", "http01-standalone", "--set", f"http01-standalone.port={port}",
             "--set", f"http01-standalone.address={address}"]
    shown = f"[{address}]" if ":" in address else address
    return words + (["--self-check-via", f"{shown}:{port}"] if via else [])


def webroot(folder, check="off"):
    return ["--solver", "http01-webroot", "--set", f"http01-webroot.path={folder}",
            "--self-check", check]


def domains(*names):
    return [word for name in names for word in ("-d", name)]


class Issuer:
    """
    issuer("a.test", "--json") runs `acmecore issue` at the CA; names come first, words
    that begin with "-" and all after them are options. Challenges go to a web root,
    unless `solver` (a list of options) says otherwise.
    """

    def __init__(self, acmecore, ca, folder, solver=None, agrees=True):
        self.acmecore, self.ca = acmecore, ca
        self.web = pathlib.Path(folder) / "web"
        self.web.mkdir(exist_ok=True)
        self.solver = webroot(self.web) if solver is None else solver
        self.consent = ["--agree-tos"] if agrees else []

    @property
    def state(self):
        return self.acmecore.state

    def at_ca(self):
        return ["--server", self.ca.directory_url, "--ca-file", self.ca.ca_file]

    def words(self, *words):
        names = []
        for word in words:
            if str(word).startswith("-"):
                break
            names.append(word)
        return ["issue", *self.at_ca(), *self.consent, *domains(*names), *self.solver,
                *words[len(names):]]

    def start(self, *words, **options):
        return self.acmecore.start(*self.words(*words), **options)

    def __call__(self, *words, **options):
        return self.acmecore(*self.words(*words), **options)

    # What the store holds.

    def folder_of(self, name):
        return self.state / "certs" / name

    def current(self, name, file="fullchain.pem"):
        return (self.folder_of(name) / "current" / file).read_bytes()

    def has_certificate(self, name):
        return (self.folder_of(name) / "current").exists()

    def journal(self, name):
        """order.json, or None."""
        try:
            return json.loads((self.folder_of(name) / "order.json").read_text())
        except FileNotFoundError:
            return None

    def order_url(self, name):
        return find_value(self.journal(name), "url")

    def answers(self):
        """Files in the web root, and folders that are not the test's own."""
        return sorted(path.relative_to(self.web).as_posix()
                      for path in self.web.rglob("*"))

    def litter(self):
        """Temporary files that a run left in the store."""
        return [path for path in self.state.rglob("*")
                if path.name.startswith(".") or path.name.endswith((".tmp", "~"))]


def find_value(document, member):
    """The first value of that member at any depth."""
    if isinstance(document, dict):
        if member in document:
            return document[member]
        document = list(document.values())
    if isinstance(document, list):
        for each in document:
            found = find_value(each, member)
            if found is not None:
                return found
    return None


def public_key(pem, is_key=False):
    words = ["openssl", "pkey", "-pubout"] if is_key else [
        "openssl", "x509", "-noout", "-pubkey"]
    return subprocess.run(words, input=pem, capture_output=True, check=True).stdout


def text_of(pem, *options):
    return subprocess.run(["openssl", "x509", "-noout", *options], input=pem,
                          capture_output=True, check=True, text=False).stdout.decode()


def names_of(pem):
    """{"DNS:a.test", "IP Address:127.0.0.1"} of the first certificate."""
    text = text_of(pem, "-ext", "subjectAltName").split("\n")[1]
    return {name.strip() for name in text.split(",")}


def chain_length(pem):
    return pem.count(b"-----BEGIN CERTIFICATE-----")


def verifies(folder, root, chain):
    """Whether a second tool comes from the chain to the root."""
    (folder / "verify-root.pem").write_bytes(root)
    (folder / "verify-chain.pem").write_bytes(chain)
    return subprocess.run(
        ["openssl", "verify", "-CAfile", folder / "verify-root.pem", "-untrusted",
         folder / "verify-chain.pem", folder / "verify-chain.pem"],
        capture_output=True, check=False).returncode == 0


def is_whole(issuer, name):
    """Key and chain belong together, and the parts are those of the full chain."""
    full = issuer.current(name)
    return (public_key(full) == public_key(issuer.current(name, "privkey.pem"), True)
            and full == issuer.current(name, "cert.pem") + issuer.current(name, "chain.pem"))


def is_alive(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def peaks(run, seconds=60):
    """
    KiB: the peak of the process and of each of its children, by process id, watched to
    its end.
    """
    found = {run.pid: 0}
    end = time.monotonic() + seconds
    while not run.has_ended() and time.monotonic() < end:
        for pid, kib in peaks_so_far(run).items():
            found[pid] = max(found.get(pid, 0), kib)
        time.sleep(0.005)
    return found


def peaks_so_far(run):
    """The same, of those that live now."""
    return {pid: peak_kib(pid, "/acmecore" if pid == run.pid else "/acmecore-plugin-host")
            for pid in [run.pid, *run.children()]}
