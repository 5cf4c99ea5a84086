# SPDX-License-Identifier: Apache-2.0
"""
The author's kit as an author has it: installed into a folder of its own, and nothing of
the source. A new project is made, built and used for a certificate.
"""
import os
import subprocess

import pytest

from issuing import Issuer
from powerdns import PowerDns
from program import build_folder
from provider_apis import TOKEN, Api

NAME = "dns01-example"


def run(*words, cwd=None, env=None):
    done = subprocess.run([str(word) for word in words], cwd=cwd, env=env, timeout=300,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    """The prefix of an installed acmecore."""
    prefix = tmp_path_factory.mktemp("kit")
    run("cmake", "--install", build_folder(), "--prefix", prefix)
    return prefix


@pytest.fixture(scope="module")
def environment(kit):
    pkgconfig = next(kit.glob("lib*/**/pkgconfig"))
    return {**os.environ, "PATH": f"{kit}/bin:{os.environ['PATH']}",
            "PKG_CONFIG_PATH": str(pkgconfig), "CMAKE_PREFIX_PATH": str(kit)}


@pytest.fixture(scope="module")
def project(kit, environment, tmp_path_factory):
    """A project as `acmecore plugin new` makes it, built."""
    folder = tmp_path_factory.mktemp("author")
    run(kit / "bin/acmecore", "plugin", "new", NAME, cwd=folder)
    run("cmake", "-B", "build", cwd=folder / NAME, env=environment)
    run("cmake", "--build", "build", cwd=folder / NAME, env=environment)
    return folder / NAME


class ExampleApi(Api):
    """What the template speaks: POST and DELETE {"name", "value"} at /records."""

    def __init__(self, certificate, powerdns, apex):
        super().__init__(certificate)
        self.powerdns, self.apex, self.records = powerdns, apex, set()

    def handle(self, method, path, headers, body):
        if headers["Authorization"] != f"Bearer {TOKEN}":
            return 401, {}
        record = body["name"], body["value"]
        if method == "DELETE" and record not in self.records:
            return 404, {}
        (self.records.add if method == "POST" else self.records.discard)(record)
        self.powerdns.put_txt(body["name"], self.apex, *sorted(
            value for name, value in self.records if name == body["name"]))
        return 200, {}


@pytest.fixture(scope="module")
def powerdns(tmp_path_factory):
    server = PowerDns(tmp_path_factory.mktemp("powerdns"), ["one.test"])
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def api(server_certificate, powerdns, _stop_at_end):
    server = ExampleApi(server_certificate, powerdns, "one.test")
    _stop_at_end.append(server)
    return server.start()


def test_a_new_plugin_obtains_a_certificate(kit, project, acmecore, pebble, powerdns, api,
                                            authority, tmp_path):
    token = tmp_path / "token"
    token.touch(mode=0o600)
    token.write_text(TOKEN)
    settings = {"url": api.url, "api-token": token, "ca-file": authority.path,
                "resolver": powerdns.address, "visibility": "resolver"}
    words = [word for name, value in settings.items()
             for word in ("--set", f"{NAME}.{name}={value}")]
    acmecore.program = kit / "bin/acmecore"
    issue = Issuer(acmecore, pebble(dns=powerdns.address), tmp_path,
                   ["--plugin-dir", project / "build", "--solver", NAME, *words])

    result = issue("one.test", "*.one.test")

    assert result.code == 0, str(result)
    assert powerdns.txt("one.test") == {}
    assert {method for method, _ in api.calls} == {"POST", "DELETE"}


def test_a_new_plugin_passes_the_check_that_it_came_with(project, environment):
    shown = run("ctest", "--test-dir", "build", "--output-on-failure", "-V", cwd=project,
                env=environment)

    assert "100% tests passed" in shown, shown
    assert " 0 failed" in shown and "present fails with these settings" in shown


def test_a_real_record_is_written_seen_and_gone(kit, project, powerdns, api, authority,
                                                tmp_path):
    token = tmp_path / "token"
    token.touch(mode=0o600)
    token.write_text(TOKEN)
    settings = {"url": api.url, "api-token": token, "ca-file": authority.path,
                "resolver": powerdns.address, "visibility": "resolver"}
    words = [word for name, value in settings.items()
             for word in ("--set", f"{name}={value}")]

    shown = run(kit / "bin/acmecore", "plugin", "check", project / f"build/{NAME}.so",
                "-d", "one.test", *words)

    assert f"{NAME}: 16 passed, 0 failed, 0 skipped" in shown, shown
    assert powerdns.txt("one.test") == {}


def test_a_new_plugin_is_shown_with_all_that_it_says(kit, project):
    shown = run(kit / "bin/acmecore", "plugin", "show", project / f"build/{NAME}.so")

    assert f"{NAME} 0.1" in shown and "answers  dns-01, dns-account-01" in shown
    assert f'solver "{NAME}" {{' in shown and 'api-token = "file:/…"' in shown
