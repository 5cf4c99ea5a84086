# SPDX-License-Identifier: Apache-2.0
"""From the store to the servers: staged, committed, proven, or rolled back and retried."""
import json
import signal
import socket
import ssl
import subprocess
import threading

import pytest

from program import build_folder
from running import wait_until

PLUGINS = build_folder() / "tests/abi/plugins"


class Site:
    """A folder that installer-test installs into, and certificates for it."""

    def __init__(self, issue, folder):
        self.issue, self.folder = issue, folder
        self.calls_read = 0
        (folder / "live").mkdir(parents=True)

    def words(self, *more, installer="installer-test", folder=None):
        instance = installer.split(":")[0]
        return ["--plugin-dir", PLUGINS, "--installer", installer, "--set",
                f"{instance}.folder={folder or self.folder}", *more]

    def run(self, name, *more, **options):
        return self.issue(name, *self.words(*more, **options))

    def acmecore(self, *words):
        return self.issue.acmecore(*words, "--plugin-dir", PLUGINS)

    def mood(self, *lines):
        (self.folder / "mood").write_text("".join(f"{line}\n" for line in lines))

    def calls(self):
        """What was called since this was asked last. It may be added to meanwhile."""
        path = self.folder / "calls"
        text = path.read_text()[self.calls_read:] if path.exists() else ""
        whole = text[:text.rfind("\n") + 1]
        self.calls_read += len(whole)
        return whole.splitlines()

    def live(self, name):
        path = self.folder / "live" / f"{name}.pem"
        return path.read_bytes() if path.exists() else None

    def live_of(self, version, name="a.test"):
        """What is installed of that version."""
        folder = self.issue.folder_of(name) / f"versions/{version:04}"
        return ((folder / "fullchain.pem").read_bytes()
                + (folder / "privkey.pem").read_bytes())

    def is_live(self, name):
        """Is what is installed what is current?"""
        return self.live(name) == (self.issue.current(name)
                                   + self.issue.current(name, "privkey.pem"))

    def state(self, name):
        return json.loads((self.issue.folder_of(name) / "state.json").read_text())

    def deployment(self, name, installer="installer-test"):
        found, = [each for each in self.state(name)["deployments"]
                  if each["installer"] == installer]
        return found

    def link(self, name, installer="installer-test"):
        return (self.issue.folder_of(name) / "deployed" / installer).readlink()

    def forget_backoff(self, *names):
        """As if the time to wait had passed."""
        for name in names:
            path = self.issue.folder_of(name) / "state.json"
            document = json.loads(path.read_text())
            for deployment in document["deployments"]:
                deployment.pop("next_attempt_at", None)
            path.write_text(json.dumps(document))


class Server:
    """TLS for each name that is asked for, from the folder that is installed into;
    `starttls` is "smtp" or None, `instead` a file that is served whatever is asked."""

    def __init__(self, live, starttls=None):
        self.live, self.starttls, self.instead = live, starttls, None
        self.asked = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._run, daemon=True).start()

    def stop(self):
        self._socket.close()

    def _context(self, path):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _choose(self, connection, name, _context):
        self.asked.append(name)
        try:
            connection.context = self._context(self.instead or self.live / f"{name}.pem")
        except OSError:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        return None

    def _serve(self, connection):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.sni_callback = self._choose
        if self.starttls:
            self._talk_smtp(connection)
        with context.wrap_socket(connection, server_side=True) as wrapped:
            wrapped.recv(1)

    @staticmethod
    def _talk_smtp(connection):
        connection.sendall(b"220 here ESMTP\r\n")
        connection.recv(1000)
        connection.sendall(b"250-here\r\n250 STARTTLS\r\n")
        connection.recv(1000)
        connection.sendall(b"220 go on\r\n")

    def _run(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            connection.settimeout(5)
            threading.Thread(target=self._try, args=[connection], daemon=True).start()

    def _try(self, connection):
        try:
            self._serve(connection)
        except (OSError, ValueError):
            connection.close()


@pytest.fixture
def serve(site):
    servers = []

    def start(**options):
        servers.append(Server(site.folder / "live", **options))
        return servers[-1]
    yield start
    for server in servers:
        server.stop()


def probing(server, timeout=10, *more, plugin="installer-test"):
    return ["--set", f"{plugin}.probe={server.address}", "--set",
            f"{plugin}.probe-timeout={timeout}", *more]


def self_signed(folder, *names):
    """A file with key and certificate that nobody asked for."""
    path = folder / "other.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-keyout", folder / "other.key",
                    "-out", folder / "other.crt", "-subj", "/CN=somebody else", "-days", "9",
                    "-addext", "subjectAltName=" + ",".join(f"DNS:{name}" for name in names)],
                   check=True, capture_output=True)
    path.write_bytes((folder / "other.crt").read_bytes() + (folder / "other.key").read_bytes())
    return path


