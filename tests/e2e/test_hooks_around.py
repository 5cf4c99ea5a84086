# SPDX-License-Identifier: Apache-2.0
"""Hooks around a run: when they run, once, and what their failure does."""
import json
import os
import signal

import pytest

from issuing import is_alive
from replies import Response, problem
from running import wait_until

REFUSED = problem("rejectedIdentifier", "not this one", status=403)


class Hooks:
    """Programs that note that they ran, and what they read."""

    def __init__(self, folder):
        self.folder = folder
        self.log = folder / "hooks.log"

    def make(self, name, body=""):
        path = self.folder / f"hook-{name}"
        path.write_text(f"#!/bin/sh\nread -r line\nprintf '%s\\n' \"{name} $line\" >> '{self.log}'\n{body}\n")
        path.chmod(0o755)
        return path

    @property
    def runs(self):
        """[(name, document)] in the order in which they began."""
        if not self.log.exists():
            return []
        lines = [line.split(" ", 1) for line in self.log.read_text().splitlines()]
        return [(name, json.loads(document)) for name, document in lines]

    @property
    def names(self):
        return [name for name, _ in self.runs]


@pytest.fixture
def hooks(tmp_path):
    return Hooks(tmp_path)


@pytest.fixture
def ca(good_ca):
    return good_ca()


@pytest.fixture
def own(issuer, ca, dns_solver):
    return issuer(ca, solver=dns_solver)


def all_three(hooks, pre="", post="", failure=""):
    return ["--pre-hook", hooks.make("pre", pre), "--post-hook", hooks.make("post", post),
            "--failure-hook", hooks.make("failure", failure)]


def test_hooks_are_run_around_what_is_due_and_only_then(acmecore, own, hooks):
    assert own("a.test", *all_three(hooks)).code == 0
    assert hooks.names == ["pre", "post"]
    assert own("a.test").code == 0
    assert acmecore("renew").code == 0
    assert acmecore("renew", "--dry-run", "--force").code == 0
    assert hooks.names == ["pre", "post"]

    assert acmecore("renew", "--force").code == 0

    assert hooks.names == ["pre", "post"] * 2
    (_, before), (_, after) = hooks.runs[2:]
    assert (before["schema"], before["hook"], after["hook"]) == (1, "pre", "post")
    (certificate,) = before["certificates"]
    assert certificate == {"name": "a.test", "identifiers": ["a.test"], "reason": "forced"}
    assert after["certificates"][0]["result"] == "renewed"


def test_failure_hook_hears_of_those_that_failed(acmecore, own, ca, hooks):
    options = all_three(hooks)
    for name in "a.test", "b.test":
        assert own(name, *options).code == 0
    before = len(hooks.runs)
    ca.script("newOrder", REFUSED)

    assert acmecore("renew", "--force", "--jobs", "1").code == 3

    runs = hooks.runs[before:]
    assert [name for name, _ in runs] == ["pre", "post", "failure"]
    assert [each["result"] for each in runs[1][1]["certificates"]] == ["failed", "renewed"]
    (failed,) = runs[2][1]["certificates"]
    assert failed["name"] == "a.test" and failed["error"]["hint"] == "rejected-name"


@pytest.mark.parametrize("body, words", [
    ("echo port is taken; exit 7", "ended with exit code 7: port is taken"),
    ("kill -9 $$", "was ended by signal 9 (SIGKILL)"),
    ("yes flood | head -c 100000000; echo; echo the end; exit 1", "exit code 1: the end"),
    ("exec <&-; printf '\\377\\033[31m\\001no'; exit 4", "ended with exit code 4: "),
])
def test_failing_pre_hook_prevents_its_certificates_alone(acmecore, own, hooks, body, words):
    assert own("a.test", *all_three(hooks)).code == 0
    assert own("b.test").code == 0
    hooks.make("pre", body)
    before = len(hooks.runs)

    result = acmecore("renew", "--force", "--json")

    assert result.code == 6, result
    by_name = {each["name"]: each for each in result.json["certificates"]}
    assert by_name["b.test"]["result"] == "renewed"
    refused = by_name["a.test"]
    assert refused["result"] == "failed" and refused["next_attempt_at"]
    assert refused["error"]["code"] == "plugin"
    assert "not tried: pre-hook" in refused["error"]["message"]
    assert words in refused["error"]["message"]
    assert [name for name, _ in hooks.runs[before:]] == ["pre", "post", "failure"]
    status = json.loads((own.folder_of("a.test") / "state.json").read_text())
    assert status["trouble"]["failures"] == 1 and status["trouble"]["code"] == "plugin"


