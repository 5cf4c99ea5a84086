# SPDX-License-Identifier: Apache-2.0
"""
Fixtures of the end-to-end tests. ACMECORE_BUILD names the build folder (build/dev).

acmecore        runs the program: program.Acmecore
challtestsrv    factory: challtestsrv() gives a running pebble.ChallTestSrv
pebble          factory: pebble(env=…, config=…, arguments=…, dns=…) gives a running
                pebble.Pebble; without dns it gets a ChallTestSrv, at .dns_server
scripted_ca     factory: scripted_ca(…) gives a running scripted_ca.ScriptedCa
authority       the root that signs all these servers' certificates
"""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from certificates import Authority  # noqa: E402
from pebble import ChallTestSrv, Pebble  # noqa: E402
from program import Acmecore  # noqa: E402
from scripted_ca import ScriptedCa  # noqa: E402


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
