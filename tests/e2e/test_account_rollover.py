# SPDX-License-Identifier: Apache-2.0
"""Another key for the account, whatever happens meanwhile (RFC 8555 7.3.5)."""
import json
import shutil
import signal

import pytest

import replies
from mini_ca import from_base64url
from program import is_sanitized

STRACE = shutil.which("strace")

needs_strace = pytest.mark.skipif(
    not STRACE or is_sanitized(), reason="strace is missing, or LeakSanitizer is there")


@pytest.fixture
def strict_ca(good_ca):
    """A scripted CA that knows whose key signed."""
    def make(**options):
        return good_ca(check_signatures=True, **options)
    return make


@pytest.fixture
def guarded(gate, strict_ca):
    """(CA, gate in front of it), whose URLs lead through the gate."""
    def make():
        ca = strict_ca()
        guard = gate(ca)
        ca.base = f"https://localhost:{guard.port}"
        return ca, guard
    return make


def inner_of(request):
    """(header, payload) of the inner JWS of a keyChange."""
    jws = request.payload
    return (json.loads(from_base64url(jws["protected"])),
            json.loads(from_base64url(jws["payload"])))


# ---- at Pebble, which checks every signature

@pytest.mark.parametrize("words, kind", [
    ((), "ecdsa-p256"), (("--key-type", "ecdsa-p384"), "ecdsa-p384"),
    (("--key-type", "rsa-2048"), "rsa-2048")])
def test_the_account_has_another_key_and_works(holder, calm_pebble, words, kind):
    account = holder(calm_pebble)
    before, url = account.keys(), account("show", "--json").json["url"]

    result = account("rollover", "--json", *words)

    assert result.code == 0, result
    assert result.json["result"] == "changed"
    assert result.json["key_type"] == kind == account.document["key_type"]
    shown = account.assert_usable_with_one_key()
    assert shown["url"] == url
    assert shown["thumbprint"] == result.json["thumbprint"]
    assert account.keys() != before


def test_a_key_that_the_ca_does_not_take_leaves_the_old_one(holder, calm_pebble):
    account = holder(calm_pebble)
    before = account.keys()

    result = account("rollover", "--key-type", "ed25519", "--json")

    assert result.code == 3, result
    assert "the old one stays" in result.stderr
    assert account.keys() == before
    account.assert_usable_with_one_key()


def test_each_key_is_a_fresh_one(holder, strict_ca):
    ca = strict_ca()
    account = holder(ca)
    seen = [account("show", "--json").json["thumbprint"]]

    for _ in range(3):
        seen.append(account("rollover", "--json").json["thumbprint"])

    assert len(set(seen)) == 4
    assert len(ca.mini.accounts) == 1


# before: nothing has happened; after: the CA has done it, and nobody was told.
STEPS = {
    "directory": ("/dir", "after", 1),
    "nonce": ("/nonce-plz", "before", 1),
    "asked": ("/rollover-account-key", "before", 1),
    "done": ("/rollover-account-key", "after", 1),
    "check": ("/my-account", "before", 1),
    "checked": ("/my-account", "after", 1),
}


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_each_step(holder, gate, calm_pebble, step):
    guard = gate(calm_pebble)
    account = holder(guard)
    before = account.keys()["key.pem"]
    held = guard.hold(*STEPS[step])
    run = account.start("rollover")
    held.wait()

    run.send(signal.SIGKILL)
    run.wait(10)
    between = account.keys()
    guard.open(drop=True)

    assert between["key.pem"] == before
    account.assert_usable_with_one_key()
    has_begun = step != "directory"    # the new key is on disk before it is sent
    assert (account.keys()["key.pem"] != before) == has_begun
    if has_begun:
        assert account.keys()["key.pem"] == between["key-next.pem"]


@needs_strace
@pytest.mark.parametrize("step", range(1, 14))
def test_killed_at_any_write(holder, strict_ca, step):
    """SIGKILL at the step-th fsync, rename or unlink of the rollover."""
    account = holder(strict_ca())

    account("rollover", prefix=(
        STRACE, "-o", "/dev/null", "-e", "trace=fsync,/^rename,/^unlink", "-e",
        f"inject=fsync,/^rename,/^unlink:signal=KILL:when={step}"))

    account.assert_usable_with_one_key()
    assert account("rollover").code == 0
    account.assert_usable_with_one_key()
    assert account.litter() == []


@needs_strace
@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
@pytest.mark.parametrize("call", ["fsync", "/^rename", "write"])
@pytest.mark.parametrize("when", [1, 2, 3, 4])
def test_a_disk_that_fails_costs_no_account(holder, strict_ca, call, error, when):
    """From the when-th such call on. What cannot be written is never sent."""
    ca = strict_ca()
    account = holder(ca)

    result = account("rollover", prefix=(
        STRACE, "-o", "/dev/null", "-e", f"trace={call}", "-e",
        f"inject={call}:error={error}:when={when}+"))

    new = account.keys().get("key-next.pem")
    if ca.of("keyChange"):
        assert new or account.keys()["key.pem"]
    if result.code != 0:
        assert not result.signal, result
    account.assert_usable_with_one_key()


