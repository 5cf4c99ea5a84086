# SPDX-License-Identifier: Apache-2.0
"""What step-ca, Boulder, Pebble and others do that is not in the book."""
import re

import pytest

import replies
from issuing import is_whole

NAME = "a.test"


# ---- step-ca

def like_step_ca(ca):
    """Validates before it answers; an authorization never turns invalid; no Retry-After."""
    def respond(_ca, request, act):
        response = act()
        number = ca.mini.challenges[request.id]["authorization"]
        ca.mini._settle(number)
        challenge = ca.mini.challenges[request.id]
        if challenge["status"] == "invalid":
            ca.mini.authorizations[number]["status"] = "pending"
            ca.mini.authorizations[number]["polls"] = 10**9
        return response.merge(**ca.mini._challenge_object(request.id))

    ca.always("challenge", respond)
    ca.always("authorization", replies.merge(wildcard=False))
    return ca


def wrong_answer(_identifier, _challenge, _key):
    return {"type": replies.PROBLEM + "rejectedIdentifier", "detail": "keyauth mismatch"}


def test_a_server_that_validates_before_it_answers(issuer, good_ca):
    ca = like_step_ca(good_ca(meta=None, retry_after=None))

    result = issuer(ca)(NAME)

    assert result.code == 0, result


def test_a_server_that_leaves_the_authorization_pending(issuer, good_ca):
    ca = like_step_ca(good_ca(meta=None, retry_after=None, validate=wrong_answer))
    issue = issuer(ca)

    result = issue(NAME, "--json", "--timeout", "30")

    assert result.code == 4, result
    assert result.elapsed_s < 10
    assert "keyauth mismatch" in result.json["error"]["message"]
    assert issue.answers() == []


def test_a_server_whose_problems_have_no_status(issuer, good_ca):
    ca = good_ca()
    ca.always("newOrder", replies.reply(400, {
        "type": "urn:ietf:params:acme:error:malformed",
        "detail": "The request message was malformed"}))

    result = issuer(ca)(NAME, "--json")

    assert result.code == 3, result
    assert result.json["error"]["http_status"] == 400


def test_a_server_that_reads_a_challenge_as_a_start(issuer, good_ca):
    """At step-ca a POST-as-GET of a challenge validates: so none is ever sent."""
    ca = good_ca(validation_polls=2)

    assert issuer(ca)(NAME).code == 0
    assert all(request.payload == {} for request in ca.of("challenge"))
    assert len(ca.of("challenge")) == 1


def test_a_connection_that_fails_once_is_tried_again_when_told_again(issuer, good_ca):
    """step-ca keeps the challenge pending, with the error in it, until the next POST."""
    ca = good_ca(retry_after=None)

    def fail_once(_ca, request, act):
        return replies.document({
            **ca.mini._challenge_object(request.id), "status": "pending",
            "error": {"type": replies.PROBLEM + "connection", "detail": "refused"}})

    ca.script("challenge", fail_once)
    shown = replies.change(lambda response: response.merge(challenges=[
        {**each, "error": {"type": replies.PROBLEM + "connection", "detail": "refused"}}
        for each in response.json()["challenges"]]))
    ca.script("authorization", replies.normal(), shown)

    result = issuer(ca)(NAME, "--timeout", "30")

    assert result.code == 0, result
    assert len(ca.of("challenge")) == 2


# ---- Boulder

def test_boulder_hands_out_the_same_order_again(issuer, good_ca):
    """Same Location, and further along than a new one would be."""
    ca = good_ca()
    issue = issuer(ca)
    ca.always("finalize", replies.problem("serverInternal", "not now", 500))
    assert issue(NAME).code == 3
    ca.always("finalize", None)
    (issue.folder_of(NAME) / "order.json").unlink(missing_ok=True)
    ca.always("newOrder", lambda _ca, _request, _act: ca.mini._order_document("1", 201))

    result = issue(NAME, "--json")

    assert result.code == 0, result
    assert result.json["order"]["url"] == ca.url("order", "1")
    assert len(ca.of("challenge")) == 1


def test_a_synchronous_finalize_without_retry_after(issuer, good_ca):
    ca = good_ca(retry_after=None, processing_polls=0)

    result = issuer(ca)(NAME)

    assert result.code == 0, result
    assert len(ca.of("order")) <= 2


