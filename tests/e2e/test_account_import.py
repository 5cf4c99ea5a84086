# SPDX-License-Identifier: Apache-2.0
"""Accounts that another program made: their keys in every form, and hostile files."""
import json
import os

import pytest

import replies
from certificates import run
from holding import Holder
from mini_ca import base64url, thumbprint

EC_JWK = {"kty": "EC", "crv": "P-256",
          "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
          "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
          "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}


def ec_key():
    return run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
               "ec_paramgen_curve:P-256")


def rsa_key():
    return run("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt",
               "rsa_keygen_bits:2048")


def numbers(pem):
    """{name: octets} of an RSA key, as openssl prints them."""
    text = run("openssl", "rsa", "-in", "/dev/stdin", "-noout", "-text",
               input=pem).decode()
    found, name = {}, None
    for line in text.splitlines():
        if line.startswith(" ") and name:
            found[name] += line.strip()
        elif ":" in line:
            name, rest = line.split(":", 1)
            found[name] = "" if not rest.strip() else rest
    return {name: bytes.fromhex(value.replace(":", "")).lstrip(b"\0")
            for name, value in found.items()
            if name in ("modulus", "privateExponent", "prime1", "prime2", "exponent1",
                        "exponent2", "coefficient")}


def certbot_jwk(pem):
    """private_key.json as certbot writes it."""
    of = numbers(pem)
    names = {"n": "modulus", "d": "privateExponent", "p": "prime1", "q": "prime2",
             "dp": "exponent1", "dq": "exponent2", "qi": "coefficient"}
    return {"kty": "RSA", "e": "AQAB",
            **{name: base64url(of[long]) for name, long in names.items()}}


FORMS = {
    "pkcs8": ec_key,
    "sec1": lambda: run("openssl", "ec", input=ec_key()),
    "sec1-with-parameters": lambda: run(
        "openssl", "ecparam", "-name", "prime256v1", "-genkey"),
    "pkcs8-rsa": rsa_key,
    "pkcs1": lambda: run("openssl", "rsa", "-traditional", input=rsa_key()),
    "jwk": lambda: json.dumps(EC_JWK).encode(),
    "certbot": lambda: json.dumps(certbot_jwk(rsa_key())).encode(),
}


@pytest.fixture
def stranger(acmecore, tmp_path):
    """factory: a holder without an account, and a file that it was given."""
    def make(ca, content, name="given", mode=0o600):
        path = tmp_path / name
        path.write_bytes(content)
        path.chmod(mode)
        return Holder(acmecore, ca), path
    return make


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_taken_and_found_again(stranger, calm_pebble, form):
    content = FORMS[form]()
    account, path = stranger(calm_pebble, content)
    first = account("import", path, "--agree-tos", "--json")
    assert first.code == 0, first
    (account.folder / "account.json").unlink()
    (account.folder / "key.pem").unlink()
    account.folder.rmdir()

    found = account("import", path, "--json")
    again = account("import", path, "--json")

    assert found.code == again.code == 0, found
    if form != "jwk":   # whose key is in the RFC, so another test may have used it
        assert first.json["result"] == "registered"
    assert (found.json["result"], again.json["result"]) == ("found", "held")
    assert found.json["url"] == first.json["url"]
    assert account.assert_usable_with_one_key()["thumbprint"] == found.json["thumbprint"]
    assert os.stat(account.folder / "key.pem").st_mode & 0o777 == 0o600
    if form == "jwk":
        assert found.json["thumbprint"] == thumbprint(EC_JWK)


def test_certbots_own_files(stranger, calm_pebble, tmp_path):
    account, path = stranger(calm_pebble, FORMS["certbot"](), "private_key.json", 0o400)
    url = "https://acme-v01.api.letsencrypt.org/acme/reg/123"
    (tmp_path / "regr.json").write_text(json.dumps({"body": {}, "uri": url}))

    refused = account("import", path)
    result = account("import", path, "--agree-tos", "--json")

    assert refused.code == 2, refused
    assert url in refused.stderr and "--agree-tos" in refused.stderr
    assert account.keys()
    assert result.code == 0, result
    assert result.json["former_url"] == url


