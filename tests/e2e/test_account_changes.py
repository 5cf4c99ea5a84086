# SPDX-License-Identifier: Apache-2.0
"""What becomes of an account: contacts, terms that change, its end."""
import json
import shutil
import signal

import pytest

import replies
from issuing import standalone
from program import is_sanitized
from test_accounts import on_a_terminal

STRACE = shutil.which("strace")

needs_strace = pytest.mark.skipif(
    not STRACE or is_sanitized(), reason="strace is missing, or LeakSanitizer is there")


def contacts(*addresses):
    return [word for address in addresses for word in ("--contact", address)]


# ---- update

def test_contacts_are_replaced_and_cleared(holder, calm_pebble):
    account = holder(calm_pebble, *contacts("a@b.test"))

    replaced = account("update", *contacts("c@d.test", "mailto:e@f.test"), "--json")
    shown = account("show", "--json")
    cleared = account("update", "--clear-contacts", "--json")

    assert replaced.code == cleared.code == 0, replaced
    assert replaced.json["contact"] == ["mailto:c@d.test", "mailto:e@f.test"]
    assert replaced.json["as_asked"] is True
    assert shown.json["contact"] == replaced.json["contact"]
    assert account("show", "--json").json["contact"] == cleared.json["contact"]


def test_the_update_says_what_shall_be_and_no_more(holder, good_ca):
    ca = good_ca()
    account = holder(ca, *contacts("a@b.test"))

    assert account("update", *contacts("c@d.test")).code == 0
    assert account("update", "--clear-contacts").code == 0
    assert account("update", "--agree-tos").code == 0

    assert [each.payload for each in ca.of("account")] == [
        {"contact": ["mailto:c@d.test"]}, {"contact": []},
        {"termsOfServiceAgreed": True}]


@pytest.mark.parametrize("answer", [{"status": "valid"}, {}, None])
def test_a_ca_that_keeps_no_contacts_is_no_error(holder, good_ca, answer):
    ca = good_ca()
    account = holder(ca)
    ca.always("account", replies.reply(200, answer if answer is not None else b""))

    result = account("update", *contacts("a@b.test"), "--json")

    assert result.code == 0, result
    assert result.json["contact"] == [] and result.json["as_asked"] is False
    assert "it keeps none" in result.stderr


@pytest.mark.parametrize("kind", ["invalidContact", "unsupportedContact"])
def test_an_update_that_is_refused(holder, good_ca, kind):
    ca = good_ca()
    account = holder(ca, *contacts("a@b.test"))
    before = account.document
    ca.script("account", replies.problem(kind, "not this address", 400))

    result = account("update", *contacts("c@d.test"), "--json")

    assert result.code == 3, result
    assert result.json["error"]["problem_type"] == kind
    assert "not this address" in result.stderr
    assert account.document == before
    assert len(ca.of("account")) == 1


def test_more_contacts_than_pebble_takes(holder, calm_pebble):
    account = holder(calm_pebble)

    result = account("update", *contacts("a@b.test", "c@b.test", "d@b.test"))

    assert result.code == 3, result


def test_an_account_with_many_contacts(holder, good_ca):
    """No more than a person reads are shown, and each is harmless."""
    ca = good_ca()
    account = holder(ca)
    ca.always("account", replies.merge(contact=[
        f"mailto:{number}\x1b[31m@b.test" for number in range(5000)]))

    result = account("show", "--json")
    text = account("show")

    assert result.code == text.code == 0, result
    assert 0 < len(result.json["contact"]) <= 10
    assert "\x1b" not in text.stdout


@pytest.mark.parametrize("contact", [
    7, "mailto:a@b.test", {"a": 1}, [1, None, ["x"], {"y": 2}], ["x" * 500000]])
def test_contacts_of_other_types_are_passed_over(holder, good_ca, contact):
    ca = good_ca()
    account = holder(ca)
    ca.always("account", replies.merge(contact=contact))

    assert account("show").code == 0


def test_an_update_needs_an_account_and_a_wish(acmecore, holder, good_ca):
    ca = good_ca()
    none = acmecore("account", "update", "--agree-tos", "--server", ca.directory_url,
                    "--ca-file", ca.ca_file)
    account = holder(ca)

    result = account("update")

    assert none.code == result.code == 2
    assert "acmecore account register" in none.stderr
    assert "--clear-contacts" in result.stderr
    assert ca.of("account") == []


def test_an_update_beside_a_run_that_issues(issuer, holder, gate, calm_pebble, web):
    """It changes nothing that the run relies on."""
    guard = gate(calm_pebble)
    account = holder(guard)
    issue = issuer(guard)
    web(issue.web, calm_pebble.http_port)
    held = guard.hold("/order-plz", "before")
    run = issue.start("beside.example.test")
    held.wait()

    result = account("update", *contacts("a@b.test"))
    guard.open()

    assert result.code == 0, result
    assert run.wait().code == 0


