# SPDX-License-Identifier: Apache-2.0
"""What is said: options, help, one JSON document, and never a secret."""
import base64
import re

import pytest

import replies
from issuing import standalone
from mini_ca import base64url

NAME = "a.test"
COMMANDS = ["issue", "list", "show", "account register", "account show", "account list",
            "directory", "plugin list", "plugin show"]


def test_version_and_help(acmecore):
    version = acmecore("--version", state=None)
    assert version.code == 0 and re.match(r"acmecore \d+\.\d+\.\d+\n$", version.stdout)
    general = acmecore("--help", state=None)
    assert general.code == 0
    for command in COMMANDS:
        shown = acmecore(*command.split(), "--help", state=None)
        assert shown.code == 0, shown
        assert command in shown.stdout and command in general.stdout
        assert max(map(len, shown.stdout.splitlines())) <= 100


@pytest.mark.parametrize("words, shown", [
    (["issue", "--frobnicate"], "--frobnicate"), (["issue", "--sovler", "x"], "--solver"),
    (["frobnicate"], "frobnicate"), (["issue", "-d"], "-d"), (["issue"], "-d"),
    (["list", "--force"], "--force"), (["show"], "NAME"), (["show", "a", "b"], ""),
    (["issue", "-d", "a.test", "--timeout", "soon"], "--timeout"),
    (["issue", "-d", "a.test", "--timeout", "0"], "--timeout"),
    (["issue", "-d", "a.test", "--key-type", "rsa-1024"], "rsa-1024"),
    (["issue", "-d", "a.test", "--solver", "http01-webroot", "--set",
      "http01-webroot.path=/tmp", "--self-check", "maybe"], "maybe"),
    (["issue", "-d", "a.test", "--solver", "http01-webroot", "--name", "../x"], "../x"),
    (["issue", "-d", "a.test", "--eab-kid", "x", "--solver", "http01-webroot",
      "--set", "http01-webroot.path=/tmp"], "--eab-hmac-key-file"),
    (["account", "frob"], "frob"), (["plugin", "show", "nobody"], "nobody")])
def test_what_is_used_wrongly_ends_with_2(acmecore, words, shown):
    wants_a_word = words == ["issue", "-d"]     # it would take --state-dir
    result = acmecore(*words, **({"state": None} if wants_a_word else {}))

    assert result.code == 2, result
    assert result.stdout == ""
    assert shown in result.stderr


def test_an_unreadable_state_folder(acmecore, tmp_path):
    (tmp_path / "file").write_text("")

    result = acmecore("list", state=tmp_path / "file")

    assert result.code == 9, result
    assert str(tmp_path / "file") in result.stderr


def test_bare_options_mean_issue(issuer, good_ca):
    issue = issuer(good_ca())

    result = issue.acmecore(*issue.words(NAME)[1:])

    assert result.code == 0, result


def test_letters_may_stand_together_after_any_option(acmecore):
    assert acmecore("list", "--trace", "-vv", "--trace").code == 0
    assert acmecore("list", "-qv", "--no-color", "-vvq").code == 0


def test_quiet_says_nothing_but_errors(issuer, good_ca):
    ca = good_ca()
    fine = issuer(ca)(NAME, "-q")
    ca.always("newOrder", replies.problem("unauthorized", "not you", 403))
    bad = issuer(ca)("b.test", "-q")

    assert (fine.code, fine.stdout, fine.stderr) == (0, "", "")
    assert bad.code == 3 and bad.stdout == "" and "not you" in bad.stderr


FAILURES = {
    "issued": (None, 0), "refused": (replies.problem("unauthorized", "no", 403), 3),
    "limited": (replies.problem("rateLimited", "no", 429), 10),
    "broken": (replies.reply(200, b"<html>"), 5)}


@pytest.mark.parametrize("kind", FAILURES)
@pytest.mark.parametrize("more", [(), ("-v",), ("-q",), ("--trace",)])
def test_json_is_one_document_whatever_comes(issuer, good_ca, kind, more):
    behaviour, code = FAILURES[kind]
    ca = good_ca()
    ca.always("newOrder", behaviour)

    result = issuer(ca)(NAME, "--json", *more)

    assert result.code == code, result
    document = result.json
    assert document["schema"] == 1
    assert document["command"] == "issue"
    assert document["result"] == ("issued" if code == 0 else "failed")
    assert document["requests"] == len(ca.requests)
    assert 0 < document["round_trips"] <= document["requests"]
    assert document["elapsed_ms"] <= result.elapsed_s * 1000
    assert ("error" in document) == (code != 0)


