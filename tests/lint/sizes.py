# SPDX-License-Identifier: Apache-2.0
"""No file over 500 lines, no function over 60 (STYLE section 6)."""
import json
import shutil
import subprocess

import common

FILE_MAX = 500
FUNCTION_MAX = 60
FOLDERS = ("core", "plugins", "include", "tests")


def functions(root, paths):
    """(path, name, first line, last line) of each function, from ctags."""
    output = subprocess.run(
        ["ctags", "--output-format=json", "--fields=+ne", "--c-kinds=f",
         "--languages=C", "--map-C=+.h", "-o", "-", *paths],
        cwd=root, check=True, capture_output=True, text=True).stdout
    for line in output.splitlines():
        tag = json.loads(line)
        if tag.get("_type") == "tag" and "end" in tag:
            yield tag["path"], tag["name"], tag["line"], tag["end"]


def check(root):
    paths = []
    for path, text in common.sources(root, *FOLDERS):
        paths.append(path)
        count = text.count("\n")
        if count > FILE_MAX:
            yield f"{path}: {count} lines, {FILE_MAX} are allowed"
    if shutil.which("ctags") is None:
        yield "ctags is not installed, so the length of functions is not known"
        return
    for path, name, first, last in functions(root, paths) if paths else ():
        count = last - first + 1
        if count > FUNCTION_MAX:
            yield f"{path}:{first}: {name} has {count} lines, {FUNCTION_MAX} are allowed"


GOOD = {
    "core/base/a.c": "int f(void)\n{\n" + "\n" * 57 + "}\n",
    "core/base/b.c": "\n" * 500,
}
BAD = [
    ({"core/base/x.c": "\n" * 501}, "x.c: 501 lines"),
    ({"core/base/x.c": "\nint g(void)\n{\n" + "\n" * 58 + "}\n"}, "x.c:2: g has 61 lines"),
]

if __name__ == "__main__":
    common.main("sizes", check, GOOD, BAD)
