# SPDX-License-Identifier: Apache-2.0
"""
rollback, delete and revoke killed at a system call (account rollover is in
test_account_rollover.py): the same command again ends what was begun.
"""
import json
import shutil

import pytest

from killing import NAME, contents_of, is_whole
from program import is_sanitized
from tamper import STRACE, Point, Spoiler

pytestmark = pytest.mark.skipif(
    not STRACE or is_sanitized(), reason="strace is missing, or LeakSanitizer is there")

CHANGES = {"write", "renameat", "renameat2", "fsync", "unlink", "unlinkat", "symlinkat",
           "mkdirat", "ftruncate"}


class Desk:
    """Two versions of a certificate, put back before each run."""

    def __init__(self, issuer, folder):
        self.issue, self.run = issuer, issuer.acmecore
        self.home = issuer.folder_of(NAME)
        self.base = folder / "base"
        self.spoiler = Spoiler(folder)
        assert issuer(NAME).code == 0
        assert issuer(NAME, "--force").code == 0
        self.versions = [contents_of(self.home / "versions" / number)
                         for number in ("0001", "0002")]
        shutil.copytree(issuer.state, self.base, symlinks=True)

    def restore(self):
        shutil.rmtree(self.issue.state)
        shutil.copytree(self.base, self.issue.state, symlinks=True)

    def points(self, words, is_deep):
        self.restore()
        result = self.run(*words, prefix=self.spoiler.watch())
        assert result.code == 0, result
        calls = self.spoiler.calls()
        return [Point(call, number) for call in sorted(calls)
                if is_deep or call in CHANGES
                for number in range(1, len(calls[call]) + 1)]

    def kill(self, words, point):
        self.restore()
        return self.run(*words, prefix=self.spoiler.words(point))

    @property
    def current(self):
        return contents_of(self.home / "current")

    def assert_sound(self):
        """All documents can be read, and nothing half done is in the way of a run."""
        for path in self.issue.state.rglob("*.json"):
            json.loads(path.read_text())
        for command in ("list", "renew"):
            result = self.run(command)
            assert result.code == 0, result


def is_rolled_back(desk):
    assert desk.current in desk.versions, "neither the one nor the other"
    was_done = desk.current == desk.versions[0]
    result = desk.run("rollback", NAME, "1")
    assert result.code == (2 if was_done else 0), result
    assert desk.current == desk.versions[0]


def is_deleted(desk):
    """Whole or not there: nothing that could be taken for a certificate is half there."""
    current = desk.home / "current"
    if current.is_symlink():
        assert is_whole(desk.current), sorted(desk.home.rglob("*"))
    was_there = desk.home.exists()
    result = desk.run("delete", NAME, "--yes")
    assert result.code == (0 if was_there else 2), result
    assert not desk.home.exists()
    assert list(desk.issue.state.rglob("privkey.pem")) == []


def is_revoked(desk):
    assert desk.current == desk.versions[1]
    result = desk.run("revoke", NAME, "--reason", "superseded")
    assert result.code == 0, result
    result = desk.run("renew", "--json")
    assert result.code == 0, result
    assert is_whole(desk.current) and desk.current not in desk.versions


COMMANDS = {"rollback": (("rollback", NAME, "1"), is_rolled_back),
            "delete": (("delete", NAME, "--yes"), is_deleted),
            "revoke": (("revoke", NAME, "--reason", "superseded"), is_revoked)}


def kill_all(desk, name, is_deep):
    words, check = COMMANDS[name]
    points = desk.points(words, is_deep)
    for point in points if is_deep else points[::2]:
        result = desk.kill(words, point)
        try:
            check(desk)
            desk.assert_sound()
        except AssertionError as why:
            raise AssertionError(f"{point}: {desk.spoiler.where()}\n{result}") from why


@pytest.fixture
def desk(issuer, good_ca, tmp_path):
    return Desk(issuer(good_ca()), tmp_path)


@pytest.mark.parametrize("name", COMMANDS)
def test_killed_where_something_changes(desk, name):
    kill_all(desk, name, is_deep=False)


@pytest.mark.deep
@pytest.mark.parametrize("name", COMMANDS)
def test_killed_at_each_call(desk, name):
    kill_all(desk, name, is_deep=True)
