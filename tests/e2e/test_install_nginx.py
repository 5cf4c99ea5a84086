# SPDX-License-Identifier: Apache-2.0
"""installer-nginx with a real nginx: two directives, a test, a reload, and the way back."""
import pytest

from dns_world import executable
from installing import Nginx, forget_backoff, leaf, load, program, served
from issuing import webroot
from running import free_port, wait_until


@pytest.fixture
def nginx():
    started = []

    def make(*blocks):
        started.append(Nginx(*blocks))
        return started[-1]
    yield make
    for each in started:
        each.stop()


@pytest.fixture
def issue(issuer, good_ca):
    return issuer(good_ca())


def wait_for_leaf(server, issue, name="a.test"):
    """Old workers answer until the new ones are there."""
    wait_until(lambda: served(server.port, name) == leaf(issue.current(name)),
               f"nginx serves the certificate of {name}")


def is_tidy(server, issue):
    """Nothing is left beside the files, nor to be undone."""
    state = issue.state / "plugins/installer-nginx"
    return (not list(server.folder.rglob(".acmecore-*"))
            and not {"undo", "staged", "told"} & {path.name for path in state.iterdir()})


def test_the_two_directives_are_set_and_no_request_is_dropped(nginx, issue):
    server = nginx().start()
    before = server.site.read_text()
    visitors = load(server.port, server.PAGE).start()
    try:
        visitors.wait_for(20)
        result = issue("a.test", *server.options())
        assert result.code == 0, result
        wait_for_leaf(server, issue)
        visitors.wait_for(20)
    finally:
        visitors.stop()

    assert visitors.faults == []
    path = issue.folder_of("a.test") / "deployed/installer-nginx"
    assert server.site.read_text() == before.replace(
        str(server.chain), f"{path}/fullchain.pem").replace(
            f'"{server.key}"', f"{path}/privkey.pem")


# The root of all is where the challenges come to.
BOTH = """
server {{{{ listen 127.0.0.1:{port}; server_name a.test; }}}}
server {{{{
    listen 127.0.0.1:{{self.port}} ssl;
    server_name a.test;
    ssl_certificate {{self.chain}};
    ssl_certificate_key {{self.key}};
}}}}
"""


def test_challenges_are_answered_through_the_server_that_gets_the_certificate(
        nginx, pebble_with, issuer):
    port = free_port()
    server = nginx(BOTH.format(port=port)).start()
    issue = issuer(pebble_with(config={"httpPort": port}),
                   solver=webroot(server.folder / "root"))

    results = [issue("a.test", *server.options()), issue.acmecore("renew", "--force")]

    assert [result.code for result in results] == [0, 0], results
    wait_for_leaf(server, issue)


def test_a_renewal_is_served_and_changes_no_file_and_a_second_run_does_nothing(nginx, issue):
    server = nginx().start()
    assert issue("a.test", *server.options()).code == 0
    changed = server.site.stat()

    assert issue.acmecore("renew", "--force").code == 0

    wait_for_leaf(server, issue)
    assert server.site.stat().st_ino == changed.st_ino
    reloads = server.folder.joinpath("error.log").read_text().count("reconfiguring")
    assert issue.acmecore("deploy", "a.test").code == 0
    assert server.folder.joinpath("error.log").read_text().count(
        "reconfiguring") == reloads


def test_a_server_without_a_certificate_gets_the_directives(nginx, issue):
    server = nginx("""ssl_certificate {self.chain};
ssl_certificate_key {self.key};
server {{
    listen 127.0.0.1:{self.port} ssl;
    server_name  a.test  b.test;  # two
    location / {{ return 200 "page"; }}
}}
""").start()

    assert issue("a.test", "b.test", *server.options()).code == 0

    wait_for_leaf(server, issue)
    path = issue.folder_of("a.test") / "deployed/installer-nginx"
    assert f"""    server_name  a.test  b.test;
    ssl_certificate {path}/fullchain.pem;
    ssl_certificate_key {path}/privkey.pem;  # two
""" in server.site.read_text()


def test_a_fault_of_the_user_s_is_told_and_nothing_is_touched(nginx, issue):
    server = nginx().start()
    broken = server.site.read_text() + "server { listen nonsense;\n"
    server.site.write_text(broken)

    result = issue("a.test", *server.options())

    assert result.code == 7, result
    assert "site.conf" in result.stderr
    assert server.site.read_text() == broken
    assert served(server.port) == leaf(server.chain.read_bytes())


