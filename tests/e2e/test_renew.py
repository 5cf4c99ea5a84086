# SPDX-License-Identifier: Apache-2.0
"""renew: what is due, side by side, at a real CA."""
import json
import re
import shutil
import signal
import socket
import subprocess
import threading

import pytest

from dns_world import executable
from issuing import is_whole, names_of
from program import is_sanitized
from running import ROOT, wait_until

FAKETIME = "/usr/$LIB/faketime/libfaketimeMT.so.1"    # the loader knows $LIB


def at(when):
    """
    Environment of a run at another time; waiting takes as long as it takes. The CA stays
    in the present and says so, hence --trust-clock.
    """
    return {"LD_PRELOAD": FAKETIME, "FAKETIME": when, "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_NO_CACHE": "1"}


def state_of(issuer, name):
    return json.loads((issuer.folder_of(name) / "state.json").read_text())


def version_of(issuer, name):
    return (issuer.folder_of(name) / "current").readlink().name


def hold(issuer, *names):
    for name in names:
        result = issuer(name)
        assert result.code == 0, result


@pytest.fixture
def serve(issuer, web):
    """An issuer whose web root is served where this CA looks."""
    def make(ca, behind=None):
        own = issuer(ca)
        web(own.web, (behind or ca).http_port)
        return own
    return make


needs_faketime = pytest.mark.skipif(is_sanitized(), reason="libfaketime and ASan clash")


def test_nothing_due_asks_nobody(acmecore, serve, pebble):
    ca = pebble()
    own = serve(ca)
    hold(own, "a.test")
    ca.stop()

    result = acmecore("renew")

    assert result.code == 0, result
    assert "1 certificate looked at, 0 due; next: 20" in result.stdout
    assert result.stderr == ""


@needs_faketime
def test_due_by_age_is_renewed_from_what_is_remembered(acmecore, serve, calm_pebble):
    own = serve(calm_pebble)
    hold(own, "a.test", "b.test")

    result = acmecore("renew", "--trust-clock", "--json", env=at("+61d"))

    assert result.code == 0, result
    assert result.json["renewed"] == 2
    assert {each["name"]: each["result"] for each in result.json["certificates"]} == {
        "a.test": "renewed", "b.test": "renewed"}
    assert version_of(own, "a.test") == "0002"
    assert own.answers() in ([], [".well-known", ".well-known/acme-challenge"])


@needs_faketime
def test_window_that_the_ca_moved_is_asked_for_and_followed(acmecore, serve, calm_pebble):
    own = serve(calm_pebble)
    hold(own, "a.test", "b.test")
    leaf = own.current("a.test", "cert.pem").decode()
    calm_pebble.set_renewal_info(leaf, json.dumps({"suggestedWindow": {
        "start": "2020-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z"}}))

    result = acmecore("renew", "--trust-clock", "--json", env=at("+7h"))

    assert result.code == 0, result
    assert [(each["name"], each["reason"]) for each in result.json["certificates"]] == [
        ("a.test", "suggested")]
    assert version_of(own, "a.test") == "0002" and version_of(own, "b.test") == "0001"


@needs_faketime
def test_many_due_at_once_go_side_by_side(acmecore, serve, calm_pebble):
    own = serve(calm_pebble)
    names = [f"n{number}.test" for number in range(24)]
    hold(own, *names)

    result = acmecore("renew", "--trust-clock", "--jobs", "8", "--json", env=at("+61d"))

    assert result.code == 0, result
    assert result.json["renewed"] == len(names)
    assert {version_of(own, name) for name in names} == {"0002"}
    assert not own.litter()


@needs_faketime
def test_outage_is_told_once_noted_and_not_repeated_at_once(acmecore, serve, pebble):
    ca = pebble()
    own = serve(ca)
    names = [f"n{number}.test" for number in range(12)]
    hold(own, *names)
    ca.stop()

    result = acmecore("renew", "--trust-clock", "--jobs", "2", env=at("+61d"))

    assert result.code == 5, result
    assert result.stderr.count("could not be reached") + result.stderr.count(
        "connect") <= 4, result
    assert "not tried" in result.stdout
    tried = [name for name in names if state_of(own, name).get("trouble")]
    assert 1 <= len(tried) <= 4
    assert state_of(own, tried[0])["trouble"]["failures"] == 1
    assert {version_of(own, name) for name in names} == {"0001"}


