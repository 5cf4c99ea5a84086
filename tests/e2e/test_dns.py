# SPDX-License-Identifier: Apache-2.0
"""dns-01 with dynamic updates: real name servers, and a CA that resolves through them."""
import pytest

from dns_servers import ALGORITHMS
from dns_world import *  # noqa: F403
from dns_world import DEAD, FIRST, assert_issued, challenge, executable, left_over, options

LEGO = """#!/bin/sh
case $1 in
    present) {my_dns} add "${{2%.}}" "$3" ;;
    cleanup) {my_dns} delete "${{2%.}}" "$3" ;;
esac
"""


@pytest.mark.parametrize("apex", ["one.test", "three.test"])
def test_wildcard_and_base_have_two_values_at_one_name(world, issue, apex):
    server = world.knot if apex == "three.test" else world.named
    run = issue(world.rfc2136(server))
    before = server.update_count(apex)

    result = run(apex, f"*.{apex}")

    assert_issued(result, run, world, apex, f"*.{apex}")
    assert server.update_count(apex) == before + 2


@pytest.mark.parametrize("apex", ["one.test", "three.test"])
def test_a_hundred_names_of_a_zone_are_two_updates(world, issue, apex):
    server = world.knot if apex == "three.test" else world.named
    names = [f"n{number}.{apex}" for number in range(100)]
    run = issue(world.rfc2136(server))
    before = server.update_count(apex)

    result = run(*names)

    assert_issued(result, run, world, *names)
    assert server.update_count(apex) == before + 2


def test_names_in_three_zones_on_two_servers(world, issue, my_dns, tmp_path):
    hook = executable(tmp_path / "hook", LEGO.format(my_dns=my_dns(world.knot)))
    solver = world.rfc2136() + [
        "--solver", "*.three.test=dns01-exec",
        *options("dns01-exec", command=hook, dialect="lego")]
    names = ["a.one.test", "b.one.test", "a.two.test", "a.three.test", "b.three.test"]
    run = issue(solver)
    before = [world.named.update_count(apex) for apex in ("one.test", "two.test")]

    result = run(*names)

    assert_issued(result, run, world, *names)
    after = [world.named.update_count(apex) for apex in ("one.test", "two.test")]
    assert after == [count + 2 for count in before]


def two_accounts(world, **second):
    second = {"server": world.knot.host, "tsig_key_file": world.knot.key_file("hmac-sha512"),
              **second}
    return [
        "--solver", "main:dns01-rfc2136", *options(
            "main", server=world.named.host, tsig_key_file=world.named.key_file()),
        "--solver", "*.three.test=other:dns01-rfc2136", "--solver", "three.test=other",
        *options("other", **second)]


def test_one_plugin_with_two_accounts_in_one_order(world, issue):
    names = ["acc.one.test", "*.acc.one.test", "three.test", "*.three.test"]
    run = issue(two_accounts(world))
    servers = [(world.named, "one.test"), (world.knot, "three.test")]
    before = [server.update_count(apex) for server, apex in servers]

    result = run(*names)
    run.solver = []
    again = run(*names, "--force")

    assert_issued(result, run, world, *names)
    assert_issued(again, run, world, *names)
    after = [server.update_count(apex) for server, apex in servers]
    assert after == [count + 4 for count in before]


def test_of_two_accounts_the_one_that_fails_is_named(world, issue):
    run = issue(two_accounts(world, tsig_key_file=world.named.key_file("hmac-sha512")))

    result = run("acc.one.test", "a.three.test")

    assert result.code == 2, str(result)
    assert "other (dns01-rfc2136)" in result.stderr and "BADSIG" in result.stderr
    assert left_over(world, "acc.one.test", "a.three.test") == []


@pytest.mark.parametrize("name, target", [
    ("away.one.test", "away.two.test"), ("far.one.test", "far.three.test")])
def test_an_alias_is_followed_into_another_zone(world, issue, name, target):
    apex = target.partition(".")[2]
    server = world.knot if apex == "three.test" else world.named
    run = issue(world.rfc2136(server))
    before = world.named.update_count("one.test"), server.update_count(apex)

    result = run(name)

    assert_issued(result, run, world, name)
    assert (world.named.update_count("one.test"), server.update_count(apex)) == (
        before[0], before[1] + 2)
    assert world.txt(target) == []


@pytest.mark.parametrize("name", ["kept.one.test", "kept.three.test"])
def test_records_of_others_at_the_name_survive(world, issue, name):
    run = issue(world.rfc2136(world.knot if "three" in name else world.named))

    result = run(name, f"*.{name}")

    assert_issued(result, run, world, name, f"*.{name}")
    assert world.txt(challenge(name)) == ["somebody else's"]


@pytest.mark.parametrize("apex", ["one.test", "three.test"])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_each_algorithm_signs(world, issue, algorithm, apex):
    server = world.knot if apex == "three.test" else world.named
    name = f"{algorithm}.{apex}"
    run = issue(world.rfc2136(server, algorithm))

    assert_issued(run(name), run, world, name)


def test_a_secret_of_its_own_file(world, issue, tmp_path):
    path = tmp_path / "secret"
    path.touch(mode=0o600)
    path.write_text(world.named.secret("hmac-sha384") + "\n")
    run = issue(["--solver", "dns01-rfc2136", *options(
        "dns01-rfc2136", server=FIRST, tsig_name="key-hmac-sha384",
        tsig_algorithm="hmac-sha384", tsig_secret=path, protocol="udp")])

    assert_issued(run("own.one.test"), run, world, "own.one.test")


def test_the_apex_is_found_from_far_below(world, issue):
    run = issue(world.rfc2136())

    assert_issued(run("a.b.c.d.one.test"), run, world, "a.b.c.d.one.test")


def test_one_dead_server_among_two_does_not_matter(world, issue):
    run = issue(world.rfc2136(server=[DEAD, FIRST]))

    assert_issued(run("spare.one.test"), run, world, "spare.one.test")


def test_two_solvers_of_two_kinds_share_a_certificate(world, issue, web):
    run = issue(world.rfc2136())
    web(run.web, world.ca.http_port)
    run.solver += ["--solver", "www.one.test=http01-webroot", "--set",
                   f"http01-webroot.path={run.web}", "--self-check", "off"]
    before = world.named.update_count("one.test")

    result = run("www.one.test", "*.mixed.one.test")

    assert_issued(result, run, world, "www.one.test", "*.mixed.one.test")
    assert world.named.update_count("one.test") == before + 2


def test_a_wildcard_with_http_only_never_reaches_the_ca(world, issue):
    run = issue(None)
    before = world.ca.requests()

    result = run("*.one.test")

    assert result.code == 2, str(result)
    assert "*.one.test" in result.stderr and "dns-01" in result.stderr
    assert world.ca.requests() == before
