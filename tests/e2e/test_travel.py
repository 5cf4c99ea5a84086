# SPDX-License-Identifier: Apache-2.0
"""
Unattended for two years: what a timer's daily `renew` makes of five certificates, of
lives of 90, 45 and 6 days, with a CA that suggests windows (ARI) and one that does not,
with three days without any CA and weeks in which one of them refuses.

What is judged is computed here from docs/renewal.md, not taken from the program.
"""
import json
import os
import pathlib
import time

import pytest

from program import is_sanitized
from travel import DAY, HOUR, MINUTE, SHORT_LIFETIME_S, WANDERS_S, Travel, faked

pytestmark = pytest.mark.skipif(is_sanitized(), reason="libfaketime and ASan clash")

# name: (profile, CAs in their order)
CERTIFICATES = {
    "ninety-ari": ("ninety", "a"), "ninety": ("ninety", "b"),
    "fortyfive-ari": ("fortyfive", "a"), "fortyfive": ("fortyfive", "b"),
    "six-ari": ("six", "ab"),
}
OUTAGE_DAYS, REFUSAL_DAYS = 3, 7
BACK_OFF_S = (MINUTE, 10 * MINUTE, 100 * MINUTE, 1000 * MINUTE, 20 * HOUR)
FAILING = 20            # exit code of status
CONNECTIONS_MAX = 10    # of a run to a CA that is down


def configuration(web, servers):
    lines = ["agree-tos = true", "self-check = off",
             f'solver "web" {{ plugin = "http01-webroot"  options {{ path = "{web}" }} }}',
             'solvers = {"web"}']
    lines += [f'ca "{name}" {{ directory = "{server.directory_url}"  '
              f'ca-file = "{server.ca_file}" }}' for name, server in servers.items()]
    for name, (profile, cas) in CERTIFICATES.items():
        chosen = ", ".join(f'"{ca}"' for ca in cas)
        lines.append(f'certificate "{name}" {{ identifiers = {{"{name}"}}  '
                     f'profile = "{profile}"  ca = {{{chosen}}} }}')
    return "\n".join(lines) + "\n"


