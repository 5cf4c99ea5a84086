# SPDX-License-Identifier: Apache-2.0
"""What a CA revoked: renew finds it in the CA's list (RFC 5280) and replaces it."""
import datetime
import json
import time

import pytest

import crls
from crl_server import CrlServer, cut, dripping, endless, send, tagged, with_status
from issuing import public_key
from replies import problem

NAME = "a.test"
NOW = datetime.datetime.now(datetime.timezone.utc)
UNSPECIFIED, COMPROMISED, SUPERSEDED, ON_HOLD, REMOVED = None, 1, 4, 6, 8


class Ca:
    """A scripted CA, and its list for the certificates that are held."""

    def __init__(self, server, ca, issue, authority):
        self.server, self.ca, self.issue, self.authority = server, ca, issue, authority

    def publish(self, *entries, path="/list.crl", **options):
        self.server.lists[path] = self.make(*entries, **options)

    def make(self, *entries, **options):
        return crls.make(self.authority, entries, **options)

    def entry(self, reason=UNSPECIFIED, name=NAME, *more):
        serial = crls.serial_of(self.issue.current(name, "cert.pem"))
        return crls.entry(serial, NOW - datetime.timedelta(hours=2), reason, *more)

    def renew(self, *words, **options):
        return self.issue.acmecore("renew", "--json", *words, **options)

    def state(self, name=NAME):
        return json.loads((self.issue.folder_of(name) / "state.json").read_text())

    def notes(self):
        return [json.loads(path.read_text())
                for path in self.issue.state.glob("crls/*/list.json")]

    def change_notes(self, **members):
        """As if time had gone by."""
        for path in self.issue.state.glob("crls/*/list.json"):
            note = json.loads(path.read_text())
            note.update(members)
            path.write_text(json.dumps(note))

    def look_again(self):
        self.change_notes(next_fetch_at="2020-01-01T00:00:00Z")

    def hold(self, *names, options=()):
        for name in names or (NAME,):
            result = self.issue(name, *options)
            assert result.code == 0, result

    def version(self, name=NAME):
        return (self.issue.folder_of(name) / "current").readlink().name

    def key(self, name=NAME):
        return public_key(self.issue.current(name, "cert.pem"))


@pytest.fixture
def publisher(good_ca, issuer, issuing_authorities, dns_solver, _stop_at_end):
    server = CrlServer().start()
    _stop_at_end.append(server)
    ca = good_ca(leaf={"crl": server.url()})
    return Ca(server, ca, issuer(ca, solver=dns_solver), issuing_authorities[1])


def result_of(run):
    return [(each["name"], each["result"], each["reason"])
            for each in run.json["certificates"]]


def test_what_is_in_no_list_is_left_alone_and_the_list_is_asked_for_once(publisher):
    publisher.hold("a.test", "b.test")
    publisher.publish()

    first = publisher.renew()
    second = publisher.renew()

    assert first.code == 0 and second.code == 0, (first, second)
    assert first.json["due"] == 0
    assert len(publisher.server.requests) == 1
    note, = publisher.notes()
    assert note["url"] == publisher.server.url()
    assert "failures" not in note


def test_a_revoked_certificate_is_replaced_at_once(publisher):
    publisher.hold("a.test", "b.test")
    publisher.publish(publisher.entry(SUPERSEDED))

    run = publisher.renew()

    assert run.code == 0, run
    assert result_of(run) == [("a.test", "renewed", "revoked")]
    assert "was revoked by its CA" in run.stderr and "superseded" in run.stderr
    revoked, = publisher.state()["revoked"]
    assert revoked["reason"] == "superseded"
    assert "key_compromised" not in revoked
    assert (publisher.version("a.test"), publisher.version("b.test")) == ("0002", "0001")
    assert result_of(publisher.renew()) == []


