# SPDX-License-Identifier: Apache-2.0
"""
A small internet in a network namespace: a resolver with a root of its own, BIND and Knot
as primaries, and a Pebble that resolves through them. A test module imports `world`.

    127.0.0.1    the resolver that acmecore asks
    127.0.0.2    the resolver of the CA; neither remembers anything for over a second
    127.0.0.53   named: one.test, two.test, lag.test, trio.test, split.test, six.test
    127.0.0.54   knotd: three.test, four.test
    127.0.0.55   named, secondary of lag.test and trio.test, which nobody notifies
    127.0.0.56   named: a split.test of its own, which nobody outside sees
    127.0.0.57   free for a test's own, as is 127.0.0.58
    127.0.0.99   nobody; the third server of trio.test
"""
import pytest

import dns_servers
from dns_servers import Knot, Named, Resolver, Secondary
from issuing import is_whole, names_of, verifies
from namespace import own_network
from pebble import Pebble
from running import wait_until

__all__ = ["world", "issue", "my_dns"]

CAA_IDENTITY = "pebble.letsencrypt.org"
QUICK = {"retryAfter": {"authz": 0, "order": 0}, "caaIdentities": [CAA_IDENTITY]}
RESOLVER, CA_RESOLVER, FIRST, SECOND, LATE, INSIDE, CLOCK, DEAD = (
    "127.0.0.1", "127.0.0.2", "127.0.0.53", "127.0.0.54", "127.0.0.55", "127.0.0.56",
    "127.0.0.57", "127.0.0.99")
FIRST6, DEAD6 = "fd00::53", "fd00::99"
# One key only; and a second one for one name.
TWO_POLICY = ("grant key-hmac-sha256 zonesub TXT;"
              " grant key-hmac-sha384 name _acme-challenge.open.two.test. TXT;")
FOUR_ACL = ["key: key-hmac-sha256", "action: update", "update-type: TXT"]
HOST_RECORDS = ["www A 127.0.0.1", "web A 127.0.0.1"]


def challenge(name):
    return f"_acme-challenge.{name}"


def options(plugin, **values):
    """--set for each; "_" stands for "-", a list gives several."""
    words = ["--set", f"{plugin}.resolver={RESOLVER}"]
    for name, value in values.items():
        for each in value if isinstance(value, (list, tuple)) else [value]:
            words += ["--set", f"{plugin}.{name.replace('_', '-')}={each}"]
    return words


