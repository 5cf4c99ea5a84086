# SPDX-License-Identifier: Apache-2.0
"""Faults that can hit every answer of a CA (DESIGN 7), tried on each resource at once."""
import pytest

import replies
from hostile import assault

JSON = ("directory", "newAccount", "newOrder", "authorization", "challenge", "order",
        "finalize")
BODIES = (*JSON, "certificate")
ALL = (*BODIES, "newNonce")
SHORT = ("--timeout", "3")


def cas_with(good_ca, behaviour, resources, is_always=True):
    cas = {}
    for resource in resources:
        cas[resource] = ca = good_ca()
        if is_always:
            ca.always(resource, behaviour)
        else:
            ca.script(resource, behaviour)
    return cas


def codes(attacks):
    return {resource: attack.result.code for resource, attack in attacks.items()}


def all_are(code, resources):
    return dict.fromkeys(resources, code)


FOR_EVER = {
    "reset-before": (replies.drop_before(reset=True), ALL, ()),
    "closed-before": (replies.drop_before(), ALL, ()),
    "truncated": (replies.truncated(), BODIES, ()),
    "stalls": (replies.hang(), ALL, SHORT),
    "drips": (replies.slow(0.5), BODIES, SHORT),
    "floods": (replies.huge(), BODIES, ()),
    "floods-headers": (replies.huge_headers(), ALL, ()),
    "deep-json": (replies.deep_json(), JSON, ()),
    "many-values": (replies.many_values(), JSON, ()),
    "no-json": (replies.reply(200, b"<html>hello</html>"), JSON, ()),
    "empty": (replies.reply(200, b""), [*JSON[:1], *JSON[2:], "certificate"], ()),
    "array": (replies.reply(200, []), JSON, ()),
    "not-utf8": (replies.reply(200, b'{"status":"\xff\xfe"}'), JSON, ()),
    "redirects": (replies.reply(301, b"", [("Location", "https://127.0.0.1:1/")]),
                  ALL[1:], ()),
    "strange-status": (replies.reply(600, b"{}"), ALL, ()),
}
# What a cut answer does not hide: it was done, and the object tells.
READ_ELSEWHERE = {(fault, resource) for fault in ("truncated", "floods-headers")
                  for resource in ("challenge", "finalize")}


@pytest.mark.parametrize("fault", FOR_EVER)
def test_a_fault_for_ever_ends_with_5_and_no_harm(good_ca, tmp_path, held_state, fault):
    behaviour, resources, options = FOR_EVER[fault]
    cas = cas_with(good_ca, behaviour, resources)

    attacks = assault(tmp_path, held_state, cas, *options)

    for resource, attack in attacks.items():
        is_fine = (fault, resource) in READ_ELSEWHERE
        assert attack.result.code == (0 if is_fine else 5), (resource, attack.result)
        assert is_fine or attack.document()["error"]["message"]


ONCE = {
    "reset-before": replies.drop_before(reset=True),
    "answer-lost": replies.drop_after(reset=True),
    "truncated": replies.truncated(),
    "gateway": replies.reply(502, b"<html>bad gateway</html>"),
    "html-503": replies.reply(503, b"<html>soon</html>", [("Retry-After", "1")],
                              has_nonce=False),
}


def test_a_503_is_waited_for_and_then_all_goes_on(good_ca, tmp_path, held_state):
    cas = cas_with(good_ca, ONCE["html-503"], ALL, is_always=False)

    attacks = assault(tmp_path, held_state, cas)

    assert codes(attacks) == all_are(0, ALL)
    for resource, attack in attacks.items():
        method = {"directory": "GET", "newNonce": "HEAD"}.get(resource, "POST")
        times = [request.at for request in attack.ca.of(resource, method)]
        assert times[1] - times[0] >= 1, resource


@pytest.mark.parametrize("fault", ["reset-before", "answer-lost", "truncated", "gateway"])
def test_a_fault_that_passes_is_recovered_from(good_ca, tmp_path, held_state, fault):
    """newOrder is not: nobody knows whether an order was made, so none is made twice."""
    # And a challenge gets its rest after a 5xx, seconds that are of no use here.
    left_out = {"newOrder"} | ({"challenge"} if fault == "gateway" else set())
    resources = [resource for resource in ALL if resource not in left_out]
    cas = cas_with(good_ca, ONCE[fault], resources, is_always=False)

    attacks = assault(tmp_path, held_state, cas, "--timeout", "20")

    for attack in attacks.values():
        assert attack.result.code == 0, str(attack.result)
        assert len(attack.ca.of("newOrder")) == 1
        assert len(attack.ca.mini.certificates) == 1


@pytest.mark.parametrize("fault", ["answer-lost", "truncated", "gateway"])
def test_a_new_order_of_unknown_outcome_is_not_sent_twice(good_ca, attack, fault):
    ca = good_ca()
    ca.script("newOrder", ONCE[fault])

    made = attack(ca)

    assert made.result.code in (0, 5), made.result
    assert len(ca.of("newOrder")) == 1 or made.result.code == 0


