# SPDX-License-Identifier: Apache-2.0
"""The main job, at a real CA."""
import subprocess

import pytest

from issuing import (chain_length, is_whole, names_of, public_key, standalone, text_of,
                     verifies, webroot)

REQUESTS_OF_100 = 312
MORE_ROUND_TRIPS = 6


def names(count, stem="n"):
    return [f"{stem}{number}.example.test" for number in range(count)]


def at_standalone(issuer, ca, address="127.0.0.1"):
    return issuer(ca, solver=standalone(ca.http_port, address))


@pytest.mark.parametrize("count", [1, 10])
def test_one_order_has_all_names(issuer, calm_pebble, tmp_path, count):
    issue = at_standalone(issuer, calm_pebble)

    result = issue(*names(count), "--json")

    assert result.code == 0, result
    full = issue.current("n0.example.test")
    assert names_of(full) == {f"DNS:{name}" for name in names(count)}
    assert verifies(tmp_path, calm_pebble.root(), full)
    assert is_whole(issue, "n0.example.test")
    assert issue.journal("n0.example.test") is None
    assert issue.litter() == []


class Cost:
    """What one certificate took, by the program's counters and by the CA's log."""

    def __init__(self, issue, ca, *words):
        before = ca.counts()
        self.result = issue(*words, "--json")
        assert self.result.code == 0, self.result
        self.seen = ca.counts() - before
        self.requests = self.result.json["requests"]
        self.round_trips = self.result.json["round_trips"]
        assert sum(self.seen.values()) == self.requests


def cheapest(issue, ca, count):
    """
    Of three certificates for new names: how often the order has to be read depends on how
    long the CA takes to validate, and on a busy machine that is not the client's doing.
    """
    return min((Cost(issue, ca, *names(count, f"{stem}{count}n")) for stem in "abc"),
               key=lambda cost: (cost.round_trips, cost.requests))


def test_100_names_cost_few_requests_and_round_trips(issuer, pebble_with, tmp_path):
    ca = pebble_with()
    issue = at_standalone(issuer, ca)
    assert issue("first.example.test").code == 0    # the account is known from here

    one, many = cheapest(issue, ca, 1), cheapest(issue, ca, 100)

    assert many.requests <= REQUESTS_OF_100
    assert many.round_trips <= one.round_trips + MORE_ROUND_TRIPS
    assert many.seen["POST", "/order-plz"] == many.seen["POST", "/finalize-order"] == 1
    assert many.seen["POST", "/authZ"] == many.seen["POST", "/chalZ"] == 100
    full = issue.current("a100n0.example.test")
    assert len(names_of(full)) == 100
    assert verifies(tmp_path, ca.root(), full)


def test_one_name_costs_ten_requests(issuer, pebble_with):
    ca = pebble_with()
    issue = at_standalone(issuer, ca)
    assert issue("first.example.test").code == 0

    one = cheapest(issue, ca, 1)

    assert one.requests <= 10
    assert one.round_trips <= 11


def test_webroot_is_served_by_another_server_and_left_clean(issuer, calm_pebble, web,
                                                            tmp_path):
    issue = issuer(calm_pebble)
    server = web(issue.web, calm_pebble.http_port)
    issue.solver = webroot(issue.web, "require") + [
        "--self-check-via", f"127.0.0.1:{server.port}"]

    result = issue(*names(3, "w"))

    assert result.code == 0, result
    assert verifies(tmp_path, calm_pebble.root(), issue.current("w0.example.test"))
    assert issue.answers() == []
    assert len({path for path in server.paths if "acme-challenge" in path}) == 3


def test_webroot_keeps_what_was_there(issuer, calm_pebble, web):
    issue = issuer(calm_pebble)
    web(issue.web, calm_pebble.http_port)
    folder = issue.web / ".well-known/acme-challenge"
    folder.mkdir(parents=True)
    (folder / "foreign").write_text("not ours")

    result = issue("w.example.test")

    assert result.code == 0, result
    assert issue.answers() == [".well-known", ".well-known/acme-challenge",
                               ".well-known/acme-challenge/foreign"]


