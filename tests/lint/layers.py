# SPDX-License-Identifier: Apache-2.0
"""Each layer includes only what STYLE section 1 lets it."""
import re

import common

ABI = "acmecore/plugin.h"
# Compiled into a plugin: more than the ABI, and nothing of the core.
INSTALLED = (ABI, "acmecore/provider.h")
GENERATED = "acmecore-config.h"

# A layer's own folder and the generated header are always allowed.
ALLOWED = {
    "base": (),
    "crypto": ("base/",),
    "net": ("base/",),
    "config": ("base/",),
    "acme": ("crypto/", "net/", "base/"),
    "host": ("config/", "base/", ABI),
    "store": ("crypto/", "base/"),
    "engine": ("acme/", "host/", "store/", "config/", "crypto/", "net/", "base/"),
    "cli": ("engine/", "store/", "config/", "base/"),
    "pluginhost": ("host/message", "base/", ABI),
}

INCLUDE = r"^[ \t]*#[ \t]*include[ \t]*([<\"])([^>\"\n]+)[>\"]"


def without_comments(text):
    return re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group(0).count("\n"), text,
                  flags=re.DOTALL)


def may_include(path, quote, header, root):
    parts = path.split("/")
    if quote == "<" and header not in INSTALLED:
        return not (root / "core" / header).exists()
    if parts[0] == "plugins":
        return header in INSTALLED or (quote == '"' and "/" not in header)
    if header == GENERATED:
        return True
    layer = parts[1]
    return header.startswith(layer + "/") or header.startswith(ALLOWED[layer])


def check(root):
    for path, text in common.sources(root, "core", "plugins"):
        if path.startswith("core/") and path.split("/")[1] not in ALLOWED:
            yield f"{path}: no layer of that name in the table"
            continue
        for line, match in common.lines_with(INCLUDE, without_comments(text)):
            if not may_include(path, match.group(1), match.group(2), root):
                yield f"{path}:{line}: may not include {match.group(2)}"


GOOD = {
    "core/base/text.c": '#include "base/text.h"\n#include <sys/stat.h>\n',
    "core/net/http.h": "#include <net/if.h>\n",
    "core/acme/order.c": '/* #include "cli/x.h" */\n#include "net/http.h"\n',
    "core/pluginhost/main.c": '#include "host/message.h"\n#include <acmecore/plugin.h>\n',
    "plugins/a/a.c": '#include <acmecore/plugin.h>\n#include "path.h"\n',
}
BAD = [
    ({"core/base/x.c": '#include "net/http.h"\n'}, "x.c:1: may not include net/http.h"),
    ({"core/pluginhost/x.c": '\n#include "host/process.h"\n'}, "x.c:2: may not"),
    ({"core/cli/x.c": '#include "acme/order.h"\n'}, "may not include acme/order.h"),
    ({"core/engine/x.c": "#include <acmecore/plugin.h>\n"}, "acmecore/plugin.h"),
    ({"core/base/x.c": '#include "text.h"\n'}, "may not include text.h"),
    ({"core/base/x.c": "#include <net/http.h>\n"}, "may not include net/http.h"),
    ({"plugins/a/x.c": '#include "base/text.h"\n'}, "may not include base/text.h"),
    ({"core/new/x.c": ""}, "no layer of that name"),
]

if __name__ == "__main__":
    common.main("layers", check, GOOD, BAD)
