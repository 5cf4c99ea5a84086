# SPDX-License-Identifier: Apache-2.0
"""
What a hostile plugin reaches (tests/abi/plugins/hostile.c), held against the table of
docs/isolation.md; and the settings `user` and `isolation`.
"""
import os
import pathlib
import pwd
import re
import shutil
import socket
import stat
import subprocess
import tempfile

import pytest

from program import build_folder, is_sanitized
from running import ROOT, wait_until

BAD = build_folder() / "tests/abi/plugins"
REFUSED = ("EPERM", "EACCES", "ESRCH")
USER = "nobody"

needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can run a plugin as another user")
# Then its leak check needs what the sandbox refuses, and the filter is a smaller one.
needs_whole_filter = pytest.mark.skipif(
    is_sanitized(), reason="a build with sanitizers has a reduced filter")


def documented():
    """{attempt: {column: "no" or "yes"}} of the table."""
    text = (ROOT / "docs/isolation.md").read_text()
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in text.splitlines() if line.startswith("|")]
    head = next(row for row in rows if row[0] == "attempt")
    return {row[0].strip("`"): dict(zip(head[2:], row[2:]))
            for row in rows if re.fullmatch(r"`[a-z-]+`", row[0]) and len(row) == 8}


COLUMNS = [("hostile", None, "confined"), ("hostile", USER, "confined, user"),
           ("hostile-files", None, "files"),
           ("hostile-commands", None, "commands"),
           ("hostile-commands", USER, "commands, user")]
LOUD = ["core-trace", "core-attach", "core-copy", "core-socket", "namespace", "mount"]


def reach(folder):
    """Another user may pass through to what is in it."""
    top = pathlib.Path(tempfile.gettempdir())
    for above in [folder, *folder.parents]:
        if top not in above.parents:
            break
        if above.stat().st_uid == os.geteuid():
            above.chmod(above.stat().st_mode | 0o011)


class Scene:
    """A store with a certificate in it, and a plugin that wants it."""

    def __init__(self, issuer, ca, folder):
        self.issuer, self.ca, self.folder = issuer, ca, folder
        first = issuer(ca)("first.test", "--json")
        assert first.code == 0, first
        self.state = issuer(ca).state
        self.path = str(folder / "local.sock")
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        os.chmod(self.path, 0o666)
        self.listener.listen(64)
        reach(folder)

    def settings(self, plugin, user=None, kind="--solver", **more):
        key = next(self.state.glob("accounts/*/key.pem"))
        values = {"account-key": key, "store": self.state, "plugins": BAD,
                  "certificate-key": self.state / "certs/first.test/current/privkey.pem",
                  "program": build_folder() / "bin", "socket": self.path}
        words = ["--plugin-dir", BAD, kind, plugin]
        for name, value in values.items():
            words += ["--set", f"{plugin}.{name}=at:{value}"]
        for name, value in {**more, **({"@user": user} if user else {})}.items():
            words += ["--set", f"{plugin}.{name}={value}"]
        return words

    def run(self, plugin, user=None, **more):
        """(result, {attempt: word})"""
        words = self.settings(plugin, user, **more)
        report = self.state / "plugins" / plugin / "report"
        report.unlink(missing_ok=True)
        result = self.issuer(self.ca, solver=[*words, "--self-check", "off"])(
            "second.test", "--json")
        lines = report.read_text().splitlines() if report.exists() else []
        return result, dict(line.split() for line in lines)


@pytest.fixture
def scene(issuer, good_ca, tmp_path):
    scene = Scene(issuer, good_ca(), tmp_path)
    yield scene
    scene.listener.close()


def said(words):
    """As the table has it."""
    return {name: "no" if word in REFUSED else "yes" for name, word in words.items()}


@needs_root
@needs_whole_filter
@pytest.mark.parametrize("plugin, user, column", COLUMNS, ids=[c[2] for c in COLUMNS])
def test_what_a_hostile_plugin_reaches_is_what_is_documented(scene, plugin, user, column):
    result, words = scene.run(plugin, user)

    assert result.code == 6 and "all is tried" in result.stdout, result
    reached = said(words)
    assert reached == {name: row[column] for name, row in documented().items()
                       if name not in LOUD}, words
    if user:
        for name in ("account-key", "certificate-key", "store-list", "core-memory",
                     "core-descriptors", "core-signal", "descriptors-inherited"):
            assert reached[name] == "no", words


