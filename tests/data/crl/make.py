# SPDX-License-Identifier: Apache-2.0
"""
Makes the lists in this folder and their chain anew, and the seeds of the fuzz target:
/usr/bin/python3 tests/data/crl/make.py. Times are fixed: 2030-01-01 to 2030-01-08.
"""
import datetime
import pathlib
import shutil
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SEEDS = HERE.parents[1] / "fuzz" / "seeds" / "crl"
sys.path.insert(0, str(HERE.parents[1] / "e2e"))

import crls                                                      # noqa: E402
from certificates import Authority, make_key, only_pem           # noqa: E402

URL = "http://crl.example/part/7.crl"
BEGINS = datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc)
ENDS = BEGINS + datetime.timedelta(days=7)
OTHERS = [crls.entry(2 ** 70 + number, BEGINS, 4) for number in range(3)]


def lists(issuer, stranger, serial):
    def make(*entries, **options):
        options = {"begins": BEGINS, "ends": ENDS, **options}
        return crls.make(issuer, entries, **options)

    def listed(reason=None, *more):
        return crls.entry(serial, BEGINS, reason, *more)

    def at(url, *more):
        return [crls.extension(crls.POINT, crls.point(url, *more), True)]

    number = crls.extension(crls.NUMBER, crls.integer(12))
    unknown = crls.extension(crls.UNKNOWN, b"\x05\x00", True)
    whose = crls.extension(crls.ISSUER_OF_ENTRY, b"\x30\x00", True)
    yield "clean", make(*OTHERS, extensions=[number])
    yield "empty", make()
    yield "compromised", make(*OTHERS, listed(1))
    yield "unexplained", make(listed(), *OTHERS)
    yield "hold", make(listed(6))
    yield "removed", make(listed(8))
    yield "point", make(listed(4), extensions=[number, *at(URL)])
    yield "other-point", make(extensions=at("http://crl.example/part/8.crl"))
    yield "nameless-point", make(listed(4), extensions=at("", crls.der(0x81, b"\xff")))
    yield "indirect", make(extensions=at("", crls.der(0x84, b"\xff")))
    yield "only-ca", make(extensions=at("", crls.der(0x82, b"\xff")))
    yield "only-attributes", make(extensions=at("", crls.der(0x85, b"\xff")))
    yield "delta", make(extensions=[crls.extension(crls.DELTA, crls.integer(3), True)])
    yield "unknown-critical", make(extensions=[unknown])
    yield "entry-critical", make(crls.entry(5, BEGINS, None, whose))
    yield "endless", make(ends=False)
    yield "version-3", make(version=2)
    yield "other-name", make(name=crls.subject_of(stranger.pem()))
    yield "other-key", make(key=stranger.key)
    yield "sha1", make(algorithm=crls.ECDSA_SHA1, digest="sha1")
    yield "two-algorithms", make(inner=crls.ECDSA_SHA1)
    yield "broken-entry", make(crls.der(crls.SEQUENCE, b"\x02\x00"))


def main():
    with tempfile.TemporaryDirectory() as folder:
        issuer = Authority(folder, "list issuer")
        stranger = Authority(folder, "stranger")
        key = make_key(pathlib.Path(folder) / "leaf.key")
        leaf = only_pem(issuer.sign(["example.org"], privkey=key, crl=URL,
                                    start="2030-01-01 00:00:00",
                                    end="2030-03-01 00:00:00"))
        (HERE / "chain.pem").write_bytes(leaf + only_pem(issuer.pem()))
        lines = (leaf + only_pem(issuer.pem())).decode().splitlines()
        (SEEDS.parents[1] / "fuzz_crl_chain.inc").write_text(
            "\n".join(f'"{line}\\n"' for line in lines) + "\n")
        shutil.rmtree(SEEDS, ignore_errors=True)
        SEEDS.mkdir(parents=True)
        for name, list_ in lists(issuer, stranger, crls.serial_of(leaf)):
            (HERE / f"{name}.der").write_bytes(list_)
            (SEEDS / name).write_bytes(list_)


main()