class World:
    def __init__(self, folder, authority):
        first = [FIRST, FIRST6] if dns_servers.has_ipv6() else [FIRST]
        self.servers = {
            "one.test": first, "two.test": [FIRST], "three.test": [SECOND],
            "four.test": [SECOND],
            "lag.test": [FIRST, LATE], "trio.test": [FIRST, LATE, DEAD],
            "split.test": [FIRST, INSIDE], "six.test": [FIRST]}
        self.resolvers = [
            Resolver(folder / f"resolver-{host}", self.servers, at=(host, 53),
                     fixed={"split.test": FIRST}) for host in (RESOLVER, CA_RESOLVER)]
        zones = {apex: [] for apex in self.servers if SECOND not in self.servers[apex]}
        zones["one.test"] = [
            *HOST_RECORDS, f"{challenge('away')} CNAME away.two.test.",
            f"{challenge('far')} CNAME far.three.test.",
            f"{challenge('kept')} 300 TXT \"somebody else's\"",
            f"{challenge('circle')} CNAME one.circle", "one.circle CNAME two.circle",
            f"two.circle CNAME {challenge('circle')}",
            "dn DNAME dn.two.test", f"{challenge('long')} CNAME a.long",
            *(f"{a}.long CNAME {b}.long" for a, b in zip("abcdefg", "bcdefgh")),
            "h.long CNAME far.three.test.", "*.wild 300 TXT \"for all\"",
            f"{challenge('zero')} 0 TXT \"somebody else's\"",
            "strict CAA 0 issue \"other.example\"",
            f"by-http CAA 0 issue \"{CAA_IDENTITY}; validationmethods=http-01\"",
            "below NS ns.below", "ns.below A 127.0.0.98"]
        # Its one server has a second address, where nobody is.
        zones["six.test"] = [f"ns1 AAAA {DEAD6}"]
        self.named = Named(folder / "named", zones, at=(FIRST, 53), servers=self.servers,
                           policy={"two.test": TWO_POLICY})
        self.named.hosts = first
        self.knot = Knot(folder / "knot", {"four.test": [], "three.test": [
            f"{challenge('kept')} 300 TXT \"somebody else's\""]},
            at=(SECOND, 53), servers=self.servers, acls={"narrow": FOUR_ACL},
            policy={"four.test": "narrow"})
        self.late = Secondary(folder / "late", ["lag.test", "trio.test"], FIRST,
                              at=(LATE, 53))
        self.inside = Named(folder / "inside", {"split.test": []}, at=(INSIDE, 53),
                            servers=self.servers)
        self.ca = Pebble(folder / "pebble", authority, f"{CA_RESOLVER}:53", config=QUICK)
        self.started = []

    def start(self):
        for server in (*self.resolvers, self.named, self.knot, self.late, self.inside,
                       self.ca):
            self.started.append(server.start())
        # A first transfer that came late would bring what a test has just written.
        for apex in self.late.apexes:
            wait_until(lambda apex=apex: self.late.ask(apex, "SOA"), f"{apex} is copied")

    def txt(self, name):
        """At the primary of its zone."""
        apex = ".".join(name.split(".")[-2:])
        return (self.knot if SECOND in self.servers[apex] else self.named).txt(name)

    def stop(self):
        for server in reversed(self.started):
            server.stop()

    def rfc2136(self, primary=None, algorithm="hmac-sha256", **more):
        """The words for dns01-rfc2136 with one of the primaries."""
        primary = primary or self.named
        more = {"server": primary.host, "tsig_key_file": primary.key_file(algorithm),
                **more}
        return ["--solver", "dns01-rfc2136", *options("dns01-rfc2136", **more)]


def assert_issued(result, issuer, world, *names):
    assert result.code == 0, str(result)
    folder = next((issuer.state / "certs").iterdir()).name
    assert names_of(issuer.current(folder)) == {f"DNS:{name}" for name in names}
    assert is_whole(issuer, folder)
    assert verifies(issuer.web, world.ca.root(), issuer.current(folder))
    assert issuer.journal(folder) is None
    assert left_over(world, *names) == []


def left_over(world, *names):
    """The values at the names' challenges that are not somebody else's."""
    owners = sorted({challenge(name.removeprefix("*.")) for name in names})
    return [(owner, text) for owner in owners for text in world.txt(owner)
            if text != "somebody else's"]


@pytest.fixture(scope="module")
def world(tmp_path_factory, authority):
    # named listens only where an interface has the address.
    addresses = [f"{address}/8"
                 for address in (CA_RESOLVER, FIRST, SECOND, LATE, INSIDE, CLOCK,
                                 "127.0.0.58")]
    addresses += [f"{FIRST6}/128"] if dns_servers.has_ipv6() else []
    with own_network(addresses):
        made = World(tmp_path_factory.mktemp("dns"), authority)
        try:
            made.start()
            yield made
        finally:
            made.stop()


HOOK = """#!/bin/sh
# add|delete NAME [VALUE]; without a value, all of them
case $1:$# in
    add:*) echo "update add $2. 60 TXT \\"$3\\"" ;;
    delete:2) echo "update delete $2. TXT" ;;
    delete:*) echo "update delete $2. TXT \\"$3\\"" ;;
esac | {{ echo "server {server}"; cat; echo send; }} | nsupdate -k {key}
"""


def executable(path, text):
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def my_dns(world, tmp_path):
    """Factory: a program `add|delete NAME [VALUE]` that changes a primary's zones."""
    def make(server=None):
        server = server or world.named
        return executable(tmp_path / f"my-dns-{server.name}", HOOK.format(
            server=server.host, key=server.key_file()))
    return make


@pytest.fixture
def issue(world, issuer):
    """Factory: issue(solver words) gives an Issuer at the Pebble of this world."""
    return lambda solver: issuer(world.ca, solver=solver)
