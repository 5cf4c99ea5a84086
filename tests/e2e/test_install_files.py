# SPDX-License-Identifier: Apache-2.0
"""installer-files: copies, their owner and mode, the reload, and the way back."""
import os
import signal
import stat
import subprocess

import pytest

from dns_world import executable
from installing import forget_backoff, settings
from running import wait_until


@pytest.fixture
def issue(issuer, good_ca):
    return issuer(good_ca())


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def reload_hook(folder):
    """Counts its calls, and fails while the file `broken` is there."""
    return executable(folder / "reload", f"""#!/bin/sh
echo told >> {folder}/calls
[ ! -e {folder}/broken ] || {{ echo 'line 7 is wrong' >&2; exit 1; }}
""")


def calls(folder):
    path = folder / "calls"
    return len(path.read_text().splitlines()) if path.exists() else 0


def test_copies_are_made_once_and_again_with_a_new_certificate(issue, tmp_path):
    words = settings("installer-files", key=tmp_path / "%n.key",
                     fullchain=tmp_path / "%n.pem", combined=tmp_path / "%n.both",
                     group=os.getgid(), reload=reload_hook(tmp_path))

    result = issue("a.test", *words)

    assert result.code == 0, result
    key, chain = issue.current("a.test", "privkey.pem"), issue.current("a.test")
    assert (tmp_path / "a.test.key").read_bytes() == key
    assert (tmp_path / "a.test.pem").read_bytes() == chain
    assert (tmp_path / "a.test.both").read_bytes() == key + chain
    assert [mode(tmp_path / f"a.test.{end}") for end in ("key", "pem", "both")] \
        == [0o600, 0o644, 0o600]
    before = (tmp_path / "a.test.key").stat()
    assert issue.acmecore("deploy", "a.test").code == 0
    assert (tmp_path / "a.test.key").stat().st_ino == before.st_ino
    assert calls(tmp_path) == 1

    assert issue.acmecore("renew", "--force").code == 0

    assert (tmp_path / "a.test.pem").read_bytes() == issue.current("a.test") != chain
    assert calls(tmp_path) == 2


def test_a_reload_that_fails_brings_the_old_files_back(issue, tmp_path):
    words = settings("installer-files", combined=tmp_path / "site.pem",
                     reload=reload_hook(tmp_path))
    old = b"the administrator's own\n"
    (tmp_path / "site.pem").write_bytes(old)
    (tmp_path / "site.pem").chmod(0o604)
    (tmp_path / "broken").touch()

    result = issue("a.test", *words)

    assert result.code == 7, result
    assert "line 7 is wrong" in result.stderr
    assert (tmp_path / "site.pem").read_bytes() == old
    assert mode(tmp_path / "site.pem") == 0o604
    assert calls(tmp_path) >= 2            # with the new file, and with the old one
    (tmp_path / "broken").unlink()
    requests = len(issue.ca.of("new-order"))
    forget_backoff(issue)
    result = issue.acmecore("renew")
    assert result.code == 0, result
    assert (tmp_path / "site.pem").read_bytes() \
        == issue.current("a.test", "privkey.pem") + issue.current("a.test")
    assert mode(tmp_path / "site.pem") == 0o600
    assert len(issue.ca.of("new-order")) == requests


def test_a_reload_that_was_wrong_and_is_corrected_deploys(issue, tmp_path):
    """It fails with the new files, and with the old ones as well."""
    words = settings("installer-files", combined=tmp_path / "site.pem",
                     reload="no-such-server.service")
    (tmp_path / "site.pem").write_bytes(b"old\n")

    result = issue("a.test", *words)

    assert result.code == 7, result
    assert (tmp_path / "site.pem").read_bytes() == b"old\n"
    assert "the reload failed, with them as with" in result.stderr
    assert "nor could it be rolled back" not in result.stderr
    assert not (issue.state / "installers").exists() \
        or list((issue.state / "installers").rglob("staged.json")) == []
    requests = len(issue.ca.of("new-order"))

    words[-1] = f"installer-files.reload={reload_hook(tmp_path)}"
    assert issue("a.test", *words).code == 0

    assert (tmp_path / "site.pem").read_bytes() \
        == issue.current("a.test", "privkey.pem") + issue.current("a.test")
    assert calls(tmp_path) == 1 and len(issue.ca.of("new-order")) == requests


