# SPDX-License-Identifier: Apache-2.0
"""
A disk that is full or not ours, files that are damaged: nothing half done, nothing lost.
System calls that fail, each by itself, are in test_killed.py.
"""
import contextlib
import json
import os
import subprocess

import pytest

from issuing import is_alive, is_whole

NAME = "a.test"


@pytest.fixture
def held(issuer, good_ca):
    """An issuer that holds a certificate already."""
    issue = issuer(good_ca())
    assert issue(NAME).code == 0
    return issue


def assert_untouched(issue, before):
    assert issue.current(NAME) == before
    assert is_whole(issue, NAME)
    assert issue.answers() == []


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "tmpfs", folder],
                      capture_output=True, check=False).returncode:
        pytest.fail("a small disk needs the right to mount: run as root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(disk):
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                pass
    return filler


def test_on_a_full_disk_something_can_be_deleted(issuer, good_ca, small_disk):
    issue = issuer(good_ca())
    issue.acmecore.state = small_disk / "state"
    assert issue(NAME).code == 0
    fill(small_disk)

    result = issue.acmecore("delete", NAME, "--yes")

    assert result.code == 0, result
    assert not issue.has_certificate(NAME)


@pytest.mark.parametrize("free", [0, 8192, 16384])
def test_a_full_disk(issuer, good_ca, small_disk, free):
    ca = good_ca()
    issue = issuer(ca)
    issue.acmecore.state = small_disk / "state"
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass
    size = filler.stat().st_size
    os.truncate(filler, max(0, size - free))

    result = issue(NAME, "--json")
    filler.unlink()

    assert result.code == 9, result
    assert str(small_disk) in result.json["error"]["message"]
    assert not issue.has_certificate(NAME)
    assert issue.answers() == []
    assert issue(NAME).code == 0
    assert is_whole(issue, NAME)


def test_a_full_disk_is_told_by_who_cannot_deploy(issuer, good_ca, small_disk, tmp_path):
    issue = issuer(good_ca())
    issue.acmecore.state = small_disk / "state"
    copy = tmp_path / "copy.pem"
    assert issue(NAME, "--installer", "installer-files", "--set",
                 f"installer-files.combined={copy}").code == 0
    before = copy.read_bytes()
    with contextlib.suppress(OSError), (small_disk / "filler").open("wb", 0) as filler:
        while True:
            filler.write(b"x" * 4096)

    result = issue.acmecore("deploy", NAME, "--force", "--json")

    assert result.code == 9, result
    assert str(small_disk) in result.json["error"]["message"]
    assert copy.read_bytes() == before


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema":99}', '{"schema":1}', "\0\0"])
def test_a_damaged_journal_is_told_or_left_behind(held, text):
    before = held.current(NAME)
    file = held.folder_of(NAME) / "order.json"
    file.write_text(text)
    file.chmod(0o600)

    result = held(NAME, "--force")

    assert result.code in (0, 9), result
    if result.code == 9:
        assert "order.json" in result.stderr
        assert_untouched(held, before)


def test_a_damaged_certificate_is_told(held):
    file = held.folder_of(NAME) / "current/fullchain.pem"
    file.write_text("no certificate")

    result = held(NAME)

    assert result.code in (0, 9), result
    assert result.code == 0 or "fullchain.pem" in result.stderr


def test_a_folder_that_others_can_write_is_refused(held):
    held.state.chmod(0o777)

    result = held(NAME, "--force")

    assert result.code == 9, result
    assert str(held.state) in result.stderr


def test_old_versions_stay_but_not_for_ever(held):
    for _ in range(6):
        assert held(NAME, "--force").code == 0

    versions = sorted(path.name for path in (held.folder_of(NAME) / "versions").iterdir())

    assert versions[-1] == "0007"
    assert 5 <= len(versions) <= 6
    assert is_whole(held, NAME)


def test_nobody_else_can_read_the_keys_whatever_the_umask(issuer, good_ca):
    issue = issuer(good_ca())

    result = issue(NAME, prefix=("sh", "-c", 'umask 000; exec "$0" "$@"'))

    assert result.code == 0, result
    for path in issue.state.rglob("*"):
        if not path.is_symlink():
            assert path.stat().st_mode & 0o077 == 0 or path.name.endswith(
                ("cert.pem", "chain.pem")), path


def test_no_process_stays_behind(issuer, good_ca):
    issue = issuer(good_ca())
    run = issue.start(NAME)
    seen = set()
    while not run.has_ended():
        seen |= set(run.children())

    assert run.wait().code == 0
    assert seen
    assert not any(map(is_alive, seen))


def test_the_remembered_wish_is_on_disk(held):
    wish = json.loads((held.folder_of(NAME) / "certificate.json").read_text())

    assert wish["identifiers"] == [NAME]
    assert wish["directory"] == held.ca.directory_url