@needs_faketime
def test_after_a_failure_the_next_run_waits(acmecore, serve, pebble):
    ca = pebble()
    own = serve(ca)
    hold(own, "a.test")
    ca.stop()
    first = acmecore("renew", "--trust-clock", env=at("+61d"))

    second = acmecore("renew", "--trust-clock", env=at("+61d"))

    assert first.code == 5 and "not tried again before" in first.stderr, first
    assert second.code == 20 and "0 due" in second.stdout, second


def test_forced_and_dry(acmecore, serve, calm_pebble):
    own = serve(calm_pebble)
    hold(own, "a.test", "b.test")

    dry = acmecore("renew", "--dry-run", "--force", "b.test")
    forced = acmecore("renew", "--force", "b.test")

    assert dry.code == 0 and dry.stdout.startswith("b.test: would be renewed (forced)\n")
    assert forced.code == 0 and "1 renewed, 0 failed" in forced.stdout, forced
    assert version_of(own, "a.test") == "0001" and version_of(own, "b.test") == "0002"


def test_interrupted_it_cleans_up_and_keeps_everything(acmecore, serve, gate, calm_pebble):
    through = gate(calm_pebble)
    own = serve(through, calm_pebble)
    hold(own, "a.test", "b.test", "c.test")
    held = through.hold("/finalize-order", "before")

    run = acmecore.start("renew", "--force", "--jobs", "1")
    held.wait()
    run.send(signal.SIGINT)
    result = run.wait()
    through.open()

    assert result.code == 130, result
    assert "2 not tried" in result.stdout
    assert all(version_of(own, name) == "0001" for name in ("a.test", "b.test", "c.test"))
    assert not [name for name in own.answers() if name.count("/") > 1]


def test_two_at_once_share_the_work(acmecore, serve, gate, calm_pebble):
    through = gate(calm_pebble)
    own = serve(through, calm_pebble)
    hold(own, "a.test")
    held = through.hold("/finalize-order", "before")
    first = acmecore.start("renew", "--force")
    held.wait()

    second = acmecore("renew", "--force")
    through.open()

    assert second.code == 8, second
    assert first.wait().code == 0
    assert version_of(own, "a.test") == "0002"


def test_what_a_killed_run_left_is_cleaned_up(acmecore, serve, gate, calm_pebble):
    through = gate(calm_pebble)
    own = serve(through, calm_pebble)
    hold(own, "a.test")
    held = through.hold("/chalZ/", "before")
    run = own.start("a.test", "--force")
    held.wait()
    run.send(signal.SIGKILL)
    run.wait()
    through.open()
    wait_until(lambda: not run.children(), lambda: "its plugin host is still there")

    result = acmecore("renew")

    assert result.code == 0, result
    assert not [name for name in own.answers() if name.count("/") > 1]
    assert version_of(own, "a.test") == "0002"      # the order was continued


# ---- the configuration

def configure(tmp_path, own, ca, *certificates):
    path = tmp_path / "acmecore.conf"
    path.write_text(f"""
agree-tos = true
self-check = off
ca "lab" {{ directory = "{ca.directory_url}"  ca-file = "{ca.ca_file}" }}
ca "down" {{ directory = "https://127.0.0.1:1/dir" }}
solver "web" {{ plugin = "http01-webroot"  options {{ path = "{own.web}" }} }}
solvers = {{"web"}}
ca = {{"lab"}}
""" + "\n".join(certificates))
    return path


def results(result):
    return {each["name"]: (each["result"], each["reason"])
            for each in result.json["certificates"]}


