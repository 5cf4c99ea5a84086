# SPDX-License-Identifier: Apache-2.0
"""
Primary name servers that take updates (RFC 2136): BIND's named and Knot's knotd, each
in a folder of its own, stopped by its own process id. Each is on a free loopback port,
or, in a network namespace (see dns_world.py), on port 53 of an address of its own.

    server = dns_servers.Named(folder, zones={"example.test": []}).start()
    server.address                    "127.0.0.1:23456"
    server.key_file("hmac-sha256")    a file as tsig-keygen writes it
    server.txt("_acme-challenge.example.test")
    server.update_count("example.test")

There is a key for each algorithm, named after it ("key-hmac-sha256"), with a secret that
is new for each server; all of them may change TXT records below every zone, unless
`policy` says otherwise.
"""
import base64
import pathlib
import re
import secrets
import shutil
import socket
import subprocess

from running import Server, free_port

ALGORITHMS = ("hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512")
NEGATIVE_TTL_S = 5
TTL_S = 300


def find_program(name):
    """Debian keeps servers where the PATH of a user may not lead."""
    found = shutil.which(name, path="/usr/sbin:/usr/local/sbin:/usr/bin:/sbin")
    if found is None:
        raise RuntimeError(f"{name} is not installed")
    return found


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def name_servers(apex, addresses):
    """Lines of a zone file: NS and address records of ns1, ns2, ... of an apex."""
    below = "" if apex == "@" else f".{apex}"
    lines = []
    for number, address in enumerate(addresses, 1):
        kind = "AAAA" if ":" in address else "A"
        lines += [f"{apex} IN NS ns{number}{below}",
                  f"ns{number}{below} IN {kind} {address}"]
    return lines


