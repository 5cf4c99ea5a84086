# SPDX-License-Identifier: Apache-2.0
"""SIGINT, SIGTERM and kill -9 in each phase, at a real CA behind a gate."""
import os
import signal
import socket

import pytest

from issuing import is_alive, is_whole, public_key, verifies, webroot
from program import build_folder
from running import wait_until

NAME = "stop.example.test"

# phase: the request that is held, the side of the CA's work, its number, and whether
# the order's URL is known by then.
HELD = {
    "account": ("/sign-me-up", "after", 1, False),
    "order": ("/order-plz", "before", 1, False),
    "order-lost": ("/order-plz", "after", 1, False),
    "authorize": ("/authZ", "after", 1, True),
    "respond": ("/chalZ", "before", 1, True),
    "respond-told": ("/chalZ", "after", 1, True),
    "validate": ("/my-order", "before", 1, True),
    "finalize": ("/finalize-order", "before", 1, True),
    "finalize-done": ("/finalize-order", "after", 1, True),
    "issue": ("/my-order", "before", 2, True),
    "issue-told": ("/my-order", "after", 2, True),
    "download": ("/certZ", "before", 1, True),
    "download-done": ("/certZ", "after", 1, True),
}

PLUGINS = build_folder() / "tests/abi/plugins"
BEFORE_THE_REQUEST = ("authorize", "respond", "respond-told", "validate")


class Scene:
    """A CA behind a gate, a web server, and an account that is known."""

    def __init__(self, issuer, calm_pebble, web, gate, folder):
        self.ca, self.folder = calm_pebble, folder
        self.gate = gate(calm_pebble)
        self.issue = issuer(self.gate)
        self.web = web(self.issue.web, calm_pebble.http_port)

    def register(self):
        result = self.issue.acmecore("account", "register", "--agree-tos",
                                     *self.issue.at_ca())
        assert result.code == 0, result

    def run_to(self, path, when, number):
        held = self.gate.hold(path, when, number)
        run = self.issue.start(NAME, "--json", "-v")
        held.wait()
        if (path, when) == ("/chalZ", "after"):
            # Pebble looks three times; without an answer the order would be dead.
            wait_until(lambda: len(self.web.paths) >= 3, "the CA has seen the answer")
        return run, run.children()

    def assert_stopped(self, children):
        wait_until(lambda: not any(map(is_alive, children)), "plugin hosts end", 5)

    def continue_and_check(self, url=None):
        """The next run; the order's URL that it must continue."""
        orders = self.gate.count("/order-plz")
        self.gate.open(drop=True)
        result = self.issue(NAME, "--json")
        assert result.code == 0, result
        if url is not None:
            assert result.json["order"] == {"url": url, "resumed": True}
            assert self.gate.count("/order-plz") == orders
        assert self.issue.answers() == []
        assert self.issue.journal(NAME) is None
        assert self.issue.litter() == []
        assert is_whole(self.issue, NAME)
        assert verifies(self.folder, self.ca.root(), self.issue.current(NAME))
        return result


