# SPDX-License-Identifier: Apache-2.0
"""tlsalpn01-standalone before a real Apache, whose visitors notice nothing."""
import contextlib
import re
import signal
import socket
import ssl
import subprocess
import threading

import pytest

from apache import Apache, Load
from issuing import Issuer, is_alive, names_of
from namespace import Neighbour, own_network
from pebble import ChallTestSrv, Pebble
from running import free_port, wait_until
from tls_world import alpn, read_all

QUICK = {"retryAfter": {"authz": 0, "order": 0}}
NAMES = [f"n{number}.example.test" for number in range(30)]


@pytest.fixture
def apache(server_certificate, _stop_at_end):
    def start(**options):
        server = Apache(server_certificate, **options)
        _stop_at_end.append(server)
        return server.start()
    return start


@pytest.fixture
def visitors(authority, _stop_at_end):
    def start(port, server, **options):
        load = Load(port, server.page, authority.path, **options)
        _stop_at_end.append(load)
        return load.start()
    return start


def test_apache_serves_its_pages_while_names_are_proven(issuer, pebble_with, gate, apache,
                                                       visitors):
    """Under load from before the CA is told until all names are proven."""
    ca, server = pebble_with(), apache()
    way = gate(ca)
    told, proven = way.hold("/chalZ"), way.hold("/finalize-order")
    issue = issuer(way, solver=alpn(ca.tls_port, backend=f"127.0.0.1:{server.port}"))
    run = issue.start(*NAMES)
    told.wait()

    load = visitors(ca.tls_port, server)
    load.wait_for(50)
    way.open_one(told)
    proven.wait()
    load.wait_for(50)
    load.stop()
    way.open()
    result = run.wait()

    assert result.code == 0, result
    assert load.faults == []
    assert len(names_of(issue.current(NAMES[0]))) == len(NAMES)


def test_apache_is_told_who_the_client_is(issuer, good_ca, apache):
    """In the PROXY protocol; the client has another address of loopback."""
    ca, port = good_ca(), free_port()
    server = apache(more="RemoteIPProxyProtocol On")

    def validate(identifier, challenge, key):
        context = ssl._create_unverified_context()
        with socket.create_connection(("127.0.0.1", port), timeout=10,
                                      source_address=("127.0.0.77", 0)) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") as session:
                session.sendall(b"GET /page HTTP/1.0\r\nHost: localhost\r\n\r\n")
                read_all(session)

    ca.mini.validate = validate
    issue = issuer(ca, solver=alpn(port, backend=f"127.0.0.1:{server.port}",
                                   proxy_protocol="v1"))

    result = issue("a.test")

    assert result.code == 0, result
    wait_until(lambda: "127.0.0.77 200 /page" in server.text("access.log"),
               lambda: server.text("access.log") + server.text("error.log"))


class Front:
    """
    Apache at port 443 of a network of its own, and a CA and visitors at the other end of
    a cable: what comes from there goes through the kernel's rules, as in real life.
    """

    def __init__(self, folder, authority, certificate):
        self.folder, self.authority, self.certificate = folder, authority, certificate
        self.started = []

    def start(self):
        self.neighbour = self._start(Neighbour())
        self.apache = self._start(Apache(self.certificate,
                                         listens=[f"{Neighbour.HERE}:443", "127.0.0.1:443"]))
        with self.neighbour.entered():
            self.dns = self._start(ChallTestSrv(
                self.folder / "dns", ["-defaultIPv4", Neighbour.HERE]))
            self.ca = self._start(Pebble(self.folder / "pebble", self.authority,
                                         self.dns.dns, config={**QUICK, "tlsPort": 443}))
        self._start(Cable(self.ca.port, self.neighbour))
        self.load = Load(443, self.apache.page, self.authority.path, Neighbour.HERE,
                         enter=self.neighbour.entered)
        return self

    def _start(self, server):
        self.started.append(server)
        return server.start()

    def stop(self):
        for server in reversed(self.started):
            server.stop()


