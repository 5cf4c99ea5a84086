# SPDX-License-Identifier: Apache-2.0
"""Notifications: who is told of what, once, then daily, whatever the command does."""
import json
import os
import signal
import time

import pytest

from program import is_sanitized
from replies import normal, problem
from running import wait_until

FAKETIME = "/usr/$LIB/faketime/libfaketimeMT.so.1"    # the loader knows $LIB
REFUSED = problem("rejectedIdentifier", "not this one", status=403)

needs_faketime = pytest.mark.skipif(is_sanitized(), reason="libfaketime and ASan clash")


def at(when):
    return {"LD_PRELOAD": FAKETIME, "FAKETIME": when, "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_NO_CACHE": "1"}


class Teller:
    """A program that keeps each document it reads; `body` is what it does then."""

    def __init__(self, folder, name="tell", body=""):
        self.path = folder / name
        self.kept = folder / f"{name}.kept"
        self.rewrite(body)

    def rewrite(self, body):
        self.path.write_text(f"#!/bin/sh\ncat >> '{self.kept}'\n{body}\n")
        self.path.chmod(0o755)

    @property
    def calls(self):
        """All documents so far."""
        if not self.kept.exists():
            return []
        return [json.loads(line) for line in self.kept.read_text().splitlines()]

    @property
    def events(self):
        return [event for call in self.calls for event in call["events"]]

    @property
    def told(self):
        return [(event["event"], event["certificate"]) for event in self.events]


@pytest.fixture
def teller(tmp_path):
    return lambda *words, **options: Teller(tmp_path, *words, **options)


@pytest.fixture
def ca(good_ca):
    return good_ca()


@pytest.fixture
def own(issuer, ca, dns_solver):
    return issuer(ca, solver=dns_solver)


def configure(folder, text):
    path = folder / "acmecore.conf"
    path.write_text(text)
    path.chmod(0o644)
    return ["--config", path]


# ---- what is told

def test_what_is_stored_and_not_served_is_told_and_its_recovery(acmecore, own, teller,
                                                                tmp_path):
    tell = teller()
    reload = tmp_path / "reload"
    reload.write_text("#!/bin/sh\necho no such service >&2\nexit 3\n")
    reload.chmod(0o755)

    result = own("a.test", "--notify", tell.path, "--installer", "installer-files",
                 "--set", f"installer-files.fullchain={tmp_path}/site.pem",
                 "--set", f"installer-files.reload={reload}")

    assert result.code == 7, str(result)
    assert tell.told == [("renewed", "a.test"), ("deploy-failed", "a.test")]
    failed = tell.events[1]
    (deployment,) = failed["deployments"]
    assert failed["state"] == "not-live" and deployment["status"] == "failed"
    assert deployment["installer"] == "installer-files" and deployment["failures"] == 1
    assert "no such service" in deployment["message"]

    reload.write_text("#!/bin/sh\nexit 0\n")
    assert acmecore("deploy", "a.test").code == 0
    assert acmecore("renew").code == 0

    assert [event for event, _ in tell.told[2:]] == ["deployed"]
    assert tell.events[2]["previous_state"] == "not-live"
    assert tell.events[2]["deployments"][0]["status"] == "live"


def test_issue_and_renewal_are_told_once(acmecore, own, teller):
    tell = teller()

    assert own("a.test", "--notify", tell.path).code == 0
    assert own("a.test").code == 0
    assert acmecore("renew").code == 0
    assert acmecore("renew", "--force").code == 0
    assert acmecore("renew").code == 0

    first, second = tell.calls
    assert first["schema"] == 1 and first["notifier"] == str(tell.path)
    (issued,), (renewed,) = first["events"], second["events"]
    assert (issued["event"], issued["version"]) == ("renewed", 1)
    assert (issued["previous_state"], issued["state"]) == ("missing", "fine")
    assert issued["identifiers"] == ["a.test"] and len(issued["sha256"]) == 64
    assert issued["serial"] and issued["expires_in_s"] > 0 and issued["not_after"]
    assert (renewed["version"], renewed["previous_state"]) == (2, "fine")
    assert "recovered" not in renewed


def test_failure_is_told_once_with_the_words_of_the_ca(acmecore, own, ca, teller):
    tell = teller()
    assert own("a.test", "--notify", tell.path).code == 0
    ca.always("newOrder", REFUSED)

    assert acmecore("renew", "--force").code == 3
    assert acmecore("renew", "--force").code == 3

    _, failed = tell.events
    assert failed["event"] == "failed" and failed["certificate"] == "a.test"
    assert (failed["previous_state"], failed["state"]) == ("fine", "failing")
    assert failed["failures"] == 1 and failed["next_attempt_at"] > failed["failed_at"]
    assert failed["error"]["hint"] == "rejected-name" and failed["error"]["exit"] == 3
    assert "not this one" in failed["error"]["problem"]["detail"]
    assert failed["version"] == 1