@pytest.fixture
def site(issuer, good_ca, tmp_path):
    return Site(issuer(good_ca()), tmp_path / "site")


def test_what_is_issued_is_deployed(site):
    result = site.run("a.test", "--json")

    assert result.code == 0, result
    assert site.calls() == ["stage a.test", "commit", "finish"]
    assert site.is_live("a.test")
    assert str(site.link("a.test")) == "../versions/0001"
    deployed, = result.json["deployments"]
    assert deployed["result"] == "live" and deployed["version"] == 1, deployed
    assert site.deployment("a.test")["live_version"] == 1


def test_a_renewal_is_deployed_with_what_is_remembered(site):
    assert site.run("a.test").code == 0
    site.calls()

    result = site.acmecore("renew", "--force")

    assert result.code == 0, result
    assert site.calls() == ["stage a.test", "commit", "finish"]
    assert site.is_live("a.test")
    assert str(site.link("a.test")) == "../versions/0002"


def test_a_failed_deployment_is_retried_without_a_new_certificate(site):
    assert site.run("a.test").code == 0
    before = site.live("a.test")
    site.mood("commit fail")

    result = site.acmecore("renew", "--force")

    assert result.code == 7, result
    assert "commit is in no mood" in result.stderr
    assert site.live("a.test") == before
    assert str(site.link("a.test")) == "../versions/0001"
    assert "rollback" in site.calls()

    site.mood()
    requests = len(site.issue.ca.of("new-order"))
    assert site.acmecore("renew").code == 0      # too early: nothing is tried
    assert site.calls() == []
    site.forget_backoff("a.test")
    result = site.acmecore("renew")

    assert result.code == 0, result
    assert site.is_live("a.test")
    assert len(site.issue.ca.of("new-order")) == requests
    assert site.calls() == ["stage a.test", "commit", "finish"]


def test_what_failed_is_tried_again_though_its_notes_are_lost(site):
    assert site.run("a.test").code == 0
    site.mood("commit fail")
    assert site.acmecore("renew", "--force").code == 7
    (site.issue.folder_of("a.test") / "state.json").unlink()
    site.mood()
    site.calls()

    result = site.acmecore("renew")

    assert result.code == 0, result
    assert site.is_live("a.test")
    assert site.calls() == ["stage a.test", "commit", "finish"]
    assert site.acmecore("renew").code == 0
    assert site.calls() == []


def deep(*values):
    return pytest.param(*values, marks=pytest.mark.deep)


@pytest.mark.parametrize("mood, why", [
    deep("stage crash", "SIGSEGV"), ("stage:a.test fail", "in no mood"),
    deep("stage odd", "no result"), deep("commit crash", "SIGSEGV"),
    deep("commit leave", "code 3"), deep("commit odd", "no result"),
    ("after-commit crash", "SIGSEGV"), deep("commit config", "line 7 of httpd.conf"),
    deep("probe crash", "SIGSEGV"), deep("probe:a.test fail", "in no mood"),
    ("open fail", "in no mood")])
def test_an_installer_that_fails_is_rolled_back_and_named(site, mood, why):
    assert site.run("a.test").code == 0
    before = site.live("a.test")
    site.mood(mood)

    result = site.acmecore("renew", "--force", "--json")

    assert result.code == 7, result
    failed, = result.json["deployments"]
    assert failed["result"] == "failed"
    assert why in failed["error"]["message"] and "installer-test" in failed["error"]["message"]
    assert site.live("a.test") == before
    assert str(site.link("a.test")) == "../versions/0001"
    assert site.deployment("a.test").get("staged_version") is None


@pytest.mark.parametrize("mood", [deep("stage hang"), "commit hang", deep("stage flood")])
def test_an_installer_that_does_not_end_is_ended(site, mood):
    assert site.run("a.test").code == 0
    before = site.live("a.test")
    site.mood(mood)

    result = site.acmecore("deploy", "a.test", "--force", "--json", "--timeout", "2")

    assert result.code == 7, result
    assert mood.split()[0] in result.json["deployments"][0]["error"]["message"]
    assert site.live("a.test") == before


