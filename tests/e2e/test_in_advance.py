# SPDX-License-Identifier: Apache-2.0
"""Pre-authorization (RFC 8555 7.4.1), ancestor domains (RFC 9444), dates that are asked for."""
import datetime
import re
import signal

import replies
from issuing import is_whole, names_of

NAME = "a.test"


def payloads(ca, resource):
    return [request.payload for request in ca.of(resource)]


# ---- pre-authorization

def test_names_are_proven_before_the_order(issuer, good_ca):
    ca = good_ca(pre_authorization=True)
    issue = issuer(ca)

    result = issue(NAME, "b.test", "--preauthorize", "--json")

    assert result.code == 0, result
    kinds = [request.resource for request in ca.requests]
    assert kinds.index("challenge") < kinds.index("newOrder")
    assert [each["identifier"]["value"] for each in payloads(ca, "newAuthz")] == [
        NAME, "b.test"]
    assert len(ca.of("challenge")) == 2
    assert "attempts" not in result.json
    assert is_whole(issue, NAME) and issue.answers() == []


def test_a_wildcard_waits_for_the_order(issuer, good_ca, dns_solver):
    ca = good_ca(pre_authorization=True)
    issue = issuer(ca, solver=dns_solver)

    result = issue(NAME, f"*.{NAME}", "--preauthorize")

    assert result.code == 0, result
    assert len(ca.of("newAuthz")) == 1
    assert names_of(issue.current(NAME)) == {f"DNS:{NAME}", f"DNS:*.{NAME}"}


def test_a_ca_without_pre_authorization(issuer, good_ca):
    ca = good_ca()

    result = issuer(ca)(NAME, "--preauthorize", "--json")

    assert result.code == 0, result
    assert any("no pre-authorization" in text for text in result.json["warnings"])


def test_it_is_not_tried_unasked(issuer, good_ca):
    ca = good_ca(pre_authorization=True)

    assert issuer(ca)(NAME).code == 0
    assert ca.of("newAuthz") == []


def test_a_refusal_leaves_it_to_the_order(issuer, good_ca):
    ca = good_ca(pre_authorization=True)
    ca.always("newAuthz", replies.problem("unauthorized", "not in advance", 403))

    result = issuer(ca)(NAME, "--preauthorize", "--json")

    assert result.code == 0, result
    assert any("not in advance" in text for text in result.json["warnings"])


def test_a_name_that_fails_in_advance_costs_no_order(issuer, good_ca):
    ca = good_ca(pre_authorization=True, validate=lambda *_: {
        "type": replies.PROBLEM + "connection", "detail": "refused"})
    issue = issuer(ca)

    result = issue(NAME, "--preauthorize", "--json")

    assert result.code == 4, result
    assert ca.of("newOrder") == [] and issue.answers() == []
    assert result.json["error"]["identifiers"][0]["identifier"] == NAME


# ---- ancestor domains

def test_one_proof_for_the_domain_serves_the_names_below(issuer, good_ca, dns_solver):
    ca = good_ca(meta={"subdomainAuthAllowed": True})
    issue = issuer(ca, solver=dns_solver)

    result = issue("x.corp.test", "y.corp.test", "--ancestor-domain", "corp.test")

    assert result.code == 0, result
    order, = payloads(ca, "newOrder")
    assert [each["ancestorDomain"] for each in order["identifiers"]] == ["corp.test"] * 2
    assert len(ca.of("challenge")) == 1
    assert names_of(issue.current("x.corp.test")) == {"DNS:x.corp.test", "DNS:y.corp.test"}


def test_the_same_in_advance(issuer, good_ca, dns_solver):
    ca = good_ca(meta={"subdomainAuthAllowed": True}, pre_authorization=True)
    issue = issuer(ca, solver=dns_solver)

    result = issue("x.corp.test", "y.corp.test", "--ancestor-domain", "corp.test",
                   "--preauthorize")

    assert result.code == 0, result
    asked, = payloads(ca, "newAuthz")
    assert asked["identifier"] == {"type": "dns", "value": "corp.test",
                                   "subdomainAuthAllowed": True}
    assert len(ca.of("challenge")) == 1


def test_a_ca_that_knows_no_ancestors(issuer, good_ca, dns_solver):
    ca = good_ca()

    result = issuer(ca, solver=dns_solver)(
        "x.corp.test", "--ancestor-domain", "corp.test", "--json")

    assert result.code == 0, result
    assert "ancestorDomain" not in payloads(ca, "newOrder")[0]["identifiers"][0]
    assert any("RFC 9444" in text for text in result.json["warnings"])


def test_an_authorization_for_the_domain_that_nobody_asked_for(issuer, good_ca):
    """The CA offers it, and the user did not say that the domain may be proven."""
    ca = good_ca(meta={"subdomainAuthAllowed": True})
    ca.always("authorization", replies.merge(
        identifier={"type": "dns", "value": "corp.test"}, subdomainAuthAllowed=True))
    issue = issuer(ca)

    result = issue("x.corp.test")

    assert result.code == 5, result
    assert "not asked for" in result.stderr
    assert ca.of("challenge") == []


# ---- dates

def test_dates_are_sent_and_kept(issuer, good_ca):
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=20)
    ca = good_ca(leaf={"end": end})

    result = issuer(ca)(NAME, "--not-after", "+20d", "--json")

    assert result.code == 0, result
    order, = payloads(ca, "newOrder")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", order["notAfter"])
    assert "notBefore" not in order
    assert result.json["warnings"] == []


def test_dates_that_the_ca_ignores_are_told(issuer, good_ca):
    ca = good_ca()

    result = issuer(ca)(NAME, "--not-after", "+3d", "--json")

    assert result.code == 0, result
    assert any("did not take up --not-after" in text for text in result.json["warnings"])


def test_dates_that_the_ca_refuses(issuer, good_ca):
    ca = good_ca()
    ca.always("newOrder", replies.problem("malformed", "no dates here", 400))

    result = issuer(ca)(NAME, "--not-before", "+1d")

    assert result.code == 3, result
    assert "no dates here" in result.stderr


def test_a_moment_that_is_none(issuer, good_ca):
    ca = good_ca()

    result = issuer(ca)(NAME, "--not-after", "soon")

    assert result.code == 2, result
    assert "--not-after" in result.stderr and "+30d" in result.stderr
    assert ca.requests == []


# ---- giving up

def test_who_interrupts_a_run_gives_its_order_up(issuer, good_ca):
    ca = good_ca(validation_polls=10**6)
    issue = issuer(ca)
    run = issue.start(NAME, "b.test", "-v")
    run.wait_for("phase=validate")

    run.send(signal.SIGINT)
    result = run.wait(15)

    assert result.code == 130, result
    given_up = [request for request in ca.of("authorization")
                if request.payload == {"status": "deactivated"}]
    assert len(given_up) == 2
    assert issue.journal(NAME) is None and issue.answers() == []
