# SPDX-License-Identifier: Apache-2.0
"""
The author's kit as an author has it: installed into a folder of its own, and nothing of
the source. A new project is made, built and used for a certificate.
"""
import os
import re
import shutil
import subprocess

import pytest

from issuing import Issuer
from powerdns import PowerDns
from program import ROOT, build_folder
from provider_apis import TOKEN, Api

NAME = "dns01-example"
COMPILERS = [name for name in ("gcc", "clang") if shutil.which(name)]


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


UNITS = {"acmecore.service": "renew", "acmecore-watch.service": "renew --watch"}


def start_line(folder, unit):
    return next(line for line in (folder / unit).read_text().splitlines()
                if line.startswith("ExecStart="))


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_starts_the_program_that_was_installed_with_it(kit, unit):
    folder = kit / "lib/systemd/system"

    assert start_line(folder, unit) == f"ExecStart={kit}/bin/acmecore {UNITS[unit]}"
    assert (folder / unit).stat().st_mode & 0o777 == 0o644
    assert (folder / "acmecore.timer").exists()


@pytest.mark.parametrize("prefix", ["/opt/acmecore", "/"])
def test_a_unit_of_a_package_names_the_place_where_it_will_be(prefix, tmp_path):
    run("cmake", "--install", build_folder(), "--prefix", prefix,
        env={**os.environ, "DESTDIR": str(tmp_path)})
    place = prefix.rstrip("/")
    folder = tmp_path / f"{place}/lib/systemd/system".lstrip("/")

    for unit, words in UNITS.items():
        assert start_line(folder, unit) == f"ExecStart={place}/bin/acmecore {words}"
    assert (tmp_path / f"{place}/bin/acmecore".lstrip("/")).exists()


def test_a_unit_names_the_program_by_its_whole_path_below_a_relative_prefix(tmp_path):
    run("cmake", "--install", build_folder(), "--prefix", "stage", cwd=tmp_path)
    folder = tmp_path / "stage/lib/systemd/system"

    for unit, words in UNITS.items():
        line = start_line(folder, unit)
        assert line == f"ExecStart={tmp_path}/stage/bin/acmecore {words}"


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


class Forgetful(ExampleApi):
    """It keeps two values, as acme-dns does, and loses the older one for any that comes."""

    def __init__(self, certificate, powerdns, apex):
        super().__init__(certificate, powerdns, apex)
        self.records = []

    def handle(self, method, path, headers, body):
        record = body["name"], body["value"]
        self.records = [each for each in self.records if each != record] \
            if method == "DELETE" else [*self.records, record][-2:]
        self.powerdns.put_txt(body["name"], self.apex, *sorted(
            {value for name, value in self.records if name == body["name"]}))
        return 200, {}


@pytest.mark.deep       # it looks for three minutes
def test_a_value_that_is_lost_when_another_comes_twice_is_found_missing(
        kit, project, powerdns, server_certificate, authority, tmp_path, _stop_at_end):
    api = Forgetful(server_certificate, powerdns, "one.test").start()
    _stop_at_end.append(api)
    token = tmp_path / "token"
    token.touch(mode=0o600)
    token.write_text(TOKEN)
    words = [word for line in (f"url={api.url}", f"api-token={token}",
                               f"ca-file={authority.path}", f"resolver={powerdns.address}",
                               "visibility=resolver") for word in ("--set", line)]

    done = subprocess.run([kit / "bin/acmecore", "plugin", "check",
                           project / f"build/{NAME}.so", "-d", "one.test", *words],
                          text=True, capture_output=True, timeout=400, check=False)

    shown = done.stdout + done.stderr
    assert done.returncode != 0 and "two values of one name" in shown, shown


def test_a_real_record_is_written_seen_and_gone(kit, project, powerdns, api, authority,
                                                tmp_path):
    token = tmp_path / "token"
    token.touch(mode=0o600)
    token.write_text(TOKEN)
    settings = {"url": api.url, "api-token": token, "ca-file": authority.path,
                "resolver": powerdns.address, "visibility": "resolver"}
    lines = [f"{name}={value}" for name, value in settings.items()]
    # As an editor may leave it: the last line has no end.
    (project / "settings").write_text("\n".join([*lines, "DOMAIN=one.test"]))
    try:
        shown = run("sh", project / "check.sh", kit / "bin/acmecore",
                    project / f"build/{NAME}.so")
    finally:
        (project / "settings").unlink()

    assert f"{NAME}: 19 passed, 0 failed, 0 skipped" in shown, shown
    assert powerdns.txt("one.test") == {}


def test_a_new_plugin_is_shown_with_all_that_it_says(kit, project):
    shown = run(kit / "bin/acmecore", "plugin", "show", project / f"build/{NAME}.so")

    assert f"{NAME} 0.1" in shown and "answers  dns-01, dns-account-01" in shown
    assert f'solver "{NAME}" {{' in shown and 'api-token = "file:/…"' in shown


# ---- every command and example of docs/writing-a-plugin.md