def test_webroot_by_name_pattern(issuer, calm_pebble, web, tmp_path):
    issue = issuer(calm_pebble)
    other = tmp_path / "other"
    other.mkdir()
    web(issue.web, calm_pebble.http_port)
    issue.solver += ["--set", f"http01-webroot.path=*.other.test={other}"]

    result = issue("a.other.test")

    # The server knows only the first folder, so the answer is not where it looks.
    assert result.code == 4, result
    assert "a.other.test" in result.stderr
    assert list(other.iterdir()) == []


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_ip_identifiers(issuer, calm_pebble, tmp_path, address):
    issue = at_standalone(issuer, calm_pebble, address)

    result = issue(address, "--json")

    assert result.code == 0, result
    name = result.json["certificate"]["name"]
    full = issue.current(name)
    shown = "0:0:0:0:0:0:0:1" if ":" in address else address
    assert names_of(full) == {f"IP Address:{shown}"}
    assert text_of(full, "-subject").strip() in ("subject=", "subject =")
    assert verifies(tmp_path, calm_pebble.root(), full)


def test_names_and_addresses_in_one_order(issuer, calm_pebble):
    issue = at_standalone(issuer, calm_pebble)

    result = issue("mixed.example.test", "127.0.0.1")

    assert result.code == 0, result
    assert names_of(issue.current("mixed.example.test")) == {
        "DNS:mixed.example.test", "IP Address:127.0.0.1"}


KEY_TYPES = {"ecdsa-p256": "prime256v1", "ecdsa-p384": "secp384r1",
             "rsa-2048": "2048 bit", "rsa-3072": "3072 bit", "rsa-4096": "4096 bit"}


def test_key_types_in_five_runs_at_once(issuer, calm_pebble, web):
    issue = issuer(calm_pebble)
    web(issue.web, calm_pebble.http_port)
    assert issue.acmecore("account", "register", "--agree-tos", *issue.at_ca()).code == 0

    runs = {kind: issue.start(f"{kind}.example.test", "--key-type", kind)
            for kind in KEY_TYPES}

    for kind, shown in KEY_TYPES.items():
        result = runs[kind].wait()
        assert result.code == 0, result
        assert shown in text_of(issue.current(f"{kind}.example.test"), "-text")
        assert is_whole(issue, f"{kind}.example.test")
    assert issue.answers() == []


def test_a_fresh_certificate_asks_nothing_of_the_ca(issuer, pebble_with):
    ca = pebble_with()
    issue = at_standalone(issuer, ca)
    assert issue("fresh.example.test").code == 0
    before = ca.requests()

    again = issue("fresh.example.test")
    as_json = issue("fresh.example.test", "--json")

    assert (again.code, as_json.code) == (0, 0)
    assert "fresh" in again.stdout
    assert as_json.json["result"] == "fresh"
    assert as_json.json["requests"] == 0
    assert ca.requests() == before


def test_a_fresh_certificate_is_found_by_its_names_in_any_order(issuer, calm_pebble):
    issue = at_standalone(issuer, calm_pebble)
    assert issue("b.example.test", "a.example.test").code == 0

    again = issue("A.example.test.", "b.example.test", "--json")

    assert again.json["result"] == "fresh", again


def test_force_issues_again_with_another_key(issuer, calm_pebble):
    issue = at_standalone(issuer, calm_pebble)
    assert issue("force.example.test").code == 0
    before = issue.current("force.example.test")

    result = issue("force.example.test", "--force", "--json")

    assert result.code == 0, result
    assert result.json["certificate"]["version"] == 2
    assert public_key(issue.current("force.example.test")) != public_key(before)
    old = issue.folder_of("force.example.test") / "versions/0001/fullchain.pem"
    assert old.read_bytes() == before
    assert is_whole(issue, "force.example.test")


def test_every_certificate_has_a_key_of_its_own(issuer, good_ca):
    issue = issuer(good_ca())

    assert issue("a.test").code == issue("b.test").code == 0

    keys = [public_key(path.read_bytes(), is_key=True)
            for pattern in ("key.pem", "privkey.pem") for path in
            issue.state.rglob(pattern) if "versions" not in path.parts]
    keys += [public_key(issue.current(name)) for name in ("a.test", "b.test")]
    assert len(keys) == len(set(keys)) == 3


def test_other_names_under_the_same_name_are_not_guessed(issuer, calm_pebble):
    issue = at_standalone(issuer, calm_pebble)
    assert issue("same.example.test").code == 0

    refused = issue("same.example.test", "further.example.test")
    told = issue("same.example.test", "further.example.test", "--name",
                 "same.example.test")

    assert refused.code == 2, refused
    assert "--name" in refused.stderr
    assert told.code == 0, told
    assert len(names_of(issue.current("same.example.test"))) == 2