def test_an_account_of_another_client_issues(issuer, stranger, good_ca):
    ca = good_ca()
    account, path = stranger(ca, json.dumps(EC_JWK).encode())
    public = {name: EC_JWK[name] for name in ("kty", "crv", "x", "y")}
    ca.mini.keys["other"] = public
    ca.mini.accounts["other"] = {"status": "valid", "contact": []}
    ca.url("account", "other")

    result = account("import", path, "--json")

    assert result.code == 0, result
    assert result.json["result"] == "found"
    assert result.json["url"] == ca.url("account", "other")
    assert len(ca.of("newAccount")) == 1
    assert issuer(ca)("a.test").code == 0
    assert ca.of("newOrder")[0].protected["kid"] == ca.url("account", "other")


def test_a_key_that_nobody_knows_is_not_registered_without_consent(stranger, good_ca):
    ca = good_ca(meta={"termsOfService": "https://ca.test/terms"})
    account, path = stranger(ca, ec_key())

    result = account("import", path, "--json")

    assert result.code == 2, result
    assert result.json["error"]["hint"] == "not-found"
    assert "--agree-tos" in result.stderr
    assert len(ca.of("newAccount")) == 1
    assert not any(folder.glob("*") for folder in account.folders()
                   if list(folder.glob("*")))


def test_an_account_with_another_key_is_not_replaced(stranger, holder, good_ca):
    ca = good_ca()
    account = holder(ca)
    before = account.keys()
    _, path = stranger(ca, ec_key())

    refused = account("import", path, "--agree-tos")
    beside = account("import", path, "--agree-tos", "--account", "old")

    assert refused.code == 2, refused
    assert "--account" in refused.stderr
    assert beside.code == 0, beside
    assert account.keys_of(account.folders()[0]) == before
    assert len(account.folders()) == 2


def test_the_key_of_a_certificate_is_refused(issuer, stranger, good_ca):
    ca = good_ca()
    issue = issuer(ca)
    assert issue("a.test").code == 0
    key = issue.current("a.test", "privkey.pem")
    assert issue("a.test", "--force").code == 0     # and that of an older version
    account, path = stranger(ca, key)

    result = account("import", path, "--agree-tos", "--account", "other")

    assert result.code == 2, result
    assert '"a.test"' in result.stderr
    assert len(ca.of("newAccount")) == 1


def test_a_binding_that_the_ca_wants_is_given_with_the_import(stranger, good_ca,
                                                              tmp_path):
    ca = good_ca(meta={"externalAccountRequired": True})
    account, path = stranger(ca, ec_key())
    mac = tmp_path / "mac"
    mac.write_text(base64url(bytes(32)))
    mac.chmod(0o600)

    without = account("import", path, "--agree-tos")
    result = account("import", path, "--agree-tos", "--eab-kid", "kid-1",
                     "--eab-hmac-key-file", mac)

    assert without.code == 2 and "--eab-kid" in without.stderr, without
    assert result.code == 0, result
    assert "externalAccountBinding" in ca.of("newAccount")[-1].payload


# ---- hostile files

ENCRYPTED = {
    "pkcs8": lambda: run("openssl", "pkcs8", "-topk8", "-passout", "pass:secret",
                         input=ec_key()),
    "traditional": lambda: run("openssl", "ec", "-aes128", "-passout", "pass:secret",
                               input=ec_key()),
}


@pytest.mark.parametrize("form", ENCRYPTED)
def test_an_encrypted_key_says_how_to_decrypt_it(stranger, good_ca, form):
    ca = good_ca()
    account, path = stranger(ca, ENCRYPTED[form]())

    result = account("import", path)

    assert result.code == 2, result
    assert "openssl pkey" in result.stderr
    assert ca.requests == []


