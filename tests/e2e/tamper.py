# SPDX-License-Identifier: Apache-2.0
"""
A run whose n-th system call of a kind kills it, or fails: strace does it.

    spoiled = Spoiler(folder)
    acmecore("renew", prefix=spoiled.words(Point("renameat", 3)))       # SIGKILL there
    acmecore("renew", prefix=spoiled.words(Point("fsync", 2, "EIO")))
    spoiled.where()                                     # 'renameat(5</…>, …) = ?', or ""

strace counts for each process and each system call by itself, so that a point is a
process, the name of a call and a number. Without -f only the program itself is traced;
HostTree is for the plugin host: a copy of the build tree whose plugin host is started
under strace.
"""
import collections
import dataclasses
import pathlib
import re
import shutil

from program import build_folder
from running import wait_until

STRACE = shutil.which("strace")
KINDS = "%file,%desc,%network"
# Memory that is not ours to lose; the calls around it are points.
UNTOUCHED = {"mmap", "execve"}
LINE = re.compile(r"(?:\d+ +)?(?P<call>\w+)\(")


@dataclasses.dataclass(frozen=True)
class Point:
    call: str
    number: int
    error: str = ""     # "ENOSPC"; "": SIGKILL

    def __str__(self):
        return f"{self.call}#{self.number} {self.error or 'KILL'}"


class Spoiler:
    def __init__(self, folder):
        self.log = pathlib.Path(folder) / "strace.log"

    def watch(self):
        """Words before a program whose calls are to be counted."""
        self.log.unlink(missing_ok=True)
        return (STRACE, "-y", "-s", "0", "-o", str(self.log), "-e", f"trace={KINDS}")

    def words(self, point):
        """Words before a program that does not get past this point unharmed."""
        self.log.unlink(missing_ok=True)
        harm = f"error={point.error}" if point.error else "signal=KILL"
        return (STRACE, "-y", "-s", "0", "-o", str(self.log), "-e",
                f"trace={point.call}", "-e",
                f"inject={point.call}:{harm}:when={point.number}")

    def _lines(self):
        if not self.log.exists():
            return []
        return self.log.read_text(errors="replace").splitlines()

    def calls(self):
        """{call: its lines, in order} of a run that was watched."""
        found = collections.defaultdict(list)
        for line in self._lines():
            match = LINE.match(line)
            if match and match["call"] not in UNTOUCHED:
                found[match["call"]].append(line)
        return found

    def where(self):
        """The call that was spoiled; "": the run never came so far."""
        if self.log.exists():   # a detached strace may write a moment longer
            wait_until(lambda: "+++ " in self.log.read_text(errors="replace"),
                       "strace has written its log")
        lines = self._lines()
        for before, line in zip(lines, lines[1:]):
            if "killed by SIGKILL" in line:
                return before
        return next((line for line in lines if "(INJECTED)" in line), "")


class HostTree:
    """
    bin/acmecore and what belongs to it, where the plugin host is under strace with the
    words of the spoiler: only the first that a run starts, or `every` one.
    """

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        build = build_folder()
        self.program = self.folder / "bin/acmecore"
        self.program.parent.mkdir(parents=True)
        shutil.copy2(build / "bin/acmecore", self.program)
        shutil.copytree(build / "lib/acmecore", self.folder / "lib/acmecore")
        self.host = self.folder / "libexec/acmecore/acmecore-plugin-host"
        self.host.parent.mkdir(parents=True)
        self.real = build / "libexec/acmecore/acmecore-plugin-host"
        self.used = self.folder / "used"

    def spoil(self, words, every=False):
        """-DDD: it stays the program's own child, and strace is no part of its group."""
        shutil.rmtree(self.used, ignore_errors=True)
        quoted = " ".join(f"'{word}'" for word in words)
        once = "" if every else (f"mkdir '{self.used}' 2>/dev/null "
                                 f"|| exec '{self.real}' \"$@\"\n")
        self.host.write_text(f"#!/bin/sh\n{once}exec {quoted} '{self.real}' \"$@\"\n")
        self.host.chmod(0o755)

    def heal(self):
        self.host.write_text(f"#!/bin/sh\nexec '{self.real}' \"$@\"\n")
        self.host.chmod(0o755)
