# SPDX-License-Identifier: Apache-2.0
"""
bench/run.py [--runs N] [--names 1,100] [--delay MS] [--only CLIENT,...]

What one certificate costs with each client that is here, at a Pebble of its own behind a
proxy that delays: a table for bench/README.md. See there.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests/e2e")]

import clients                                      # noqa: E402
from certificates import Authority                  # noqa: E402
from issuing import WebServer                       # noqa: E402
from pebble import ChallTestSrv, Pebble             # noqa: E402
from running import Server, descendants, free_port  # noqa: E402

SAMPLE_S = 0.01
LIMIT_S = 600


def peak_of(pid):
    """KiB of the program that runs now, not of who it was before exec; 0: gone."""
    try:
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
        is_us = os.readlink(f"/proc/{pid}/cwd") == str(HERE)
    except OSError:
        return 0
    return 0 if is_us else next(
        (int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), 0)


def measure(words, env, folder):
    """(wall s, CPU s of it and all it waited for, peak KiB of the largest process)."""
    clean = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8",
             **{name: str(value) for name, value in env.items()}}
    with (folder / "log").open("ab") as log:
        began, peak_kib = time.monotonic(), 0
        process = subprocess.Popen([str(word) for word in words], env=clean, cwd=folder,
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            assert time.monotonic() - began < LIMIT_S, words
            peak_kib = max(peak_kib, *map(peak_of, [process.pid, *descendants(process.pid)]))
            time.sleep(SAMPLE_S)
        wall_s = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, (folder / "log").read_text()[-2000:]
    return wall_s, usage.ru_utime + usage.ru_stime, peak_kib


class Course:
    """One client at its own CA: the first certificate makes the account."""

    def __init__(self, kind, folder, authority, dns, delay_ms):
        self.ca = Pebble(folder / "ca", authority, dns.dns,
                         config={"retryAfter": {"authz": 0, "order": 0}}).start()
        port = free_port()
        self.proxy = Server([sys.executable, HERE / "delay.py", str(port),
                             str(self.ca.port), str(delay_ms / 2)], folder / "delay.log")
        self.proxy.start([port])
        url = f"https://localhost:{port}/dir"
        web = folder / "web"
        (web / ".well-known/acme-challenge").mkdir(parents=True)
        self.web = WebServer(web, self.ca.http_port).start() if kind.needs_web else None
        self.client = kind(folder / "client", self.ca, url, web)
        if self.client.prepare():
            self.run(self.client.prepare())
        self.certificate("first", 1)

    def run(self, words):
        return measure(words, self.client.env(), self.client.folder)

    def certificate(self, stem, count):
        names = [f"{stem}-{number}.example.test" for number in range(count)]
        before = sum(self.ca.counts().values())
        figures = self.run(self.client.words(names))
        return *figures, sum(self.ca.counts().values()) - before

    def stop(self):
        for server in (self.web, self.proxy, self.ca):
            if server:
                server.stop()


def row(name, count, runs):
    wall_s, cpu_s, peak_kib, requests = (statistics.median(each) for each in zip(*runs))
    return (f"| {name} | {count} | {wall_s:.2f} s | {cpu_s * 1000:.0f} ms "
            f"| {peak_kib / 1024:.0f} MiB | {requests:.0f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--names", default="1,100")
    parser.add_argument("--delay", type=float, default=50, help="ms of a round trip")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    only = set(filter(None, options.only.split(",")))

    print("| client | names | wall | CPU | peak memory | requests |\n"
          "| --- | --- | --- | --- | --- | --- |", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        authority = Authority(folder / "authority")
        dns = ChallTestSrv(folder / "dns").start()
        try:
            for kind in clients.found():
                if only and kind.name not in only:
                    continue
                course = Course(kind, folder / kind.name, authority, dns, options.delay)
                try:
                    for count in map(int, options.names.split(",")):
                        runs = [course.certificate(f"n{count}r{number}", count)
                                for number in range(options.runs)]
                        print(row(kind.name, count, runs), flush=True)
                finally:
                    course.stop()
        finally:
            dns.stop()


if __name__ == "__main__":
    os.chdir(HERE)
    main()
