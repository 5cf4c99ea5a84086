# SPDX-License-Identifier: Apache-2.0
"""A CA that limits is left alone until it said so, across runs; what to do is told."""
import pytest

import replies

NAME = "a.test"


def limited(after=None, detail="too many", **members):
    headers = [("Retry-After", str(after))] if after is not None else []
    return replies.problem("rateLimited", detail, 429, headers, **members)


def test_the_next_run_asks_nothing_before_the_time(issuer, good_ca):
    ca = good_ca()
    ca.script("newOrder", limited(7200))
    issue = issuer(ca)
    assert issue(NAME).code == 10
    asked = len(ca.requests)

    result = issue(NAME, "--json")

    assert result.code == 10, result
    assert len(ca.requests) == asked
    assert 7000 < result.json["error"]["retry_after_s"] <= 7200
    assert "too many" in result.json["error"]["message"]
    assert "--force" in result.json["error"]["message"]


def test_force_asks_at_once(issuer, good_ca):
    ca = good_ca()
    ca.script("newOrder", limited(7200))
    issue = issuer(ca)
    assert issue(NAME).code == 10

    assert issue(NAME, "--force").code == 0


def test_another_certificate_is_not_held_up_by_the_first_refusal(issuer, good_ca):
    ca = good_ca()
    ca.script("newOrder", limited(7200))
    issue = issuer(ca)
    assert issue(NAME).code == 10

    assert issue("b.test").code == 0


def test_two_refusals_in_a_row_mean_the_account(issuer, good_ca):
    ca = good_ca()
    ca.script("newOrder", limited(7200), limited(7200))
    issue = issuer(ca)
    assert issue(NAME).code == 10 and issue("b.test").code == 10
    asked = len(ca.requests)

    assert issue("c.test").code == 10
    assert len(ca.requests) == asked


def test_a_503_with_a_long_time_is_for_all(issuer, good_ca):
    ca = good_ca()
    ca.script("newAccount", replies.reply(503, b"<html>maintenance</html>",
                                          [("Retry-After", "3600")]))
    issue = issuer(ca)
    assert issue(NAME).code == 5
    asked = len(ca.requests)

    assert issue("b.test").code == 10
    assert len(ca.requests) == asked


def test_a_refusal_without_a_time_is_left_alone_for_an_hour(issuer, good_ca):
    """Paused at Let's Encrypt: no Retry-After, and a URL in the detail."""
    ca = good_ca()
    ca.always("newOrder", limited(detail="Your account is temporarily prevented from "
                                  "requesting certificates. Please visit: "
                                  "https://portal.test/unpause?jwt=abc.def to unpause"))
    issue = issuer(ca)
    first = issue(NAME)

    second = issue(NAME, "--json")

    assert first.code == 10 and "https://portal.test/unpause?jwt=abc.def" in first.stderr
    assert second.code == 10
    assert 3500 < second.json["error"]["retry_after_s"] <= 3600
    assert len(ca.of("newOrder")) == 1


@pytest.mark.parametrize("resource", ["newAccount", "newOrder", "finalize"])
def test_terms_that_changed_are_told_with_their_url(issuer, good_ca, resource):
    ca = good_ca()
    ca.always(resource, replies.problem(
        "userActionRequired", "the terms have changed", 403,
        [("Link", '<https://terms.test/v2>;rel="terms-of-service"')],
        instance="https://ca.test/agree/17"))

    result = issuer(ca)(NAME)

    assert result.code == 3, result
    assert "https://ca.test/agree/17" in result.stderr
    assert "https://terms.test/v2" in result.stderr
    assert len(ca.of(resource)) == 1


def test_a_compound_problem_is_told_name_by_name(issuer, good_ca):
    ca = good_ca()
    subproblems = [{"type": replies.PROBLEM + "rejectedIdentifier",
                    "detail": f"not {name}, because of policy number {number}",
                    "identifier": {"type": "dns", "value": name}}
                   for number, name in enumerate(f"n{i}.long-name.test"
                                                 for i in range(30))]
    ca.always("newOrder", replies.problem("compound", "some names are refused", 403,
                                          subproblems=subproblems))
    names = [f"n{i}.long-name.test" for i in range(30)]

    text = issuer(ca)(*names)
    told = issuer(ca)(*names, "--json")

    assert text.code == 3, text
    assert all(f"not {name}, because" in text.stderr for name in names)
    assert [each["identifier"] for each in told.json["error"]["identifiers"]] == names
    assert told.json["error"]["identifiers"][3]["problem"]["type"] == "rejectedIdentifier"
