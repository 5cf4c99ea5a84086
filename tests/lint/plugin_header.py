# SPDX-License-Identifier: Apache-2.0
"""
include/acmecore/plugin.h, or a copy of it, as a list of what it declares: for the lint
of the ABI, its table of offsets, and docs/plugin-abi.md.

It reads this one header and no other C: each declaration stands alone, ends with ";" or
"}", and what a comment is about it stands above, or behind on the same line.
"""
import dataclasses
import re

PREFIX = ("acmecore_", "ACMECORE_")
_PART = re.compile(r"/\*.*?\*/|[^;,{}/]+|[;,{}/]", re.DOTALL)


@dataclasses.dataclass
class Item:
    """kind: macro, struct, enum, typedef, opaque, object; of a member: member."""
    kind: str
    name: str
    code: str = ""      # without comments, one blank between words
    comment: str = ""
    members: list = dataclasses.field(default_factory=list)


def text_of(comment):
    """What a comment says, its stars and margins gone; paragraphs and lists stay."""
    body = re.sub(r"^/\*+|\*+/$", "", comment.strip())
    lines = [re.sub(r"^\s*\*\s?", "", line) for line in body.strip("\n").split("\n")]
    if lines:
        lines[0] = lines[0].strip()
    return "\n".join(line.rstrip() for line in lines).strip()


def _plain(code):
    code = re.sub(r"/\*.*?\*/", " ", code, flags=re.DOTALL)
    return re.sub(r"\s*([*(){},;])\s*", r"\1", " ".join(code.split()))


def _join(first, second):
    return "\n".join(part for part in (first, second) if part)


def _names(code):
    """The names that one declaration declares: "uint32_t a, b" is two."""
    pointer = re.search(r"\(\*(\w+)\)\s*\(", code)
    if pointer:
        return [pointer.group(1)]
    code = re.sub(r"ACMECORE_\w+\([^)]*\)", "", code)
    return [re.search(r"(\w+)\s*$", part).group(1) for part in code.split(",")]


def _is_same_line(text, start):
    return "\n" not in text[:start].rpartition(";")[2]


def _close(text, start):
    """Behind the brace that ends what begins at `start`."""
    depth = 0
    for at in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[at], 0)
        if depth == 0 and text[at] == "}":
            return at + 1
    raise ValueError("a brace is not closed")


def _statements(text, end):
    """(code, comments before and inside, comment behind) of each in a body."""
    code, above, behind, depth, last = "", "", None, 0, None
    found = []
    for match in _PART.finditer(text):
        part = match.group(0)
        if part.startswith("/*"):
            gap = text[last:match.start()] if last is not None else "\n"
            if not code.strip() and found and "\n" not in gap:
                found[-1][2] = _join(found[-1][2], text_of(part))
                last = match.end()
            else:
                above = _join(above, text_of(part))
            continue
        depth += part.count("{") + part.count("(") - part.count("}") - part.count(")")
        if part == end and depth == 0:
            found.append([code, above, ""])
            code, above, last = "", "", match.end()
        else:
            code += part
    if code.strip():
        found.append([code, above, ""])
    return [(code, _join(above, behind)) for code, above, behind in found]


def _members(body):
    for code, comment in _statements(body, ";"):
        inner = re.match(r"\s*union\s*\{(.*)\}\s*(\w+)\s*$", code, re.DOTALL)
        if inner:
            yield Item("member", inner.group(2), "union{" + _plain(inner.group(1)) + "}",
                       comment)
            continue
        plain = _plain(code)
        for name in _names(plain):
            kind = plain if "(" in plain or "," not in plain else \
                plain.split(",")[0].rpartition(" ")[0] + " " + name
            yield Item("member", name, kind, comment)


def _enumerators(body):
    for code, comment in _statements(body, ","):
        yield Item("member", code.split("=")[0].strip(), _plain(code), comment)


def _macro(match, above):
    line = re.sub(r"\\\n", " ", match.group(0))
    behind = re.search(r"/\*.*?\*/", line, re.DOTALL)
    code = _plain(line)
    name = re.match(r"#define (\w+)", code).group(1)
    return Item("macro", name, code,
                _join(above, text_of(behind.group(0)) if behind else ""))


_TOP = re.compile(
    r"(?P<comment>/\*.*?\*/)"
    r"|(?P<macro>^[ ]*#define (?:\\\n|/\*.*?\*/|[^\n])*)"
    r"|(?P<other>^[ ]*#[^\n]*)"
    r"|(?P<extern>extern \"C\" \{)"
    r"|(?P<block>(?P<tag>struct|enum) (?P<name>acmecore_\w+)\s*\{)"
    r"|(?P<statement>[^;{}#/]+(?:\([^;]*\))?[^;{}#/]*;)", re.DOTALL | re.MULTILINE)


def parse(text):
    """Everything it declares, in order."""
    items, above, at = [], "", 0
    while True:
        match = _TOP.search(text, at)
        if not match:
            return items
        at = match.end()
        if match.group("comment"):
            comment = match.group("comment")
            gap = text[at:].split("\n", 2)[:2]
            is_title = comment.startswith("/* ----") or len(gap) > 1 and not gap[1].strip()
            above = "" if is_title or "clang-format" in comment else text_of(comment)
        elif match.group("macro"):
            items.append(_macro(match, above))
            above = ""
        elif match.group("block"):
            end = _close(text, match.end() - 1)
            body = text[match.end():end - 1]
            is_enum = match.group("tag") == "enum"
            items.append(Item(match.group("tag"), match.group("name"), "", above,
                              list((_enumerators if is_enum else _members)(body))))
            first = re.match(r"\s*/\*.*?\*/", body, re.DOTALL)
            if first and "\n" not in body[:first.start()] and not is_enum \
                    and "\n" not in re.match(r"[ ]*", body).group(0) and body[0] == " ":
                items[-1].comment = _join(above, text_of(first.group(0)))
                items[-1].members[0].comment = \
                    items[-1].members[0].comment.removeprefix(text_of(first.group(0))).strip()
            at, above = end, ""
        elif match.group("statement"):
            _statement(items, _plain(match.group("statement")).rstrip(";"), above)
            above = ""


def _statement(items, code, above):
    typedef = re.match(r"typedef .*?\b(acmecore_\w+)\(", code)
    opaque = re.match(r"struct (acmecore_\w+)$", code)
    thing = re.match(r"extern .*?(acmecore_\w+)$", code)
    for kind, match in (("typedef", typedef), ("opaque", opaque), ("object", thing)):
        if match:
            items.append(Item(kind, match.group(1), code, above))


def names(items):
    """Each name that the header gives to the world: of members "struct.member"."""
    for item in items:
        yield item.name
        for member in item.members:
            yield member.name if item.kind == "enum" else f"{item.name}.{member.name}"