def test_finalize_without_location_and_order_200(issuer, good_ca):
    ca = good_ca(processing_polls=1)
    ca.always("finalize", replies.with_header("Location", None))
    ca.always("newOrder", replies.with_fields(status=200))

    assert issuer(ca)(NAME).code == 0


def test_a_second_response_meanwhile_is_refused_with_409(issuer, good_ca):
    ca = good_ca(validation_polls=3, retry_after=None)

    def conflict(_ca, _request, act):
        act()
        return replies.problem_response("malformed", "already being validated", 409)

    ca.script("challenge", conflict)

    assert issuer(ca)(NAME).code == 0


def test_not_pending_any_more_is_read_and_gone_on_from(issuer, good_ca):
    ca = good_ca()

    def not_pending(_ca, _request, act):
        act()
        return replies.problem_response("malformed", "Challenge is not pending", 400)

    ca.script("challenge", not_pending)

    assert issuer(ca)(NAME).code == 0


# ---- orders that come in another state

def test_an_order_that_is_ready_at_once(issuer, good_ca):
    ca = good_ca()

    def ready(_ca, _request, act):
        act()
        for authorization in ca.mini.authorizations.values():
            authorization["status"] = "valid"
        return ca.mini._order_document("1", 201)

    ca.always("newOrder", ready)

    result = issuer(ca)(NAME)

    assert result.code == 0, result
    assert ca.of("challenge") == ca.of("authorization") == []


def test_an_order_that_is_ready_and_has_no_authorizations(issuer, good_ca):
    ca = good_ca()
    ca.states("newOrder", {"status": "ready", "authorizations": []})
    ca.states("order", {"authorizations": []})

    def issue_anyway(_ca, request, act):
        for authorization in ca.mini.authorizations.values():
            authorization["status"] = "valid"
        return act().merge(authorizations=[])

    ca.always("finalize", issue_anyway)

    assert issuer(ca)(NAME).code == 0


def test_a_new_order_that_is_valid_at_once_has_no_key_of_ours(issuer, good_ca):
    ca = good_ca()
    issue = issuer(ca)
    ca.always("newOrder", replies.merge(status="valid",
                                        certificate=ca.url("certificate", "9")))
    ca.mini.certificates["9"] = "x"

    result = issue(NAME, "--timeout", "5")

    assert result.code == 5, result
    assert not issue.has_certificate(NAME)


def test_an_order_that_never_says_ready_is_finalized_all_the_same(issuer, good_ca):
    ca = good_ca(retry_after=None)

    def not_ready(response):
        is_done = response.json()["status"] in ("valid", "processing")
        return response if is_done else response.merge(status="pending")

    ca.always("order", replies.change(not_ready))

    result = issuer(ca)(NAME, "--timeout", "30")

    assert result.code == 0, result


def test_order_not_ready_once(issuer, good_ca):
    ca = good_ca()
    ca.script("finalize", replies.problem("orderNotReady", "wait", 403))

    result = issuer(ca)(NAME)

    assert result.code == 0, result
    assert len(ca.of("finalize")) == 2


def test_order_not_ready_for_ever_is_bounded(issuer, good_ca):
    ca = good_ca()
    ca.always("finalize", replies.problem("orderNotReady", "wait", 403))

    result = issuer(ca)(NAME, "--timeout", "30")

    assert result.code == 3, result
    assert len(ca.of("finalize")) <= 5


def test_a_lost_finalize_answer_is_not_sent_again(issuer, good_ca):
    ca = good_ca()
    ca.script("finalize", replies.drop_after(reset=True))
    ca.always("finalize", replies.problem("orderNotReady", "is done already", 403))
    issue = issuer(ca)

    result = issue(NAME)

    assert result.code == 0, result
    assert len(ca.of("finalize")) == 1
    assert is_whole(issue, NAME)


def test_a_lost_new_order_answer_is_ordered_once_more(issuer, good_ca):
    ca = good_ca()
    ca.always("account", replies.merge(orders=None))
    ca.script("newOrder", replies.drop_after(reset=True))
    issue = issuer(ca)

    result = issue(NAME)

    assert result.code == 0, result
    first, second = ca.of("newOrder")
    assert first.payload == second.payload
    assert first.protected["nonce"] != second.protected["nonce"]
    assert "ordered once more" in result.stderr
    assert is_whole(issue, NAME)


