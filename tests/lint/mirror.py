# SPDX-License-Identifier: Apache-2.0
"""Each source has its test and each test its source (STYLE section 8)."""
import common


def test_of(path):
    """tests/unit/acme/test_order.c for core/acme/order.c; None for a main.c."""
    parts = path.split("/")
    if parts[0] == "plugins":
        return f"tests/plugins/{parts[1]}/test_{parts[-1]}"
    if parts[-1] == "main.c":
        return None
    return f"tests/unit/{'/'.join(parts[1:-1])}/test_{parts[-1]}"


def check(root):
    wanted = {}
    for path, _ in common.sources(root, "core", "plugins", suffixes=(".c",)):
        if test_of(path) is not None:
            wanted[test_of(path)] = path
    for test, path in wanted.items():
        if not (root / test).is_file():
            yield f"{path}: has no {test}"
    for path, _ in common.sources(root, "tests/unit", "tests/plugins", suffixes=(".c",)):
        if path.split("/")[-1].startswith("test_") and path not in wanted:
            yield f"{path}: has no source that it mirrors"


GOOD = {
    "core/acme/order.c": "",
    "core/acme/order.h": "",
    "core/cli/main.c": "",
    "plugins/a/path.c": "",
    "tests/unit/acme/test_order.c": "",
    "tests/plugins/a/test_path.c": "",
}
BAD = [
    ({"core/acme/jws.c": ""}, "core/acme/jws.c: has no tests/unit/acme/test_jws.c"),
    ({"plugins/a/a.c": ""}, "plugins/a/a.c: has no tests/plugins/a/test_a.c"),
    ({"tests/unit/acme/test_gone.c": ""}, "test_gone.c: has no source"),
]

if __name__ == "__main__":
    common.main("mirror", check, GOOD, BAD)
