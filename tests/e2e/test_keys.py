# SPDX-License-Identifier: Apache-2.0
"""Keys of every kind: made here, given, in a token, or with whoever made the request."""
import json
import os
import signal
import stat
import subprocess

import pytest

from issuing import is_whole, names_of, public_key, standalone, text_of, verifies
from tokens import PIN, Token, has_private_key

NAME = "k.example.test"


@pytest.fixture
def issue(issuer, calm_pebble):
    return issuer(calm_pebble, solver=standalone(calm_pebble.http_port, "127.0.0.1"))


@pytest.fixture
def guarded(issuer, gate, calm_pebble):
    """(a gate in front of the CA, who issues through it)"""
    guard = gate(calm_pebble)
    return guard, issuer(guard, solver=standalone(calm_pebble.http_port, "127.0.0.1"))


def openssl(*words, **options):
    return subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True,
                          **options).stdout


def make_key(path, *options):
    openssl("genpkey", *(options or ("-algorithm", "EC", "-pkeyopt",
                                     "ec_paramgen_curve:P-256")), "-out", path)
    path.chmod(0o600)
    return path


def make_request(path, key, names, *more, subject="/"):
    openssl("req", "-new", "-key", key, "-subj", subject, "-addext",
            "subjectAltName=" + ",".join(f"DNS:{name}" for name in names), *more,
            "-out", path)
    return path


# ---- made here

@pytest.mark.parametrize("kind, text", [
    ("ecdsa-p384", "secp384r1"), ("ecdsa-p521", "secp521r1"),
    ("rsa-2048", "2048 bit"), ("rsa-3072", "3072 bit")])
def test_each_type_of_key_is_issued(issue, kind, text):
    result = issue(NAME, "--key-type", kind, "--json")

    assert result.code == 0, result
    assert result.json["certificate"]["key_type"] == kind
    assert result.json["certificate"]["key"] == "file"
    assert text in text_of(issue.current(NAME), "-text")
    assert is_whole(issue, NAME)


def test_a_type_that_the_ca_does_not_take_is_told(issue):
    result = issue(NAME, "--key-type", "ed25519")

    assert result.code == 3, result
    assert "--key-type" in result.stderr and "ecdsa-p256" in result.stderr
    assert not issue.has_certificate(NAME)


def test_reuse_key_keeps_the_key_until_it_is_forgotten(issue):
    assert issue(NAME, "--reuse-key").code == 0
    first = public_key(issue.current(NAME))
    assert issue(NAME, "--force").code == 0
    second = public_key(issue.current(NAME))
    assert issue(NAME, "--force", "--forget", "reuse-key").code == 0
    third = public_key(issue.current(NAME))

    assert first == second != third
    assert is_whole(issue, NAME)


def test_another_type_is_no_key_to_reuse(issue):
    assert issue(NAME, "--reuse-key").code == 0

    result = issue(NAME, "--key-type", "ecdsa-p384", "--json")

    assert result.code == 0, result
    assert result.json["certificate"]["key_type"] == "ecdsa-p384"


def test_must_staple_is_asked_for_and_found_in_the_certificate(issue):
    assert issue(NAME).code == 0
    assert "TLS Feature" not in text_of(issue.current(NAME), "-text")

    result = issue(NAME, "--must-staple")

    assert result.code == 0, result
    assert "status_request" in text_of(issue.current(NAME), "-text")


# ---- a set

def test_a_set_has_a_certificate_for_each_type(issue, calm_pebble, tmp_path):
    result = issue(NAME, "--key-type", "ecdsa-p256,rsa-2048", "--json")

    assert result.code == 0, result
    held = result.json["certificate"]
    assert held["key_types"] == ["ecdsa-p256", "rsa-2048"]
    assert held["version"] == 1
    folder = issue.folder_of(NAME) / "current"
    assert sorted(path.name for path in folder.iterdir()) == [
        f"{stem}{suffix}.pem" for stem in ("cert", "chain", "fullchain", "privkey")
        for suffix in ("-rsa-2048", "")]
    for suffix, text in (("", "prime256v1"), ("-rsa-2048", "2048 bit")):
        full = issue.current(NAME, f"fullchain{suffix}.pem")
        key = issue.current(NAME, f"privkey{suffix}.pem")
        assert public_key(full) == public_key(key, True)
        assert text in text_of(full, "-text")
        assert names_of(full) == {f"DNS:{NAME}"}
        assert verifies(tmp_path, calm_pebble.root(), full)
        assert stat.S_IMODE(os.stat(folder / f"privkey{suffix}.pem").st_mode) == 0o600
    assert held["paths"]["privkey-rsa-2048"].endswith("/current/privkey-rsa-2048.pem")
    assert [path.name for path in issue.folder_of(NAME).glob("part-*")] == []
    assert issue.journal(NAME) is None
    assert issue(NAME).stdout.count("fresh") == 1


