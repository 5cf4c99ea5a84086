# SPDX-License-Identifier: Apache-2.0
"""dns-account-01, dns-persist-01 and the look at CAA, with real name servers."""
import base64
import hashlib
import json
import subprocess
import time

import pytest

from dns_world import issue, left_over, my_dns, world  # noqa: F401
from dns_world import assert_issued, options

PERSIST = ["--experimental", "dns-persist-01", "--challenge", "dns-persist-01"]


def account_url(issuer):
    return json.loads(next((issuer.state / "accounts").glob("*/account.json")).read_text())["url"]


def account_label(url):
    digest = hashlib.sha256(url.encode()).digest()[:10]
    return "_" + base64.b32encode(digest).decode().lower()


def wish(issuer):
    return json.loads(next((issuer.state / "certs").glob("*/certificate.json")).read_text())


def test_dns_account_01_is_taken_where_it_is_asked_for(world, issue):  # noqa: F811
    run = issue(world.rfc2136())

    result = run("one.test", "*.one.test", "--challenge", "dns-account-01", "-vv")

    assert_issued(result, run, world, "one.test", "*.one.test")
    name = f"{account_label(account_url(run))}._acme-challenge.one.test"
    assert name in world.named.text()
    assert f"name={name}" in result.stderr
    assert world.txt(name) == []
    assert wish(run)["challenges"] == ["dns-account-01"]


def test_a_type_that_no_solver_answers_ends_before_the_ca_is_asked(world, issue):  # noqa: F811
    run = issue(world.rfc2136())

    result = run("one.test", "--challenge", "tls-alpn-01")

    assert result.code == 2
    assert "tls-alpn-01 only (--challenge any lifts that)" in result.stderr


def test_dns_persist_01_is_not_taken_unasked(world, issue):  # noqa: F811
    run = issue(world.rfc2136())

    refused = run("web.one.test", "--challenge", "dns-persist-01")
    result = run("web.one.test")

    assert refused.code == 2
    assert "--experimental dns-persist-01" in refused.stderr
    assert_issued(result, run, world, "web.one.test")
    assert world.txt("_validation-persist.web.one.test") == []


def test_a_persistent_record_stays_and_serves_again(world, issue):  # noqa: F811
    run = issue(world.rfc2136())

    first = run("three.two.test", "*.three.two.test", *PERSIST)
    again = run("three.two.test", "*.three.two.test", "--force")

    assert_issued(first, run, world, "three.two.test", "*.three.two.test")
    assert_issued(again, run, world, "three.two.test", "*.three.two.test")
    value = f"pebble.letsencrypt.org; accounturi={account_url(run)}"
    assert world.txt("_validation-persist.three.two.test") == [
        value, f"{value}; policy=wildcard"]
    assert wish(run)["experimental"] == ["dns-persist-01"]


@pytest.fixture
def persisting(world, issue, my_dns):
    """An Issuer with an account, and a program that changes the records of one.test."""
    run = issue(world.rfc2136())
    assert run("web.one.test").code == 0
    return run, my_dns()


def put(program, name, value):
    subprocess.run([program, "add", f"_validation-persist.{name}", value], check=True)


def own_value(issuer, *more):
    return "; ".join([f"pebble.letsencrypt.org; accounturi={account_url(issuer)}", *more])


@pytest.mark.parametrize("spell", [
    lambda value: value,
    lambda value: value.replace("; accounturi=", " ;ACCOUNTURI = "),
    lambda value: value + "; policy=wildcard; someday=maybe"])
def test_a_record_that_is_there_is_used_and_nothing_is_written(  # noqa: F811
        world, persisting, spell):
    run, program = persisting
    name = "there.one.test"
    value = spell(own_value(run))
    put(program, name, value)
    before = world.named.update_count("one.test")

    result = run(name, *PERSIST, "--json")
    subprocess.run([program, "delete", f"_validation-persist.{name}"], check=True)

    assert result.code == 0, str(result)
    assert result.json["warnings"] == []
    assert world.named.update_count("one.test") == before + 1  # the test's own


def test_a_record_put_there_by_hand_needs_nobody_who_can_write(  # noqa: F811
        world, persisting):
    run, program = persisting
    name = "byhand.one.test"
    put(program, name, own_value(run, "policy=wildcard"))
    run.solver = ["--solver", "dns01-exec", *options("dns01-exec", command="/bin/true")]

    result = run(name, f"*.{name}", *PERSIST, "--json")

    assert result.code == 0, str(result)
    assert result.json["warnings"] == []


UNFIT = {
    "account": (lambda own: own.replace("accounturi=", "accounturi=x"),
                "is for another account", []),
    "issuer": (lambda own: own.replace("pebble.", "other."), "is for another CA", []),
    "expired": (lambda own: own + "; persistUntil=1000000000", "has expired", []),
    "malformed": (lambda own: own + ";", "is malformed", []),
    "wildcard": (lambda own: own, "has no policy=wildcard", ["policy=wildcard"]),
}


