# SPDX-License-Identifier: Apache-2.0
"""Keys and certificates for the servers of the tests, made with certtool and openssl."""
import ipaddress
import itertools
import pathlib
import subprocess


def run(*arguments, **options):
    return subprocess.run([str(argument) for argument in arguments], check=True,
                          capture_output=True, **options).stdout


def make_key(path):
    run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
        "ec_paramgen_curve:P-256", "-out", path)
    return path


def _alternative_names(names):
    for name in names:
        try:
            ipaddress.ip_address(name)
        except ValueError:
            yield f'dns_name = "{name}"'
        else:
            yield f'ip_address = "{name}"'


def _begins(start):
    return [f'activation_date = "{start}"'] if start else []


class Authority:
    """A root that signs; optionally with an intermediate below it."""

    def __init__(self, folder, name="acmecore test root", parent=None, start=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.parent = parent
        self.numbers = itertools.count()
        stem = name.replace(" ", "-")
        self.key = make_key(self.folder / f"{stem}.key")
        self.path = self.folder / f"{stem}.pem"
        template = self._template([f'cn = "{name}"', "ca", "cert_signing_key",
                                   "crl_signing_key", "expiration_days = 3650",
                                   *_begins(start)])
        signer = ([] if parent is None else
                  ["--load-ca-certificate", parent.path,
                   "--load-ca-privkey", parent.key])
        run("certtool", "--generate-certificate" if parent else "--generate-self-signed",
            "--load-privkey", self.key, "--template", template, "--outfile", self.path,
            *signer)

    def _template(self, lines):
        path = self.folder / f"template-{next(self.numbers)}.cfg"   # CAs sign at once
        path.write_text("\n".join(lines) + "\n")
        return path

    def server(self, names=("localhost", "127.0.0.1", "::1"), stem="server", days=1000,
               start=None):
        """(certificate file with its chain, key file) of a server with these names."""
        key = make_key(self.folder / f"{stem}.key")
        path = self.folder / f"{stem}.pem"
        path.write_bytes(self.sign(names, days=days, start=start, privkey=key))
        return path, key

    def sign(self, names, days=30, start=None, end=None, csr=None, privkey=None,
             serial=None, crl=None):
        """
        PEM of a leaf for the key of the CSR (a file) or of the key file. `start` and
        `end` are "2020-01-31 00:00:00" and replace the number of days. crl: the URL of
        its distribution point.
        """
        lines = ["tls_www_server", "signing_key", *_alternative_names(names)]
        lines += [f"serial = {serial}"] if serial else []
        lines += [f'crl_dist_points = "{crl}"'] if crl else []
        lines += _begins(start)
        lines += [f'expiration_date = "{end}"'] if end else [f"expiration_days = {days}"]
        source = ["--load-request", csr] if csr else ["--load-privkey", privkey]
        return run("certtool", "--generate-certificate", *source,
                   "--template", self._template(lines),
                   "--load-ca-certificate", self.path, "--load-ca-privkey", self.key)

    def pem(self):
        return self.path.read_bytes()


def only_pem(text):
    """certtool may print more than the certificate."""
    start = text.index(b"-----BEGIN")
    return text[start:]
