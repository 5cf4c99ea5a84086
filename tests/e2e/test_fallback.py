# SPDX-License-Identifier: Apache-2.0
"""What is tried when one way fails: another challenge type, another CA."""
import json
import signal

import pytest

import replies
from certificates import Authority
from issuing import is_whole

NAME = "a.test"



def refusing(kind, problem="connection"):
    """Nothing validates by this type; another type does."""
    def validate(_identifier, challenge, _key):
        if challenge["type"] != kind:
            return None
        return {"type": replies.PROBLEM + problem, "detail": "as scripted", "status": 400}
    return validate


def at(*cas):
    return [word for ca in cas for word in ("--server", ca.directory_url)]


@pytest.fixture
def both(issuer, dns_solver):
    """Issues with an http-01 solver and, after it, one for dns-01."""
    def make(ca):
        made = issuer(ca)
        made.solver = made.solver + dns_solver
        return made
    return make


# ---- another challenge type

def test_a_name_that_fails_by_http_01_is_proven_by_dns_01(both, good_ca):
    ca = good_ca(validate=refusing("http-01"))
    issue = both(ca)

    result = issue(NAME, "b.test", "--json")

    assert result.code == 0, result
    assert is_whole(issue, NAME)
    first, = result.json["attempts"]
    assert first["code"] == "challenge"
    assert {each["identifier"] for each in first["identifiers"]} == {NAME, "b.test"}
    assert any("trying another challenge type" in text
               for text in result.json["warnings"])
    assert len(ca.of("newOrder")) == 2
    assert issue.answers() == [] and issue.journal(NAME) is None


def test_each_type_is_tried_once_and_the_last_reasons_are_told(both, good_ca):
    ca = good_ca(validate=lambda *_: {"type": replies.PROBLEM + "dns", "detail": "no"})
    issue = both(ca)

    result = issue(NAME, "--json")

    assert result.code == 4, result
    assert len(ca.of("newOrder")) == 2
    assert [request.id.split("-", 1)[1] for request in ca.of("challenge")] == [
        "http-01", "dns-01"]
    assert len(result.json["attempts"]) == 1
    assert result.json["error"]["identifiers"][0]["identifier"] == NAME


def test_a_refusal_that_no_answer_would_change_is_the_end(both, good_ca):
    ca = good_ca(validate=refusing("http-01", "caa"))

    result = both(ca)(NAME, "--json")

    assert result.code == 4, result
    assert len(ca.of("newOrder")) == 1


# ---- another CA

def issue_at(issuer, first, second, *words, name=NAME):
    made = issuer(first)
    return made, made(name, *at(second), *words)


DOWN = {
    "5xx": ("directory", replies.reply(503, b"<html>down</html>")),
    "resets": ("directory", replies.drop_before(reset=True)),
    "garbage": ("directory", replies.reply(200, b"<html>hello</html>")),
    "refuses-account": ("newAccount", replies.problem("externalAccountRequired", "no",
                                                      403)),
    "limited": ("newOrder", replies.problem("rateLimited", "too many", 429)),
    "rejects": ("newOrder", replies.problem("rejectedIdentifier", "not here", 400)),
    "ill": ("newOrder", replies.problem("serverInternal", "oops", 500)),
    "terms": ("newOrder", replies.problem("userActionRequired", "new terms", 403)),
}


@pytest.mark.parametrize("how", DOWN)
def test_a_ca_that_cannot_or_will_not_issue_hands_over(issuer, good_ca, how):
    first, second = good_ca(), good_ca()
    first.always(*DOWN[how])

    issue, result = issue_at(issuer, first, second, "--json")

    assert result.code == 0, result
    attempt, = result.json["attempts"]
    assert attempt["directory"] == first.directory_url
    assert len(second.of("finalize")) == 1
    assert is_whole(issue, NAME)
    state = json.loads((issue.folder_of(NAME) / "state.json").read_text())
    assert state["directory"] == second.directory_url
    wish = json.loads((issue.folder_of(NAME) / "certificate.json").read_text())
    assert wish["directory"] == first.directory_url
    assert wish["further_directories"] == [second.directory_url]
    assert first.directory_url in result.stderr and second.directory_url in result.stderr


def test_a_silent_ca_gets_its_share_of_the_time(issuer, good_ca):
    first, second = good_ca(), good_ca()
    first.always("directory", replies.hang())

    _, result = issue_at(issuer, first, second, "--json", "--timeout", "8")

    assert result.code == 0, result
    assert result.elapsed_s < 7.5
    assert result.json["attempts"][0]["code"] == "network"


def test_nobody_listens_at_the_first(issuer, good_ca):
    first, second = good_ca(), good_ca()
    first.stop()

    _, result = issue_at(issuer, first, second)

    assert result.code == 0, result


def test_an_answer_that_does_not_validate_is_no_reason_to_ask_another(issuer, good_ca):
    first, second = good_ca(validate=refusing("http-01")), good_ca()

    issue, result = issue_at(issuer, first, second, "--json")

    assert result.code == 4, result
    assert second.requests == []
    assert "attempts" not in result.json
    assert issue.journal(NAME) is None


def test_a_ca_that_caa_forbids_hands_over(issuer, good_ca):
    first, second = good_ca(validate=refusing("http-01", "caa")), good_ca()

    _, result = issue_at(issuer, first, second, "--json")

    assert result.code == 0, result
    assert result.json["attempts"][0]["identifiers"][0]["problem"]["type"] == "caa"


