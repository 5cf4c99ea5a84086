# SPDX-License-Identifier: Apache-2.0
"""
The plugin ABI changes only as it may. include/acmecore/plugin.h is held against the copy
of each released minor (tests/abi/1.N/plugin.h): what a copy declares is still there, in
the same order and form; structs and enums have grown at the end only; and as long as the
minor is the same, nothing has been added. No struct is embedded or lies in an array, no
enum is a field or parameter: neither could grow. docs/plugin-abi.md has a dated entry
for each minor, and its reference is what the header's comments say.

    abi.py --write    writes that reference anew
"""
import re
import sys

import common
import plugin_header

HEADER = "include/acmecore/plugin.h"
COPIES = "tests/abi"
PAGE = "docs/plugin-abi.md"
BEGIN = "<!-- begin of what tests/lint/abi.py writes -->"
END = "<!-- end of what tests/lint/abi.py writes -->"
MAY_CHANGE = ("ACMECORE_ABI_MINOR", "ACMECORE_PLUGIN_H")
EXPLAINED_ONCE = ("struct_size",)


def read(root, path):
    file = root / path
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def number(items, name):
    for item in items:
        if item.name == name:
            return int(item.code.split()[-1])
    return -1


# ---- what may change

def key_of(item):
    """The one symbol has the name of its struct."""
    return item.kind == "object", item.name


def grown(place, old, new, is_frozen):
    """What was there is there, in its order; `is_frozen`: and nothing else."""
    known = {key_of(item): item for item in new}
    for item in old:
        if key_of(item) not in known:
            yield f"{place}: {item.name} is gone"
        elif item.name not in MAY_CHANGE:
            yield from same(place, item, known[key_of(item)], is_frozen)
    if is_frozen:
        for key in known.keys() - {key_of(item) for item in old}:
            yield f"{place}: {key[1]} is new: it takes another minor (see {PAGE}, Growth)"


def same(place, old, new, is_frozen):
    if old.kind == "opaque" and not is_frozen:
        return
    if (old.kind, old.code) != (new.kind, new.code):
        yield f"{place}: {old.name} is another thing than in the copy"
    before, now = [m.code for m in old.members], [m.code for m in new.members]
    if now[:len(before)] != before:
        yield (f"{place}: {old.name} has other members than in the copy, or in another "
               "order")
    elif is_frozen and now != before:
        yield f"{place}: {old.name} has grown: it takes another minor (see {PAGE}, Growth)"


# ---- what could not grow

def traps(items):
    tags = "|".join(item.name for item in items if item.kind == "struct")
    for item in items:
        for member in [item] + item.members:
            code = member.code
            if item.kind == "enum" or member.kind == "macro" or item.kind == "object":
                continue
            where = f"{HEADER}: {item.name}" + \
                (f".{member.name}" if member is not item else "")
            if re.search(r"\benum acmecore_", code):
                yield f"{where}: an enum has no size that stays; say int or uint32_t"
            if re.search(rf"struct ({tags}) ", code):
                yield f"{where}: a struct in another one cannot grow; say a pointer"
            if re.search(rf"struct ({tags})\*\w+,size_t", code):
                yield f"{where}: an array of structs cannot grow; say pointers to them"


# ---- the document

def _cell(text):
    return " ".join(text.split()).replace("|", "\\|")


def _rows(members):
    for member in members:
        kind = member.code if "(" in member.code or member.code.startswith("union") else \
            member.code.rpartition(member.name)[0].strip()
        kind = re.sub(r"ACMECORE_PRINTF\(\d,\d\)", "", kind)
        shown = re.sub(r"([,;])", r"\1 ", kind).replace("*", " *").replace("* *", "**") \
            .replace("( *", "(*").strip()
        yield f"| `{member.name}` | `{shown}` | {_cell(member.comment)} |"


def _section(item):
    if item.kind in ("macro", "object", "opaque"):
        return
    yield f"### {'' if item.kind == 'typedef' else item.kind + ' '}{item.name}"
    yield ""
    if item.comment:
        yield item.comment.replace("\n *", "\n")
        yield ""
    if item.kind == "typedef":
        yield f"    {re.sub(r'([,])', r'{0} '.format(chr(92) + '1'), item.code)};"
    elif item.kind == "enum":
        yield "| name | value | meaning |\n| --- | --- | --- |"
        value = -1
        for member in item.members:
            value = int(member.code.split("=")[1]) if "=" in member.code else value + 1
            yield f"| `{member.name}` | {value} | {_cell(member.comment)} |"
    else:
        yield "| field | type | meaning |\n| --- | --- | --- |"
        yield from _rows(item.members)
    yield ""


def reference(items):
    yield "| name | what it is |\n| --- | --- |"
    for item in items:
        if item.kind in ("macro", "object", "opaque") and item.name not in MAY_CHANGE[1:]:
            shown = item.code.removeprefix("#define ")
            is_value = item.kind == "macro" and re.fullmatch(r"\w+ [\w.]+", shown)
            shown = f"`{item.name}` ({shown.split()[1]})" if is_value else f"`{item.name}`"
            yield f"| {shown} | {_cell(item.comment)} |"
    yield ""
    for item in items:
        yield from _section(item)


def with_reference(page, items):
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n" + "\n".join(reference(items)) + f"\n{END}{after}"


