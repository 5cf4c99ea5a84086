# SPDX-License-Identifier: Apache-2.0
"""Two hundred certificates that are due at once, twenty at a time, in one process: all are
renewed, what is ready goes to the name server together, and memory stays where it was."""
import collections
import re
import time

from dns_world import *  # noqa: F403
from dns_world import RESOLVER
from issuing import is_whole, peaks_so_far
from program import is_sanitized

ZONES = ("one.test", "two.test")
COUNT, JOBS = 200, 20
EARLY = 2 * JOBS                # certificates; from here on memory may hardly grow
DEADLINE_S = 180
CAA_HOSTS_MAX = 4               # core/host/caa_pool.h
PEAK_MAX_KIB = 24 << 10
GROWTH_MAX_KIB = 4 << 10        # what is told at the end of each, in one document
HOST_PEAK_MAX_KIB = 12 << 10
UPDATE = re.compile(r"update\.zone zone=(\S+) records=(\d+) messages=(\d+)")


class Fleet:
    """A configuration that wants `count` certificates, in turn from each zone."""

    def __init__(self, folder, world, count):
        self.names = [f"fleet{number}.{ZONES[number % len(ZONES)]}"
                      for number in range(count)]
        self.path = folder / "fleet.conf"
        self.path.write_text("\n".join([
            "agree-tos = true", 'ca = "lab"',
            f'ca "lab" {{ directory = "{world.ca.directory_url}"'
            f' ca-file = "{world.ca.ca_file}" }}',
            'solver "ns" { plugin = "dns01-rfc2136" options {'
            f' server = "{world.named.host}" resolver = "{RESOLVER}"'
            f' tsig-key-file = "{world.named.key_file()}" }} }}',
            *(f'certificate "{name}" {{ identifiers = {{"{name}"}} solvers = {{"ns"}} }}'
              for name in self.names), ""]))
        self.path.chmod(0o644)

    def words(self, *more):
        return ["renew", "--config", self.path, "--jobs", str(JOBS), *more]


class Watch:
    """KiB of each process, by process id, and how that grew with what was done."""

    def __init__(self, run, certs):
        self.peaks, self.early_kib = {}, None
        end = time.monotonic() + DEADLINE_S
        while not run.has_ended() and time.monotonic() < end:
            for pid, kib in peaks_so_far(run).items():
                self.peaks[pid] = max(self.peaks.get(pid, 0), kib)
            if self.early_kib is None and len(list(certs.glob("*/current"))) >= EARLY:
                self.early_kib = self.peaks[run.pid]
            time.sleep(0.02)
        self.own_kib = self.peaks.pop(run.pid)


def test_two_hundred_that_are_due_at_once(acmecore, issuer, world, tmp_path):
    fleet = Fleet(tmp_path, world, COUNT)
    before = {zone: world.named.update_count(zone) for zone in ZONES}
    run = acmecore.start(*fleet.words("--json", "-vv"))
    watch = Watch(run, acmecore.state / "certs")
    result = run.wait()
    own = issuer(world.ca)

    assert result.code == 0, str(result)
    assert result.json["renewed"] == COUNT
    assert all(is_whole(own, name) for name in fleet.names[::JOBS])
    assert {path.parent.name for path in acmecore.state.glob("certs/*/current")} == set(
        fleet.names)
    assert not own.litter() and not list(acmecore.state.glob("certs/*/order*"))

    # One UPDATE for each zone of a batch, and everything taken back.
    told = UPDATE.findall(result.stderr)
    assert {int(messages) for _, _, messages in told} == {1}
    assert collections.Counter(zone for zone, _, _ in told) == {
        zone: world.named.update_count(zone) - before[zone] for zone in ZONES}
    assert sum(int(records) for _, records, _ in told) == 2 * COUNT
    assert max(int(records) for _, records, _ in told) > 1
    assert not any("_acme-challenge.fleet" in world.named.whole_zone(zone)
                   for zone in ZONES)

    assert len(watch.peaks) <= 1 + CAA_HOSTS_MAX
    print(f"\n{COUNT} due, {JOBS} at a time: {result.elapsed_s:.1f} s, "
          f"{result.cpu_s * 1000 / COUNT:.1f} ms of CPU each, {len(told)} updates, "
          f"peak {watch.early_kib} KiB at {EARLY}, {watch.own_kib} KiB at {COUNT}, "
          f"plugin hosts {max(watch.peaks.values())} KiB")
    if not is_sanitized():
        assert watch.own_kib < PEAK_MAX_KIB
        assert watch.own_kib - watch.early_kib < GROWTH_MAX_KIB
        assert max(watch.peaks.values()) < HOST_PEAK_MAX_KIB