def test_a_dry_run_writes_nothing_and_shows_no_key(issue, tmp_path):
    hook = reload_hook(tmp_path)
    (tmp_path / "broken").touch()
    words = settings("installer-files", key=tmp_path / "site.key",
                     fullchain=tmp_path / "site.pem", reload=hook)
    assert issue("a.test", *words).code == 7
    told, before = calls(tmp_path), sorted(tmp_path.iterdir())

    result = issue.acmecore("deploy", "a.test", "--dry-run")

    assert result.code == 0, result
    assert f"would write (its content is not shown) {tmp_path}/site.key" in result.stdout
    assert f"+++ {tmp_path}/site.pem" in result.stdout
    assert "+-----BEGIN CERTIFICATE-----" in result.stdout
    assert f"would run {hook}" in result.stdout and "PRIVATE" not in result.stdout
    assert calls(tmp_path) == told
    assert [path for path in sorted(tmp_path.iterdir()) if path not in before
            and not path.name.startswith("run-")] == []


def test_what_somebody_writes_meanwhile_is_not_lost(issue, tmp_path):
    """While the server is told, and that fails: so all is taken back, but not that."""
    edits = executable(tmp_path / "reload", f"""#!/bin/sh
[ -e {tmp_path}/edited ] && exit 0
touch {tmp_path}/edited
echo mine > {tmp_path}/site.pem
exit 1
""")
    (tmp_path / "site.pem").write_bytes(b"old\n")

    result = issue("a.test", *settings("installer-files", reload=edits,
                                       combined=tmp_path / "site.pem"))

    assert result.code == 7, result
    assert "was changed by somebody since" in result.stderr
    assert (tmp_path / "site.pem").read_bytes() == b"mine\n"
    kept = issue.state / "plugins/installer-files/kept-1-site.pem"
    assert kept.read_bytes() == b"old\n" and mode(kept) == 0o600


def test_pkcs12_opens_with_its_password(issue, tmp_path):
    password = tmp_path / "password"
    password.touch(mode=0o600)
    password.write_text("correct horse\n")
    words = settings("installer-files", pkcs12=tmp_path / "store.p12",
                     pkcs12_password=password)

    assert issue("a.test", *words).code == 0

    shown = subprocess.run(
        ["openssl", "pkcs12", "-in", tmp_path / "store.p12", "-nodes", "-passin",
         f"file:{password}"], capture_output=True, text=True, check=True).stdout
    assert shown.count("BEGIN CERTIFICATE") == issue.current("a.test").count(
        b"BEGIN CERTIFICATE")
    assert "PRIVATE KEY" in shown and "friendlyName: a.test" in shown
    assert mode(tmp_path / "store.p12") == 0o600
    before = (tmp_path / "store.p12").stat().st_ino
    assert issue.acmecore("deploy", "a.test").code == 0
    assert (tmp_path / "store.p12").stat().st_ino == before


def test_a_wrong_setting_is_told(issue, tmp_path):
    (tmp_path / "site.pem").symlink_to("/etc/hostname")

    result = issue("a.test", *settings("installer-files", key=tmp_path / "site.pem"))

    assert result.code == 7, result
    assert "symbolic link" in result.stderr


@pytest.mark.parametrize("moment", ["commit", "rollback"])
def test_a_run_that_is_killed_while_it_reloads_is_taken_up(issue, tmp_path, moment):
    hook = executable(tmp_path / "reload", f"""#!/bin/sh
echo told >> {tmp_path}/calls
n=$(wc -l < {tmp_path}/calls)
[ "$n" -eq {1 if moment == "commit" else 2} ] && {{ touch {tmp_path}/hangs; sleep 60; }}
[ "$n" -eq 1 ] && exit 1
exit 0
""")
    (tmp_path / "site.pem").write_bytes(b"old\n")

    run = issue.start("a.test", *settings("installer-files", reload=hook,
                                          combined=tmp_path / "site.pem"))
    wait_until((tmp_path / "hangs").exists, run.wait)
    run.send(signal.SIGKILL)
    run.wait()

    forget_backoff(issue)
    assert issue.acmecore("renew").code == 0
    assert (tmp_path / "site.pem").read_bytes() \
        == issue.current("a.test", "privkey.pem") + issue.current("a.test")
    assert list(tmp_path.glob(".acmecore-*")) == []
    assert list((issue.state / "plugins/installer-files").iterdir()) == []
    assert issue.acmecore("renew").code == 0
