# SPDX-License-Identifier: Apache-2.0
"""What may be asked for: names are normalised, and what is no name is refused here."""
import pytest

from issuing import names_of


@pytest.mark.parametrize("given, asked", [
    (["EXAMPLE.Test"], ["example.test"]),
    (["example.test."], ["example.test"]),
    (["a.test", "A.test", "a.test."], ["a.test"]),
    (["a.test,b.test", "c.test"], ["a.test", "b.test", "c.test"]),
    (["bücher.test"], ["xn--bcher-kva.test"]),
    (["BÜCHER.test", "xn--bcher-kva.test"], ["xn--bcher-kva.test"]),
    (["127.0.0.1"], ["127.0.0.1"]),
    (["2001:DB8:0:0::1"], ["2001:db8::1"]),
])
def test_names_are_normalised(issuer, good_ca, given, asked):
    issue = issuer(good_ca())

    result = issue(*given)

    assert result.code == 0, result
    sent = issue.ca.of("newOrder")[0].payload["identifiers"]
    assert [each["value"] for each in sent] == asked
    kinds = {"ip" if ":" in value or value[-1].isdigit() else "dns" for value in asked}
    assert {each["type"] for each in sent} == kinds


@pytest.mark.parametrize("name, why", [
    ("bad..test", ""), (".test", ""), ("-a.test", ""), ("a-.test", ""), ("a b.test", ""),
    ("under_score.test", ""), ("*.*.test", ""), ("a.*.test", ""), ("*a.test", ""),
    ("*", ""), ("x" * 64 + ".test", "63"), (".".join(["x" * 60] * 5), "253"),
    ("[::1]", ""), ("fe80::1%eth0", ""), ("1.2.3", ""), ("1.2.3.4.5", ""),
    ("256.1.1.1", ""), ("http://a.test/", ""), ("a.test:80", ""), ("a.test/x", ""),
    ("a@b.test", ""), ("xn--a", ""), ("\u2028.test", ""), ("a\tb.test", ""),
    ("", ""), (",", ""), ("*.127.0.0.1", "")])
def test_what_is_no_name_is_refused_with_the_reason(issuer, good_ca, name, why):
    issue = issuer(good_ca())

    result = issue("good.test", name)

    assert result.code == 2, result
    assert why in result.stderr
    assert len(result.stderr.strip()) > len("acmecore: ") + 10
    assert "\t" not in result.stderr
    assert issue.ca.requests == []


def test_a_name_that_a_wildcard_covers_is_refused_here(issuer, good_ca):
    issue = issuer(good_ca())

    result = issue("*.a.test", "www.a.test")

    assert result.code == 2, result
    assert "www.a.test" in result.stderr and "*.a.test" in result.stderr
    assert issue.ca.requests == []


def test_too_many_names(issuer, good_ca):
    issue = issuer(good_ca())

    result = issue(",".join(f"n{number}.test" for number in range(5000)))

    assert result.code in (2, 3), result
    assert issue.ca.requests == []


def test_names_come_back_in_any_order_and_case(issuer, good_ca):
    """Pebble shuffles, and step-ca keeps upper case."""
    ca = good_ca()

    def shuffle(response):
        if response.status >= 400:
            return response
        document = response.json()
        for each in document["identifiers"]:
            each["value"] = each["value"].upper()
        document["identifiers"].reverse()
        document["authorizations"].reverse()
        return response.merge(**document)

    from replies import change
    for resource in ("newOrder", "order", "finalize"):
        ca.always(resource, change(shuffle))
    issue = issuer(ca)

    result = issue("a.test", "b.test", "c.test")

    assert result.code == 0, result
    assert len(names_of(issue.current("a.test"))) == 3


@pytest.mark.parametrize("blocked", [["bad.blocked.test"],
                                     ["bad.blocked.test", "worse.blocked.test"]])
def test_names_that_the_ca_rejects_are_told_by_name(issuer, pebble_with, blocked):
    ca = pebble_with(config={"domainBlocklist": ["blocked.test"]})
    issue = issuer(ca)

    result = issue("good.test", *blocked, "--json")

    assert result.code == 3, result
    error = result.json["error"]
    assert error["problem_type"] == "rejectedIdentifier"
    # Pebble stops at the first that it does not like.
    assert any(name in result.stdout and name in result.stderr for name in blocked)
    assert error["problem"]["subproblems"]


def test_each_subproblem_is_shown(issuer, good_ca):
    ca = good_ca()
    subproblems = [{"type": "urn:ietf:params:acme:error:malformed", "status": 400,
                    "detail": f"no {name}", "identifier": {"type": "dns", "value": name}}
                   for name in ("a.test", "b.test")]
    from replies import problem
    ca.always("newOrder", problem("compound", "see below", 400, subproblems=subproblems))
    issue = issuer(ca)

    text = issue("a.test", "b.test")
    as_json = issue("a.test", "b.test", "--json")

    assert text.code == as_json.code == 3, text
    for detail in ("see below", "no a.test", "no b.test"):
        assert detail in text.stderr
    shown = as_json.json["error"]["problem"]["subproblems"]
    assert [each["identifier"] for each in shown] == ["a.test", "b.test"]
