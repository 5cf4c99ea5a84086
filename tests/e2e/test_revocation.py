# SPDX-License-Identifier: Apache-2.0
"""revoke (RFC 8555 7.6): by the account, by the certificate's key, and what follows."""
import json
import os
import pty
import subprocess

import pytest

import replies
from issuing import public_key, standalone, text_of

NAME = "a.test"


def serial_of(pem):
    return text_of(pem, "-serial").strip().split("=")[1].lower()


def status_at(ca, pem):
    """What Pebble says of it: Valid or Revoked, and the reason."""
    return json.loads(ca.fetch(f"/cert-status-by-serial/{serial_of(pem)}"))


@pytest.fixture
def issue(issuer, calm_pebble):
    made = issuer(calm_pebble, solver=standalone(calm_pebble.http_port))
    assert made(NAME).code == 0
    return made


def revoke(issue, *words, **options):
    return issue.acmecore("revoke", *words, **options)


@pytest.mark.parametrize("reason, number", [
    (None, 0), ("superseded", 4), ("cessationofoperation", 5), ("1", 1)])
def test_the_account_revokes(issue, reason, number):
    words = ["--reason", reason] if reason else []

    result = revoke(issue, NAME, *words, "--json")

    assert result.code == 0, result
    assert result.json["result"] == "revoked"
    status = status_at(issue.ca, issue.current(NAME))
    assert status["Status"] == "Revoked"
    assert status.get("Reason", 0) == number
    # It is shown, it is due, and its files stay until another one is there.
    shown = issue.acmecore("show", NAME)
    assert f"revoked      2" in shown.stdout and result.json["reason"] in shown.stdout
    assert "REVOKED" in issue.acmecore("list").stdout
    held, = issue.acmecore("list", "--json").json["certificates"]
    assert held["revoked"]["reason"] == result.json["reason"]
    assert issue(NAME, "--json").json["result"] == "issued"
    assert "REVOKED" not in issue.acmecore("list").stdout


def test_revoking_twice_is_done(issue):
    assert revoke(issue, NAME).code == 0

    again = revoke(issue, NAME, "--json")

    assert again.code == 0, again
    assert again.json["result"] == "already-revoked"


def test_a_replacement_in_one_step(issue):
    before = issue.current(NAME)

    result = revoke(issue, NAME, "--reason", "superseded", "--replace", "--json")

    assert result.code == 0, result
    assert result.json["replacement"]["result"] == "issued"
    assert result.json["replacement"]["certificate"]["version"] == 2
    assert status_at(issue.ca, before)["Status"] == "Revoked"
    assert status_at(issue.ca, issue.current(NAME))["Status"] == "Valid"
    assert public_key(issue.current(NAME)) != public_key(before)
    assert issue(NAME, "--json").json["result"] == "fresh"


def test_a_replacement_is_brought_to_its_server(issue, tmp_path):
    site = tmp_path / "site.pem"
    assert issue(NAME, "--force", "--installer", "installer-files",
                 "--set", f"installer-files.fullchain={site}").code == 0
    before = site.read_bytes()

    result = revoke(issue, NAME, "--replace", "--json")

    assert result.code == 0, result
    assert site.read_bytes() == issue.current(NAME) != before
    deployment, = result.json["deployments"]
    assert deployment["result"] == "live" and deployment["version"] == 3
    assert "deployments" not in issue.acmecore("renew", "--json").json


def test_the_key_of_the_certificate_revokes_without_an_account(issue, acmecore, tmp_path):
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    certificate.write_bytes(issue.current(NAME))
    key.write_bytes(issue.current(NAME, "privkey.pem"))
    key.chmod(0o600)

    result = acmecore("revoke", "--cert", certificate, "--key", key, *issue.at_ca(),
                      "--json", state=tmp_path / "empty")

    assert result.code == 0, result
    assert status_at(issue.ca, issue.current(NAME))["Status"] == "Revoked"
    assert not (tmp_path / "empty" / "accounts").exists()


def test_a_certificate_from_a_file_in_der_that_is_held(issue, tmp_path):
    file = tmp_path / "cert.der"
    file.write_bytes(subprocess.run(
        ["openssl", "x509", "-outform", "DER"], input=issue.current(NAME),
        capture_output=True, check=True).stdout)

    result = revoke(issue, "--cert", file, "--json")

    assert result.code == 0, result
    assert result.json["certificate"]["name"] == NAME
    assert "REVOKED" in issue.acmecore("list").stdout


def test_an_old_version_does_not_make_the_current_one_due(issue):
    assert issue(NAME, "--force").code == 0
    old = issue.folder_of(NAME) / "versions/0001/cert.pem"

    result = revoke(issue, "--cert", old, "--json")

    assert result.code == 0, result
    assert status_at(issue.ca, old.read_bytes())["Status"] == "Revoked"
    assert issue(NAME, "--json").json["result"] == "fresh"
    refused = revoke(issue, "--cert", old, "--replace")
    assert refused.code == 2 and "--replace" in refused.stderr


