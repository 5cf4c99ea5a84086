# SPDX-License-Identifier: Apache-2.0
"""dns01-acmedns and dns01-cloudflare at stand-ins for their APIs; Pebble asks a real
name server for what they wrote."""
import json

import pytest

from issuing import Issuer
from powerdns import PowerDns
from provider_apis import TOKEN, AcmeDns, Cloudflare

ZONES = ["one.test", "two.test", "auth.test"]


@pytest.fixture(scope="module")
def powerdns(tmp_path_factory):
    server = PowerDns(tmp_path_factory.mktemp("powerdns"), ZONES)
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def secret(tmp_path):
    def keep(text):
        path = tmp_path / "secret"
        path.touch(mode=0o600)
        path.write_text(text)
        return path
    return keep


@pytest.fixture
def run(acmecore, pebble, powerdns, authority, tmp_path):
    ca = pebble(dns=powerdns.address)

    def issue(plugin, api, *names, **options):
        settings = {"url": api.url, "ca-file": authority.path,
                    "resolver": powerdns.address, "visibility": "resolver", **options}
        words = [word for name, value in settings.items()
                 for word in ("--set", f"{plugin}.{name}={value}")]
        return Issuer(acmecore, ca, tmp_path, ["--solver", plugin, *words])(*names)
    return issue


@pytest.fixture
def api(server_certificate, powerdns, _stop_at_end):
    def start(kind, *arguments, **options):
        server = kind(server_certificate, powerdns, *arguments, **options)
        _stop_at_end.append(server)
        return server.start()
    return start


def test_acmedns_serves_wildcard_and_base_over_one_alias(run, api, powerdns, secret):
    server = api(AcmeDns, "auth.test", ["abc", "def"])
    powerdns.put("CNAME", "_acme-challenge.one.test", "one.test", "abc.auth.test.")
    powerdns.put("CNAME", "_acme-challenge.www.one.test", "one.test", "def.auth.test.")
    accounts = secret(json.dumps({"one.test": server.accounts["abc"],
                                  "www.one.test": server.accounts["def"]}))

    result = run("dns01-acmedns", server, "one.test", "*.one.test", "www.one.test",
                 accounts=accounts)

    assert result.code == 2, str(result)        # the wildcard covers www
    result = run("dns01-acmedns", server, "one.test", "*.one.test", accounts=accounts)
    powerdns.put("CNAME", "_acme-challenge.one.test", "one.test")
    powerdns.put("CNAME", "_acme-challenge.www.one.test", "one.test")
    assert result.code == 0, str(result)
    assert server.calls == [("POST", "/update")] * 2


def test_acmedns_says_which_alias_is_missing(run, api, secret):
    server = api(AcmeDns, "auth.test", ["abc"])

    result = run("dns01-acmedns", server, "two.test",
                 accounts=secret(json.dumps({"two.test": server.accounts["abc"]})))

    assert result.code == 2, str(result)
    assert "_acme-challenge.two.test a CNAME to abc.auth.test" in result.stderr
    assert server.calls == []


def test_acmedns_accounts_that_are_refused_are_a_setting(run, api, powerdns, secret):
    server = api(AcmeDns, "auth.test", ["abc"])
    powerdns.put("CNAME", "_acme-challenge.one.test", "one.test", "abc.auth.test.")
    account = {**server.accounts["abc"], "password": "of somebody else"}

    result = run("dns01-acmedns", server, "one.test",
                 accounts=secret(json.dumps({"one.test": account})))

    powerdns.put("CNAME", "_acme-challenge.one.test", "one.test")
    assert result.code == 2, str(result)
    assert "abc.auth.test" in result.stderr and "of somebody else" not in result.stderr


def test_cloudflare_takes_a_zone_as_one_batch_and_leaves_others_alone(run, api, powerdns,
                                                                      secret):
    server = api(Cloudflare, ["one.test", "two.test"], busy=1)
    for number in range(4):
        server.add("one.test", f"other{number}.one.test", '"theirs"')
    server.add("one.test", "_acme-challenge.one.test", "of somebody else")
    names = ["one.test", "*.one.test", *(f"n{number}.two.test" for number in range(10))]

    result = run("dns01-cloudflare", server, *names, **{"api-token": secret(TOKEN)})

    assert result.code == 0, str(result)
    batches = [path for method, path in server.calls if method == "POST"]
    assert len(batches) == 4        # of each zone one to present and one to clean up
    assert sorted(record["content"] for record in server.records["one.test"].values()) == [
        '"theirs"'] * 4 + ["of somebody else"]
    assert server.records["two.test"] == {}
    assert powerdns.txt("two.test") == {}
    powerdns.put_txt("_acme-challenge.one.test", "one.test")


def test_cloudflare_says_what_a_token_may_not(run, api, secret):
    server = api(Cloudflare, ["one.test"])

    wrong = run("dns01-cloudflare", server, "one.test",
                **{"api-token": secret("another token")})
    unseen = run("dns01-cloudflare", server, "two.test",
                 **{"api-token": secret(TOKEN)})

    assert wrong.code == 2 and "Zone:Read and DNS:Edit" in wrong.stderr, wrong
    assert unseen.code == 2 and "sees no zone two.test" in unseen.stderr, unseen
    assert "another token" not in wrong.stderr + wrong.stdout


def test_a_provider_whose_certificate_is_unknown_gets_no_secret(run, api, secret):
    server = api(Cloudflare, ["one.test"])

    result = run("dns01-cloudflare", server, "one.test",
                 **{"api-token": secret(TOKEN), "ca-file": "/etc/ssl/certs/none.pem"})

    assert result.code in (2, 6) and server.calls == [], str(result)