HOSTILE = {
    "empty": b"", "nul": b"\0" * 100, "huge": b"A" * (1 << 20),
    "huge-json": b'{"kty":"' + b"A" * (1 << 20) + b'"}',
    "deep": b"{" + b'"a":{' * 10000, "number": b"7", "text": b'"key"', "list": b"[]",
    "null": b"null", "types": b'{"kty":7,"crv":[],"d":{}}',
    "not-on-curve": json.dumps({**EC_JWK, "x": "AAAA"}).encode(),
    "foreign-half": json.dumps({**EC_JWK, "d": base64url(b"\1" * 32)}).encode(),
    "public": json.dumps({name: EC_JWK[name] for name in "kty crv x y".split()}).encode(),
    "symmetric": b'{"kty":"oct","k":"AAAA"}',
    "utf-16": "{}".encode("utf-16"), "truncated": ec_key()[:60],
    "certificate": b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    "public-pem": run("openssl", "pkey", "-pubout", input=ec_key()),
    "dsa-like": b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
    "small-rsa": run("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt",
                     "rsa_keygen_bits:1024"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_is_no_key_reaches_no_ca(stranger, good_ca, name):
    ca = good_ca()
    account, path = stranger(ca, HOSTILE[name])

    result = account("import", path, "--agree-tos", "--json")

    assert result.code == 2, result
    assert str(path) in result.stderr
    assert result.max_rss_kib < 200 * 1024
    assert ca.requests == []
    assert account.folders() == []


def test_a_file_that_others_can_read_is_refused(stranger, good_ca):
    account, path = stranger(good_ca(), ec_key(), mode=0o644)

    result = account("import", path, "--agree-tos")

    assert result.code == 2, result
    assert "chmod 600" in result.stderr


def test_what_is_no_file_is_refused(stranger, good_ca, tmp_path):
    account, _ = stranger(good_ca(), b"")
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")

    for name in ("pipe", "loop", "gone", "none", ".", "given/x"):
        result = account("import", tmp_path / name, "--agree-tos")

        assert result.code == 2, result
        assert result.elapsed_s < 10


def test_a_link_is_judged_by_what_it_leads_to(stranger, good_ca, tmp_path):
    account, path = stranger(good_ca(), ec_key(), mode=0o644)
    (tmp_path / "link").symlink_to(path)

    refused = account("import", tmp_path / "link", "--agree-tos")
    path.chmod(0o600)
    taken = account("import", tmp_path / "link", "--agree-tos")

    assert refused.code == 2 and taken.code == 0, taken


BESIDE = {
    "empty": b"", "list": b"[]", "number": b'{"uri":7}', "octets": b"\xff\xfe",
    "long": b'{"uri":"' + b"x" * 200000 + b'"}',
    "file": b'{"uri":"file:///etc/passwd"}', "escape": b'{"uri":"https://\x1b[31m/"}',
}


@pytest.mark.parametrize("name", BESIDE)
def test_what_lies_beside_certbots_key_may_be_anything(stranger, good_ca, tmp_path,
                                                       name):
    account, path = stranger(good_ca(), ec_key(), "private_key.json")
    (tmp_path / "regr.json").write_bytes(BESIDE[name])

    result = account("import", path, "--agree-tos")

    assert result.code == 0, result
    assert "\x1b" not in result.stdout + result.stderr


def test_no_signed_request_goes_to_where_a_file_says(stranger, good_ca, tmp_path):
    """The URL beside the key is asked only at the CA's own server."""
    ca, other = good_ca(), good_ca()
    account, path = stranger(ca, ec_key(), "private_key.json")
    (tmp_path / "regr.json").write_text(json.dumps({"uri": other.url("account", "1")}))
    ca.always("newAccount", replies.problem("externalAccountRequired", "bind", 403))

    result = account("import", path)

    assert result.code == 3, result
    assert other.requests == []


def test_a_ca_that_finds_none_by_key_is_asked_for_the_url(stranger, good_ca, tmp_path):
    ca = good_ca()
    account, path = stranger(ca, ec_key(), "private_key.json")
    url = ca.url("account", "7")
    ca.mini.accounts["7"] = {"status": "valid", "contact": []}
    (tmp_path / "regr.json").write_text(json.dumps({"uri": url}))
    ca.always("newAccount", replies.problem("externalAccountRequired", "bind", 403))

    result = account("import", path, "--json")

    assert result.code == 0, result
    assert result.json["url"] == url
