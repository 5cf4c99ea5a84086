# SPDX-License-Identifier: Apache-2.0
"""
What stands around tlsalpn01-standalone in the tests: a backend, clients that speak TLS,
and clients that do not speak it well.
"""
import contextlib
import socket
import ssl
import subprocess
import threading
import time

PLUGIN = "tlsalpn01-standalone"
PROTOCOL = "acme-tls/1"
ACME_IDENTIFIER = "1.3.6.1.5.5.7.1.31"


def alpn(port, address="127.0.0.1", **options):
    """--set for each option; "_" stands for "-"."""
    words = ["--solver", PLUGIN, "--set", f"{PLUGIN}.port={port}",
             "--set", f"{PLUGIN}.address={address}"]
    for name, value in options.items():
        words += ["--set", f"{PLUGIN}.{name.replace('_', '-')}={value}"]
    return words


def client_hello(name="a.test", protocols=(PROTOCOL,)):
    """The bytes with which a client of this Python begins."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if protocols:
        context.set_alpn_protocols(list(protocols))
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context.wrap_bio(incoming, outgoing, server_hostname=name)
    with contextlib.suppress(ssl.SSLWantReadError):
        session.do_handshake()
    return outgoing.read()


def fragments(hello, size):
    """The same ClientHello in several TLS records."""
    header, body = hello[:3], hello[5:]
    return b"".join(header + len(piece).to_bytes(2, "big") + piece for piece in (
        body[at:at + size] for at in range(0, len(body), size)))


class Seen:
    """What a TLS client saw: the protocol that was chosen, the certificate, or why not."""

    def __init__(self, port, name="a.test", protocols=(PROTOCOL,), address="127.0.0.1",
                 version=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if version:
            context.maximum_version = version
        if protocols:
            context.set_alpn_protocols(list(protocols))
        self.protocol, self.der, self.error = None, None, None
        try:
            with socket.create_connection((address, port), timeout=10) as plain:
                with context.wrap_socket(plain, server_hostname=name) as session:
                    self.protocol = session.selected_alpn_protocol()
                    self.der = session.getpeercert(binary_form=True)
        except OSError as error:
            self.error = error

    def text(self, *options):
        return subprocess.run(
            ["openssl", "x509", "-inform", "der", "-noout", *options], input=self.der,
            capture_output=True, check=True).stdout.decode()


class Echo:
    """
    A backend without TLS: sends back in upper case what comes, and at the end of the
    input how many bytes that were. Keeps what came first, of each connection.
    """

    def __init__(self):
        self.first = []
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._accept, daemon=True)

    def start(self):
        self.thread.start()
        return self

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        count = 0
        with client, contextlib.suppress(OSError):
            while data := client.recv(65536):
                if count == 0:
                    self.first.append(data)
                count += len(data)
                client.sendall(data.upper())
            client.sendall(b"%d bytes" % count)

    def stop(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def read_all(client):
    data = b""
    while piece := client.recv(65536):
        data += piece
    return data


def talk(port, data, address="127.0.0.1"):
    """Sends, says that this was all, and reads to the end."""
    with socket.create_connection((address, port), timeout=20) as client:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        return read_all(client)


def both_ways(port, data, address="127.0.0.1"):
    """Sends while it reads."""
    with socket.create_connection((address, port), timeout=20) as client:
        def send():
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
        sender = threading.Thread(target=send)
        sender.start()
        answer = read_all(client)
        sender.join()
    return answer


def drip(port, data, gap_s, address="127.0.0.1"):
    """One byte at a time; then the first answer."""
    with socket.create_connection((address, port), timeout=20) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in data:
            client.sendall(bytes([byte]))
            time.sleep(gap_s)
        return client.recv(65536)
