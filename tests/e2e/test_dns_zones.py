# SPDX-License-Identifier: Apache-2.0
"""Zones and keys that are unusual and right: each is issued for, and left as it was."""
import os
import signal
import threading

import pytest

import dns_servers
from dns_world import *  # noqa: F403
from dns_world import FIRST, FIRST6, assert_issued, challenge, left_over, options
from issuing import is_alive
from running import wait_until


@pytest.mark.parametrize("name, target", [
    ("dn.one.test", "_acme-challenge.dn.two.test"),   # below a DNAME
    ("long.one.test", "far.three.test")])             # nine aliases
def test_other_aliases_are_followed(world, issue, name, target):
    run = issue(world.rfc2136(world.knot if "three" in target else world.named))

    result = run(name)

    assert result.code == 0, str(result)
    assert [text for text in world.txt(target) if text != "somebody else's"] == []


def test_a_wildcard_of_text_is_no_answer_yet(world, issue):
    """Until the record is there, every server has another value at that name."""
    run = issue(world.rfc2136())

    result = run("x.wild.one.test", "*.x.wild.one.test")

    assert result.code == 0, str(result)
    assert world.txt(challenge("x.wild.one.test")) == ["for all"]


def test_a_record_with_ttl_0_survives(world, issue):
    run = issue(world.rfc2136())

    result = run("zero.one.test")

    assert_issued(result, run, world, "zero.one.test")
    assert world.txt(challenge("zero.one.test")) == ["somebody else's"]


@pytest.mark.skipif(not dns_servers.has_ipv6(), reason="no IPv6 on this machine")
def test_a_primary_by_ipv6_only(world, issue):
    run = issue(world.rfc2136(server=f"[{FIRST6}]:53"))

    assert_issued(run("v6.one.test"), run, world, "v6.one.test")


def test_a_dead_second_address_of_a_server_costs_nothing(world, issue):
    run = issue(world.rfc2136())

    result = run("both.six.test", "*.both.six.test")

    assert_issued(result, run, world, "both.six.test", "*.both.six.test")
    assert result.elapsed_s < 5


def test_a_hundred_names_in_three_zones_of_two_servers(world, issue):
    run = issue([
        "--solver", "main:dns01-rfc2136", *options(
            "main", server=FIRST, tsig_key_file=world.named.key_file()),
        "--solver", "*.three.test=knot:dns01-rfc2136", *options(
            "knot", server=world.knot.host, tsig_key_file=world.knot.key_file())])
    zones = [(world.named, "one.test"), (world.named, "two.test"),
             (world.knot, "three.test")]
    names = [f"m{number}.{zones[number % 3][1]}" for number in range(100)]
    before = [server.update_count(apex) for server, apex in zones]

    result = run(*names)

    assert_issued(result, run, world, *names)
    assert [server.update_count(apex) for server, apex in zones] == [
        count + 2 for count in before]


KEY_FILE = """// made by hand; the first is of another machine
key other.example. {{ algorithm HMAC-SHA256; secret "c29tZWJvZHkgZWxzZSdz"; }};
/* key "key-hmac-sha512" {{ }}; */
key key-hmac-sha512 {{   # no quotes
    secret  "{secret}" ;
    algorithm hmac-sha512.;
}};
"""


def test_a_key_file_with_two_keys_and_comments(world, issue, tmp_path):
    path = tmp_path / "two.key"
    path.touch(mode=0o600)
    path.write_text(KEY_FILE.format(secret=world.named.secret("hmac-sha512")))

    which = issue(world.rfc2136(tsig_key_file=path))("two.one.test")
    run = issue(world.rfc2136(tsig_key_file=path, tsig_name="key-hmac-sha512"))
    result = run("two.one.test")

    assert which.code == 2 and "tsig-name" in which.stderr, str(which)
    assert_issued(result, run, world, "two.one.test")


@pytest.mark.parametrize("ms", [20, 40, 60, 80, 100, 130, 160, 200, 300])
def test_kill_9_at_any_moment_leaves_nothing_after_the_next_run(world, issue, ms):
    name = f"moment-{ms}.one.test"
    made = issue(world.rfc2136())
    run = made.start(name, f"*.{name}")
    assert not threading.Event().wait(ms / 1000)
    children = run.children()
    run.send(signal.SIGKILL)
    run.wait()
    wait_until(lambda: not any(map(is_alive, children)), "plugin hosts end", 5)

    result = made(name, f"*.{name}")

    assert result.code == 0, str(result)
    assert left_over(world, name) == []
    assert not os.path.exists(made.folder_of(name) / "order.json")
