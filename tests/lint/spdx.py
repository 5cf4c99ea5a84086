# SPDX-License-Identifier: Apache-2.0
"""Each source says its licence: C in its first line, the rest in the first two."""
import common

TAG = "SPDX-License-Identifier: Apache-2.0"
FOLDERS = ("core", "plugins", "include", "tests", "cmake", "scripts", "packaging",
           "bench", ".ci")
OTHERS = (".py", ".sh", ".cmake")


def is_ours(path, root):
    if path.suffix in OTHERS or path.name == "CMakeLists.txt":
        return True
    return path.suffix == "" and path.relative_to(root).parts[0] in ("scripts", ".ci")


def check(root):
    files = [root / "CMakeLists.txt"]
    for folder in FOLDERS:
        files += sorted((root / folder).rglob("*"))
    for path in files:
        if not path.is_file():
            continue
        name = path.relative_to(root).as_posix()
        if path.suffix in (".c", ".h"):
            if path.read_text(encoding="utf-8").split("\n")[0] != f"/* {TAG} */":
                yield f"{name}: the first line is not /* {TAG} */"
        elif is_ours(path, root):
            if f"# {TAG}" not in path.read_text(encoding="utf-8").split("\n")[:2]:
                yield f"{name}: the first two lines do not hold # {TAG}"


GOOD = {
    "core/base/a.c": f"/* {TAG} */\n",
    "scripts/test": f"#!/bin/sh\n# {TAG}\n",
    "CMakeLists.txt": f"# {TAG}\n",
    "tests/data/a.json": "{}",
}
BAD = [
    ({"core/base/x.h": "/* x */\n"}, "core/base/x.h: the first line"),
    ({"scripts/x": "#!/bin/sh\n"}, "scripts/x: the first two lines"),
    ({"plugins/a/CMakeLists.txt": ""}, "plugins/a/CMakeLists.txt"),
]

if __name__ == "__main__":
    common.main("spdx", check, GOOD, BAD)
