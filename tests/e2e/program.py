# SPDX-License-Identifier: Apache-2.0
"""acmecore as a test runs it: a state folder of its own and a deadline."""
import dataclasses
import json
import os
import pathlib
import re
import select
import signal
import subprocess
import time

from running import ROOT, descendants, kill_quietly, wait_until

DEADLINE_S = 60
LOOK_S = 0.02


def build_folder():
    return (ROOT / os.environ.get("ACMECORE_BUILD", "build/dev")).resolve()


def is_sanitized():
    """Then memory and time mean nothing."""
    return b"__asan_init" in (build_folder() / "bin/acmecore").read_bytes()


@dataclasses.dataclass
class Result:
    """How a run ended. code is 128 + N when signal N ended the process itself."""

    code: int
    stdout: str
    stderr: str
    elapsed_s: float
    cpu_s: float        # of the process and all children it waited for
    max_rss_kib: int    # of the largest of these, as far as it was seen
    was_killed: bool    # by us, because the deadline passed
    signal: int = 0     # that ended the process itself; 0: it exited

    @property
    def json(self):
        """The one document on stdout; ValueError, with all output, when it is none."""
        try:
            return json.loads(self.stdout)
        except ValueError as error:
            raise ValueError(f"{error}: {self}") from error

    def __str__(self):
        return (f"exit {self.code} after {self.elapsed_s:.2f} s\n"
                f"--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}")


def peak_kib(pid, program=""):
    """
    Of the memory of a living process, whose program ends so; 0: it is gone, or another.
    (ru_maxrss will not do: it counts what the caller was before exec.)
    """
    try:
        text = pathlib.Path(f"/proc/{pid}/status").read_text()
        path = os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return 0
    if path == os.readlink("/proc/self/exe") or not path.endswith(program):
        return 0    # between fork and exec it is the caller
    found = re.search(r"^VmHWM:\s*(\d+)", text, re.MULTILINE)
    return int(found.group(1)) if found else 0


class Run:
    """A run that goes on; output is read from files, so it never blocks."""

    def __init__(self, arguments, folder, env, stdin=None):
        self.stdout_path, self.stderr_path = folder / "stdout", folder / "stderr"
        self.started = time.monotonic()
        with self.stdout_path.open("wb") as out, self.stderr_path.open("wb") as err:
            self.process = subprocess.Popen(
                arguments, stdin=stdin or subprocess.DEVNULL, stdout=out, stderr=err,
                env=env, cwd=folder)
        self.pid = self.process.pid
        self._pidfd = os.pidfd_open(self.pid)
        self.result = None
        self.peak_kib = 0

    @property
    def stdout(self):
        return self.stdout_path.read_text(encoding="utf-8", errors="replace")

    @property
    def stderr(self):
        return self.stderr_path.read_text(encoding="utf-8", errors="replace")

    def children(self):
        """Process ids of the plugin hosts and whatever they started."""
        return descendants(self.pid)

    def has_ended(self):
        return self.result is not None or bool(select.select([self._pidfd], [], [], 0)[0])

    def wait_for(self, pattern, seconds=DEADLINE_S):
        """Until what it printed (either stream) matches; RuntimeError when it ended."""
        def is_there():
            if re.search(pattern, self.stdout + self.stderr):
                return True
            if self.has_ended():
                raise RuntimeError(f"ended without {pattern!r}: {self.wait()}")
            return False
        wait_until(is_there, lambda: f"{pattern!r} in:\n{self.stdout}{self.stderr}",
                   seconds)

    def send(self, number):
        """A signal to the process itself."""
        if not self.has_ended():
            os.kill(self.pid, number)

    def wait(self, deadline_s=DEADLINE_S):
        if self.result is not None:
            return self.result
        was_killed, peak = not self._watch(deadline_s), self.peak_kib
        if was_killed:
            self._kill_tree()
        _, status, usage = os.wait4(self.pid, 0)
        os.close(self._pidfd)
        ended_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        self.process.returncode = 128 + ended_by if ended_by else os.WEXITSTATUS(status)
        self.result = Result(
            code=self.process.returncode, stdout=self.stdout, stderr=self.stderr,
            elapsed_s=time.monotonic() - self.started,
            cpu_s=usage.ru_utime + usage.ru_stime, max_rss_kib=peak or usage.ru_maxrss,
            was_killed=was_killed, signal=ended_by)
        return self.result

    def _watch(self, deadline_s):
        """True when it ended in that time."""
        end = time.monotonic() + deadline_s
        while True:
            for pid in [self.pid, *self.children()]:
                self.peak_kib = max(self.peak_kib, peak_kib(pid))
            left = end - time.monotonic()
            if select.select([self._pidfd], [], [], max(0, min(left, LOOK_S)))[0]:
                return True
            if left <= 0:
                return False

    def _kill_tree(self):
        for pid in [self.pid, *self.children()]:
            kill_quietly(pid, signal.SIGKILL)

    def stop(self):
        """At the end of a test, whatever happened."""
        if self.result is None:
            self._kill_tree()
            self.wait()


class Acmecore:
    """
    acmecore("issue", "-d", "a.test") runs to the end; acmecore.start(...) gives a Run.
    `--state-dir` is added at the end unless state is None. Nothing of the caller's
    environment gets in but PATH.
    """

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.program = build_folder() / "bin/acmecore"
        self.state = self.folder / "state"
        self.runs = []

    def start(self, *arguments, state="own", env=None, stdin=None, prefix=()):
        """prefix: words before the program, such as ("strace", "-f")."""
        folder = self.folder / f"run-{len(self.runs)}"
        folder.mkdir()
        words = [str(word) for word in (*prefix, self.program, *arguments)]
        if state is not None:
            words += ["--state-dir", str(self.state if state == "own" else state)]
        clean = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8",
                 "ASAN_OPTIONS": "detect_leaks=1", "UBSAN_OPTIONS": "print_stacktrace=1",
                 **(env or {})}
        run = Run(words, folder, clean, stdin)
        self.runs.append(run)
        return run

    def __call__(self, *arguments, deadline_s=DEADLINE_S, **options):
        return self.start(*arguments, **options).wait(deadline_s)

    def stop(self):
        for run in self.runs:
            run.stop()