def test_the_certificate_of_another_account(issue, issuer, tmp_path):
    """Neither may revoke the other's, but by its key."""
    other = tmp_path / "other-state"
    certificate = tmp_path / "cert.pem"
    certificate.write_bytes(issue.current(NAME))
    assert issue.acmecore("account", "register", "--agree-tos", *issue.at_ca(),
                          state=other).code == 0

    refused = issue.acmecore("revoke", "--cert", certificate, *issue.at_ca(), "--json",
                             state=other)
    assert refused.code == 3, refused
    assert refused.json["error"]["problem_type"] == "unauthorized"
    assert "--key FILE" in refused.stderr

    key = issue.folder_of(NAME) / "current/privkey.pem"
    by_key = issue.acmecore("revoke", "--cert", certificate, "--key", key, *issue.at_ca(),
                            state=other)
    assert by_key.code == 0, by_key


def test_what_is_wrong_is_said_before_the_ca_is_asked(issue, tmp_path):
    count = len(issue.ca.requests())
    key = tmp_path / "other.pem"
    key.write_bytes(subprocess.run(
        ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout"],
        capture_output=True, check=True).stdout)
    key.chmod(0o600)
    text = tmp_path / "text"
    text.write_text("hello\n")
    cases = {
        (): "NAME of one that is held, or --cert FILE",
        (NAME, "--cert", text): "NAME of one that is held, or --cert FILE",
        (NAME, "--reason", "7"): "keyCompromise (1)",
        (NAME, "--reason", "cACompromise"): "keyCompromise (1)",
        ("nobody.test",): "nobody.test",
        ("--cert", text): "is no certificate",
        ("--cert", tmp_path / "none"): "is no certificate",
        (NAME, "--key", key): "not that of the certificate",
        (NAME, "--key", text): "--key",
    }
    for words, part in cases.items():
        result = revoke(issue, *words)
        assert result.code == 2, (words, result)
        assert part in result.stderr, (words, result)
    assert len(issue.ca.requests()) == count


def test_no_account_is_made_to_revoke(issue, tmp_path):
    certificate = tmp_path / "cert.pem"
    certificate.write_bytes(issue.current(NAME))

    result = issue.acmecore("revoke", "--cert", certificate, *issue.at_ca(),
                            state=tmp_path / "empty")

    assert result.code == 2
    assert "--key FILE" in result.stderr


def test_on_a_terminal_it_is_asked_for_and_no_is_no(issue):
    for answer, code in ((b"n\n", 2), (b"y\n", 0)):
        leader, follower = pty.openpty()
        run = subprocess.Popen(
            [issue.acmecore.program, "revoke", NAME, "--state-dir", issue.state],
            stdin=follower, stderr=follower, stdout=subprocess.PIPE,
            env={"PATH": os.environ["PATH"], "HOME": str(issue.acmecore.folder),
                 "TERM": "dumb"})
        os.close(follower)
        shown = b""
        while b"Revoke it?" not in shown:
            shown += os.read(leader, 4096)
        assert serial_of(issue.current(NAME)).encode() in shown
        os.write(leader, answer)
        assert run.wait(20) == code
        run.stdout.close()
        os.close(leader)
        status = status_at(issue.ca, issue.current(NAME))["Status"]
        assert status == ("Revoked" if code == 0 else "Valid")


def test_the_request_is_as_the_rfc_wants_it(issuer, good_ca, tmp_path):
    ca = good_ca()
    issue = issuer(ca)
    assert issue(NAME).code == 0
    key = issue.folder_of(NAME) / "current/privkey.pem"

    assert revoke(issue, NAME).code == 0
    assert revoke(issue, NAME, "--key", key, "--reason", "keyCompromise").code == 0

    by_account, by_key = ca.of("revokeCert")
    assert set(by_account.payload) == {"certificate"}
    assert "kid" in by_account.protected and "jwk" not in by_account.protected
    assert by_key.payload["reason"] == 1
    assert "jwk" in by_key.protected and "kid" not in by_key.protected
    der = subprocess.run(["openssl", "x509", "-outform", "DER"], input=issue.current(NAME),
                         capture_output=True, check=True).stdout
    from scripted_ca import from_base64url
    assert from_base64url(by_account.payload["certificate"]) == der


