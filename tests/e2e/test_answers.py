# SPDX-License-Identifier: Apache-2.0
"""Answers and what sees them: the self-check, validators, the bytes that are served."""
import threading
import urllib.error
import urllib.request

import pytest

import replies
from issuing import WebServer, standalone, webroot
from mini_ca import thumbprint
from running import free_port

NAME = "a.test"


def http_validate(port):
    """As a CA would: over HTTP, from outside."""
    def validate(identifier, challenge, key):
        url = f"http://127.0.0.1:{port}/.well-known/acme-challenge/{challenge['token']}"
        request = urllib.request.Request(url, headers={"Host": identifier["value"]})
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                got = answer.read().decode().strip()
        except (urllib.error.URLError, OSError) as error:
            got = str(error)
        return None if got == key else {
            "type": replies.PROBLEM + "unauthorized", "detail": f"got {got}", "status": 403}
    return validate


def test_the_body_is_the_key_authorization_of_the_account_key(issuer, good_ca, web):
    issue = issuer(good_ca())
    server = web(issue.web)
    issue.ca.mini.validate = http_validate(server.port)

    assert issue(NAME, "b.test").code == 0

    jwk = issue.ca.of("newAccount")[0].protected["jwk"]
    assert thumbprint(jwk) in next(iter(issue.ca.mini.accounts))


@pytest.mark.parametrize("mode, code", [("warn", 0), ("require", 4)])
def test_a_self_check_that_sees_nothing(issuer, good_ca, mode, code):
    issue = issuer(good_ca())
    port = free_port()
    issue.solver = webroot(issue.web, mode) + ["--self-check-via", f"127.0.0.1:{port}"]

    result = issue(NAME, "--json")

    assert result.code == code, result
    said = " ".join(result.json["warnings"]) + str(result.json.get("error"))
    assert "self-check" in said and NAME in said
    assert bool(issue.ca.of("challenge")) == (code == 0)
    assert issue.answers() == []


def test_a_self_check_that_sees_another_answer_shows_it(issuer, good_ca, tmp_path):
    other = tmp_path / "other/.well-known/acme-challenge"
    other.mkdir(parents=True)
    token = "t" * 43
    (other / token).write_text("somebody \x1b[31melse")
    server = WebServer(tmp_path / "other").start()
    try:
        issue = issuer(good_ca(token=lambda: token))
        issue.solver = webroot(issue.web, "require") + [
            "--self-check-via", f"127.0.0.1:{server.port}"]
        result = issue(NAME)
    finally:
        server.stop()

    assert result.code == 4, result
    assert "somebody" in result.stderr and "\x1b" not in result.stderr


def test_nothing_is_told_before_the_self_check_saw_the_answer(issuer, good_ca, web):
    issue = issuer(good_ca())
    server = web(issue.web)
    seen = []
    issue.ca.always("challenge", lambda _ca, _request, act: (
        seen.append(len(server.paths)), act())[1])
    issue.solver = webroot(issue.web, "require") + [
        "--self-check-via", f"127.0.0.1:{server.port}"]

    assert issue(NAME).code == 0

    assert seen == [1]


FEW = 32        # descriptors that a shell leaves us
MANY = 40       # certificates at once, each with a lock


def test_many_at_once_with_a_low_soft_limit_of_descriptors(acmecore, good_ca, web, tmp_path):
    ca = good_ca()
    (tmp_path / "web").mkdir()
    server = web(tmp_path / "web")
    path = tmp_path / "many.conf"
    path.write_text("\n".join([
        "agree-tos = true", 'ca = "lab"',
        f'ca "lab" {{ directory = "{ca.directory_url}" ca-file = "{ca.ca_file}" }}',
        'solver "web" { plugin = "http01-webroot"'
        f' options {{ path = "{tmp_path / "web"}" }} }}',
        *(f'certificate "n{number}" {{ identifiers = {{"n{number}.test"}}'
          ' solvers = {"web"} self-check = "require"'
          f' self-check-via = "127.0.0.1:{server.port}" }}' for number in range(MANY)), ""]))
    path.chmod(0o644)

    result = acmecore("renew", "--config", path, "--jobs", str(MANY), "--json",
                      prefix=("sh", "-c", f'ulimit -Sn {FEW}; exec "$@"', "sh"))

    assert result.code == 0, result
    assert result.json["renewed"] == MANY
    assert len(set(server.paths)) == MANY


def test_many_validators_at_once(issuer, good_ca):
    """All of a big batch is asked for at once, several times, while it is presented."""
    port = free_port()
    issue = issuer(good_ca(), solver=standalone(port))
    faults = []
    validate = http_validate(port)

    def crowd(identifier, challenge, key):
        def one():
            fault = validate(identifier, challenge, key)
            if fault:
                faults.append(fault)
        threads = [threading.Thread(target=one) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return None

    issue.ca.mini.validate = crowd

    result = issue(*[f"n{number}.test" for number in range(5)])

    assert result.code == 0, result
    assert faults == []