@pytest.fixture(scope="module")
def page(kit):
    """The one that was installed, in parts: {"sh": [...], "make": [...], ...}."""
    text = next(kit.glob("share/doc/*/writing-a-plugin.md")).read_text()
    parts = {}
    for language, part in re.findall(r"^```(\w+)\n(.*?)^```", text,
                                     re.MULTILINE | re.DOTALL):
        parts.setdefault(language, []).append(part)
    return parts


@pytest.fixture(scope="module")
def walked(page, environment, tmp_path_factory):
    """An author's folder after all the commands of the page, and what they said."""
    folder = tmp_path_factory.mktemp("walk")
    (folder / "all.sh").write_text("set -ex\n" + "".join(page["sh"]))
    return folder, run("sh", "all.sh", cwd=folder, env=environment)


def test_all_commands_of_the_page_do_what_it_says(walked):
    _, shown = walked

    assert shown.count("100% tests passed, 0 tests failed out of 2") == 3, shown
    assert re.search(rf"^{NAME} +solver +0.1", shown, re.MULTILINE)


def test_nothing_of_the_source_tree_is_in_a_project(walked):
    folder, _ = walked
    places = [str(place).encode() for place in (ROOT, build_folder())]
    files = [path for path in folder.rglob("*") if path.is_file()]

    assert len([path for path in files if path.suffix == ".so"]) >= 3
    for path in files:
        data = path.read_bytes()
        assert not any(place in data for place in places), path


@pytest.mark.parametrize("compiler", COMPILERS)
def test_a_makefile_is_enough(page, walked, kit, environment, tmp_path, compiler):
    project = tmp_path / NAME
    shutil.copytree(walked[0] / NAME, project, ignore=shutil.ignore_patterns("build", "*.so"))
    (project / "Makefile").write_text(page["make"][0])

    run("make", f"CC={compiler}", "CFLAGS=-Werror -Wconversion -Wshadow", "install",
        f"DESTDIR={tmp_path}/root", cwd=project, env=environment)

    made = next((tmp_path / "root").rglob(f"{NAME}.so"))
    assert str(made.parent).endswith("/acmecore/plugins")
    assert made.stat().st_mode & 0o777 == 0o644
    symbols = run("nm", "-D", "--defined-only", "--format=just-symbols", made)
    assert symbols.split() == ["acmecore_plugin"]
    assert f"{NAME} 0.1" in run(kit / "bin/acmecore", "plugin", "show", made)


@pytest.mark.parametrize("compilers", [("gcc", "g++"), ("clang", "clang++")])
def test_a_plugin_may_be_c_plus_plus(page, kit, environment, tmp_path, compilers):
    if not all(map(shutil.which, compilers)):
        pytest.skip(f"{compilers} are not there")
    (tmp_path / "plugin.cpp").write_text(page["cpp"][0])
    (tmp_path / "CMakeLists.txt").write_text(page["cmake"][0])

    run("cmake", "-B", "build", f"-DCMAKE_C_COMPILER={compilers[0]}",
        f"-DCMAKE_CXX_COMPILER={compilers[1]}", cwd=tmp_path, env=environment)
    run("cmake", "--build", "build", cwd=tmp_path, env=environment)

    assert "100% tests passed" in run("ctest", "--test-dir", "build", cwd=tmp_path,
                                      env=environment)
    shown = run(kit / "bin/acmecore", "plugin", "check", "build/http01-cpp.so",
                "--state-dir", "state", cwd=tmp_path)
    assert re.search(r"^http01-cpp: 1\d passed, 0 failed", shown, re.MULTILINE), shown


def test_other_kinds_are_refused_with_what_there_is(kit, tmp_path):
    done = subprocess.run([kit / "bin/acmecore", "plugin", "new", "store-example"],
                          cwd=tmp_path, stderr=subprocess.PIPE, text=True, timeout=60,
                          check=False)

    assert done.returncode == 2
    assert "dns01-NAME, http01-NAME or installer-NAME" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_solver_and_an_installer_of_ones_own_serve_a_certificate(
        kit, walked, acmecore, pebble_with, web, tmp_path):
    folder, _ = walked
    served = tmp_path / "web/.well-known/acme-challenge"
    served.mkdir(parents=True)
    reloads = tmp_path / "reloads"
    reload = tmp_path / "reload"
    reload.write_text(f"#!/bin/sh\necho $1 >>{reloads}\n")
    reload.chmod(0o755)
    port = web(tmp_path / "web").port
    acmecore.program = kit / "bin/acmecore"
    plugins = [word for kind in ("http01", "installer")
               for word in ("--plugin-dir", folder / f"{kind}-example/build")]
    issue = Issuer(acmecore, pebble_with(config={"httpPort": port}), tmp_path, [
        *plugins, "--solver", "http01-example", "--set", f"http01-example.path={served}",
        "--self-check", "off", "--installer", "installer-example",
        "--set", f"installer-example.test={reload}", "--set", "installer-example.test=test",
        "--set", f"installer-example.reload={reload}",
        "--set", "installer-example.reload=reload"])

    result = issue("a.test")

    assert result.code == 0, str(result)
    assert issue.has_certificate("a.test") and list(served.iterdir()) == []
    assert reloads.read_text() == "test\nreload\n"
