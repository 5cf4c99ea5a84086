# SPDX-License-Identifier: Apache-2.0
"""
Years of `acmecore renew`, a run a day, at two CAs that live in the same faked time, and
a record of what happened: for the test to judge, and for scripts/plot-renewals.
"""
import base64
import dataclasses
import datetime
import json
import random

from replies import problem

FAKETIME = "/usr/$LIB/faketime/libfaketimeMT.so.1"    # the loader knows $LIB
MINUTE, HOUR, DAY = 60, 3600, 86400
BACKDATED_S = HOUR      # as Let's Encrypt does
SHORT_LIFETIME_S = 10 * DAY
PROFILES = {"ninety": 90 * DAY, "fortyfive": 45 * DAY, "six": 6 * DAY}
WANDERS_S = 120         # a timer is never to the second


def utc_text(at, form="%Y-%m-%dT%H:%M:%SZ"):
    return datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime(form)


def utc_of(text):
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def faked(at):
    """Environment of a run that begins then; waiting takes as long as it takes."""
    return {"LD_PRELOAD": FAKETIME, "FAKETIME": "@" + utc_text(at, "%Y-%m-%d %H:%M:%S"),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "TZ": "UTC"}


@dataclasses.dataclass
class Life:
    """One certificate, as its CA knows it."""
    name: str
    ca: str
    at: int             # when it was issued
    not_before: int
    not_after: int
    serial: int

    @property
    def lifetime(self):
        return self.not_after - self.not_before

    @property
    def window(self):
        """As Let's Encrypt suggests: a fiftieth of the life, about the last third."""
        part = 2 if self.lifetime < SHORT_LIFETIME_S else 3
        centre = self.not_after - self.lifetime // part
        return centre - self.lifetime // 100, centre + self.lifetime // 100


class Authority:
    """A CA of this time: what it issues lives as long as its profile says."""

    def __init__(self, name, server, clock, has_windows):
        self.name, self.server, self.clock = name, server, clock
        self.lives = []
        server.mini.meta = {"profiles": {name: "" for name in PROFILES}}
        server.mini.leaf = self._leaf
        if has_windows:
            server.mini.window = self._window

    def _leaf(self, order):
        begins = self.clock.now - BACKDATED_S
        life = Life(name=order["identifiers"][0]["value"], ca=self.name,
                    at=self.clock.now, not_before=begins,
                    not_after=begins + PROFILES[order["profile"]],
                    serial=(ord(self.name) << 32) + len(self.lives) + 1)
        self.lives.append(life)
        return {"start": utc_text(life.not_before, "%Y-%m-%d %H:%M:%S UTC"),
                "end": utc_text(life.not_after, "%Y-%m-%d %H:%M:%S UTC"),
                "serial": life.serial}

    def _window(self, renewal_id):
        text = renewal_id.split(".")[1]
        serial = int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)),
                                "big")
        life, = [life for life in self.lives if life.serial == serial]
        return [utc_text(moment) for moment in life.window]

    # What may happen to it.

    def is_down(self, is_so):
        """Connections are closed before anything is read."""
        self.server.drop_connections(1 << 30 if is_so else 0)

    def refuses(self, kind, status):
        self.server.always("newOrder",
                           problem(kind, "not this week", status) if kind else None)


@dataclasses.dataclass
class Clock:
    now: int


@dataclasses.dataclass
class Day:
    """One run."""
    at: int
    code: int
    results: dict       # name: result, of those that were worked on
    failures: dict      # name: [failures in a row, next attempt], of those in trouble
    connections: dict   # CA: how many
    orders: dict        # CA: newOrder requests
    elapsed_s: float
    trouble: str = ""   # what is wrong with the world on that day
    status: int = 0     # what a monitor sees then


class Travel:
    def __init__(self, acmecore, config, state, authorities, start, seed=5):
        self.acmecore, self.config, self.state = acmecore, config, state
        self.clock = Clock(start)
        self.start = start
        self.authorities = {name: Authority(name, server, self.clock, has_windows)
                            for name, (server, has_windows) in authorities.items()}
        self.days = []
        self._random = random.Random(seed)

    @property
    def lives(self):
        return sorted((life for authority in self.authorities.values()
                       for life in authority.lives), key=lambda life: life.at)

    def lives_of(self, name):
        return [life for life in self.lives if life.name == name]

    def names(self):
        return sorted({life.name for life in self.lives})

    def run(self, *words):
        return self.acmecore("renew", "--json", "--config", self.config, *words,
                             env=faked(self.clock.now))

    def would_renew(self, name):
        self._go_to_next_day()
        result = self.run("--dry-run")
        return name in {each["name"] for each in result.json["certificates"]}

    def _go_to_next_day(self):
        """At the same time of the day, as a timer does it."""
        day = len(self.days) * DAY
        self.clock.now = self.start + day + self._wander(len(self.days))

    def _wander(self, day):
        return random.Random(day).randrange(WANDERS_S)

    def live_a_day(self, trouble=""):
        self._go_to_next_day()
        before = self._counts()
        result = self.run()
        after = self._counts()
        self.days.append(Day(
            at=self.clock.now, code=result.code, elapsed_s=result.elapsed_s,
            results={each["name"]: each["result"]
                     for each in result.json["certificates"]},
            failures=self._failures(), trouble=trouble,
            status=self._look_at_status() if trouble else 0,
            connections={name: after[name][0] - before[name][0] for name in after},
            orders={name: after[name][1] - before[name][1] for name in after}))
        self._forget_requests()
        return self.days[-1]

    def _look_at_status(self):
        return self.acmecore("status", "--config", self.config,
                             env=faked(self.clock.now + HOUR // 2)).code

    def _counts(self):
        return {name: (each.server.connections, len(each.server.of("newOrder")))
                for name, each in self.authorities.items()}

    def _forget_requests(self):
        """Years of them would be slow to look through."""
        for authority in self.authorities.values():
            authority.server.requests.clear()

    def _failures(self):
        found = {}
        for path in self.state.glob("certs/*/state.json"):
            trouble = json.loads(path.read_text()).get("trouble")
            if trouble:
                found[path.parent.name] = [trouble["failures"],
                                           utc_of(trouble["next_attempt_at"])]
        return found

    def record(self):
        return {"start": self.start, "days": [dataclasses.asdict(day) for day in self.days],
                "lives": [dataclasses.asdict(life) for life in self.lives]}
