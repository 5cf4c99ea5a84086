# SPDX-License-Identifier: Apache-2.0
"""Accounts: consent, external binding, contacts, keys, and what the CA makes of them."""
import base64
import hashlib
import hmac
import json
import os
import pty
import select
import stat
import time

import pytest

import replies
from issuing import standalone
from mini_ca import base64url, from_base64url

MAC_KEY = bytes(range(64))


@pytest.fixture(scope="module")
def binding_pebble(tmp_path_factory, authority, calm_pebble):
    """A Pebble that wants an external account binding."""
    from pebble import Pebble
    server = Pebble(tmp_path_factory.mktemp("eab"), authority,
                    calm_pebble.dns_server.dns,
                    config={"externalAccountBindingRequired": True,
                            "externalAccountMACKeys": {"kid-1": base64url(MAC_KEY)}})
    yield server.start()
    server.stop()


@pytest.fixture
def key_file(tmp_path):
    def make(text):
        path = tmp_path / "mac"
        path.write_text(text)
        path.chmod(0o600)
        return path
    return make


def register(acmecore, ca, *words, agrees=True):
    consent = ["--agree-tos"] if agrees else []
    return acmecore("account", "register", "--server", ca.directory_url, "--ca-file",
                    ca.ca_file, *consent, *words)


# ---- terms of service

def test_nobody_agrees_but_the_user(issuer, calm_pebble):
    before = calm_pebble.counts()
    issue = issuer(calm_pebble, agrees=False,
                   solver=standalone(calm_pebble.http_port))

    result = issue("a.example.test")

    assert result.code == 2, result
    assert "data:text/plain,Do%20what%20thou%20wilt" in result.stderr
    assert "--agree-tos" in result.stderr
    assert (calm_pebble.counts() - before)["POST", "/sign-me-up"] == 0


def on_a_terminal(issue, words, answer):
    """(exit code, what was on the terminal) of a run that asks."""
    parent, child = pty.openpty()
    shown = b""
    run = None
    try:
        with open(child, "rb", buffering=0, closefd=False) as terminal:
            run = _start_on(issue, words, terminal, child)
        os.close(child)
        end = time.monotonic() + 20
        is_answered = False
        while time.monotonic() < end:
            if select.select([parent], [], [], 0.05)[0]:
                try:
                    piece = os.read(parent, 4096)
                except OSError:
                    break
                if not piece:
                    break
                shown += piece
            if b"[y/N]" in shown and not is_answered:
                os.write(parent, answer)
                is_answered = True
            if run.poll() is not None and not select.select([parent], [], [], 0)[0]:
                break
        return run.wait(10), shown.decode(errors="replace")
    finally:
        os.close(parent)
        if run and run.poll() is None:
            run.kill()
            run.wait()


def _start_on(issue, words, terminal, child):
    import subprocess
    acmecore = issue.acmecore
    return subprocess.Popen(
        [str(acmecore.program), *map(str, issue.words(*words)), "--state-dir",
         str(acmecore.state)], stdin=terminal, stdout=child, stderr=child,
        env={"PATH": os.environ["PATH"], "HOME": str(acmecore.folder)},
        start_new_session=True)


@pytest.mark.parametrize("answer, code", [(b"y\n", 0), (b"yes\n", 0), (b"n\n", 2),
                                          (b"\n", 2), (b"yellow\n", 2)])
def test_on_a_terminal_it_asks(issuer, good_ca, answer, code):
    ca = good_ca(meta={"termsOfService": "https://ca.test/terms/\x1b[31m"})
    issue = issuer(ca, agrees=False)

    ended, shown = on_a_terminal(issue, ["a.test"], answer)

    assert ended == code, shown
    assert "https://ca.test/terms/" in shown
    assert "\x1b[31m" not in shown.replace("\x1b[31macmecore", "")
    assert len(ca.of("newAccount")) == (1 if code == 0 else 0)
    if code == 0:
        assert ca.of("newAccount")[0].payload["termsOfServiceAgreed"] is True


