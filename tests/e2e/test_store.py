# SPDX-License-Identifier: Apache-2.0
"""The store under a person's hands: back to an earlier version, deleted, damaged, old, new."""
import json
import os
import subprocess
import threading

import pytest

from held_store import HeldStore


@pytest.fixture
def store(acmecore):
    return HeldStore(acmecore.state)


@pytest.fixture
def www(store):
    """Three versions; the first has expired."""
    return store.add("www.test", [(-130, -40), (-75, 15), (-12, 78)])


def public_key(*words):
    return subprocess.run(["openssl", *map(str, words), "-pubout"], check=True,
                          capture_output=True).stdout


def test_rollback_is_one_rename_and_renew_does_not_undo_it(acmecore, www):
    result = acmecore("rollback", "www.test")
    listed = acmecore("renew", "--dry-run", "--json")

    assert result.code == 0, result
    assert os.readlink(www / "current") == "versions/0002"
    assert json.loads((www / "state.json").read_text())["version"] == 2
    assert listed.code == 0 and listed.json["certificates"] == [], listed
    assert acmecore("rollback", "www.test", "3").code == 0
    assert os.readlink(www / "current") == "versions/0003"


def test_a_reader_sees_key_and_chain_together_all_the_time(acmecore, www):
    seen, stop = set(), threading.Event()

    def read():
        while not stop.is_set():
            folder = os.open(www / "current", os.O_RDONLY | os.O_DIRECTORY)
            here = f"/proc/self/fd/{folder}"
            certificate = subprocess.run(
                ["openssl", "x509", "-in", f"{here}/cert.pem", "-noout", "-pubkey"],
                check=True, capture_output=True, pass_fds=[folder]).stdout
            key = subprocess.run(
                ["openssl", "pkey", "-in", f"{here}/privkey.pem", "-pubout"],
                check=True, capture_output=True, pass_fds=[folder]).stdout
            seen.add(certificate == key)
            os.close(folder)

    reader = threading.Thread(target=read)
    reader.start()
    for number in (2, 3, 2, 3, 2):
        assert acmecore("rollback", "www.test", number).code == 0
    stop.set()
    reader.join()

    assert seen == {True}


def test_a_version_that_is_not_whole_or_expired_stays_what_it_is(acmecore, www):
    (www / "versions/0002/privkey.pem").write_bytes(
        (www / "versions/0003/privkey.pem").read_bytes())

    foreign, expired = (acmecore("rollback", "www.test", number) for number in (2, 1))

    assert foreign.code == 9 and "version 2 of www.test cannot be used" in foreign.stderr
    assert expired.code == 2 and "expired at" in expired.stderr
    assert os.readlink(www / "current") == "versions/0003"


def test_delete_asks_for_consent_and_leaves_nothing(acmecore, www):
    refused = acmecore("delete", "www.test")
    done = acmecore("delete", "www.test", "--yes")

    assert refused.code == 2 and "--yes" in refused.stderr
    assert done.code == 0 and not www.exists()
    assert list((acmecore.state / "deleted").iterdir()) == []
    assert acmecore("delete", "www.test", "--yes").code == 2


def test_delete_can_keep_an_archive(acmecore, www):
    result = acmecore("delete", "www.test", "--archive", "--json")

    assert result.code == 0, result
    archive = acmecore.state / "archive/www.test"
    assert result.json["archive"] == str(archive)
    assert (archive / "current/privkey.pem").exists() and not www.exists()


def test_delete_says_when_the_configuration_still_wants_it(acmecore, www, tmp_path):
    path = tmp_path / "acmecore.conf"
    path.write_text('solver s { plugin = http01-standalone }\n'
                    'certificate "www.test" { identifiers = www.test solvers = s }\n')
    path.chmod(0o644)

    result = acmecore("delete", "www.test", "--yes", "--config", path)

    assert result.code == 0 and "the next renew issues it again" in result.stdout, result


def test_damage_is_named_and_kept_and_hides_no_other(acmecore, store, www):
    store.add("other.test", [(-1, 89)])
    (www / "state.json").write_text('{"schema": 1, "vers')

    looked = acmecore("status")
    rolled = acmecore("rollback", "www.test")

    assert "www.test/state.json is damaged" in looked.stderr
    assert "other.test" in looked.stdout and "www.test" in looked.stdout
    assert (www / "state.json").read_text().startswith("{")
    assert rolled.code == 0 and "state.json.damaged-" in rolled.stderr
    kept = list(www.glob("state.json.damaged-*"))
    assert [path.read_text() for path in kept] == ['{"schema": 1, "vers']
    assert json.loads((www / "state.json").read_text())["version"] == 2


def test_what_a_newer_acmecore_wrote_is_left_to_it(acmecore, www):
    newer = '{"schema": 99, "version": 3}'
    (www / "state.json").write_text(newer)

    result = acmecore("rollback", "www.test")

    assert result.code == 9 and "written by a newer acmecore" in result.stderr, result
    assert (www / "state.json").read_text() == newer
    assert os.readlink(www / "current") == "versions/0003"


def test_the_lock_says_who_holds_it_and_goes_with_its_holder(acmecore, www):
    lock = acmecore.state / "locks/certs-www.test.lock"
    lock.parent.mkdir(mode=0o700, exist_ok=True)
    lock.write_text("pid 4711 since 2026-11-22T08:00:00Z host elsewhere\n")
    lock.chmod(0o600)
    holder = subprocess.Popen(["flock", lock, "sleep", "60"])
    try:
        while subprocess.run(["flock", "-n", lock, "true"], check=False).returncode == 0:
            pass
        held = acmecore("rollback", "www.test")
    finally:
        subprocess.run(["kill", "-9", str(holder.pid)], check=True)
        holder.wait()

    assert held.code == 8 and "pid 4711" in held.stderr, held
