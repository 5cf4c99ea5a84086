# SPDX-License-Identifier: Apache-2.0
"""
Where each field of the plugin ABI lies. tests/abi/1.N/layout.txt has the size of each
struct and the offset of each field as they were when 1.N was released, with pointers of
8 bytes and of 4; a compiler must agree of the header of today.

    layout.py check TABLE HEADER_FOLDER COMPILER [FLAG...]
    layout.py write HEADER_FOLDER        the table, by clang for both sizes of a pointer
"""
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lint"))
import plugin_header  # noqa: E402

TARGETS = ("x86_64-linux-gnu", "armv7-linux-gnueabihf")
INCLUDE = "#include <acmecore/plugin.h>\n"


def structs(folder):
    text = (pathlib.Path(folder) / "acmecore/plugin.h").read_text(encoding="utf-8")
    return [item for item in plugin_header.parse(text) if item.kind == "struct"]


# ---- the table

def measured(folder, target, expressions):
    """What clang makes of constant expressions for a target, which need not be ours."""
    values = ", ".join(f"(int)({expression}) + 1" for expression in expressions)
    source = INCLUDE + f"extern const int table[];\nconst int table[] = {{ {values} }};\n"
    assembly = subprocess.run(
        ["clang", f"--target={target}", "-ffreestanding", "-S", "-o", "-", "-x", "c",
         "-I", folder, "-"], input=source, stdout=subprocess.PIPE, check=True,
        text=True).stdout
    body = assembly[assembly.index("\ntable:"):]
    return [int(value) - 1 for value in re.findall(r"\.(?:long|4byte|word)\s+(\d+)", body)]


def rows(folder):
    for item in structs(folder):
        yield item.name, f"sizeof(struct {item.name})"
        for member in item.members:
            yield (f"{item.name}.{member.name}",
                   f"offsetof(struct {item.name}, {member.name})")


def write(folder):
    names, expressions = zip(*rows(folder))
    columns = [measured(folder, target, expressions) for target in TARGETS]
    for name, wide, narrow in zip(names, *columns, strict=True):
        print(f"{name} {wide} {narrow}")


# ---- the check

def read_table(path):
    lines = pathlib.Path(path).read_text(encoding="utf-8").split("\n")
    return {name: (int(wide), int(narrow))
            for name, wide, narrow in (line.split() for line in lines if line)}


def claims(table, folder):
    for name, (wide, narrow) in table.items():
        struct, _, field = name.partition(".")
        size = f"(sizeof(void *) == 8 ? {wide}u : {narrow}u)"
        if field:
            yield f"offsetof(struct {struct}, {field}) == {size}", name
        else:
            yield f"sizeof(struct {struct}) >= {size}", f"{name} shrank"
    for item in structs(folder):
        if item.name not in table:
            continue
        wide, narrow = table[item.name]
        for member in item.members:
            if f"{item.name}.{member.name}" not in table:
                yield (f"offsetof(struct {item.name}, {member.name}) >= "
                       f"(sizeof(void *) == 8 ? {wide}u : {narrow}u)",
                       f"{item.name}.{member.name} hides in what was padding")


def check(path, folder, compiler):
    source = INCLUDE + "".join(
        f'_Static_assert({claim}, "{name}");\n' for claim, name in
        claims(read_table(path), folder))
    done = subprocess.run([*compiler, "-std=c17", "-fsyntax-only", "-x", "c", "-I", folder,
                           "-"], input=source, text=True, check=False)
    print(f"{source.count('_Static_assert')} claims, status {done.returncode}")
    return done.returncode


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(sys.argv[2])
    else:
        sys.exit(check(sys.argv[2], sys.argv[3], sys.argv[4:]))
