# SPDX-License-Identifier: Apache-2.0
"""Which of the chains that a CA offers is kept (RFC 8555 7.4.2)."""
import hashlib
import re
import subprocess

import pytest

import replies
from issuing import chain_length, is_whole, standalone, text_of, verifies

NAME = "a.test"


def name_of(pem):
    """The common name of a certificate."""
    return re.search(r"CN ?= ?(.*)", text_of(pem, "-subject")).group(1).strip()


def digest_of(pem):
    der = subprocess.run(["openssl", "x509", "-outform", "DER"], input=pem,
                         capture_output=True, check=True).stdout
    return hashlib.sha256(der).hexdigest()


@pytest.fixture(scope="module")
def three_roots(tmp_path_factory, authority, calm_pebble):
    """A Pebble with two more roots, and chains of two intermediates."""
    from conftest import QUICK
    from pebble import Pebble
    server = Pebble(tmp_path_factory.mktemp("roots"), authority,
                    calm_pebble.dns_server.dns, config=QUICK,
                    env={"PEBBLE_ALTERNATE_ROOTS": "2", "PEBBLE_CHAIN_LENGTH": "3"})
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("by", ["root", "fingerprint"])
def test_each_chain_can_be_chosen(issuer, three_roots, tmp_path, number, by):
    root, intermediate = three_roots.root(number), three_roots.intermediate(number)
    issue = issuer(three_roots, solver=standalone(three_roots.http_port))
    wanted = {"root": name_of(root), "fingerprint": digest_of(intermediate)}[by]

    result = issue(NAME, "--preferred-chain", wanted, "--json")

    assert result.code == 0, result
    assert result.json["warnings"] == []
    full = issue.current(NAME)
    assert chain_length(full) == 4
    assert is_whole(issue, NAME)
    assert verifies(tmp_path, root, full)


def test_a_chain_that_nobody_offers(issuer, three_roots, tmp_path):
    issue = issuer(three_roots, solver=standalone(three_roots.http_port))

    result = issue(NAME, "--preferred-chain", "Nobody", "--json")

    assert result.code == 0, result
    told, = result.json["warnings"]
    for number in range(3):
        assert name_of(three_roots.root(number)) in told
    assert verifies(tmp_path, three_roots.root(0), issue.current(NAME))
    # The wish stands, and is no reason to issue again and again.
    assert issue(NAME, "--json").json["result"] == "fresh"


def test_another_preference_is_another_certificate(issuer, three_roots, tmp_path):
    issue = issuer(three_roots, solver=standalone(three_roots.http_port))
    assert issue(NAME).code == 0

    result = issue(NAME, "--preferred-chain", name_of(three_roots.root(2)), "--json")

    assert result.json["result"] == "issued", result
    assert verifies(tmp_path, three_roots.root(2), issue.current(NAME))
    assert f"--preferred-chain {name_of(three_roots.root(2))}" in issue.acmecore(
        "show", NAME).stdout


WHOLE = [lambda chain: "".join(chain)]      # up to "scripted root", which signs itself
LINKS = {
    "plain-http": [("Link", '<http://127.0.0.1:9/x>;rel="alternate"')],
    "script": [("Link", '<javascript:alert(1)>;rel="alternate"')],
    "credentials": [("Link", '<https://u:p@localhost:9/x>;rel="alternate"')],
    "nobody": [("Link", '<https://127.0.0.1:9/x>;rel="alternate"')],
    "open": [("Link", '<https://localhost/never-closed')],
    "empty": [("Link", '<>;rel="alternate"')],
    "many": [("Link", f'<https://127.0.0.1:9/{number}>;rel="alternate"')
             for number in range(500)],
}


def add_links(links):
    return replies.change(lambda response: setattr(
        response, "headers", links + response.headers) or response)


@pytest.mark.parametrize("kind", LINKS)
def test_odd_links_cost_at_most_the_preference(issuer, good_ca, kind):
    ca = good_ca(alternates=WHOLE)
    ca.always("certificate", add_links(LINKS[kind]))
    issue = issuer(ca)

    result = issue(NAME, "--preferred-chain", "scripted root", "--json")

    assert result.code == 0, result
    assert is_whole(issue, NAME)
    assert result.elapsed_s < 20
    assert len(ca.requests) < 30


def test_a_relative_link_in_one_header_with_others(issuer, good_ca):
    ca = good_ca(alternates=WHOLE, change_chain=lambda chain: chain[0])
    ca.always("certificate", replies.with_header(
        "Link", '<../../directory>;rel="index", <1-0>; title="a, b"; rel="x ALTERNATE"'))
    issue = issuer(ca)

    result = issue(NAME, "--preferred-chain", "scripted root", "--json")

    assert result.code == 0, result
    assert chain_length(issue.current(NAME)) == 3


BAD = {
    "other-leaf": lambda chain: chain[1] + chain[2],
    "gap": lambda chain: chain[0] + chain[2],
    "key": lambda chain: "".join(chain) + (
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
    "nothing": lambda chain: "",
}


@pytest.mark.parametrize("kind", BAD)
def test_a_chain_that_is_not_as_good_is_passed_over(issuer, good_ca, kind):
    ca = good_ca(alternates=[BAD[kind]], change_chain=lambda chain: chain[0])
    issue = issuer(ca)

    result = issue(NAME, "--preferred-chain", "scripted root", "--json")

    assert result.code == 0, result
    assert chain_length(issue.current(NAME)) == 1
    assert any("its default is kept" in text for text in result.json["warnings"])


def test_a_chain_that_does_not_come_is_not_waited_for(issuer, good_ca):
    ca = good_ca(alternates=WHOLE, change_chain=lambda chain: chain[0])
    ca.script("certificate", replies.normal())
    ca.always("certificate", replies.hang())
    issue = issuer(ca)

    result = issue(NAME, "--preferred-chain", "scripted root", "--timeout", "6", "--json")

    assert result.code == 0, result
    assert result.elapsed_s < 8
    assert issue.has_certificate(NAME)