@pytest.mark.parametrize("kind", UNFIT)
def test_a_record_that_does_not_do_is_told_and_stays(world, persisting, kind):  # noqa: F811
    run, program = persisting
    name = f"unfit-{kind}.one.test"
    change, words, more = UNFIT[kind]
    value = change(own_value(run))
    put(program, name, value)

    result = run(f"*.{name}" if kind == "wildcard" else name, *PERSIST, "--json")

    assert result.code == 0, str(result)
    assert len(result.json["warnings"]) == 1
    assert words in result.json["warnings"][0] and name in result.json["warnings"][0]
    assert world.txt(f"_validation-persist.{name}") == sorted(
        [value, own_value(run, *more)])


def test_a_record_that_ends_soon_is_warned_of(world, persisting):  # noqa: F811
    run, program = persisting
    soon = int(time.time()) + 20 * 86400
    put(program, "ends.one.test", own_value(run, f"persistUntil={soon}"))

    result = run("ends.one.test", *PERSIST, "--json")

    assert result.code == 0, str(result)
    assert len(result.json["warnings"]) == 1
    date = time.strftime("%Y-%m-%d", time.gmtime(soon))
    assert f"ends on {date}" in result.json["warnings"][0]
    assert len(world.txt("_validation-persist.ends.one.test")) == 1


def test_records_may_be_given_an_end(world, issue):  # noqa: F811
    run = issue(world.rfc2136())

    result = run("brief.one.test", *PERSIST, "--persist-for", "400", "--json")
    again = run("brief.one.test", "--force", "--json")

    assert result.code == again.code == 0, str(result)
    assert result.json["warnings"] == again.json["warnings"] == []
    value, = world.txt("_validation-persist.brief.one.test")
    assert value.startswith(own_value(run, "persistUntil="))
    until = int(value.rpartition("=")[2])
    assert abs(until - time.time() - 400 * 86400) < 60
    assert wish(run)["persist_for"] == "400"


def test_a_persistent_record_goes_when_that_is_asked(world, persisting):  # noqa: F811
    run, program = persisting
    name = "gone.one.test"
    record = f"_validation-persist.{name}"
    put(program, name, "somebody else's")
    assert run(name, f"*.{name}", *PERSIST).code == 0
    assert len(world.txt(record)) == 3

    kept = run.acmecore("cleanup", name)
    result = run.acmecore("cleanup", name, "--persistent", "--json")
    again = run.acmecore("cleanup", name, "--persistent")

    assert kept.code == result.code == again.code == 0, str(result)
    assert result.json["cleaned"] == [record] and result.json["warnings"] == []
    assert world.txt(record) == ["somebody else's"]
    assert "is noted" in again.stdout


def test_a_persistent_record_that_cannot_go_is_told(world, persisting):  # noqa: F811
    run, _ = persisting
    name = "stuck.one.test"
    assert run(name, *PERSIST).code == 0
    key = next(word.partition("=")[2] for word in map(str, run.solver) if "tsig-key-file" in word)
    saved = open(key, encoding="utf-8").read()
    open(key, "w", encoding="utf-8").write(saved.replace("key-hmac", "key-none"))

    refused = run.acmecore("cleanup", name, "--persistent")
    open(key, "w", encoding="utf-8").write(saved)
    result = run.acmecore("cleanup", name)

    assert refused.code == 6 and "BADKEY" in refused.stderr, str(refused)
    assert result.code == 0, str(result)
    assert world.txt(f"_validation-persist.{name}") == []


def test_caa_that_forbids_is_a_warning_and_the_ca_decides(world, issue):  # noqa: F811
    run = issue(world.rfc2136())

    result = run("a.strict.one.test", "by-http.one.test", "fine.one.test", "--json")

    assert_issued(result, run, world, "a.strict.one.test", "by-http.one.test",
                  "fine.one.test")
    assert sorted(result.json["warnings"]) == [
        "a.strict.one.test: the CAA records of strict.one.test do not let this CA "
        "(pebble.letsencrypt.org) issue; they need issue \"pebble.letsencrypt.org\" "
        "(the CA decides; asking it all the same)",
        "by-http.one.test: the CAA records of by-http.one.test do not let this CA "
        "(pebble.letsencrypt.org) validate by dns-01 (the CA decides; asking it all the "
        "same)"]


def test_caa_check_can_be_off_and_that_is_remembered(world, issue):  # noqa: F811
    run = issue(world.rfc2136())

    first = run("b.strict.one.test", "--caa-check", "off", "--json")
    again = run("b.strict.one.test", "--force", "--json")

    assert_issued(first, run, world, "b.strict.one.test")
    assert first.json["warnings"] == again.json["warnings"] == []


def test_caa_that_nobody_can_look_up_is_no_warning(world, issue):  # noqa: F811
    run = issue(world.rfc2136())

    result = run("quiet.one.test", "--json", "--set",
                 "dns01-rfc2136.resolver=127.0.0.99", "--set", "dns01-rfc2136.zone=one.test",
                 "--set", "dns01-rfc2136.visibility=off")

    assert_issued(result, run, world, "quiet.one.test")
    assert result.json["warnings"] == []
