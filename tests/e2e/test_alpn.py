# SPDX-License-Identifier: Apache-2.0
"""tls-alpn-01 (RFC 8737, RFC 8738): the proof itself, and everybody else at that port."""
import concurrent.futures
import contextlib
import hashlib
import socket
import ssl
import time

import pytest

from certificates import run
from issuing import is_whole, names_of, standalone, text_of, verifies
from mini_ca import from_base64url
from running import free_port, is_listening
from tls_world import (ACME_IDENTIFIER, PROTOCOL, Echo, Seen, alpn, both_ways,
                       client_hello, drip, fragments, read_all, talk)


@pytest.fixture
def echo(_stop_at_end):
    server = Echo().start()
    _stop_at_end.append(server)
    return server


@pytest.mark.parametrize("count", [1, 20])
def test_names_are_proven(issuer, calm_pebble, tmp_path, count):
    names = [f"alpn{number}.example.test" for number in range(count)]
    issue = issuer(calm_pebble, solver=alpn(calm_pebble.tls_port))

    result = issue(*names, "--json")

    assert result.code == 0, result
    full = issue.current(names[0])
    assert names_of(full) == {f"DNS:{name}" for name in names}
    assert verifies(tmp_path, calm_pebble.root(), full)
    assert is_whole(issue, names[0])
    assert issue.journal(names[0]) is None


def test_two_orders_for_one_name_take_turns(issuer, calm_pebble):
    """A handshake has no token: the second waits until the first is proven."""
    issue = issuer(calm_pebble, solver=alpn(calm_pebble.tls_port))
    for name in ("one", "two", "three"):
        assert issue("shared.example.test", f"{name}.example.test", "--name",
                     name).code == 0

    result = issue.acmecore("renew", "--force", "--jobs", "3", "--json")

    assert result.code == 0, result
    for name in ("one", "two", "three"):
        assert names_of(issue.current(name)) == {
            "DNS:shared.example.test", f"DNS:{name}.example.test"}
        assert (issue.folder_of(name) / "versions/0002").is_dir()


@pytest.mark.parametrize("address, shown", [("127.0.0.1", "127.0.0.1"),
                                            ("::1", "0:0:0:0:0:0:0:1")])
def test_addresses_are_proven(issuer, calm_pebble, tmp_path, address, shown):
    """RFC 8738: asked for by the name in the reverse zone, named as an address."""
    issue = issuer(calm_pebble, solver=alpn(calm_pebble.tls_port, address))

    result = issue(address, "--json")

    assert result.code == 0, result
    full = issue.current(result.json["certificate"]["name"])
    assert names_of(full) == {f"IP Address:{shown}"}
    assert text_of(full, "-subject").strip() in ("subject=", "subject =")
    assert verifies(tmp_path, calm_pebble.root(), full)


def test_names_and_addresses_by_both_types_in_one_order(issuer, calm_pebble):
    """Each identifier by the solver that its pattern names."""
    http = standalone(calm_pebble.http_port, "127.0.0.1")
    issue = issuer(calm_pebble, solver=[
        *http, *alpn(calm_pebble.tls_port)[2:],
        "--solver", "*.by-tls.test=tlsalpn01-standalone",
        "--solver", "127.0.0.1=tlsalpn01-standalone"])

    result = issue("by-http.test", "a.by-tls.test", "127.0.0.1")

    assert result.code == 0, result
    assert names_of(issue.current("by-http.test")) == {
        "DNS:by-http.test", "DNS:a.by-tls.test", "IP Address:127.0.0.1"}


# What a validator and others see while a name is being proven: the scripted CA asks
# them from within its validation.

@pytest.fixture
def proven(issuer, good_ca):
    """proven(looks, name, **options) gives (the result, what looks(name, key) gave)."""
    def prove(looks, name="a.test", address="127.0.0.1", **options):
        ca, port = good_ca(), free_port()
        seen = []
        ca.mini.validate = lambda identifier, challenge, key: seen.append(
            looks(port, key))
        issue = issuer(ca, solver=alpn(port, address, **options))
        result = issue(name)
        assert result.code == 0, result
        assert len(seen) == 1
        return seen[0]
    return prove


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_the_certificate_is_what_rfc_8737_wants(proven, version):
    keys = []

    def looks(port, key):
        keys.append(key)
        return Seen(port, "a.test", version=version)

    seen = proven(looks)

    assert seen.protocol == PROTOCOL
    text = seen.text("-text")
    assert f"{ACME_IDENTIFIER}: critical" in text
    assert hashlib.sha256(keys[0].encode()).hexdigest() in seen.der.hex()
    assert seen.text("-ext", "subjectAltName").split("\n")[1].strip() == "DNS:a.test"
    assert seen.text("-subject").split("=", 1)[1] == seen.text("-issuer").split("=", 1)[1]