def test_several_certificates_are_reloaded_once(site):
    names = [f"{letter}.test" for letter in "abc"]
    for name in names:
        assert site.run(name).code == 0
    site.calls()

    result = site.acmecore("renew", "--force")

    assert result.code == 0, result
    calls = site.calls()
    assert sorted(calls[:3]) == [f"stage {name}" for name in names]
    assert calls[3:] == ["commit", "finish"]
    assert all(map(site.is_live, names))


def test_one_guilty_certificate_costs_no_other_its_deployment(site):
    names = [f"{letter}.test" for letter in "abcde"]
    for name in names:
        assert site.run(name).code == 0
    before = site.live("c.test")
    site.mood("probe:c.test fail")

    result = site.acmecore("renew", "--force", "--json")

    assert result.code == 7, result
    results = {each["certificate"]: each["result"] for each in result.json["deployments"]}
    assert results == {**dict.fromkeys(names, "live"), "c.test": "failed"}
    assert [site.is_live(name) for name in names] == [True, True, False, True, True]
    assert site.live("c.test") == before


def test_one_installer_that_fails_touches_no_other(site, tmp_path):
    other = Site(site.issue, tmp_path / "other")
    words = other.words(installer="second:installer-test")
    site.mood("commit fail")

    result = site.run("a.test", "--json", *words)

    assert result.code == 7, result
    results = {each["installer"]: each["result"] for each in result.json["deployments"]}
    assert results == {"installer-test": "failed", "second": "live"}
    assert other.is_live("a.test") and site.live("a.test") is None
    assert not (site.issue.folder_of("a.test") / "deployed/installer-test").exists()


def test_deploy_on_demand(site):
    assert site.run("a.test").code == 0
    site.calls()

    assert site.acmecore("deploy", "a.test").code == 0
    assert site.calls() == []
    result = site.acmecore("deploy", "a.test", "--force")

    assert result.code == 0, result
    assert site.calls() == ["stage a.test", "commit", "finish"]


def test_rollback_that_fails_is_told_and_tried_again(site):
    assert site.run("a.test").code == 0
    before = site.live("a.test")
    site.mood("after-commit fail", "rollback crash")

    result = site.acmecore("renew", "--force")

    assert result.code == 7, result
    assert "nor could it be rolled back" in result.stderr and "SIGSEGV" in result.stderr
    assert "served still" not in result.stderr and "look at the server" in result.stderr
    site.mood("commit fail")
    site.forget_backoff("a.test")
    assert site.acmecore("renew").code == 7
    assert site.live("a.test") == before
    site.mood()
    site.forget_backoff("a.test")
    assert site.acmecore("renew").code == 0
    assert site.is_live("a.test")


def test_what_is_served_is_proven(site, serve):
    server = serve()

    result = site.run("a.test", *probing(server))

    assert result.code == 0, result
    assert site.is_live("a.test") and server.asked == ["a.test"]


def test_each_name_is_asked_for(site, serve):
    server = serve()
    result = site.issue("a.test", "b.test", *site.words(*probing(server, 1)))

    assert result.code == 7, result
    assert "b.test" in result.stderr        # the server has no file of that name
    assert {"a.test", "b.test"} <= set(server.asked)


def test_another_certificate_is_rolled_back_and_told(site, serve, tmp_path):
    server = serve()
    assert site.run("a.test", *probing(server, 2)).code == 0
    before = site.live("a.test")
    server.instead = self_signed(tmp_path, "x.test", "y.test")

    result = site.acmecore("renew", "--force", "--json")

    assert result.code == 7, result
    message = result.json["deployments"][0]["error"]["message"]
    for word in [server.address, "x.test, y.test", "CN=somebody else", "valid until 20",
                 "SHA-256", "asks for a.test"]:
        assert word in message, message
    assert site.live("a.test") == before
    assert str(site.link("a.test")) == "../versions/0001"

    server.instead = None
    site.forget_backoff("a.test")
    requests = len(site.issue.ca.of("new-order"))
    result = site.acmecore("renew")
    assert result.code == 0, result
    assert site.is_live("a.test") and len(site.issue.ca.of("new-order")) == requests


def test_nobody_there_is_told(site):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    result = site.run("a.test", "--set", f"installer-test.probe=127.0.0.1:{port}", "--set",
                      "installer-test.probe-timeout=1")

    assert result.code == 7, result
    assert f"127.0.0.1:{port}" in result.stderr and "onnect" in result.stderr