def test_hook_that_hangs_is_ended_with_all_it_started(own, hooks, tmp_path):
    hang = hooks.make("hang", f"sleep 60 & echo $! > '{tmp_path}/member'\n"
                              f"setsid sh -c 'echo $$ > {tmp_path}/server; exec sleep 60' &\n"
                              f"while ! [ -s {tmp_path}/server ]; do :; done; wait")
    config = tmp_path / "acmecore.conf"
    config.write_text(f'hook "hang" {{ command = "{hang}"  timeout = 1 }}\npre-hook = hang\n')
    config.chmod(0o644)

    result = own("a.test", "--config", config)

    assert result.code == 6 and result.elapsed_s < 10, result
    assert "not tried: pre-hook: " in result.stderr and not own.has_certificate("a.test")
    for name in "member", "server":
        assert not is_alive(int((tmp_path / name).read_text()))


def test_server_that_a_hook_started_is_left_alone(own, hooks, tmp_path):
    start = hooks.make("start", f"setsid sh -c 'echo $$ > {tmp_path}/server; exec sleep 60' &\n"
                                f"while ! [ -s {tmp_path}/server ]; do :; done")

    result = own("a.test", "--post-hook", start)

    server = int((tmp_path / "server").read_text())
    assert result.code == 0 and is_alive(server), result
    os.kill(server, signal.SIGKILL)


def test_failing_post_hook_is_exit_6_though_all_is_issued(acmecore, own, hooks):
    result = own("a.test", "--post-hook", hooks.make("post", "echo no nginx; exit 1"), "--json")

    assert result.code == 6 and result.json["result"] == "issued", result
    assert "no nginx" in result.json["error"]["message"]
    assert own.has_certificate("a.test")
    again = acmecore("renew", "--force")
    assert again.code == 6 and "no nginx" in again.stderr and "1 renewed" in again.stdout


def test_failing_failure_hook_changes_nothing(own, ca, hooks):
    ca.always("newOrder", REFUSED)

    result = own("a.test", "--failure-hook", hooks.make("failure", "exit 1"))

    assert result.code == 3 and "failure-hook" in result.stderr, result


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_post_hook_is_run_after_a_signal(own, ca, hooks, number):
    ca.always("newOrder", lambda ca, request, act: Response(delay_s=20))
    run = own.start("a.test", *all_three(hooks))
    wait_until(lambda: any(each.resource == "newOrder" for each in ca.requests), "the order")

    run.send(number)
    result = run.wait()

    assert result.code == 128 + number and result.elapsed_s < 15, result
    assert hooks.names == ["pre", "post"]


def test_signal_during_a_pre_hook_ends_the_run(own, hooks):
    run = own.start("a.test", *all_three(hooks, pre="sleep 60"))
    wait_until(lambda: hooks.names == ["pre"], "the hook")

    run.send(signal.SIGTERM)
    result = run.wait()

    assert result.code == 128 + signal.SIGTERM and result.elapsed_s < 15, result
    assert hooks.names == ["pre", "post"]
    assert not own.has_certificate("a.test")


@pytest.mark.parametrize("option", ["--pre-hook", "--post-hook", "--failure-hook", "--notify"])
def test_a_command_that_cannot_be_run_is_told_before_the_ca_is_asked(own, ca, tmp_path, option):
    plain = tmp_path / "plain"
    plain.write_text("#!/bin/sh\n")
    plain.chmod(0o644)
    shared = tmp_path / "shared"
    shared.write_text("#!/bin/sh\n")
    shared.chmod(0o757)

    for command, words in [("web", "web"), ("relative/path", "relative/path"),
                           (tmp_path / "gone", "gone"), (plain, "no program that can be run"),
                           (shared, "shared")]:
        result = own("a.test", option, command)

        assert result.code == 2 and option in result.stderr, result
        assert words in result.stderr, result
    assert not ca.requests and not own.has_certificate("a.test")


