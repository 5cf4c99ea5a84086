# SPDX-License-Identifier: Apache-2.0
"""Profiles (draft-ietf-acme-profiles): preferred and required ones."""
import json

import pytest

import replies
from issuing import standalone

NAME = "a.test"
PROFILES = {"long": {"description": "90 days", "validityPeriod": 7776000},
            "short": {"description": "two days", "validityPeriod": 172800}}


@pytest.fixture
def issue(issuer, pebble_with):
    ca = pebble_with(config={"profiles": PROFILES})
    return issuer(ca, solver=standalone(ca.http_port))


def profile_of(issue):
    return json.loads((issue.folder_of(NAME) / "state.json").read_text())["profile"]


@pytest.mark.parametrize("option", ["--profile", "--required-profile"])
def test_a_profile_that_is_offered_is_used_and_remembered(issue, option):
    assert issue(NAME, option, "short").code == 0
    assert profile_of(issue) == "short"

    # Without a word it is fresh, and the next issue is of the same profile.
    assert issue(NAME, "--json").json["result"] == "fresh"
    assert issue(NAME, "--force", "--json").json["certificate"]["profile"] == "short"
    shown = issue.acmecore("show", NAME)
    assert "profile      short" in shown.stdout
    assert f"{option} short" in shown.stdout


def test_another_profile_is_another_certificate(issue):
    assert issue(NAME, "--profile", "short").code == 0

    result = issue(NAME, "--profile", "long", "--json")

    assert result.json["result"] == "issued", result
    assert profile_of(issue) == "long"


def test_a_profile_that_is_not_offered(issue):
    preferred = issue(NAME, "--profile", "classic", "--json")
    assert preferred.code == 0
    assert any('does not offer the profile "classic"' in text
               for text in preferred.json["warnings"])
    # The wish stands, and is no reason to issue again and again.
    assert issue(NAME, "--profile", "classic", "--json").json["result"] == "fresh"

    before = issue.ca.counts()
    required = issue("b.test", "--required-profile", "classic", "--json")
    assert required.code == 2
    assert "it offers long, short" in required.json["error"]["message"]
    assert (issue.ca.counts() - before)["POST", "/order-plz"] == 0


def test_the_directory_lists_them(issue):
    told = issue.acmecore("directory", *issue.at_ca(), "--json", state=None).json

    assert told["profiles"] == {"long": "90 days", "short": "two days"}


META = {"profiles": {"short": "s", "long": "l"}}


def test_a_profile_that_the_ca_refuses_all_the_same(issuer, good_ca):
    ca = good_ca(meta=META)
    issue = issuer(ca)
    ca.script("newOrder", replies.problem("invalidProfile", "withdrawn"))

    result = issue(NAME, "--profile", "short", "--json")

    assert result.code == 0, result
    assert [order.payload.get("profile") for order in ca.of("newOrder")] == ["short", None]
    assert any("withdrawn" in text for text in result.json["warnings"])

    ca.script("newOrder", replies.problem("invalidProfile", "withdrawn"))
    required = issue("b.test", "--required-profile", "short", "--json")
    assert required.code == 3
    assert required.json["error"]["problem_type"] == "invalidProfile"


def test_a_profile_that_is_withdrawn_at_the_end(issuer, good_ca):
    ca = good_ca(meta=META)
    issue = issuer(ca)
    ca.script("finalize", replies.problem("invalidProfile", "withdrawn"))

    result = issue(NAME, "--profile", "short", "--json")

    assert result.code == 3, result
    assert result.json["error"]["hint"] == "profile"
    assert issue(NAME, "--json").code == 0


def test_an_order_of_another_profile_is_told_or_refused(issuer, good_ca):
    ca = good_ca(meta=META)
    ca.always("newOrder", replies.merge(profile="long"))
    issue = issuer(ca)

    result = issue(NAME, "--profile", "short", "--json")
    assert result.code == 0, result
    assert any('"long" in place of "short"' in text for text in result.json["warnings"])
    assert result.json["certificate"]["profile"] == "long"

    required = issue("b.test", "--required-profile", "short", "--json")
    assert required.code == 5, required
    assert not issue.has_certificate("b.test")