def test_store_is_made_to_match_the_configuration(acmecore, serve, calm_pebble, tmp_path):
    own = serve(calm_pebble)
    www = 'certificate "www" { identifiers = {"w1.test", "w2.test"} }'
    api = 'certificate "api" { identifiers = {"api.test"}  key-type = ecdsa-p384 }'
    path = configure(tmp_path, own, calm_pebble, www, api)

    first = acmecore("renew", "--json", "--config", path)
    again = acmecore("renew", "--json", "--config", path)
    configure(tmp_path, own, calm_pebble, www.replace("w2.test", "w3.test"), api)
    changed = acmecore("renew", "--json", "--config", path)
    configure(tmp_path, own, calm_pebble, api)
    fewer = acmecore("renew", "--json", "--config", path)
    pruned = acmecore("renew", "--json", "--prune", "--config", path)

    assert first.code == 0, first
    assert results(first) == {"api": ("renewed", "missing"), "www": ("renewed", "missing")}
    assert results(again) == {} and again.json["requests"] == 0
    assert results(changed) == {"www": ("renewed", "changed")}
    assert results(fewer) == {"www": ("unwanted", "fresh")}
    assert results(pruned) == {"www": ("archived", "fresh")}
    assert not own.folder_of("www").exists() and own.has_certificate("api")
    assert (own.state / "archive/www/current/privkey.pem").exists()


def test_a_full_standard_output_keeps_no_server_from_its_certificate(
        acmecore, good_ca, issuer, tmp_path):
    """Nor does the line about one that is not wanted any more."""
    ca = good_ca()
    own = issuer(ca)
    told = tmp_path / "told"
    tell = executable(tmp_path / "tell", f"#!/bin/sh\ncat >> {told}\n")
    copy = (f'installer "copy" {{ plugin = "installer-files"\n'
            f'  options {{ fullchain = "{tmp_path}/site.pem" }} }}\n'
            f'notify "{tell.name}" {{ command = {{"{tell}"}} }}')
    www = 'certificate "www" { identifiers = {"w1.test"}  installers = {"copy"} }'
    old = 'certificate "old" { identifiers = {"old.test"} }'
    path = configure(tmp_path, own, ca, copy, www, old)
    assert acmecore("renew", "--config", path).code == 0
    configure(tmp_path, own, ca, copy, www)
    told.unlink()

    result = acmecore("renew", "--force", "--config", path,
                      prefix=("sh", "-c", 'exec "$0" "$@" >/dev/full'))

    assert result.code == 9 and "standard output" in result.stderr, result
    assert version_of(own, "www") == "0002" and version_of(own, "old") == "0001"
    assert (tmp_path / "site.pem").read_bytes() == own.current("www")
    assert "renewed" in [event["event"] for event in json.loads(told.read_text())["events"]]


def test_a_key_that_is_damaged_is_not_reused(good_ca, issuer):
    own = issuer(good_ca())
    assert own("a.test", "--reuse-key").code == 0
    key = own.folder_of("a.test") / "current/privkey.pem"
    key.write_bytes(key.read_bytes()[:60])

    result = own.acmecore("renew", "--force", "--json")

    assert result.code == 0, result
    assert results(result) == {"a.test": ("renewed", "forced")}
    assert "privkey.pem" in result.json["certificates"][0]["warnings"][0]
    assert is_whole(own, "a.test")


@pytest.mark.parametrize("wrong", [
    "nonsense = 1", 'certificate "mail" {', 'certificate "mail" { solvers = {"gone"} }',
    'nonsense = 1\ncontact = {"ops at example"}'])
def test_wrong_configuration_costs_no_certificate_that_is_held(
        acmecore, serve, calm_pebble, tmp_path, wrong):
    """It is renewed as it was asked for last; nothing is new, changed or unwanted."""
    own = serve(calm_pebble)
    www = 'certificate "www" { identifiers = {"w1.test"} }'
    api = 'certificate "api" { identifiers = {"api.test"} }'
    path = configure(tmp_path, own, calm_pebble, www, api)
    assert acmecore("renew", "--config", path).code == 0
    key = own.current("www", "privkey.pem")
    configure(tmp_path, own, calm_pebble, www.replace("w1", "w2"),
              'certificate "new" { identifiers = {"new.test"} }', wrong)

    quiet = acmecore("renew", "--json", "--prune", "--config", path)
    forced = acmecore("renew", "--json", "--prune", "--force", "--config", path)

    assert quiet.code == 2 and results(quiet) == {}, quiet
    assert quiet.json["error"]["exit"] == 2
    assert "is renewed as it was asked for last" in quiet.stderr, quiet
    assert forced.code == 2 and results(forced) == {
        "api": ("renewed", "forced"), "www": ("renewed", "forced")}, forced
    assert version_of(own, "www") == "0002" and key != own.current("www", "privkey.pem")
    assert names_of(own.current("www")) == {"DNS:w1.test"}


