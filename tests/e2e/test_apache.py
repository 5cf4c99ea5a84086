# SPDX-License-Identifier: Apache-2.0
"""installer-apache with a real httpd: found, set, tested, reloaded, proven, restored."""
import json
import signal
import stat
import threading
import urllib.request

import pytest

from httpd import leaf
from issuing import webroot
from running import wait_until


@pytest.fixture
def old(authority):
    """(certificate, key) of somebody else."""
    return authority.server(("a.test", "b.test"), stem="somebody-else")


@pytest.fixture
def issue(issuer, good_ca):
    return issuer(good_ca())


def is_served(server, issue, name):
    return server.served(name) == leaf(issue.current(name))


def forget_backoff(issue, name):
    path = issue.folder_of(name) / "state.json"
    document = json.loads(path.read_text())
    for deployment in document["deployments"]:
        deployment.pop("next_attempt_at", None)
    path.write_text(json.dumps(document))


def status_of(url, host):
    """(status, Location) of one request, no redirect followed."""
    class Stop(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None

    request = urllib.request.Request(url, headers={"Host": host})
    try:
        with urllib.request.build_opener(Stop).open(request, timeout=10) as answer:
            return answer.status, None
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Location"]


# ---- from nothing to TLS ----------------------------------------------------------


def test_debian_gets_tls_with_a_challenge_answered_through_it(pebble_with, issuer, httpd):
    """No mod_ssl, no port: the whole way from a fresh install, and a redirect."""
    server = httpd(layout="debian")
    site = server.add("a", server.plain("a.test", "\tServerAlias www.a.test\n"))
    server.start()
    issue = issuer(pebble_with(config={"httpPort": server.port}),
                   solver=webroot(server.www))

    result = issue("a.test", "www.a.test", *server.options(redirect="yes", hsts=300))

    assert result.code == 0, result
    assert is_served(server, issue, "a.test")
    assert server.served("www.a.test") == server.served("a.test")
    assert (server.etc / "sites-enabled/a.conf").is_symlink()
    assert (server.etc / "mods-enabled/ssl.load").is_symlink()
    assert f"Listen 127.0.0.1:{server.tls_port} https" in (
        server.etc / "ports.conf").read_text()
    assert "\tDocumentRoot \\\n\t    " in site.read_text()
    plain = f"http://127.0.0.1:{server.port}"
    assert status_of(f"{plain}/page?x=1", "www.a.test") == (
        301, f"https://www.a.test:{server.tls_port}/page?x=1")
    assert status_of(f"{plain}/.well-known/acme-challenge/x", "a.test")[0] == 404

    before = server.snapshot()
    result = issue.acmecore("renew", "--force")

    assert result.code == 0, result
    assert is_served(server, issue, "a.test")
    assert server.snapshot() == before


def test_red_hat_gets_tls(issue, httpd):
    server = httpd(layout="redhat")
    server.add("a", server.plain("a.test"))
    server.start()

    result = issue("a.test", *server.options())

    assert result.code == 0, result
    assert is_served(server, issue, "a.test")
    visitors = server.load(visitors=1).start()
    visitors.wait_for(3)
    visitors.stop()
    assert visitors.faults == []
    assert (server.etc / "conf.modules.d/00-ssl.conf").read_text() == (
        "LoadModule ssl_module modules/mod_ssl.so\n")
    assert (server.etc / "conf.d/acmecore-listen.conf").exists()


# ---- where there is TLS -------------------------------------------------------------


def test_what_is_there_is_set_and_all_else_stays(issue, httpd, old):
    """CRLF, no end at the end, a chain file, a link, a mode, an owner, a macro."""
    server = httpd()
    text = server.secure("a.test", old, f"  SSLCertificateChainFile {old[0]}\n  # x")
    text = text.replace("\n", "\r\n").replace("# x", "# x\r\n").rstrip()
    site = server.folder / "elsewhere.conf"
    site.write_bytes(text.encode())
    site.chmod(0o440)
    (server.sites / "a.conf").symlink_to(site)
    before = server.add("b", server.secure("b.test", old)).read_bytes()
    server.start()

    result = issue("a.test", *server.options())

    assert result.code == 0, result
    folder = issue.folder_of("a.test") / "deployed/installer-apache"
    wanted = text.replace(f'"{old[0]}"', f"{folder}/fullchain.pem").replace(
        f"  SSLCertificateChainFile {old[0]}\r\n", "").replace(
        str(old[1]), f"{folder}/privkey.pem")
    assert site.read_bytes().decode() == wanted
    assert stat.S_IMODE(site.stat().st_mode) == 0o440
    assert (server.sites / "a.conf").is_symlink()
    assert (server.sites / "b.conf").read_bytes() == before
    assert is_served(server, issue, "a.test")
    assert server.served("b.test") != server.served("a.test")


def test_a_renewal_changes_no_file_and_no_request_is_lost(issue, httpd, old):
    server = httpd()
    server.add("a", server.secure("a.test", old))
    server.start()
    assert issue("a.test", *server.options()).code == 0
    before, load = server.inodes(), server.load().start()
    try:
        load.wait_for(50)
        results = [issue.acmecore("renew", "--force") for _ in range(2)]
        load.wait_for(50)
    finally:
        load.stop()

    assert [result.code for result in results] == [0, 0], results
    assert load.faults == []
    assert is_served(server, issue, "a.test")
    assert server.inodes() == before


@pytest.mark.parametrize("files", [1, 500])
def test_one_of_500_virtual_hosts_is_found(issue, httpd, files):
    """No host is slowed down by 499 others: the whole run takes seconds."""
    server = httpd()
    hosts = [server.plain(f"n{number}.test", f"\tServerAlias *.n{number}.test\n")
             for number in range(500)]
    for number in range(files):
        server.add(f"s{number:03}", "".join(hosts[number::files]))
    server.start()

    result = issue("n250.test", "www.n250.test", "--name", "n", *server.options())

    assert result.code == 0, result
    assert server.served("www.n250.test") == leaf(issue.current("n"))
    changed = [path.name for path in server.sites.iterdir()
               if "made by acmecore" in path.read_text()]
    assert len(changed) == 1
    assert result.max_rss_kib < 200_000


def test_a_dry_run_shows_the_difference(issue, httpd):
    server = httpd(layout="debian")
    site = server.add("a", server.plain("a.test"))
    server.start()
    assert issue("a.test", *server.options(control="/bin/false")).code == 7
    path = issue.folder_of("a.test") / "certificate.json"
    path.write_text(path.read_text().replace("/bin/false", str(server.program)))
    before = server.snapshot()

    result = issue.acmecore("deploy", "a.test", "--dry-run")

    assert result.code == 0, result
    shown = result.stdout + result.stderr
    assert f"+++ {site}" in shown
    assert "SSLEngine on" in shown
    assert f"would run /bin/ln -s -- ../mods-available/ssl.load {server.etc}" in shown
    assert server.snapshot() == before
    assert server.served("a.test") is None


def test_two_certificates_for_one_host_do_not_take_turns(issue, httpd, old):
    server = httpd()
    server.add("a", server.secure("a.test", old, "  ServerAlias www.a.test\n"))
    server.start()
    assert issue("a.test", *server.options()).code == 0
    before = server.snapshot()

    result = issue("www.a.test", *server.options())

    assert result.code == 7, result
    assert "another certificate of ours" in result.stderr
    assert server.snapshot() == before
    assert is_served(server, issue, "a.test")


def test_an_address_belongs_to_the_first_host_there(issue, httpd, old):
    server = httpd()
    server.add("a", server.secure("a.test", old).replace("*:", "127.0.0.1:"))
    server.add("b", server.secure("b.test", old).replace("*:", "127.0.0.1:"))
    server.start()

    result = issue("127.0.0.1", *server.options())

    assert result.code == 0, result
    assert server.served("127.0.0.1") == leaf(issue.current("127.0.0.1"))
    assert "not for its name a.test" in result.stderr
    assert "/deployed/" not in (server.sites / "b.conf").read_text()


# ---- faults -------------------------------------------------------------------------


def test_a_users_own_fault_is_told_and_nothing_is_touched(issue, httpd, old):
    server = httpd()
    server.add("a", server.secure("a.test", old))
    server.start()
    bad = server.add("z", "# fine\nBogus 1\n")
    before, served = server.snapshot(), server.served("a.test")

    result = issue("a.test", *server.options())

    assert result.code == 7, result
    assert f"Syntax error on line 2 of {bad}" in result.stderr
    assert "Invalid command 'Bogus'" in result.stderr
    assert server.snapshot() == before
    assert server.served("a.test") == served

    bad.unlink()
    assert issue.acmecore("deploy", "a.test").code == 0
    assert is_served(server, issue, "a.test")


def test_a_change_that_apache_refuses_is_taken_back(issue, httpd):
    """Without mod_alias there is no Redirect: Apache says so after the change."""
    server = httpd(modules=("mpm_event", "authz_core", "ssl"))
    server.add("a", server.plain("a.test"))
    server.start()
    before = server.snapshot()

    result = issue("a.test", *server.options(redirect="yes"))

    assert result.code == 7, result
    assert "Invalid command 'Redirect'" in result.stderr
    assert "all is as it was before" in result.stderr
    assert server.snapshot() == before
    assert server.is_running()


def test_one_guilty_certificate_costs_no_other_its_own(issue, httpd):
    """Both changes are refused together; by halves the guilty one is found."""
    server = httpd(modules=("mpm_event", "authz_core", "ssl"))
    for name in "ab":
        server.add(name, server.plain(f"{name}.test"))
    control = server.folder / "control"
    # An Apache that has something against a second virtual host for b.test.
    control.write_text(
        "#!/bin/sh\n"
        f"if [ \"$(grep -c VirtualHost {server.sites}/b.conf)\" -gt 2 ]; then\n"
        "  echo 'AH00526: Syntax error: b is not wanted' >&2; exit 1\nfi\n"
        f"exec {server.program} \"$@\"\n")
    control.chmod(0o755)
    server.program = control
    server.start()
    for name in ("a.test", "b.test"):
        assert issue(name, *server.options(control="/bin/false")).code == 7

    for name in ("a.test", "b.test"):
        forget_backoff(issue, name)
        path = issue.folder_of(name) / "certificate.json"
        path.write_text(path.read_text().replace("/bin/false", str(control)))
    result = issue.acmecore("renew")

    assert result.code == 7, result
    assert "b is not wanted" in result.stderr
    assert is_served(server, issue, "a.test")
    assert "made by acmecore" not in (server.sites / "b.conf").read_text()


def test_a_server_that_does_not_come_back_is_started_as_it_was(issue, httpd):
    """What only a start can find out: configtest is content, the reload ends the server."""
    server = httpd()
    site = server.add("a", server.plain("a.test", "\tSSLCipherSuite NONSENSE\n"))
    server.start()
    # As init does: httpd takes a process that nobody has waited for as running.
    threading.Thread(target=server.server.process.wait, daemon=True).start()
    before, pid = server.snapshot(), server.pid()

    result = issue("a.test", *server.options())

    assert result.code == 7, result
    assert "Apache ended when it was told to reload" in result.stderr
    assert server.snapshot() == before
    wait_until(server.is_running, "httpd was started")
    assert server.pid() != pid
    assert status_of(f"http://127.0.0.1:{server.port}/page", "a.test")[0] == 200

    site.write_text(site.read_text().replace("\tSSLCipherSuite NONSENSE\n", ""))
    forget_backoff(issue, "a.test")
    result = issue.acmecore("renew")

    assert result.code == 0, result
    assert is_served(server, issue, "a.test")


def test_a_server_that_is_stopped_is_not_started(issue, httpd, old):
    server = httpd()
    server.add("a", server.secure("a.test", old))
    before = server.snapshot()

    result = issue("a.test", *server.options(probe=None))

    assert result.code == 7, result
    assert "Apache is not running" in result.stderr
    assert server.snapshot() == before
    assert not server.is_running()

    server.start()
    forget_backoff(issue, "a.test")
    assert issue.acmecore("renew").code == 0
    assert is_served(server, issue, "a.test")


def test_what_is_not_served_is_rolled_back(issue, httpd, old):
    """The probe looks where another server answers."""
    server, other = httpd(), httpd()
    server.add("a", server.secure("a.test", old))
    other.add("a", other.secure("a.test", old))
    server.start()
    other.start()
    before, served = server.snapshot(), server.served("a.test")

    result = issue("a.test", *server.options(probe=f"127.0.0.1:{other.tls_port}",
                                             probe_timeout=1))

    assert result.code == 7, result
    assert server.snapshot() == before
    wait_until(lambda: server.served("a.test") == served, "the old one is served")


HANGING = """#!/bin/sh
# Counts its calls, and does not come back from the one that is asked for.
echo "$@" >> {folder}/calls
if [ -e {folder}/hang ] && [ "$(wc -l < {folder}/calls)" -eq "$(cat {folder}/hang)" ]; then
    rm {folder}/hang
    : > {folder}/hangs
    {early} && {program} "$@"
    exec sleep 60
fi
exec {program} "$@"
"""
# What is asked of Apache, in order.
STEPS = ["look", "look at the change", "configtest", "look for the server", "graceful"]


@pytest.mark.parametrize("is_done", [pytest.param(False, marks=pytest.mark.deep), True],
                         ids=["before", "after"])
@pytest.mark.parametrize("step", range(1, len(STEPS) + 1), ids=STEPS)
def test_a_run_that_is_killed_is_taken_up(issue, httpd, step, is_done):
    """With SIGKILL, before or after what Apache is asked in each step."""
    server = httpd()
    server.add("a", server.plain("a.test"))
    control = server.folder / "control"
    control.write_text(HANGING.format(folder=server.folder, program=server.program,
                                      early="true" if is_done else "false"))
    control.chmod(0o755)
    server.program = control
    server.start()
    (server.folder / "hang").write_text(str(step))

    run = issue.start("a.test", *server.options())
    wait_until((server.folder / "hangs").exists, run.wait)
    run.send(signal.SIGKILL)
    run.wait()
    result = issue.acmecore("renew")

    assert result.code == 0, result
    assert is_served(server, issue, "a.test")
    site = (server.sites / "a.conf").read_text()
    assert site.count("<VirtualHost") == 2
    assert not list(server.etc.rglob(".*"))
    state = issue.state / "plugins/installer-apache"
    assert sorted(path.name for path in state.iterdir()) == ["certificates"]