def test_status_and_show_say_that_it_is_revoked(publisher):
    publisher.hold()
    publisher.publish(publisher.entry(SUPERSEDED))
    publisher.ca.always("newOrder", problem("rejectedIdentifier", "not now", 403))
    publisher.renew()

    status = publisher.issue.acmecore("status", "--json")
    shown = publisher.issue.acmecore("show", NAME)

    assert status.code == 20, status
    one, = status.json["certificates"]
    assert (one["level"], one["reason"]) == ("failing", "revoked")
    assert "revoked" in shown.stdout and "superseded" in shown.stdout


def test_a_compromised_key_is_replaced_in_spite_of_reuse_key(publisher):
    publisher.hold(options=["--reuse-key"])
    before = publisher.key()
    publisher.publish(publisher.entry(COMPROMISED))

    run = publisher.renew()

    assert run.code == 0, run
    assert publisher.version() == "0002" and publisher.key() != before
    assert publisher.state()["revoked"][0]["key_compromised"] is True


def test_another_reason_leaves_a_key_that_is_reused(publisher):
    publisher.hold(options=["--reuse-key"])
    before = publisher.key()
    publisher.publish(publisher.entry(SUPERSEDED))

    assert publisher.renew().code == 0

    assert publisher.version() == "0002" and publisher.key() == before


def test_a_key_of_the_user_that_is_compromised_asks_for_another(publisher, tmp_path):
    from certificates import make_key
    key = make_key(tmp_path / "own.key")
    key.chmod(0o600)
    publisher.hold(options=["--key", key])
    publisher.publish(publisher.entry(COMPROMISED))

    run = publisher.renew()

    assert run.code == 2, run
    assert publisher.version() == "0001"
    assert "compromised" in run.stderr and "Make another key" in run.stderr
    assert publisher.issue.acmecore("status").code == 20
    assert not publisher.issue.journal(NAME)


def test_failures_of_before_do_not_delay_the_replacement(publisher):
    publisher.hold()
    path = publisher.issue.folder_of(NAME) / "state.json"
    state = publisher.state()
    later = NOW + datetime.timedelta(hours=15)
    state["trouble"] = {"failures": 5, "code": "AC_E_PROBLEM", "message": "rate limited",
                        "failed_at": NOW.strftime("%Y-%m-%dT%H:%M:%SZ"),
                        "next_attempt_at": later.strftime("%Y-%m-%dT%H:%M:%SZ")}
    path.write_text(json.dumps(state))
    publisher.publish(publisher.entry())

    run = publisher.renew()

    assert result_of(run) == [("a.test", "renewed", "revoked")]


def test_a_replacement_that_fails_is_not_tried_without_end(publisher):
    publisher.hold()
    publisher.publish(publisher.entry())
    publisher.ca.always("newOrder", problem("rejectedIdentifier", "not now", 403))

    codes = [publisher.renew().code]
    orders = len(publisher.ca.of("newOrder"))
    codes += [publisher.renew().code, publisher.renew().code]

    assert len(publisher.ca.of("newOrder")) == orders
    assert publisher.state()["trouble"]["failures"] == 1
    assert codes == [3, 20, 20]


def test_on_hold_is_told_and_not_replaced(publisher):
    publisher.hold()
    publisher.publish(publisher.entry(ON_HOLD))
    held = publisher.renew()
    state = publisher.state()
    publisher.look_again()
    again = publisher.renew()
    publisher.publish()
    publisher.look_again()
    released = publisher.renew()

    assert held.code == 0 and publisher.version() == "0001"
    assert "is on hold" in held.stderr and "on hold" not in again.stderr
    assert "on_hold_since" in state["crl"]["certificates"][0]
    assert "not on hold any more" in released.stderr
    assert "on_hold_since" not in publisher.state()["crl"]["certificates"][0]


def test_an_entry_that_was_removed_is_none(publisher):
    publisher.hold()
    publisher.publish(publisher.entry(REMOVED))

    assert publisher.renew().json["due"] == 0


def point(url, *more):
    return [crls.extension(crls.POINT, crls.point(url, *more), True)]