def test_what_was_given_up_stays_so_while_the_configuration_is_wrong(
        acmecore, serve, calm_pebble, tmp_path):
    own = serve(calm_pebble)
    old = 'certificate "old" { identifiers = {"old.test"} }'
    api = 'certificate "api" { identifiers = {"api.test"} }'

    def renew(*words):
        configure(tmp_path, own, calm_pebble, *words)
        done = acmecore("renew", "--json", "--force", "--prune", "--config", path)
        return {each["name"]: each["result"] for each in done.json["certificates"]}
    path = configure(tmp_path, own, calm_pebble, old, api)
    assert acmecore("renew", "--config", path).code == 0
    configure(tmp_path, own, calm_pebble, api)
    fewer = acmecore("renew", "--json", "--config", path)

    wrong = renew(api, "nonsense = 1")
    stays = own.has_certificate("old")
    again = renew(old, api)
    wrong_again = renew(api, "nonsense = 1")

    assert results(fewer) == {"old": ("unwanted", "fresh")}
    assert wrong == {"api": "renewed", "old": "unwanted"} and stays
    assert again == wrong_again == {"api": "renewed", "old": "renewed"}


def kill_amid_challenge(ca, acmecore, *words):
    """The run is killed when the CA is told to look at what was presented."""
    started = threading.Event()

    def kill(_ca, _request, act):
        started.wait()
        run.send(signal.SIGKILL)
        act()
    ca.script("challenge", kill)
    run = acmecore.start(*words)
    started.set()
    run.wait()


def presented(own):
    return [path for path in own.web.rglob("*") if not path.is_dir()]


def test_what_a_killed_renewal_presented_does_not_stay_when_it_is_pruned(
        acmecore, good_ca, issuer, tmp_path):
    ca = good_ca()
    own = issuer(ca)
    path = configure(tmp_path, own, ca, 'certificate "www" { identifiers = {"w1.test"} }')
    assert acmecore("renew", "--config", path).code == 0
    kill_amid_challenge(ca, acmecore, "renew", "--force", "--config", path)
    assert presented(own) != []
    configure(tmp_path, own, ca)

    result = acmecore("renew", "--json", "--prune", "--config", path)

    assert result.code == 0 and results(result) == {"www": ("archived", "interrupted")}, result
    assert presented(own) == [] and (own.state / "archive/www").is_dir()


def test_what_a_killed_first_issue_presented_is_taken_down_by_renew(acmecore, good_ca, issuer):
    ca = good_ca()
    own = issuer(ca)
    kill_amid_challenge(ca, acmecore, *own.words("a.test"))
    assert presented(own) != []
    asked = len(ca.requests)

    result = acmecore("renew")

    assert result.code == 0 and presented(own) == [], result
    assert len(ca.requests) == asked


def test_next_ca_is_asked_and_that_is_no_change(acmecore, serve, calm_pebble, tmp_path):
    own = serve(calm_pebble)
    path = configure(tmp_path, own, calm_pebble,
                     'certificate "api" { identifiers = {"api.test"} ca = {"down", "lab"} }')

    first = acmecore("renew", "--json", "--config", path)
    again = acmecore("renew", "--json", "--config", path)

    assert first.code == 0, str(first)
    assert results(first) == {"api": ("renewed", "missing")}
    assert again.code == 0 and results(again) == {}, again


def test_certificates_of_the_command_line_are_renewed_beside_it(acmecore, serve,
                                                                 calm_pebble, tmp_path):
    own = serve(calm_pebble)
    hold(own, "byhand.test")
    path = configure(tmp_path, own, calm_pebble,
                     'certificate "www" { identifiers = {"w1.test"} }')

    result = acmecore("renew", "--json", "--force", "--config", path)

    assert result.code == 0, result
    assert results(result) == {"byhand.test": ("renewed", "forced"),
                               "www": ("renewed", "missing")}


