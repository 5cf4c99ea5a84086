# SPDX-License-Identifier: Apache-2.0
"""What a hostile or broken CA must not get: memory, time, requests, or the store."""
import shutil

from issuing import Issuer, peaks
from program import Acmecore, is_sanitized

MEMORY_MAX_KIB = 32 << 10
REQUESTS_MAX = 150
TIMEOUT_S = 8  # that the run gets
NAME = "a.test"


class Attack:
    """
    A run against a CA, in a store that already holds a certificate for the same name.
    start() and end() are apart so that several run at once.
    """

    def __init__(self, folder, held_state, ca, *options, names=(NAME,)):
        folder.mkdir(parents=True)
        self.ca = ca
        self.issue = Issuer(Acmecore(folder), ca, folder)
        shutil.copytree(held_state, self.issue.state, symlinks=True)
        self.before = self.issue.current(NAME)
        self.options = options
        self.names = names
        self.run = self.result = self.peak_kib = None

    def start(self):
        named = ["--name", NAME] if self.names != (NAME,) else []
        limit = [] if "--timeout" in self.options else ["--timeout", TIMEOUT_S]
        self.run = self.issue.start(*self.names, *named, *self.options, *limit, "--json")
        return self

    def end(self, seconds=60):
        try:
            self.peak_kib = max(peaks(self.run).values(), default=0)
            self.result = self.run.wait(seconds)
        finally:
            self.issue.acmecore.stop()
        return self.result

    def document(self):
        return self.result.json

    def assert_harmless(self):
        """Whatever came of it: the old certificate or a whole new one, and no rest."""
        issue, result = self.issue, self.result
        assert not result.was_killed and not result.signal, result
        assert result.json["schema"] == 1
        if result.code == 0:
            assert issue.current(NAME) != self.before
        else:
            assert issue.current(NAME) == self.before
            versions = [path.name for path in (issue.folder_of(NAME) / "versions").iterdir()]
            assert versions == ["0001"], versions
        assert issue.litter() == []
        assert issue.answers() == []
        assert len(self.ca.requests) <= REQUESTS_MAX
        assert is_sanitized() or self.peak_kib < MEMORY_MAX_KIB, self.peak_kib


def assault(folder, held_state, cas, *options):
    """{name: finished Attack} for {name: CA}, all at once."""
    attacks = {name: Attack(folder / name, held_state, ca, *options).start()
               for name, ca in cas.items()}
    for attack in attacks.values():
        attack.end()
        attack.assert_harmless()
    return attacks
