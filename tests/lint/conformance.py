# SPDX-License-Identifier: Apache-2.0
"""
docs/conformance.md has one row for each requirement, and each row holds.

A row is `| TR-01 | requirement | evidence |`. The evidence is "later", "n/a: reason",
or tests in backticks, `tests/e2e/test_x.py::test_name` or
`tests/unit/acme/test_order.c::claim_that_is_shown`; a path may stand alone. The numbers
of a group have no gap, so that no requirement gets lost.
"""
import re

import common

PAGE = "docs/conformance.md"
ROW = re.compile(r"^\|\s*([A-Z][A-Z0-9]{1,2})-(\d\d)\s*\|(.*)\|\s*$")
REFERENCE = re.compile(r"`([^`]+)`")


def faults_of_reference(root, reference):
    path, _, name = reference.partition("::")
    if not (root / path).is_file():
        return f"there is no {path}"
    if name and not re.search(rf"\b{re.escape(name.split('[')[0])}\b",
                              (root / path).read_text(encoding="utf-8")):
        return f"{path} has no {name}"
    return None


def faults_of_evidence(root, evidence):
    if evidence == "later" or re.fullmatch(r"n/a: \S.*", evidence):
        return
    references = [found for found in REFERENCE.findall(evidence)
                  if found.startswith(("tests/", "plugins/", "scripts/"))]
    if not references:
        yield f'names no test, and is not "later" or "n/a: reason": {evidence!r}'
    for reference in references:
        fault = faults_of_reference(root, reference)
        if fault:
            yield fault


def check(root):
    if not (root / PAGE).is_file():
        yield f"{PAGE} is missing"
        return
    groups = {}
    for number, line in enumerate((root / PAGE).read_text().splitlines(), 1):
        row = ROW.match(line)
        if row is None:
            continue
        seen = groups.setdefault(row.group(1), set())
        if int(row.group(2)) in seen:
            yield f"{PAGE}:{number}: {row.group(1)}-{row.group(2)} stands twice"
        seen.add(int(row.group(2)))
        for fault in faults_of_evidence(root, row.group(3).split("|")[-1].strip()):
            yield f"{PAGE}:{number}: {row.group(1)}-{row.group(2)}: {fault}"
    if not groups:
        yield f"{PAGE} has no rows"
    for group, seen in groups.items():
        for missing in sorted(set(range(1, max(seen) + 1)) - seen):
            yield f"{PAGE}: {group}-{missing:02} has no row"


GOOD = {
    PAGE: "| Id | What | Test |\n|---|---|---|\n"
          "| TR-01 | a | `tests/e2e/test_a.py::test_a`, `tests/unit/b/test_b.c::b_is_b` |\n"
          "| TR-02 | b | later |\n| TR-03 | c | n/a: no such thing here |\n",
    "tests/e2e/test_a.py": "def test_a(): pass\n",
    "tests/unit/b/test_b.c": "AC_TEST(b_is_b)\n",
}
BAD = [
    ({PAGE: "| TR-01 | a | later |\n| TR-01 | a | later |\n"}, "stands twice"),
    ({PAGE: "| TR-01 | a | later |\n| TR-03 | a | later |\n"}, "TR-02 has no row"),
    ({PAGE: "| TR-01 | a | |\n"}, "names no test"),
    ({PAGE: "| TR-01 | a | n/a: |\n"}, "names no test"),
    ({PAGE: "| TR-01 | a | `tests/gone.c` |\n"}, "there is no tests/gone.c"),
    ({PAGE: "| TR-01 | a | `tests/e2e/test_a.py::test_z` |\n"}, "has no test_z"),
    ({PAGE: "nothing\n"}, "has no rows"),
]

if __name__ == "__main__":
    common.main("conformance", check, GOOD, BAD)