@pytest.fixture
def scene(issuer, calm_pebble, web, gate, tmp_path):
    return Scene(issuer, calm_pebble, web, gate, tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("phase", HELD)
def test_a_signal_in_each_phase(scene, phase, number):
    path, when, count, is_known = HELD[phase]
    if phase != "account":
        scene.register()
    run, children = scene.run_to(path, when, count)

    run.send(number)
    result = run.wait(10)

    assert result.code == 128 + number and not result.signal, result
    assert result.json["error"]["exit"] == 128 + number
    assert scene.issue.answers() == []
    assert not scene.issue.has_certificate(NAME)
    scene.assert_stopped(children)
    url = scene.issue.order_url(NAME)
    # Who interrupts a run gives up its order, as long as no request was sent for it.
    is_given_up = number == signal.SIGINT and phase in BEFORE_THE_REQUEST
    assert (url is not None) == (is_known and not is_given_up)
    advice = result.json["error"]["advice"]
    assert ("begins another" in advice) == is_given_up, advice
    assert not is_given_up or "continues" not in advice, advice
    scene.continue_and_check(url)


@pytest.mark.parametrize("phase", HELD)
def test_kill_9_in_each_phase(scene, phase):
    path, when, count, is_known = HELD[phase]
    if phase != "account":
        scene.register()
    run, children = scene.run_to(path, when, count)

    run.send(signal.SIGKILL)
    run.wait(10)

    scene.assert_stopped(children)
    url = scene.issue.order_url(NAME)
    assert (url is not None) == is_known
    scene.continue_and_check(url)


@pytest.mark.parametrize("phase", ["issue", "download"])
def test_killed_after_finalize_the_certificate_has_the_key_that_was_kept(scene, phase):
    scene.register()
    path, when, count, _ = HELD[phase]
    run, _ = scene.run_to(path, when, count)

    run.send(signal.SIGKILL)
    run.wait(10)
    key = (scene.issue.folder_of(NAME) / "order-key.pem").read_bytes()
    result = scene.continue_and_check(scene.issue.order_url(NAME))

    assert public_key(scene.issue.current(NAME)) == public_key(key, is_key=True)
    assert result.json["certificate"]["version"] == 1
    assert scene.gate.count("/finalize-order") == 1


def silent_listener():
    """Takes connections and never answers: the self-check waits for it."""
    listener = socket.create_server(("127.0.0.1", 0))
    return listener, listener.getsockname()[1]


def run_into_present(scene, listener_port):
    scene.issue.solver = webroot(scene.issue.web, "warn") + [
        "--self-check-via", f"127.0.0.1:{listener_port}"]
    run = scene.issue.start(NAME, "--json", "-v")
    run.wait_for("phase=present")
    wait_until(lambda: len(scene.issue.answers()) == 3, "the answer is there")
    children = run.children()
    scene.issue.solver = webroot(scene.issue.web)
    return run, children


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_while_answers_are_presented(scene, number):
    scene.register()
    listener, port = silent_listener()
    with listener:
        run, children = run_into_present(scene, port)

        run.send(number)
        result = run.wait(10)

    assert result.code == 128 + number
    is_killed = number == signal.SIGKILL
    assert len(scene.issue.answers()) == (3 if is_killed else 0)
    scene.assert_stopped(children)
    scene.continue_and_check(scene.issue.order_url(NAME))


def test_what_a_killed_run_presented_is_cleaned_up_although_the_order_is_gone(scene):
    scene.register()
    listener, port = silent_listener()
    with listener:
        run, _ = run_into_present(scene, port)
        run.send(signal.SIGKILL)
        run.wait(10)
    left = set(scene.issue.answers())

    url = scene.issue.order_url(NAME)
    scene.continue_and_check(url)

    assert len(left) == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_before_the_ca_is_asked(scene, number):
    """The solver never finishes being opened, and nothing is sent before that."""
    solver, scene.issue.solver = scene.issue.solver, [
        "--plugin-dir", PLUGINS, "--solver", "hang-open"]
    run = scene.issue.start(NAME, "-v", "--json")
    wait_until(run.children, "a plugin host is there")
    children = run.children()

    run.send(number)
    result = run.wait(10)

    assert result.code == 128 + number, result
    assert not scene.gate.requests
    scene.assert_stopped(children)
    scene.issue.solver = solver
    scene.continue_and_check()


def test_a_signal_in_cleanup_keeps_the_certificate(scene):
    scene.register()
    held = scene.gate.hold("/finalize-order", "before")
    run = scene.issue.start(NAME, "-v", "--json")
    held.wait()
    children = run.children()
    for pid in children:
        os.kill(pid, signal.SIGSTOP)
    scene.gate.open()
    run.wait_for("phase=cleanup")

    run.send(signal.SIGINT)
    for pid in children:
        os.kill(pid, signal.SIGCONT)
    result = run.wait(15)

    assert result.code in (0, 130), result
    assert is_whole(scene.issue, NAME)
    assert scene.issue.answers() == []
    scene.assert_stopped(children)


def test_kill_9_in_cleanup_leaves_it_to_the_next_run(scene):
    scene.register()
    held = scene.gate.hold("/finalize-order", "before")
    run = scene.issue.start(NAME, "-v", "--json")
    held.wait()
    children = run.children()
    for pid in children:
        os.kill(pid, signal.SIGSTOP)
    scene.gate.open()
    run.wait_for("phase=cleanup")

    run.send(signal.SIGKILL)
    run.wait(10)

    scene.assert_stopped(children)
    assert is_whole(scene.issue, NAME)
    # The kernel wakes an orphan that is stopped, so it may have got halfway.
    orders = scene.gate.count("/order-plz")
    result = scene.issue(NAME, "--json")
    assert result.code == 0, result
    assert scene.gate.count("/order-plz") == orders
    assert scene.issue.answers() == []
    assert scene.issue.journal(NAME) is None


def test_a_second_signal_does_not_hurry_the_cleanup_away(scene):
    scene.register()
    run, children = scene.run_to("/my-order", "before", 1)

    run.send(signal.SIGINT)
    run.send(signal.SIGINT)
    run.send(signal.SIGTERM)
    result = run.wait(15)

    assert result.code in (130, 143), result
    assert scene.issue.answers() == []
    scene.assert_stopped(children)


def test_a_plugin_that_is_in_present_is_told_to_stop_and_cleans_up(issuer, calm_pebble):
    issue = issuer(calm_pebble, solver=[
        "--plugin-dir", PLUGINS, "--solver", "slow-present"])
    run = issue.start(NAME, "-vv")
    run.wait_for("it takes its time")
    run.send(signal.SIGINT)
    result = run.wait()

    assert result.code == 128 + signal.SIGINT, result
    assert result.elapsed_s < 10, result
    assert "batch of 1: " + NAME in result.stderr, result      # its cleanup
    assert issue.journal(NAME) is None
