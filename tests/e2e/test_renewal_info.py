# SPDX-License-Identifier: Apache-2.0
"""When the CA would like a certificate renewed (ARI, RFC 9773)."""
import datetime
import json
import re
import subprocess
import time

import pytest

import replies
from issuing import standalone, text_of

NAME = "a.test"
DAY = 86400
TRIES_MAX = 5   # ours, and one more of libcurl's when a connection is found dead


def utc(seconds_from_now):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds_from_now))


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def state_of(issue, name=NAME):
    return json.loads((issue.folder_of(name) / "state.json").read_text())


def orders(ca):
    return [request.payload for request in ca.of("newOrder")]


def renewal_id(pem):
    """By openssl alone: base64url of the key identifier and of the serial's octets."""
    import base64
    key_id = re.search(r"(?:[0-9A-F]{2}:){3,}[0-9A-F]{2}", text_of(
        pem, "-ext", "authorityKeyIdentifier")).group(0)
    der = subprocess.run(["openssl", "x509", "-outform", "DER"], input=pem,
                         capture_output=True, check=True).stdout
    parsed = subprocess.run(["openssl", "asn1parse", "-inform", "DER"], input=der,
                            capture_output=True, check=True).stdout.decode()
    offset, header, length = re.search(
        r"^ *(\d+):d=2 +hl=(\d+) +l= *(\d+) +prim: INTEGER", parsed, re.M).groups()[:3]
    # The first INTEGER at depth 2 is the serial; the version is at depth 3.
    begin = int(offset) + int(header)
    serial = der[begin:begin + int(length)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode()
                    for part in (bytes.fromhex(key_id.replace(":", "")), serial))


def test_the_window_of_a_new_certificate_is_kept_and_its_instant_stays(issuer,
                                                                       pebble_with):
    ca = pebble_with()
    issue = issuer(ca, solver=standalone(ca.http_port))

    assert issue(NAME).code == 0

    asked = [path for method, path in ca.requests() if "renewalInfo" in path]
    assert len(asked) == 1
    known = state_of(issue)["renewal"]
    assert known["start"] < known["selected_at"] < known["end"]
    assert seconds(known["next_check_at"]) - seconds(known["checked_at"]) == 21600
    assert state_of(issue)["renewal_id"] == renewal_id(issue.current(NAME))

    # What is fresh asks nobody, and what was chosen stays.
    count = len(ca.requests())
    again = issue(NAME, "--json").json
    assert again["result"] == "fresh"
    assert again["certificate"]["renewal"] == known
    assert again["certificate"]["renew_at"] == known["selected_at"]
    assert len(ca.requests()) == count

    shown = issue.acmecore("show", NAME)
    assert (f"window       {known['start']} to {known['end']}, as the CA suggests; chosen: "
            f"{known['selected_at']}") in shown.stdout
    listed = issue.acmecore("list", "--json").json["certificates"][0]
    assert listed["renewal"] == known
    assert known["selected_at"][:10] in issue.acmecore("list").stdout


def test_the_new_order_names_what_it_replaces(issuer, good_ca):
    ca = good_ca(window=(utc(DAY), utc(2 * DAY)))
    issue = issuer(ca)
    assert issue(NAME).code == 0
    first = renewal_id(issue.current(NAME))

    assert issue(NAME, "--force").code == 0

    assert [order.get("replaces") for order in orders(ca)] == [None, first]


def test_a_certificate_whose_instant_has_passed_is_due(issuer, good_ca):
    ca = good_ca(window=(utc(-2 * DAY), utc(-DAY)))
    issue = issuer(ca)
    assert issue(NAME).code == 0
    assert " now " in issue.acmecore("list").stdout

    result = issue(NAME, "--json")

    assert result.json["result"] == "issued"
    assert "replaces" in orders(ca)[1]


def test_a_ca_that_wants_each_one_renewed_at_once_gets_two(issuer, good_ca):
    """It would be asked for one more at each look, each minute with --watch."""
    ca = good_ca(window=(utc(-2 * DAY), utc(-DAY)))
    issue = issuer(ca)
    assert issue(NAME).code == 0

    first = issue.acmecore("renew", "--json")
    ask_again(issue)
    second = issue.acmecore("renew", "--json")

    assert first.json["certificates"][0]["reason"] == "suggested", first
    assert "as the one before: it is renewed by its age" in first.stderr
    assert second.code == 0 and second.json["due"] == 0, second
    assert len(orders(ca)) == 2
    assert seconds(second.json["next_at"]) > time.time() + 3600


