# SPDX-License-Identifier: Apache-2.0
"""Clocks that are wrong, and clocks that jump under a process that stays."""
import dataclasses
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import pytest

import replies
from certificates import Authority
from program import is_sanitized
from travel import DAY, FAKETIME, HOUR, faked, utc_of, utc_text

pytestmark = pytest.mark.skipif(is_sanitized(), reason="libfaketime and ASan clash")
QUIET_S = 1.5
LOOKS_MAX = 10  # for one reason
LONG_AGO = "2025-06-01 00:00:00 UTC"


def version_of(issue, name):
    return (issue.folder_of(name) / "current").readlink().name


def state_of(issue, name):
    return json.loads((issue.folder_of(name) / "state.json").read_text())


def at(offset_s):
    return faked(time.time() + offset_s)


# ---- wrong by much, at a CA that has it right

@pytest.fixture(scope="session")
def old_root(tmp_path_factory):
    """A server's certificate is older than a clock is wrong."""
    return Authority(tmp_path_factory.mktemp("old"), start=LONG_AGO)


@pytest.fixture
def held(issuer, good_ca, old_root):
    """Two certificates of 90 days, at a CA that says what time it is."""
    def make(**options):
        ca = good_ca(certificate=old_root.server(start=LONG_AGO), **options)
        ca.ca_file = old_root.path
        ca.mini.leaf = {"days": 90}
        ca.always("directory", replies.change(
            lambda response: response.header("Date", replies.http_date(0))))
        issue = issuer(ca)
        for name in ("a.test", "b.test"):
            result = issue(name)
            assert result.code == 0, result
        ca.requests.clear()
        return issue
    return make


def test_clock_that_is_ahead_renews_nothing(held):
    """By it all is due, at each run again, until the CA's limits are used up."""
    issue = held()

    result = issue.acmecore("renew", env=at(80 * DAY))
    again = issue.acmecore("renew", "--json", env=at(81 * DAY))

    assert result.code == 0, result
    assert "2 certificates looked at, 0 due" in result.stdout
    assert re.search(r"this machine's clock \(20\S+Z\) is (79|80) days ahead of that of "
                     r"https://localhost", result.stderr), result
    assert again.json["due"] == 0 and again.json["clock_corrected_s"] < -79 * DAY
    assert issue.ca.counts() == {("GET", "directory"): 2}
    assert version_of(issue, "a.test") == "0001"
    # What is noted is the right time: nothing is left of the wrong one.
    assert not state_of(issue, "a.test").get("trouble")
    pace = json.loads((issue.state / "runs/renew/pace.json").read_text())
    assert all(utc_of(look) < time.time() + HOUR for look in pace["looks"])


def test_clock_that_is_trusted_counts(held):
    issue = held()

    result = issue.acmecore("renew", "--trust-clock", env=at(80 * DAY))

    assert result.code == 0, result
    assert "2 renewed" in result.stdout and "clock" not in result.stderr


def test_clock_that_is_years_ahead_reaches_nobody_and_says_why(held):
    """The CA's own certificate has expired by it: nothing can be asked."""
    issue = held()

    result = issue.acmecore("renew", env=at(9 * 365 * DAY))

    assert result.code == 5, result
    assert re.search(r"it expired on 20\S+, by this machine's clock \(20\S+Z\); is that "
                     r"right\?", result.stderr), result
    assert version_of(issue, "a.test") == "0001"
    assert issue.acmecore("renew").code in (0, 5)     # and is well with the right time
    assert "0 due" in issue.acmecore("renew", env=at(HOUR)).stdout
    # What failed in that year is tried when it is due, not in that year.
    later = issue.acmecore("renew", "--trust-clock", env=at(70 * DAY))
    assert later.code == 0 and version_of(issue, "a.test") == "0002", later


