# SPDX-License-Identifier: Apache-2.0
"""
What came of many spoiled runs. ACMECORE_TALLY names a file for it, a line a test;
`/usr/bin/python3 tests/e2e/tally.py FILE` shows it as the table of docs/faults.md.
"""
import collections
import json
import os
import sys

COLUMNS = ("points", "reached", "lost", "mismatched", "orders_before", "orders_after",
           "challenges", "damaged", "litter", "reads", "mismatches", "naive")
SUMS = ("lost", "mismatched", "orders_before", "orders_after", "challenges", "damaged",
        "litter")
# Exit codes that a spoiled run may end with: the store (9), a plugin (6), and what the
# user has named: the CA's root, the web root (2).
FIT = {"core": {0, 2, 6, 9}, "host": {0, 2, 6}}


class Tally:
    def __init__(self, world, what):
        self.world, self.what = world, what
        self.counts = collections.Counter()
        self.codes = collections.Counter()
        self.faults, self.unfit = [], []

    def add(self, outcome):
        self.counts["points"] += 1
        self.counts["reached"] += bool(outcome.where)
        self.codes[outcome.code] += 1
        for name in SUMS:
            self.counts[name] += getattr(outcome, name)
        if outcome.faults:
            self.faults.append((str(outcome.point), outcome.where, outcome.faults))
        if not self._is_fit(outcome):
            self.unfit.append((str(outcome.point), outcome.where, outcome.code,
                               outcome.said))

    def _is_fit(self, outcome):
        if not outcome.where:       # beyond its end
            return outcome.code == 0
        if not outcome.point.error and not self.world.tree:
            return outcome.code == 137
        # What failed is named, and where.
        return outcome.code in FIT["host" if self.world.tree else "core"] and (
            outcome.code != 9 or str(self.world.state) in outcome.said
            or "standard output" in outcome.said)

    @property
    def reads(self):
        return self.world.reader.reads()

    @property
    def mismatches(self):
        return self.world.reader.mismatches()

    def write(self):
        path = os.environ.get("ACMECORE_TALLY")
        if not path:
            return
        victim = "host" if self.world.tree else "core"
        row = {**self.counts, "reads": self.reads, "mismatches": self.mismatches,
               "naive": self.world.reader.mismatches("naive"),
               "codes": dict(self.codes), "what": self.what.__name__,
               "verb": self.world.verb, "victim": victim, "faults": self.faults,
               "unfit": self.unfit}
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")


def show(path):
    tables = collections.defaultdict(collections.Counter)
    codes = collections.defaultdict(collections.Counter)
    with open(path, encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            key = (row["what"], row["verb"], row["victim"])
            tables[key].update({name: row.get(name, 0) for name in COLUMNS})
            codes[key].update(row["codes"])
    print("| what | run | victim | " + " | ".join(COLUMNS) + " | exit codes |")
    print("|" + " --- |" * (len(COLUMNS) + 4))
    for key in sorted(tables):
        ended = ", ".join(f"{code}: {count}" for code, count in sorted(
            codes[key].items(), key=lambda item: int(item[0])))
        print("| " + " | ".join([*key, *(str(tables[key][name]) for name in COLUMNS),
                                 ended]) + " |")


if __name__ == "__main__":
    show(sys.argv[1])