# ---- terms that changed

TERMS = replies.problem(
    "userActionRequired", "read the new terms", 403,
    [("Link", '<https://ca.test/new-terms>;rel="terms-of-service"')],
    instance="https://ca.test/agree")


@pytest.mark.parametrize("command, words", [
    ("show", ()), ("update", contacts("a@b.test")), ("deactivate", ("--yes",))])
def test_terms_that_changed_are_shown_with_what_to_do(holder, good_ca, command, words):
    ca = good_ca()
    account = holder(ca)
    ca.script("account", TERMS)

    result = account(command, *words, "--json")

    assert result.code == 3, result
    assert result.json["error"]["hint"] == "user-action"
    assert "https://ca.test/new-terms" in result.stderr
    assert "https://ca.test/agree" in result.stderr
    assert len(ca.of("account")) == 1
    assert account.document["status"] == "valid"


def test_terms_that_changed_can_be_agreed_to(holder, good_ca):
    ca = good_ca(meta={"termsOfService": "https://ca.test/terms/1"})
    account = holder(ca)
    ca.mini.meta = {"termsOfService": "https://ca.test/terms/2"}

    assert account("update", "--agree-tos").code == 0

    assert account.document["terms_of_service"] == "https://ca.test/terms/2"


# ---- find by key

def test_an_account_is_found_by_its_key_or_not_at_all(holder, good_ca):
    ca = good_ca()
    account = holder(ca)
    url = account.document["url"]
    (account.folder / "account.json").unlink()

    found = account("register", "--only-existing", "--json")
    (account.folder / "account.json").unlink()
    ca.mini.accounts.clear()
    ca.mini.keys.clear()
    missed = account("register", "--only-existing", "--agree-tos", "--json")

    assert found.code == 0, found
    assert (found.json["result"], found.json["url"]) == ("found", url)
    assert missed.code == 3, missed
    assert missed.json["error"]["problem_type"] == "accountDoesNotExist"
    assert all(each.payload == {"onlyReturnExisting": True}
               for each in ca.of("newAccount")[1:])


def test_without_a_key_there_is_nothing_to_find_by(acmecore, good_ca):
    ca = good_ca()

    result = acmecore("account", "register", "--only-existing", "--server",
                      ca.directory_url, "--ca-file", ca.ca_file)

    assert result.code == 2, result
    assert "account import" in result.stderr
    assert ca.of("newAccount") == []


# ---- the end

def test_an_account_that_ended_is_set_aside_and_an_issue_says_so(issuer, holder,
                                                                 calm_pebble):
    account = holder(calm_pebble)
    url, key = account.document["url"], account.keys()
    issue = issuer(calm_pebble, solver=standalone(calm_pebble.http_port))

    ended = account("deactivate", "--yes", "--json")
    after = issue("ended.example.test")
    shown = account("show")
    again = account("register", "--agree-tos", "--json")

    assert ended.code == 0, ended
    assert ended.json["result"] == "deactivated" and ended.json["url"] == url
    assert account.document_of(ended.json["kept"])["status"] == "deactivated"
    assert account.keys_of(ended.json["kept"]) == key
    assert after.code == shown.code == 2, after
    for result in (after, shown):
        assert "was deactivated" in result.stderr
        assert "acmecore account register" in result.stderr
        assert ended.json["kept"] in result.stderr
    assert again.code == 0 and again.json["result"] == "registered", again
    assert again.json["url"] != url
    assert issue("ended.example.test").code == 0


def test_elsewhere_than_on_a_terminal_it_wants_to_be_told(holder, good_ca):
    ca = good_ca()
    account = holder(ca)

    result = account("deactivate")

    assert result.code == 2, result
    assert "--yes" in result.stderr
    assert ca.of("account") == []


class Words:
    def __init__(self, account):
        self.acmecore, self.account = account.acmecore, account

    def words(self, *words):
        return ["account", *words, *self.account.at_ca]


@pytest.mark.parametrize("answer, code", [(b"y\n", 0), (b"\n", 2), (b"n\n", 2)])
def test_on_a_terminal_it_asks(holder, good_ca, answer, code):
    ca = good_ca()
    account = holder(ca)

    ended, shown = on_a_terminal(Words(account), ["deactivate"], answer)

    assert ended == code, shown
    assert account.document["url"] in shown if code else True
    assert len(ca.of("account")) == (1 if code == 0 else 0)


