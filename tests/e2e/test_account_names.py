# SPDX-License-Identifier: Apache-2.0
"""Several accounts with one CA, by name."""
import json


def account_of(ca, number):
    return ca.of("newOrder")[number].protected["kid"]


def test_an_account_by_name_is_another_one_and_is_remembered(issuer, good_ca):
    ca = good_ca()
    issue = issuer(ca)
    assert issue("a.test").code == 0

    assert issue("b.test", "--account", "ops").code == 0
    assert issue("b.test", "--force").code == 0
    assert issue("b.test", "--force", "--account", "default").code == 0

    first, second, again, back = (account_of(ca, number) for number in range(4))
    assert first != second == again
    assert back == first
    assert len(ca.mini.accounts) == 2
    wish = json.loads((issue.folder_of("b.test") / "certificate.json").read_text())
    assert "account" not in wish


def test_an_account_belongs_to_its_ca(issuer, good_ca):
    first, second = issuer(good_ca()), issuer(good_ca())
    assert first("a.test", "--account", "ops").code == 0

    assert second("a.test").code == 0

    folders = sorted(path.name for path in (first.state / "accounts").iterdir())
    assert [name.endswith("@ops") for name in folders].count(True) == 1


def test_names_that_are_none_are_refused_before_anything(issuer, good_ca):
    ca = good_ca()
    issue = issuer(ca)

    for name in ("../x", "a.b", "a@b", "x" * 65):
        result = issue("a.test", "--account", name)

        assert result.code == 2, result
        assert "--account" in result.stderr
    assert ca.requests == []
    assert not issue.state.exists() or not (issue.state / "accounts").exists()


def test_show_and_list_know_the_names(acmecore, good_ca):
    ca = good_ca()
    at_ca = ("--server", ca.directory_url, "--ca-file", ca.ca_file)
    for words in ((), ("--account", "ops")):
        assert acmecore("account", "register", "--agree-tos", *at_ca, *words).code == 0

    shown = acmecore("account", "show", *at_ca, "--account", "ops", "--json")
    listed = acmecore("account", "list", "--json").json["accounts"]
    missing = acmecore("account", "show", *at_ca, "--account", "dev")

    assert shown.code == 0, shown
    assert [each.get("account") for each in listed] == [None, "ops"]
    assert shown.json["url"] == listed[1]["url"] != listed[0]["url"]
    assert missing.code == 2
    assert "--account dev" in missing.stderr