class Cable:
    """The CA's own port, which is at the other end, as if it were here."""

    def __init__(self, port, neighbour):
        self.port, self.neighbour = port, neighbour
        self.listener = socket.create_server(("127.0.0.1", port), backlog=64)

    def start(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def _accept(self):
        with self.neighbour.entered(), contextlib.suppress(OSError):
            while True:
                here, _ = self.listener.accept()
                there = socket.create_connection(("127.0.0.1", self.port))
                for pair in ((here, there), (there, here)):
                    threading.Thread(target=self._pass, args=pair, daemon=True).start()

    @staticmethod
    def _pass(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def stop(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@pytest.fixture
def front(tmp_path, authority):
    names = ("localhost", "127.0.0.1", Neighbour.HERE)
    with own_network():
        made = Front(tmp_path, authority, authority.server(names, stem="front"))
        try:
            yield made.start()
        finally:
            made.stop()


def rules():
    return subprocess.run(["nft", "list", "ruleset"], check=True, capture_output=True,
                          text=True).stdout


def test_port_443_is_borrowed_from_a_running_apache(front, acmecore, tmp_path):
    """
    Visitors come before, during and after the run, without a break; not one request is
    lost. The server keeps its port; the kernel hands new connections to the plugin.
    """
    issue = Issuer(acmecore, front.ca, tmp_path,
                   solver=alpn(10443, "0.0.0.0", redirect=443, backend="127.0.0.1:443"))
    front.load.start()
    try:
        front.load.wait_for(50)
        results = [issue(*NAMES), issue("again.example.test")]
        front.load.wait_for(50)
    finally:
        front.load.stop()

    assert [result.code for result in results] == [0, 0], results
    assert front.load.faults == []
    assert "dport" not in rules()
    wait_until(lambda: rules() == "", rules)


def test_a_visitor_keeps_a_connection_beyond_the_run(front, gate, acmecore, tmp_path):
    guard = gate(front.ca)
    presented = guard.hold("/chalZ")
    issue = Issuer(acmecore, guard, tmp_path,
                   solver=alpn(10443, "0.0.0.0", redirect=443, backend="127.0.0.1:443"))
    own = front.load._connect()
    told = threading.Event()

    def visit_once_redirected():
        """While the kernel redirects, and then not again before the end."""
        presented.wait()
        assert "expires" in rules()
        with front.neighbour.entered():
            own.connect()
            front.load._fetch(own)
        told.set()
        guard.open()

    visitor = threading.Thread(target=visit_once_redirected)
    visitor.start()
    result = issue(*NAMES, "-vv")
    visitor.join()
    assert result.code == 0, result

    front.load._fetch(own)

    assert told.is_set() and front.load.faults == []
    assert "acmecore_hold" in rules()
    assert front.load.good == 2
    own.close()
    wait_until(lambda: rules() == "", rules)


def test_a_killed_run_gives_the_port_back_by_itself(front, gate, acmecore, tmp_path):
    """The redirection is a lease: nobody has to take it away."""
    guard = gate(front.ca)
    presented = guard.hold("/chalZ")
    issue = Issuer(acmecore, guard, tmp_path,
                   solver=alpn(10443, "0.0.0.0", redirect=443, backend="127.0.0.1:443"))
    run = issue.start(*NAMES)
    presented.wait()
    assert "expires" in rules()

    hosts = run.children()
    run.send(signal.SIGKILL)
    run.wait()
    guard.open(drop=True)
    wait_until(lambda: not any(is_alive(pid) for pid in hosts), "the plugin host's end")

    lease = re.search(r"expires (\d+)s", rules())
    assert lease and int(lease.group(1)) <= 30, rules()
    # The next run need not wait for that.
    assert issue(*NAMES).code == 0
    assert "dport" not in rules()