class DnsServer:
    """
    What both have in common.

    zones     a dict of apex -> further lines of its zone file
    policy    a dict of apex -> what that server's own language says about updates;
              a zone that is not in it takes TXT updates from every key
    options   further lines of the server's configuration
    env       of the process, such as for libfaketime
    at        (address, port); without it 127.0.0.1 and ::1, and a free port
    servers   a dict of apex -> addresses of its name servers ns1, ns2, ...; a zone that
              is not in it has this one only
    """

    name = None

    def __init__(self, folder, zones, policy=None, options=(), env=None, prefix=(),
                 at=None, servers=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.zones, self.policy, self.options = dict(zones), dict(policy or {}), options
        self.host, self.port = at or ("127.0.0.1", free_port())
        self.hosts = [self.host] + (["::1"] if at is None and has_ipv6() else [])
        self.servers = dict(servers or {})
        self.address = f"{self.host}:{self.port}"
        self.address6 = f"[::1]:{self.port}"
        self.secrets = {
            f"key-{algorithm}": base64.b64encode(secrets.token_bytes(32)).decode()
            for algorithm in ALGORITHMS}
        for apex, lines in self.zones.items():
            self.zone_file(apex).write_text(self._zone_text(apex, lines))
        self.log = self.folder / f"{self.name}.log"
        self.server = Server([*prefix, *self._arguments()], self.folder / "output.log",
                             env=env, folder=self.folder)

    def start(self):
        self._configure()
        self.server.start([(self.port, self.host)])
        return self

    def stop(self):
        self.server.stop()

    def restart(self):
        """With the same zones as they are now."""
        self.stop()
        return self.start()

    def zone_file(self, apex):
        return self.folder / f"{apex}.zone"

    def _zone_text(self, apex, lines):
        return "\n".join([
            f"$ORIGIN {apex}.", f"$TTL {TTL_S}",
            f"@ IN SOA ns1 hostmaster 1 3600 600 86400 {NEGATIVE_TTL_S}",
            *name_servers("@", self.servers.get(apex, [self.host])), *lines, ""])

    def secret(self, algorithm="hmac-sha256"):
        return self.secrets[f"key-{algorithm}"]

    def key_file(self, algorithm="hmac-sha256", secret=None, name=None):
        """A key of this server; `secret` and `name` spoil it."""
        name = name or f"key-{algorithm}"
        path = self.folder / f"{name}-{secrets.token_hex(4)}.key"
        path.touch(mode=0o600)
        path.write_text(f'key "{name}" {{\n\talgorithm {algorithm};\n'
                        f'\tsecret "{secret or self.secret(algorithm)}";\n}};\n')
        return path

    def ask(self, name, kind="TXT", *more):
        """What dig +short says, a line each."""
        output = subprocess.run(
            [find_program("dig"), f"@{self.host}", "-p", str(self.port), "+short", "+norec",
             "+tcp", "+time=5", "+tries=1", *more, name, kind],
            check=True, capture_output=True, text=True).stdout
        return output.splitlines()

    def whole_zone(self, apex):
        """By a zone transfer, as text."""
        return subprocess.run(
            [find_program("dig"), f"@{self.host}", "-p", str(self.port), "+tcp", "+time=5",
             "+tries=1", apex, "AXFR"], check=True, capture_output=True, text=True).stdout

    def txt(self, name):
        """The values of all TXT records of a name itself, sorted."""
        return sorted(line.replace('" "', "").strip('"') for line in self.ask(name)
                      if line.startswith('"'))

    def text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""


class Named(DnsServer):
    """BIND. A policy is what stands in update-policy { }, such as
    "grant key-hmac-sha256 name _acme-challenge.example.test. TXT;"."""

    name = "named"
    behaviour = "recursion no; dnssec-validation no; allow-transfer { any; };"
    severity = "debug 8"

    def _arguments(self):
        return [find_program("named"), "-f", "-4" if not has_ipv6() else "-n1",
                "-c", self.folder / "named.conf"]

    def _policy_of(self, apex):
        if apex in self.policy:
            return self.policy[apex]
        return " ".join(f"grant {name} zonesub TXT;" for name in self.secrets)

    def _configure(self):
        keys = [f'key "{name}" {{ algorithm {name.removeprefix("key-")};'
                f' secret "{secret}"; }};' for name, secret in self.secrets.items()]
        listen = [f"listen-on{'-v6' if ':' in host else ''} port {self.port}"
                  f" {{ {host}; }};" for host in self.hosts]
        if not any(":" in host for host in self.hosts):
            listen.append("listen-on-v6 { none; };")
        (self.folder / "named.conf").write_text("\n".join([
            "options {", f'directory "{self.folder}";', "pid-file none;",
            f'session-keyfile "{self.folder}/session.key";',
            *listen, self.behaviour, *self.options, "};", "controls { };",
            f'logging {{ channel all {{ file "{self.log}"; severity {self.severity};'
            " print-category yes; }; category default { all; };"
            " category update { all; }; category update-security { all; }; };",
            *keys, *self._zone_statements(), ""]))

    def _zone_statements(self):
        return [f'zone "{apex}" {{ type primary; file "{self.zone_file(apex)}";'
                f' update-policy {{ {self._policy_of(apex)} }}; notify no; }};'
                for apex in self.zones]

    def update_count(self, apex):
        """How many UPDATE messages for a zone passed its checks."""
        return len(re.findall(rf"updating zone '{re.escape(apex)}/IN':"
                              r" update section prescan OK", self.text()))


class Secondary(Named):
    """BIND, with copies of zones of another server, which it takes when notify(apex)."""

    def __init__(self, folder, apexes, primary, **named):
        self.apexes, self.primary = apexes, primary
        super().__init__(folder, {}, **named)

    def _zone_statements(self):
        return [f'zone "{apex}" {{ type secondary; primaries {{ {self.primary}; }};'
                f' file "{self.zone_file(apex)}"; notify no; allow-notify {{ any; }}; }};'
                for apex in self.apexes]

    def notify(self, apex):
        """As the primary would do it after a change."""
        self.ask(apex, "SOA", "+opcode=notify", "+aaflag")


class Resolver(Named):
    """
    BIND as a resolver that remembers nothing, below a root of its own.

    delegations  a dict of apex -> addresses of its name servers
    fixed        a dict of apex -> the one address that is asked, whatever it says
    """

    behaviour = ("recursion yes; dnssec-validation no; max-ncache-ttl 0; max-cache-ttl 0;"
                 " qname-minimization off; tcp-clients 2000; tcp-listen-queue 1000;")
    severity = "info"

    def __init__(self, folder, delegations, fixed=None, **named):
        self.fixed = dict(fixed or {})
        lines = [line for apex, addresses in delegations.items()
                 for line in name_servers(apex, addresses)]
        super().__init__(folder, {"": lines}, **named)

    def _zone_statements(self):
        root = f'zone "." {{ type primary; file "{self.zone_file("")}"; }};'
        return [root, *(f'zone "{apex}" {{ type static-stub; server-addresses'
                        f' {{ {address}; }}; }};' for apex, address in self.fixed.items())]


class Knot(DnsServer):
    """Knot DNS. A policy is the name of one of the acl in `acls`, a dict of name ->
    lines of it, such as ["key: key-hmac-sha256", "action: update"]."""

    name = "knotd"

    def __init__(self, *arguments, acls=None, **named):
        self.acls = dict(acls or {})
        super().__init__(*arguments, **named)

    def _arguments(self):
        return [find_program("knotd"), "-c", self.folder / "knot.conf"]

    def _configure(self):
        (self.folder / "db").mkdir(exist_ok=True)  # or every update ends in SERVFAIL
        acls = {"everybody": [f"key: [{', '.join(self.secrets)}]", "action: update",
                              "update-type: TXT"], **self.acls}
        listen = [f"{host}@{self.port}" for host in self.hosts]
        lines = ["server:", f"    listen: [{', '.join(listen)}]",
                 f'    rundir: "{self.folder}"', "    udp-workers: 1",
                 "    tcp-workers: 1", "    background-workers: 1",
                 *(f"    {line}" for line in self.options),
                 "log:", f'  - target: "{self.log}"', "    any: debug",
                 "database:", f'    storage: "{self.folder}/db"',
                 "    journal-db-max-size: 64M", "    kasp-db-max-size: 16M",
                 "    timer-db-max-size: 16M", "key:"]
        for name, secret in self.secrets.items():
            lines += [f"  - id: {name}", f"    algorithm: {name.removeprefix('key-')}",
                      f"    secret: {secret}"]
        lines.append("acl:")
        for name, body in acls.items():
            lines += [f"  - id: {name}", *(f"    {line}" for line in body)]
        lines.append("zone:")
        for apex in self.zones:
            lines += [f"  - domain: {apex}", f'    file: "{self.zone_file(apex)}"',
                      f"    acl: {self.policy.get(apex, 'everybody')}"]
        (self.folder / "knot.conf").write_text("\n".join([*lines, ""]))

    def update_count(self, apex):
        """How many UPDATE messages for a zone were processed."""
        found = re.findall(rf"\[{re.escape(apex)}\.\] DDNS, processing (\d+) updates",
                           self.text())
        return sum(int(number) for number in found)