def test_recovery_is_told_also_to_those_who_want_failures_only(acmecore, own, ca, teller,
                                                               tmp_path):
    tell = teller()
    config = configure(tmp_path, f'notify "ops" {{ command = "{tell.path}"  '
                                 'events = {"failed"} }\n')
    assert own("a.test", *config).code == 0
    ca.script("newOrder", REFUSED, REFUSED)
    assert acmecore("renew", "--force", *config).code == 3
    assert acmecore("renew", "--force", *config).code == 3

    assert acmecore("renew", "--force", *config).code == 0
    assert acmecore("renew", "--force", *config).code == 0

    assert tell.told == [("failed", "a.test"), ("renewed", "a.test")]
    recovered = tell.events[-1]
    assert recovered["recovered"] is True and recovered["recovered_after"] == 1
    assert (recovered["previous_state"], recovered["state"]) == ("failing", "fine")


def test_first_issue_that_fails_is_told_once(own, ca, teller):
    tell = teller()
    ca.always("newOrder", REFUSED)

    assert own("a.test", "--notify", tell.path).code == 3
    assert own("a.test", "--notify", tell.path).code == 3

    assert tell.told == [("failed", "a.test")]
    assert tell.events[0]["previous_state"] == "missing"


def test_revocation_is_told_once(acmecore, own, teller):
    tell = teller()
    assert own("a.test", "--notify", tell.path).code == 0

    assert acmecore("revoke", "a.test", "--reason", "superseded").code == 0
    time.sleep(1.1)     # times are noted in seconds
    assert acmecore("revoke", "a.test", "--reason", "superseded").code == 0

    assert tell.told == [("renewed", "a.test"), ("revoked", "a.test")]
    revoked = tell.events[-1]
    assert revoked["revoked"]["reason"] == "superseded"
    assert revoked["revoked"]["sha256"] == tell.events[0]["sha256"]
    assert revoked["state"] == "revoked"


# ---- time

@needs_faketime
def test_failure_that_lasts_is_told_daily(acmecore, own, ca, teller):
    tell = teller()
    assert own("a.test", "--notify", tell.path).code == 0
    ca.always("newOrder", REFUSED)

    for hours in range(0, 73, 6):
        result = acmecore("renew", env=at(f"+{28 * 24 + hours}h"))
        assert result.code in (3, 20), result

    assert [event["event"] for event in tell.events].count("failed") == 4
    last = [event for event in tell.events if event["event"] == "failed"][-1]
    assert last["failures"] > 1 and last["previous_state"] in ("failing", "expiring")
    assert last["error"]["hint"] == "rejected-name"


@needs_faketime
@pytest.mark.parametrize("threshold, day, is_told", [
    ("15%", 24, False), ("15%", 26, True), ("8d", 23, True), ("8d", 21, False),
    ("40h", 27, False), ("40h", 28.5, True)])
def test_end_that_is_near_is_told_daily(acmecore, own, ca, teller, tmp_path, threshold,
                                        day, is_told):
    tell = teller()
    config = configure(tmp_path, f'notify "ops" {{ command = "{tell.path}"  '
                                 f'events = {{expiring}}  expiring = "{threshold}" }}\n')
    assert own("a.test", *config).code == 0     # for 30 days
    ca.always("newOrder", REFUSED)

    for hours in (0, 6, 24) if is_told else (0, 6):
        acmecore("renew", *config, env=at(f"+{int(day * 24) + hours}h"))

    assert tell.told == ([("expiring", "a.test")] * 2 if is_told else [])
    assert all(0 < event["expires_in_s"] <= 8 * 86400 for event in tell.events)


@needs_faketime
def test_end_that_was_told_is_over_with_the_renewal(acmecore, own, ca, teller):
    tell = teller()
    assert own("a.test", "--notify", tell.path).code == 0
    ca.always("newOrder", REFUSED)
    acmecore("renew", env=at("+27d"))
    ca.always("newOrder", normal())

    assert acmecore("renew", env=at("+28d")).code == 0

    assert [event["event"] for event in tell.events][:4] == [
        "renewed", "failed", "expiring", "renewed"]
    assert tell.events[3]["recovered"] is True


# ---- many, and commands that misbehave

def test_many_failures_are_one_call(acmecore, own, ca, teller, tmp_path):
    tell = teller()
    names = [f"n{number:02}.test" for number in range(50)]
    options = dict(word.split("=") for word in own.solver if "=" in word)
    config = configure(tmp_path, f'''
notify "ops" {{ command = "{tell.path}" }}
agree-tos = true
ca "lab" {{ directory = "{ca.directory_url}"  ca-file = "{ca.ca_file}" }}
ca = "lab"
solvers = {{hook}}
solver "hook" {{ plugin = "dns01-exec"
    options {{ {" ".join(f'{key.split(".")[1]} = "{value}"'
                         for key, value in options.items())} }} }}
''' + "".join(f'certificate "{name}" {{ identifiers = "{name}" }}\n' for name in names))
    ca.always("newOrder", REFUSED)

    assert acmecore("renew", "--jobs", "20", *config).code == 3
    assert acmecore("renew", "--force", "--jobs", "20", *config).code == 3

    assert len(tell.calls) == 1
    assert tell.told == [("failed", name) for name in names]


