# SPDX-License-Identifier: Apache-2.0
"""Programs that a test starts and stops by their own process id, and free ports."""
import itertools
import os
import pathlib
import random
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_S = 15
STOP_S = 5
# Below what the kernel hands out for outgoing connections, so that none takes a port
# between its choice and its use.
PORTS = range(11000, 32000)


def _own_ports():
    """
    In random order, for ever, those of this worker of pytest-xdist: no other worker takes
    one between its choice and its use, and none is given away twice before all were.
    """
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    own = PORTS[number::count]
    return itertools.cycle(random.sample(own, len(own)))


_ports = _own_ports()


def free_port(kind=socket.SOCK_STREAM):
    """A loopback port that nothing listens on."""
    for port in itertools.islice(_ports, 200):
        try:
            for family, address in ((socket.AF_INET, "127.0.0.1"),
                                    (socket.AF_INET6, "::1")):
                with socket.socket(family, kind) as probe:
                    probe.bind((address, port))
        except OSError:
            continue
        return port
    raise RuntimeError("no free loopback port")


def wait_until(is_true, what, seconds=START_S):
    """Polls; RuntimeError with what() or what when the time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_true():
            return
        time.sleep(0.02)
    raise RuntimeError(f"not within {seconds} s: {what() if callable(what) else what}")


def is_listening(port, address="127.0.0.1"):
    try:
        with socket.create_connection((address, port), timeout=1):
            return True
    except OSError:
        return False


class Server:
    """A program that runs until stop(); what it prints goes to a log file."""

    def __init__(self, arguments, log, env=None, folder=None):
        self.arguments = [str(argument) for argument in arguments]
        self.log = pathlib.Path(log)
        self.env = {**os.environ, **(env or {})}
        self.folder = folder
        self.process = None

    def start(self, ports):
        """ports: that it listens on, by then; on loopback, or (port, address)."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.env, cwd=self.folder)
        try:
            for port in ports:
                wait_until(lambda port=port: self._is_up(port),
                           lambda: f"{self.arguments[0]} listens:\n{self.text()}")
        except RuntimeError:
            self.stop()
            raise
        return self

    def _is_up(self, port):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.arguments[0]} ended with "
                               f"{self.process.returncode}:\n{self.text()}")
        return is_listening(*port) if isinstance(port, tuple) else is_listening(port)

    def stop(self):
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def text(self):
        return self.log.read_text(encoding="utf-8", errors="replace")


def descendants(pid):
    """Process ids below pid, that are alive."""
    found = []
    for child in _children(pid):
        found += [child, *descendants(child)]
    return found


def _children(pid):
    try:
        text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(word) for word in text.split()]


def kill_quietly(pid, number=signal.SIGKILL):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
