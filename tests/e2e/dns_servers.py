# SPDX-License-Identifier: Apache-2.0
"""
Primary name servers that take updates (RFC 2136): BIND's named and Knot's knotd, each
on a free loopback port, in a folder of its own, stopped by its own process id.

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


class DnsServer:
    """
    What both have in common.

    zones     a dict of apex -> further lines of its zone file
    policy    a dict of apex -> what that server's own language says about updates;
              a zone that is not in it takes TXT updates from every key
    options   further lines of the server's configuration
    env       of the process, such as for libfaketime
    """

    name = None

    def __init__(self, folder, zones, policy=None, options=(), env=None, prefix=()):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.zones, self.policy, self.options = dict(zones), dict(policy or {}), options
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.address6 = f"[::1]:{self.port}"
        self.secrets = {f"key-{algorithm}": base64.b64encode(secrets.token_bytes(32)).decode()
                        for algorithm in ALGORITHMS}
        for apex, lines in self.zones.items():
            self.zone_file(apex).write_text(self._zone_text(apex, lines))
        self.log = self.folder / f"{self.name}.log"
        self.server = Server([*prefix, *self._arguments()], self.folder / "output.log",
                             env=env, folder=self.folder)

    def start(self):
        self._configure()
        self.server.start([self.port])
        return self

    def stop(self):
        self.server.stop()

    def restart(self):
        """With the same zones as they are now."""
        self.stop()
        return self.start()

    def zone_file(self, apex):
        return self.folder / f"{apex}.zone"

    @staticmethod
    def _zone_text(apex, lines):
        return "\n".join([
            f"$ORIGIN {apex}.", f"$TTL {TTL_S}",
            f"@ IN SOA ns hostmaster 1 3600 600 86400 {NEGATIVE_TTL_S}",
            "@ IN NS ns", "ns IN A 127.0.0.1", *lines, ""])

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
            [find_program("dig"), "@127.0.0.1", "-p", str(self.port), "+short", "+norec",
             "+tcp", "+time=5", "+tries=1", *more, name, kind],
            check=True, capture_output=True, text=True).stdout
        return output.splitlines()

    def txt(self, name):
        """The values of all TXT records of a name, sorted."""
        return sorted(line.replace('" "', "").strip('"') for line in self.ask(name))

    def text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""


class Named(DnsServer):
    """BIND. A policy is what stands in update-policy { }, such as
    "grant key-hmac-sha256 name _acme-challenge.example.test. TXT;"."""

    name = "named"

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
        zones = [f'zone "{apex}" {{ type primary; file "{self.zone_file(apex)}";'
                 f' update-policy {{ {self._policy_of(apex)} }}; notify no; }};'
                 for apex in self.zones]
        listen6 = f"listen-on-v6 port {self.port} {{ ::1; }};" if has_ipv6() else ""
        (self.folder / "named.conf").write_text("\n".join([
            "options {", f'directory "{self.folder}";', "pid-file none;",
            f'session-keyfile "{self.folder}/session.key";',
            f"listen-on port {self.port} {{ 127.0.0.1; }};", listen6,
            "recursion no; dnssec-validation no; allow-transfer { any; };",
            *self.options, "};", "controls { };",
            f'logging {{ channel all {{ file "{self.log}"; severity debug 8;'
            " print-category yes; }; category default { all; };"
            " category update { all; }; category update-security { all; }; };",
            *keys, *zones, ""]))

    def update_count(self, apex):
        """How many UPDATE messages for a zone passed its checks."""
        return len(re.findall(rf"updating zone '{re.escape(apex)}/IN':"
                              r" update section prescan OK", self.text()))


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
        listen = [f"127.0.0.1@{self.port}"] + ([f"::1@{self.port}"] if has_ipv6() else [])
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
