# SPDX-License-Identifier: Apache-2.0
"""`issue --dry-run`: a full run at the CA that keeps nothing, also when it is killed."""
import hashlib
import json
import signal

import pytest

from program import build_folder
from running import wait_until

NAME = "dry.example.test"
PLUGINS = build_folder() / "tests/abi/plugins"


def snapshot(folder):
    """All that is below it, but for locks, which say nothing."""
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and "locks" not in path.parts}


class Scene:
    def __init__(self, issuer, calm_pebble, web, gate):
        self.gate = gate(calm_pebble)
        self.issue = issuer(self.gate)
        self.web = web(self.issue.web, calm_pebble.http_port)
        self.state = self.issue.state

    def dry(self, *words, **options):
        return self.issue(NAME, "--dry-run", *words, **options)

    def has_remains(self):
        return (self.state / "dry-run").exists()

    def accounts(self):
        folder = self.state / "accounts"
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []

    def account_posts(self):
        """The accounts that were made, and what was sent to them afterwards."""
        return self.gate.count("/sign-me-up"), self.gate.count("/my-account")


@pytest.fixture
def scene(issuer, calm_pebble, web, gate):
    return Scene(issuer, calm_pebble, web, gate)


def test_a_dry_run_with_an_account_asks_for_all_and_keeps_nothing(scene):
    result = scene.issue.acmecore("account", "register", "--agree-tos",
                                  *scene.issue.at_ca())
    assert result.code == 0, result
    before = snapshot(scene.state)
    result = scene.dry("--json")
    assert result.code == 0, result

    assert result.json["dry_run"] is True and result.json["result"] == "passed"
    assert result.json["server"] == scene.gate.directory_url
    assert result.json["certificate"]["identifiers"] == [NAME]
    assert "paths" not in result.json["certificate"]
    assert scene.gate.count("/finalize-order") == 1 and scene.gate.count("/certZ") == 1
    assert scene.account_posts() == (1, 0)
    assert snapshot(scene.state) == before
    assert not scene.has_remains() and scene.issue.answers() == []
    listed = scene.issue.acmecore("list", "--json")
    assert listed.json["certificates"] == []


def test_without_an_account_one_is_made_and_deactivated(scene):
    result = scene.dry()
    assert result.code == 0, result

    assert "Dry run: certificate" in result.stdout and "is thrown away" in result.stdout
    assert scene.account_posts() == (1, 1)
    assert scene.accounts() == [] and not scene.has_remains()


def test_a_key_for_one_account_only_is_not_used_up(scene, tmp_path):
    key = tmp_path / "mac"
    key.write_text("zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W\n")
    key.chmod(0o600)
    result = scene.dry("--eab-kid", "kid-1", "--eab-hmac-key-file", key)

    assert result.code == 2 and "acmecore account register" in result.stderr
    assert scene.account_posts() == (0, 0) and not scene.has_remains()


def test_what_is_held_is_not_touched_by_a_dry_run_with_other_settings(scene):
    assert scene.issue(NAME).code == 0
    before = snapshot(scene.state)
    result = scene.dry("--key-type", "ecdsa-p384", "--json")
    assert result.code == 0, result

    assert result.json["certificate"]["key_type"] == "ecdsa-p384"
    assert snapshot(scene.state) == before
    assert scene.issue(NAME, "--json").json["result"] == "fresh"


def test_a_refusal_ends_as_that_of_a_real_run(scene):
    scene.web.stop()
    result = scene.dry("--json")


    assert result.code == 4 and result.json["result"] == "failed"
    assert result.json["dry_run"] is True
    assert result.json["error"]["identifiers"][0]["identifier"] == NAME
    assert not scene.has_remains() and scene.issue.answers() == []
    assert scene.account_posts() == (1, 1)