@pytest.mark.parametrize("drop", [replies.drop_after, replies.drop_before])
def test_a_lost_answer_to_the_end(holder, good_ca, drop):
    ca = good_ca()
    account = holder(ca)
    ca.script("account", drop())

    result = account("deactivate", "--yes", "--json")

    assert result.code == 0, result
    assert result.json["result"] == "deactivated"
    assert {each["status"] for each in ca.mini.accounts.values()} == {"deactivated"}


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_while_it_ends(holder, issuer, gate, calm_pebble, when):
    guard = gate(calm_pebble)
    account = holder(guard)
    held = guard.hold("/my-account", when)
    run = account.start("deactivate", "--yes")
    held.wait()
    run.send(signal.SIGKILL)
    run.wait(10)
    guard.open(drop=True)

    between = issuer(guard, solver=standalone(calm_pebble.http_port))("a.example.test")
    result = account("deactivate", "--yes", "--json")

    assert between.code == 2, between
    assert "acmecore account deactivate" in between.stderr
    assert result.code == 0, result
    assert result.json["result"] == "deactivated"
    assert ".retired-1" in account.folder.name


@needs_strace
@pytest.mark.parametrize("step", range(1, 11))
def test_killed_at_any_write_while_it_ends(holder, good_ca, step):
    ca = good_ca()
    account = holder(ca)

    account("deactivate", "--yes", prefix=(
        STRACE, "-o", "/dev/null", "-e", "trace=fsync,/^rename", "-e",
        f"inject=fsync,/^rename:signal=KILL:when={step}"))
    if ".retired-" not in account.folder.name:
        assert account("deactivate", "--yes").code == 0
    result = account("register", "--agree-tos", "--json")

    assert result.code == 0, result
    assert result.json["result"] == "registered"
    assert sorted(each["status"] for each in ca.mini.accounts.values()) == [
        "deactivated", "valid"]


@pytest.mark.parametrize("refusal", [
    replies.problem("unauthorized", "the account is revoked", 401),
    replies.problem("unauthorized", "account is deactivated", 403),
    replies.problem("accountDoesNotExist", "never heard of it", 400)])
def test_an_account_that_the_ca_ended_can_be_set_aside(holder, good_ca, refusal):
    ca = good_ca()
    account = holder(ca)
    ca.always("account", refusal)

    result = account("deactivate", "--yes", "--json")
    ca.always("account", None)
    again = account("register", "--agree-tos", "--json")

    assert result.code == 0, result
    assert result.json["result"] == "refused" and result.json["said"]
    assert len(ca.of("account")) == 1
    assert again.json["result"] == "registered"


@pytest.mark.parametrize("status", ["deactivated", "revoked"])
def test_an_account_that_the_ca_ended_is_told_with_what_to_do(holder, good_ca, status):
    ca = good_ca()
    account = holder(ca)
    ca.always("account", replies.merge(status=status))

    result = account("show")

    assert result.code == 3, result
    assert status in result.stderr
    assert "acmecore account deactivate" in result.stderr
    assert "acmecore account register" in result.stderr


def test_an_issue_with_an_account_that_the_ca_ended(issuer, holder, good_ca):
    ca = good_ca()
    account = holder(ca)
    number = account.document["url"].rsplit("/", 1)[-1]
    ca.mini.accounts[number]["status"] = "revoked"

    result = issuer(ca)("a.test", "--json")

    assert result.code == 3, result
    assert "the account is revoked" in result.stderr
    assert "acmecore account deactivate" in result.stderr
    assert len(ca.of("newOrder")) == 1


def test_a_clear_no_leaves_the_account(holder, good_ca):
    ca = good_ca()
    account = holder(ca)
    ca.script("account", replies.problem("malformed", "not so", 400))

    result = account("deactivate", "--yes")

    assert result.code == 3, result
    assert account.document["status"] == "valid"
    assert account("show").code == 0


def test_a_run_that_issues_is_not_cut_off(issuer, holder, gate, calm_pebble, web):
    guard = gate(calm_pebble)
    account = holder(guard)
    issue = issuer(guard)
    web(issue.web, calm_pebble.http_port)
    held = guard.hold("/order-plz", "before")
    run = issue.start("cut.example.test")
    held.wait()

    result = account("deactivate", "--yes")
    guard.open()

    assert result.code == 8, result
    assert run.wait().code == 0
    assert account.document["status"] == "valid"


def test_a_list_knows_those_that_ended(holder, good_ca):
    account = holder(good_ca())
    assert account("deactivate", "--yes").code == 0

    listed = account.acmecore("account", "list", "--json")

    assert listed.code == 0, listed
    one, = listed.json["accounts"]
    assert one["status"] == "deactivated" and ".retired-1" in one["name"]


def test_a_damaged_document_of_another_ca_is_not_used(holder, good_ca):
    first = good_ca()
    account = holder(first)
    document = {**account.document, "directory": "https://other.test/dir"}
    (account.folder / "account.json").write_text(json.dumps(document))

    result = account("show")

    assert result.code == 9, result
    assert "account.json" in result.stderr
