# SPDX-License-Identifier: Apache-2.0
"""Plugins that misbehave cost their own challenges, and are named."""
import pathlib
import re
import shutil

import pytest

from issuing import WebServer, is_alive, is_whole, standalone
from program import build_folder
from running import free_port, wait_until

BAD = build_folder() / "tests/abi/plugins"


@pytest.fixture
def with_plugin(issuer, good_ca):
    def make(plugin, *options, folder=BAD):
        return issuer(good_ca(), solver=["--plugin-dir", folder, "--solver", plugin,
                                         "--self-check", "off", *options])
    return make


def run_and_watch(issue, *words):
    """(result, process ids of the plugin hosts that were seen)."""
    run = issue.start(*words)
    seen = set()
    while not run.has_ended():
        seen |= set(run.children())
    return run.wait(), seen


def test_the_ca_does_not_hear_of_what_a_plugin_died_of(with_plugin):
    """What is said of which death: test_museum.py."""
    issue = with_plugin("fork-away")

    result, children = run_and_watch(issue, "a.test", "--json")

    assert result.code == 6, result
    assert not issue.has_certificate("a.test")
    assert issue.ca.of("challenge") == []
    wait_until(lambda: not any(map(is_alive, children)), "plugin hosts end", 5)


def test_what_kept_a_plugin_from_cleaning_up_is_said_once(with_plugin):
    result = with_plugin("crash-both")("a.test")

    assert result.code == 6, result
    assert result.stderr.count("crashed in present") == 1, result
    assert result.stderr.count("crashed in cleanup") == 1, result
    assert "could" in result.stderr and "not be cleaned up" in result.stderr


def test_what_could_not_be_cleaned_up_is_tried_by_the_next_run(with_plugin):
    issue = with_plugin("crash-cleanup")
    assert issue("a.test").code == 0

    again = issue("a.test", "--force", "-v")

    assert again.code == 0, again
    assert "cleanup" in again.stderr.lower() and "crash-cleanup" in again.stderr


def test_a_batch_reaches_the_plugin_at_once(with_plugin):
    issue = with_plugin("good")

    result = issue(*[f"n{number}.test" for number in range(10)], "-v")

    assert result.code == 0, result
    assert "batch of 10" in result.stderr


def test_a_plugin_that_takes_two_at_a_time(with_plugin):
    issue = with_plugin("small-batches")

    result = issue(*[f"n{number}.test" for number in range(5)], "-v")

    assert result.code == 0, result
    assert "batch of 2" in result.stderr
    assert "batch of 3" not in result.stderr


def test_a_plugin_that_refuses_one_name_names_it(with_plugin):
    issue = with_plugin("refuse-second")

    result = issue("a.test", "b.test", "--json")

    assert result.code == 6, result
    assert "refuse-second" in result.json["error"]["message"]


def test_a_plugin_does_not_reach_the_terminal(with_plugin):
    """It prints, colours included, and refuses with control characters."""
    printing = with_plugin("print")("a.test", "-v")
    refusing = with_plugin("refuse")("a.test", "-v")

    assert printing.code == 0, printing
    assert refusing.code == 6, refusing
    assert "\033" not in printing.stdout + printing.stderr
    assert "\033" not in refusing.stdout + refusing.stderr


def test_a_plugin_sees_nothing_of_its_surroundings(with_plugin):
    issue = with_plugin("look-around")

    result = issue("a.test", "-v", env={"SECRET_OF_CALLER": "tell nobody"})

    assert result.code == 0, result
    assert "tell nobody" not in result.stderr
    assert "session own" in result.stderr
    folder = result.stderr.split("folder ")[1].split('"')[0].strip()
    assert str(issue.state) in folder


def test_a_plugin_that_does_not_exist(with_plugin):
    issue = with_plugin("dns01-nowhere")

    result = issue("a.test")

    assert result.code == 2, result
    assert "dns01-nowhere" in result.stderr
    assert issue.ca.requests == []


@pytest.mark.parametrize("plugin", ["../good", "/tmp/good", "good.so", "", ".", "a b"])
def test_a_plugin_name_is_no_path(with_plugin, plugin):
    issue = with_plugin(plugin)

    result = issue("a.test")

    assert result.code == 2, result
    assert issue.ca.requests == []


@pytest.mark.parametrize("who", ["file", "folder"])
def test_a_plugin_that_others_can_write_is_refused(with_plugin, tmp_path, who):
    folder = tmp_path / "plugins"
    folder.mkdir(mode=0o755)
    file = folder / "good.so"
    shutil.copy(BAD / "good.so", file)
    file.chmod(0o755)
    issue = with_plugin("good", folder=folder)
    fine = issue("a.test")

    (file if who == "file" else folder).chmod(0o777)
    result = issue("b.test")

    assert fine.code == 0, fine
    assert result.code == 2, result
    assert "writ" in result.stderr and str(folder) in result.stderr
    assert issue.ca.of("newOrder")[1:] == []


