# SPDX-License-Identifier: Apache-2.0
"""
docs/conformance.md has one row for each requirement of tests/data/requirements.txt, and
each row holds. (That the tests it names did run is for ran.py, after a run.)

A row is `| TR-01 | requirement | … | evidence |`. The evidence is "later", "n/a: reason",
"not built: reason", or tests in backticks, `tests/e2e/test_x.py::test_name` or
`tests/unit/acme/test_order.c::claim_that_is_shown`; a path may stand alone.
"""
import re

import common

PAGE = "docs/conformance.md"
LIST = "tests/data/requirements.txt"
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
    if evidence == "later" or re.fullmatch(r"(n/a|not built): \S.*", evidence):
        return
    references = [found for found in REFERENCE.findall(evidence)
                  if found.startswith(("tests/", "plugins/", "scripts/"))]
    if not references:
        yield ('names no test, and is not "later", "n/a: reason" or "not built: reason": '
               f"{evidence!r}")
    for reference in references:
        fault = faults_of_reference(root, reference)
        if fault:
            yield fault


def requirements(root):
    """{"TR-01": its text, …}"""
    lines = (root / LIST).read_text(encoding="utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines if line and line[0] != "#")


def rows(root):
    """(line number, "TR-01", [cells behind it]) of each row."""
    lines = (root / PAGE).read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        row = ROW.match(line)
        if row is not None:
            cells = [cell.strip() for cell in row.group(3).split("|")]
            yield number, f"{row.group(1)}-{row.group(2)}", cells


def check(root):
    for needed in (PAGE, LIST):
        if not (root / needed).is_file():
            yield f"{needed} is missing"
            return
    wanted, seen = requirements(root), set()
    for number, name, cells in rows(root):
        place = f"{PAGE}:{number}: {name}"
        if name in seen:
            yield f"{place} stands twice"
        seen.add(name)
        if name in wanted and cells[0] != wanted[name]:
            yield f"{place} says something else than {LIST}"
        for fault in faults_of_evidence(root, cells[-1]):
            yield f"{place}: {fault}"
    for name in sorted(wanted.keys() - seen):
        yield f"{PAGE}: {name} has no row"
    for name in sorted(seen - wanted.keys()):
        yield f"{PAGE}: {name} is not in {LIST}"


GOOD = {
    LIST: "# comment\nTR-01 a\nTR-02 b\nTR-03 c\nTR-04 d\n",
    PAGE: "| Id | What | Test |\n|---|---|---|\n"
          "| TR-01 | a | `tests/e2e/test_a.py::test_a`, `tests/unit/b/test_b.c::b_is_b` |\n"
          "| TR-02 | b | later |\n| TR-03 | c | n/a: no such thing here |\n"
          "| TR-04 | d | not built: nobody asked |\n",
    "tests/e2e/test_a.py": "def test_a(): pass\n",
    "tests/unit/b/test_b.c": "AC_TEST(b_is_b)\n",
}
BAD = [
    ({PAGE: "| TR-01 | a | later |\n| TR-01 | a | later |\n"}, "stands twice"),
    ({PAGE: "| TR-01 | a | later |\n| TR-03 | c | later |\n"}, "TR-02 has no row"),
    ({PAGE: "| TR-01 | a | later |\n| TR-03 | c | later |\n"}, "TR-04 has no row"),
    ({PAGE: "| TR-09 | a | later |\n"}, "TR-09 is not in"),
    ({PAGE: "| TR-01 | A | later |\n"}, "says something else"),
    ({PAGE: "| TR-01 | a | |\n"}, "names no test"),
    ({PAGE: "| TR-01 | a | n/a: |\n"}, "names no test"),
    ({PAGE: "| TR-01 | a | not built |\n"}, "names no test"),
    ({PAGE: "| TR-01 | a | `tests/gone.c` |\n"}, "there is no tests/gone.c"),
    ({PAGE: "| TR-01 | a | `tests/e2e/test_a.py::test_z` |\n"}, "has no test_z"),
    ({PAGE: "nothing\n"}, "TR-01 has no row"),
]

if __name__ == "__main__":
    common.main("conformance", check, GOOD, BAD)
