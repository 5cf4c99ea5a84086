#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""
A hook for installer-exec (dialect native): uploads key and certificate to an appliance
with an HTTPS API, makes a TLS profile use them, and takes that back.

    appliance.py --api https://lb.corp.example [--ca-file FILE] PHASE

The API is that of a small imagined load balancer, in the manner of those that exist:

    PUT    /files/NAME             the bytes of a key or a chain
    DELETE /files/NAME
    GET    /profiles/PROFILE       {"key": NAME, "chain": NAME}
    PUT    /profiles/PROFILE       the same, takes effect at once
    DELETE /profiles/PROFILE

The token for it comes from the option `environment-file`: APPLIANCE_TOKEN=...

stage     uploads the files under new names; nothing uses them yet
commit    writes down what each profile has now, then lets it use the new files
rollback  gives each profile what it had, and removes the new files
finish    removes the files that no profile uses any more
"""
import argparse
import json
import os
import pathlib
import ssl
import sys
import urllib.error
import urllib.request

NOT_MINE = 64  # this phase is none of mine
SECONDS = 20


class Appliance:
    def __init__(self, url, ca_file, token):
        self.url, self.token = url, token
        self.context = ssl.create_default_context(cafile=ca_file)

    def call(self, method, path, body=None):
        """The answer's bytes; None when there is no such thing."""
        request = urllib.request.Request(
            f"{self.url}{path}", data=body, method=method,
            headers={"Authorization": f"Bearer {self.token}"})
        try:
            with urllib.request.urlopen(request, timeout=SECONDS,
                                        context=self.context) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            reason = error.read(200).decode(errors="replace").strip()
            raise RuntimeError(f"{method} {path}: {error.code} {reason}") from error
        except OSError as error:
            raise RuntimeError(f"{method} {path}: {error}") from error

    def profile(self, name):
        answer = self.call("GET", f"/profiles/{name}")
        return None if answer is None else json.loads(answer)

    def set_profile(self, name, profile):
        if profile is None:
            self.call("DELETE", f"/profiles/{name}")
        else:
            self.call("PUT", f"/profiles/{name}", json.dumps(profile).encode())


def files_of(certificate):
    """New names for each version, so that nothing that is used is overwritten."""
    base = f"{certificate['name']}-{certificate['fingerprint'][:16]}"
    return {"key": f"{base}.key", "chain": f"{base}.pem"}


def stage(appliance, certificate, _notes):
    if certificate["key_path"] is None:
        raise RuntimeError("its key is in a token, and cannot be uploaded")
    files = files_of(certificate)
    for part, path in (("key", "key_path"), ("chain", "fullchain_path")):
        appliance.call("PUT", f"/files/{files[part]}",
                       pathlib.Path(certificate[path]).read_bytes())


def commit(appliance, certificate, notes):
    name, files = certificate["name"], files_of(certificate)
    before = appliance.profile(name)
    if before == files:
        return
    # Written down before anything changes; of a commit that runs twice the first counts.
    notes.setdefault(name, before)
    save(notes)
    appliance.set_profile(name, files)


def rollback(appliance, certificate, notes):
    name, files = certificate["name"], files_of(certificate)
    if name in notes:
        appliance.set_profile(name, notes[name])
    if appliance.profile(name) != files:
        for file in files.values():
            appliance.call("DELETE", f"/files/{file}")
    notes.pop(name, None)
    save(notes)


def finish(appliance, certificate, notes):
    before = notes.pop(certificate["name"], None) or {}
    for file in set(before.values()) - set(files_of(certificate).values()):
        appliance.call("DELETE", f"/files/{file}")
    save(notes)


PHASES = {"stage": stage, "commit": commit, "rollback": rollback, "finish": finish}


def notes_path():
    """In the folder that is ours, and stays: a rollback may come after a crash."""
    return pathlib.Path(os.environ["ACMECORE_FOLDER"], "before.json")


def load():
    return json.loads(notes_path().read_text()) if notes_path().exists() else {}


def save(notes):
    new = notes_path().with_suffix(".new")
    with open(new, "w", encoding="utf-8") as file:
        json.dump(notes, file)
        file.flush()
        os.fsync(file.fileno())
    new.replace(notes_path())


def run(phase, appliance, certificates):
    """A result for each certificate: one that fails does not hold up the others."""
    notes = load()
    for certificate in certificates:
        try:
            PHASES[phase](appliance, certificate, notes)
            yield {"status": "ok"}
        except (RuntimeError, OSError, ValueError) as error:
            yield {"status": "error", "detail": str(error)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--api", required=True)
    parser.add_argument("--ca-file")
    parser.add_argument("phase")
    options = parser.parse_args()
    if options.phase not in PHASES:
        return NOT_MINE
    appliance = Appliance(options.api, options.ca_file, os.environ["APPLIANCE_TOKEN"])
    certificates = json.load(sys.stdin)["certificates"]
    results = list(run(options.phase, appliance, certificates))
    print(json.dumps({"results": results}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