@pytest.mark.parametrize("body, words", [
    ("echo no mail today >&2; exit 3", "ended with exit code 3: no mail today"),
    ("kill -9 $$", "was ended by signal 9 (SIGKILL)"),
    ("sleep 60", "did not"), ("while :; do echo flood; done", ""),
])
def test_command_that_fails_is_a_warning_and_tried_again(acmecore, own, teller, tmp_path,
                                                         body, words):
    tell = teller(body=body)
    config = configure(tmp_path, f'notify "ops" {{ command = "{tell.path}"  timeout = 2 }}\n')

    result = own("a.test", *config)

    assert result.code == 0, result
    assert "notify ops" in result.stderr and words in result.stderr, result
    assert "the next run tells it again" in result.stderr
    assert result.elapsed_s < 30
    tell.rewrite("")
    tell.kept.unlink()
    assert acmecore("renew", *config).code == 0
    assert acmecore("renew", *config).code == 0
    assert tell.told == [("renewed", "a.test")]


def test_one_that_fails_costs_the_other_nothing(acmecore, own, teller, tmp_path):
    good, bad = teller("good"), teller("bad", body="exit 1")
    config = configure(tmp_path, f'notify "good" {{ command = "{good.path}" }}\n'
                                 f'notify "bad" {{ command = "{bad.path}" }}\n')

    assert own("a.test", *config).code == 0
    bad.rewrite("")
    assert acmecore("renew", *config).code == 0

    assert len(good.calls) == 1 and len(bad.calls) == 2


def test_program_that_others_can_write_is_not_run(own, teller):
    tell = teller()
    tell.path.chmod(0o777)

    result = own("a.test", "--notify", tell.path)

    assert result.code == 2 and "not to be trusted" in result.stderr, result
    assert tell.calls == []


def test_run_that_is_killed_before_it_told_owes_it_to_the_next(acmecore, own, teller,
                                                               tmp_path):
    tell = teller(body=f"touch '{tmp_path}/begun'; sleep 60")
    run = own.start("a.test", "--notify", tell.path)
    wait_until(lambda: (tmp_path / "begun").exists(), "the command")
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    tell.rewrite("")
    tell.kept.unlink()

    assert acmecore("renew").code == 0
    assert acmecore("renew").code == 0

    assert tell.told == [("renewed", "a.test")]


def test_watch_tells(acmecore, own, teller, tmp_path):
    tell = teller()
    assert own("a.test").code == 0
    config = configure(tmp_path, f'notify "ops" {{ command = "{tell.path}" }}\n')
    run = acmecore.start("renew", "--watch", "-v", *config)

    run.wait_for("watch.sleep")
    run.send(signal.SIGTERM)

    assert run.wait().code == 0
    assert tell.told == [("renewed", "a.test")]


# ---- who

def test_certificate_says_who_is_told_in_its_case(acmecore, own, teller, tmp_path):
    ops, web = teller("ops"), teller("site")
    text = (f'notify "ops" {{ command = "{ops.path}" }}\n'
            f'notify "web" {{ command = {{"{web.path}", "--to", "x"}} }}\n')
    config = configure(tmp_path, text)

    assert own("a.test", *config).code == 0
    assert own("b.test", "--notify", "web", *config).code == 0
    assert own("c.test", "--notify", "none", *config).code == 0

    assert ops.told == [("renewed", "a.test")]
    assert web.told == [("renewed", "a.test"), ("renewed", "b.test")]


@pytest.mark.parametrize("text, line, message", [
    ('notify "a" { events = {failed} }', 1, 'notify "a" has no command'),
    ('notify "a" { command = "tell" }', 1, 'notify "a" has no command'),
    ('notify "a" { command = /bin/true\nevents = {renewd} }', 1,
     'there is no event "renewd"; did you mean renewed?'),
    ('notify "a" { command = /bin/true timeout = 0 }', 1, "timeout is a number of seconds"),
    ('notify "a" { command = /bin/true expiring = "soon" }', 1,
     "expiring is a share of the life or a time"),
    ('notify "a" { command = /nowhere/tell }', 1, "cannot look at /nowhere"),
    ('notify "a" { command = /etc/passwd }', 1, "/etc/passwd is no program"),
    ('notify = "ops"', 1, 'there is no notify "ops"'),
    ('pre-hook = "web"', 1, 'there is no hook "web"'),
    ('hook "web" { command = /bin/true event = x }', 1, 'unknown setting "event"'),
])
def test_what_is_wrong_is_told_by_the_check(acmecore, tmp_path, text, line, message):
    config = configure(tmp_path, text)

    result = acmecore("config", "check", "--json", *config, state=None)

    assert result.code == 2, result
    assert any(fault["line"] == line and message in fault["message"]
               for fault in result.json["faults"]), result