def test_the_second_of_a_set_shares_the_authorizations(issuer, pebble_with):
    ca = pebble_with(env={"PEBBLE_AUTHZREUSE": "100"})
    issue = issuer(ca, solver=standalone(ca.http_port, "127.0.0.1"))
    before = ca.counts()

    result = issue(NAME, "--key-type", "ecdsa-p256,rsa-2048")

    assert result.code == 0, result
    seen = ca.counts() - before
    assert seen["POST", "/order-plz"] == 2
    assert seen["POST", "/chalZ"] == 1


def test_a_set_that_was_cut_short_is_completed_and_never_half(guarded, calm_pebble):
    guard, issue = guarded
    second = guard.hold("/order-plz", number=2)
    run = issue.start(NAME, "--key-type", "ecdsa-p256,rsa-2048")
    second.wait()
    run.send(signal.SIGKILL)
    run.wait()
    guard.open(drop=True)
    parts = sorted(path.name for path in issue.folder_of(NAME).glob("part-*"))
    assert not issue.has_certificate(NAME)
    before = calm_pebble.counts()

    result = issue(NAME, "--key-type", "ecdsa-p256,rsa-2048")

    assert result.code == 0, result
    assert parts == ["part-ecdsa-p256.json", "part-ecdsa-p256.pem"]
    assert (calm_pebble.counts() - before)["POST", "/order-plz"] == 1
    assert is_whole(issue, NAME)
    assert public_key(issue.current(NAME, "fullchain-rsa-2048.pem")) == public_key(
        issue.current(NAME, "privkey-rsa-2048.pem"), True)
    assert [path.name for path in issue.folder_of(NAME).glob("part-*")] == []


def test_a_set_can_become_one_and_one_a_set(issue):
    assert issue(NAME).code == 0
    assert issue(NAME, "--key-type", "rsa-2048,ecdsa-p256").code == 0
    assert b"privkey" not in issue.current(NAME)
    assert "2048 bit" in text_of(issue.current(NAME), "-text")

    result = issue(NAME, "--key-type", "ecdsa-p256", "--json")

    assert result.code == 0, result
    assert "key_types" not in result.json["certificate"]
    assert not (issue.folder_of(NAME) / "current/fullchain-ecdsa-p256.pem").exists()


# ---- a key that is given

def test_a_given_key_is_used_and_stays_where_it_is(issue, tmp_path):
    key = make_key(tmp_path / "mine.pem", "-algorithm", "RSA")
    mine = key.read_bytes()

    assert issue(NAME, "--key", key).code == 0
    first = public_key(issue.current(NAME))
    assert issue(NAME, "--force").code == 0

    assert first == public_key(issue.current(NAME)) == public_key(mine, True)
    assert key.read_bytes() == mine
    assert is_whole(issue, NAME)


@pytest.mark.parametrize("spoil, said", [
    (lambda key: key.chmod(0o644), "chmod 600"),
    (lambda key: key.write_text("no key"), "no private key"),
    (lambda key: key.unlink(), "cannot read"),
])
def test_a_key_that_cannot_be_used_ends_it_before_the_ca_is_asked(
        issue, calm_pebble, tmp_path, spoil, said):
    key = make_key(tmp_path / "mine.pem")
    spoil(key)
    before = calm_pebble.counts()

    result = issue(NAME, "--key", key)

    assert result.code == 2, result
    assert said in result.stderr and "--key" in result.stderr
    assert sum((calm_pebble.counts() - before).values()) == 0


def test_the_key_of_the_account_is_no_certificate_key(issue, tmp_path):
    assert issue("other.example.test").code == 0
    account = next((issue.state / "accounts").glob("*/key.pem"))
    mine = tmp_path / "mine.pem"
    mine.write_bytes(account.read_bytes())
    mine.chmod(0o600)

    by_key = issue(NAME, "--key", mine)
    request = make_request(tmp_path / "r.pem", mine, [NAME])
    by_request = issue("--csr", request)

    for result in (by_key, by_request):
        assert result.code == 2, result
        assert "11.1" in result.stderr
    assert not issue.has_certificate(NAME)


# ---- a request that is given

