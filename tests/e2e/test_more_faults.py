# SPDX-License-Identifier: Apache-2.0
"""What is left of DESIGN 7: connections dropped at random, and time that runs out."""
import random

import pytest

import replies
from issuing import is_whole

NAME = "a.test"
RESOURCES = ("directory", "newNonce", "newAccount", "authorization", "challenge", "order",
             "finalize", "certificate")


@pytest.mark.parametrize("seed", range(4))
def test_one_of_three_answers_is_bad_and_it_still_works(issuer, good_ca, seed):
    """Reset, cut short, a bad gateway or a refused nonce, as chance has it."""
    chance = random.Random(seed)
    bad_nonce = replies.problem("badNonce")
    faults = [replies.drop_before(reset=True), replies.drop_after(), replies.truncated(),
              bad_nonce, replies.normal(), replies.normal()]
    ca = good_ca()

    def maybe(seen, request, act):
        seen.setdefault((request.resource, request.id), 0)
        seen[request.resource, request.id] += 1
        behaviour = chance.choice(faults)
        is_odd = request.resource == "newNonce" and behaviour is bad_nonce
        if (request.resource == "directory" or is_odd
                or seen[request.resource, request.id] > 2):
            behaviour = replies.normal()
        return behaviour(ca, request, act)

    seen = {}
    for resource in RESOURCES:
        ca.always(resource, lambda _ca, request, act: maybe(seen, request, act))
    issue = issuer(ca)

    result = issue(NAME, "b.test", "--timeout", "40")

    assert result.code == 0, result
    assert is_whole(issue, NAME)
    assert len(ca.of("newOrder")) == 1
    assert len(ca.requests) < 100


@pytest.mark.parametrize("resource", RESOURCES)
def test_the_time_of_the_run_is_kept(issuer, good_ca, resource):
    ca = good_ca()
    ca.always(resource, replies.delayed(30))
    issue = issuer(ca)

    result = issue(NAME, "--timeout", "1")

    assert result.code == 5, result
    assert result.elapsed_s < 8
    assert issue.answers() == []


def test_the_ca_sleeps_a_little_before_everything(issuer, good_ca):
    """Slow is not broken."""
    ca = good_ca()
    for resource in RESOURCES:
        ca.always(resource, replies.delayed(0.1))

    result = issuer(ca)(*[f"n{number}.test" for number in range(20)], "--json")

    assert result.code == 0, result
    # 20 names, and yet few waits one after the other.
    assert result.json["round_trips"] <= 14
    assert result.elapsed_s < 8
