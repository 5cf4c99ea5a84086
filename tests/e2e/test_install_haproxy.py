# SPDX-License-Identifier: Apache-2.0
"""installer-haproxy with a real HAProxy: served at once, without a reload."""
import contextlib
import json
import socket
import threading

import pytest

from apache import Load
from installing import Haproxy, forget_backoff, leaf, load, served, settings
from running import wait_until


@pytest.fixture
def haproxy():
    started = []

    def make(**options):
        started.append(Haproxy(**options))
        return started[-1]
    yield make
    for each in started:
        each.stop()


@pytest.fixture
def issue(issuer, good_ca):
    return issuer(good_ca())


def words(server, **more):
    return settings("installer-haproxy", **{
        "file": server.file, "socket": server.socket,
        "probe": f"127.0.0.1:{server.port}", **more})


def test_it_serves_the_certificate_and_drops_no_request(haproxy, issue):
    server = haproxy().start()
    # Not even a connection that is kept open is closed.
    visitors = load(server.port, b"page", kind=Load).start()
    try:
        visitors.wait_for(20)
        result = issue("a.test", *words(server))
        visitors.wait_for(20)
        assert result.code == 0, result
        assert served(server.port) == leaf(issue.current("a.test"))
        assert issue.acmecore("renew", "--force").code == 0
        visitors.wait_for(20)
    finally:
        visitors.stop()

    assert visitors.faults == []
    assert served(server.port) == leaf(issue.current("a.test"))
    assert server.file.read_bytes() \
        == issue.current("a.test", "privkey.pem") + issue.current("a.test")


def test_a_new_certificate_comes_into_the_list(haproxy, issue):
    server = haproxy().start()
    first = served(server.port)

    result = issue("b.test", *settings(
        "installer-haproxy", file=server.folder / "%n.pem", socket=server.socket,
        crt_list=server.list, probe=f"127.0.0.1:{server.port}"))

    assert result.code == 0, result
    assert served(server.port, "b.test") == leaf(issue.current("b.test"))
    assert served(server.port, "a.test") == first
    assert server.list.read_text() == f"{server.file}\n{server.folder}/b.test.pem\n"


def test_a_list_that_somebody_edits_names_nothing_that_a_rollback_removes(haproxy, issue):
    server = haproxy().start()
    run = issue.start("b.test", *settings(
        "installer-haproxy", file=server.folder / "%n.pem", socket=server.socket,
        crt_list=server.list, probe="127.0.0.1:1", probe_timeout=3))
    wait_until(lambda: "b.test.pem" in server.list.read_text(), run.wait)
    theirs = f"{server.file} [alpn h2] c.test\n"
    server.list.write_text(server.list.read_text() + theirs)

    result = run.wait()

    assert result.code == 7, result
    assert "the lines of ours are taken out" in result.stderr
    assert server.list.read_text() == f"{server.file}\n{theirs}"
    assert not (server.folder / "b.test.pem").exists()
    assert server.check().returncode == 0       # it can be started again


def two(server):
    """Each of a.test and b.test has a file, and is served from it."""
    (server.folder / "b.test.pem").write_bytes(server.file.read_bytes())
    server.file.rename(server.folder / "a.test.pem")
    server.list.write_text("".join(f"{server.folder}/{name}.pem [] {name}\n"
                                   for name in ("a.test", "b.test")))
    return server


def test_two_certificates_in_one_run_are_not_mixed_up(haproxy, issue):
    """HAProxy has one transaction, and takes a second certificate for one more of it."""
    server = two(haproxy()).start()
    options = settings("installer-haproxy", file=server.folder / "%n.pem",
                       socket=server.socket, probe=f"127.0.0.1:{server.port}")
    for name in ("a.test", "b.test"):
        assert issue(name, *options).code == 0

    result = issue.acmecore("renew", "--force", "--json")

    assert result.code == 0, result
    for name in ("a.test", "b.test"):
        assert served(server.port, name) == leaf(issue.current(name))
    assert not server.has_open_transaction()


def test_two_certificates_come_back_each_to_its_own(haproxy, issue):
    server = two(haproxy()).start()
    options = settings("installer-haproxy", file=server.folder / "%n.pem",
                       socket=server.socket)
    for name in ("a.test", "b.test"):
        assert issue(name, *options).code == 0
    before = {name: served(server.port, name) for name in ("a.test", "b.test")}
    for name in before:
        path = issue.folder_of(name) / "certificate.json"
        document = json.loads(path.read_text())
        chosen, = document["installers"]
        chosen["options"].update({"probe": ["127.0.0.1:1"], "probe-timeout": ["1"]})
        path.write_text(json.dumps(document))

    result = issue.acmecore("renew", "--force")

    assert result.code == 7, result
    for name in before:
        assert served(server.port, name) == before[name] != leaf(issue.current(name))
    assert before["a.test"] != before["b.test"]


