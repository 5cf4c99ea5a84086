# SPDX-License-Identifier: Apache-2.0
"""Tokens of SoftHSM, each in a folder of its own, with keys that do not leave them."""
import os
import pathlib
import subprocess

PIN = "hunter2-4711"
SO_PIN = "so-pin-12345678"
MODULES = ["/usr/lib/softhsm/libsofthsm2.so",
           "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
           "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"]


def module():
    return next(path for path in MODULES if os.path.exists(path))


class Token:
    def __init__(self, folder, label="acme"):
        self.folder = pathlib.Path(folder)
        self.label = label
        (self.folder / "tokens").mkdir(parents=True)
        configuration = self.folder / "softhsm2.conf"
        configuration.write_text(f"directories.tokendir = {self.folder}/tokens\n"
                                 "objectstore.backend = file\nlog.level = ERROR\n")
        self.env = {"SOFTHSM2_CONF": str(configuration)}
        self._run("softhsm2-util", "--init-token", "--free", "--label", label,
                  "--so-pin", SO_PIN, "--pin", PIN)
        self.pin_file = self.write_pin(PIN)

    def _run(self, *words):
        return subprocess.run(words, env={**os.environ, **self.env, "GNUTLS_PIN": PIN},
                              check=True, capture_output=True, stdin=subprocess.DEVNULL)

    def write_pin(self, pin, name="pin"):
        path = self.folder / name
        path.write_text(pin + "\n")
        path.chmod(0o600)
        return path

    def make(self, name, kind="ecdsa", *options):
        """Makes a key in the token, and says its URL."""
        options = options or ("--curve", "secp256r1")
        self._run("p11tool", "--provider", module(), "--batch", "--login",
                  "--generate-privkey", kind, *options, "--label", name, "--outfile", "/dev/null",
                  f"pkcs11:token={self.label}")
        return self.url(name)

    def url(self, name, **attributes):
        """With the module in it, so that nothing on the machine need know it."""
        more = "".join(f"&{key.replace('_', '-')}={value}"
                       for key, value in attributes.items())
        return f"pkcs11:token={self.label};object={name}?module-path={module()}{more}"


def has_private_key(folder):
    """Files below the folder that have a private key in them, in whatever form."""
    def is_one(path):
        text = path.read_bytes()
        return b"PRIVATE KEY" in text or text.startswith(b"\x30") and b"\x02\x01\x00" in text[:16]
    return [path for path in pathlib.Path(folder).rglob("*")
            if path.is_file() and is_one(path)]