@pytest.mark.parametrize("drop", [True, False])
def test_a_lost_answer_is_no_riddle(holder, strict_ca, drop):
    """Processed, or not processed: in the same run."""
    ca = strict_ca()
    account = holder(ca)
    before = account.keys()
    ca.script("keyChange", replies.drop_after() if drop else replies.drop_before())

    result = account("rollover", "--json")

    assert result.code == 0, result
    assert len(ca.of("keyChange")) == (1 if drop else 2)
    assert account.keys() != before
    account.assert_usable_with_one_key()


@pytest.mark.parametrize("drop", [True, False])
def test_an_answer_that_is_always_lost_is_found_out_by_the_next_run(holder, strict_ca,
                                                                    drop):
    ca = strict_ca()
    account = holder(ca)
    before = account.keys()["key.pem"]
    ca.always("keyChange", replies.drop_after() if drop else replies.drop_before())
    # Nobody is there to be asked afterwards.
    ca.always("newAccount", replies.drop_before())
    ca.always("account", replies.drop_before())

    result = account("rollover", "--timeout", "20")
    ca.always("keyChange", None)
    ca.always("newAccount", None)
    ca.always("account", None)

    assert result.code == 5, result
    assert sorted(account.keys()) == ["key-next.pem", "key.pem"]
    assert account.keys()["key.pem"] == before
    account.assert_usable_with_one_key()
    assert account.keys()["key.pem"] != before


def test_the_same_key_is_sent_again_by_the_next_rollover(holder, strict_ca):
    ca = strict_ca()
    account = holder(ca)
    ca.always("keyChange", replies.drop_before())
    assert account("rollover", "--timeout", "30").code == 5
    pending = account.keys()["key-next.pem"]
    ca.always("keyChange", None)

    result = account("rollover", "--json")

    assert result.code == 0, result
    assert result.json["result"] == "finished"
    assert account.keys() == {"key.pem": pending}
    assert len({json.dumps(inner_of(each)) for each in ca.of("keyChange")}) == 1


# ---- what the CA says

def test_the_request_is_as_the_rfc_wants_it(holder, strict_ca):
    ca = strict_ca()
    account = holder(ca)
    old = next(iter(ca.mini.keys.values()))

    assert account("rollover").code == 0

    request, = ca.of("keyChange")
    header, said = inner_of(request)
    assert set(request.protected) == {"alg", "nonce", "url", "kid"}
    assert set(header) == {"alg", "jwk", "url"}
    assert header["url"] == request.protected["url"] == ca.url("keyChange")
    assert said == {"account": request.protected["kid"], "oldKey": old}
    assert header["jwk"] == next(iter(ca.mini.keys.values())) != old


@pytest.mark.parametrize("has_location", [True, False])
def test_a_key_of_another_account_is_told(holder, strict_ca, has_location):
    ca = strict_ca()
    account = holder(ca)
    before = account.keys()
    headers = [("Location", "https://ca.test/acct/7")] if has_location else []
    ca.script("keyChange", replies.reply(409, b"", headers))

    result = account("rollover", "--json")

    assert result.code == 3, result
    assert ("https://ca.test/acct/7" in result.stderr) == has_location
    assert result.json["error"]["http_status"] == 409
    assert account.keys() == before
    account.assert_usable_with_one_key()


@pytest.mark.parametrize("refusal, code", [
    (replies.problem("malformed", "not so", 400), 3),
    (replies.problem("unauthorized", "not you", 403), 3),
    (replies.problem("badPublicKey", "not this", 400), 3),
    (replies.problem("rateLimited", "later", 429, [("Retry-After", "3600")]), 10),
    (replies.problem("userActionRequired", "read this", 403,
                     instance="https://ca.test/agree"), 3)])
def test_a_refusal_leaves_the_old_key(holder, strict_ca, refusal, code):
    ca = strict_ca()
    account = holder(ca)
    before = account.keys()
    ca.always("keyChange", refusal)

    result = account("rollover")

    assert result.code == code, result
    assert len(ca.of("keyChange")) == 1
    assert account.keys() == before
    ca.always("keyChange", None)
    account.assert_usable_with_one_key()


def test_a_yes_that_is_none_is_seen(holder, strict_ca):
    """Pebble says 200 to a clash and changes nothing."""
    ca = strict_ca()
    account = holder(ca)
    before = account.keys()["key.pem"]
    ca.script("keyChange", replies.reply(200, {"status": "valid"}))

    result = account("rollover")

    assert result.code == 5, result
    assert "key-unused.pem" in result.stderr
    assert account.keys()["key.pem"] == before
    assert account("show").code == 0
    assert account("rollover").code == 0


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_gateway_that_gave_up_says_nothing(holder, strict_ca, status):
    """The CA has done it behind the gateway's back."""
    ca = strict_ca()
    account = holder(ca)
    ca.script("keyChange", replies.change(
        lambda _done: replies.Response(status, b"<html>", [])))

    assert account("rollover").code == 0

    assert len(ca.of("keyChange")) == 1
    account.assert_usable_with_one_key()