def test_a_transaction_of_somebody_else_is_left_and_told(haproxy, issue):
    server = two(haproxy()).start()
    theirs = server.folder / "b.test.pem"
    pem = theirs.read_text().replace("\n\n", "\n")
    assert "created" in server.ask(f"set ssl cert {theirs} <<\n{pem}")
    old, first = (server.folder / "a.test.pem").read_bytes(), served(server.port)

    result = issue("a.test", *settings("installer-haproxy", file=server.folder / "%n.pem",
                                       socket=server.socket))

    assert result.code == 7, result
    assert f"The ongoing transaction is about '{theirs}'" in result.stderr
    assert "could it be rolled back" not in result.stderr
    assert served(server.port) == first
    assert (server.folder / "a.test.pem").read_bytes() == old
    assert "Success!" in server.ask(f"commit ssl cert {theirs}")
    forget_backoff(issue)
    assert issue.acmecore("renew").code == 0
    assert served(server.port) == leaf(issue.current("a.test"))


def test_a_dry_run_changes_nothing_and_says_what_it_would(haproxy, issue):
    server = haproxy(level="operator").start()
    assert issue("a.test", *words(server, crt_list=server.list)).code == 7
    old, first = server.file.read_bytes(), served(server.port)
    before = sorted(server.folder.iterdir())

    result = issue.acmecore("deploy", "a.test", "--dry-run")

    assert result.code == 0, result
    assert f"would write (its content is not shown) {server.file}" in result.stdout
    assert "PRIVATE" not in result.stdout
    assert server.file.read_bytes() == old and served(server.port) == first
    assert sorted(server.folder.iterdir()) == before


class Speaker:
    """A runtime socket that says the same to everybody; or closes at once, or hangs."""

    def __init__(self, path, answer):
        self.answer, self.end = answer, threading.Event()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen(8)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client, contextlib.suppress(OSError):
                if self.answer is None:
                    self.end.wait(30)
                elif self.answer:
                    client.recv(65536)
                    client.sendall(self.answer)

    def stop(self):
        self.end.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()


@pytest.mark.parametrize("answer, why", [
    (b"\x00\xff\x1b[31mHTTP/1.1 400 Bad\r\n", "[31mHTTP/1.1 400 Bad"),
    (b"", "HAProxy (option socket)"),
    (b"Unknown command. Please enter one of the following commands only :\n  help\n\n",
     "Unknown command"),
    (b"Success!\n" * 200000, "HAProxy"), (None, "timed out")],
    ids=["garbage", "closed", "too old", "flood", "hangs"])
def test_a_socket_that_is_no_haproxy_is_told_within_its_time(haproxy, issue, _stop_at_end,
                                                             answer, why):
    server = haproxy()
    old = server.file.read_bytes()
    _stop_at_end.append(Speaker(server.socket, answer))

    result = issue("a.test", *settings("installer-haproxy", file=server.file, timeout=1,
                                       socket=server.socket))

    assert result.code == 7, result
    assert why in result.stderr and "\x1b" not in result.stderr
    assert "could it be rolled back" not in result.stderr
    assert server.file.read_bytes() == old
    assert result.elapsed_s < 10
    assert sorted(path.name for path in (issue.state / "plugins/installer-haproxy").iterdir()
                  ) == []


def test_what_is_not_served_is_taken_back_in_the_process_too(haproxy, issue):
    server = haproxy().start()
    old, first = server.file.read_bytes(), served(server.port)

    result = issue("a.test", *settings(
        "installer-haproxy", file=server.file, socket=server.socket, probe="127.0.0.1:1",
        probe_timeout=1))

    assert result.code == 7, result
    assert server.file.read_bytes() == old
    assert served(server.port) == first


def test_without_a_running_server_the_file_is_for_its_start(haproxy, issue):
    server = haproxy()

    result = issue("a.test", *settings("installer-haproxy", file=server.file,
                                       socket=server.socket), "-v")

    assert result.code == 0, result
    assert "nobody listens" in result.stderr
    server.start()
    assert served(server.port) == leaf(issue.current("a.test"))


def test_one_that_got_the_file_only_is_told_once_there_is_a_socket(haproxy, issue):
    server = haproxy().start()
    first = served(server.port)
    assert issue("a.test", *settings("installer-haproxy", file=server.file)).code == 0
    assert served(server.port) == first

    result = issue("a.test", *words(server))

    assert result.code == 0, result
    assert served(server.port) == leaf(issue.current("a.test")) != first


def test_one_that_does_not_know_the_file_says_what_to_do(haproxy, issue):
    server = haproxy().start()
    other = server.folder / "other.pem"

    result = issue("a.test", *settings("installer-haproxy", file=other,
                                       socket=server.socket))

    assert result.code == 7, result
    assert f"the running HAProxy does not have {other}" in result.stderr
    assert not other.exists()
    forget_backoff(issue)
    assert issue.acmecore("renew").code == 7


def test_a_socket_that_may_not_change_anything_is_told(haproxy, issue):
    server = haproxy(level="operator").start()
    old, first = server.file.read_bytes(), served(server.port)

    result = issue("a.test", *words(server))

    assert result.code == 7, result
    assert "Permission denied" in result.stderr
    assert "could it be rolled back" not in result.stderr
    assert server.file.read_bytes() == old
    assert served(server.port) == first
