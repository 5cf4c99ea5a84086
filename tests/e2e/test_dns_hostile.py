# SPDX-License-Identifier: Apache-2.0
"""Name servers that mean no good: bounded in time and memory, and nothing of theirs is
believed or printed."""
import pytest

import dns_hostile
from dns_hostile import hostile_dns
from dns_world import *  # noqa: F403
from dns_world import CLOCK, FIRST, assert_issued, executable, left_over, options

LONG_S = 25
MEMORY_KIB = 64 * 1024

# Parsers of broken packets have unit tests and a fuzz target; each of these takes as
# long as a resolver is waited for.
NEVER = ["wrong_id", "from_elsewhere", "cut_for_ever", "flood"]


@pytest.fixture
def hooked(issue, tmp_path):
    """Factory: an Issuer with a hook that does nothing, and this resolver."""
    def make(**values):
        hook = executable(tmp_path / "hook", "#!/bin/sh\nexit 0\n")
        found = options("dns01-exec", command=hook, visibility_timeout=3, **values)
        found[1] = f"dns01-exec.resolver={CLOCK}"
        return issue(["--solver", "dns01-exec", *found])
    return make


def assert_bounded(result):
    assert result.code in (2, 6), str(result)[:4000]
    assert result.elapsed_s < LONG_S and result.max_rss_kib < MEMORY_KIB
    assert len(result.stderr) < 4000
    assert not [each for each in result.stderr if each < " " and each != "\n"]


@pytest.mark.parametrize("behaviour", NEVER)
def test_what_is_no_answer_is_not_believed(world, hooked, behaviour):
    with hostile_dns(CLOCK, getattr(dns_hostile, behaviour)) as server:
        result = hooked()("victim.one.test")

    assert server.asked > 0
    assert_bounded(result)
    assert f"the resolver {CLOCK}" in result.stderr
    assert "victim.one.test" in result.stderr


@pytest.mark.parametrize("behaviour", ["huge", "strange_text", "never_again"])
@pytest.mark.parametrize("visibility", ["resolver", "authoritative"])
def test_strange_answers_do_no_harm(world, hooked, behaviour, visibility):
    with hostile_dns(CLOCK, getattr(dns_hostile, behaviour)):
        result = hooked(visibility=visibility)("victim.one.test")

    assert_bounded(result)


@pytest.mark.parametrize("behaviour", ["ids_first", "elsewhere_first", "noise_first",
                                       "late"])
def test_the_true_answer_is_found_among_others(world, issue, behaviour):
    words = world.rfc2136()
    words[3] = f"dns01-rfc2136.resolver={CLOCK}"
    run = issue(words)
    name = f"{behaviour.replace('_', '-')}.one.test"

    with hostile_dns(CLOCK, getattr(dns_hostile, behaviour)):
        result = run(name)

    assert_issued(result, run, world, name)


def test_a_primary_that_accepts_and_stays_silent_is_named(world, issue):
    run = issue(["--solver", "dns01-rfc2136", *options(
        "dns01-rfc2136", server=CLOCK, tsig_key_file=world.named.key_file())])

    with hostile_dns(CLOCK, dns_hostile.nothing, tcp="silent"):
        result = run("silent.one.test", "--timeout", "12")

    assert result.code == 6, str(result)
    assert f"{CLOCK}:53" in result.stderr and "no server" in result.stderr
    assert result.elapsed_s < 30


def test_a_silent_primary_is_passed_over(world, issue):
    run = issue(["--solver", "dns01-rfc2136", *options(
        "dns01-rfc2136", server=[CLOCK, FIRST], tsig_key_file=world.named.key_file())])

    with hostile_dns(CLOCK, dns_hostile.nothing, tcp="silent"):
        result = run("passed.one.test")

    assert_issued(result, run, world, "passed.one.test")
    assert left_over(world, "passed.one.test") == []
