# SPDX-License-Identifier: Apache-2.0
"""A CA that gives the wrong thing: certificates, orders, tokens, URLs, text."""
import json
import re

import pytest

import replies
from hostile import NAME
from issuing import is_whole, names_of
from running import ROOT

PRIVATE_KEY = (ROOT / "tests/data/keys").glob("*.pem")


# ---- certificates

CHAINS = {
    "broken-base64": lambda chain: chain[0].replace("\nMII", "\n!!I", 1),
    "no-end": lambda chain: chain[0].replace("-----END", "", 1),
    "no-certificate": lambda chain: "hello\n",
    "nothing": lambda chain: "",
    "key-in-chain": lambda chain: "".join(chain[:2]) + (
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
    "request-in-chain": lambda chain: "".join(chain[:2]) + (
        "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"),
    "leaf-last": lambda chain: chain[1] + chain[0],
    "leaf-twice": lambda chain: chain[0] + chain[0] + chain[1],
    "gap": lambda chain: chain[0] + chain[2],
    "long": lambda chain: chain[0] + chain[1] * 100,
    "huge": lambda chain: "".join(chain[:2]) + "\n" * (2 << 20),
}


@pytest.mark.parametrize("kind", CHAINS)
def test_a_chain_that_is_none_is_not_stored(good_ca, attack, kind):
    made = attack(good_ca(change_chain=CHAINS[kind]))

    assert made.result.code == 5, made.result
    assert made.document()["error"]["message"]


TOLERATED = {
    "crlf": lambda chain: "".join(chain[:2]).replace("\n", "\r\n"),
    "blank-lines": lambda chain: "\n\n".join(chain[:2]),
    "no-final-newline": lambda chain: "".join(chain[:2]).rstrip("\n"),
    "with-root": "".join,
    "leaf-alone": lambda chain: chain[0],
}


@pytest.mark.parametrize("kind", TOLERATED)
def test_a_chain_of_another_form_is_taken(good_ca, attack, kind):
    made = attack(good_ca(change_chain=TOLERATED[kind]))

    assert made.result.code == 0, made.result
    assert is_whole(made.issue, NAME)
    assert b"\r" not in made.issue.current(NAME)


LEAVES = {
    "foreign-key": ({"foreign_key": True}, "key"),
    "other-names": ({"names": ["other.test"]}, "name"),
    "more-names": ({"names": [NAME, "more.test"]}, "name"),
    "fewer-names": ({"names": []}, "name"),
    "expired": ({"start": "2020-01-01 00:00:00", "end": "2020-02-01 00:00:00"}, ""),
    "not-yet": ({"start": "2040-01-01 00:00:00", "end": "2041-01-01 00:00:00"}, ""),
    "broken-signature": ({"broken_signature": True}, "sign"),
}


@pytest.mark.parametrize("kind", LEAVES)
def test_a_leaf_that_is_not_ours_is_not_stored(good_ca, attack, kind):
    leaf, word = LEAVES[kind]

    made = attack(good_ca(leaf=leaf))

    assert made.result.code == 5, made.result
    assert word in made.document()["error"]["message"]


def test_a_certificate_of_a_wrong_media_type_is_judged_by_what_it_is(good_ca, attack):
    ca = good_ca()
    ca.always("certificate", replies.with_header("Content-Type", "text/plain; x=y"))

    assert attack(ca).result.code in (0, 5)


# ---- orders

def wrong(**members):
    return replies.merge(**members)


ORDERS = {
    "other-identifiers": ("newOrder", wrong(identifiers=[{"type": "dns",
                                                          "value": "evil.test"}])),
    "more-identifiers": ("newOrder", wrong(identifiers=[
        {"type": "dns", "value": NAME}, {"type": "dns", "value": "evil.test"}])),
    "no-identifiers": ("newOrder", wrong(identifiers=None)),
    "identifiers-of-wrong-type": ("newOrder", wrong(identifiers="a.test")),
    "no-authorizations": ("newOrder", wrong(authorizations=None)),
    "authorizations-of-wrong-type": ("newOrder", wrong(authorizations=[1, 2])),
    "many-authorizations": ("newOrder", wrong(authorizations=["https://localhost/x"]
                                              * 20000)),
    "no-finalize": ("newOrder", wrong(finalize=None)),
    "no-status": ("newOrder", wrong(status=None)),
    "odd-status": ("newOrder", wrong(status="canceled")),
    "status-of-wrong-type": ("newOrder", wrong(status=7)),
    "plain-authorization": ("newOrder", wrong(authorizations=["http://localhost:1/z"])),
    "file-authorization": ("newOrder", wrong(authorizations=["file:///etc/passwd"])),
    "gopher-finalize": ("newOrder", wrong(finalize="gopher://localhost:1/")),
    "plain-finalize": ("newOrder", wrong(finalize="http://localhost:1/")),
    "credentials-in-url": ("newOrder", wrong(
        authorizations=["https://user:word@localhost:1/"])),
    "line-in-url": ("newOrder", wrong(authorizations=["https://localhost:1/\r\nX: y"])),
    "changed-authorizations": ("order", wrong(authorizations=["https://localhost:1/z"])),
    "changed-identifiers": ("order", wrong(identifiers=[{"type": "dns",
                                                         "value": "evil.test"}])),
    "valid-without-certificate": ("order", wrong(status="valid", certificate=None)),
    "plain-certificate": ("order", wrong(status="valid",
                                         certificate="http://localhost:1/")),
    "swapped-authorization": ("authorization", wrong(
        identifier={"type": "dns", "value": "evil.test"})),
    "authorization-without-challenges": ("authorization", wrong(challenges=None)),
    "authorization-of-odd-status": ("authorization", wrong(status="wonderful")),
    "challenges-of-wrong-type": ("authorization", wrong(challenges={"a": 1})),
    "challenge-url-plain": ("authorization", wrong(challenges=[
        {"type": "http-01", "status": "pending", "token": "x" * 43,
         "url": "http://localhost:1/"}])),
}


@pytest.mark.parametrize("kind", ORDERS)
def test_an_order_that_is_none_ends_the_run(good_ca, attack, kind):
    resource, behaviour = ORDERS[kind]
    ca = good_ca()
    ca.always(resource, behaviour)
    if "finalize" in kind:
        ca.always("order", behaviour)   # else the next one is good again

    made = attack(ca)

    # Nothing usable is offered: a gap in the choice of solvers, told as such.
    codes = (2, 5) if "challenge" in kind else (5,)
    assert made.result.code in codes, made.result
    assert "evil.test" not in made.issue.answers()


def test_swapped_identifiers_of_two_authorizations_get_no_foreign_answer(good_ca, attack):
    """The second authorization claims to be for a name that was never asked for."""
    ca = good_ca()
    ca.script("authorization", wrong(identifier={"type": "dns", "value": "evil.test"}))

    made = attack(ca, names=(NAME, "b.test"))

    assert made.result.code == 5, made.result
    assert ca.of("challenge") == []


@pytest.mark.parametrize("token", [
    "../../../../tmp/x", "..", ".", "/etc/passwd", "a/b", "a\\b", "a\0b", "x" * 5000,
    "", "ü" * 30, "a b", "a\nb", "*", "a" * 43 + "=", ".htaccess"])
def test_a_hostile_token_is_never_answered(good_ca, attack, token):
    made = attack(good_ca(token=lambda: token, challenge_types=("http-01",)))

    assert made.result.code in (2, 5), made.result
    assert made.ca.of("challenge") == []
    assert made.issue.answers() == []


def test_a_token_of_wrong_type(good_ca, attack):
    made = attack(good_ca(token=lambda: 12345, challenge_types=("http-01",)))

    assert made.result.code in (2, 5), made.result
    assert made.ca.of("challenge") == []


# ---- the directory

DIRECTORIES = {
    "no-new-nonce": {"newNonce": None},
    "no-new-account": {"newAccount": None},
    "no-new-order": {"newOrder": None},
    "plain-new-order": {"newOrder": "http://localhost:1/"},
    "number-new-order": {"newOrder": 7},
    "relative-new-order": {"newOrder": "/acme/new-order"},
    "other-scheme": {"newNonce": "ftp://localhost:1/"},
}


@pytest.mark.parametrize("kind", DIRECTORIES)
def test_a_directory_that_lacks_something_says_what(good_ca, attack, kind):
    ca = good_ca()
    ca.always("directory", replies.merge(**DIRECTORIES[kind]))

    made = attack(ca)

    assert made.result.code == 5, made.result
    assert next(iter(DIRECTORIES[kind])) in made.document()["error"]["message"]


METAS = [None, {}, [], "x", 7, {"termsOfService": 7, "externalAccountRequired": "yes",
                                "caaIdentities": {}, "profiles": [], "website": []},
         {"profiles": {"a": 1}, "unknown": {"deep": [[[1]]]}}]


@pytest.mark.parametrize("meta", METAS, ids=str)
def test_a_meta_of_any_shape_is_tolerated(good_ca, attack, meta):
    ca = good_ca()
    ca.always("directory", replies.merge(meta=meta))

    assert attack(ca).result.code == 0


def test_unknown_members_are_ignored_everywhere(good_ca, attack):
    """Boulder puts a random key into its directory, others add what they like."""
    ca = good_ca()
    odd = {"sIqGClUdrfg": "https://community.ca.test/t/33417", "id": 7,
           "x": {"y": [None, True, 1e300, "\u001b"]}, "replaces": "a.b"}
    for resource in ("directory", "newAccount", "newOrder", "authorization", "challenge",
                     "order", "finalize"):
        ca.always(resource, replies.merge(**odd))

    assert attack(ca).result.code == 0


@pytest.mark.parametrize("text", [
    b'{"status":"pending","status":"valid"}', b'{"a":' * 200 + b"1" + b"}" * 200,
    b'{"a":1' + b"0" * 5000 + b"}", b'{"a":"\\ud800"}', b'{"a":1}{"b":2}', b"\x00",
    b'{"a":"' + b"x" * (900 << 10) + b'"}', b"null", b'"text"'])
def test_odd_json_is_refused_or_ignored(good_ca, attack, text):
    ca = good_ca()
    ca.always("newOrder", replies.reply(201, text, [("Location", ca.base + "/o")]))

    assert attack(ca).result.code == 5


def test_a_redirect_to_plain_http_is_not_followed(good_ca, attack, scripted_ca):
    trap = scripted_ca(tls=False)
    ca = good_ca()
    ca.always("directory", replies.reply(302, b"", [("Location", trap.directory_url)]))

    made = attack(ca)

    assert made.result.code == 5, made.result
    assert trap.requests == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_a_post_is_not_followed(good_ca, attack, status):
    trap, ca = good_ca(), good_ca()
    ca.always("newOrder", replies.reply(status, b"", [("Location",
                                                       trap.url("newOrder"))]))

    made = attack(ca)

    assert made.result.code == 5, made.result
    assert "redirect" in made.document()["error"]["message"]
    assert trap.requests == []


# ---- text

EVIL = "\x1b[31mred\x1b]0;title\x07 \x9b31m \r\n\x08\x7f \u202egnp.exe end"
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize("verbosity", [(), ("-v",), ("-vv",), ("--trace",)])
@pytest.mark.parametrize("resource", ["newAccount", "newOrder", "finalize"])
def test_text_of_the_ca_brings_no_control_characters(issuer, good_ca, resource,
                                                     verbosity):
    ca = good_ca()
    ca.always(resource, replies.problem("unauthorized", EVIL, 403,
                                        [("Link", f'<https://ca.test/\x1b[1m>;rel="help"')],
                                        subproblems=[{"detail": EVIL}]))

    result = issuer(ca)(NAME, *verbosity)

    assert result.code == 3, result
    assert "end" in result.stderr
    assert not CONTROL.search(result.stdout + result.stderr), result


def test_names_and_urls_of_the_ca_bring_no_control_characters(issuer, good_ca):
    ca = good_ca(meta={"termsOfService": "https://ca.test/" + EVIL, "website": EVIL,
                       "profiles": {EVIL: EVIL}, "caaIdentities": [EVIL]})
    issue = issuer(ca, agrees=False)

    shown = issue.acmecore("directory", *issue.at_ca())
    asked = issue(NAME)

    assert shown.code == 0 and asked.code == 2, asked
    for result in (shown, asked):
        assert not CONTROL.search(result.stdout + result.stderr), result


def test_json_escapes_what_a_terminal_must_not_see(issuer, good_ca):
    ca = good_ca()
    ca.always("newOrder", replies.problem("unauthorized", EVIL, 403))

    result = issuer(ca)(NAME, "--json")

    assert "red" in json.dumps(result.json)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", result.stdout)


def test_an_order_without_expires_and_with_odd_dates(good_ca, attack):
    ca = good_ca()
    ca.always("newOrder", replies.merge(expires=None))
    ca.states("order", {"expires": "2099-01-01T00:00:00.123456789+05:30"}, {})

    made = attack(ca, names=(NAME,))

    assert made.result.code == 0, made.result
    assert names_of(made.issue.current(NAME)) == {f"DNS:{NAME}"}