@pytest.mark.parametrize("address, name, shown", [
    ("127.0.0.1", "1.0.0.127.in-addr.arpa", "IP Address:127.0.0.1"),
    ("::1", "1." + "0." * 31 + "ip6.arpa", "IP Address:0:0:0:0:0:0:0:1")])
def test_an_address_is_asked_for_by_its_reverse_name(proven, address, name, shown):
    def looks(port, key):
        return (Seen(port, name, address=address), Seen(port, address, address=address),
                Seen(port, None, address=address))

    by_name, by_text, by_nothing = proven(looks, address, address)

    assert by_name.text("-ext", "subjectAltName").split("\n")[1].strip() == shown
    assert by_text.der is None and by_nothing.der is None


@pytest.mark.parametrize("name, protocols", [
    ("a.test", ()), ("a.test", ("h2", "http/1.1")), ("a.test", (PROTOCOL, "h2")),
    ("a.test", ("acme-tls/2",)), ("b.test", (PROTOCOL,)), ("www.a.test", (PROTOCOL,)),
    (None, (PROTOCOL,))])
def test_nobody_else_is_answered(proven, name, protocols):
    def looks(port, key):
        return Seen(port, name, protocols), Seen(port, "A.TEST")

    other, validator = proven(looks)

    assert other.error is not None and other.der is None
    assert validator.protocol == PROTOCOL


def test_many_validators_at_once(proven):
    """From several places, as the larger CAs do; each sees the proof."""
    def looks(port, key):
        with concurrent.futures.ThreadPoolExecutor(40) as pool:
            return list(pool.map(lambda _: Seen(port).protocol, range(120)))

    assert proven(looks) == [PROTOCOL] * 120


@pytest.mark.parametrize("pieces", [7, 100, 600])
def test_a_hello_in_many_records_and_packets(proven, pieces):
    hello = fragments(client_hello(), pieces)

    answer = proven(lambda port, key: drip(port, hello, 0.0005))

    assert answer[0] == 0x16 and answer[5] == 2     # a ServerHello


OTHERS = {
    "nothing": b"", "an octet": b"G", "http": b"GET / HTTP/1.1\r\n\r\n", "22": b"\x16",
    "a header": b"\x16\x03\x01\x02\x00", "zeros": bytes(100000),
    "too long": b"\x16\x03\x01\x40\x00\x01\xff" + b"\x01" * 16384,
    "a beginning": client_hello()[:200], "another name": client_hello("b.test"),
    "a browser": client_hello(protocols=("h2",)),
    "fragments": fragments(client_hello("b.test"), 1)}


@pytest.mark.parametrize("what", OTHERS)
def test_everything_else_reaches_the_backend_as_it_came(proven, echo, what):
    data = OTHERS[what]

    def looks(port, key):
        return talk(port, data), Seen(port).protocol

    answer, protocol = proven(looks, backend=f"127.0.0.1:{echo.port}")

    assert answer == data.upper() + b"%d bytes" % len(data)
    assert protocol == PROTOCOL


def test_who_says_nothing_is_passed_on_in_time(proven, echo):
    """A server that speaks first is heard, and half a hello goes where it belongs."""
    def looks(port, key):
        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
            client.sendall(b"\x16\x03\x01")
            answer = client.recv(100)
        return answer, time.monotonic() - began

    answer, seconds = proven(looks, backend=f"127.0.0.1:{echo.port}")

    assert answer == b"\x16\x03\x01"
    assert 9 < seconds < 15


def test_validators_get_through_a_crowd(proven, echo):
    """Two thousand that stay, of which half have not said who they are."""
    def looks(port, key):
        with contextlib.ExitStack() as crowd:
            for number in range(2000):
                client = crowd.enter_context(
                    socket.create_connection(("127.0.0.1", port), timeout=10))
                client.sendall(b"\x16\x03\x01" if number % 2 else b"hello")
            return Seen(port).protocol, talk(port, b"after them")

    protocol, answer = proven(looks, backend=f"127.0.0.1:{echo.port}")

    assert protocol == PROTOCOL
    assert answer == b"AFTER THEM10 bytes"


def test_much_flows_both_ways(proven, echo):
    data = bytes(range(97, 123)) * 400000

    answer = proven(lambda port, key: both_ways(port, data),
                    backend=f"127.0.0.1:{echo.port}")

    assert answer == data.upper() + b"%d bytes" % len(data)


def test_a_backend_that_is_away_closes_and_warns(issuer, good_ca):
    ca, port = good_ca(), free_port()

    def validate(*_):
        for _ in range(3):
            with contextlib.suppress(ConnectionResetError):
                assert talk(port, b"x") == b""
    ca.mini.validate = validate
    issue = issuer(ca, solver=alpn(port, backend=f"127.0.0.1:{free_port()}"))

    result = issue("a.test", "-v")

    assert result.code == 0, result
    assert result.stderr.count("could not be passed on") == 1