@pytest.mark.parametrize("form", ["PEM", "DER"])
def test_a_request_is_signed_and_remembered(issue, tmp_path, form):
    key = make_key(tmp_path / "theirs.pem")
    request = make_request(tmp_path / "r", key, [NAME, "www." + NAME], "-outform", form,
                           "-addext", "1.2.3.4.5=ASN1:NULL")

    result = issue("--csr", request, "--json")
    request.unlink()
    again = issue("--name", NAME, "--force")

    assert result.code == 0, result
    assert again.code == 0, again
    assert result.json["certificate"]["key"] == "elsewhere"
    assert names_of(issue.current(NAME)) == {f"DNS:{NAME}", f"DNS:www.{NAME}"}
    assert public_key(issue.current(NAME)) == public_key(key.read_bytes(), True)
    assert has_private_key(issue.state / "certs") == []
    assert sorted(path.name for path in (issue.folder_of(NAME) / "current").iterdir()) == [
        "cert.pem", "chain.pem", "fullchain.pem", "request.pem"]
    shown = issue.acmecore("show", NAME)
    assert shown.code == 0 and "with whoever made the request" in shown.stdout
    assert NAME in issue.acmecore("list").stdout


def test_names_that_contradict_the_request_are_refused(issue, tmp_path):
    key = make_key(tmp_path / "theirs.pem")
    request = make_request(tmp_path / "r.pem", key, [NAME])

    same = issue(NAME, "--csr", request)
    other = issue("other.example.test", "--csr", request)

    assert same.code == 0, same
    assert other.code == 2, other
    assert NAME in other.stderr


@pytest.mark.parametrize("spoil, said", [
    ("signature", "signature"), ("weak", "2048"), ("email", "e-mail"),
    ("nothing", "no certificate request"), ("subject", "common name")])
def test_requests_that_no_ca_takes_are_refused_first(issue, calm_pebble, tmp_path, spoil,
                                                     said):
    key = make_key(tmp_path / "theirs.pem")
    path = make_request(tmp_path / "r.der", key, [NAME], "-outform", "DER",
                        subject="/CN=Example Inc" if spoil == "subject" else "/")
    if spoil == "signature":
        text = bytearray(path.read_bytes())
        text[-1] ^= 1
        path.write_bytes(text)
    elif spoil == "weak":
        weak = make_key(tmp_path / "weak.pem", "-algorithm", "RSA", "-pkeyopt",
                        "rsa_keygen_bits:1024")
        make_request(path, weak, [NAME])
    elif spoil == "email":
        make_request(path, key, [NAME + ",email:a@example.test"])
    elif spoil == "nothing":
        path.write_bytes(key.read_bytes())
    before = calm_pebble.counts()

    result = issue("--csr", path)

    assert result.code == 2, result
    assert said in result.stderr and "--csr" in result.stderr
    assert "PRIVATE" not in result.stderr
    assert sum((calm_pebble.counts() - before).values()) == 0


# ---- PKCS#12

def test_pkcs12_has_key_and_chain(issue, tmp_path):
    password = tmp_path / "password"
    password.write_text("Passwort 1\n")
    password.chmod(0o600)

    result = issue(NAME, "--pkcs12-password-file", password, "--json")

    assert result.code == 0, result
    path = result.json["certificate"]["paths"]["pkcs12"]
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    text = openssl("pkcs12", "-in", path, "-passin", "pass:Passwort 1", "-nodes").decode()
    assert text.count("BEGIN CERTIFICATE") == issue.current(NAME).count(b"BEGIN CERT")
    assert text.count("BEGIN PRIVATE KEY") == 1
    assert f"friendlyName: {NAME}" in text
    assert "Passwort" not in (issue.folder_of(NAME) / "certificate.json").read_text()


def test_a_password_that_is_open_to_others_ends_it_first(issue, tmp_path):
    password = tmp_path / "password"
    password.write_text("x\n")
    password.chmod(0o640)

    result = issue(NAME, "--pkcs12-password-file", password)

    assert result.code == 2, result
    assert "--pkcs12-password-file" in result.stderr and "chmod 600" in result.stderr
    assert not issue.has_certificate(NAME)


# ---- a token

@pytest.fixture
def token(tmp_path):
    return Token(tmp_path / "token")


def says_no_pin(*results):
    return all(PIN not in result.stdout + result.stderr for result in results)


@pytest.mark.parametrize("kind, options", [
    ("ecdsa", ("--curve", "secp384r1")), ("rsa", ("--bits", "2048"))])
