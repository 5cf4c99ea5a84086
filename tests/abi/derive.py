# SPDX-License-Identifier: Apache-2.0
"""
Derives the next minor of the plugin ABI from this one, and a plugin host that has it:

    derive.py SOURCE_TREE OUTPUT

Each struct grows by a field, a service or an operation at its end. Three sources of the
plugin host are changed so that it offers what is new. What is to be replaced must be
there exactly once, so that a change of these sources is noticed here.
"""
import pathlib
import re
import sys

NEW_FIELDS = {
    "acmecore_challenge": "const char *profile;",
    "acmecore_certificate": "const char *note;",
    "acmecore_request": "const char *proxy;",
    "acmecore_command": "const char *folder;",
    "acmecore_host": "const char *(*run_id)(struct acmecore_host_ctx *ctx);",
    "acmecore_solver": "acmecore_batch *recall;",
    "acmecore_installer": "int (*preview)(void *self);",
    "acmecore_option": "const char *unit;",
    "acmecore_plugin": "const char *summary;",
}

NEW_SOURCES = {
    "services.c": (
        ("static const struct acmecore_host table = {\n",
         "static const char *service_run_id(struct acmecore_host_ctx *ctx)\n{\n"
         "    (void)ctx;\n    return \"run-42\";\n}\n\n"
         "static const struct acmecore_host table = {\n    .run_id = service_run_id,\n"),),
    "message.c": (
        ("struct acmecore_challenge copy = { .struct_size = sizeof copy };",
         "struct acmecore_challenge copy = { .struct_size = sizeof copy,\n"
         "                                       .profile = \"shortlived\" };"),),
    "session.c": (
        ("    call_plugin(session, operation, &batch, &results);\n",
         "    call_plugin(session, operation, &batch, &results);\n"
         "    if (session->loaded.solver.recall)\n"
         "        call_plugin(session, session->loaded.solver.recall, &batch, &results);\n"),),
}
FOLDERS = {"services.c": "pluginhost", "message.c": "host", "session.c": "pluginhost"}


def replaced(text, old, new):
    if text.count(old) != 1:
        sys.exit(f"{old!r} is there {text.count(old)} times")
    return text.replace(old, new)


def next_header(text):
    text = replaced(text, "#define ACMECORE_ABI_MINOR 0", "#define ACMECORE_ABI_MINOR 1")
    for name, field in NEW_FIELDS.items():
        text, count = re.subn(rf"(struct {name} \{{.*?)\n\}};", rf"\1\n    {field}\n}};",
                              text, count=1, flags=re.DOTALL)
        if count != 1:
            sys.exit(f"struct {name} is not there")
    return text


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def main(source, output):
    header = (source / "include/acmecore/plugin.h").read_text(encoding="utf-8")
    write(output / "include/acmecore/plugin.h", next_header(header))
    for name, changes in NEW_SOURCES.items():
        text = (source / "core" / FOLDERS[name] / name).read_text(encoding="utf-8")
        for old, new in changes:
            text = replaced(text, old, new)
        write(output / name, text)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
