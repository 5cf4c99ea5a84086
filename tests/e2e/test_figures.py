# SPDX-License-Identifier: Apache-2.0
"""
What it costs: printed (pytest -s), and held against the bounds on a release build only,
because elsewhere the figures mean nothing.
"""
import pytest

from issuing import peaks, standalone
from program import build_folder, is_sanitized
from test_issue import names

CPU_MAX_S = 0.030
START_MAX_S = 0.005
PEAK_MAX_KIB = 16 << 10
TRIES = 3


def is_release():
    cache = build_folder() / "CMakeCache.txt"
    text = cache.read_text() if cache.exists() else ""
    return "CMAKE_BUILD_TYPE:STRING=Rel" in text and not is_sanitized()


def issue_and_measure(issue, *words):
    """(CPU seconds of all our processes, {pid: peak KiB}, JSON document)."""
    run = issue.start(*words, "--json")
    peak = peaks(run)
    result = run.wait()
    assert result.code == 0, result
    return result.cpu_s, peak, result.json


@pytest.mark.parametrize("count", [1, 100])
def test_cost_of_a_certificate(issuer, pebble_with, count):
    ca = pebble_with()
    issue = issuer(ca, solver=standalone(ca.http_port))
    assert issue("first.example.test").code == 0

    runs = [issue_and_measure(issue, *names(count), "--force")
            for _ in range(TRIES if count == 1 else 1)]

    cpu_s = min(cpu for cpu, _, _ in runs)
    peak_kib = max(max(peak.values()) for _, peak, _ in runs)
    told = runs[0][2]
    print(f"\n{count} name(s): {cpu_s * 1000:.1f} ms CPU, peak {peak_kib} KiB, "
          f"{told['requests']} requests, {told['round_trips']} round trips, "
          f"{told['elapsed_ms']} ms")
    assert len(runs[0][1]) == 2    # the program and one plugin host
    if is_release() and count == 1:
        assert cpu_s < CPU_MAX_S
        assert peak_kib < PEAK_MAX_KIB


def test_cost_of_the_start(acmecore):
    runs = [acmecore("--version", state=None) for _ in range(TRIES * 2)]

    cpu_s = min(run.cpu_s for run in runs)
    elapsed_s = min(run.elapsed_s for run in runs)
    print(f"\n--version: {cpu_s * 1000:.1f} ms CPU, {elapsed_s * 1000:.1f} ms elapsed")
    assert all(run.code == 0 for run in runs)
    if is_release():
        assert cpu_s < START_MAX_S
