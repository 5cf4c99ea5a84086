# SPDX-License-Identifier: Apache-2.0
"""
installer-apache: which virtual host is whose, in configurations as people have them; and
a wildcard that a real name server proves.
"""
import http.client
import ssl

import pytest

from dns_world import *  # noqa: F403
from dns_world import executable
from httpd import BASE, leaf


@pytest.fixture
def old(authority):
    return authority.server(("a.test", "b.test"), stem="somebody-else")


@pytest.fixture
def simple(issuer, good_ca):
    """At a CA that believes everything."""
    return issuer(good_ca())


def is_served(server, issue, name, certificate=None):
    return server.served(name) == leaf(issue.current(certificate or name))


def test_a_wildcard_goes_to_every_host_that_it_covers(world, issue, httpd, authority):
    """Proven by dns-01; from a host without TLS, one with, and one with aliases."""
    old = authority.server(("shop.one.test",), stem="shop")
    server = httpd()
    server.add("zz-apex", server.plain("one.test", "\tServerAlias *.one.test\n"))
    shop = server.add("shop", server.secure("shop.one.test", old,
                                            "  ServerAlias b.a.one.test\n"))
    server.add("www", server.plain("www.one.test"))
    others = [server.add("deep", server.secure("x.y.one.test", old)),
              server.add("foreign", server.secure("one.test.example", old))]
    before = [path.read_bytes() for path in others]
    server.start()
    run = issue(world.rfc2136())

    result = run("one.test", "*.one.test", "--name", "wild", *server.options())

    assert result.code == 0, result
    for name in ("one.test", "shop.one.test", "www.one.test", "any.one.test"):
        assert is_served(server, run, name, "wild"), name
    assert not is_served(server, run, "x.y.one.test", "wild")
    assert [path.read_bytes() for path in others] == before
    assert f"{run.folder_of('wild')}/deployed/installer-apache/" in shop.read_text()
    assert "b.a.one.test" in result.stderr      # one label only: it is told

    before = server.snapshot()
    result = run.acmecore("renew", "--force")
    assert result.code == 0, result
    assert server.snapshot() == before
    assert is_served(server, run, "shop.one.test", "wild")


def test_a_copy_that_would_hide_another_host_is_not_made(simple, httpd, authority):
    """For Apache "*" is several labels, and the first host that has a name gets it."""
    old = authority.server(("x.y.a.test",), stem="deep")
    server = httpd()
    server.add("a", server.plain("a.test", "\tServerAlias *.a.test\n"))
    behind = server.add("b", server.secure("x.y.a.test", old))
    server.start()
    before = server.snapshot()

    result = simple("a.test", *server.options())

    assert result.code == 7, result
    assert f"would take the visitors of a virtual host behind it: put that one first " \
           f"({behind}:1)" in result.stderr
    assert server.snapshot() == before


def test_hosts_in_files_within_files(simple, httpd, old):
    """Include with patterns, a Define, and a name that stands among aliases."""
    server = httpd()
    (server.etc / "vhosts").mkdir()
    inner = server.etc / "vhosts/inner.inc"
    inner.write_text(server.secure("a.test", old, "  ServerAlias x.test ${WORD}.test\n")
                     + server.secure("b.test", old))
    server.add("outer", f"Define WORD b-alias\nInclude {server.etc}/vhosts/*.inc\n")
    server.start()

    result = simple("x.test", "b-alias.test", "--name", "n", *server.options())

    assert result.code == 0, result
    assert is_served(server, simple, "x.test", "n")
    assert is_served(server, simple, "b-alias.test", "n")
    assert not is_served(server, simple, "b.test", "n")
    assert inner.read_text().count("/deployed/") == 2


def test_what_a_macro_makes_is_left_alone(simple, httpd, old):
    server = httpd(modules=BASE + ("ssl", "macro"))
    macro = server.add("m", "<Macro Site $name>\n"
                       + server.secure("$name", old) + "</Macro>\nUse Site m.test\n")
    server.add("a", server.secure("a.test", old))
    server.start()
    before = macro.read_bytes()

    result = simple("a.test", "m.test", *server.options(probe_name="a.test"))

    assert result.code == 0, result
    assert "a macro makes it" in result.stderr
    assert is_served(server, simple, "a.test")
    assert macro.read_bytes() == before


