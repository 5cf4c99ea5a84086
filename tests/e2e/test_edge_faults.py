# SPDX-License-Identifier: Apache-2.0
"""
installer-haproxy and installer-nginx with real servers that fail: killed between two
files, refusing a certificate, dying amid a command, gone and back; and many hosts.
"""
import contextlib
import signal
import socket
import time

import pytest

from dns_world import executable
from installing import (Haproxy, Nginx, Relay, forget_backoff, leaf, program, served,
                        settings)
from program import is_sanitized
from running import wait_until
from tamper import STRACE, HostTree


@pytest.fixture
def started(_stop_at_end):
    def keep(server):
        _stop_at_end.append(server)
        return server
    return keep


@pytest.fixture
def issue(issuer, good_ca):
    return issuer(good_ca())


def words(server, **more):
    return settings("installer-haproxy", **{
        "file": server.folder / "%n.pem", "socket": server.socket,
        "crt_list": server.list, "probe": f"127.0.0.1:{server.port}", **more})


# ---- HAProxy ------------------------------------------------------------------------


@pytest.mark.skipif(not STRACE or is_sanitized(), reason="strace is missing, or unusable")
@pytest.mark.parametrize("file", ["b.test.pem", "list"])
def test_killed_behind_a_file_of_haproxy(issue, started, tmp_path, file):
    """The plugin's process stops behind the renaming, and all is killed then."""
    server = started(Haproxy()).start()
    log, tree = tmp_path / "strace.log", HostTree(tmp_path / "tree")
    issue.acmecore.program = tree.program
    number = {"b.test.pem": 4, "list": 5}[file]
    tree.spoil((STRACE, "-DDD", "-y", "-o", str(log), "-e", "trace=renameat", "-e",
                f"inject=renameat:signal=STOP:when={number}"), every=True)

    run = issue.start("b.test", *words(server))
    wait_until(lambda: log.exists() and "stopped by SIGSTOP" in log.read_text(), run.wait)
    run.send(signal.SIGKILL)
    run.wait()
    tree.heal()
    assert f'"{file}"' in [line for line in log.read_text().splitlines()
                           if line.startswith("renameat(")][-1]
    assert server.check().returncode == 0
    forget_backoff(issue, "b.test")
    result = issue.acmecore("renew")

    assert result.code == 0, result
    assert served(server.port, "b.test") == leaf(issue.current("b.test"))
    assert server.list.read_text() == f"{server.file}\n{server.folder}/b.test.pem\n"


def test_a_haproxy_that_dies_amid_a_command_gets_it_when_it_is_back(issue, started):
    server = started(Haproxy())
    relay = started(Relay(server.connect, server.folder / "relay.sock"))
    server.start()
    first = served(server.port)
    relay.hang(4)                               # show, new, abort, set

    run = issue.start("b.test", *words(server, socket=server.folder / "relay.sock",
                                       timeout=2))
    wait_until(relay.hanging.is_set, run.wait)
    server.server.stop()
    relay.hang(None)
    result = run.wait()

    assert result.code == 7, result
    assert server.check().returncode == 0
    server.start()
    assert served(server.port) == first
    forget_backoff(issue, "b.test")
    result = issue.acmecore("renew")
    assert result.code == 0, result
    assert served(server.port, "b.test") == leaf(issue.current("b.test"))


class Swapper(Relay):
    """Gives HAProxy another one's key in place of ours, as a fault of ours would."""

    def __init__(self, server, pem):
        self.pem, self.server = pem, server
        super().__init__(server.connect, server.folder / "relay.sock")

    def _pump(self, client, server):
        with contextlib.suppress(OSError):
            while piece := client.recv(65536):
                if piece.startswith(b"set ssl cert"):
                    piece = piece[:piece.index(b"\n") + 1] + self.pem + b"\n"
                server.sendall(piece)
            server.shutdown(socket.SHUT_WR)


def test_what_haproxy_itself_refuses_is_told_and_taken_back(issue, started):
    """A key that is not the certificate's."""
    server = started(Haproxy()).start()
    assert issue("b.test").code == issue("c.test").code == 0
    pem = (issue.current("c.test", "privkey.pem") + issue.current("b.test")).replace(
        b"\n\n", b"\n")
    started(Swapper(server, pem))
    first = served(server.port)

    result = issue("b.test", *words(server, socket=server.folder / "relay.sock"))

    assert result.code == 7, result
    assert "inconsistencies between private key and certificate" in result.stderr
    assert served(server.port, "b.test") == first
    assert server.list.read_text() == f"{server.file}\n"
    assert not (server.folder / "b.test.pem").exists()
    assert not server.has_open_transaction()


# ---- nginx --------------------------------------------------------------------------


def test_an_nginx_that_did_not_come_back_gets_it_when_it_is_back(issue, started):
    server = started(Nginx()).start()
    quits = server.folder / "quits"
    quits.touch()
    nginx = f"{program('nginx')} -c {server.config} -p {server.folder}"
    reload = executable(server.folder / "reload", f"""#!/bin/sh
[ -e {quits} ] || exec {nginx} -s reload
{nginx} -s stop
while [ -e {server.folder}/nginx.pid ]; do sleep 0.01; done
""")
    assert issue("a.test", *server.options(reload=reload, probe_timeout=3)).code == 7

    quits.unlink()
    server.start()
    forget_backoff(issue)
    result = issue.acmecore("renew")

    assert result.code == 0, result
    # Old workers answer until the new ones are there.
    wait_until(lambda: served(server.port) == leaf(issue.current("a.test")),
               "nginx serves it")


# ---- many ---------------------------------------------------------------------------


HOSTS = 500


@pytest.mark.deep
def test_five_hundred_hosts_of_nginx(issue, started):
    server = started(Nginx())
    block = server.site.read_text()
    server.site.write_text("".join(block.replace("a.test", f"h{number}.test")
                                   for number in range(HOSTS)))
    server.start()
    names = [f"h{number}.test" for number in range(100)]

    began = time.monotonic()
    result = issue(*names, *server.options())

    assert result.code == 0, result
    assert time.monotonic() - began < 60
    assert {served(server.port, name) for name in (names[0], names[-1])} \
        == {leaf(issue.current(names[0]))}
    assert served(server.port, f"h{HOSTS - 1}.test") != leaf(issue.current(names[0]))
    assert server.site.read_text().count("ssl_certificate ") == HOSTS


@pytest.mark.deep
def test_five_hundred_hosts_of_haproxy(issue, started):
    server = started(Haproxy())
    for number in range(HOSTS):
        path = server.folder / f"h{number}.test.pem"
        path.write_bytes(server.file.read_bytes())
        with server.list.open("a") as lines:
            lines.write(f"{path} [] h{number}.test\n")
    server.start()

    began = time.monotonic()
    result = issue("h7.test", *words(server))

    assert result.code == 0, result
    assert time.monotonic() - began < 60
    assert served(server.port, "h7.test") == leaf(issue.current("h7.test"))
    assert served(server.port, "h8.test") != served(server.port, "h7.test")
