# SPDX-License-Identifier: Apache-2.0
"""Name servers that say no, or nothing: words that help, and nothing left behind."""
import signal

import pytest

from dns_servers import Knot
from dns_world import *  # noqa: F403
from dns_world import (CLOCK, DEAD, FIRST, QUICK, SECOND, assert_issued,
                       left_over, options)
from issuing import is_alive
from running import wait_until

NAME = "fault.one.test"
FAKETIME = "/usr/$LIB/faketime/libfaketimeMT.so.1"    # the loader knows $LIB
BASE64 = "c29tZWJvZHkgZWxzZSdzIHNlY3JldCwgMzIgYnl0ZXM="


def words(resolver=None, **values):
    found = options("dns01-rfc2136", **values)
    if resolver:
        found[1] = f"dns01-rfc2136.resolver={resolver}"
    return ["--solver", "dns01-rfc2136", *found]


# What is wrong -> (name, what is set, words of the message, exit code: 2 where a
# person must change a setting, here or at the server; 6 where a server said nothing).
FAULTS = {
    "key-unknown-named": (NAME, lambda world: {
        "tsig_key_file": world.named.key_file(name="key-nobody")},
        ["BADKEY", "key-nobody", FIRST, "name and algorithm"], 2),
    "key-unknown-knot": ("fault.three.test", lambda world: {
        "server": SECOND, "tsig_key_file": world.knot.key_file(name="key-nobody")},
        ["BADKEY", "key-nobody", SECOND], 2),
    "secret-named": (NAME, lambda world: {
        "tsig_key_file": world.named.key_file(secret=BASE64)},
        ["BADSIG", "key-hmac-sha256", "another secret"], 2),
    "secret-knot": ("fault.three.test", lambda world: {
        "server": SECOND, "tsig_key_file": world.knot.key_file(secret=BASE64)},
        ["BADSIG", "key-hmac-sha256", "another secret"], 2),
    "algorithm": (NAME, lambda world: {"tsig_key_file": world.named.key_file(
        "hmac-sha512", world.named.secret("hmac-sha256"), "key-hmac-sha256")},
        ["BADKEY", "hmac-sha512"], 2),
    "policy-named": ("fault.two.test", lambda world: {
        "tsig_key_file": world.named.key_file("hmac-sha512")},
        ["REFUSED", "update-policy", "key-hmac-sha512",
         "_acme-challenge.fault.two.test"], 2),
    "policy-knot": ("fault.four.test", lambda world: {
        "server": SECOND, "tsig_key_file": world.knot.key_file("hmac-sha512")},
        ["BADKEY", "acl", "key-hmac-sha512", "_acme-challenge.fault.four.test"], 2),
    "unsigned": (NAME, lambda world: {"tsig_key_file": []},
                 ["REFUSED", "not signed", "tsig-key-file"], 2),
    "no-primary": (NAME, lambda world: {
        "server": SECOND, "tsig_key_file": world.knot.key_file()},
        ["NOTAUTH", SECOND, "one.test", "primary"], 2),
    "not-in-zone": (NAME, lambda world: {"zone": "two.test"},
                    ["two.test", "zone", "_acme-challenge.fault.one.test"], 2),
    "down": (NAME, lambda world: {"server": DEAD}, [DEAD, "no server", "firewall"], 6),
    "all-down": (NAME, lambda world: {"server": [DEAD, "127.0.0.98"]},
                 [DEAD, "127.0.0.98", "no server"], 6),
    "no-domain": ("fault.nowhere.example", lambda world: {}, [
        "no domain fault.nowhere.example", "is the name right",
        "_acme-challenge.fault.nowhere.example"], 2),
    "dead-zone": ("x.below.one.test", lambda world: {}, [
        "SERVFAIL for below.one.test and all below it", "x.below.one.test"], 6),
    # Without a look at the DNS the server itself is asked what it made of an update.
    "alias": ("away.one.test", lambda world: {
        "zone": "one.test", "visibility": "off", "resolver": DEAD}, [
        "accepted the update", "_acme-challenge.away.one.test", "alias (CNAME"], 2),
    "delegated": ("x.below.one.test", lambda world: {
        "zone": "one.test", "visibility": "off", "resolver": DEAD}, [
        "will never serve it", "delegates below.one.test", "primary"], 2),
    "circle": ("circle.one.test", lambda world: {}, ["circle", "CNAME"], 2),
}


# Where the server can still be asked, or nothing was sent, nobody is worried in vain.
NOTHING_WRITTEN = {"policy-named", "unsigned", "not-in-zone", "no-domain", "dead-zone",
                   "alias", "circle"}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_is_said(world, issue, fault):
    name, settings, expected, code = FAULTS[fault]
    run = issue(words(**{"server": FIRST, "tsig_key_file": world.named.key_file(),
                         **settings(world)}))

    result = run(name)

    assert result.code == code, str(result)
    missing = [word for word in expected if word not in result.stderr]
    assert missing == [], str(result)
    assert BASE64 not in result.stderr
    if fault in NOTHING_WRITTEN:
        assert "could not be cleaned up" not in result.stderr
    assert not run.has_certificate(name)
    assert [part for apex in world.servers if apex in name
            for part in left_over(world, name)] == []


