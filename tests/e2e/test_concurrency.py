# SPDX-License-Identifier: Apache-2.0
"""Runs side by side in one store, and somebody who reads beside them."""
import os
import threading

import pytest

from issuing import public_key

NAME = "a.test"
ROUNDS = 4


@pytest.fixture
def own(good_ca, issuer, dns_solver):
    made = issuer(good_ca(), solver=dns_solver)
    assert made(NAME).code == 0
    return made


def read_pair(current):
    """Key and certificate of one version, as a server that follows the link once."""
    folder = os.open(current, os.O_RDONLY | os.O_DIRECTORY)
    try:
        pair = []
        for name in ("privkey.pem", "cert.pem"):
            with open(os.open(name, os.O_RDONLY, dir_fd=folder), "rb") as file:
                pair.append(file.read())
        return tuple(pair)
    finally:
        os.close(folder)


class Reader:
    """Looks all the time, and keeps what was seen."""

    def __init__(self, current):
        self.current, self.pairs, self.looks = current, set(), 0
        self.gone, self.stops = [], threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)

    def _look(self):
        has_stopped = False
        while not has_stopped:
            has_stopped = self.stops.wait(0.001)    # what is there at the end is seen, too
            try:
                self.pairs.add(read_pair(self.current))
            except OSError as trouble:
                self.gone.append(trouble)
            self.looks += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stops.set()
        self.thread.join()


def test_a_reader_sees_key_and_chain_of_one_version(own):
    codes = []
    with Reader(own.folder_of(NAME) / "current") as reader:
        for _round in range(ROUNDS):
            runs = [own.acmecore.start("renew", "--force"),
                    own.start(NAME, "--force"),
                    own.start("b.test", "--force")]
            codes.append([run.wait().code for run in runs])

    assert all(set(each) <= {0, 8} and 0 in each for each in codes), codes
    assert reader.looks > 20 and reader.gone == []
    assert len(reader.pairs) > ROUNDS
    assert [pair for pair in reader.pairs
            if public_key(pair[0], True) != public_key(pair[1])] == []


def test_two_renewals_share_the_work(own):
    """Whoever comes second leaves alone what the first one works on."""
    assert own("b.test").code == 0
    runs = [own.acmecore.start("renew", "--force", "--json") for _run in range(2)]
    results = [run.wait() for run in runs]

    done = [each["name"] for result in results for each in result.json["certificates"]
            if each["result"] == "renewed"]
    assert {"a.test", "b.test"} <= set(done)
    assert {result.code for result in results} <= {0, 8}, results
    for name in ("a.test", "b.test"):
        newest = (own.folder_of(name) / "current").readlink().name
        assert int(newest) == 1 + done.count(name)
        assert own.journal(name) is None