def undescribed(items):
    for item in items:
        if item.kind == "macro" and not item.comment and item.name not in MAY_CHANGE:
            yield f"{HEADER}: no comment says what {item.name} is"
        for member in item.members:
            if not member.comment and member.name not in EXPLAINED_ONCE:
                yield f"{HEADER}: no comment says what {item.name}.{member.name} is"


def faults_of_page(page, items, minors):
    if page and page != with_reference(page, items):
        yield (f"{PAGE}: its reference is not what the header says: run tests/lint/abi.py "
               "--write")
    for minor in minors:
        if not re.search(rf"^### 1\.{minor} \(\d{{4}}-\d\d-\d\d\)$", page, re.MULTILINE):
            yield f"{PAGE}: there is no dated entry for 1.{minor}"
    known = set(plugin_header.names(items))
    known |= {name.rpartition(".")[2] for name in known}
    for line, match in common.lines_with(r"\b(?:ACMECORE|acmecore)_\w+", page):
        name = match.group(0)
        is_of_kit = re.match(r"acmecore_(json|by_zone|change_zone|add_plugin|check)", name)
        if name not in known and not is_of_kit and not name.endswith("_"):
            yield f"{PAGE}:{line}: the header has no {name}"


# ---- all of it

def check(root):
    text = read(root, HEADER)
    items = plugin_header.parse(text)
    minor = number(items, "ACMECORE_ABI_MINOR")
    copies = {int(path.parent.name.split(".")[1]): path
              for path in (root / COPIES).glob("1.*/plugin.h")}
    if not items or minor not in copies:
        yield f"{HEADER}: {COPIES}/1.{minor}/plugin.h, the copy of its minor, is missing"
    for number_of, path in sorted(copies.items()):
        place = f"{HEADER} against {path.relative_to(root).as_posix()}"
        old = plugin_header.parse(path.read_text(encoding="utf-8"))
        yield from grown(place, old, items, number_of == minor)
    yield from traps(items)
    yield from undescribed(items)
    page = read(root, PAGE)
    if not page:
        yield f"{PAGE}: is missing"
    yield from faults_of_page(page, items, sorted(copies))


GOOD_HEADER = """/* Rules. */
#ifndef ACMECORE_PLUGIN_H
#define ACMECORE_PLUGIN_H
#define ACMECORE_ABI_MINOR 0 /* one day more */

/* A thing. */
struct acmecore_thing {
    uint32_t struct_size;
    uint32_t flags;   /* none yet */
    const char *name; /* its name */

    /* Does
     * something. */
    int (*act)(void *self, const struct acmecore_thing *const *things, size_t count);
};

enum acmecore_mood {
    ACMECORE_GOOD = 1, /* as it should be */
    ACMECORE_BAD = 2   /* else */
};
#endif
"""
GOOD_PAGE = with_reference(f"# ABI\n### 1.0 (2026-11-22)\n{BEGIN}\n{END}\n",
                           plugin_header.parse(GOOD_HEADER))
GOOD = {HEADER: GOOD_HEADER, f"{COPIES}/1.0/plugin.h": GOOD_HEADER, PAGE: GOOD_PAGE}


def _changed(old, new, minor=False):
    assert old in GOOD_HEADER, old
    header = GOOD_HEADER.replace(old, new)
    return {HEADER: header.replace("MINOR 0", "MINOR 1") if minor else header}


BAD = [
    (_changed("uint32_t flags;", "uint64_t flags;"), "has other members"),
    (_changed("    uint32_t flags;   /* none yet */\n", ""), "has other members"),
    (_changed("    /* Does", "    int more; /* more */\n    /* Does"), "has other members"),
    (_changed("size_t count);\n", "size_t count);\n    int more; /* more */\n"),
     "has grown: it takes another minor"),
    (_changed("size_t count);\n", "size_t count);\n    int more; /* more */\n", True),
     "1.1/plugin.h, the copy of its minor, is missing"),
    (_changed("ACMECORE_BAD = 2", "ACMECORE_BAD = 3"), "acmecore_mood has other members"),
    (_changed("enum acmecore_mood", "enum acmecore_temper"), "acmecore_mood is gone"),
    (_changed("#endif", "#define ACMECORE_NEW 1 /* new */\n#endif"), "ACMECORE_NEW is new"),
    (_changed("void *self,", "enum acmecore_mood mood,"), "an enum has no size"),
    (_changed("thing *const *things", "thing *things"), "an array of structs cannot grow"),
    (_changed("size_t count);\n", "size_t count);\n    struct acmecore_thing inner;\n"),
     "a struct in another one cannot grow"),
    (_changed(" /* its name */", ""), "no comment says what acmecore_thing.name is"),
    (_changed("its name", "its other name"), "its reference is not what the header says"),
    ({PAGE: GOOD_PAGE.replace("2026-11-22", "now")}, "no dated entry for 1.0"),
    ({PAGE: GOOD_PAGE + "`acmecore_thong`\n"}, "the header has no acmecore_thong"),
]


def write():
    path = common.ROOT / PAGE
    items = plugin_header.parse(read(common.ROOT, HEADER))
    path.write_text(with_reference(path.read_text(encoding="utf-8"), items),
                    encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        write()
    else:
        common.main("abi", check, GOOD, BAD)