def test_new_order_answers_that_are_always_lost(issuer, good_ca):
    ca = good_ca()
    ca.always("account", replies.merge(orders=None))
    ca.always("newOrder", replies.drop_after(reset=True))
    issue = issuer(ca)

    result = issue(NAME)

    assert result.code == 5, result
    assert len(ca.of("newOrder")) == 2
    assert issue.journal(NAME) is None and issue.litter() == []


def test_a_lost_challenge_answer_is_read_before_anything_else(issuer, good_ca):
    ca = good_ca()
    ca.script("challenge", replies.drop_after(reset=True))
    ca.always("challenge", replies.problem("malformed", "not pending", 400))

    result = issuer(ca)(NAME)

    assert result.code == 0, result
    assert len(ca.of("challenge")) == 1


def test_bad_csr_is_no_loop(issuer, good_ca):
    ca = good_ca()
    ca.always("finalize", replies.problem("badCSR", "no such key", 400))

    result = issuer(ca)(NAME, "--json")

    assert result.code == 3, result
    assert result.json["error"]["hint"] == "bad-csr"
    assert len(ca.of("finalize")) == 1


def test_an_order_that_turns_invalid_tells_why(issuer, good_ca):
    ca = good_ca()
    ca.states("order", {"status": "invalid", "error": {
        "type": replies.PROBLEM + "caa", "detail": "CAA record of a.test forbids",
        "status": 403}})
    issue = issuer(ca)

    result = issue(NAME, "--json")

    assert result.code in (3, 4), result
    assert "CAA record of a.test forbids" in result.json["error"]["message"]
    assert issue.journal(NAME) is None
    assert issue.answers() == []


def test_each_name_that_did_not_validate_is_told(issuer, good_ca):
    def validate(identifier, _challenge, _key):
        if identifier["value"] == "b.test":
            return None
        return {"type": replies.PROBLEM + "connection",
                "detail": f"{identifier['value']} refused", "status": 400}

    ca = good_ca(validate=validate)
    issue = issuer(ca)

    text = issue(NAME, "b.test", "c.test")
    as_json = issue(NAME, "b.test", "c.test", "--json")

    assert text.code == as_json.code == 4, text
    for name in ("a.test", "c.test"):
        assert f"{name} refused" in text.stderr
    failed = [each["identifier"] for each in as_json.json["error"]["identifiers"]]
    assert sorted(failed) == ["a.test", "c.test"]
    assert len(ca.of("newOrder")) == 2    # one each: no second try on its own
    assert issue.answers() == []


def test_the_rest_of_a_dead_order_is_let_go(issuer, good_ca):
    """What is still pending would only be handed out again."""
    def validate(identifier, _challenge, _key):
        bad = {"type": replies.PROBLEM + "dns", "detail": "no", "status": 400}
        return bad if identifier["value"] == NAME else None

    ca = good_ca(validate=validate)
    slow = {}

    def hold_other(_ca, request, act):
        number = ca.mini.challenges[request.id]["authorization"]
        response = act()
        if ca.mini.authorizations[number]["identifier"]["value"] != NAME:
            ca.mini.authorizations[number]["polls"] = 10**6
            slow["number"] = number
        return response

    ca.always("challenge", hold_other)

    result = issuer(ca)(NAME, "b.test", "--timeout", "30")

    assert result.code == 4, result
    assert ca.mini.authorizations[slow["number"]]["status"] == "deactivated"


@pytest.mark.parametrize("status", ["deactivated", "expired", "revoked", "invalid"])
def test_an_authorization_that_is_dead_already(issuer, good_ca, status):
    ca = good_ca()
    ca.always("authorization", replies.merge(status=status))

    result = issuer(ca)(NAME)

    assert result.code == 4, result
    assert status in result.stderr
    assert ca.of("challenge") == []


@pytest.mark.parametrize("how", ["404", "invalid", "expired"])
def test_an_order_of_an_earlier_run_that_is_gone_is_replaced(issuer, good_ca, how):
    ca = good_ca()
    issue = issuer(ca)
    ca.always("finalize", replies.reply(503, b"", [("Retry-After", "7200")]))
    issue(NAME)
    first = issue.order_url(NAME)
    assert first
    ca.always("finalize", None)
    if how == "404":
        ca.script("order", replies.problem("malformed", "no such order", 404))
    elif how == "invalid":
        ca.script("order", replies.merge(status="invalid"))
    else:
        file = issue.folder_of(NAME) / "order.json"
        file.write_text(re.sub(r'"expires": \d+', '"expires": 1', file.read_text()))

    result = issue(NAME, "--json")

    assert result.code == 0, result
    assert result.json["order"]["resumed"] is False
    assert result.json["order"]["url"] != first
    assert len(ca.of("newOrder")) == 2