def test_a_terminal_shows_progress(issuer, good_ca):
    ca = good_ca(validation_polls=2, retry_after=None)
    issue = issuer(ca)

    ended, shown = on_a_terminal(issue, ["a.test"], b"")

    assert ended == 0, shown
    assert "\r" in shown and "validation" in shown


def test_no_terms_no_question(issuer, good_ca):
    issue = issuer(good_ca(meta=None), agrees=False)

    result = issue("a.test")

    assert result.code == 0, result
    assert "termsOfServiceAgreed" not in issue.ca.of("newAccount")[0].payload


@pytest.mark.parametrize("refusal", [
    replies.problem("userActionRequired", "go there", 403,
                    [("Link", '<https://ca.test/terms>;rel="terms-of-service"')],
                    instance="https://ca.test/agree"),
    replies.problem("malformed", "must agree to terms of service", 400)])
def test_a_ca_that_wants_more_agreement_is_not_asked_again(issuer, good_ca, refusal):
    ca = good_ca()
    ca.always("newOrder", refusal)

    result = issuer(ca)("a.test", "--json")

    assert result.code == 3, result
    assert len(ca.of("newOrder")) == 1
    if result.json["error"]["problem_type"] == "userActionRequired":
        assert "https://ca.test/terms" in result.stdout + result.stderr
        assert "https://ca.test/agree" in result.stdout + result.stderr


# ---- keys and URLs