def hostile_lists(publisher):
    """How each is served, and what is said of it."""
    make, entry = publisher.make, publisher.entry()
    days = datetime.timedelta(days=1)
    stranger = publisher.ca.mini._root          # not the issuer of the leaf
    whose = crls.extension(crls.ISSUER_OF_ENTRY, b"\x30\x00", True)
    whole = make(entry)
    return {
        "wrong signature": (make(entry, key=stranger.key), "not signed by the issuer"),
        "wrong issuer": (crls.make(stranger, [entry]), "not signed by the issuer"),
        "wrong name": (make(entry, name=crls.subject_of(stranger.pem())),
                       "another issuer's"),
        "stale": (make(entry, begins=NOW - 9 * days, ends=NOW - days), "stale"),
        "of tomorrow": (make(entry, begins=NOW + days, ends=NOW + 9 * days),
                        "time to come"),
        "other point": (make(entry, extensions=point("http://ca.test/2.crl")),
                        "another distribution point"),
        "indirect": (make(entry, extensions=point("", crls.der(0x84, b"\xff"))),
                     "indirect"),
        "entry of another": (make(publisher.entry(None, NAME, whose)), "critical"),
        "no list": (b"<html>login</html>", "no certificate revocation list"),
        "empty": (b"", "no certificate revocation list"),
        "truncated": (cut(whole), "cut short"),
        "half, and as if whole": (whole[:len(whole) // 2],
                                  "no certificate revocation list"),
        "huge": (endless, "longer"),
        "huge by its header": (lambda handler: send(handler, b"x", length=1 << 30),
                               "longer"),
        "missing": (None, "404"),
        "error": (with_status(500), "500"),
        "the same, unasked": (with_status(304), "304"),
        "nowhere": (with_status(302, ("Location", "http://127.0.0.1:1/x")), "port 80"),
        "to itself": (with_status(302, ("Location", publisher.server.url())),
                      "neither port 80"),
        "to a file": (with_status(302, ("Location", "file:///etc/passwd")), "refused"),
    }


def test_lists_that_are_wrong_change_nothing_and_fail_nothing(publisher):
    publisher.hold()
    for name, (answer, says) in hostile_lists(publisher).items():
        publisher.server.lists["/list.crl"] = answer
        publisher.look_again()
        before = len(publisher.server.requests)
        run = publisher.renew("-v")
        note, = publisher.notes()
        assert run.code == 0, (name, run)
        assert publisher.version() == "0001", name
        assert len(publisher.server.requests) == before + 1, name
        assert says in note["message"], (name, note)
        assert "revoked" not in publisher.state(), name
        assert not list(publisher.issue.state.glob("crls/*/list.der")), name
    assert note["failures"] == len(hostile_lists(publisher))


def test_a_list_that_drips_costs_its_deadline(publisher):
    publisher.hold()
    publisher.server.lists["/list.crl"] = dripping(publisher.server, publisher.make())

    begun = time.monotonic()
    run = publisher.renew("--timeout", "3")

    assert time.monotonic() - begun < 20
    assert publisher.version() == "0001"
    assert run.code == 0, run
    note, = publisher.notes()
    assert note["failures"] == 1  # it is not waited for again by the next run


def test_what_is_revoked_is_found_although_its_state_is_lost(publisher):
    publisher.hold()
    publisher.publish(publisher.entry(SUPERSEDED))
    (publisher.issue.folder_of(NAME) / "state.json").unlink()

    run = publisher.renew()

    assert run.code == 0, run
    assert result_of(run) == [(NAME, "renewed", "revoked")]


def test_a_list_that_drips_leaves_a_renewal_its_time(publisher):
    publisher.hold()
    publisher.server.lists["/list.crl"] = dripping(publisher.server, publisher.make())

    run = publisher.renew("--force", "--timeout", "8")

    assert run.code == 0, run
    assert publisher.version() == "0002"


def test_lists_that_cannot_be_looked_through_stop_no_renewal(publisher):
    publisher.hold()
    publisher.publish()
    (publisher.issue.state / "crls").write_text("")

    run = publisher.renew("--force")

    assert run.code == 0, run
    assert publisher.version() == "0002"
    assert "revocation lists are not removed" in run.stderr


def test_failure_is_backed_off_and_told_after_days(publisher):
    publisher.hold()
    quiet = publisher.renew()
    again = publisher.renew()
    requests = len(publisher.server.requests)
    since = (NOW - datetime.timedelta(days=4)).strftime("%Y-%m-%dT%H:%M:%SZ")
    publisher.change_notes(next_fetch_at=since, failing_since=since)
    told = publisher.renew()
    publisher.look_again()
    once = publisher.renew()

    assert requests == 1 and quiet.code == again.code == told.code == 0
    assert "of no use" not in quiet.stderr
    assert "of no use since" in told.stderr and "404" in told.stderr
    assert "of no use" not in once.stderr


def test_the_same_list_is_not_sent_again(publisher):
    publisher.hold()
    publisher.server.lists["/list.crl"] = tagged(publisher.make(), '"one"')
    publisher.renew()
    publisher.hold("b.test")
    publisher.server.lists["/list.crl"] = tagged(
        publisher.make(publisher.entry(SUPERSEDED)), '"two"')
    publisher.look_again()
    changed = publisher.renew()
    publisher.look_again()
    publisher.renew()

    asked = [headers.get("If-None-Match") for _path, headers in publisher.server.requests]
    assert asked == [None, '"one"', '"two"']
    assert result_of(changed) == [("a.test", "renewed", "revoked")]


def test_an_older_list_does_not_replace_a_newer_one(publisher):
    publisher.hold()
    old = publisher.make(begins=NOW - datetime.timedelta(days=1))
    publisher.publish()
    publisher.renew()
    publisher.server.lists["/list.crl"] = old
    publisher.look_again()
    publisher.renew()

    note, = publisher.notes()
    assert "older list" in note["message"]


def test_off_is_off(publisher, tmp_path):
    publisher.hold()
    publisher.publish(publisher.entry())
    config = tmp_path / "acmecore.conf"
    config.write_text("crl-check = off\n")

    by_option = publisher.renew("--no-crl-check")
    by_configuration = publisher.renew("--config", config)
    dry = publisher.renew("--dry-run")

    assert by_option.code == by_configuration.code == dry.code == 0
    assert publisher.server.requests == [] and publisher.version() == "0001"
    assert publisher.renew().json["renewed"] == 1


def test_one_that_is_named_leaves_the_list_due_for_the_others(publisher):
    publisher.hold("a.test", "b.test")
    publisher.publish(publisher.entry(SUPERSEDED, "b.test"))

    named = publisher.renew("a.test")
    all_of_them = publisher.renew()

    assert result_of(named) == []
    assert result_of(all_of_them) == [("b.test", "renewed", "revoked")]


def test_state_of_before_is_looked_into_once(publisher):
    publisher.hold()
    path = publisher.issue.folder_of(NAME) / "state.json"
    state = publisher.state()
    assert state.pop("crl")["certificates"][0]["url"] == publisher.server.url()
    path.write_text(json.dumps(state))
    publisher.publish()

    publisher.renew()
    written = path.stat().st_mtime_ns
    publisher.renew()

    assert publisher.state()["crl"]["version"] == 1
    assert path.stat().st_mtime_ns == written
    assert len(publisher.server.requests) == 1


def test_a_set_is_replaced_when_one_of_it_is_revoked(publisher):
    publisher.hold(options=["--key-type", "ecdsa-p256,rsa-2048"])
    serial = crls.serial_of(publisher.issue.current(NAME, "cert-rsa-2048.pem"))
    publisher.publish(crls.entry(serial, NOW, SUPERSEDED))

    run = publisher.renew()

    assert result_of(run) == [("a.test", "renewed", "revoked")]
    assert publisher.version() == "0002"


def test_a_certificate_that_names_no_list_is_asked_about_nowhere(publisher):
    publisher.ca.mini.leaf = {}
    publisher.hold()

    assert publisher.renew().code == 0

    assert publisher.server.requests == [] and publisher.notes() == []
    assert "url" not in publisher.state()["crl"]["certificates"][0]