def test_a_key_in_a_token_is_issued_and_renewed(issue, token, kind, options):
    url = token.make("leaf", kind, *options)

    first = issue(NAME, "--key", url, "--pin-file", token.pin_file, "--json", "-vv",
                  env=token.env)
    again = issue("--name", NAME, "--force", "-vv", env=token.env)

    assert first.code == 0, first
    assert again.code == 0, again
    assert first.json["certificate"]["key"] == "token"
    assert has_private_key(issue.state / "certs") == []
    assert issue.current(NAME, "privkey.url").decode().strip() == url
    assert "in a token" in issue.acmecore("show", NAME).stdout
    assert says_no_pin(first, again)
    assert all(PIN.encode() not in path.read_bytes()
               for path in issue.state.rglob("*") if path.is_file())


def test_the_pin_may_be_named_in_the_url(issue, token):
    token.make("leaf")
    url = token.url("leaf", pin_source=f"file:{token.pin_file}")

    result = issue(NAME, "--key", url, env=token.env)

    assert result.code == 0, result


def test_a_wrong_pin_is_tried_once_and_not_again_until_it_changes(issue, token,
                                                                  calm_pebble):
    url = token.make("leaf")
    wrong = token.write_pin("0000", "wrong")
    before = calm_pebble.counts()

    first = issue(NAME, "--key", url, "--pin-file", wrong, env=token.env)
    second = issue(NAME, "--key", url, "--pin-file", wrong, env=token.env)
    token.write_pin(PIN, "wrong")
    third = issue(NAME, "--key", url, "--pin-file", wrong, env=token.env)

    assert (first.code, second.code, third.code) == (2, 2, 0), (first, second, third)
    assert "tried once" in first.stderr
    assert "not tried again" in second.stderr
    assert says_no_pin(first, second, third)
    assert "0000" not in first.stderr + second.stderr
    assert before["POST", "/order-plz"] + 1 == calm_pebble.counts()["POST", "/order-plz"]


@pytest.mark.parametrize("change, code, said", [
    ({"label": "gone"}, 9, "there is no token"),
    ({"name": "nobody"}, 2, "no private key"),
    ({"pin": None}, 2, "wants a PIN"),
    ({"name": "twin"}, 2, "2 private keys"),
    ({"url": "pkcs11:token=acme;object=leaf?pin-value=1"}, 2, "--pin-file"),
    ({"url": "tpmkey:uuid=7f468c16-cb7f-11e1-824d-b3a4f4b20343"}, 2, "PKCS#11 module"),
    ({"url": "pkcs11:token=acme;object=leaf?module-path=/none.so"}, 2, "/none.so"),
])
def test_what_is_wrong_with_a_token_is_told(issue, token, calm_pebble, change, code, said):
    for name in ("leaf", "twin", "twin"):
        token.make(name)
    if "label" in change:
        token.label = change["label"]
    words = ["--key", change.get("url", token.url(change.get("name", "leaf")))]
    words += [] if "pin" in change else ["--pin-file", token.pin_file]
    before = calm_pebble.counts()

    result = issue(NAME, *words, env=token.env)

    assert result.code == code, result
    assert said in result.stderr
    assert sum((calm_pebble.counts() - before).values()) == 0
    assert not issue.has_certificate(NAME)


def test_a_run_with_a_token_that_was_cut_short_is_continued(guarded, token):
    guard, issue = guarded
    url = token.make("leaf")
    words = [NAME, "--key", url, "--pin-file", token.pin_file]
    held = guard.hold("/certZ")
    run = issue.start(*words, env=token.env)
    held.wait()
    run.send(signal.SIGKILL)
    run.wait()
    guard.open(drop=True)
    assert "key_is_elsewhere" in json.dumps(issue.journal(NAME))

    result = issue(*words, "--json", env=token.env)

    assert result.code == 0, result
    assert result.json["order"]["resumed"]
    assert has_private_key(issue.state / "certs") == []


def test_nothing_of_tokens_is_loaded_without_a_url(issue):
    result = issue(NAME, prefix=("strace", "-f", "-e", "trace=openat", "-o",
                                 issue.acmecore.folder / "trace"),
                   env={"ASAN_OPTIONS": "detect_leaks=0"})   # it traces, too

    assert result.code == 0, result
    trace = (issue.acmecore.folder / "trace").read_text()
    assert "softhsm" not in trace and "/pkcs11/" not in trace
    assert "p11-kit/modules" not in trace


# ---- the account's key

def account_folder(issue):
    [folder] = (issue.state / "accounts").iterdir()
    return folder


