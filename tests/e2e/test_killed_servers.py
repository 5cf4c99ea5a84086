# SPDX-License-Identifier: Apache-2.0
"""
A run that is killed with SIGKILL while HAProxy or nginx is asked something, before or
after the server has done it; while it looks what is served; and while it takes all back.
The next renew ends it, and nothing is left. (Apache's other steps: test_apache.py.)
"""
import hashlib
import json
import shutil
import signal
import socket

import pytest

from dns_world import executable
from httpd import Httpd
from installing import Haproxy, Nginx, Relay, forget_backoff, leaf, program, served, settings
from program import is_sanitized
from running import wait_until
from tamper import STRACE, Point, Spoiler

CHANGES = {"write", "renameat", "renameat2", "fsync", "unlink", "unlinkat", "symlinkat",
           "mkdirat", "ftruncate"}
# Looking at another server takes all of it; what is served afterwards is seen within it.
ELSEWHERE_S = 3


@pytest.fixture
def issue(issuer, good_ca):
    return issuer(good_ca())


@pytest.fixture
def started(_stop_at_end):
    def keep(server):
        _stop_at_end.append(server)
        return server
    return keep


def to(port):
    return lambda: socket.create_connection(("127.0.0.1", port), timeout=10)


def moments(names, quick=None):
    """Each step, before and after the server has done it; "before" is deep, and so is a
    step that is not among the quick ones."""
    return [pytest.param(number, when, id=f"{number}-{name}-{when}",
                         marks=[pytest.mark.deep] if when == "before"
                         or name not in (quick or names) else [])
            for number, name in enumerate(names, 1) for when in ("before", "after")]


def kill(run, is_there):
    wait_until(is_there, lambda: run.wait())
    run.send(signal.SIGKILL)
    assert run.wait().signal == signal.SIGKILL


def assert_settled(issue, server, plugin, kept=()):
    """Nothing to be undone, nothing pending, nothing beside the files."""
    names = {path.name for path in (issue.state / "plugins" / plugin).iterdir()}
    assert names == set(kept)
    deployment, = json.loads((issue.folder_of("b.test") / "state.json").read_text())[
        "deployments"]
    assert deployment["live_version"] == 1 and "staged_version" not in deployment
    assert list(server.folder.rglob(".acmecore-*")) == []


# ---- HAProxy ------------------------------------------------------------------------


class Edge:
    """A HAProxy that is asked through a relay, and looked at through another one."""

    def __init__(self, started):
        self.server = started(Haproxy())
        self.relay = started(Relay(self.server.connect, self.server.folder / "relay.sock"))
        self.server.start()
        self.first = served(self.server.port)
        self.door = started(Relay(to(self.server.port)))

    def words(self, port=None, **more):
        return settings(
            "installer-haproxy", file=self.server.folder / "%n.pem", timeout=30,
            crt_list=self.server.list, socket=self.server.folder / "relay.sock",
            probe=f"127.0.0.1:{port or self.door.port}", **more)

    def assert_settled(self, issue):
        server, file = self.server, self.server.folder / "b.test.pem"
        assert_settled(issue, server, "installer-haproxy", kept=["live"])
        assert server.list.read_text() == f"{server.file}\n{file}\n"
        assert file.read_bytes() == issue.current("b.test", "privkey.pem") + issue.current(
            "b.test")
        assert not server.has_open_transaction()
        lines = server.ask(f"show ssl crt-list {server.list}").splitlines()
        assert sorted(filter(None, lines[1:])) == sorted([str(server.file), str(file)])
        assert served(server.port) == self.first
        assert served(server.port, "b.test") == leaf(issue.current("b.test"))


@pytest.fixture
def edge(started):
    return Edge(started)


def go_on(issue):
    """The next renew, though a retry may not be due yet."""
    forget_backoff(issue, "b.test")
    result = issue.acmecore("renew")
    assert result.code == 0, str(result)


@pytest.mark.parametrize("number, when", moments(
    ["show", "new", "abort", "set", "commit", "add"]))
def test_killed_while_haproxy_is_told(edge, issue, number, when):
    edge.relay.hang(number, when)

    kill(issue.start("b.test", *edge.words()), edge.relay.hanging.is_set)
    edge.relay.hang(None)
    go_on(issue)

    edge.assert_settled(issue)


