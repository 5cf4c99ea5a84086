# SPDX-License-Identifier: Apache-2.0
"""
Fixtures of the end-to-end tests. ACMECORE_BUILD names the build folder (build/dev).

acmecore        runs the program: program.Acmecore
challtestsrv    factory: challtestsrv() gives a running pebble.ChallTestSrv
pebble          factory: pebble(env=…, config=…, arguments=…, dns=…) gives a running
                pebble.Pebble; without dns it gets a ChallTestSrv, at .dns_server
scripted_ca     factory: scripted_ca(…) gives a running scripted_ca.ScriptedCa
authority       the root that signs all these servers' certificates

Quicker ones, for the many tests that spoil nothing but one run:
pebble_with     factory: pebble that shares one ChallTestSrv and sends no Retry-After
calm_pebble     one Pebble for all tests that want nothing special of it
good_ca         scripted_ca, with keys and certificates that the whole session shares
issuer          factory: issuer(ca, solver=…) gives an issuing.Issuer
web             factory: web(folder, port) gives a running issuing.WebServer
dns_solver      options of a dns-01 solver for a scripted CA
gate            factory: gate(ca) gives a running gate.Gate in front of it
holder          factory: holder(ca) gives a holding.Holder of a new account
"""
import os
import pathlib
import signal
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from certificates import Authority  # noqa: E402
from gate import Gate  # noqa: E402
from holding import Holder  # noqa: E402
from hostile import Attack  # noqa: E402
from httpd import Httpd  # noqa: E402
from issuing import Issuer, WebServer  # noqa: E402
from pebble import ChallTestSrv, Pebble  # noqa: E402
from program import Acmecore  # noqa: E402
from replies import without_nonce  # noqa: E402
from scripted_ca import ScriptedCa  # noqa: E402
from small_dns import SmallDns  # noqa: E402


class Record:
    """Writes "passed tests/e2e/test_x.py::test_name" for each test, as it ends."""

    def __init__(self, path):
        self.path = path

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or report.outcome != "passed":
            with open(self.path, "a", encoding="utf-8") as record:
                record.write(f"{report.outcome} {report.nodeid}\n")


def pytest_configure(config):
    """ACMECORE_RAN names a file for it. With several processes, the first one writes."""
    path = os.environ.get("ACMECORE_RAN")
    if path and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Record(path))


def pytest_addoption(parser):
    parser.addoption("--shard", default="1/1", metavar="N/M",
                     help="run the N-th of M parts; the tests wait more than they work, "
                          "so that parts run well side by side")


def pytest_collection_modifyitems(config, items):
    """Whole files go to the part that has the fewest tests so far."""
    number, parts = map(int, config.getoption("--shard").split("/"))
    counts = {}
    for item in items:
        counts[item.path] = counts.get(item.path, 0) + 1
    loads, part_of = [0] * parts, {}
    for path in sorted(counts, key=lambda each: (-counts[each], each)):
        part_of[path] = loads.index(min(loads))
        loads[part_of[path]] += counts[path]
    items[:] = [item for item in items if part_of[item.path] == number - 1]


# Pebble sends no Retry-After for 0, so that it is asked again soon.
QUICK = {"retryAfter": {"authz": 0, "order": 0}}

# In the background of a shell SIGINT is ignored, and by all that is started from there.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def _stop_at_end():
    """What is appended is stopped, the last first."""
    started = []
    yield started
    for server in reversed(started):
        server.stop()


@pytest.fixture
def acmecore(tmp_path):
    program = Acmecore(tmp_path)
    yield program
    program.stop()


@pytest.fixture
def httpd(_stop_at_end):
    """Starts Apache; the test does not stop it."""
    def make(**options):
        server = Httpd(**options)
        _stop_at_end.append(server)
        return server
    return make


@pytest.fixture
def challtestsrv(tmp_path, _stop_at_end):
    def start(arguments=()):
        server = ChallTestSrv(tmp_path / f"challtestsrv-{len(_stop_at_end)}", arguments)
        _stop_at_end.append(server)
        return server.start()
    return start


@pytest.fixture
def pebble(tmp_path, authority, challtestsrv, _stop_at_end):
    def start(env=None, config=None, arguments=(), dns=None):
        dns_server = None if dns else challtestsrv()
        server = Pebble(tmp_path / f"pebble-{len(_stop_at_end)}", authority,
                        dns or dns_server.dns, env, config, arguments)
        server.dns_server = dns_server
        _stop_at_end.append(server)
        return server.start()
    return start