@pytest.mark.parametrize("next_run", ["dry", "issue", "renew"])
def test_after_a_kill_the_next_run_removes_what_is_left(scene, next_run):
    held = scene.gate.hold("/chalZ", "before", 1)
    run = scene.issue.start(NAME, "--dry-run")
    held.wait()
    run.process.kill()
    run.wait()
    scene.gate.open(drop=True)
    assert scene.has_remains() and scene.issue.answers() != []
    result = {"dry": scene.dry, "issue": lambda: scene.issue(NAME),
              "renew": lambda: scene.issue.acmecore("renew")}[next_run]()
    assert result.code == 0, result

    assert not scene.has_remains() and scene.issue.answers() == []
    made, posted = scene.account_posts()
    assert posted == made - len(scene.accounts())   # each that is not kept has ended
    assert scene.issue.has_certificate(NAME) == (next_run == "issue")


def test_ended_by_a_signal_it_cleans_up_and_says_what_stays(scene):
    held = scene.gate.hold("/chalZ", "before", 1)
    run = scene.issue.start(NAME, "--dry-run")
    held.wait()
    run.process.send_signal(signal.SIGINT)
    # Pebble stops for good when it is told to deactivate what it validates just then.
    scene.gate.open(drop=True)
    result = run.wait()

    assert result.code == 130, result
    assert scene.issue.answers() == []
    assert "the next issue or renew tries again" in result.stderr
    assert not list((scene.state / "dry-run").rglob("privkey.pem"))
    assert scene.issue.acmecore("renew").code == 0
    assert not scene.has_remains() and scene.account_posts() == (1, 1)


def test_hooks_are_told_and_nobody_is_notified(scene, tmp_path):
    kept = tmp_path / "kept"
    hook = tmp_path / "hook"
    hook.write_text(f"#!/bin/sh\ncat >> '{kept}'\n")
    hook.chmod(0o755)
    words = ["--pre-hook", hook, "--post-hook", hook, "--failure-hook", hook, "--notify",
             hook]
    assert scene.dry(*words).code == 0
    scene.web.stop()
    assert scene.dry(*words).code == 4

    told = [json.loads(line) for line in kept.read_text().splitlines()]
    assert [each["hook"] for each in told] == ["pre", "post"] * 2
    assert all(each["dry_run"] is True for each in told)


class Site:
    """A folder that installer-test installs into."""

    def __init__(self, folder):
        self.folder = folder / "site"
        self.path = self.folder / f"live/{NAME}.pem"
        self.path.parent.mkdir(parents=True)
        self.words = ["--plugin-dir", PLUGINS, "--installer", "installer-test", "--set",
                      f"installer-test.folder={self.folder}"]


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


def test_installers_say_what_they_would_change(scene, site):
    result = scene.dry(*site.words, "--json")
    assert result.code == 0, result

    deployment, = result.json["deployments"]
    assert deployment["result"] == "planned"
    assert any(str(site.path) in line for line in result.json["changes"])
    assert not any("dry-run/" in line for line in result.json["changes"])
    assert not site.path.exists() and not scene.has_remains()


def test_of_a_certificate_that_is_held_its_own_place_is_shown(scene, site):
    assert scene.issue(NAME, *site.words).code == 0
    before, live = snapshot(scene.state), site.path.read_bytes()
    result = scene.dry("--plugin-dir", PLUGINS, "--json")
    assert result.code == 0, result

    assert result.json["deployments"][0]["result"] == "planned"
    assert snapshot(scene.state) == before and site.path.read_bytes() == live


def test_an_installer_that_fails_ends_with_seven_and_nothing_stays(scene, site):
    (site.folder / "mood").write_text("stage fail\n")
    result = scene.dry(*site.words, "--json")

    assert result.code == 7, result
    assert result.json["result"] == "passed" and not scene.has_remains()


def test_two_at_once_for_one_name_and_the_last_removes_all(scene):
    held = scene.gate.hold("/chalZ", "before", 1)
    run = scene.issue.start(NAME, "--dry-run")
    held.wait()
    second = scene.dry()
    scene.gate.open()

    assert second.code == 8, second
    assert run.wait().code == 0
    wait_until(lambda: not scene.has_remains(), "nothing is left", 5)