def test_a_change_that_nginx_refuses_is_restored_and_retried(nginx, issue):
    server = nginx().start()
    before = server.site.read_bytes()
    control = executable(server.folder / "control", f"""#!/bin/sh
case "$*" in
    *-t*) [ ! -e {server.folder}/strict ] || ! grep -q deployed {server.site} \\
        || {{ echo 'no such cipher in site.conf:7' >&2; exit 1; }} ;;
esac
exec {program('nginx')} "$@"
""")
    (server.folder / "strict").touch()

    result = issue("a.test", *server.options(control=control))

    assert result.code == 7, result
    assert "no such cipher in site.conf:7" in result.stderr
    assert server.site.read_bytes() == before
    assert served(server.port) == leaf(server.chain.read_bytes())
    (server.folder / "strict").unlink()
    forget_backoff(issue)
    assert issue.acmecore("renew").code == 0
    wait_for_leaf(server, issue)


def test_one_that_is_not_running_is_left_so_and_told(nginx, issue):
    """A pid file of a process that is gone, as a crash leaves it."""
    server = nginx().start()
    pid_file, before = server.folder / "nginx.pid", server.site.read_bytes()
    pid = pid_file.read_text()
    server.server.stop()
    pid_file.write_text(pid)

    result = issue("a.test", *server.options())

    assert result.code == 7, result
    assert f"nginx is not running (its pid file {pid_file} names no process)" in result.stderr
    assert "could it be rolled back" not in result.stderr
    assert server.site.read_bytes() == before
    assert is_tidy(server, issue)

    server.start()
    forget_backoff(issue)
    assert issue.acmecore("renew").code == 0
    wait_for_leaf(server, issue)


def test_one_that_ends_at_the_reload_is_told_and_finds_the_old_files(nginx, issue):
    server = nginx().start()
    before = server.site.read_bytes()
    ends = executable(server.folder / "reload", f"""#!/bin/sh
{program('nginx')} -c {server.config} -p {server.folder} -s stop
while [ -e {server.folder}/nginx.pid ]; do sleep 0.01; done
""")

    result = issue("a.test", *server.options(reload=ends, probe_timeout=3))

    assert result.code == 7, result
    assert "nginx does not run any more" in result.stderr
    assert server.site.read_bytes() == before
    assert is_tidy(server, issue)

    server.start()
    executable(ends, f"""#!/bin/sh
exec {program('nginx')} -c {server.config} -p {server.folder} -s reload
""")
    forget_backoff(issue)
    assert issue.acmecore("renew").code == 0
    wait_for_leaf(server, issue)


@pytest.mark.parametrize("files", [1, pytest.param(500, marks=pytest.mark.deep)])
def test_one_of_500_server_blocks_is_found(nginx, issue, files):
    """No block is slowed down by 499 others: the whole run takes seconds."""
    server = nginx()
    block = server.site.read_text()
    others = [block.replace("a.test", f"n{number}.test *.n{number}.test")
              for number in range(499)]
    for number in range(files):
        (server.folder / f"sites/more{number:03}.conf").write_text(
            "".join(others[number::files]))
    server.start()

    result = issue("n250.test", "www.n250.test", "--name", "n", *server.options())

    assert result.code == 0, result
    wait_until(lambda: served(server.port, "www.n250.test") == leaf(issue.current("n")),
               "it is served")
    changed = [path for path in server.site.parent.iterdir()
               if "/deployed/" in path.read_text()]
    assert len(changed) == 1
    assert result.max_rss_kib < 200_000


def test_a_dry_run_shows_the_difference(nginx, issue):
    server = nginx().start()
    assert issue("a.test", *server.options(reload="/bin/false")).code == 7
    before = {path: path.read_bytes() for path in server.site.parent.iterdir()}

    result = issue.acmecore("deploy", "a.test", "--dry-run")

    assert result.code == 0, result
    path = issue.folder_of("a.test") / "deployed/installer-nginx"
    assert f"+    ssl_certificate     {path}/fullchain.pem;   # the old one" in result.stdout
    assert "would run /bin/false" in result.stdout
    assert {path: path.read_bytes() for path in server.site.parent.iterdir()} == before


def test_what_somebody_writes_meanwhile_is_not_lost(nginx, issue):
    """While nginx is told: it comes back to that at the rollback, and leaves it."""
    server = nginx().start()
    before = server.site.read_bytes()
    edits = executable(server.folder / "reload", f"""#!/bin/sh
[ -e {server.folder}/edited ] || echo '# mine' >> {server.site}
touch {server.folder}/edited
{program('nginx')} -c {server.config} -p {server.folder} -s reload
""")

    result = issue("a.test", *server.options(reload=edits, probe="127.0.0.1:1",
                                             probe_timeout=1))

    assert result.code == 7, result
    assert "was changed by somebody since" in result.stderr
    assert server.site.read_text().endswith("# mine\n")
    kept = issue.state / "plugins/installer-nginx/kept-1-site.conf"
    assert kept.read_bytes() == before


def test_names_that_no_tls_server_has_are_told(nginx, issue):
    server = nginx().start()

    result = issue("b.test", *server.options())

    assert result.code == 7, result
    assert "no server block of nginx has TLS" in result.stderr
