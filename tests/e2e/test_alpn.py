# SPDX-License-Identifier: Apache-2.0
"""tls-alpn-01 (RFC 8737, RFC 8738): the proof itself, and everybody else at that port."""
import pytest

from issuing import is_whole, names_of, standalone, text_of, verifies
from tls_world import alpn


@pytest.mark.parametrize("count", [1, 20])
def test_names_are_proven(issuer, calm_pebble, tmp_path, count):
    names = [f"alpn{number}.example.test" for number in range(count)]
    issue = issuer(calm_pebble, solver=alpn(calm_pebble.tls_port))

    result = issue(*names, "--json")

    assert result.code == 0, result
    full = issue.current(names[0])
    assert names_of(full) == {f"DNS:{name}" for name in names}
    assert verifies(tmp_path, calm_pebble.root(), full)
    assert is_whole(issue, names[0])
    assert issue.journal(names[0]) is None


@pytest.mark.parametrize("address, shown", [("127.0.0.1", "127.0.0.1"),
                                            ("::1", "0:0:0:0:0:0:0:1")])
def test_addresses_are_proven(issuer, calm_pebble, tmp_path, address, shown):
    """RFC 8738: asked for by the name in the reverse zone, named as an address."""
    issue = issuer(calm_pebble, solver=alpn(calm_pebble.tls_port, address))

    result = issue(address, "--json")

    assert result.code == 0, result
    full = issue.current(result.json["certificate"]["name"])
    assert names_of(full) == {f"IP Address:{shown}"}
    assert text_of(full, "-subject").strip() in ("subject=", "subject =")
    assert verifies(tmp_path, calm_pebble.root(), full)


def test_names_and_addresses_by_both_types_in_one_order(issuer, calm_pebble):
    """Each identifier by the solver that its pattern names."""
    http = standalone(calm_pebble.http_port, "127.0.0.1")
    issue = issuer(calm_pebble, solver=[
        *http, *alpn(calm_pebble.tls_port)[2:],
        "--solver", "*.by-tls.test=tlsalpn01-standalone",
        "--solver", "127.0.0.1=tlsalpn01-standalone"])

    result = issue("by-http.test", "a.by-tls.test", "127.0.0.1")

    assert result.code == 0, result
    assert names_of(issue.current("by-http.test")) == {
        "DNS:by-http.test", "DNS:a.by-tls.test", "IP Address:127.0.0.1"}