def test_nonces_that_are_rejected_cost_no_key(holder, strict_ca):
    ca = strict_ca()
    account = holder(ca)
    ca.script("keyChange", *[replies.problem("badNonce", "again", 400)] * 3)

    assert account("rollover").code == 0

    requests = ca.of("keyChange")
    assert len(requests) == 4
    assert len({each.protected["nonce"] for each in requests}) == 4
    assert len({json.dumps(inner_of(each)) for each in requests}) == 1
    account.assert_usable_with_one_key()


def test_a_ca_without_key_change(holder, strict_ca):
    ca = strict_ca()
    account = holder(ca)
    before = account.keys()
    ca.always("directory", replies.merge(keyChange=None))

    result = account("rollover")

    assert result.code == 2, result
    assert "keyChange" in result.stderr
    assert account.keys() == before
    account.assert_usable_with_one_key()


def test_a_ca_that_forgot_the_account_amid_a_change(holder, pebble_with):
    ca = pebble_with()
    account = holder(ca)
    key = account.keys()["key.pem"]
    (account.folder / "key-next.pem").write_bytes(key)
    (account.folder / "key-next.pem").chmod(0o600)
    ca.restart()

    result = account("register", "--agree-tos")

    assert result.code == 0, result
    account.assert_usable_with_one_key()


# ---- several runs

def test_two_rollovers_at_once(holder, gate, calm_pebble):
    guard = gate(calm_pebble)
    account = holder(guard)
    held = guard.hold("/rollover-account-key", "before")
    first = account.start("rollover")
    held.wait()

    second = account("rollover", "--json")
    guard.open()

    assert second.code == 8, second
    assert second.json["error"]["hint"] == "locked"
    assert first.wait().code == 0
    account.assert_usable_with_one_key()


def test_a_run_that_issues_is_not_disturbed(issuer, holder, guarded):
    """Its key authorizations are made of the old key."""
    _, guard = guarded()
    account = holder(guard)
    issue = issuer(guard)
    held = guard.hold("/acme/order/", "before")
    run = issue.start("a.test")
    held.wait()

    refused = account("rollover")
    guard.open()

    assert refused.code == 8, refused
    assert "other runs use the account" in refused.stderr
    assert run.wait().code == 0
    assert account("rollover").code == 0


def test_an_order_in_flight_stays_usable(issuer, holder, guarded):
    _, guard = guarded()
    account = holder(guard)
    issue = issuer(guard)
    held = guard.hold("/acme/order/", "before")
    run = issue.start("a.test")
    held.wait()
    run.send(signal.SIGKILL)
    run.wait(10)
    guard.open(drop=True)
    url = issue.order_url("a.test")

    assert account("rollover").code == 0
    result = issue("a.test", "--json")

    assert result.code == 0, result
    assert result.json["order"] == {"url": url, "resumed": True}


def test_a_run_waits_for_a_rollover_and_has_the_new_key(issuer, holder, guarded):
    _, guard = guarded()
    account = holder(guard)
    held = guard.hold("/acme/key-change", "after")
    rollover = account.start("rollover")
    held.wait()
    run = issuer(guard).start("a.test", "-v")
    run.wait_for("phase=account")

    guard.open()

    assert rollover.wait().code == 0
    assert run.wait().code == 0
    account.assert_usable_with_one_key()


def test_an_issue_finishes_what_a_killed_rollover_began(issuer, holder, guarded):
    _, guard = guarded()
    account = holder(guard)
    before = account.keys()["key.pem"]
    held = guard.hold("/acme/key-change", "after")
    rollover = account.start("rollover")
    held.wait()
    rollover.send(signal.SIGKILL)
    rollover.wait(10)
    guard.open(drop=True)

    assert issuer(guard)("a.test").code == 0

    assert list(account.keys()) == ["key.pem"]
    assert account.keys()["key.pem"] != before


def test_a_pending_key_that_cannot_be_read_is_named(holder, strict_ca):
    account = holder(strict_ca())
    pending = account.folder / "key-next.pem"
    for text, mode in (("no key", 0o600), (account.keys()["key.pem"].decode(), 0o644)):
        pending.write_text(text)
        pending.chmod(mode)

        result = account("rollover")

        assert result.code == 9, result
        assert "key-next.pem" in result.stderr


def test_a_list_says_that_a_change_is_pending(holder, strict_ca):
    ca = strict_ca()
    account = holder(ca)
    ca.always("keyChange", replies.drop_before())
    assert account("rollover", "--timeout", "30").code == 5

    listed = account.acmecore("account", "list", "--json").json["accounts"]

    assert listed[0]["key_change_pending"] is True