def test_the_account_is_made_once_and_its_key_is_ours_alone(issuer, good_ca):
    ca = good_ca()
    issue = issuer(ca)

    assert issue("a.test").code == 0
    assert issue("b.test").code == 0

    assert len(ca.of("newAccount")) == 1
    folder, = (issue.state / "accounts").iterdir()
    assert stat.S_IMODE((folder / "key.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE(issue.state.stat().st_mode) == 0o700
    key = issue.state / "certs/a.test/current/privkey.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_the_account_key_is_readable_by_others_and_refused(issuer, good_ca):
    issue = issuer(good_ca())
    assert issue("a.test").code == 0
    folder, = (issue.state / "accounts").iterdir()
    (folder / "key.pem").chmod(0o644)

    result = issue("b.test")

    assert result.code == 9, result
    assert "key.pem" in result.stderr


def test_a_register_answer_without_a_body(issuer, good_ca):
    ca = good_ca()
    ca.always("newAccount", replies.with_fields(body=b""))

    assert issuer(ca)("a.test").code == 0


def test_a_register_answer_without_location(attack, good_ca):
    ca = good_ca()
    ca.always("newAccount", replies.with_header("Location", None))

    assert attack(ca).result.code == 5


def test_an_existing_account_is_found_by_its_key(acmecore, calm_pebble):
    assert register(acmecore, calm_pebble).code == 0
    folder, = (acmecore.state / "accounts").iterdir()
    before = json.loads((folder / "account.json").read_text())["url"]
    (folder / "account.json").unlink()

    again = register(acmecore, calm_pebble)

    assert again.code == 0, again
    assert json.loads((folder / "account.json").read_text())["url"] == before


def test_account_show_and_list(acmecore, calm_pebble):
    assert register(acmecore, calm_pebble, "--contact", "mailto:a@example.test").code == 0

    shown = acmecore("account", "show", "--server", calm_pebble.directory_url,
                     "--ca-file", calm_pebble.ca_file, "--json")
    listed = acmecore("account", "list", "--json")

    assert shown.code == listed.code == 0, shown
    assert "a@example.test" in shown.stdout
    assert calm_pebble.directory_url in listed.stdout


def test_accounts_are_apart_for_each_directory(issuer, good_ca):
    first, second = issuer(good_ca()), issuer(good_ca())

    assert first("a.test").code == second("b.test").code == 0

    folders = list((first.state / "accounts").iterdir())
    assert len(folders) == 2
    assert len({(folder / "key.pem").read_bytes() for folder in folders}) == 2


def test_kid_and_url_are_byte_for_byte_what_the_ca_gave(issuer, good_ca):
    paths = {"newOrder": "/ACME/new%2Dorder?x=%41&y=a+b", "account": "/Acct/%7e{id}",
             "order": "/o/{id}?q=%2F", "authorization": "/Z/{id};v=1",
             "challenge": "/C/%63/{id}", "finalize": "/F//{id}",
             "certificate": "/crt/{id}/../{id}"}
    ca = good_ca(paths=paths)

    result = issuer(ca)("a.test")

    assert result.code == 0, result
    posts = [request for request in ca.requests if request.method == "POST"]
    assert all(request.protected["url"] == ca.base + request.target for request in posts)
    kid = ca.url("account", next(iter(ca.mini.accounts)))
    for request in posts:
        is_first = request.resource == "newAccount"
        assert ("jwk" in request.protected) == is_first
        assert request.protected.get("kid") == (None if is_first else kid)


def test_every_request_is_as_the_rfc_wants_it(issuer, good_ca):
    ca = good_ca()

    assert issuer(ca)("a.test").code == 0

    for request in ca.requests:
        assert request.headers["User-Agent"].startswith("acmecore/")
        assert request.headers["Accept-Language"] == "en"
        if request.method != "POST":
            continue
        assert request.headers["Content-Type"] == "application/jose+json"
        assert set(request.jws) == {"protected", "payload", "signature"}
        assert set(request.protected) in ({"alg", "nonce", "url", "kid"},
                                          {"alg", "nonce", "url", "jwk"})
        assert "=" not in "".join(request.jws.values())
        assert len(from_base64url(request.jws["signature"])) == 64
    reads = ("authorization", "order", "certificate")
    assert all(each.jws["payload"] == "" for name in reads for each in ca.of(name))
    assert [each.jws["payload"] for each in ca.of("challenge")] == ["e30"]
    assert ca.of("certificate")[0].headers["Accept"].startswith(
        "application/pem-certificate-chain")
    assert set(ca.of("newOrder")[0].payload) == {"identifiers"}


# ---- the CA forgets, or does not want us

def test_an_account_that_the_ca_forgot_is_looked_up_once(issuer, good_ca):
    ca = good_ca()
    issue = issuer(ca)
    assert issue("a.test").code == 0
    ca.always("newOrder", replies.problem("accountDoesNotExist", "who?", 400))

    result = issue("b.test")

    assert result.code == 3, result
    assert len(ca.of("newAccount")) == 2
    assert len(ca.of("newOrder")) == 3


def test_an_account_that_is_gone_is_not_made_again_without_consent(issuer, pebble_with):
    ca = pebble_with()
    issue = issuer(ca, solver=standalone(ca.http_port))
    assert issue("a.example.test").code == 0
    ca.restart()
    before = ca.counts()
    issue.consent = []

    result = issue("b.example.test")

    assert result.code in (2, 3), result
    assert "--agree-tos" in result.stderr
    assert (ca.counts() - before)["POST", "/sign-me-up"] <= 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_deactivated_account_is_told(issuer, good_ca, status):
    ca = good_ca()
    ca.always("newOrder", replies.problem("unauthorized", "account is deactivated",
                                          status))

    result = issuer(ca)("a.test")

    assert result.code == 3, result
    assert "account is deactivated" in result.stderr
    assert len(ca.of("newOrder")) == 1


@pytest.mark.parametrize("kind, members", [
    ("badPublicKey", {}), ("badSignatureAlgorithm", {}),
    ("badSignatureAlgorithm", {"algorithms": ["RS256", "ES384"]})])
def test_a_key_that_the_ca_does_not_take_is_told_and_not_tried_again(
        issuer, good_ca, kind, members):
    ca = good_ca()
    ca.always("newAccount", replies.problem(kind, "not this key", 400, **members))

    result = issuer(ca)("a.test", "--json")

    assert result.code == 3, result
    assert len(ca.of("newAccount")) == 1
    assert result.json["error"]["problem_type"] == kind
    for name in members.get("algorithms", []):
        assert name in result.stdout + result.stderr


# ---- contacts

@pytest.mark.parametrize("contact", ["mailto:a@b.test,c@d.test", "mailto:a@b.test?cc=x",
                                     "mailto:", "a b@c.test", "nobody"])
def test_a_contact_that_is_none_is_refused_here(acmecore, good_ca, contact):
    ca = good_ca()

    result = register(acmecore, ca, "--contact", contact)

    assert result.code == 2, result
    assert ca.requests == []


def test_more_contacts_than_the_ca_takes(acmecore, calm_pebble):
    contacts = ["mailto:a@b.test", "mailto:c@b.test", "mailto:d@b.test"]
    words = [word for contact in contacts for word in ("--contact", contact)]

    result = register(acmecore, calm_pebble, *words, "--json")

    assert result.code == 3, result
    assert result.json["error"]["message"]


@pytest.mark.parametrize("kind", ["invalidContact", "unsupportedContact"])
def test_a_contact_that_the_ca_refuses_is_told(acmecore, good_ca, kind):
    ca = good_ca()
    ca.always("newAccount", replies.problem(kind, "not this address", 400))

    result = register(acmecore, ca, "--contact", "mailto:a@b.test", "--json")

    assert result.code == 3, result
    assert result.json["error"]["problem_type"] == kind
    assert "not this address" in result.stderr
    assert len(ca.of("newAccount")) == 1


def test_the_contact_is_sent_as_a_url(acmecore, good_ca):
    ca = good_ca()

    assert register(acmecore, ca, "--contact", "a@b.test").code == 0

    assert ca.of("newAccount")[0].payload["contact"] == ["mailto:a@b.test"]


# ---- external account binding

@pytest.mark.parametrize("name, digest", [("HS256", hashlib.sha256),
                                          ("HS384", hashlib.sha384),
                                          ("HS512", hashlib.sha512)])
def test_the_binding_is_what_the_rfc_wants(acmecore, good_ca, key_file, name, digest):
    ca = good_ca()

    result = register(acmecore, ca, "--eab-kid", "kid-1", "--eab-hmac-key-file",
                      key_file(base64url(MAC_KEY)), "--eab-hmac-alg", name)

    assert result.code == 0, result
    request = ca.of("newAccount")[0]
    inner = request.payload["externalAccountBinding"]
    assert json.loads(from_base64url(inner["protected"])) == {
        "alg": name, "kid": "kid-1", "url": ca.url("newAccount")}
    assert json.loads(from_base64url(inner["payload"])) == request.protected["jwk"]
    signed = f"{inner['protected']}.{inner['payload']}".encode()
    assert inner["signature"] == base64url(hmac.new(MAC_KEY, signed, digest).digest())


def test_the_binding_is_used_once_and_not_kept(issuer, good_ca, key_file):
    ca = good_ca()
    issue = issuer(ca)
    words = ["--eab-kid", "kid-77", "--eab-hmac-key-file", key_file(base64url(MAC_KEY))]

    assert issue("a.test", *words).code == 0

    for request in ca.requests[:]:
        if request.method == "POST" and request.resource != "newAccount":
            assert "externalAccountBinding" not in (request.payload or {})
    for path in issue.state.rglob("*"):
        if path.is_file():
            assert base64url(MAC_KEY) not in path.read_text(errors="replace")


def test_a_binding_that_is_gone_stops_no_renewal(acmecore, issuer, good_ca, tmp_path):
    """Neither at the CA it was for, nor at the one after it; only a new account needs it."""
    cas = {"first": good_ca(), "second": good_ca(), "third": good_ca()}
    own = issuer(cas["first"])
    path = tmp_path / "acmecore.conf"

    def configure(*names):
        sections = [f'ca "{name}" {{ directory = "{ca.directory_url}" ca-file = "{ca.ca_file}"'
                    f' eab-kid = "kid-{name}" eab-hmac-key = "env:BINDING" }}'
                    for name, ca in cas.items()]
        wanted = [f'certificate "{name}" {{ identifiers = {{"{name}.test"}} ca = {{"{name}"}} }}'
                  for name in names]
        path.write_text("\n".join([
            'agree-tos = true', 'self-check = off', 'ca = {"first"}', 'solvers = {"web"}',
            f'solver "web" {{ plugin = "http01-webroot" options {{ path = "{own.web}" }} }}',
            *sections, *wanted]))
    configure("first", "second")
    made = acmecore("renew", "--config", path, env={"BINDING": base64url(MAC_KEY)})
    configure("first", "second", "third")

    result = acmecore("renew", "--json", "--force", "--config", path)

    assert made.code == 0, made
    for name in ("first", "second"):
        inner = cas[name].of("newAccount")[0].payload["externalAccountBinding"]
        assert json.loads(from_base64url(inner["protected"]))["kid"] == f"kid-{name}"
        assert len(cas[name].of("newAccount")) == 1
    assert {each["name"]: each["result"] for each in result.json["certificates"]} == {
        "first": "renewed", "second": "renewed", "third": "failed"}, result
    assert result.code == 2 and "BINDING" in result.stderr, result
    assert cas["third"].of("newAccount") == []


@pytest.mark.parametrize("encode", [base64url,
                                    lambda key: base64.urlsafe_b64encode(key).decode(),
                                    lambda key: base64.b64encode(key).decode() + "\n"])
@pytest.mark.parametrize("name", ["HS256", "HS512"])
def test_a_ca_that_wants_a_binding_takes_it(acmecore, binding_pebble, key_file, encode,
                                            name):
    result = register(acmecore, binding_pebble, "--eab-kid", "kid-1",
                      "--eab-hmac-key-file", key_file(encode(MAC_KEY)), "--eab-hmac-alg",
                      name)

    assert result.code == 0, result


def test_a_ca_that_wants_a_binding_is_not_asked_without(acmecore, binding_pebble):
    before = binding_pebble.counts()

    result = register(acmecore, binding_pebble)

    assert result.code in (2, 3), result
    assert "--eab-kid" in result.stderr
    assert (binding_pebble.counts() - before)["POST", "/sign-me-up"] == 0


@pytest.mark.parametrize("status", [403, 400])
def test_a_ca_that_wants_a_binding_and_did_not_say_so(acmecore, good_ca, status):
    ca = good_ca()
    ca.always("newAccount", replies.problem("externalAccountRequired", "bind", status))

    result = register(acmecore, ca)

    assert result.code == 3, result
    assert "--eab-kid" in result.stderr
    assert len(ca.of("newAccount")) == 1


@pytest.mark.parametrize("kid, key", [("kid-2", MAC_KEY), ("kid-1", MAC_KEY[::-1])])
def test_a_wrong_binding_is_told_and_not_tried_again(acmecore, binding_pebble, key_file,
                                                     kid, key):
    before = binding_pebble.counts()

    result = register(acmecore, binding_pebble, "--eab-kid", kid, "--eab-hmac-key-file",
                      key_file(base64url(key)))

    assert result.code == 3, result
    assert (binding_pebble.counts() - before)["POST", "/sign-me-up"] == 1


@pytest.mark.parametrize("text", ["", "!!!!", "c2hvcnQ", "a", "\u00e4" * 20])
def test_a_mac_key_that_is_none_is_refused_here(acmecore, good_ca, key_file, text):
    ca = good_ca()

    result = register(acmecore, ca, "--eab-kid", "kid-1", "--eab-hmac-key-file",
                      key_file(text))

    assert result.code == 2, result
    assert ca.of("newAccount") == []


def test_a_mac_key_that_others_can_read_is_refused(acmecore, good_ca, key_file):
    path = key_file(base64url(MAC_KEY))
    path.chmod(0o644)

    result = register(acmecore, good_ca(), "--eab-kid", "kid-1", "--eab-hmac-key-file",
                      path)

    assert result.code in (2, 9), result
    assert str(path) in result.stderr