def test_a_file_that_several_hosts_include_is_left_alone(simple, httpd, old):
    server = httpd()
    shared = server.etc / "tls.inc"
    shared.write_text(f"SSLCertificateFile {old[0]}\nSSLCertificateKeyFile {old[1]}\n")
    for name in "ab":
        server.add(name, f"<VirtualHost *:{server.tls_port}>\n ServerName {name}.test\n"
                   f" SSLEngine on\n Include {shared}\n</VirtualHost>\n")
    server.start()
    before = server.snapshot()

    result = simple("a.test", *server.options())

    assert result.code == 7, result
    assert "should stand in the virtual host itself" in result.stderr
    assert server.snapshot() == before


@pytest.mark.parametrize("modules, listens, words", [
    (BASE, True, "LoadModule ssl_module"),
    (BASE + ("ssl",), False, "Apache does not listen for TLS")], ids=["module", "port"])
def test_what_this_layout_has_no_way_for_is_said(simple, httpd, modules, listens, words):
    server = httpd(modules=modules)
    if not listens:
        server.config.write_text(server.config.read_text().replace(
            f"Listen 127.0.0.1:{server.tls_port}\n", ""))
    server.add("a", server.plain("a.test"))
    server.start()
    before = server.snapshot()

    result = simple("a.test", *server.options())

    assert result.code == 7, result
    assert words in result.stderr
    assert server.snapshot() == before


def test_unusual_bytes_stay(simple, httpd, old):
    """Comments that are no UTF-8, a very long line, odd quotes, depth, many directives."""
    server = httpd(modules=BASE + ("ssl", "rewrite", "setenvif"))
    long_line = "  RewriteRule ^/(" + "|".join(f"w{n}" for n in range(4000)) + ")$ /page\n"
    depth = "".join(f"{'  ' * n}<IfModule mod_ssl.c>\n" for n in range(20))
    depth += "</IfModule>\n" * 20
    more = (long_line + depth + "  SetEnvIf Host \"^a\\\"'.*$\" odd='x y'\n"
            + "".join(f"  RewriteRule ^/old{n}$ /page\n" for n in range(2000)))
    text = server.secure("a.test", old, more).encode()
    text = text.replace(b"  ServerName", b"  # gr\xfc\xdfe \xff \x01 \\\n  # and on\n  ServerName")
    site = server.add("a", text)
    server.start()

    result = simple("a.test", *server.options())

    assert result.code == 0, result
    folder = f"{simple.folder_of('a.test')}/deployed/installer-apache"
    assert site.read_bytes() == text.replace(
        f'"{old[0]}"'.encode(), f"{folder}/fullchain.pem".encode()).replace(
            str(old[1]).encode(), f"{folder}/privkey.pem".encode())
    assert is_served(server, simple, "a.test")
    assert result.elapsed_s < 30


def test_what_somebody_writes_meanwhile_is_not_lost(simple, httpd, old):
    """While Apache reloads; what is looked at is elsewhere, so all is taken back."""
    server = httpd()
    site = server.add("a", server.secure("a.test", old))
    control = executable(server.folder / "control", f"""#!/bin/sh
case "$*" in
    *graceful*) [ -e {server.folder}/edited ] || echo '# mine' >> {site}
                touch {server.folder}/edited ;;
esac
exec {server.program} "$@"
""")
    server.start()
    before = site.read_bytes()

    result = simple("a.test", *server.options(control=control, probe="127.0.0.1:1",
                                              probe_timeout=1))

    assert result.code == 7, result
    assert "was changed by somebody since" in result.stderr
    assert site.read_text().endswith("# mine\n")
    kept, = (simple.state / "plugins/installer-apache").glob("kept-*")
    assert kept.read_bytes() == before


def test_a_host_of_two_kinds_of_visitors_gets_hsts_once(simple, httpd, old):
    server = httpd(modules=BASE + ("ssl", "headers"))
    site = server.add("a", server.secure("a.test", old))
    server.start()

    assert simple("a.test", *server.options(hsts=300)).code == 0
    before = server.snapshot()
    assert simple.acmecore("renew", "--force").code == 0

    assert site.read_text().count("Strict-Transport-Security") == 1
    assert server.snapshot() == before
    context = ssl._create_unverified_context()
    connection = http.client.HTTPSConnection("127.0.0.1", server.tls_port, context=context)
    connection.request("GET", "/page", headers={"Host": "a.test"})
    assert connection.getresponse().headers["Strict-Transport-Security"] == "max-age=300"
    connection.close()
