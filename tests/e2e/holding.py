# SPDX-License-Identifier: Apache-2.0
"""An account with a CA, and the commands that are about it."""
import json
import pathlib


class Holder:
    """holder("rollover", "--json") runs `acmecore account rollover` at the CA."""

    def __init__(self, acmecore, ca):
        self.acmecore, self.ca = acmecore, ca
        self.at_ca = ("--server", ca.directory_url, "--ca-file", ca.ca_file)

    def __call__(self, command, *words, **options):
        return self.acmecore("account", command, *words, *self.at_ca, **options)

    def start(self, command, *words, **options):
        return self.acmecore.start("account", command, *words, *self.at_ca, **options)

    def folders(self):
        accounts = self.acmecore.state / "accounts"
        return sorted(accounts.iterdir()) if accounts.exists() else []

    @property
    def folder(self):
        folder, = self.folders()
        return folder

    @staticmethod
    def document_of(folder):
        return json.loads((pathlib.Path(folder) / "account.json").read_text())

    @staticmethod
    def keys_of(folder):
        """{file name: contents}"""
        return {path.name: path.read_bytes()
                for path in pathlib.Path(folder).glob("*.pem")}

    @property
    def document(self):
        return self.document_of(self.folder)

    def keys(self):
        return self.keys_of(self.folder)

    def litter(self):
        """What a killed run was writing; the next one that writes here sweeps it."""
        return list(self.folder.glob(".acmecore-*"))

    def assert_usable_with_one_key(self):
        """The CA lets the account in with the one key that is there."""
        shown = self("show", "--json")
        assert shown.code == 0, shown
        assert shown.json["status"] == "valid"
        assert list(self.keys()) == ["key.pem"]
        return shown.json