REFUSALS = {
    "badRevocationReason": replies.problem(
        "badRevocationReason", "only 0, 1, 4 and 5"),
    "unauthorized": replies.problem("unauthorized", "not yours", 403),
    "malformed": replies.problem("malformed", "not issued here", 404),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_refusal_is_told_and_nothing_is_noted(issuer, good_ca, kind):
    ca = good_ca()
    issue = issuer(ca)
    assert issue(NAME).code == 0
    ca.always("revokeCert", REFUSALS[kind])

    result = revoke(issue, NAME, "--reason", "affiliationChanged", "--json")

    assert result.code == 3, result
    assert result.json["result"] == "failed"
    assert result.json["error"]["problem_type"] == kind
    assert "REVOKED" not in issue.acmecore("list").stdout


def test_a_lost_answer_is_asked_for_again(issuer, good_ca):
    ca = good_ca()
    issue = issuer(ca)
    assert issue(NAME).code == 0
    ca.script("revokeCert", replies.drop_after(),
              replies.problem("alreadyRevoked", "it is"))

    result = revoke(issue, NAME, "--json")

    assert result.code == 0, result
    assert "REVOKED" in issue.acmecore("list").stdout


def test_the_store_cannot_note_it(issuer, good_ca):
    ca = good_ca()
    issue = issuer(ca)
    assert issue(NAME).code == 0
    state = issue.folder_of(NAME) / "state.json"
    state.unlink()
    state.mkdir()

    result = revoke(issue, NAME, "--json")

    assert result.code == 9, result
    assert "is revoked, but" in result.json["error"]["message"]
    assert result.json["result"] == "failed"
    state.rmdir()
    assert revoke(issue, NAME).code == 0


def test_a_compromised_key_is_not_used_again_in_spite_of_reuse_key(issue):
    assert issue(NAME, "--reuse-key", "--force").code == 0
    first = public_key(issue.current(NAME))
    assert issue(NAME, "--force").code == 0
    assert public_key(issue.current(NAME)) == first

    assert revoke(issue, NAME, "--reason", "superseded", "--replace").code == 0
    assert public_key(issue.current(NAME)) == first

    result = revoke(issue, NAME, "--reason", "keyCompromise", "--replace", "--json")
    assert result.code == 0, result
    assert any("--reuse-key" in text for text in result.json["replacement"]["warnings"])
    second = public_key(issue.current(NAME))
    assert second != first
    # The new one is used again.
    assert issue(NAME, "--force").code == 0
    assert public_key(issue.current(NAME)) == second


def test_a_compromised_key_that_is_given_again_is_refused(issue, tmp_path):
    key = tmp_path / "mine.pem"
    key.write_bytes(subprocess.run(
        ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
         "ec_paramgen_curve:P-256"], capture_output=True, check=True).stdout)
    key.chmod(0o600)
    assert issue(NAME, "--key", key, "--force").code == 0
    assert revoke(issue, NAME, "--key", key).code == 0

    result = issue(NAME, "--json")

    assert result.code == 2, result
    assert "was compromised" in result.json["error"]["message"]
    assert issue(NAME, "--forget", "key", "--json").json["result"] == "issued"


def test_a_set_is_revoked_as_one_and_one_of_it_makes_it_due(issuer, calm_pebble):
    issue = issuer(calm_pebble, solver=standalone(calm_pebble.http_port))
    assert issue(NAME, "--key-type", "ecdsa-p256,rsa-2048").code == 0
    files = [issue.current(NAME, file) for file in ("cert.pem", "cert-rsa-2048.pem")]

    result = revoke(issue, NAME, "--replace", "--json")

    assert result.code == 0, result
    assert len(result.json["certificate"]["further"]) == 1
    assert [status_at(issue.ca, file)["Status"] for file in files] == ["Revoked"] * 2
    second = issue.folder_of(NAME) / "current/cert-rsa-2048.pem"
    assert status_at(issue.ca, second.read_bytes())["Status"] == "Valid"
    assert issue(NAME, "--json").json["result"] == "fresh"

    # By its own key the second one only.
    key = issue.folder_of(NAME) / "current/privkey-rsa-2048.pem"
    assert revoke(issue, NAME, "--key", key).code == 0
    assert status_at(issue.ca, second.read_bytes())["Status"] == "Revoked"
    assert status_at(issue.ca, issue.current(NAME))["Status"] == "Valid"
    assert "REVOKED" in issue.acmecore("list").stdout
    assert issue(NAME, "--json").json["result"] == "issued"


def test_after_a_rollback_the_ca_of_that_version_is_asked(acmecore, issuer, pebble, web):
    first, second = pebble(), pebble()
    own, other = issuer(first), issuer(second)
    web(own.web, first.http_port)
    web(own.web, second.http_port)
    assert own("back.test").code == 0
    assert other("back.test").code == 0

    back = acmecore("rollback", "back.test")
    result = acmecore("revoke", "back.test", "--ca-file", first.ca_file)

    assert back.code == 0, back
    assert result.code == 0, result
    assert [path for method, path in first.requests() if path == "/revoke-cert"]
    assert not [path for method, path in second.requests() if path == "/revoke-cert"]
