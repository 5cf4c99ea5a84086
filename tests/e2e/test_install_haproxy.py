# SPDX-License-Identifier: Apache-2.0
"""installer-haproxy with a real HAProxy: served at once, without a reload."""
import pytest

from installing import Haproxy, forget_backoff, leaf, load, served, settings


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
    return settings("installer-haproxy", file=server.file, socket=server.socket,
                    probe=f"127.0.0.1:{server.port}", **more)


def test_it_serves_the_certificate_and_drops_no_request(haproxy, issue):
    server = haproxy().start()
    visitors = load(server.port, b"page").start()
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
    assert server.file.read_bytes() == old
    assert served(server.port) == first