@pytest.fixture
def travel(acmecore, good_ca, tmp_path):
    # What was validated once stays valid: that is not what this is about.
    servers = {name: good_ca(pre_authorization=True) for name in "ab"}
    (tmp_path / "web").mkdir()
    config = tmp_path / "acmecore.conf"
    config.write_text(configuration(tmp_path / "web", servers))
    # The certificates of the servers are of today.
    tomorrow = (int(time.time()) // DAY + 1) * DAY
    return Travel(acmecore, config, acmecore.state,
                  {"a": (servers["a"], True), "b": (servers["b"], False)},
                  tomorrow + 3 * HOUR + 17 * MINUTE)


class Story:
    """What goes wrong, each when it hurts most: as something has just become due."""

    def __init__(self, outage_from, refusals):
        self.waiting = [("outage", outage_from, "six-ari", "ab", None)]
        self.waiting += [("refusal", day, name, ca, kind)
                         for day, name, ca, kind in refusals]
        self.left, self.now, self.begun = 0, None, []

    def begin_day(self, travel):
        if self.left == 0 and self.now:
            self._set(travel, is_over=True)
        if not self.now and self.waiting:
            self._begin_next(travel)
        if not self.now:
            return ""
        self.left -= 1
        return f"{self.now[0]} {self.now[3]}"

    def _begin_next(self, travel):
        what, day, name, _, _ = self.waiting[0]
        if len(travel.days) >= day and travel.would_renew(name):
            self.now = self.waiting.pop(0)
            self.left = OUTAGE_DAYS if what == "outage" else REFUSAL_DAYS
            self.begun.append((what, len(travel.days)))
            self._set(travel)

    def _set(self, travel, is_over=False):
        what, _, _, cas, kind = self.now
        for ca in cas:
            if what == "outage":
                travel.authorities[ca].is_down(not is_over)
            else:
                travel.authorities[ca].refuses(*((None, 0) if is_over else kind))
        if is_over:
            self.now = None


def live(travel, days, story):
    while len(travel.days) < days:
        travel.live_a_day(story.begin_day(travel))


# ---- the rule, from docs/renewal.md

def moment_of(life):
    """(earliest, latest) of what its age makes the moment."""
    rule = (life.lifetime // 2 if life.lifetime < SHORT_LIFETIME_S
            else life.lifetime * 2 // 3)
    return (life.not_before + rule - life.lifetime // 30, life.not_before + rule)


def wanted_moment(life):
    return life.window if life.ca == "a" else moment_of(life)


def troubles_between(travel, begin, end):
    return [day for day in travel.days if day.trouble and begin <= day.at <= end]


def assert_never_expired(travel):
    for name in CERTIFICATES:
        lives = travel.lives_of(name)
        for life, following in zip(lives, lives[1:]):
            assert following.at < life.not_after, (name, life, following)
        assert lives[-1].not_after > travel.clock.now, name


def assert_never_too_early_and_never_late(travel):
    """A run early at the most; late only as long as something was wrong."""
    for name in CERTIFICATES:
        lives = travel.lives_of(name)
        for life, following in zip(lives, lives[1:]):
            earliest, latest = wanted_moment(life)
            assert following.at > earliest - DAY - WANDERS_S, (name, life, following)
            is_hindered = troubles_between(travel, latest - 2 * DAY, following.at)
            assert is_hindered or following.at <= latest, (name, life, following)


def assert_inside_windows(travel, name):
    """Where a run of that time fell into the window, and nothing was wrong."""
    count = 0
    lives = travel.lives_of(name)
    for life, following in zip(lives, lives[1:]):
        begin, end = life.window
        runs = [day.at for day in travel.days if begin <= day.at <= end - WANDERS_S]
        if life.ca != "a" or not runs or troubles_between(travel, begin - DAY, end + DAY):
            continue
        assert begin <= following.at <= end, (life, following, runs)
        count += 1
    return count


def assert_recovered(travel, story):
    for what, first in story.begun:
        after = first + (OUTAGE_DAYS if what == "outage" else REFUSAL_DAYS)
        if after + 1 < len(travel.days):
            assert not travel.days[after].failures, travel.days[after]
            assert travel.days[after].code == 0


def assert_back_off(travel, story):
    """Each failure is noted, and what follows is as long as it says."""
    for what, first in story.begun:
        length = OUTAGE_DAYS if what == "outage" else REFUSAL_DAYS
        for day in travel.days[first:first + length]:
            assert day.failures and day.status == FAILING, day
            for name, (failures, next_at) in day.failures.items():
                lifetime = travel.lives_of(name)[0].lifetime
                expected = min(BACK_OFF_S[min(failures, len(BACK_OFF_S)) - 1],
                               lifetime // 24)
                if what == "outage":
                    expected = min(expected, HOUR)
                if day.results.get(name) == "failed":
                    assert 0 <= next_at - day.at - expected <= 60, (name, day, expected)


def assert_bounded(travel):
    for day in travel.days:
        assert max(day.orders.values()) <= len(CERTIFICATES), day
        if day.trouble.startswith("outage"):
            assert max(day.connections.values()) <= CONNECTIONS_MAX, day


def assert_counts(travel):
    """No more than one for each life that the rule gives it, and a run early."""
    for name in CERTIFICATES:
        lives = travel.lives_of(name)
        least = min(wanted_moment(life)[0] - life.at for life in lives) - DAY - WANDERS_S
        span = travel.days[-1].at - travel.days[0].at
        assert len(lives) <= 1 + span // least, (name, len(lives), span, least)


def assert_all(travel, story):
    assert len(story.begun) == 3, story.begun
    assert_never_expired(travel)
    assert_never_too_early_and_never_late(travel)
    assert_counts(travel)
    assert_recovered(travel, story)
    assert_back_off(travel, story)
    assert_bounded(travel)
    assert len(travel.lives) == sum(
        list(day.results.values()).count("renewed") for day in travel.days)


def keep(travel, tmp_path):
    """ACMECORE_TRAVEL names a file for it; scripts/plot-renewals makes a picture of it."""
    path = pathlib.Path(os.environ.get("ACMECORE_TRAVEL", tmp_path / "travel.json"))
    path.write_text(json.dumps(travel.record()))


def test_half_a_year_of_daily_runs(travel, tmp_path):
    story = Story(50, [(70, "fortyfive-ari", "a", ("rateLimited", 429)),
                       (100, "fortyfive", "b", ("unauthorized", 403))])

    live(travel, 180, story)

    keep(travel, tmp_path)
    assert_all(travel, story)
    assert assert_inside_windows(travel, "fortyfive-ari") >= 3


@pytest.mark.deep
def test_two_years_of_daily_runs(travel, tmp_path):
    story = Story(200, [(380, "fortyfive-ari", "a", ("rateLimited", 429)),
                        (560, "fortyfive", "b", ("unauthorized", 403))])

    live(travel, 730, story)

    keep(travel, tmp_path)
    assert_all(travel, story)
    assert assert_inside_windows(travel, "ninety-ari") >= 8
    assert assert_inside_windows(travel, "fortyfive-ari") >= 8
