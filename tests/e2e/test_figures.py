# SPDX-License-Identifier: Apache-2.0
"""
What it costs, held against the bounds on a release build, because elsewhere the figures
mean nothing: the one that ACMECORE_BUILD names, or one made here.

Memory, and the count of the program's own instructions, which is the same on any machine
however busy it is. Time is measured in bench/: a test that fails with the weather is none.
"""
import os
import re
import subprocess

import pytest

from issuing import peaks, standalone
from program import build_folder, is_sanitized
from running import ROOT
from test_issue import names

CALLGRIND = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
INSTRUCTIONS_MAX = 45e6         # of the program alone
START_INSTRUCTIONS_MAX = 6e6    # of --version
PEAK_MAX_KIB = 16 << 10
HOST_PEAK_MAX_KIB = 12 << 10
BUILD_S = 600


def is_release():
    cache = build_folder() / "CMakeCache.txt"
    text = cache.read_text() if cache.exists() else ""
    return "CMAKE_BUILD_TYPE:STRING=Rel" in text and not is_sanitized()


def build_release(log):
    folder = ROOT / "build/release"
    targets = ["acmecore", "acmecore-plugin-host", "http01-standalone"]
    for command in (["cmake", "--preset", "release"], ["ninja", "-C", folder, *targets]):
        with log.open("ab") as out:
            assert subprocess.run(command, cwd=ROOT, stdout=out, stderr=out,
                                  timeout=BUILD_S).returncode == 0, log.read_text()
    return folder


@pytest.fixture(scope="module")
def release_folder(tmp_path_factory):
    if is_release():
        return build_folder()
    return build_release(tmp_path_factory.mktemp("release") / "log")


@pytest.fixture(autouse=True)
def release_build(release_folder, monkeypatch):
    monkeypatch.setitem(os.environ, "ACMECORE_BUILD", str(release_folder))
    assert is_release()


class Meter:
    """Certificates for `count` new names at the CA, each measured."""

    def __init__(self, issue, count):
        self.issue, self.count, self.runs = issue, count, 0
        self.peak_kib = self.host_peak_kib = 0

    def start(self, *words):
        self.runs += 1
        return self.issue.start(*names(self.count, f"r{self.runs}n"), *words)

    def peaks(self):
        """Not in the same run: looking costs the one that is looked at."""
        run = self.start("--json")
        peak = peaks(run)
        result = run.wait()
        assert result.code == 0, result
        assert len(peak) == 2    # the program and one plugin host
        own_kib = peak.pop(run.pid)
        told = result.json
        print(f"\n{self.count} name(s): peak {own_kib} KiB, plugin host "
              f"{max(peak.values())} KiB, {told['requests']} requests, "
              f"{told['round_trips']} round trips, {told['elapsed_ms']} ms")
        return own_kib, max(peak.values())


@pytest.fixture
def meter(issuer, pebble_with):
    def make(count):
        ca = pebble_with()
        issue = issuer(ca, solver=standalone(ca.http_port))
        assert issue("first.example.test").code == 0    # the account is known from here
        return Meter(issue, count)
    return make


def instructions(result):
    assert result.code == 0, result
    found = re.search(r"I +refs: +([\d,]+)", result.stderr)
    return int(found[1].replace(",", ""))


def test_instructions_of_a_certificate(meter):
    count = instructions(meter(1).issue("counted.example.test", prefix=CALLGRIND))

    print(f"\n1 name: {count / 1e6:.1f} million instructions")
    assert count < INSTRUCTIONS_MAX


def test_instructions_of_the_start(acmecore):
    count = instructions(acmecore("--version", state=None, prefix=CALLGRIND))

    print(f"\n--version: {count / 1e6:.1f} million instructions")
    assert count < START_INSTRUCTIONS_MAX


@pytest.mark.parametrize("count", [1, 100])
def test_memory_of_a_certificate(meter, count):
    own_kib, host_kib = meter(count).peaks()

    assert own_kib < PEAK_MAX_KIB
    assert host_kib < HOST_PEAK_MAX_KIB
