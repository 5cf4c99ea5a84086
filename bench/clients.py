# SPDX-License-Identifier: Apache-2.0
"""
How each client is asked for one certificate: a key for ECDSA P-256, http-01, an account
that it has already, everything it writes below `folder`. A client that is not there is
left out. PEERS names a folder into which packages were unpacked, else PATH is searched.
"""
import os
import pathlib
import shutil

from program import build_folder

MAIL = "bench@example.test"


def find(name):
    root = os.environ.get("PEERS")
    path = pathlib.Path(root, "usr/bin", name) if root else None
    return str(path) if path and path.exists() else shutil.which(name)


class Client:
    """words(names) and env() of a run; needs_web: answers lie in `web`, served by us."""

    needs_web = False

    def __init__(self, folder, ca, url, web):
        self.folder, self.ca, self.url, self.web = folder, ca, url, web
        folder.mkdir(parents=True)

    def env(self):
        return {}

    def prepare(self):
        """Words of a run before the first certificate, or None."""


class Acmecore(Client):
    name = "acmecore"

    @staticmethod
    def program():
        return str(build_folder() / "bin/acmecore")

    def words(self, names):
        port = self.ca.http_port
        return [self.program(), "-d", ",".join(names), "--server", self.url, "--ca-file",
                self.ca.ca_file, "--agree-tos", "--state-dir", self.folder / "state", "-q",
                "--self-check=off", "--solver", "http01-standalone",
                "--set", f"http01-standalone.port={port}",
                "--set", "http01-standalone.address=127.0.0.1"]


class Certbot(Client):
    name = "certbot"

    @staticmethod
    def program():
        return find("certbot")

    def env(self):
        packages = pathlib.Path(os.environ.get("PEERS", "/"), "usr/lib/python3/dist-packages")
        return {"REQUESTS_CA_BUNDLE": self.ca.ca_file, "PYTHONPATH": packages}

    def words(self, names):
        folders = [word for kind in ("config", "work", "logs")
                   for word in (f"--{kind}-dir", self.folder / kind)]
        return ["/usr/bin/python3", self.program(), "certonly", "--standalone",
                "--http-01-port", self.ca.http_port, "--http-01-address", "127.0.0.1",
                "--server", self.url, "-d", ",".join(names), "--agree-tos", "-m", MAIL,
                "--no-eff-email", "--non-interactive", "--key-type", "ecdsa", "-q", *folders]


class Lego(Client):
    name = "lego"

    @staticmethod
    def program():
        return find("lego")

    def env(self):
        return {"LEGO_CA_CERTIFICATES": self.ca.ca_file}

    def words(self, names):
        domains = [word for name in names for word in ("--domains", name)]
        return [self.program(), "--server", self.url, "--accept-tos", "--email", MAIL,
                "--path", self.folder / "lego", "--key-type", "ec256", *domains, "--http",
                "--http.port", f"127.0.0.1:{self.ca.http_port}", "run"]


class Dehydrated(Client):
    name = "dehydrated"
    needs_web = True

    @staticmethod
    def program():
        return find("dehydrated")

    def config(self):
        path = self.folder / "config"
        path.write_text(
            f'CA="{self.url}"\nBASEDIR="{self.folder}"\nKEY_ALGO=prime256v1\n'
            f'WELLKNOWN="{self.web}/.well-known/acme-challenge"\nCONTACT_EMAIL={MAIL}\n'
            f'CURL_OPTS="--cacert {self.ca.ca_file}"\n')
        return path

    def prepare(self):
        return [self.program(), "--register", "--accept-terms", "-f", self.config()]

    def words(self, names):
        return [self.program(), "--cron", "-f", self.config(), "-d", " ".join(names)]


def found():
    return [kind for kind in (Acmecore, Lego, Certbot, Dehydrated)
            if kind.program() and pathlib.Path(kind.program()).exists()]