@pytest.mark.parametrize("setting, shown", [
    ("http01-webroot.paht=/x", "path"), ("http01-webroot.mode=99", "mode"),
    ("http01-webroot=/x", "PLUGIN.OPTION=VALUE"), ("http01-webroot.path=", "path"),
    ("other.path=/x", "other")])
def test_a_wrong_setting_is_told_with_what_is_allowed(issuer, good_ca, setting, shown):
    issue = issuer(good_ca())

    result = issue("a.test", "--set", setting)

    assert result.code == 2, result
    assert shown in result.stderr
    assert issue.ca.requests == []


def test_a_web_root_that_is_not_there(issuer, good_ca, tmp_path):
    issue = issuer(good_ca())
    issue.solver = ["--solver", "http01-webroot",
                    "--set", f"http01-webroot.path={tmp_path}/gone"]

    result = issue("a.test")

    assert result.code == 2, result
    assert f"{tmp_path}/gone" in result.stderr
    assert issue.ca.of("newOrder") == []


def test_a_required_setting_that_is_missing(issuer, good_ca):
    issue = issuer(good_ca(), solver=["--solver", "http01-webroot"])

    result = issue("a.test")

    assert result.code == 2, result
    assert "path" in result.stderr
    assert issue.ca.requests == []


def test_a_port_in_use_is_named_with_the_program(issuer, good_ca, tmp_path):
    taken = WebServer(tmp_path).start()
    try:
        issue = issuer(good_ca(), solver=standalone(taken.port))
        result = issue("a.test", "--json")
    finally:
        taken.stop()

    assert result.code == 6, result
    message = result.json["error"]["message"]
    assert str(taken.port) in message
    assert "python" in message or "pytest" in message, message
    assert issue.ca.of("challenge") == []


def test_two_solvers_in_one_order(issuer, good_ca, tmp_path):
    issue = issuer(good_ca())
    port = free_port()
    issue.solver += ["--solver", "*.listen.test=http01-standalone",
                     "--set", f"http01-standalone.port={port}",
                     "--set", "http01-standalone.address=127.0.0.1"]

    result = issue("a.listen.test", "b.test", "-vv")

    assert result.code == 0, result
    assert result.stderr.count("standalone.present") == 1


@pytest.fixture
def two_at_one_port(acmecore, good_ca, tmp_path):
    """Renews two certificates, each with a solver of its own; what became of each."""
    def renew(prefix=()):
        ca, path, port = good_ca(), tmp_path / "acmecore.conf", free_port()
        path.write_text(f'''
agree-tos = true
self-check = off
ca "lab" {{ directory = "{ca.directory_url}"  ca-file = "{ca.ca_file}" }}
ca = {{"lab"}}
''' + "".join(f'''
solver "{name}" {{ plugin = "http01-standalone"
    options {{ port = {port}  address = "127.0.0.1" }} }}
certificate "{name}" {{ identifiers = {{"{name}.test"}}  solvers = {{"{name}"}} }}
''' for name in ("one", "two")))

        result = acmecore("renew", "--json", "--config", path, prefix=prefix)

        told = sorted(result.json["certificates"], key=lambda each: each["result"])
        assert [each["result"] for each in told] == ["failed", "renewed"], result
        assert told[0]["name"] in told[0]["error"]["message"], result
        assert "another solver of this run" in told[0]["error"]["message"], result
        assert result.code == told[0]["error"]["exit"], result
        return result
    return renew


def may_see_all():
    """Has this process CAP_SYS_PTRACE?"""
    status = pathlib.Path("/proc/self/status").read_text()
    return bool(int(re.search(r"CapEff:\s*(\w+)", status).group(1), 16) & 1 << 19)


def test_two_solvers_of_one_run_at_one_port_are_told_from_another_run(two_at_one_port):
    result = two_at_one_port()

    assert result.code == (2 if may_see_all() else 6), result


def test_who_may_not_see_what_others_have_is_told_of_the_other_solver(two_at_one_port):
    """As in acmecore.service."""
    result = two_at_one_port(
        ("setpriv", "--bounding-set", "-sys_ptrace") if may_see_all() else ())

    assert result.code == 6, result


def test_a_solver_that_fails_fails_only_for_its_names_but_the_order_with_them(
        issuer, good_ca):
    issue = issuer(good_ca())
    issue.solver += ["--plugin-dir", BAD, "--solver", "bad.test=crash-present"]

    result = issue("bad.test", "good.test", "--json")

    assert result.code == 6, result
    assert "crash-present" in result.json["error"]["message"]
    assert issue.answers() == []