def test_pebble_strict(issuer, pebble_with):
    ca = pebble_with(arguments=["-strict"])

    result = at_standalone(issuer, ca)(*names(3))

    assert result.code == 0, result


def test_validation_sleeps(issuer, pebble_with):
    ca = pebble_with(env={"PEBBLE_VA_NOSLEEP": None, "PEBBLE_VA_SLEEPTIME": "3"})

    result = at_standalone(issuer, ca)(*names(3), "--json")

    assert result.code == 0, result


def test_retry_after_as_number_and_as_date(issuer, pebble_with, web):
    """Pebble throws a coin for each answer; after some runs both have come."""
    ca = pebble_with(config={"retryAfter": {"authz": 1, "order": 1}})
    issue = issuer(ca)
    web(issue.web, ca.http_port)
    assert issue.acmecore("account", "register", "--agree-tos", *issue.at_ca()).code == 0
    forms = set()

    for _ in range(5):
        runs = [issue.start(f"r{number}.example.test", "--trace", "--force")
                for number in range(5)]
        for run in runs:
            result = run.wait()
            assert result.code == 0, result
            forms |= {line.split("Retry-After: ")[1].isdigit()
                      for line in result.stderr.splitlines() if "Retry-After: " in line}
        if forms == {True, False}:
            break

    assert forms == {True, False}


def test_a_chain_of_three(issuer, pebble_with, tmp_path):
    ca = pebble_with(env={"PEBBLE_CHAIN_LENGTH": "3"})
    issue = at_standalone(issuer, ca)

    result = issue("long.example.test")

    assert result.code == 0, result
    full = issue.current("long.example.test")
    assert chain_length(full) == 4
    assert verifies(tmp_path, ca.root(), full)
    assert is_whole(issue, "long.example.test")


def test_authorizations_that_are_reused_need_no_challenge(issuer, pebble_with):
    ca = pebble_with(env={"PEBBLE_AUTHZREUSE": "100"})
    issue = at_standalone(issuer, ca)
    assert issue(*names(5)).code == 0
    before = ca.counts()

    result = issue(*names(5), "--force")

    assert result.code == 0, result
    seen = ca.counts() - before
    assert seen["POST", "/chalZ"] == 0
    assert seen["POST", "/order-plz"] == 1


def test_authorizations_that_are_reused_mix_with_new_ones(issuer, pebble_with):
    ca = pebble_with(env={"PEBBLE_AUTHZREUSE": "100"})
    issue = at_standalone(issuer, ca)
    assert issue("n0.example.test").code == 0
    before = ca.counts()

    result = issue(*names(3, "m"), "n0.example.test", "--name", "mixed")

    assert result.code == 0, result
    assert (ca.counts() - before)["POST", "/chalZ"] == 3


def test_no_authorization_is_reused_when_the_ca_reuses_none(issuer, pebble_with):
    ca = pebble_with(env={"PEBBLE_AUTHZREUSE": "0"})
    issue = at_standalone(issuer, ca)
    assert issue(*names(10)).code == 0
    before = ca.counts()

    assert issue(*names(10), "--force").code == 0

    # Pebble's 0 is 1 per cent.
    assert (ca.counts() - before)["POST", "/chalZ"] >= 8


def test_list_and_show_tell_of_it(issuer, calm_pebble):
    issue = at_standalone(issuer, calm_pebble)
    assert issue("held.example.test").code == 0

    listed = issue.acmecore("list")
    shown = issue.acmecore("show", "held.example.test", "--json")

    assert "held.example.test" in listed.stdout
    assert "held.example.test" in shown.stdout
    assert shown.json["schema"] == 1
    assert issue.acmecore("list", "--json").json["schema"] == 1
    assert issue.acmecore("show", "unheld.example.test").code == 2


@pytest.mark.parametrize("key_type", ["ecdsa-p384", "rsa-2048"])
def test_ca_that_signs_with_rsa(issuer, pebble, web, key_type):
    ca = pebble(config={"keyAlgorithm": "rsa", "retryAfter": {"authz": 0, "order": 0}})
    own = issuer(ca)
    web(own.web, ca.http_port)

    result = own("rsa.test", "--key-type", key_type)

    assert result.code == 0, result
    text = subprocess.run(["openssl", "x509", "-noout", "-text"], capture_output=True,
                          input=own.current("rsa.test"), check=True).stdout.decode()
    assert "Signature Algorithm: sha256WithRSAEncryption" in text
    assert ("id-ecPublicKey" if key_type.startswith("ecdsa") else "rsaEncryption") in text
