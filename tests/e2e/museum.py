# SPDX-License-Identifier: Apache-2.0
"""
The museum: plugins that misbehave on purpose, as the tests of renew and of plugin check
use them. Most are built from tests/abi/plugins; what is wrong with the file itself is
made here, of a good one.
"""
import os
import pathlib
import shutil
import struct

from program import build_folder

BUILT = build_folder() / "tests/abi/plugins"

# Places in a 64-bit ELF header.
CLASS, DATA, MACHINE, SECTIONS_AT = 4, 5, 18, 40
NARROW, BIG_ENDIAN = 1, 2
OF_SECTION_TYPE, OF_SECTION_AT, OF_SECTION_SIZE, OF_SECTION_LINK = 4, 24, 32, 40
DYNAMIC_SYMBOLS = 11
FOREIGN = {"x86_64": 183}.get(os.uname().machine, 62)       # ARM64 here, x86-64 elsewhere


def patched(*changes):
    """The good plugin with bytes replaced: (place, format, value)."""
    image = bytearray((BUILT / "good.so").read_bytes())
    for place, form, value in changes:
        struct.pack_into("<" + form, image, place, value)
    return bytes(image)


def dynamic_symbols(image):
    """Where the section header of the symbol table is."""
    at, = struct.unpack_from("<Q", image, SECTIONS_AT)
    while struct.unpack_from("<I", image, at + OF_SECTION_TYPE)[0] != DYNAMIC_SYMBOLS:
        at += 64
    return at


def damaged(offset, form, value):
    """With a field of the symbol table's section header replaced."""
    return patched((dynamic_symbols(patched()) + offset, form, value))


def files():
    return {
        "text-file": b"#!/bin/sh\nexit 0\n", "nothing": b"", "cut-off": patched()[:2000],
        "cut-header": patched()[:40],
        "other-machine": patched((MACHINE, "H", FOREIGN)),
        "unknown-machine": patched((MACHINE, "H", 4711)),
        "narrow": patched((CLASS, "B", NARROW), (MACHINE, "H", 40)),
        "big-endian": patched((DATA, "B", BIG_ENDIAN), (MACHINE, "H", 0x1600)),
        "far-sections": patched((SECTIONS_AT, "Q", 2 ** 64 - 8)),
        "far-symbols": damaged(OF_SECTION_AT, "Q", 2 ** 63),
        "huge-symbols": damaged(OF_SECTION_SIZE, "Q", 2 ** 64 - 24),
        "lost-names": damaged(OF_SECTION_LINK, "I", 99999),
    }


def furnish(folder):
    """A plugin folder with all exhibits, and two whose surroundings are wrong."""
    folder = pathlib.Path(folder)
    shutil.copytree(BUILT, folder, ignore=lambda _, names: [
        name for name in names if not name.endswith(".so")])
    for name, image in files().items():
        (folder / f"{name}.so").write_bytes(image)
        (folder / f"{name}.so").chmod(0o644)
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(BUILT / "good.so", elsewhere / "linked.so")
    (folder / "linked.so").symlink_to(elsewhere / "linked.so")
    elsewhere.chmod(0o777)
    (folder / "dangling.so").symlink_to(elsewhere / "gone.so")
    shutil.copy(BUILT / "good.so", folder / "writable.so")
    (folder / "writable.so").chmod(0o666)
    (folder / "a-folder.so").mkdir()
    folder.chmod(0o755)
    return folder