def run_installer(scene, user=None):
    """It is to install another certificate than the one whose key it wants."""
    words = scene.settings("hostile-installer", user, kind="--installer")
    result = scene.issuer(scene.ca)("second.test", *words, "--json")
    report = scene.state / "plugins/hostile-installer/report"
    assert result.code == 7 and "all is tried" in result.stdout, result
    return dict(line.split() for line in report.read_text().splitlines())


@needs_root
@needs_whole_filter
def test_what_a_hostile_installer_reaches_is_what_is_documented(scene):
    words = run_installer(scene)

    assert words.pop("given-key") == "open"
    assert said(words) == {name: row["installer"] for name, row in documented().items()
                           if name not in LOUD}, words


@needs_root
@needs_whole_filter
@pytest.mark.parametrize("plugin, user, column", COLUMNS, ids=[c[2] for c in COLUMNS])
def test_what_reaches_into_the_core_is_refused_or_ends_the_plugin(
        scene, plugin, user, column):
    for attempt in LOUD:
        result, words = scene.run(plugin, user, attempt=attempt)

        # The core went on, and told of it.
        assert result.code == 6, result
        message = result.json["error"]["message"]
        reached = said(words).get(attempt, "no" if "SIGSYS" in message else "?")
        assert reached == documented()[attempt][column], (attempt, words, message)
        assert words or "its sandbox ends a plugin" in message, result


@needs_root
def test_a_private_folder_belongs_to_the_user_and_the_store_stays_closed(scene):
    result, words = scene.run("hostile", USER)

    folder = scene.state / "plugins/hostile"
    owner = pwd.getpwnam(USER).pw_uid
    assert folder.stat().st_uid == owner and (folder / "report").stat().st_uid == owner
    assert words, result
    assert stat.S_IMODE(scene.state.stat().st_mode) == 0o700
    assert scene.state.stat().st_uid == 0


@needs_whole_filter
def test_the_store_stays_closed_to_a_plugin_in_a_folder_above_it(scene, tmp_path):
    folder = scene.state.parent
    shutil.copy(BAD / "hostile.so", folder)
    words = scene.settings("hostile")
    words[words.index(BAD)] = folder

    result = scene.issuer(scene.ca, solver=[*words, "--self-check", "off"])(
        "second.test", "--json")

    assert "all is tried" in result.stdout, result
    report = (scene.state / "plugins/hostile/report").read_text()
    reached = said(dict(line.split() for line in report.splitlines()))
    for attempt in ("account-key", "certificate-key", "store-list"):
        assert reached[attempt] == "no", report


MANY_THREADS = '''
import threading, sys
threading.stack_size(65536)
end = threading.Event()
for _ in range(1100):
    threading.Thread(target=end.wait, daemon=True).start()
print("there", flush=True)
sys.stdin.read()
'''


