# SPDX-License-Identifier: Apache-2.0
"""Servers that certificates are installed into, and what they serve."""
import contextlib
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading

from apache import Browsers
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


def load(port, page, kind=Browsers, visitors=4):
    """Visitors whom the certificate does not matter to: they see connections only. Half
    of them keep theirs."""
    visitors = kind(port, page, ssl.get_default_verify_paths().cafile, visitors=visitors)
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


class Relay:
    """
    Between a client and a server's socket, at a port of its own or at a path: connection
    number `hangs_at` gets no answer, whether its question was passed on ("after") or not
    ("before"), or is closed when `when` has been called. connect() gives a socket to the
    server.
    """

    def __init__(self, connect, path=None):
        self.connect = connect
        self.hangs_at, self.when = None, "before"
        self.count, self.hanging = 0, threading.Event()
        self.listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        self.listener.bind(str(path) if path else ("127.0.0.1", 0))
        self.listener.listen(64)
        self.port = None if path else self.listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def hang(self, number, when="before"):
        """At the number-th connection from now; None: at none."""
        self.count, self.hangs_at, self.when = 0, number, when
        self.hanging.clear()

    def stop(self):
        # close alone does not wake who waits in accept, and its number is given away.
        self.listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.count += 1
            threading.Thread(target=self._pass_on, daemon=True,
                             args=(client, self.count == self.hangs_at)).start()

    def _pass_on(self, client, hangs):
        if hangs and callable(self.when):
            with client:
                client.recv(65536)
                self.when()
            return
        if hangs and self.when == "before":
            self.hanging.set()
            while client.recv(65536):
                pass
            client.close()
            return
        with contextlib.suppress(OSError), client, self.connect() as server:
            threading.Thread(target=self._pump, args=(client, server), daemon=True).start()
            answer = b""
            while piece := server.recv(65536):
                answer += piece
                if not hangs:
                    client.sendall(piece)
            if hangs:
                self.hanging.set()
                while client.recv(65536):
                    pass
            client.shutdown(socket.SHUT_RDWR)   # close alone does not wake who reads

    @staticmethod
    def _pump(client, server):
        with contextlib.suppress(OSError):
            while piece := client.recv(65536):
                server.sendall(piece)
            server.shutdown(socket.SHUT_WR)


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

    def check(self):
        return subprocess.run([program("haproxy"), "-c", "-f", self.config],
                              capture_output=True, check=False)

    def connect(self):
        """To its runtime socket."""
        end = socket.socket(socket.AF_UNIX)
        end.settimeout(10)
        end.connect(str(self.socket))
        return end

    def ask(self, command):
        with self.connect() as end:
            end.sendall(command.encode() + b"\n")
            return b"".join(iter(lambda: end.recv(65536), b"")).decode()

    def has_open_transaction(self):
        return "# transaction" in self.ask("show ssl cert")


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
                        **{"probe": f"127.0.0.1:{self.port}", **more})

    def test(self):
        return subprocess.run([program("nginx"), "-t", "-q", "-p", self.folder, "-c",
                               self.config], capture_output=True, check=False)