def test_clock_that_is_behind_is_noticed_by_what_is_held(held):
    """What is held begins in its future: the CA is asked for the time."""
    issue = held()

    result = issue.acmecore("renew", env=at(-40 * DAY - HOUR))
    issue.ca.drop_connections(1000)
    alone = issue.acmecore("renew", env=at(-40 * DAY - HOUR))

    assert result.code == 0, result
    assert "is 40 days behind that of https://localhost" in result.stderr, result
    assert "0 due" in result.stdout
    assert alone.code == 0, alone
    assert re.search(r"a\.test is valid from 20\S+, and this machine's clock says 20\S+: "
                     r"is that right\? No CA could be asked", alone.stderr), alone


def test_clock_that_is_behind_does_not_let_a_certificate_expire(held):
    """By it there are months left; the CA knows that there is a day."""
    issue = held()
    path = issue.folder_of("a.test") / "state.json"
    state = json.loads(path.read_text())
    now = int(time.time())
    state["not_before"], state["not_after"] = utc_text(now - 89 * DAY), utc_text(now + DAY)
    path.write_text(json.dumps(state))

    result = issue.acmecore("renew", "--json", env=at(-60 * DAY))

    assert result.code == 0, result
    assert {each["name"]: each["result"] for each in result.json["certificates"]} == {
        "a.test": "renewed"}


def test_certificate_is_issued_by_the_cas_time(held):
    """The leaf would be refused as one of the past or of the future."""
    issue = held()

    ahead = issue("new.test", "--json", env=at(100 * DAY + HOUR))
    behind = issue("other.test", "--json", env=at(-3 * HOUR - 60))

    assert ahead.code == 0 and behind.code == 0, (str(ahead), str(behind))
    assert "100 days ahead" in ahead.stderr and "3 hours behind" in behind.stderr
    assert issue.has_certificate("new.test") and issue.has_certificate("other.test")


@pytest.mark.parametrize("is_first", (True, False))
def test_ca_that_is_alone_with_its_time_costs_no_others_certificate(held, is_first):
    """By it nothing is due; the other CA has the machine's time."""
    issue, other = held(), held()
    assert issue("c.test").code == 0
    late = issue.ca if is_first else other.ca
    for ca, days in ((issue.ca, 70), (other.ca, 30)):
        ca.always("directory", replies.change(
            lambda response, days=days, delay_s=0.3 if ca is late else 0:
            dataclasses.replace(
                response.header("Date", replies.http_date(days * DAY)),
                delay_s=delay_s)))

    result = issue.acmecore("renew", "--json", env=at(70 * DAY))

    assert result.code == 0, result
    assert "is 39 days behind" in result.stderr or "is 40 days behind" in result.stderr
    assert {each["name"]: each["result"] for each in result.json["certificates"]} == {
        "a.test": "renewed", "b.test": "renewed", "c.test": "renewed"}
    assert "clock_corrected_s" not in result.json


def test_machine_without_a_clock_waits_for_one(held):
    issue = held()

    result = issue.acmecore("renew", "--force", env=faked(10))

    assert result.code == 9, result
    assert "this machine's clock says 1970-01-01T00:00:1" in result.stderr
    assert "nothing can be renewed before it is" in result.stderr
    assert not issue.ca.requests


# ---- a clock that is set while a process stays

@pytest.fixture(scope="session")
def clock_set(tmp_path_factory):
    library = tmp_path_factory.mktemp("clock") / "clock_set.so"
    source = pathlib.Path(__file__).parent / "clock_set.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source], check=True)
    return library


