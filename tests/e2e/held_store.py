# SPDX-License-Identifier: Apache-2.0
"""Stores as runs of long ago left them: versions of any age, and what is known of them."""
import datetime
import json
import os

from certificates import make_key, run

DIRECTORY = "https://127.0.0.1:1/directory"


def time_text(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _write(path, content):
    path.write_text(content)
    path.chmod(0o600)


class HeldStore:
    """STATE with certificates made by hand. Days are relative to now."""

    def __init__(self, folder):
        self.folder = folder
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.now = datetime.datetime.now(datetime.timezone.utc)

    def _sign(self, folder, names, begins, ends):
        make_key(folder / "privkey.pem")
        template = folder.parent / "template"
        template.write_text("\n".join(
            [f'cn = "{names[0]}"', *[f'dns_name = "{name}"' for name in names],
             f'activation_date = "{begins:%Y-%m-%d %H:%M:%S} UTC"',
             f'expiration_date = "{ends:%Y-%m-%d %H:%M:%S} UTC"']) + "\n")
        run("certtool", "--generate-self-signed", "--load-privkey",
            folder / "privkey.pem", "--template", template, "--outfile",
            folder / "cert.pem")
        template.unlink()
        (folder / "chain.pem").write_text("")
        (folder / "fullchain.pem").write_bytes((folder / "cert.pem").read_bytes())
        (folder / "privkey.pem").chmod(0o600)

    def add(self, name, versions, state=None, wanted=None):
        """versions: (first day, last day) each, the last one current."""
        home = self.folder / "certs" / name
        home.mkdir(parents=True, mode=0o700)
        names = (wanted or {}).get("identifiers", [name])
        for number, (first, last) in enumerate(versions, start=1):
            folder = home / "versions" / f"{number:04}"
            folder.mkdir(parents=True, mode=0o700)
            self._sign(folder, names, self.now + datetime.timedelta(days=first),
                       self.now + datetime.timedelta(days=last))
            os.utime(folder)
        if versions:
            (home / "current").symlink_to(f"versions/{len(versions):04}")
        _write(home / "certificate.json", json.dumps(
            {"schema": 1, "name": name, "identifiers": names, "key_type": "ecdsa-p256",
             "directory": DIRECTORY, "solvers": [],
             "rules": [], **(wanted or {})}))
        if state:
            _write(home / "state.json", json.dumps({"schema": 1, **state}))
        return home

    def trouble(self, failures, hours_ago, message, next_in_hours=1):
        hour = datetime.timedelta(hours=1)
        return {"trouble": {"failures": failures, "code": "challenge", "message": message,
                            "failed_at": time_text(self.now - hours_ago * hour),
                            "next_attempt_at": time_text(self.now + next_in_hours * hour)}}