@pytest.mark.parametrize("number", [4, 5], ids=["set", "commit"])
def test_haproxy_that_dies_while_it_is_told_is_given_it_later(edge, issue, number):
    edge.relay.hang(number, edge.server.server.stop)

    result = issue("b.test", *edge.words())

    assert result.code == 7, str(result)
    assert not (edge.server.folder / "b.test.pem").exists()
    assert edge.server.list.read_text() == f"{edge.server.file}\n"
    edge.relay.hang(None)
    edge.server.start()
    go_on(issue)
    edge.assert_settled(issue)


def test_killed_while_it_is_looked_what_haproxy_serves(edge, issue):
    edge.door.hang(1)

    kill(issue.start("b.test", *edge.words()), edge.door.hanging.is_set)
    edge.door.hang(None)
    go_on(issue)

    edge.assert_settled(issue)


@pytest.mark.parametrize("number, when", moments(["abort", "del list", "del cert"],
                                                 quick=["del list"]))
def test_killed_while_haproxy_is_told_the_old_ones(edge, issue, number, when):
    """What is looked at is somewhere else, so all is taken back."""
    other = Haproxy()
    try:
        other.start()
        edge.door.connect = to(other.port)
        edge.relay.hang(6 + number, when)
        kill(issue.start("b.test", *edge.words(probe_timeout=ELSEWHERE_S)),
             edge.relay.hanging.is_set)
    finally:
        other.stop()
    edge.relay.hang(None)
    edge.door.connect = to(edge.server.port)
    go_on(issue)

    edge.assert_settled(issue)


# ---- nginx --------------------------------------------------------------------------

HANGING = """#!/bin/sh
# Counts its calls, and does not come back from the one that is asked for.
echo "$@" >> {folder}/calls
if [ -e {folder}/hang ] && [ "$(wc -l < {folder}/calls)" -eq "$(cat {folder}/hang)" ]; then
    rm {folder}/hang
    {early} && {program} "$@"
    : > {folder}/hangs
    exec sleep 60
fi
exec {program} "$@"
"""
SITE = """
server {{
    listen 127.0.0.1:{self.port} ssl;
    server_name b.test;   # whose?
    ssl_certificate     {self.chain};
    ssl_certificate_key "{self.key}";
}}
"""


class Site:
    def __init__(self, started):
        self.server = started(Nginx(SITE)).start()
        self.before = self.server.site.read_text()
        self.door = started(Relay(to(self.server.port)))

    def hang(self, number, when):
        folder = self.server.folder
        control = executable(folder / "control", HANGING.format(
            folder=folder, program=program("nginx"),
            early="true" if when == "after" else "false"))
        (folder / "hang").write_text(str(number))
        return control

    def hangs(self):
        return (self.server.folder / "hangs").exists()

    def words(self, **more):
        return self.server.options(**{"probe": f"127.0.0.1:{self.door.port}", **more})

    def assert_settled(self, issue):
        path = issue.folder_of("b.test") / "deployed/installer-nginx"
        assert self.server.site.read_text() == self.before.replace(
            str(self.server.chain), f"{path}/fullchain.pem").replace(
                f'"{self.server.key}"', f"{path}/privkey.pem")
        wait_until(lambda: served(self.server.port, "b.test")
                   == leaf(issue.current("b.test")), "nginx serves it")
        assert_settled(issue, self.server, "installer-nginx", kept=["live"])


@pytest.fixture
def site(started):
    return Site(started)


@pytest.mark.parametrize("number, when", moments(["test", "test the change", "reload"]))
def test_killed_while_nginx_is_told(site, issue, number, when):
    control = site.hang(number, when)

    kill(issue.start("b.test", *site.words(control=control)), site.hangs)
    go_on(issue)

    site.assert_settled(issue)


def test_killed_while_it_is_looked_what_nginx_serves(site, issue):
    site.door.hang(1)

    kill(issue.start("b.test", *site.words()), site.door.hanging.is_set)
    site.door.hang(None)
    go_on(issue)

    site.assert_settled(issue)


