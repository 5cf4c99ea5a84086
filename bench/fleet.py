# SPDX-License-Identifier: Apache-2.0
"""
bench/fleet.py [--due 20,100,200] [--jobs 20] [--held 10000,100000] [--runs 5] [--folder DIR]

Many certificates in one process: what each costs when all are due at once, at a Pebble
of its own with http01-standalone, and what `renew` costs when nothing is due. DIR holds
the stores: on a disk or in memory is half of the figure. Two tables for bench/README.md.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests/e2e")]

from certificates import Authority          # noqa: E402
from pebble import ChallTestSrv, Pebble     # noqa: E402
from program import build_folder            # noqa: E402
from run import measure                     # noqa: E402

QUICK = {"retryAfter": {"authz": 0, "order": 0}}


def configure(path, ca, names):
    path.write_text("\n".join([
        "agree-tos = true", 'ca = "lab"', 'self-check = "off"',
        f'ca "lab" {{ directory = "{ca.directory_url}" ca-file = "{ca.ca_file}" }}',
        'solver "web" { plugin = "http01-standalone" options {'
        f' address = "127.0.0.1" port = {ca.http_port} }} }}',
        *(f'certificate "{name}" {{ identifiers = {{"{name}"}} solvers = {{"web"}} }}'
          for name in names), ""]))
    path.chmod(0o644)
    return path


def renew(folder, state, *more):
    program = build_folder() / "bin/acmecore"
    return measure([program, "renew", "--state-dir", state, "-q", *more], {}, folder)


def measure_due(folder, ca, count, jobs):
    """The store that came of it, too."""
    state = folder / f"due-{count}"
    config = configure(folder / f"{count}.conf", ca,
                       [f"n{number}.due{count}.test" for number in range(count)])
    wall_s, cpu_s, peak_kib = renew(folder, state, "--config", config, "--jobs", str(jobs))
    assert len(list(state.glob("certs/*/current"))) == count
    print(f"| {count} due, {jobs} at a time | {wall_s:.2f} s | {cpu_s * 1000:.0f} ms "
          f"| {cpu_s * 1000 / count:.1f} ms | {peak_kib / 1024:.0f} MiB |", flush=True)
    return state


def make_held(state, count, source):
    """Copies of one certificate; what is wanted is its own name each."""
    (state / "certs").mkdir(parents=True)
    state.chmod(0o700)
    wanted = json.loads((source / "certificate.json").read_text())
    wanted.pop("configuration", None)
    for number in range(count):
        home = state / "certs" / f"h{number}.test"
        shutil.copytree(source, home, symlinks=True)
        wanted.update(name=home.name, identifiers=[home.name])
        (home / "certificate.json").write_text(json.dumps(wanted))


def measure_held(folder, count, source, runs):
    state = folder / f"held-{count}"
    make_held(state, count, source)
    found = [renew(folder, state) for _ in range(runs)]
    wall_s, cpu_s, peak_kib = (statistics.median(each) for each in zip(*found))
    print(f"| {count} held, nothing due | {wall_s:.2f} s | {cpu_s * 1000:.0f} ms "
          f"| {cpu_s * 1000 / count:.3f} ms | {peak_kib / 1024:.0f} MiB |", flush=True)
    shutil.rmtree(state)


def numbers(text):
    return [int(word) for word in filter(None, text.split(","))]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--due", type=numbers, default=[20, 100, 200])
    parser.add_argument("--held", type=numbers, default=[10000, 100000])
    parser.add_argument("--jobs", type=int, default=20)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", type=pathlib.Path)
    options = parser.parse_args()

    print("| certificates | wall | CPU | CPU of each | peak memory |\n"
          "| --- | --- | --- | --- | --- |", flush=True)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        folder = pathlib.Path(folder)
        dns = ChallTestSrv(folder / "dns").start()
        ca = Pebble(folder / "ca", Authority(folder / "authority"), dns.dns,
                    config=QUICK).start()
        try:
            for count in options.due:
                state = measure_due(folder, ca, count, options.jobs)
            for count in options.held:
                source = next((state / "certs").iterdir())
                measure_held(folder, count, source, options.runs)
        finally:
            ca.stop()
            dns.stop()


if __name__ == "__main__":
    os.chdir(HERE)
    main()
