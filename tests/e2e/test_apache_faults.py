# SPDX-License-Identifier: Apache-2.0
"""
installer-apache with a real httpd: killed between the files that it changes, visitors
who come while a certificate is installed for the first time, and hosts of both kinds.
"""
import http.client
import signal
import urllib.request

import pytest

from httpd import Visitors, leaf
from installing import forget_backoff
from program import is_sanitized
from running import wait_until
from tamper import STRACE, HostTree


@pytest.fixture
def issue(issuer, good_ca):
    return issuer(good_ca())


class PlainVisitors(Visitors):
    """Who come without TLS."""

    def _connect(self):
        return http.client.HTTPConnection(self.address, self.port, timeout=20)


# ---- visitors ---------------------------------------------------------------------


def install_under(visitors, issue, server):
    visitors.start()
    try:
        visitors.wait_for(100)
        result = issue("a.test", *server.options())
        visitors.wait_for(100)
    finally:
        visitors.stop()
    assert result.code == 0, result
    assert visitors.faults == []
    assert server.served("a.test") == leaf(issue.current("a.test"))


def test_no_request_is_lost_when_tls_comes_to_a_server_without_it(issue, httpd):
    """mod_ssl, a port and a virtual host are new to it."""
    server = httpd(layout="debian")
    server.add("a", server.plain("a.test"))

    install_under(PlainVisitors(server.start().port), issue, server)


def test_no_request_is_lost_when_another_s_certificate_is_replaced(issue, httpd, authority):
    server = httpd()
    server.add("a", server.secure("a.test", authority.server(("a.test",), stem="other")))

    install_under(Visitors(server.start().tls_port), issue, server)


def test_a_host_at_both_ports_that_says_nothing_of_tls_keeps_both(issue, httpd):
    server = httpd()
    site = server.add("a", server.plain("a.test").replace(
        f":{server.port}>", f":{server.port} 127.0.0.1:{server.tls_port}>"))
    server.start()
    before = site.read_text()

    result = issue("a.test", *server.options())

    assert result.code == 7 and "make two virtual hosts" in result.stderr, result
    assert site.read_text() == before
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/page", timeout=10) as page:
        assert page.status == 200


# ---- killed between two files ---------------------------------------------------------


class Bench:
    """A deployment that is due, by a plugin host that stops behind its n-th renaming."""

    def __init__(self, issue, server, folder):
        self.issue, self.server = issue, server
        self.log = folder / "strace.log"
        self.tree = HostTree(folder / "tree")
        self.tree.heal()
        issue.acmecore.program = self.tree.program
        assert issue("a.test", *server.options(control="/bin/false")).code == 7
        forget_backoff(issue)
        path = issue.folder_of("a.test") / "certificate.json"
        path.write_text(path.read_text().replace("/bin/false", str(server.program)))

    def kill_behind(self, number):
        self.tree.spoil((STRACE, "-DDD", "-y", "-o", str(self.log), "-e", "trace=renameat",
                         "-e", f"inject=renameat:signal=STOP:when={number}"), every=True)
        run = self.issue.acmecore.start("deploy", "a.test")
        wait_until(lambda: self.log.exists() and "stopped by SIGSTOP" in self.log.read_text(),
                   run.wait)
        run.send(signal.SIGKILL)
        assert run.wait().signal == signal.SIGKILL
        self.tree.heal()

    def last_renaming(self):
        lines = self.log.read_text().splitlines()
        return [line for line in lines if line.startswith("renameat(")][-1]


# What is written, in this order; modules are linked behind the second.
FILES = ["certificates", "undo", "a.conf", "ports.conf", "reload"]


@pytest.mark.skipif(not STRACE or is_sanitized(), reason="strace is missing, or unusable")
@pytest.mark.parametrize("number", range(1, len(FILES) + 1), ids=FILES)
def test_killed_behind_each_file(issue, httpd, tmp_path, number):
    server = httpd(layout="debian")
    site = server.add("a", server.plain("a.test"))
    server.start()
    bench = Bench(issue, server, tmp_path)

    bench.kill_behind(number)
    assert f'"{FILES[number - 1]}"' in bench.last_renaming()
    result = issue.acmecore("renew")

    assert result.code == 0, result
    assert server.served("a.test") == leaf(issue.current("a.test"))
    assert site.read_text().count("<VirtualHost") == 2
    assert (server.etc / "ports.conf").read_text().count("Listen") == 2
    assert not list(server.etc.rglob(".*"))
    state = issue.state / "plugins/installer-apache"
    assert [path.name for path in state.iterdir()] == ["certificates"]
