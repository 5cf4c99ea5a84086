# SPDX-License-Identifier: Apache-2.0
"""
Each test that docs/conformance.md names did run: python3 ran.py RECORDS, after the tests.

RECORDS is a folder with what ran: `pytest`, lines "passed tests/e2e/test_x.py::test_name"
(tests/e2e/conftest.py writes them where ACMECORE_RAN says), and copies of ctest's
LastTest.log as `ctest*`. Of a kind without a record nothing is said: it was not asked for.
A test that was skipped did not run.
"""
import pathlib
import re
import sys

import common
import conformance

CTEST_STARTS = re.compile(r"^\d+/\d+ Test: (\S+)$", re.MULTILINE)
# CUnit's line of one test, and what follows its name.
CASE = re.compile(r"^  Test: (\w+) ?\.\.\.", re.MULTILINE)


def source_of(root):
    """{"unit-acme-order": "tests/unit/acme/test_order.c", …}"""
    found = {}
    for path in sorted((root / "tests/unit").glob("**/test_*.c")):
        layer = path.relative_to(root / "tests/unit").parts[0]
        found[f"unit-{layer}-{path.stem[5:]}"] = path
    for path in sorted((root / "tests").glob("plugins/*/test_*.c")):
        found[f"plugin-{path.parent.name}-{path.stem[5:]}"] = path
    return {name: path.relative_to(root).as_posix() for name, path in found.items()}


def of_ctest(root, text):
    """What one LastTest.log shows: "tests/unit/….c" and "tests/unit/….c::claim"."""
    sources = source_of(root)
    pieces = CTEST_STARTS.split(text)
    for name, output in zip(pieces[1::2], pieces[2::2]):
        if name in sources:
            cases = CASE.findall(output)
            yield from (f"{sources[name]}::{case}" for case in cases)
            if cases:
                yield sources[name]


def of_pytest(text):
    """The same of pytest's record; the parameters of a test are left out."""
    for line in text.splitlines():
        outcome, _, node = line.partition(" ")
        if outcome in ("passed", "failed"):
            name = node.split("[")[0]
            yield name
            yield name.split("::")[0]


def ran(root, records):
    """(kinds of tests that there is a record of, what ran)."""
    kinds, seen = [], set()
    if (records / "pytest").is_file():
        kinds.append("tests/e2e/")
        seen |= set(of_pytest((records / "pytest").read_text(encoding="utf-8")))
    for log in sorted(records.glob("ctest*")):
        kinds += ["tests/unit/", "tests/plugins/"]
        seen |= set(of_ctest(root, log.read_text(encoding="utf-8", errors="replace")))
    return tuple(kinds), seen


def check(root, records=None):
    kinds, seen = ran(root, records or root / "records")
    for number, name, cells in conformance.rows(root):
        for reference in conformance.REFERENCE.findall(cells[-1]):
            wanted = reference.split("[")[0]
            if kinds and wanted.startswith(kinds) and wanted not in seen:
                yield f"{conformance.PAGE}:{number}: {name}: {reference} did not run"


LOG = ("Start testing\n1/9 Testing: unit-b-b\n1/9 Test: unit-b-b\nOutput:\n"
       "  Test: b_is_b ...passed\n  Test: b_is_c ...FAILED\n"
       "2/9 Test: plugin-x-y-z\nOutput:\n  Test: z ...passed\n")
ROWS = "".join(f"| TR-0{number} | a | `{test}` |\n" for number, test in enumerate((
    "tests/e2e/test_a.py::test_a", "tests/e2e/test_a.py", "tests/unit/b/test_b.c::b_is_b",
    "tests/unit/b/test_b.c", "tests/plugins/x-y/test_z.c::z"), 1))
GOOD = {
    conformance.PAGE: ROWS,
    "tests/unit/b/test_b.c": "", "tests/plugins/x-y/test_z.c": "",
    "records/pytest": "passed tests/e2e/test_a.py::test_a[x-1]\n",
    "records/ctest-dev": LOG,
}
BAD = [
    ({"records/pytest": "skipped tests/e2e/test_a.py::test_a\n"}, "test_a did not run"),
    ({"records/pytest": "passed tests/e2e/test_a.py::test_ab\n"}, "test_a did not run"),
    ({"records/pytest": ""}, "tests/e2e/test_a.py did not run"),
    ({"records/ctest-dev": LOG.replace("b_is_b", "b_was_b")}, "b_is_b did not run"),
    ({"records/ctest-dev": LOG.replace("unit-b-b", "unit-b-c")}, "test_b.c did not run"),
    ({"records/ctest-dev": LOG.replace("x-y-z", "x-y")}, "::z did not run"),
]


def main():
    if sys.argv[1:] == ["--self-test"] or len(sys.argv) != 2:
        common.main("ran", check, GOOD, BAD)
    findings = list(check(common.ROOT, pathlib.Path(sys.argv[1])))
    for finding in findings:
        print(finding)
    print(f"ran: {len(findings)} findings")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