def test_a_hook_that_is_gone_prevents_its_certificates_alone(acmecore, own, ca, hooks):
    assert own("a.test", "--post-hook", hooks.make("post")).code == 0
    assert own("b.test").code == 0
    (hooks.folder / "hook-post").unlink()

    result = acmecore("renew", "--force", "--json")

    assert result.code == 2, result
    by_name = {each["name"]: each for each in result.json["certificates"]}
    assert by_name["b.test"]["result"] == "renewed"
    assert "not tried: --post-hook" in by_name["a.test"]["error"]["message"]


SECTIONS = 'hook "web" {{ command = "{pre}" }}\nhook "again" {{ command = "{post}" }}\n'


@pytest.mark.parametrize("wrong, words", [
    (SECTIONS.replace('"{pre}"', '"{pre}"  timeout = "1m"'), "timeout is a number"),
    (SECTIONS.replace('"{post}"', '{{"{post}" "start"}}'), "no command can be read"),
    (SECTIONS.replace('"{pre}"', '"{pre}" --all=yes'), "no command can be read"),
    ("nonsense = 1\n" + SECTIONS.replace("again", "agian"), "no section of the name"),
])
def test_wrong_hook_in_the_configuration_costs_its_certificates_alone(
        acmecore, own, hooks, tmp_path, wrong, words):
    """Nothing that is half read is run, and nobody is left alone for it afterwards."""
    paths = {"pre": hooks.make("pre"), "post": hooks.make("post")}
    config = tmp_path / "acmecore.conf"
    config.write_text(SECTIONS.format(**paths))
    assert own("a.test", "--config", config, "--pre-hook", "web", "--post-hook", "again").code == 0
    assert own("b.test", "--config", config).code == 0
    before = len(hooks.runs)
    config.write_text(wrong.format(**paths))

    result = acmecore("renew", "--force", "--json", "--config", config)

    assert result.code == 2, result
    by_name = {each["name"]: each for each in result.json["certificates"]}
    assert by_name["b.test"]["result"] == "renewed"
    assert words in by_name["a.test"]["error"]["message"], result
    assert "pre" not in hooks.names[before:]
    assert "trouble" not in json.loads((own.folder_of("a.test") / "state.json").read_text())


def test_pre_hook_for_all_is_not_run_without_its_post_hook(acmecore, own, hooks, tmp_path):
    config = tmp_path / "acmecore.conf"
    config.write_text("")
    assert own("a.test", "--config", config).code == 0
    config.write_text(f'pre-hook = "{hooks.make("pre")}"\npost-hok = "{hooks.make("post")}"\n')

    result = acmecore("renew", "--force", "--json", "--config", config)

    assert result.code == 2 and hooks.names == [], result
    assert "its post-hook may be" in result.json["certificates"][0]["error"]["message"]
    assert "trouble" not in json.loads((own.folder_of("a.test") / "state.json").read_text())


def test_half_a_hook_for_all_keeps_what_it_would_be_told_of(acmecore, own, hooks, tmp_path):
    """Its server would not be told of it when the configuration is mended either."""
    config = tmp_path / "acmecore.conf"
    config.write_text("")
    assert own("a.test", "--config", config).code == 0
    config.write_text(f'post-hook = {{"{hooks.make("post")}" "reload"}}\n')

    result = acmecore("renew", "--force", "--json", "--config", config)

    assert result.code == 2 and hooks.names == [], result
    assert "its post-hook cannot be read" in result.json["certificates"][0]["error"]["message"]
    assert "trouble" not in json.loads((own.folder_of("a.test") / "state.json").read_text())


def test_a_notifier_that_is_gone_prevents_nothing_and_is_exit_2(acmecore, own, hooks):
    assert own("a.test", "--notify", hooks.make("tell")).code == 0
    (hooks.folder / "hook-tell").unlink()

    result = acmecore("renew", "--force")

    assert result.code == 2 and "1 renewed" in result.stdout, result
    assert "--notify" in result.stderr and "hook-tell" in result.stderr
