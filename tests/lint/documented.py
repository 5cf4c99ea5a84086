# SPDX-License-Identifier: Apache-2.0
"""
What the program understands and what its documents say is the same: each command and
option of core/cli/table.c stands in docs/commands.md and in the manual page, and they
name no other. README.md leads to each document and plugin, and what it leads to is
installed.

A word that is cut short (`--eab-…`) stands for several and is not looked at.
"""
import re

import common

TABLE = "core/cli/table.c"
PAGE = "docs/commands.md"
MANUAL = "packaging/acmecore.1"
README = "README.md"
COMMAND = re.compile(r"\[AC_COMMAND_\w+\]\s*=\s*\{\s*\"([a-z ]+)\"")
OPTION = re.compile(
    r"\{\s*\"([a-z0-9-]+)\",\s*(?:'(\w)'|0),\s*AC_OPTION_\w+,\s*AT\(\w+\),"
    r"[^\"{}]*?,\s*(NULL|\")")
NAMED = r"(?<![\w-])--([a-z0-9][a-z0-9-]*)(?![\w…-])"


def read(root, path):
    file = root / path
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def plain(manual):
    """A manual page without its markup: what is in bold or italics stays."""
    text = re.sub(r"^\.\\\".*$", "", manual, flags=re.MULTILINE)
    text = re.sub(r"^\.([BIR]{1,2}) (.*)$", _joined, text, flags=re.MULTILINE)
    text = text.replace("\\-", "-")
    return re.sub(r"\\f.", "", text)


def _joined(match):
    """The words of .BR and its kin are set without the blanks between them."""
    words = re.findall(r'"([^"]*)"|(\S+)', match.group(2))
    separator = " " if len(match.group(1)) == 1 else ""
    return separator.join(quoted or bare for quoted, bare in words)


def commands_of_line(line):
    """{"account register", "account show"} of "account register | show [NAME]"."""
    group, found = "", set()
    for number, part in enumerate(line.split("|")):
        words = re.match(r"[a-z]*(?: [a-z]+)*", part.strip(" []").replace("]", ""))
        command = words.group(0)
        if number == 0:
            group = command.rpartition(" ")[0]
        elif command:
            command = f"{group} {command}".strip()
        if command:
            found.add(command)
    return found


def commands_of_page(text):
    """Those of the first lines that are set as code."""
    synopsis = text.partition("\n## ")[0]
    lines = re.findall(r"^    acmecore (.*)$", synopsis, re.MULTILINE)
    return set().union(*map(commands_of_line, lines))


def commands_of_manual(text):
    synopsis = re.search(r"^\.SH SYNOPSIS$(.*?)^\.SH", text, re.MULTILINE | re.DOTALL)
    lines = re.split(r"^\.br$", synopsis.group(1) if synopsis else "", flags=re.MULTILINE)
    texts = [" ".join(line.split()).removeprefix("acmecore ") for line in lines]
    return set().union(*map(commands_of_line, texts))


def compared(place, wanted, found):
    for command in sorted(wanted - found):
        yield f"{place}: its synopsis lacks the command {command}"
    for command in sorted(found - wanted):
        yield f"{place}: there is no command {command}"


def undescribed(place, commands, headings):
    """A command is described below a heading that names it, or its group."""
    for command in sorted(commands):
        if not any(re.search(rf"\b({command}|{command.split()[0]})\b", heading)
                   for heading in headings):
            yield f"{place}: nothing describes the command {command}"


def faults_of_options(place, options, text):
    for name, short, has_value in options:
        shown = rf"(?<![\w-])--{name}" + (r" [^\s`]" if has_value else r"(?![\w-])")
        if not re.search(shown, text):
            yield f"{place}: --{name} is not shown" + " with a value" * has_value
        if short and not re.search(rf"(?<![\w-])-{short}\b", text):
            yield f"{place}: -{short} is not shown"
    known = {name for name, _, _ in options}
    for number, match in common.lines_with(NAMED, text):
        if match.group(1) not in known:
            yield f"{place}:{number}: there is no --{match.group(1)}"


def faults_of_list(text, commands):
    """README.md has `renew`, and `account show|list` for both."""
    for command in sorted(commands):
        group, _, word = command.partition(" ")
        if not re.search(rf"`{group} [^`]*\b{word}\b" if word else rf"`{group}\b", text):
            yield f"{README}: its list lacks the command {command}"


def faults_of_readme(root):
    text, build = read(root, README), read(root, "CMakeLists.txt")
    for document in sorted((root / "docs").glob("*.md")):
        path = document.relative_to(root).as_posix()
        if f"({path})" not in text:
            yield f"{README}: does not lead to {path}"
        if path not in build:
            yield f"CMakeLists.txt: does not install {path}"
    for plugin in sorted((root / "plugins").glob("*/CMakeLists.txt")):
        is_shared = plugin.parent.name.startswith("common-")  # code of several plugins
        if not is_shared and f"| [{plugin.parent.name}](" not in text:
            yield f"{README}: its table lacks the plugin {plugin.parent.name}"
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        if not (root / target).exists():
            yield f"{README}: leads to {target}, which is not there"