def test_a_port_in_use_is_found_before_the_ca_is_asked(issuer, good_ca, echo):
    issue = issuer(good_ca(), solver=alpn(echo.port))

    result = issue("a.test")

    assert result.code == 6, result
    assert f"127.0.0.1:{echo.port}" in result.stderr and "redirect" in result.stderr
    assert issue.ca.of("newOrder") == []


@pytest.mark.parametrize("option, value, why", [
    ("backend", "www.example:443", "127.0.0.1:8443"), ("backend", "127.0.0.1", "port"),
    ("proxy_protocol", "v9", "off"), ("redirect", "65536", "65535"),
    ("redirect", "443", "backend"),
    ("linger", "-1", "0")])
def test_a_wrong_option_is_told(issuer, good_ca, option, value, why):
    issue = issuer(good_ca(), solver=alpn(free_port(), **{option: value}))

    result = issue("a.test")

    assert result.code == 2, result
    assert option.replace("_", "-") in result.stderr and why in result.stderr
    assert issue.ca.of("newOrder") == []


def test_the_backend_may_not_be_the_plugin_itself(issuer, good_ca):
    port = free_port()
    issue = issuer(good_ca(), solver=alpn(port, backend=f"127.0.0.1:{port}"))

    result = issue("a.test")

    assert result.code == 2, result
    assert "listens itself" in result.stderr


def test_a_wildcard_is_refused_here(issuer, good_ca):
    issue = issuer(good_ca(), solver=alpn(free_port()))

    result = issue("*.a.test")

    assert result.code == 2, result
    assert "*.a.test" in result.stderr and "dns-01" in result.stderr
    assert issue.ca.requests == []


@pytest.mark.parametrize("address", ["127.0.0.1", "2001:db8::1"])
def test_an_address_without_a_solver_that_fits_is_refused_here(issuer, good_ca, address):
    issue = issuer(good_ca(), solver=["--solver", "dns01-exec",
                                      "--set", "dns01-exec.command=/bin/true"])

    result = issue("a.test", address)

    assert result.code == 2, result
    assert address in result.stderr and "tls-alpn-01" in result.stderr
    assert issue.ca.requests == []


@pytest.mark.parametrize("names", [
    ["a.test"], ["127.0.0.1"], ["a.test", "127.0.0.2"], ["a.test", "127.0.0.1", "::1"],
    ["a.test", "127.0.0.1.nip.test"]])
def test_a_leaf_with_other_addresses_is_not_stored(issuer, good_ca, names):
    """RFC 8738: an address in the certificate is that of the order, and only that."""
    issue = issuer(good_ca(leaf={"names": names}), solver=alpn(free_port()))

    result = issue("a.test", "127.0.0.1")

    assert result.code == 5, result
    assert "name" in result.stderr
    assert not issue.has_certificate("a.test")


def test_addresses_are_raw_in_the_request_and_not_its_subject(issuer, good_ca):
    ca = good_ca()
    issue = issuer(ca, solver=alpn(free_port()))

    assert issue("192.0.2.1", "2001:db8::1", "a.test").code == 0

    csr = from_base64url(ca.of("finalize")[0].payload["csr"])
    text = run("openssl", "req", "-inform", "DER", "-noout", "-text", input=csr).decode()
    assert "Subject: \n" in text
    named = text.split("Subject Alternative Name")[1].split("\n")[1].strip()
    assert set(named.split(", ")) == {"IP Address:192.0.2.1", "DNS:a.test",
                                      "IP Address:2001:DB8:0:0:0:0:0:1"}


# What systemd does before it starts a program: a socket at 3, and who it is for.
HAND_OVER = """
import os, socket, sys
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[2], sys.argv[2:])
"""


def test_a_socket_of_systemd_is_used(issuer, calm_pebble):
    """No port is bound by us, so no privilege is needed, whatever the port."""
    port = calm_pebble.tls_port
    issue = issuer(calm_pebble, solver=["--solver", "tlsalpn01-standalone"])

    result = issue("socket.example.test", "-vv", prefix=(
        "/usr/bin/python3", "-c", HAND_OVER, str(port)))

    assert result.code == 0, result
    assert f"standalone.handover address=127.0.0.1:{port}" in result.stderr


def test_a_connection_outlives_the_run(issuer, good_ca, echo):
    ca, port = good_ca(), free_port()
    kept = []

    def validate(*_):
        kept.append(socket.create_connection(("127.0.0.1", port), timeout=10))
        kept[0].sendall(b"before")
        assert kept[0].recv(100) == b"BEFORE"

    ca.mini.validate = validate
    issue = issuer(ca, solver=alpn(port, backend=f"127.0.0.1:{echo.port}"))
    result = issue("a.test")
    assert result.code == 0, result

    with kept[0] as client:
        client.sendall(b"after")
        assert client.recv(100) == b"AFTER"
        client.shutdown(socket.SHUT_WR)
        assert read_all(client) == b"11 bytes"
    assert not is_listening(port)