def test_an_order_that_stays_in_processing_is_kept_and_continued(issuer, good_ca):
    ca = good_ca(processing_polls=10**6, retry_after=None)
    issue = issuer(ca)

    first = issue(NAME, "--timeout", "2", "--json")
    ca.mini.orders["1"]["polls"] = 0
    second = issue(NAME, "--json")

    assert first.code == 5, first
    assert "kept" in first.json["error"]["message"]
    assert second.code == 0, second
    assert second.json["order"] == {"url": first.json["order"]["url"], "resumed": True}
    assert len(ca.of("finalize")) == 1


@pytest.mark.parametrize("resource, is_continued", [("challenge", False), ("finalize", True)])
def test_force_continues_an_order_that_may_be_a_certificate(issuer, good_ca, resource,
                                                            is_continued):
    """Once the CA may have its request, no other is made: its key is nowhere else."""
    ca = good_ca()
    issue = issuer(ca)
    ca.always(resource, replies.reply(503, b"", [("Retry-After", "7200")]))
    issue(NAME)
    first = issue.order_url(NAME)
    ca.always(resource, None)

    result = issue(NAME, "--force", "--json")
    again = issue.acmecore("renew", "--force")

    assert result.code == again.code == 0, (result, again)
    assert result.json["order"]["resumed"] is is_continued
    assert (result.json["order"]["url"] == first) is is_continued
    assert len(ca.of("newOrder")) == (2 if is_continued else 3)
    assert is_whole(issue, NAME)


def test_more_authorizations_than_names(issuer, good_ca):
    """And the other way round: numbers need not be equal."""
    ca = good_ca()

    def one_more(_ca, _request, act):
        response = act()
        identifier = {"type": "dns", "value": "a.test"}
        number = ca.mini._new_authorization(identifier,
                                            ca.mini.orders["1"]["account"])
        ca.mini.orders["1"]["authorizations"].append(number)
        return ca.mini._order_document("1", response.status)

    ca.script("newOrder", one_more)

    assert issuer(ca)(NAME).code == 0
    assert len(ca.of("authorization")) >= 2


def test_a_challenge_that_the_server_tries_again_is_waited_for(issuer, good_ca):
    """8.2: processing, with an error and Retry-After."""
    ca = good_ca(validation_polls=2, retry_after=1)
    ca.always("challenge", replies.merge(error={
        "type": replies.PROBLEM + "dns", "detail": "trying again"}))

    assert issuer(ca)(NAME, "--timeout", "30").code == 0


def test_polling_without_retry_after_backs_off(issuer, good_ca):
    ca = good_ca(validation_polls=3, retry_after=None)

    result = issuer(ca)(NAME, "--timeout", "30")

    assert result.code == 0, result
    times = [request.at for request in ca.of("order")]
    gaps = [later - sooner for sooner, later in zip(times, times[1:])]
    assert 0.2 <= gaps[0] < 1.5
    assert sum(gaps) >= 1.5 * len(gaps[:3]) * 0.25
    assert max(gaps) > gaps[0]


@pytest.mark.parametrize("kind, words", [("email-reply-00", "RFC 8823"),
                                         ("device-attest-01", "hardware")])
def test_a_challenge_of_another_trade_is_refused_by_name(issuer, good_ca, kind, words):
    ca = good_ca(challenge_types=(kind,))

    result = issuer(ca)(NAME)

    assert result.code == 2, result
    assert kind in result.stderr and words in result.stderr
    assert ca.of("challenge") == []


def test_one_authorization_for_two_places_is_answered_once(issuer, good_ca):
    """The order's list has the same URL twice."""
    ca = good_ca()
    ca.always("newOrder", replies.change(lambda response: response.merge(
        authorizations=response.json()["authorizations"] * 2)))
    ca.always("order", replies.change(lambda response: response.merge(
        authorizations=response.json()["authorizations"] * 2)))

    assert issuer(ca)(NAME).code == 0
    assert len(ca.of("challenge")) == 1