@pytest.mark.parametrize("words, code", [
    (["issue", "-d", "bad..name", "--json"], 2), (["show", "nobody", "--json"], 2),
    (["plugin", "show", "nobody", "--json"], 2), (["list", "--json"], 0),
    (["plugin", "list", "--json"], 0), (["plugin", "show", "http01-webroot", "--json"], 0),
    (["account", "list", "--json"], 0),
    (["directory", "--server", "https://localhost:1/", "--json"], 5)])
def test_json_of_the_other_commands(acmecore, words, code):
    result = acmecore(*words)

    assert result.code == code, result
    assert result.json["schema"] == 1
    if code:
        assert result.json["error"]["exit"] == code


def test_json_says_so_when_the_usage_is_wrong(acmecore):
    result = acmecore("issue", "--json", "--frobnicate")

    assert result.code == 2, result
    assert result.json["error"]["exit"] == 2


def secrets_of(issue, ca, mac):
    """Texts that must not be seen: parts of the keys, the MAC key, the signatures."""
    found = [mac]
    for path in [*issue.state.rglob("key.pem"), *issue.state.rglob("privkey.pem")]:
        lines = path.read_text().splitlines()
        # The first line; what follows holds the public key, too, which a CSR shows.
        found += [line for line in lines if not line.startswith("-----")][:1]
    found += [request.jws["signature"] for request in ca.requests
              if request.method == "POST"]
    for request in ca.of("newAccount"):
        binding = (request.payload or {}).get("externalAccountBinding")
        if binding:
            found.append(binding["signature"])
    return found


@pytest.mark.parametrize("verbosity", ["-v", "-vv", "--trace"])
def test_no_secret_is_ever_said(issuer, good_ca, tmp_path, verbosity):
    ca = good_ca()
    issue = issuer(ca)
    mac = base64url(bytes(range(32)))
    file = tmp_path / "mac"
    file.write_text(mac)
    file.chmod(0o600)

    result = issue(NAME, verbosity, "-vv", "--trace", "--eab-kid", "kid-9",
                   "--eab-hmac-key-file", file)

    assert result.code == 0, result
    said = result.stdout + result.stderr
    for secret in secrets_of(issue, ca, mac):
        assert secret not in said
    assert "PRIVATE KEY" not in said
    assert base64.b64encode(bytes(range(32))).decode() not in said


def test_trace_tells_the_whole_conversation(issuer, good_ca):
    ca = good_ca()

    result = issuer(ca)(NAME, "--trace")

    assert result.code == 0, result
    for request in ca.requests:
        assert request.target in result.stderr
    for section in ("7.1.1", "7.2", "7.3", "7.4", "7.5", "7.5.1", "7.4.2"):
        assert f"RFC 8555 {section}" in result.stderr


def test_progress_stays_off_standard_output(issuer, good_ca):
    result = issuer(good_ca(validation_polls=2))(NAME)

    assert "waiting" not in result.stdout
    assert "\r" not in result.stdout + result.stderr
    assert "\033" not in result.stdout + result.stderr


def test_standard_output_that_is_closed_is_told(issuer, good_ca, tmp_path):
    issue = issuer(good_ca())

    result = issue(NAME, "--json", prefix=("sh", "-c", 'exec "$0" "$@" >/dev/full'))

    assert result.code != 0, result
    assert "standard output" in result.stderr
    assert issue.has_certificate(NAME)


def test_directory_tells_what_the_ca_offers(acmecore, calm_pebble):
    at = ["--server", calm_pebble.directory_url, "--ca-file", calm_pebble.ca_file]

    text = acmecore("directory", *at)
    as_json = acmecore("directory", *at, "--json")

    assert text.code == as_json.code == 0, text
    assert "data:text/plain,Do%20what%20thou%20wilt" in text.stdout
    assert as_json.json["schema"] == 1


def test_a_port_below_1024_without_the_right_is_told(issuer, good_ca):
    issue = issuer(good_ca(), solver=standalone(80, "192.0.2.1", via=False))

    result = issue(NAME)

    assert result.code == 2, result
    assert "192.0.2.1" in result.stderr