def test_tls_that_begins_within_a_protocol(site, serve):
    server = serve(starttls="smtp")

    result = site.run("a.test", *probing(server, 5, "--set",
                                         "installer-test.probe-starttls=smtp"))

    assert result.code == 0, result
    assert server.asked == ["a.test"]


@pytest.mark.parametrize("words, why", [
    (["--installer", "installer-tset"], "installer-tset"),
    (["--installer", "good"], "plugin good is no installer"),
    (["--installer", "installer-test"], "folder"),
    (["--installer", "installer-test", "--set", "installer-test.flder=/x"], "flder")])
def test_an_installer_that_cannot_be_is_told_before_the_ca_is_asked(site, words, why):
    result = site.issue("a.test", "--plugin-dir", PLUGINS, *words)

    assert result.code in (2, 6) and why in result.stderr, result
    assert site.issue.ca.of("new-order") == []


def test_a_protocol_that_is_not_known_is_refused(site, serve):
    result = site.run("a.test", *probing(serve(), 2, "--set",
                                         "installer-test.probe-starttls=gopher"))

    assert result.code == 2, result
    assert "gopher" in result.stderr and "smtp, imap, pop3" in result.stderr
    assert site.issue.ca.of("new-order") == []


@pytest.mark.parametrize("mood, version", [
    deep("stage hang", 1), deep("commit hang", 1), ("after-commit hang", 2),
    deep("probe hang", 2), deep("finish hang", 2)])
def test_a_run_that_is_killed_is_taken_up(site, mood, version):
    assert site.run("a.test").code == 0
    site.calls()
    site.mood(mood)
    run = site.issue.acmecore.start("renew", "--force", "--plugin-dir", PLUGINS)
    before = {"stage hang": [], "commit hang": ["stage a.test", "commit"]}.get(
        mood, ["stage a.test", "commit"] + ["finish"] * (mood == "finish hang"))
    seen = []
    wait_until(lambda: (seen.extend(site.calls()), seen == before
                        and site.deployment("a.test").get("staged_version") == 2)[1],
               "it hangs amid it")
    wait_until(lambda: site.live("a.test") == site.live_of(version), "its files are there")
    run.send(signal.SIGKILL)
    run.wait()
    site.mood()
    requests = len(site.issue.ca.of("new-order"))

    result = site.acmecore("renew")

    assert result.code == 0, result
    assert site.is_live("a.test")
    assert site.deployment("a.test").get("staged_version") is None
    assert str(site.link("a.test")) == "../versions/0002"
    calls = site.calls()
    assert calls == (["finish"] if mood == "finish hang" else
                     ["rollback", "stage a.test", "commit", "finish"]), calls
    assert len(site.issue.ca.of("new-order")) == requests


def killed_amid(site, mood, *words):
    """A run that is killed while the installer is amid something."""
    site.mood(mood)
    site.calls()
    run = site.issue.acmecore.start(*words, "--plugin-dir", PLUGINS)
    what = mood.split()[0].removeprefix("after-")
    wait_until(lambda: any(call.startswith(what) for call in site.calls()), f"it is at {what}")
    wait_until(lambda: site.live("a.test") == site.live_of(2)
               if mood.startswith("after-") else True, "its files are there")
    run.send(signal.SIGKILL)
    run.wait()
    site.mood()
    site.calls()


def staged(site, installer="installer-test"):
    return site.issue.state / "installers" / installer / "staged.json"


def test_what_was_left_is_undone_with_the_settings_it_was_begun_with(site, tmp_path):
    """The same instance has other settings by now, and another certificate uses it first."""
    assert site.run("a.test").code == 0
    before = site.live("a.test")
    killed_amid(site, "after-commit hang", "renew", "--force")
    assert site.live("a.test") != before and staged(site).exists()
    other = Site(site.issue, tmp_path / "other")

    result = other.run("b.test")

    assert result.code == 0, result
    assert site.calls() == ["rollback"]         # in the folder that it was begun with
    assert other.calls() == ["stage b.test", "commit", "finish"]
    assert site.live("a.test") == before and not staged(site).exists()
    assert "staged_version" not in site.deployment("a.test")
    assert site.acmecore("renew").code == 0
    assert site.is_live("a.test") and site.calls() == ["stage a.test", "commit", "finish"]


def test_what_was_left_is_undone_though_nobody_wants_the_installer(site):
    assert site.run("a.test").code == 0
    before = site.live("a.test")
    killed_amid(site, "after-commit hang", "renew", "--force")
    assert site.issue("a.test", "--forget", "installer").code == 0

    result = site.acmecore("renew")

    assert result.code == 0, result
    assert site.calls() == ["rollback"]
    assert site.live("a.test") == before and not staged(site).exists()


