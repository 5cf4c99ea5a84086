# SPDX-License-Identifier: Apache-2.0
"""Replay nonces (RFC 8555 6.5)."""
import pytest

import replies
from issuing import standalone
from program import Acmecore

BAD_NONCE_TRIES = 100
NONCE_TOTAL_S = 20


@pytest.fixture(scope="module")
def refused_for_ever(tmp_path_factory, authority, calm_pebble):
    """A run at a Pebble that refuses every nonce, begun before all other tests."""
    from pebble import Pebble
    folder = tmp_path_factory.mktemp("refused")
    ca = Pebble(folder / "pebble", authority, calm_pebble.dns_server.dns,
                env={"PEBBLE_WFE_NONCEREJECT": "100"}).start()
    program = Acmecore(folder)
    run = program.start("issue", "--server", ca.directory_url, "--ca-file", ca.ca_file,
                        "--agree-tos", "-d", "never.example.test", "--json",
                        *standalone(ca.http_port))
    yield ca, run
    program.stop()
    ca.stop()


@pytest.mark.parametrize("percent", [5, 50])
def test_a_ca_that_refuses_nonces(refused_for_ever, issuer, pebble_with, percent):
    ca = pebble_with(env={"PEBBLE_WFE_NONCEREJECT": str(percent)})
    issue = issuer(ca, solver=standalone(ca.http_port))

    result = issue(*[f"n{number}.example.test" for number in range(20)], "--json")

    assert result.code == 0, result
    assert result.json["requests"] == sum(ca.counts().values())


def test_one_nonce_is_fetched_when_the_account_is_known(issuer, pebble_with):
    ca = pebble_with()
    issue = issuer(ca, solver=standalone(ca.http_port))
    assert issue("first.example.test").code == 0
    before = ca.counts()

    assert issue("one.example.test").code == 0

    assert (ca.counts() - before)["HEAD", "/nonce-plz"] == 1


def test_a_server_that_forgot_its_nonces_and_its_accounts(issuer, pebble_with):
    ca = pebble_with()
    issue = issuer(ca, solver=standalone(ca.http_port))
    assert issue("first.example.test").code == 0
    ca.restart()
    before = ca.counts()

    result = issue("second.example.test")

    assert result.code == 0, result
    assert (ca.counts() - before)["POST", "/sign-me-up"] == 2    # looked up, then made


def test_no_nonce_goes_out_twice(issuer, good_ca):
    ca = good_ca(validation_polls=2, processing_polls=2)

    result = issuer(ca)(*[f"n{number}.test" for number in range(10)])

    assert result.code == 0, result
    assert ca.nonces_twice == []
    used = [request.protected["nonce"] for request in ca.requests
            if request.method == "POST"]
    assert len(used) == len(set(used))
    assert all("Replay-Nonce" not in request.headers for request in ca.requests)


def refusal_with(nonces):
    """badNonce with a nonce that the test gets to know."""
    def behaviour(ca, _request, _act):
        nonces.append(ca.new_nonce())
        response = replies.problem_response("badNonce", "no", 400,
                                            [("Replay-Nonce", nonces[-1])])
        response.has_nonce = False
        return response
    return behaviour


def test_the_nonce_of_the_refusal_is_used_and_all_is_signed_again(issuer, good_ca):
    ca, given = good_ca(), []
    ca.script("newOrder", refusal_with(given), refusal_with(given))

    result = issuer(ca)("a.test")

    assert result.code == 0, result
    orders = ca.of("newOrder")
    assert [order.protected["nonce"] for order in orders[1:]] == given
    assert len({order.jws["signature"] for order in orders}) == 3


def test_a_refusal_without_a_nonce(issuer, good_ca):
    ca = good_ca()
    ca.script("newOrder", replies.reply(
        400, {"type": replies.PROBLEM + "badNonce"}, has_nonce=False))
    ca.script("newAccount", replies.normal())

    result = issuer(ca)("a.test")

    assert result.code == 0, result
    assert len(ca.of("newOrder")) == 2


