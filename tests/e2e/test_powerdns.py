# SPDX-License-Identifier: Apache-2.0
"""dns01-powerdns at the real PowerDNS, which Pebble asks for the records."""
import pytest

from issuing import Issuer
from powerdns import PowerDns

PLUGIN = "dns01-powerdns"


@pytest.fixture(scope="module")
def powerdns(tmp_path_factory):
    server = PowerDns(tmp_path_factory.mktemp("powerdns"), ["one.test", "two.test"])
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def run(acmecore, pebble, powerdns, tmp_path):
    ca = pebble(dns=powerdns.address)

    def issue(*names, **options):
        settings = {"url": powerdns.url, "api-key": powerdns.key_file,
                    "resolver": powerdns.address, "visibility": "resolver", **options}
        words = [word for name, value in settings.items()
                 for word in ("--set", f"{PLUGIN}.{name}={value}")]
        return Issuer(acmecore, ca, tmp_path, ["--solver", PLUGIN, *words])(*names)
    return issue


def test_wildcard_and_base_are_two_values_beside_those_of_others(run, powerdns):
    powerdns.put_txt("_acme-challenge.one.test", "one.test", "of somebody else")

    result = run("one.test", "*.one.test")

    assert result.code == 0, str(result)
    assert powerdns.txt("one.test") == {"_acme-challenge.one.test": ["of somebody else"]}


def test_fifty_names_in_two_zones_are_one_change_a_zone(run, powerdns):
    names = [f"n{number}.{apex}" for number in range(25)
             for apex in ("one.test", "two.test")]

    def calls(method):
        return [powerdns.calls(method, apex) for apex in ("one.test", "two.test")]
    before, read = calls("PATCH"), calls("GET")
    left = powerdns.txt("one.test"), powerdns.txt("two.test")

    result = run(*names)

    assert result.code == 0, str(result)
    assert calls("PATCH") == [count + 2 for count in before]    # present, and cleanup
    assert calls("GET") == [count + 3 for count in read]        # and `left`
    assert (powerdns.txt("one.test"), powerdns.txt("two.test")) == left


def test_a_wrong_key_and_a_missing_zone_are_told_apart(run, powerdns, tmp_path):
    wrong = tmp_path / "wrong.key"
    wrong.touch(mode=0o600)
    wrong.write_text("not the key")

    refused = run("a.one.test", **{"api-key": wrong})
    missing = run("a.deep.one.test", zone="Deep.one.test.")
    outside = run("a.one.test", zone="two.test")

    assert refused.code == 2 and "does not take the API key" in refused.stderr, refused
    assert missing.code == 2 and "has no zone deep.one.test" in missing.stderr, missing
    assert outside.code == 2 and "is not in the zone two.test" in outside.stderr, outside
    assert "not the key" not in refused.stderr + refused.stdout


def test_a_server_that_is_gone_is_a_fault_of_the_plugin(run):
    result = run("a.one.test", url="http://127.0.0.1:1")

    assert result.code == 6, str(result)
    assert "http://127.0.0.1:1" in result.stderr and PLUGIN in result.stderr