def test_what_cannot_be_undone_is_said_until_somebody_has_looked(site):
    assert site.run("a.test").code == 0
    killed_amid(site, "after-commit hang", "renew", "--force")
    document = json.loads(staged(site).read_text())
    staged(site).write_text(json.dumps({**document, "plugin": "installer-gone"}))

    result = site.acmecore("deploy", "a.test")

    assert result.code == 7, result
    assert "installer-gone" in result.stderr and str(staged(site)) in result.stderr
    assert "plugins/installer-test@installer-gone" in result.stderr
    assert "what is served now is not known" in result.stderr
    assert "served still" not in result.stderr and site.calls() == []
    staged(site).unlink()
    assert site.acmecore("deploy", "a.test").code == 0
    assert site.is_live("a.test")


def test_what_was_begun_with_a_wrong_setting_is_undone_with_the_right_one(site, tmp_path):
    """A command that is not where it was when it began."""
    old, new = (tmp_path / name for name in ("old-hook", "new-hook"))
    old.write_text(f"""#!/bin/sh
cat > {tmp_path}/input
[ "$1" != commit ] || {{ mv "$0" {new}; exit 1; }}
""")
    old.chmod(0o755)

    def words(command):
        return ["--installer", "installer-exec", "--set", f"installer-exec.command={command}"]

    result = site.issue("a.test", *words(old))

    assert result.code == 7 and "nor could it be rolled back" in result.stderr, result
    assert staged(site, "installer-exec").exists()
    new.write_text(f'#!/bin/sh\ncat > {tmp_path}/input\necho "$1" >> {tmp_path}/calls\n')

    result = site.issue("a.test", *words(new))

    assert result.code == 0, result
    assert (tmp_path / "calls").read_text().split() \
        == ["rollback", "stage", "commit", "probe", "finish"]
    assert not staged(site, "installer-exec").exists()


def test_a_finish_that_fails_is_made_up_for_and_undoes_nothing(site):
    site.mood("finish fail")

    result = site.run("a.test")

    assert result.code == 0, result
    assert "until the next run has finished it" in result.stderr
    assert site.calls() == ["stage a.test", "commit", "finish", "finish"]
    assert staged(site).exists() and site.is_live("a.test")
    site.mood()
    assert site.acmecore("renew").code == 0
    assert site.calls() == ["finish"]
    assert not staged(site).exists() and site.is_live("a.test")


def test_a_dry_run_that_is_killed_leaves_nothing_for_long(site):
    site.mood("stage:a.test fail")
    assert site.run("a.test").code == 7         # never live: there is no link
    link = site.issue.folder_of("a.test") / "deployed/installer-test"
    site.mood("stage hang")
    run = site.issue.acmecore.start("deploy", "a.test", "--dry-run", "--plugin-dir", PLUGINS)
    wait_until(link.is_symlink, "it is lent")
    run.send(signal.SIGKILL)
    run.wait()
    site.mood()

    result = site.acmecore("renew")             # nothing is due

    assert result.code == 0, result
    assert not link.is_symlink() and not (site.issue.state / "installers/installer-test").exists()
    assert not list((site.issue.state / "plugins").glob("*@dry"))


def test_a_signal_rolls_back(site):
    assert site.run("a.test").code == 0
    before = site.live("a.test")
    site.mood("after-commit hang")
    run = site.issue.acmecore.start("renew", "--force", "--plugin-dir", PLUGINS)
    wait_until(lambda: site.live("a.test") != before, "it is committed")
    run.send(signal.SIGTERM)

    assert run.wait().code == 128 + signal.SIGTERM
    assert site.live("a.test") == before
    assert str(site.link("a.test")) == "../versions/0001"
    assert "failures" not in site.deployment("a.test")


def test_a_dry_run_changes_nothing_and_shows_what_it_would(site):
    assert site.run("a.test").code == 0
    (site.folder / "page").write_text("an old line\n")
    site.mood("page write")
    site.calls()
    before = site.live("a.test")

    result = site.acmecore("deploy", "a.test", "--dry-run", "--force")

    assert result.code == 0, result
    page, pem = site.folder / "page", site.folder / "live/a.test.pem"
    assert f"--- {page}\n+++ {page}\n" in result.stdout
    assert "-an old line\n+a new line\n" in result.stdout
    assert f"would write (its content is not shown) {pem}" in result.stdout
    assert "would run /bin/touch" in result.stdout
    assert "PRIVATE" not in result.stdout
    assert page.read_text() == "an old line\n" and site.live("a.test") == before
    assert not (site.folder / "touched").exists()
    assert not list((site.issue.state / "plugins").glob("*dry*"))