@needs_root
def test_a_user_with_many_processes_runs_a_plugin(scene):
    with subprocess.Popen(
            ["setpriv", f"--reuid={USER}", "--clear-groups", "/usr/bin/python3", "-c",
             MANY_THREADS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/") as busy:
        assert busy.stdout.readline() == b"there\n"
        result, _ = scene.run("hostile", USER)
        busy.stdin.close()

    assert "all is tried" in result.stdout, result


@needs_root
@needs_whole_filter
def test_a_plugin_that_says_nothing_gets_the_least(scene):
    _, words = scene.run("hostile-least")

    assert words["local-socket"] == "EACCES" and words["process"] == "EPERM"


def test_a_dns_solver_that_does_not_say_network_is_refused(scene):
    """acmecore asks the name servers from its process."""
    result = scene.issuer(scene.ca, solver=[
        "--plugin-dir", BAD, "--solver", "no-network"])("a.test", "--json")

    message = result.json["error"]["message"]
    assert result.code == 2 and "ACMECORE_USES_NETWORK" in message, result


@needs_whole_filter
def test_what_the_sandbox_refuses_is_told_with_what_would_open_it(scene):
    result, _ = scene.run("hostile", attempt="service")

    assert result.code == 6, result
    message = result.json["error"]["message"]
    for word in ("Permission denied", "ACMECORE_USES_FILES", "settings name",
                 "isolation = none"):
        assert word in message, result
    assert not (scene.state / "hostile-was-here").exists()


def test_isolation_none_takes_the_sandbox_off(scene):
    _, words = scene.run("hostile", **{"@isolation": "none"})

    assert words["process"] == "open" and words["local-socket"] == "open"
    assert words["descriptors-inherited"] == "EPERM"


@pytest.mark.parametrize("setting, value, why", [
    ("@user", "no-such-user", "no such user"), ("@isolation", "some", "process or none")])
def test_wrong_settings_are_named(scene, setting, value, why):
    result, _ = scene.run("hostile", **{setting: value})

    assert result.code == 2 and why in result.json["error"]["message"], result


@needs_root
def test_user_and_isolation_stand_in_the_section(acmecore, tmp_path):
    config = tmp_path / "acmecore.conf"
    config.write_text('solver "x" { plugin = "http01-standalone" user = "no-such-user"\n'
                      ' isolation = "sometimes" }\n')
    config.chmod(0o600)

    result = acmecore("config", "check", "--config", config)

    assert result.code == 2, result
    text = result.stdout + result.stderr
    assert "no such user" in text and "process or none" in text, result


AS_USER = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups")


@pytest.fixture
def of_user(issuer, good_ca, tmp_path):
    """of_user(*options) starts a run of an ordinary user, who has a folder here."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    os.chown(folder, pwd.getpwnam(USER).pw_uid, -1)
    ca = good_ca()
    reach(tmp_path)
    reach(pathlib.Path(ca.ca_file).parent)
    return lambda *solver: issuer(ca, solver=[*solver, "--self-check", "off"]).start(
        "a.test", "--json", prefix=AS_USER, state=folder / "state")


@needs_root
def test_only_root_runs_a_plugin_as_another(of_user):
    result = of_user("--solver", "http01-standalone", "--set",
                     "http01-standalone.@user=nobody").wait()

    assert result.code == 2, result
    assert "only root" in result.json["error"]["message"], result


@needs_root
def test_core_and_plugin_of_an_ordinary_user_are_hidden_from_its_other_processes(of_user):
    run = of_user("--plugin-dir", BAD, "--solver", "hang-present")
    wait_until(run.children, "a plugin host")

    def looks(pid, what):
        return subprocess.run([*AS_USER, "head", "-c1", f"/proc/{pid}/{what}"],
                              capture_output=True, check=False).returncode == 0

    # The plugin host is hidden as soon as its plugin is about to be loaded.
    for pid in [run.pid, *run.children()]:
        wait_until(lambda: not looks(pid, "environ"), f"{pid} is hidden")
        assert not looks(pid, "maps") and not looks(pid, "mem")
    run.stop()


def test_plugin_list_tells_what_the_kernel_has(acmecore):
    text = acmecore("plugin", "list", "-v")
    document = acmecore("plugin", "list", "--json").json

    assert text.code == 0, text
    assert "Landlock" in text.stdout and "seccomp" in text.stdout, text
    assert document["sandbox"]["landlock"] >= 0
    assert document["sandbox"]["seccomp"] in (True, False)
    uses = {plugin["name"]: plugin["uses"] for plugin in document["plugins"]}
    assert uses["dns01-rfc2136"] == ["network"] and uses["http01-webroot"] == ["files"]


@needs_root
@needs_whole_filter
def test_a_kernel_without_landlock_is_told_and_does_without(scene, acmecore):
    """Said by the kernel's own error number; seccomp is still there."""
    without = ("strace", "-f", "-o", "/dev/null", "-e", "trace=landlock_create_ruleset",
               "-e", "inject=landlock_create_ruleset:error=ENOSYS")

    listed = acmecore("plugin", "list", "-v", prefix=without)
    issued = scene.issuer(scene.ca)("other.test", prefix=without)

    assert listed.code == 0 and "this kernel has no Landlock" in listed.stdout, listed
    assert issued.code == 0, issued
    assert acmecore("plugin", "list", "--json",
                    prefix=without).json["sandbox"]["landlock"] == 0


@pytest.mark.parametrize("unit", ["acmecore.service", "acmecore-watch.service"])
def test_the_units_let_the_sandbox_be_made(unit):
    """A call that is not in the unit's filter would end each plugin host."""
    lines = (ROOT / "packaging" / unit).read_text().splitlines()
    calls = " ".join(line.split("=", 1)[1] for line in lines
                     if line.startswith("SystemCallFilter=")).split()

    assert {"seccomp", "landlock_create_ruleset", "landlock_add_rule",
            "landlock_restrict_self"} <= set(calls)
    capabilities = next(line for line in lines
                        if line.startswith("CapabilityBoundingSet=")).split("=")[1]
    assert {"CAP_SETUID", "CAP_SETGID", "CAP_KILL"} <= set(capabilities.split())


@pytest.mark.parametrize("unit", ["acmecore.service", "acmecore-watch.service"])
def test_the_units_let_a_server_live_that_a_hook_or_a_rollback_started(unit):
    assert "KillMode=process" in (ROOT / "packaging" / unit).read_text().splitlines()