def test_account_and_certificate_key_in_the_token_and_none_on_the_disk(issue, token):
    account = token.make("account")
    leaf = token.make("leaf", "rsa", "--bits", "2048")
    words = ["--account-key", account, "--key", leaf, "--pin-file", token.pin_file]

    first = issue(NAME, *words, "-vv", env=token.env)
    again = issue("--name", NAME, "--force", "-vv", env=token.env)
    renewed = issue.acmecore("renew", NAME, "--force", "-vv", env=token.env)

    assert first.code == 0, first
    assert again.code == 0, again
    assert renewed.code == 0, renewed
    assert has_private_key(issue.state) == []
    assert sorted(path.name for path in account_folder(issue).iterdir()) == [
        "account.json", "key-url.json"]
    assert issue.current(NAME, "privkey.url").decode().strip() == leaf
    assert (issue.folder_of(NAME) / "versions/0003").exists()
    assert says_no_pin(first, again, renewed)
    assert all(PIN.encode() not in path.read_bytes()
               for path in issue.state.rglob("*") if path.is_file())
    listed = issue.acmecore("account", "list", "--json").json
    assert "ecdsa-p256" in json.dumps(listed)


def test_without_the_token_nothing_is_asked_of_the_ca(issue, token, calm_pebble):
    account = token.make("account")
    words = ["--account-key", account, "--pin-file", token.pin_file]
    assert issue(NAME, *words, env=token.env).code == 0
    (token.folder / "tokens").rename(token.folder / "elsewhere")
    (token.folder / "tokens").mkdir()
    before = calm_pebble.counts()

    result = issue("other.example.test", env=token.env)

    assert result.code == 9, result
    assert "there is no token" in result.stderr
    assert (calm_pebble.counts() - before)["POST", "/order-plz"] == 0


def test_a_wrong_pin_for_the_account_registers_nothing(issue, token, calm_pebble):
    account = token.make("account")
    wrong = token.write_pin("0000", "wrong")
    before = calm_pebble.counts()

    result = issue(NAME, "--account-key", account, "--pin-file", wrong, env=token.env)

    assert result.code == 2, result
    assert "--account-key" in result.stderr and "tried once" in result.stderr
    assert sum((calm_pebble.counts() - before).values()) == 0


def test_a_given_file_is_the_accounts_key_and_another_one_is_refused(issue, tmp_path):
    key = make_key(tmp_path / "account.pem", "-algorithm", "RSA")
    other = make_key(tmp_path / "other.pem")

    first = issue(NAME, "--account-key", key)
    same = issue("a.example.test", "--account-key", key)
    wrong = issue("b.example.test", "--account-key", other)

    assert first.code == 0, first
    assert same.code == 0, same
    assert wrong.code == 2, wrong
    assert "is not the key of the account" in wrong.stderr
    held = (account_folder(issue) / "key.pem").read_bytes()
    assert public_key(held, True) == public_key(key.read_bytes(), True)


def test_the_key_of_a_certificate_is_no_account_key(issue, tmp_path, calm_pebble):
    key = make_key(tmp_path / "mine.pem")
    assert issue(NAME, "--key", key).code == 0

    result = issue.acmecore("account", "register", *issue.at_ca(), "--agree-tos",
                            "--account", "second", "--account-key", key)

    assert result.code == 2, result
    assert NAME in result.stderr and "11.1" in result.stderr


# ---- going back

def test_a_version_whose_key_is_elsewhere_can_be_gone_back_to(issue, token, tmp_path):
    url = token.make("leaf")
    request = make_request(tmp_path / "r.pem", make_key(tmp_path / "k.pem"), [NAME])
    assert issue(NAME, "--key", url, "--pin-file", token.pin_file, env=token.env).code == 0
    assert issue("--csr", request, "--forget", "key").code == 0
    assert issue(NAME, "--forget", "csr", "--key-type", "ecdsa-p256,rsa-2048").code == 0
    assert issue(NAME, "--key-type", "ecdsa-p256").code == 0

    for version, file in ((3, "fullchain-rsa-2048.pem"), (2, "request.pem"),
                          (1, "privkey.url")):
        result = issue.acmecore("rollback", NAME, version)
        assert result.code == 0, result
        assert (issue.folder_of(NAME) / "current" / file).exists()


def test_a_set_that_is_not_whole_is_not_gone_back_to(issue):
    assert issue(NAME, "--key-type", "ecdsa-p256,rsa-2048").code == 0
    assert issue(NAME, "--force").code == 0
    (issue.folder_of(NAME) / "versions/0001/privkey-rsa-2048.pem").unlink()

    result = issue.acmecore("rollback", NAME, 1)

    assert result.code == 9, result
    assert "privkey-rsa-2048.pem" in result.stderr