def test_what_a_server_uses_is_not_deleted(site):
    assert site.run("a.test").code == 0

    for words in (["--yes"], ["--archive"]):
        result = site.acmecore("delete", "a.test", *words)
        assert result.code == 2, result
        assert "is deployed by installer-test" in result.stderr
    assert site.is_live("a.test")
    assert site.acmecore("delete", "a.test", "--yes", "--force").code == 0


def test_an_older_version_is_deployed_again(site):
    assert site.run("a.test").code == 0
    first = site.live("a.test")
    assert site.acmecore("renew", "--force").code == 0

    result = site.acmecore("rollback", "a.test")

    assert result.code == 0, result
    assert "version 1 is deployed by installer-test" in result.stdout
    assert site.live("a.test") == first
    assert str(site.link("a.test")) == "../versions/0001"


def test_an_older_version_that_is_not_live_is_told_and_tried_again(site):
    assert site.run("a.test").code == 0
    assert site.acmecore("renew", "--force").code == 0
    site.mood("commit fail")

    result = site.acmecore("rollback", "a.test", "--json")

    assert result.code == 7, result
    failed, = result.json["deployments"]
    assert failed["result"] == "failed" and failed["version"] == 1 and failed["rolled_back"]
    assert site.live("a.test") == site.live_of(2)
    site.mood()
    site.forget_backoff("a.test")
    assert site.acmecore("renew").code == 0
    assert site.live("a.test") == site.live_of(1)


def test_a_dry_run_of_renew_lists_what_it_would_deploy(site):
    assert site.run("a.test").code == 0
    site.mood("commit fail")
    assert site.acmecore("renew", "--force").code == 7
    waiting = site.acmecore("renew", "--dry-run", "--json")
    site.forget_backoff("a.test")
    site.calls()

    text = site.acmecore("renew", "--dry-run")
    document = site.acmecore("renew", "--dry-run", "--json").json
    forced = site.acmecore("renew", "--dry-run", "--force")

    assert "deployments" not in waiting.json
    assert "a.test: version 2 would be deployed by installer-test" in text.stdout, text
    assert "0 due, 1 to be deployed" in text.stdout
    planned, = document["deployments"]
    assert planned["result"] == "planned" and planned["version"] == 2
    assert "a.test: would be deployed by installer-test" in forced.stdout, forced
    assert site.calls() == []


def test_what_is_not_live_is_trouble(site):
    assert site.run("a.test").code == 0
    site.mood("commit fail")
    assert site.acmecore("renew", "--force").code == 7

    shown = site.acmecore("show", "a.test")
    status = site.acmecore("status")
    document = site.acmecore("status", "--json")
    metrics = site.acmecore("status", "--format", "prometheus")

    assert "installer-test: failed, version 1 since" in shown.stdout, shown
    assert "not deployed by installer-test" in status.stdout, status
    assert "commit is in no mood" in status.stdout and status.code != 0
    item, = document.json["certificates"]
    assert item["level"] == "failing" and item["deployments"][0]["status"] == "failed"
    assert 'acmecore_certificate_deployments_pending{name="a.test"} 1' in metrics.stdout


def test_installers_of_a_configuration(site, tmp_path):
    config = tmp_path / "acmecore.conf"
    ca = site.issue.ca
    config.write_text(f"""
        agree-tos = true
        ca "it" {{ directory = "{ca.directory_url}" ca-file = "{ca.ca_file}" }}
        solver "web" {{ plugin = "http01-webroot" options {{ path = "{site.issue.web}" }} }}
        installer "web" {{ plugin = "installer-test" options {{ folder = "{site.folder}" }} }}
        certificate "www" {{ identifiers = {{"a.test"}} ca = it solvers = web
                             self-check = off installers = web }}
    """)                                        # a solver and an installer of one name

    result = site.acmecore("renew", "--config", str(config))

    assert result.code == 0, result
    assert site.calls() == ["stage www", "commit", "finish"]
    assert site.deployment("www", "web")["live_version"] == 1
    folders = {path.name for path in (site.issue.state / "plugins").iterdir()}
    assert folders == {"web@http01-webroot", "web@installer-test"}