@pytest.mark.parametrize("number, when", moments(["reload"]))
def test_killed_while_nginx_is_told_the_old_one(site, issue, number, when):
    """What is looked at is somewhere else, so all is taken back."""
    control = site.hang(3 + number, when)
    other = Nginx()
    try:
        other.start()
        site.door.connect = to(other.port)
        kill(issue.start("b.test", *site.words(control=control,
                                               probe_timeout=ELSEWHERE_S)), site.hangs)
    finally:
        other.stop()
    assert site.server.site.read_text() == site.before
    site.door.connect = to(site.server.port)
    go_on(issue)

    site.assert_settled(issue)


# ---- Apache: what test_apache.py cannot stop at ----------------------------------------


@pytest.fixture
def httpd(started, authority):
    server = started(Httpd())
    server.add("b", server.secure("b.test", authority.server(("b.test",), stem="b")))
    server.folder_before = server.snapshot()
    return server.start()


def assert_apache_settled(issue, server):
    assert server.served("b.test") == hashlib.sha256(
        leaf(issue.current("b.test"))).hexdigest()
    state = issue.state / "plugins/installer-apache"
    assert [path.name for path in state.iterdir()] == ["certificates"]
    assert not list(server.etc.rglob(".*"))
    assert (server.sites / "b.conf").read_text().count("/deployed/") == 2


def test_killed_while_it_is_looked_what_apache_serves(httpd, issue, started):
    door = started(Relay(to(httpd.tls_port)))
    door.hang(1)

    kill(issue.start("b.test", *httpd.options(probe=f"127.0.0.1:{door.port}")),
         door.hanging.is_set)
    door.hang(None)
    go_on(issue)

    assert_apache_settled(issue, httpd)


@pytest.mark.parametrize("number, when", moments(["test", "graceful"],
                                                 quick=["graceful"]))
def test_killed_while_apache_is_told_the_old_one(httpd, issue, started, number, when):
    """What is looked at is somewhere else, so all is taken back."""
    control = executable(httpd.folder / "control", HANGING.format(
        folder=httpd.folder, program=httpd.program,
        early="true" if when == "after" else "false"))
    (httpd.folder / "hang").write_text(str(5 + number))
    other = started(Nginx()).start()
    door = started(Relay(to(other.port)))

    kill(issue.start("b.test", *httpd.options(
        control=control, probe=f"127.0.0.1:{door.port}", probe_timeout=ELSEWHERE_S)),
        (httpd.folder / "hangs").exists)
    assert httpd.snapshot() == httpd.folder_before
    door.connect = to(httpd.tls_port)
    go_on(issue)

    assert_apache_settled(issue, httpd)


# ---- at system calls of the program itself: between all of its steps --------------------


class Bench:
    """A deployment that is due, put back before each run."""

    def __init__(self, issue, site, folder):
        self.issue, self.site, self.spoiler = issue, site, Spoiler(folder)
        refusing = executable(site.server.folder / "control", f"""#!/bin/sh
[ -e {site.server.folder}/strict ] && exit 1
exec {program('nginx')} "$@"
""")
        strict = site.server.folder / "strict"
        strict.touch()
        assert issue("b.test", *site.words(control=refusing)).code == 7
        strict.unlink()
        forget_backoff(issue, "b.test")
        self.base = folder / "base"
        shutil.copytree(issue.state, self.base, symlinks=True)

    def restore(self):
        shutil.rmtree(self.issue.state)
        shutil.copytree(self.base, self.issue.state, symlinks=True)
        self.site.server.site.write_text(self.site.before)

    def points(self):
        result = self.issue.acmecore("deploy", "b.test", prefix=self.spoiler.watch())
        assert result.code == 0, result
        calls = self.spoiler.calls()
        return [Point(call, number) for call in sorted(calls) if call in CHANGES
                for number in range(1, len(calls[call]) + 1)]

    def kill(self, point):
        self.restore()
        return self.issue.acmecore("deploy", "b.test", prefix=self.spoiler.words(point))


@pytest.mark.skipif(not STRACE or is_sanitized(), reason="strace is missing, or unusable")
@pytest.mark.parametrize("step", [3, pytest.param(1, marks=pytest.mark.deep)])
def test_killed_where_the_program_changes_something(site, issue, tmp_path, step):
    bench = Bench(issue, site, tmp_path)
    points = bench.points()
    assert len(points) > 10

    for point in points[::step]:
        result = bench.kill(point)
        try:
            go_on(issue)
            site.assert_settled(issue)
        except AssertionError as why:
            raise AssertionError(f"{point}: {bench.spoiler.where()}\n{result}") from why