@pytest.mark.parametrize("by", ["+1h", "-1h"])
def test_a_clock_that_is_off_by_an_hour(world, issue, tmp_path, by):
    """The server's: its plugin host has no environment to bring libfaketime into."""
    server = Knot(tmp_path / "clock", {"one.test": []}, at=(CLOCK, 53),
                  servers=world.servers, env={"LD_PRELOAD": FAKETIME, "FAKETIME": by})
    run = issue(words(server=CLOCK, tsig_key_file=server.key_file()))
    try:
        server.start()
        result = run(NAME)
    finally:
        server.stop()

    assert result.code == 6, str(result)
    for word in ("BADTIME", CLOCK, "ahead of" if by[0] == "+" else "behind", "clock"):
        assert word in result.stderr, str(result)
    assert any(f" {seconds} s " in result.stderr for seconds in range(3595, 3606))


SETTINGS = {
    "mode": (lambda world, path: path.chmod(0o644), {}, "tsig-key-file"),
    "missing": (lambda world, path: path.unlink(), {}, "tsig-key-file"),
    "no key": (lambda world, path: path.write_text("hello"), {}, "key must look like"),
    "md5": (lambda world, path: path.write_text(
        f'key "k" {{ algorithm hmac-md5; secret "{BASE64}"; }};'), {}, "hmac-md5"),
    "server": (lambda world, path: None, {"server": []}, "server"),
    "ttl": (lambda world, path: None, {"ttl": "0"}, "ttl"),
    "visibility": (lambda world, path: None, {"visibility": "maybe"}, "visibility"),
    "quorum": (lambda world, path: None, {"quorum": "few"}, "quorum"),
}


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_wrong_setting_never_reaches_the_ca(world, issue, setting):
    spoil, more, word = SETTINGS[setting]
    path = world.named.key_file()
    spoil(world, path)
    before = len(world.ca.requests())
    run = issue(words(**{"server": FIRST, "tsig_key_file": path, **more}))

    result = run(NAME)

    assert result.code == 2, str(result)
    assert word in result.stderr and BASE64 not in result.stderr
    assert len(world.ca.requests()) == before


def test_of_a_batch_only_what_is_refused_fails(world, issue):
    run = issue(words(server=FIRST, tsig_key_file=world.named.key_file("hmac-sha384")))

    result = run("open.two.test", "shut.two.test")

    assert result.code == 2, str(result)
    assert "REFUSED" in result.stderr and "_acme-challenge.shut.two.test" in result.stderr
    assert "_acme-challenge.open.two.test" not in result.stderr
    assert left_over(world, "open.two.test", "shut.two.test") == []


@pytest.mark.parametrize("more, updates", [(["--challenge", "dns-01"], 2), ([], 4)])
def test_nothing_is_left_when_the_ca_does_not_see_it(world, issuer, pebble, more, updates):
    """Without a choice the next challenge type, dns-account-01, is tried in its turn."""
    name = "unseen.one.test"
    blind = pebble(dns=f"{DEAD}:53", config=QUICK)
    before = world.named.update_count("one.test")

    result = issuer(blind, solver=world.rfc2136())(name, f"*.{name}", *more)

    assert result.code == 4, str(result)
    assert world.named.update_count("one.test") == before + updates
    assert "unseen" not in world.named.whole_zone("one.test")


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_nothing_is_left_after_a_signal(world, issuer, gate, number, code):
    name = "stopped.one.test"
    held = gate(world.ca)
    told = held.hold("/chalZ", "before", 1)
    run = issuer(held, solver=world.rfc2136()).start(name, f"*.{name}")
    told.wait()
    assert len(left_over(world, name)) == 2

    run.send(number)
    result = run.wait()

    held.open(drop=True)
    assert result.code == code, str(result)
    assert left_over(world, name) == []


def test_after_kill_9_the_next_run_takes_all_away(world, issuer, gate):
    name = "killed.one.test"
    held = gate(world.ca)
    told = held.hold("/chalZ", "before", 1)
    issue = issuer(held, solver=world.rfc2136())
    run = issue.start(name, f"*.{name}")
    told.wait()
    children = run.children()
    run.send(signal.SIGKILL)
    run.wait()
    wait_until(lambda: not any(map(is_alive, children)), "plugin hosts end", 5)
    assert len(left_over(world, name)) == 2
    held.open(drop=True)

    result = issue(name, f"*.{name}")

    assert_issued(result, issue, world, name, f"*.{name}")


def test_after_kill_9_a_run_for_other_names_takes_all_away(world, issuer, gate):
    """Same certificate, one name less: what was presented for the other goes, too."""
    names = ["killed-a.one.test", "killed-b.two.test"]
    held = gate(world.ca)
    told = held.hold("/chalZ", "before", 1)
    issue = issuer(held, solver=world.rfc2136())
    run = issue.start(*names, "--name", "k")
    told.wait()
    run.send(signal.SIGKILL)
    run.wait()
    assert len(left_over(world, *names)) == 2
    held.open(drop=True)

    result = issue(names[0], "--name", "k")

    assert result.code == 0, str(result)
    assert left_over(world, *names) == []