def test_an_own_fault_is_no_reason_to_ask_another(issuer, good_ca, tmp_path):
    first, second = good_ca(), good_ca()
    made = issuer(first)
    made.web.chmod(0o500)
    made.solver = ["--solver", "http01-webroot", "--set",
                   f"http01-webroot.path={tmp_path / 'nowhere'}"]

    result = made(NAME, *at(second))

    made.web.chmod(0o700)
    assert result.code in (2, 6), result
    assert second.requests == []


def test_no_account_is_made_where_nobody_agreed(acmecore, issuer, good_ca):
    """The second CA has terms; the first has an account, and is down."""
    first = good_ca()
    second = good_ca(meta={"termsOfService": "https://terms.test/2"})
    made = issuer(first)
    assert made("b.test").code == 0
    first.always("newOrder", replies.problem("serverInternal", "oops", 500))
    made.consent = []

    result = made(NAME, *at(second), "--json")

    assert result.code == 3, result
    assert "oops" in result.json["error"]["message"]
    assert any("https://terms.test/2" in text for text in result.json["warnings"])
    assert second.of("newAccount") == []


def test_all_fail_and_each_is_told(issuer, good_ca):
    first, second = good_ca(), good_ca()
    first.always("directory", replies.reply(503, b"<html>down</html>"))
    second.always("newOrder", replies.problem("rejectedIdentifier", "not here", 400))

    _, result = issue_at(issuer, first, second)

    assert result.code == 3, result
    assert "not here" in result.stderr
    assert "503" in result.stderr


@pytest.fixture
def two_corps(good_ca, tmp_path):
    """CAs that have nothing in common: each has a root of its own, and its own terms."""
    def make(name):
        own = Authority(tmp_path / name, name)
        ca = good_ca(certificate=own.server(stem=name))
        ca.ca_file = own.path
        return ca
    for name in ("corp1", "corp2"):
        (tmp_path / name).mkdir()
    return make("corp1"), make("corp2")


def configure(own, first, second):
    path = own.web.parent / "acmecore.conf"
    path.write_text(f"""
agree-tos = true
self-check = off
ca "corp1" {{ directory = "{first.directory_url}"  ca-file = "{first.ca_file}"
             required-profile = "gold"  account = "ops" }}
ca "corp2" {{ directory = "{second.directory_url}"  ca-file = "{second.ca_file}" }}
solver "web" {{ plugin = "http01-webroot"  options {{ path = "{own.web}" }} }}
certificate "{NAME}" {{ identifiers = {{"{NAME}"}}  solvers = {{"web"}}
                       ca = {{"corp1", "corp2"}} }}
""")
    return path


def test_each_ca_is_asked_with_its_own_settings(acmecore, issuer, two_corps):
    first, second = two_corps
    own = issuer(first)
    path = configure(own, first, second)
    first.stop()

    result = acmecore("renew", "--config", path)
    again = acmecore("renew", "--config", path, "--force")

    assert result.code == 0 and is_whole(own, NAME), result
    assert again.code == 0, again
    accounts = sorted(each.name for each in (own.state / "accounts").iterdir()
                      if (each / "account.json").exists())
    assert len(accounts) == 1 and not accounts[0].endswith("@ops")


def test_each_ca_of_a_command_line_is_reached_as_its_section_says(acmecore, issuer, two_corps):
    first, second = two_corps
    own = issuer(first)
    path = configure(own, first, second)
    first.stop()

    result = acmecore("issue", "--config", path, "--server", "corp1", "--server", "corp2",
                      "-d", "b.test", *own.solver)

    assert result.code == 0 and is_whole(own, "b.test"), result


def test_a_killed_run_goes_on_at_the_ca_that_has_its_order(issuer, good_ca):
    first, second = good_ca(), good_ca(validation_polls=10**6)
    first.always("directory", replies.reply(503, b"<html>down</html>"))
    made = issuer(first)
    run = made.start(NAME, *at(second), "-v")
    run.wait_for("phase=validate")
    run.send(signal.SIGKILL)
    run.wait()
    first.always("directory", replies.without_nonce())
    second.mini.validation_polls = 0
    for authorization in second.mini.authorizations.values():
        authorization["polls"] = 0

    result = made(NAME, *at(second), "--json")

    assert result.code == 0, result
    assert result.json["order"]["resumed"] is True
    assert len(second.of("newOrder")) == 1 and first.of("newOrder") == []


def test_the_next_run_asks_the_first_ca_first_again(issuer, good_ca):
    first, second = good_ca(), good_ca()
    first.script("newOrder", replies.problem("rejectedIdentifier", "not now", 400))
    made, result = issue_at(issuer, first, second)
    assert result.code == 0, result

    again = made.acmecore("issue", "--name", NAME, "--force", "--json", "--agree-tos")

    assert again.code == 0, again
    assert "attempts" not in again.json
    assert len(first.of("finalize")) == 1


def test_one_ca_is_asked_by_the_other_commands(acmecore, good_ca):
    first, second = good_ca(), good_ca()

    result = acmecore("directory", *at(first, second), "--ca-file", first.ca_file)

    assert result.code == 2, result
    assert "--server once" in result.stderr