@pytest.mark.parametrize("nonce", ["", "with space", "plus+slash/", "pad==", "x" * 5000])
def test_a_nonce_of_wrong_characters_is_ignored(issuer, good_ca, nonce):
    ca = good_ca()
    ca.script("newOrder", replies.with_nonce(nonce))

    result = issuer(ca)("a.test")

    assert result.code == 0, result
    assert nonce not in [request.protected["nonce"] for request in ca.requests
                         if request.method == "POST"]


def test_answers_without_a_nonce(issuer, good_ca):
    ca = good_ca()
    for resource in ("newAccount", "newOrder", "authorization", "challenge", "order",
                     "finalize", "certificate"):
        ca.always(resource, replies.without_nonce())

    result = issuer(ca)("a.test")

    assert result.code == 0, result


def test_new_nonce_may_answer_204(issuer, good_ca):
    ca = good_ca()
    ca.always("newNonce", replies.with_fields(status=204))

    assert issuer(ca)("a.test").code == 0


def test_new_nonce_may_know_get_alone(issuer, good_ca):
    ca = good_ca()

    def refuse_head(_ca, request, act):
        if request.method == "HEAD":
            return replies.Response(405, has_nonce=False)
        return act()

    ca.always("newNonce", refuse_head)

    assert issuer(ca)("a.test").code == 0
    assert ca.of("newNonce", "GET")


def test_a_new_nonce_that_is_refused_costs_no_order(issuer, good_ca):
    ca = good_ca()
    issue = issuer(ca)
    ca.always("finalize", replies.reply(503, b"", [("Retry-After", "7200")]))
    assert issue("a.test").code == 5
    noted = issue.journal("a.test")
    ca.always("finalize", None)
    ca.always("newNonce", replies.reply(403, b"<html>", has_nonce=False))

    closed = issue("a.test", "--json")

    assert noted and issue.journal("a.test")["order"]["url"] == noted["order"]["url"]
    assert closed.code == 5, closed
    assert "newNonce" in closed.json["error"]["message"]
    ca.always("newNonce", None)
    again = issue("a.test", "--json")
    assert again.code == 0, again
    assert again.json["order"]["resumed"] is True


def test_a_new_nonce_resource_that_gives_none(issuer, good_ca):
    ca = good_ca()
    ca.always("newNonce", replies.without_nonce())

    result = issuer(ca)("a.test")

    assert result.code == 5, result
    assert "nonce" in result.stderr
    assert len(ca.requests) < 50


def test_nonces_of_two_cas_are_kept_apart(issuer, good_ca, acmecore):
    first, second = good_ca(), good_ca()

    assert issuer(first)("a.test").code == 0
    assert issuer(second)("a.test").code == 0

    of_first = {request.protected["nonce"] for request in first.requests
                if request.method == "POST"}
    of_second = {request.protected["nonce"] for request in second.requests
                 if request.method == "POST"}
    assert of_first.isdisjoint(of_second)
    kids = [{request.protected["kid"] for request in ca.of("newOrder")}
            for ca in (first, second)]
    assert kids[0].isdisjoint(kids[1])


def test_bad_nonce_for_ever_in_the_middle(issuer, good_ca):
    ca = good_ca()
    ca.always("finalize", replies.problem("badNonce"))

    result = issuer(ca)("a.test", "--timeout", "2")

    assert result.code == 5, result
    assert len(ca.requests) < 2 * BAD_NONCE_TRIES


def test_every_nonce_is_refused(refused_for_ever):
    """The last of this file: it waits for what the first began."""
    ca, run = refused_for_ever

    result = run.wait(NONCE_TOTAL_S * 2)

    assert result.code == 5, result
    assert result.json["error"]["code"] == "protocol"
    assert "nonce" in result.json["error"]["message"]
    assert result.json["elapsed_ms"] < (NONCE_TOTAL_S + 10) * 1000
    assert result.json["requests"] <= BAD_NONCE_TRIES + 10
    assert sum(ca.counts().values()) == result.json["requests"]
