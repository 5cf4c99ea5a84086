# SPDX-License-Identifier: Apache-2.0
"""
Killed at the n-th system call, or one of them failing: nothing is lost, and the next run
makes it good. What is counted is in killing.py; what came of all points is in
docs/faults.md.

The default run takes the calls that change something and a few of the others; `deep`
takes each one that touches a file or a socket.
"""
import pytest

from killing import World
from program import is_sanitized
from tamper import STRACE, Point
from tally import Tally

pytestmark = pytest.mark.skipif(
    not STRACE or is_sanitized(), reason="strace is missing, or LeakSanitizer is there")

CHANGES = {"write", "pwrite64", "rename", "renameat", "renameat2", "fsync", "fdatasync",
           "link", "linkat", "symlink", "symlinkat", "mkdir", "mkdirat", "fallocate",
           "ftruncate", "fchmod"}
REMOVALS = {"unlink", "unlinkat", "rmdir"}
OPENS = {"open", "openat", "openat2"}
ERRORS = ("ENOSPC", "EIO", "EACCES")
STEP = 61       # of the other calls the default run takes every so-manieth
SHARES = 6      # of a deep test, for several processes

VERBS = ("issue", "renew", "challenged", "finalized")
VICTIMS = ("core", "host")


def is_ours(line):
    """Does the call touch the store or the web root? The working folder does not count."""
    path = line.split(", ", 1)[1] if "AT_FDCWD" in line else line
    return "/w/state" in path or "/w/web" in path


def is_change(call, line):
    return call in CHANGES | REMOVALS or (
        call in OPENS and ("O_CREAT" in line or "O_TMPFILE" in line))


def kill_points(calls):
    return [Point(call, number) for call, lines in sorted(calls.items())
            for number, _ in enumerate(lines, 1)]


def error_points(calls):
    return [Point(call, number, error) for call, lines in sorted(calls.items())
            for number, line in enumerate(lines, 1) for error in ERRORS
            if call in CHANGES | REMOVALS or call in OPENS and (
                is_change(call, line) or is_ours(line))]


def few_kills(calls):
    """Where something changes; of the rest every STEP-th."""
    points = kill_points(calls)
    changes = [point for point in points
               if is_change(point.call, calls[point.call][point.number - 1])]
    return changes[::4] + [point for point in points if point not in changes][::STEP]


def few_errors(calls):
    """16 = 5 x 3 + 1: each error in its turn."""
    return error_points(calls)[::16]


@pytest.fixture
def world(tmp_path, good_ca):
    made = []

    def make(verb, victim, solver=None):
        made.append(World(tmp_path / "w", good_ca(), verb, victim, solver))
        return made[-1]
    yield make
    for each in made:
        each.stop()


def spoil_all(world, choose, share=(0, 1)):
    """Every point of the share; what went wrong, with where."""
    tally = Tally(world, choose)
    points = choose(world.calls())[share[0]::share[1]]
    assert points
    for point in points:
        tally.add(world.spoil(point))
    tally.write()
    return tally


def assert_harmless(tally):
    assert tally.faults == []
    assert tally.reads > 0 and tally.mismatches == 0
    assert tally.unfit == []


@pytest.mark.parametrize("victim", VICTIMS)
@pytest.mark.parametrize("verb", VERBS)
def test_killed_where_something_changes(world, verb, victim):
    assert_harmless(spoil_all(world(verb, victim), few_kills))


@pytest.mark.parametrize("victim", VICTIMS)
@pytest.mark.parametrize("verb", VERBS)
def test_call_that_fails(world, verb, victim):
    assert_harmless(spoil_all(world(verb, victim), few_errors))


@pytest.mark.deep
@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("victim", VICTIMS)
@pytest.mark.parametrize("verb", VERBS)
def test_killed_at_each_call(world, verb, victim, share):
    assert_harmless(spoil_all(world(verb, victim), kill_points, (share, SHARES)))


@pytest.mark.deep
@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("victim", VICTIMS)
@pytest.mark.parametrize("verb", VERBS)
def test_each_call_that_fails(world, verb, victim, share):
    assert_harmless(spoil_all(world(verb, victim), error_points, (share, SHARES)))


@pytest.fixture
def records(tmp_path, dns_solver):
    """Options of dns01-exec whose hook makes a file for each record, in the web root."""
    web, hook = tmp_path / "w/web", tmp_path / "records"
    hook.write_text("#!/bin/sh\n"
                    f"[ $1 = begin ] && echo > {web}/$5 || rm -f {web}/$5\n")
    hook.chmod(0o755)
    return [*dns_solver[:2], "--set", f"dns01-exec.command={hook}", *dns_solver[4:],
            "--set", "dns01-exec.dialect=uacme"]


@pytest.mark.deep
@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("victim", VICTIMS)
def test_killed_at_each_call_with_a_hook(world, records, victim, share):
    assert_harmless(spoil_all(world("renew", victim, records), kill_points,
                              (share, SHARES)))