# ---- running for ever

def notifications(path):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(str(path))
    listener.settimeout(20)
    return listener


def test_watch_tells_the_service_manager_reloads_and_ends(acmecore, serve, calm_pebble,
                                                           tmp_path):
    own = serve(calm_pebble)
    path = configure(tmp_path, own, calm_pebble)
    listener = notifications(tmp_path / "notify")

    run = acmecore.start("renew", "--watch", "--config", path,
                         env={"NOTIFY_SOCKET": str(tmp_path / "notify")})
    ready, asleep = (listener.recv(512).decode() for _ in range(2))
    configure(tmp_path, own, calm_pebble,
              'certificate "www" { identifiers = {"w1.test"} }')
    run.send(signal.SIGHUP)
    reloading = listener.recv(512).decode()
    again, asleep_again = (listener.recv(512).decode() for _ in range(2))
    run.send(signal.SIGTERM)
    stopping = listener.recv(512).decode()
    result = run.wait()

    assert ready == "READY=1\nSTATUS=looks at what is due"
    assert asleep.startswith("READY=1\nSTATUS=looks again at 20")
    assert reloading.startswith("RELOADING=1\nMONOTONIC_USEC=")
    assert again == ready and asleep_again.startswith("READY=1\n")
    assert stopping.startswith("STOPPING=1")
    assert result.code == 0 and "www: issued: version 1" in result.stdout, result
    assert own.has_certificate("www")


def test_watch_survives_a_configuration_that_breaks(acmecore, serve, calm_pebble, tmp_path):
    own = serve(calm_pebble)
    path = configure(tmp_path, own, calm_pebble)
    listener = notifications(tmp_path / "notify")
    run = acmecore.start("renew", "--watch", "--config", path,
                         env={"NOTIFY_SOCKET": str(tmp_path / "notify")})
    listener.recv(512), listener.recv(512)

    path.write_text("nonsense = {")
    run.send(signal.SIGHUP)
    run.wait_for("until that is mended")
    *_, asleep = (listener.recv(512).decode() for _ in range(3))
    configure(tmp_path, own, calm_pebble,
              'certificate "www" { identifiers = {"w1.test"} }')
    run.send(signal.SIGHUP)
    run.wait_for("www: issued")
    run.send(signal.SIGTERM)

    assert run.wait().code == 0
    assert "STATUS=the configuration is wrong; looks again at 20" in asleep


def test_watch_with_a_wrong_first_configuration_does_not_stay(acmecore, tmp_path):
    path = tmp_path / "acmecore.conf"
    path.write_text("nonsense = 1\n")

    result = acmecore("renew", "--watch", "--config", path)

    assert result.code == 2 and "nonsense" in result.stderr, result


@pytest.mark.parametrize("unit", ["acmecore.service", "acmecore-watch.service"])
def test_units_let_a_rollback_end(unit):
    """What is not put back when systemd kills it is what is served from then on."""
    text = (ROOT / "packaging" / unit).read_text()
    parts = (ROOT / "core/engine/deploy/deploy_parts.h").read_text()
    ending_ms, = re.findall(r"#define AC_DEPLOY_ENDING_MS +(\d+)", parts)

    minutes, = re.findall(r"^TimeoutStopSec=(\d+)min$", text, re.MULTILINE)

    assert int(minutes) * 60000 > int(ending_ms)


def test_units_are_what_systemd_takes(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.fail("systemd-analyze is missing; scripts/bootstrap installs it")
    for unit in ("acmecore.service", "acmecore-watch.service", "acmecore.timer"):
        text = (ROOT / "packaging" / unit).read_text()
        (tmp_path / unit).write_text(
            text.replace("@ACMECORE_BINDIR@/acmecore", "/bin/true"))
    result = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *sorted(tmp_path.glob("acmecore*"))],
        capture_output=True, text=True, timeout=60, check=False)

    ours = [line for line in result.stderr.splitlines() if "acmecore" in line]
    assert result.returncode == 0 and not ours, result.stderr