class Watch:
    """`renew --watch` whose clock a test sets."""

    def __init__(self, acmecore, folder, library, words):
        self.fifo, self.time = folder / "fifo", folder / "time"
        os.mkfifo(self.fifo)
        self._set(0)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.listener.bind(str(folder / "notify"))
        self.listener.settimeout(20)
        self.run = acmecore.start("renew", "--watch", *words, env={
            "LD_PRELOAD": f"{library}:{FAKETIME}", "CLOCK_SET_FIFO": str(self.fifo),
            "FAKETIME_TIMESTAMP_FILE": str(self.time), "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "TZ": "UTC",
            "NOTIFY_SOCKET": str(folder / "notify"),
            "CLOCK_SET_TELLS": str(folder / "notify")})

    def _set(self, offset_s):
        self.time.write_text(f"{offset_s:+d}\n")

    def _hear(self):
        return self.listener.recv(512).decode()

    def next_look(self):
        """
        When it will look again, said after each look; and it is asleep by now. Whose clock
        is set before that finds out twice, by the time and by the timer, and looks twice.
        """
        looks = []
        for said in iter(self._hear, "ARMED"):
            looks += re.findall(r"looks again at (\S+)", said)
            assert len(looks) < LOOKS_MAX, looks
        return utc_of(looks[-1])

    def jump(self, offset_s):
        """The clock is set while it sleeps; it looks, and says when it will look again."""
        self._set(offset_s)
        self.listener.settimeout(20)
        fifo = os.open(self.fifo, os.O_RDWR | os.O_NONBLOCK)    # it may have ended
        os.write(fifo, b"!")
        os.close(fifo)
        return self.next_look()

    def looks_within(self, seconds):
        """How often it looked without being told to."""
        self.listener.settimeout(seconds)
        end, count = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            try:
                count += "looks again at" in self._hear()
            except TimeoutError:
                break
        return count

    def end(self):
        self.run.send(signal.SIGTERM)
        assert self.run.wait().code == 0

    def cpu_s(self):
        fields = pathlib.Path(f"/proc/{self.run.pid}/stat").read_text().rsplit(")", 1)[1]
        return sum(map(int, fields.split()[11:13])) / os.sysconf("SC_CLK_TCK")


@pytest.fixture
def watch(acmecore, tmp_path, clock_set):
    def start(*words):
        return Watch(acmecore, tmp_path, clock_set, words)
    return start


def test_clock_that_jumps_forward_brings_what_is_due(held, watch):
    issue = held()
    watching = watch("--trust-clock")
    watching.next_look()
    began = time.monotonic()

    look_at = watching.jump(61 * DAY)
    took = time.monotonic() - began

    assert version_of(issue, "a.test") == version_of(issue, "b.test") == "0002"
    assert took < 20
    assert look_at > time.time() + 61 * DAY
    watching.end()


def test_clock_that_jumps_forward_is_compared_with_the_cas(held, watch):
    issue = held()
    watching = watch()
    watching.next_look()

    look_at = watching.jump(61 * DAY)

    assert version_of(issue, "a.test") == "0001"
    assert "days ahead of that of" in watching.run.stderr
    # It sleeps by the clock that is wrong, and sets out anew when that is set.
    assert 0 < look_at - (time.time() + 61 * DAY) < 7 * HOUR
    assert abs(watching.jump(0) - time.time()) < 7 * HOUR
    watching.end()


def test_clock_that_jumps_back_renews_nothing_twice_and_sleeps(held, watch):
    issue = held()
    watching = watch("--trust-clock")
    watching.next_look()
    watching.jump(61 * DAY)
    assert version_of(issue, "a.test") == "0002"
    issue.ca.requests.clear()

    for offset_s in (0, -HOUR, 2 * HOUR, -20 * DAY):
        look_at = watching.jump(offset_s)
        assert 0 < look_at - (time.time() + offset_s) < 7 * HOUR

    before = watching.cpu_s()
    assert watching.looks_within(QUIET_S) == 0
    assert watching.cpu_s() - before < 0.2
    assert version_of(issue, "a.test") == "0002"
    assert not issue.ca.of("newOrder")
    watching.end()


def test_clock_is_set_at_last_on_a_machine_without_one(held, watch):
    """It came up in 1970: the first look fails, and the right time brings the next, as ten
    minutes would."""
    issue = held()
    watching = watch()
    watching.next_look()
    assert watching.jump(-int(time.time()) + 100) < 100 + 600 + 60
    watching.run.wait_for("has not been set: nothing can be renewed")

    look_at = watching.jump(0)

    assert 0 < look_at - time.time() < 7 * HOUR
    assert version_of(issue, "a.test") == "0001"
    watching.end()
