# SPDX-License-Identifier: Apache-2.0
"""The way to the CA: reached, trusted, and by one run at a time."""
import signal

import pytest

from certificates import Authority
from issuing import is_whole
from running import free_port

NAME = "a.test"


class Nowhere:
    """What an Issuer needs of a CA that cannot be reached."""

    def __init__(self, url, ca_file):
        self.directory_url, self.ca_file = url, ca_file


def test_a_ca_that_refuses_connections(issuer, authority):
    port = free_port()
    issue = issuer(Nowhere(f"https://localhost:{port}/dir", authority.path))

    result = issue(NAME, "--json")

    assert result.code == 5, result
    assert str(port) in result.json["error"]["message"]
    assert result.json["error"]["hint"] == "ca-unreachable"
    assert result.elapsed_s < 15


def test_a_ca_whose_name_does_not_resolve(issuer, authority):
    issue = issuer(Nowhere("https://ca.invalid/dir", authority.path))

    result = issue(NAME, "--json")

    assert result.code == 5, result
    assert "ca.invalid" in result.json["error"]["message"]
    assert "resolve" in result.json["error"]["message"]


def test_a_certificate_of_the_ca_that_nobody_trusts(issuer, calm_pebble, tmp_path):
    before = calm_pebble.requests()
    issue = issuer(calm_pebble)
    issue.at_ca = lambda: ["--server", calm_pebble.directory_url]

    result = issue(NAME)

    assert result.code == 5, result
    assert "--ca-file" in result.stderr
    assert calm_pebble.requests() == before


@pytest.mark.parametrize("kind", ["other-root", "other-name", "expired"])
def test_a_certificate_of_the_ca_that_does_not_fit(issuer, good_ca, tmp_path, authority,
                                                   kind):
    names, signer, more = ("localhost", "127.0.0.1"), authority, {}
    if kind == "other-root":
        signer = Authority(tmp_path / "other", "other root")
    elif kind == "other-name":
        names = ("elsewhere.test",)
    else:
        more = {"start": "2020-01-01 00:00:00", "end": "2020-02-01 00:00:00"}
    chain, key = signer.server(names, stem=f"odd-{kind}")
    if more:
        chain.write_bytes(signer.sign(names, privkey=key, **more))
    issue = issuer(good_ca(certificate=(chain, key)))

    result = issue(NAME)

    assert result.code == 5, result
    assert "certificate" in result.stderr
    assert issue.ca.requests == []


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_a_ca_file_that_is_none(issuer, good_ca, tmp_path, content):
    ca = good_ca()
    ca.ca_file = tmp_path / "roots.pem"
    if content is not None:
        ca.ca_file.write_text(content)

    result = issuer(ca)(NAME)

    assert result.code == 2, result
    assert "roots.pem" in result.stderr
    assert ca.requests == []


def test_plain_http_is_for_a_lab_only(issuer, good_ca):
    ca = good_ca(tls=False)
    issue = issuer(ca)

    refused = issue(NAME)
    allowed = issue(NAME, "--insecure-http")

    assert refused.code in (2, 5), refused
    assert "http" in refused.stderr
    assert allowed.code == 0, allowed
    assert ca.of("newOrder")


@pytest.mark.parametrize("url", ["ftp://localhost/", "localhost", "https://", "nobody",
                                 "file:///etc/passwd", "https://a b/"])
def test_a_server_that_is_no_url(issuer, authority, url):
    result = issuer(Nowhere(url, authority.path))(NAME)

    assert result.code in (2, 5), result
    assert len(result.stderr) > 20


def test_two_runs_at_once(issuer, good_ca):
    ca = good_ca(processing_polls=10**6, retry_after="0")
    issue = issuer(ca)
    first = issue.start(NAME, "-v", "--timeout", "30")
    first.wait_for("phase=issue")

    second = issue(NAME, "--json")
    other = issue("b.test", "--timeout", "1")
    ca.mini.orders["1"]["polls"] = 0

    assert second.code == 8, second
    assert str(first.pid) in second.json["error"]["message"]
    assert second.elapsed_s < 5
    assert other.code != 8, other    # another certificate is nobody's business
    assert first.wait().code == 0
    assert is_whole(issue, NAME)


def test_a_lock_of_a_killed_run_holds_nobody_up(issuer, good_ca):
    ca = good_ca(processing_polls=10**6, retry_after="0")
    issue = issuer(ca)
    first = issue.start(NAME, "-v", "--timeout", "30")
    first.wait_for("phase=issue")
    first.send(signal.SIGKILL)
    first.wait()
    ca.mini.orders["1"]["polls"] = 0

    assert issue(NAME).code == 0


def test_one_connection_is_enough(issuer, good_ca):
    ca = good_ca()

    assert issuer(ca)(NAME).code == 0

    assert ca.connections <= 2


def test_a_proxy_of_the_environment_does_not_get_the_self_check(issuer, good_ca, web):
    issue = issuer(good_ca())
    server = web(issue.web)
    issue.solver[-1:] = ["require", "--self-check-via", f"127.0.0.1:{server.port}"]

    result = issue(NAME, env={"http_proxy": f"http://127.0.0.1:{free_port()}",
                              "HTTP_PROXY": f"http://127.0.0.1:{free_port()}"})

    assert result.code == 0, result
