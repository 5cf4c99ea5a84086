# SPDX-License-Identifier: Apache-2.0
"""What the lint programs share: sources without comments, findings, self-tests."""
import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]

_TOKEN = re.compile(
    r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)


def _blank(match):
    """Keeps line breaks, so that line numbers hold, and the fact of a string."""
    text = match.group(0)
    if text[0] == "/":
        return re.sub(r"[^\n]", " ", text)
    return text[0] * 2


def code_of(text):
    """C source without comments and without what strings say."""
    return _TOKEN.sub(_blank, text)


def sources(root, *folders, suffixes=(".c", ".h")):
    """(path relative to root, text) of each source below the folders, in order."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in suffixes and path.is_file():
                yield (path.relative_to(root).as_posix(),
                       path.read_text(encoding="utf-8"))


def lines_with(pattern, text):
    """(line number, match) of each match in text."""
    for match in re.finditer(pattern, text, re.MULTILINE):
        yield text.count("\n", 0, match.start()) + 1, match


def tree(files):
    """A temporary folder that holds the files, given as {path: text}."""
    folder = tempfile.TemporaryDirectory(prefix="acmecore-lint-")
    for name, text in files.items():
        path = pathlib.Path(folder.name) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def main(name, check, good, bad):
    """
    Runs check(root), which gives the findings as text. With --self-test it must find
    nothing in the tree `good`, and the expected text in each tree of `bad`, a list of
    (files, expected).
    """
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(_self_test(name, check, good, bad))
    root = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT
    findings = list(check(root))
    for finding in findings:
        print(finding)
    print(f"{name}: {len(findings)} findings")
    sys.exit(1 if findings else 0)


def _self_test(name, check, good, bad):
    failed = 0
    with tree(good) as folder:
        for finding in check(pathlib.Path(folder)):
            print(f"{name}: finds fault with good code: {finding}")
            failed += 1
    for files, expected in bad:
        with tree({**good, **files}) as folder:
            findings = list(check(pathlib.Path(folder)))
        if not any(expected in finding for finding in findings):
            print(f"{name}: does not find {expected!r}, but {findings}")
            failed += 1
    print(f"{name}: {1 + len(bad) - failed} passed, {failed} failed")
    return 1 if failed else 0