PROBLEMS = {
    "500": (replies.problem("serverInternal", "trouble", 500), 3),
    "503-html": (replies.reply(503, b"<html>", [("Retry-After", "7200")]), None),
    "404-empty": (replies.reply(404, b""), 3),
    "403": (replies.problem("unauthorized", "no", 403), 3),
    "no-type": (replies.reply(400, {"detail": "no type"}), 3),
    "unknown-type": (replies.problem("urn:example:odd", "odd", 400), 3),
    "about-blank": (replies.problem("about:blank", "odd", 418), 3),
    "no-status": (replies.reply(400, {"type": replies.PROBLEM + "malformed"}), 3),
    "wrong-types": (replies.reply(400, {"type": 7, "detail": [], "status": "x",
                                        "subproblems": {}}), 3),
}


@pytest.mark.parametrize("kind", PROBLEMS)
def test_a_refusal_for_ever_is_told_as_one(good_ca, tmp_path, held_state, kind):
    behaviour, code = PROBLEMS[kind]
    resources = ["newAccount", "newOrder", "authorization", "order", "finalize",
                 "certificate"]
    # A challenge gets a rest after each 5xx, more than there is time for here.
    resources += ["challenge"] if kind != "500" else []
    cas = cas_with(good_ca, behaviour, resources)

    attacks = assault(tmp_path, held_state, cas, "--timeout", "20")

    if code is not None:
        assert codes(attacks) == all_are(code, resources)
    for resource, each in attacks.items():
        assert each.result.code in (3, 5, 10), (resource, each.result)
        error = each.document()["error"]
        assert error["message"] and error["exit"] == each.result.code


def test_a_ca_that_says_503_with_hours_is_not_slept_for(good_ca, attack):
    ca = good_ca()
    ca.always("newOrder", replies.reply(503, b"<html>", [("Retry-After", "7200")]))

    made = attack(ca)

    assert made.document()["error"]["retry_after_s"] == 7200
    assert made.document()["elapsed_ms"] < 5000


@pytest.mark.parametrize("when", ["120", "date"])
def test_429_ends_with_10_and_the_time_to_come_back(good_ca, attack, when):
    ca = good_ca()
    value = replies.http_date(120) if when == "date" else when
    ca.always("newOrder", replies.problem(
        "rateLimited", "too many", 429,
        [("Retry-After", value), ("Link", '<https://ca.test/limits>;rel="help"')]))

    made = attack(ca)

    assert made.result.code == 10
    error = made.document()["error"]
    assert 110 <= error["retry_after_s"] <= 120
    assert error["retry_at"]
    assert error["problem"]["detail"] == "too many"
    assert "https://ca.test/limits" in made.result.stdout + made.result.stderr
    assert len(ca.of("newOrder")) == 1


def test_429_without_a_time_is_not_tried_again(good_ca, attack):
    """Boulder's paused names: the way out is in the detail."""
    ca = good_ca()
    ca.always("newOrder", replies.problem(
        "rateLimited", "unpause at https://ca.test/unpause?jwt=x", 429))

    made = attack(ca)

    assert made.result.code == 10
    assert "https://ca.test/unpause?jwt=x" in made.result.stderr
    assert "hour" in made.result.stderr
    assert len(ca.of("newOrder")) == 1


def test_429_with_few_seconds_is_waited_for(good_ca, attack):
    ca = good_ca()
    ca.script("newOrder", replies.problem("rateLimited", "slowly", 429,
                                          [("Retry-After", "1")]))

    made = attack(ca)

    assert made.result.code == 0, made.result
    first, second = ca.of("newOrder")
    assert second.at - first.at >= 1


@pytest.mark.parametrize("value", ["3600", "1000000000", "99999999999999999999"])
def test_an_absurd_retry_after_while_polling_keeps_the_order(good_ca, attack, value):
    ca = good_ca(processing_polls=10**6, retry_after=value)

    made = attack(ca)

    # Too large a number is no number: then the run ends by its own deadline.
    assert made.result.code == 5, made.result
    assert made.issue.journal("a.test") is not None


@pytest.mark.parametrize("value", ["-5", "soon", "", "1.5", "Mon, 99 Foo 2026"])
def test_garbage_in_retry_after_is_ignored(good_ca, attack, value):
    ca = good_ca(validation_polls=1, processing_polls=1, retry_after=value)

    assert attack(ca).result.code == 0


def test_retry_after_as_date_is_told_by_the_cas_clock(good_ca, attack):
    """The CA's clock is a day ahead; two seconds of it are two seconds of ours."""
    ca = good_ca()
    ca.script("finalize", replies.normal())
    ca.states("order", {}, {})
    ca.script("newOrder", replies.problem(
        "rateLimited", "", 429, [("Date", replies.http_date(86400)),
                                 ("Retry-After", replies.http_date(86402))]))

    made = attack(ca)

    assert made.result.code == 0, made.result
    first, second = ca.of("newOrder")
    assert 1 <= second.at - first.at < 10