@pytest.fixture
def scripted_ca(tmp_path, authority, _stop_at_end):
    def start(**options):
        server = ScriptedCa(tmp_path / f"scripted-{len(_stop_at_end)}", authority,
                            **options)
        _stop_at_end.append(server)
        return server.start()
    return start


@pytest.fixture(scope="session")
def server_certificate(authority):
    """(certificate file, key file) for servers on loopback."""
    return authority.server(stem="shared")


@pytest.fixture(scope="session")
def issuing_authorities(tmp_path_factory):
    """(root, issuer) that scripted CAs issue from."""
    folder = tmp_path_factory.mktemp("issuing")
    root = Authority(folder, "scripted root")
    return root, Authority(folder, "scripted issuer", root)


@pytest.fixture(scope="session")
def calm_pebble(tmp_path_factory, authority):
    folder = tmp_path_factory.mktemp("calm")
    dns = ChallTestSrv(folder / "dns").start()
    server = Pebble(folder / "pebble", authority, dns.dns, config=QUICK)
    server.dns_server = dns
    try:
        yield server.start()
    finally:
        server.stop()
        dns.stop()


@pytest.fixture
def pebble_with(pebble, calm_pebble):
    def start(**options):
        config = {**QUICK, **options.pop("config", {})}
        return pebble(dns=calm_pebble.dns_server.dns, config=config, **options)
    return start


@pytest.fixture
def good_ca(scripted_ca, server_certificate, issuing_authorities):
    def start(**options):
        ca = scripted_ca(**{"certificate": server_certificate, **options})
        ca.mini.issue_from(*issuing_authorities)
        ca.always("directory", without_nonce())     # as real ones do
        return ca
    return start


@pytest.fixture
def issuer(acmecore, tmp_path):
    def make(ca, **options):
        return Issuer(acmecore, ca, tmp_path, **options)
    return make


@pytest.fixture
def holder(acmecore):
    def make(ca, *words):
        made = Holder(acmecore, ca)
        result = made("register", "--agree-tos", *words)
        assert result.code == 0, result
        return made
    return make


@pytest.fixture
def web(_stop_at_end):
    def start(folder, port=0, address="127.0.0.1"):
        server = WebServer(folder, port, address)
        _stop_at_end.append(server)
        return server.start()
    return start


@pytest.fixture
def dns_solver(tmp_path, _stop_at_end):
    """Options of a dns-01 solver that presents nothing: scripted CAs look at nothing."""
    dns = SmallDns().start()
    _stop_at_end.append(dns)
    hook = tmp_path / "hook"
    hook.write_text("#!/bin/sh\nexit 0\n")
    hook.chmod(0o755)
    return ["--solver", "dns01-exec", "--set", f"dns01-exec.command={hook}",
            "--set", "dns01-exec.visibility=off",
            "--set", f"dns01-exec.resolver={dns.address}"]


@pytest.fixture
def gate(server_certificate, _stop_at_end):
    def start(ca):
        server = Gate(ca, server_certificate)
        _stop_at_end.append(server)
        return server.start()
    return start


@pytest.fixture(scope="session")
def held_state(tmp_path_factory, authority, server_certificate, issuing_authorities):
    """
    A state folder that holds a certificate for hostile.NAME, of another CA. That one
    stays, so that none that is started later has its URL: there it would be fresh.
    """
    folder = tmp_path_factory.mktemp("held")
    ca = ScriptedCa(folder / "ca", authority, certificate=server_certificate).start()
    ca.mini.issue_from(*issuing_authorities)
    program = Acmecore(folder)
    try:
        result = Issuer(program, ca, folder)("a.test")
        assert result.code == 0, result
        yield program.state
    finally:
        ca.stop()


@pytest.fixture
def attack(tmp_path, held_state):
    """Factory: attack(ca, option…) gives a finished hostile.Attack, seen harmless."""
    def run(ca, *options, **more):
        made = Attack(tmp_path / f"attack-{id(ca)}", held_state, ca, *options, **more)
        made.start().end()
        made.assert_harmless()
        return made
    return run
