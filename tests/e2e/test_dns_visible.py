# SPDX-License-Identifier: Apache-2.0
"""Waiting for the truth: secondaries that lag or are dead, and views that differ."""
import threading
import time

import pytest

from dns_world import *  # noqa: F403
from dns_world import DEAD, INSIDE, LATE, assert_issued, challenge, left_over
from running import wait_until

LAG_S = 5
IN_TIME_S = 1


@pytest.fixture
def told(world, gate):
    """A gate in front of the CA that keeps the time of the first challenge."""
    made = gate(world.ca)
    made.told_at = None
    pass_on = made.pass_on

    def note(path, when):
        if path.startswith("/chalZ") and made.told_at is None:
            made.told_at = time.monotonic()
        return pass_on(path, when)
    made.pass_on = note
    return made


def transfer(world, apex, name):
    """The secondary takes the zone; times between which it had the record first."""
    earliest = time.monotonic()
    world.late.notify(apex)
    wait_until(lambda: world.late.txt(challenge(name)), "the secondary has it", 10)
    return earliest, time.monotonic()


def test_a_secondary_that_lags_is_waited_for(world, issuer, told):
    name = "slow.lag.test"
    issue = issuer(told, solver=world.rfc2136())
    run = issue.start(name, f"*.{name}")
    wait_until(lambda: world.named.txt(challenge(name)), "the primary has it")
    assert not threading.Event().wait(LAG_S)
    assert told.told_at is None and not run.has_ended()

    earliest, seen_at = transfer(world, "lag.test", name)
    result = run.wait()

    assert_issued(result, issue, world, name, f"*.{name}")
    assert earliest < told.told_at < seen_at + IN_TIME_S


def test_a_server_that_never_has_it_is_named(world, issue):
    name = "never.lag.test"
    run = issue(world.rfc2136(visibility_timeout=3))

    result = run(name)

    assert result.code == 6, str(result)
    assert LATE in result.stderr and "ns2.lag.test" in result.stderr
    assert result.elapsed_s < 8
    assert left_over(world, name) == []


def test_a_dead_secondary_does_not_count(world, issue):
    name = "two-of-three.trio.test"
    made = issue(world.rfc2136())
    run = made.start(name)
    wait_until(lambda: world.named.txt(challenge(name)), "the primary has it")
    transfer(world, "trio.test", name)

    result = run.wait()

    assert_issued(result, made, world, name)


@pytest.mark.parametrize("quorum, code", [("2", 0), ("majority", 0), ("all", 6)])
def test_the_quorum_says_how_many_must_have_it(world, issue, quorum, code):
    name = f"quorum-{quorum}.trio.test"
    run = issue(world.rfc2136(quorum=quorum, visibility_timeout=4)).start(name)
    wait_until(lambda: world.named.txt(challenge(name)), "the primary has it")
    transfer(world, "trio.test", name)

    result = run.wait()

    assert result.code == code, str(result)
    assert left_over(world, name) == []
    if code:
        assert f"ns3.trio.test ({DEAD}): not reachable" in result.stderr
    else:
        assert result.elapsed_s < 4


def test_a_view_from_inside_is_never_enough(world, issue):
    run = issue(world.rfc2136(visibility_timeout=2))

    result = run("inside.split.test")

    assert result.code == 6, str(result)
    assert INSIDE in result.stderr
    assert left_over(world, "inside.split.test") == []


@pytest.mark.parametrize("visibility, least_s", [("off", 0), ("wait:2", 2),
                                                 ("resolver", 0)])
def test_with_split_horizon_it_goes_on_all_the_same(world, issue, visibility, least_s):
    name = f"{visibility.partition(':')[0]}.split.test"
    run = issue(world.rfc2136(visibility=visibility))

    result = run(name)

    assert_issued(result, run, world, name)
    assert least_s < result.elapsed_s < least_s + 4
