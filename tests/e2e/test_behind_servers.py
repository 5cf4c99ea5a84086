# SPDX-License-Identifier: Apache-2.0
"""http01-webroot behind the very server that gets the certificate: nginx, HAProxy."""
import pytest

from installing import Haproxy, Nginx, leaf, served, settings
from issuing import WebServer, webroot
from running import wait_until


@pytest.fixture
def started(_stop_at_end):
    def keep(server):
        _stop_at_end.append(server)
        return server
    return keep


def issue_twice(issue, server, words):
    """The second time with what is remembered, once TLS is there."""
    for result in (issue("a.test", *words), issue.acmecore("renew", "--force")):
        assert result.code == 0, result
    # An old worker of nginx may answer a moment longer.
    wait_until(lambda: served(server.port) == leaf(issue.current("a.test")),
               "it is served")


def test_nginx_answers_for_its_own_certificate(issuer, calm_pebble, started):
    server = started(Nginx())
    (server.folder / "sites/plain.conf").write_text(f"""
server {{
    listen 127.0.0.1:{calm_pebble.http_port};
    server_name a.test;
}}
""")
    server.start()
    issue = issuer(calm_pebble, solver=webroot(server.folder / "root"))

    issue_twice(issue, server, server.options())

    assert not list((server.folder / "root").rglob("acme-challenge/*"))


def test_haproxy_answers_for_its_own_certificate(issuer, calm_pebble, started):
    server = started(Haproxy())
    behind = started(WebServer(server.folder))
    behind.start()
    with server.config.open("a") as config:
        config.write(f"""
frontend plain
    bind 127.0.0.1:{calm_pebble.http_port}
    default_backend pages
backend pages
    server one 127.0.0.1:{behind.port}
""")
    server.start()
    issue = issuer(calm_pebble, solver=webroot(server.folder))

    issue_twice(issue, server, settings(
        "installer-haproxy", file=server.file, socket=server.socket,
        probe=f"127.0.0.1:{server.port}"))

    assert not list(server.folder.rglob("acme-challenge/*"))
