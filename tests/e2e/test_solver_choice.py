# SPDX-License-Identifier: Apache-2.0
"""Who answers for which name: decided before the CA is asked, and again from its offer."""
import pytest

from issuing import names_of
from program import build_folder
from small_dns import SmallDns

BAD = build_folder() / "tests/abi/plugins"     # "good" answers http-01 and dns-01


@pytest.fixture
def dns(issuer, good_ca, _stop_at_end):
    """An issuer with a solver that can do dns-01."""
    small = SmallDns().start()
    _stop_at_end.append(small)

    def make(*solvers, **options):
        ca = good_ca(**options)
        words = ["--plugin-dir", BAD, "--self-check", "off"]
        for solver in solvers or ("good",):
            words += ["--solver", solver]
            plugin = solver.split("=")[-1]
            words += ["--set", f"{plugin}.visibility=off",    # there is no zone
                      "--set", f"{plugin}.resolver={small.address}"]
        return issuer(ca, solver=words)
    return make


def answered(ca):
    """{identifier: challenge type that was answered}."""
    found = {}
    for authorization in ca.mini.authorizations.values():
        if "answered" in authorization:
            name = authorization["identifier"]["value"]
            name = ("*." if authorization["wildcard"] else "") + name
            found[name] = ca.mini.challenges[authorization["answered"]]["type"]
    return found


@pytest.mark.parametrize("name", ["*.a.test", "a.test,*.a.test"])
def test_a_wildcard_without_a_dns_solver_never_reaches_the_ca(issuer, good_ca, name):
    issue = issuer(good_ca())

    result = issue(name)

    assert result.code == 2, result
    assert "*.a.test" in result.stderr and "dns-01" in result.stderr
    assert issue.ca.requests == []


def test_a_wildcard_takes_dns_01(dns):
    issue = dns()

    result = issue("*.a.test", "a.test", "-vv")

    assert result.code == 0, str(result)
    assert answered(issue.ca)["*.a.test"] == "dns-01"
    assert names_of(issue.current("a.test" if issue.has_certificate("a.test")
                                  else "_.a.test" if issue.has_certificate("_.a.test")
                                  else next(iter((issue.state / "certs").iterdir())).name)
                    ) == {"DNS:*.a.test", "DNS:a.test"}


def test_an_address_never_takes_dns_01(dns):
    issue = dns(challenge_types=("dns-01",))

    result = issue("127.0.0.1")

    assert result.code == 2, result
    assert "127.0.0.1" in result.stderr and "dns-01" in result.stderr
    assert issue.ca.of("challenge") == []


def test_an_address_takes_http_01(dns):
    issue = dns(challenge_types=("dns-01", "http-01"))

    assert issue("127.0.0.1").code == 0
    assert answered(issue.ca) == {"127.0.0.1": "http-01"}


def test_the_offer_of_the_ca_decides_in_the_end(dns):
    issue = dns(challenge_types=("tls-alpn-01", "dns-01"))

    assert issue("a.test").code == 0
    assert answered(issue.ca) == {"a.test": "dns-01"}


def test_an_offer_that_nobody_can_take_is_listed(issuer, good_ca):
    issue = issuer(good_ca(challenge_types=("tls-alpn-01", "dns-01", "odd-99")))

    result = issue("a.test")

    assert result.code == 2, result
    for word in ("a.test", "tls-alpn-01", "dns-01", "odd-99"):
        assert word in result.stderr
    assert issue.ca.of("challenge") == []


def test_the_longest_pattern_wins(dns, web):
    issue = dns("good", "*.corp.test=small-batches", "*.deep.corp.test=print",
                "one.corp.test=tolerant-0")

    result = issue("a.test", "b.corp.test", "c.deep.corp.test", "one.corp.test", "-vv")

    assert result.code == 0, result
    for plugin in ("good", "small-batches", "print", "tolerant-0"):
        assert f"plugin={plugin}" in result.stderr


def test_a_pattern_that_fits_nothing_else_is_a_gap(issuer, good_ca):
    issue = issuer(good_ca())
    issue.solver[1] = "*.corp.test=http01-webroot"

    result = issue("a.corp.test", "b.test")

    assert result.code == 2, result
    assert "b.test" in result.stderr
    assert "a.corp.test" not in result.stderr
    assert issue.ca.requests == []


def test_no_solver_at_all(issuer, good_ca):
    issue = issuer(good_ca(), solver=[])

    result = issue("a.test")

    assert result.code == 2, result
    assert "--solver" in result.stderr
    assert issue.ca.requests == []


def test_solvers_are_remembered(issuer, good_ca):
    issue = issuer(good_ca())
    assert issue("a.test").code == 0
    issue.solver = []

    result = issue("a.test", "--force", "--self-check", "off")

    assert result.code == 0, result
    assert issue.answers() == []


def test_challenges_without_token_and_of_unknown_types_are_passed_over(issuer, good_ca):
    ca = good_ca()

    def add_odd(response):
        document = response.json()
        document["challenges"] = [
            {"type": "dns-persist-01", "status": "pending", "url": ca.base + "/x",
             "issuer-domain-names": ["ca.test"]},
            {"type": "future-77", "status": "pending", "url": ca.base + "/y", "token": 7},
            {"type": "bare"}, *document["challenges"]]
        return response.merge(**document)

    from replies import change
    ca.always("authorization", change(add_odd))

    result = issuer(ca)("a.test")

    assert result.code == 0, result
    assert answered(ca) == {"a.test": "http-01"}