def test_pebble_takes_a_replacement_and_one_that_was_replaced(issuer, pebble_with):
    ca = pebble_with()
    issue = issuer(ca, solver=standalone(ca.http_port))
    assert issue(NAME).code == 0

    for _ in range(3):
        assert issue(NAME, "--force").code == 0

    assert state_of(issue)["serial"]


REFUSALS = {
    "alreadyReplaced": replies.problem("alreadyReplaced", "there is one", 409),
    "malformed": replies.problem("malformed", "unknown certificate", 404),
    "unauthorized": replies.problem("unauthorized", "not yours", 403),
    "sectigo": replies.problem("unauthorized", "no", 401),
    "serverInternal": replies.problem("serverInternal", "", 500),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_refused_replacement_is_ordered_as_any_other(issuer, good_ca, kind):
    ca = good_ca(window=(utc(DAY), utc(2 * DAY)))
    issue = issuer(ca)
    assert issue(NAME).code == 0
    ca.script("newOrder", REFUSALS[kind])

    result = issue(NAME, "--force", "--json")

    assert result.code == 0, result
    assert ["replaces" in order for order in orders(ca)] == [False, True, False]
    # Another run was there before: that is nobody's fault.
    assert bool(result.json["warnings"]) == (kind != "alreadyReplaced")


def test_a_ca_without_renewal_information_is_not_told_what_is_replaced(issuer, good_ca):
    ca = good_ca()
    issue = issuer(ca)
    assert issue(NAME).code == 0

    assert issue(NAME, "--force").code == 0

    assert not any("replaces" in order for order in orders(ca))
    assert "renewal" not in state_of(issue)


TROUBLE = {
    "garbage": replies.reply(200, "]["),
    "list": replies.reply(200, []),
    "backwards": replies.reply(200, {"suggestedWindow": {
        "start": "2030-01-02T00:00:00Z", "end": "2030-01-01T00:00:00Z"}}),
    "year-9999": replies.reply(200, {"suggestedWindow": {
        "start": "9999-01-01T00:00:00Z", "end": "9999-12-31T00:00:00Z"}}),
    "numbers": replies.reply(200, {"suggestedWindow": {"start": 1, "end": 2}}),
    "flood": replies.huge(20 << 20),
    "deep": replies.deep_json(50000),
    "redirect": replies.reply(302, "", [("Location", "http://127.0.0.1:9/x")]),
    "empty-404": replies.reply(404, ""),
    "html-500": replies.reply(500, "<html>"),
    "dropped": replies.drop_before(reset=True),
    "truncated": replies.truncated(),
    "drip": replies.slow(0.5),
    "stall": replies.hang(),
}


@pytest.mark.parametrize("kind", TROUBLE)
def test_trouble_with_it_never_costs_the_certificate(issuer, good_ca, kind):
    ca = good_ca(window=(utc(DAY), utc(2 * DAY)))
    ca.always("renewalInfo", TROUBLE[kind])
    issue = issuer(ca)

    result = issue(NAME, "--json", deadline_s=40)

    assert result.code == 0, result
    assert result.elapsed_s < 20
    assert "renewal" not in result.json["certificate"]
    assert len(ca.of("renewalInfo", "GET")) <= TRIES_MAX
    assert issue(NAME, "--json").json["result"] == "fresh"


@pytest.mark.parametrize("header, delay_s", [
    ("0", 60), ("1000000000", DAY), ("-1", 21600), ("soon", 21600), (None, 21600)])
def test_an_absurd_retry_after_is_bounded(issuer, good_ca, header, delay_s):
    ca = good_ca(window=(utc(DAY), utc(2 * DAY)))
    ca.always("renewalInfo", replies.with_header("Retry-After", header))
    issue = issuer(ca)

    assert issue(NAME).code == 0

    known = state_of(issue)["renewal"]
    assert seconds(known["next_check_at"]) - seconds(known["checked_at"]) == delay_s


def test_the_explanation_is_shown(issuer, good_ca):
    ca = good_ca(window=(utc(DAY), utc(2 * DAY)))
    ca.always("renewalInfo", replies.merge(
        explanationURL="https://ca.test/incident\u202e\u0007"))
    issue = issuer(ca)
    assert issue("other.test").code == 0
    ca.always("renewalInfo", replies.merge(explanationURL="https://ca.test/incident"))

    result = issue(NAME, "--json")

    assert any("https://ca.test/incident" in text for text in result.json["warnings"])
    assert "https://ca.test/incident" in issue.acmecore("show", NAME).stdout
    assert "\u202e" not in issue.acmecore("show", "other.test").stdout


def test_the_request_is_a_plain_get(issuer, good_ca):
    ca = good_ca(window=(utc(DAY), utc(2 * DAY)))
    issue = issuer(ca)

    assert issue(NAME).code == 0

    request, = ca.of("renewalInfo", "GET")
    assert request.id == renewal_id(issue.current(NAME))
    assert request.body == b""
    assert request.headers["accept"] == "application/json"
    assert request.headers["user-agent"].startswith("acmecore/")


# ---- renew, at Pebble, whose windows are injected

@pytest.fixture
def renewable(issuer, pebble_with):
    """A certificate that is held, whose CA may be asked again."""
    ca = pebble_with()
    issue = issuer(ca, solver=standalone(ca.http_port))
    assert issue(NAME).code == 0
    ask_again(issue)
    return issue


def ask_again(issue):
    """As if the time that the CA wanted to be left alone were over."""
    path = issue.folder_of(NAME) / "state.json"
    state = json.loads(path.read_text())
    state["renewal"]["next_check_at"] = utc(-1)
    path.write_text(json.dumps(state))


def inject(issue, answer):
    text = answer if isinstance(answer, str) else json.dumps(answer)
    issue.ca.set_renewal_info(issue.current(NAME, "cert.pem").decode(), text)


def window(start, end, **more):
    return {"suggestedWindow": {"start": utc(start), "end": utc(end)}, **more}


def renew(issue):
    result = issue.acmecore("renew", "--json")
    assert result.code == 0, result
    return result


def test_a_window_that_moves_into_the_past_means_now(renewable):
    before = renewal_id(renewable.current(NAME))
    inject(renewable, window(-2 * DAY, -DAY, explanationURL="https://ca.test/why"))

    result = renew(renewable)

    assert state_of(renewable)["version"] == 2, result
    assert "https://ca.test/why" in result.stderr
    assert renewal_id(renewable.current(NAME)) != before


def test_a_window_that_moves_into_the_future_is_waited_for(renewable):
    chosen = state_of(renewable)["renewal"]["selected_at"]
    inject(renewable, window(10 * DAY, 11 * DAY))

    renew(renewable)

    known = state_of(renewable)
    assert known["version"] == 1
    assert known["renewal"]["selected_at"] != chosen
    assert utc(10 * DAY - 60) <= known["renewal"]["selected_at"] <= utc(11 * DAY)

    # The same window again: the same instant.
    ask_again(renewable)
    renew(renewable)
    again = state_of(renewable)["renewal"]
    assert again["selected_at"] == known["renewal"]["selected_at"]
    assert again["next_check_at"] > utc(0)


GARBAGE = {
    "nothing": " ", "text": "hello", "list": "[]", "null": "null", "number": "7",
    "empty": "{}", "no-end": '{"suggestedWindow":{"start":"2026-01-01T00:00:00Z"}}',
    "backwards": '{"suggestedWindow":{"start":"2026-01-02T00:00:00Z",'
                 '"end":"2026-01-01T00:00:00Z"}}',
    "no-dates": '{"suggestedWindow":{"start":"now","end":"later"}}',
    "twice": '{"suggestedWindow":{},"suggestedWindow":{}}',
    "deep": "[" * 10000, "cut": '{"suggestedWindow":{"start":"2026-01-01T00',
}


def test_garbage_changes_nothing_and_is_asked_about_again_in_six_hours(renewable):
    chosen = state_of(renewable)["renewal"]["selected_at"]
    for kind, text in GARBAGE.items():
        inject(renewable, text)
        ask_again(renewable)

        renew(renewable)

        known = state_of(renewable)
        assert known["version"] == 1, kind
        assert known["renewal"]["selected_at"] == chosen, kind
        delay = (seconds(known["renewal"]["next_check_at"])
                 - seconds(known["renewal"]["checked_at"]))
        assert delay == 21600, kind


def test_a_certificate_that_somebody_else_revoked_is_renewed_at_once(renewable, tmp_path):
    """The CA's window then lies in the past."""
    key = renewable.folder_of(NAME) / "current/privkey.pem"
    certificate = renewable.folder_of(NAME) / "current/cert.pem"
    assert renewable.acmecore("revoke", "--cert", certificate, "--key", key,
                              *renewable.at_ca(), state=tmp_path / "empty").code == 0

    renew(renewable)

    assert state_of(renewable)["version"] == 2


def test_the_ca_is_not_asked_before_it_said(issuer, pebble_with):
    ca = pebble_with()
    issue = issuer(ca, solver=standalone(ca.http_port))
    assert issue(NAME).code == 0
    count = len(ca.requests())

    renew(issue)

    assert len(ca.requests()) == count
