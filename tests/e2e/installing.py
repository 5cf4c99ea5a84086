# SPDX-License-Identifier: Apache-2.0
"""Servers that certificates are installed into, and what they serve."""
import json
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import pathlib

from apache import Load
from certificates import Authority
from running import Server, free_port


def unverified():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def served(port, name="a.test"):
    """The leaf that is served for a name, DER."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain, \
            unverified().wrap_socket(plain, server_hostname=name) as tls:
        return tls.getpeercert(binary_form=True)


def leaf(pem):
    text = pem.decode()
    end = "-----END CERTIFICATE-----\n"
    return ssl.PEM_cert_to_DER_cert(text[:text.index(end) + len(end)])


class Passers(Load):
    """A connection for each request."""

    def _visit(self, keeps):
        super()._visit(False)


def load(port, page, kind=Load):
    """Visitors whom the certificate does not matter to: they see connections only."""
    visitors = kind(port, page, ssl.get_default_verify_paths().cafile, visitors=3)
    visitors.context = unverified()
    return visitors


def settings(instance, **values):
    """Words for the command line; a list gives an option several times."""
    words = ["--installer", instance]
    for name, value in values.items():
        for each in value if isinstance(value, list) else [value]:
            words += ["--set", f"{instance}.{name.replace('_', '-')}={each}"]
    return words


def forget_backoff(issue, name="a.test"):
    """As if the time to wait had passed."""
    path = issue.folder_of(name) / "state.json"
    document = json.loads(path.read_text())
    for deployment in document["deployments"]:
        deployment.pop("next_attempt_at", None)
    path.write_text(json.dumps(document))


def program(name):
    return shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")


class Reloadable:
    """A TLS server with a folder of its own, for everybody to read: it gives up root."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="acmecore-"))
        self.folder.chmod(0o755)
        self.port = free_port()
        authority = Authority(self.folder / "first")
        self.chain, self.key = authority.server(names=("a.test",), stem="old")
        self.server = None

    def stop(self):
        if self.server:
            self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, arguments, ports=()):
        self.server = Server(arguments, self.folder / "output.log", folder=self.folder)
        self.server.start([self.port, *ports])
        return self


class Haproxy(Reloadable):
    def __init__(self, level="admin"):
        super().__init__()
        self.socket = self.folder / "admin.sock"
        self.file = self.folder / "site.pem"
        self.list = self.folder / "list"
        self.list.write_text(f"{self.file}\n")
        self.file.write_bytes(pathlib.Path(self.key).read_bytes()
                              + pathlib.Path(self.chain).read_bytes())
        self.config = self.folder / "haproxy.cfg"
        self.config.write_text(f"""
global
    stats socket {self.socket} mode 600 level {level}
    stats timeout 5s
defaults
    mode http
    timeout client 20s
    timeout server 20s
    timeout connect 20s
frontend site
    bind 127.0.0.1:{self.port} ssl crt-list {self.list}
    http-request return status 200 content-type text/plain string page
""")

    def start(self):
        return self.run([program("haproxy"), "-db", "-f", self.config])


class Nginx(Reloadable):
    PAGE = b"page\n" * 1000

    def __init__(self, blocks=None):
        super().__init__()
        (self.folder / "sites").mkdir()
        (self.folder / "root").mkdir()
        (self.folder / "root/page").write_bytes(self.PAGE)
        self.config = self.folder / "nginx.conf"
        self.config.write_text(f"""
daemon off;   # the test holds it
pid {self.folder}/nginx.pid;
error_log {self.folder}/error.log info;
events {{ worker_connections 200; }}
http {{
    access_log off;
    client_body_temp_path {self.folder}/body;
    proxy_temp_path {self.folder}/proxy;
    fastcgi_temp_path {self.folder}/fastcgi;
    uwsgi_temp_path {self.folder}/uwsgi;
    scgi_temp_path {self.folder}/scgi;
    root {self.folder}/root;
    include sites/*.conf;
}}
""")
        self.site = self.folder / "sites/site.conf"
        self.site.write_text(blocks.format(self=self) if blocks else f"""
server {{
    listen 127.0.0.1:{self.port} ssl;   # ours
    server_name a.test;
    ssl_certificate     {self.chain};   # the old one
    ssl_certificate_key "{self.key}";
}}
""")

    def start(self):
        return self.run([program("nginx"), "-p", self.folder, "-c", self.config])

    def options(self, **more):
        return settings("installer-nginx", config=self.config, prefix=self.folder,
                        probe=f"127.0.0.1:{self.port}", **more)

    def test(self):
        return subprocess.run([program("nginx"), "-t", "-q", "-p", self.folder, "-c",
                               self.config], capture_output=True, check=False)