def check(root):
    table, page, manual = read(root, TABLE), read(root, PAGE), plain(read(root, MANUAL))
    commands = set(COMMAND.findall(table))
    options = [(name, short, value != "NULL")
               for name, short, value in OPTION.findall(table)]
    if len(options) != len(re.findall(r"AC_OPTION_\w+,\s*AT\(", table)) or not commands:
        yield f"{TABLE}: has options that cannot be read"
    yield from compared(PAGE, commands, commands_of_page(page))
    yield from compared(MANUAL, commands, commands_of_manual(manual))
    yield from undescribed(PAGE, commands, re.findall(r"^## (.*)$", page, re.MULTILINE))
    yield from undescribed(MANUAL, commands,
                           re.findall(r"^\.TP\n(.*)$", manual, re.MULTILINE))
    yield from faults_of_options(PAGE, options, page)
    yield from faults_of_options(MANUAL, options, manual)
    yield from faults_of_list(read(root, README), commands)
    yield from faults_of_readme(root)


GOOD_TABLE = """
    [AC_COMMAND_ISSUE] = { "issue", "", "obtain", 0, 0 },
    [AC_COMMAND_A_B] = {
        "account show", "NAME", "read", 1, 1 },
    [AC_COMMAND_A_C] = { "account list", "", "read", 0, 0 },
    { "domain", 'd', AC_OPTION_WORDS, AT(domains), FOR_ISSUE | AC_BIT(A_B), "NAME", 0, 0,
      "a name, like --else" },
    { "force", 0, AC_OPTION_FLAG, AT(is_forced),
      AC_BIT(ISSUE), NULL, 0, 0, "all the same" },
"""
GOOD_PAGE = """# Commands

    acmecore [issue] -d NAME... [OPTION]...
    acmecore account show NAME | list

A beginning (`--for…`) is not understood.

## issue
`-d, --domain NAME`, `--force`
## account
"""
GOOD_MANUAL = """.\\" --comment
.SH SYNOPSIS
.B acmecore
.RB [ issue ]
.B \\-d
.IR NAME ...
.br
.B acmecore account show
.I NAME
|
.B list
.SH COMMANDS
.TP
.B issue
Obtain.
.TP
.BR "account show" ", " "account list"
Read.
.TP
.BR \\-d ", " \\-\\-domain " \\fINAME\\fR"
.TP
.B \\-\\-force
"""
GOOD_README = """`issue`, `account show|list`
| [x](plugins/x/CMakeLists.txt) |
[a](docs/a.md) [c](docs/commands.md)
"""
GOOD = {TABLE: GOOD_TABLE, PAGE: GOOD_PAGE, MANUAL: GOOD_MANUAL, README: GOOD_README,
        "docs/a.md": "", "plugins/x/CMakeLists.txt": "",
        "CMakeLists.txt": "install(FILES docs/a.md docs/commands.md)\n"}
BAD = [
    ({PAGE: GOOD_PAGE.replace("NAME | list", "NAME")},
     f"{PAGE}: its synopsis lacks the command account list"),
    ({PAGE: GOOD_PAGE.replace("| list", "| list | burn")},
     f"{PAGE}: there is no command account burn"),
    ({PAGE: GOOD_PAGE.replace("## account\n", "")},
     f"{PAGE}: nothing describes the command account list"),
    ({PAGE: GOOD_PAGE.replace(", `--force`", "")}, f"{PAGE}: --force is not shown"),
    ({PAGE: GOOD_PAGE.replace("domain NAME", "domain")},
     f"{PAGE}: --domain is not shown with a value"),
    ({PAGE: GOOD_PAGE.replace("-d, ", "").replace("-d NAME", "NAME")},
     f"{PAGE}: -d is not shown"),
    ({PAGE: GOOD_PAGE + "`--forces`\n"}, f"{PAGE}:11: there is no --forces"),
    ({MANUAL: GOOD_MANUAL.replace("|\n.B list\n", "")},
     f"{MANUAL}: its synopsis lacks the command account list"),
    ({MANUAL: GOOD_MANUAL.replace(".B issue\nObtain", "Obtain")},
     f"{MANUAL}: nothing describes the command issue"),
    ({MANUAL: GOOD_MANUAL.replace(".B \\-\\-force\n", "")},
     f"{MANUAL}: --force is not shown"),
    ({MANUAL: GOOD_MANUAL + ".B \\-\\-old\n"}, "there is no --old"),
    ({TABLE: GOOD_TABLE.replace("'d'", "SHORT")}, "cannot be read"),
    ({README: GOOD_README.replace("|list", "")}, "its list lacks the command account list"),
    ({"docs/b.md": ""}, "does not lead to docs/b.md"),
    ({"docs/b.md": ""}, "does not install docs/b.md"),
    ({"plugins/y/CMakeLists.txt": ""}, "lacks the plugin y"),
    ({README: GOOD_README + "[z](docs/z.md#top)\n"}, "leads to docs/z.md"),
]

if __name__ == "__main__":
    common.main("documented", check, GOOD, BAD)
