# SPDX-License-Identifier: Apache-2.0
"""A disk that is full, slow to write, or not ours: nothing half done, nothing lost."""
import json
import os
import shutil
import subprocess

import pytest

from issuing import is_alive, is_whole
from program import is_sanitized

NAME = "a.test"
STRACE = shutil.which("strace")

needs_strace = pytest.mark.skipif(
    not STRACE or is_sanitized(), reason="strace is missing, or LeakSanitizer is there")


def broken(call, error, when):
    """The when-th such call of the program itself fails, and all after it."""
    return (STRACE, "-o", "/dev/null", "-e", f"trace={call}",
            "-e", f"inject={call}:error={error}:when={when}+")


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


def assert_recovers(issue):
    result = issue(NAME, "--force")
    assert result.code == 0, result
    assert is_whole(issue, NAME)
    assert issue.litter() == []
    assert issue.answers() == []


@needs_strace
@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
@pytest.mark.parametrize("when", [1, 2, 3, 4, 6])
def test_an_fsync_that_fails(held, error, when):
    before = held.current(NAME)

    result = held(NAME, "--force", "--json", prefix=broken("fsync", error, when))

    assert result.code == 9, result
    assert result.json["error"]["hint"] == "store"
    assert_untouched(held, before)
    assert_recovers(held)


@needs_strace
@pytest.mark.parametrize("when", [1, 2, 3, 5])
def test_a_rename_that_fails(held, when):
    before = held.current(NAME)

    result = held(NAME, "--force", prefix=broken("/^rename", "EACCES", when))

    # What the last renames are for is already safe: then the certificate is there.
    assert result.code in (9, 0), result
    if result.code == 9:
        assert_untouched(held, before)
    assert_recovers(held)


@needs_strace
@pytest.mark.parametrize("call", ["mkdir,mkdirat", "openat"])
def test_a_folder_or_file_that_cannot_be_made(held, call):
    before = held.current(NAME)
    when = 1 if "mkdir" in call else 60

    result = held(NAME, "--force", prefix=broken(call, "ENOSPC", when))

    assert result.code != 0 or held.current(NAME) != before
    assert_recovers(held)


@needs_strace
@pytest.mark.parametrize("step", range(3, 40, 4))
def test_killed_at_any_write_of_the_store(issuer, good_ca, step):
    """SIGKILL at the step-th fsync, rename or unlink: the next run has what it needs."""
    ca = good_ca()
    issue = issuer(ca)

    issue(NAME, prefix=(STRACE, "-o", "/dev/null", "-e", "trace=fsync,/^rename,/^unlink",
                        "-e", f"inject=fsync,/^rename,/^unlink:signal=KILL:when={step}"))
    orders = len(ca.of("newOrder"))
    url = issue.order_url(NAME) if (issue.folder_of(NAME) / "order.json").exists() else None
    result = issue(NAME, "--json")

    assert result.code == 0, result
    assert is_whole(issue, NAME)
    assert issue.answers() == [] and issue.litter() == []
    if url and result.json["result"] == "issued":
        assert result.json["order"]["url"] == url
        assert len(ca.of("newOrder")) == orders


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "tmpfs", folder],
                      capture_output=True, check=False).returncode:
        pytest.fail("a small disk needs the right to mount: run as root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


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
