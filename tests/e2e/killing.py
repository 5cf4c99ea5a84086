# SPDX-License-Identifier: Apache-2.0
"""
One certificate, a run that is spoiled at one system call, and the next run: what became
of everything that must not be lost.

    world = World(folder, ca, "renew")
    outcome = world.spoil(Point("fsync", 3))
    assert outcome.faults == []
"""
import collections
import contextlib
import copy
import dataclasses
import datetime
import functools
import json
import os
import pathlib
import shutil
import signal
import threading

from issuing import Issuer, names_of, public_key, verifies
from program import Acmecore
from tamper import HostTree, Point, Spoiler

NAME = "a.test"
FILES = ("privkey.pem", "cert.pem", "chain.pem", "fullchain.pem")
POLL_S = 0.0005
# Two minutes later; waiting takes as long as it takes.
LATER = {"LD_PRELOAD": "/usr/$LIB/faketime/libfaketimeMT.so.1", "FAKETIME": "+2m",
         "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1"}


def days(number):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(number)
    return f"{moment:%Y-%m-%d %H:%M:%S}"


@functools.lru_cache(maxsize=4096)
def belong_together(key, chain):
    try:
        return public_key(key, True) == public_key(chain)
    except Exception:   # damaged
        return False


def contents_of(folder):
    """The four files of a version, or None when one is missing."""
    try:
        return {name: (folder / name).read_bytes() for name in FILES}
    except OSError:
        return None


def is_whole(version):
    return version is not None and version["fullchain.pem"] == (
        version["cert.pem"] + version["chain.pem"]) and belong_together(
        version["privkey.pem"], version["fullchain.pem"])


class Reader(threading.Thread):
    """
    Reads key and chain all the time as a server would: `current` is opened once and both
    are read there (DESIGN 3); and the naive way, by two paths.
    """

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.folder = folder
        self.pairs = {"opened": collections.Counter(), "naive": collections.Counter()}
        self._lock = threading.Lock()
        self._ended = threading.Event()

    def run(self):
        while not self._ended.wait(POLL_S):
            with self._lock, contextlib.suppress(OSError):
                self.pairs["opened"][self._opened()] += 1
                self.pairs["naive"][self._naive()] += 1

    def _opened(self):
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            return tuple(self._read(name, folder)
                         for name in ("privkey.pem", "fullchain.pem"))
        finally:
            os.close(folder)

    @staticmethod
    def _read(name, folder):
        with open(os.open(name, os.O_RDONLY, dir_fd=folder), "rb") as file:
            return file.read()

    def _naive(self):
        return ((self.folder / "privkey.pem").read_bytes(),
                (self.folder / "fullchain.pem").read_bytes())

    @contextlib.contextmanager
    def looks_away(self):
        """While the test itself changes the files."""
        with self._lock:
            yield

    def stop(self):
        self._ended.set()
        self.join()

    def reads(self, way="opened"):
        return sum(self.pairs[way].values())

    def mismatches(self, way="opened"):
        return sum(count for (key, chain), count in self.pairs[way].items()
                   if not belong_together(key, chain))


@dataclasses.dataclass
class Outcome:
    point: Point
    where: str = ""         # the call as strace shows it; "": beyond the end of the run
    code: int = 0           # of the run that was spoiled
    said: str = ""          # its stderr
    orders_before: int = 0  # second orders for the same need; before finalize was sent
    orders_after: int = 0
    lost: int = 0           # certificates: the one before, or one that the CA issued
    mismatched: int = 0     # versions in current/ whose key and chain do not match
    challenges: int = 0     # files in the web root
    damaged: int = 0        # files in the store
    litter: int = 0         # temporary files in the store
    faults: list = dataclasses.field(default_factory=list)

    def blame(self, member, what):
        setattr(self, member, getattr(self, member) + 1)
        self.faults.append(f"{member}: {what}")


# What a CA remembers.
MEMORY = ("accounts", "keys", "orders", "authorizations", "challenges", "certificates")
# How a world begins: the request at which an earlier run was killed, once it was served.
BEGUN = {"challenged": "challenge", "finalized": "finalize"}


class World:
    """
    verb  "issue": nothing is there yet
          "renew": one version is there, and due
          "challenged", "finalized": a renewal was begun, and killed when the CA had got
          what this says; the run that is spoiled takes it up
    """

    def __init__(self, folder, ca, verb, victim="core", solver=None):
        self.folder, self.ca, self.verb = pathlib.Path(folder), ca, verb
        self.folder.mkdir()
        self.program = Acmecore(self.folder)
        self.issuer = Issuer(self.program, ca, self.folder, solver=solver)
        self.state, self.web = self.program.state, self.issuer.web
        self.home = self.state / "certs" / NAME
        self.spoiler = Spoiler(self.folder)
        self.tree = None
        if victim == "host":
            self.tree = HostTree(self.folder / "tree")
            self.program.program = self.tree.program
            self.tree.heal()
        self.base, self.old = None, None
        self.ordered = 0        # orders that the CA has of earlier needs
        if verb != "issue":
            self._make_base()
        self.memory = {name: copy.deepcopy(getattr(ca.mini, name)) for name in MEMORY}
        self.reader = Reader(self.home / "current")
        self.reader.start()

    def _make_base(self):
        self.ca.mini.leaf = {"start": days(-70), "end": days(20)}
        result = self.issuer(NAME)
        assert result.code == 0, result
        self.ca.mini.leaf = {}
        self.old = contents_of(self.home / "current")
        self.ordered = len(self.ca.mini.orders)
        if self.verb in BEGUN:
            self._begin(BEGUN[self.verb])
        self.base = self.folder / "base"
        shutil.copytree(self.state, self.base / "state", symlinks=True)
        shutil.copytree(self.web, self.base / "web", symlinks=True)

    def _begin(self, resource):
        """The CA does what it is asked for, and nobody is there to hear of it."""
        started = threading.Event()

        def kill(_ca, _request, act):
            act()
            started.wait()
            run.send(signal.SIGKILL)
        self.ca.script(resource, kill)
        run = self.program.start("renew")
        started.set()
        assert run.wait().signal == signal.SIGKILL

    def restore(self):
        with self.reader.looks_away():
            shutil.rmtree(self.state, ignore_errors=True)
            shutil.rmtree(self.web)
            if self.base:
                shutil.copytree(self.base / "state", self.state, symlinks=True)
                shutil.copytree(self.base / "web", self.web, symlinks=True)
            else:
                self.web.mkdir()
        for name, value in self.memory.items():
            setattr(self.ca.mini, name, copy.deepcopy(value))
        for run in self.program.runs:
            shutil.rmtree(run.stdout_path.parent, ignore_errors=True)

    def stop(self):
        self.reader.stop()

    # ---- runs

    def _run(self, verb, words=(), env=None):
        if not words or not self.tree:
            if self.tree:
                self.tree.heal()
            prefix = words
        else:
            self.tree.spoil(words[:1] + ("-DDD",) + words[1:])
            prefix = ()
        if verb == "issue":
            return self.issuer(NAME, prefix=prefix, env=env)
        return self.program("renew", prefix=prefix, env=env)

    def calls(self):
        """{call: lines} of a run that nothing happens to."""
        self.restore()
        result = self._run(self.verb, self.spoiler.watch())
        assert result.code == 0, result
        return self.spoiler.calls()

    def spoil(self, point):
        """The run, the check, the next run, and the next check."""
        self.restore()
        begun = len(self.ca.requests)
        result = self._run(self.verb, self.spoiler.words(point))
        outcome = Outcome(point, self.spoiler.where(), result.code, result.stderr)
        self._check_between(outcome)
        self._recover(outcome)
        self._check_orders(outcome, begun)
        self._check_after(outcome)
        return outcome

    def _recover(self, outcome):
        """
        `renew` is what a machine runs by itself. After it nothing is presented any more,
        also where a first issue was killed and has to be begun again by hand.
        """
        is_held = (self.home / "current").is_symlink()
        env = LATER if self._rests() else None
        self._run_again(outcome, "renew", env)
        self._check_challenges(outcome)
        if not is_held:
            self._run_again(outcome, "issue", env)
        again = len(self.ca.of("newOrder"))
        result = self._run("renew")
        if result.code != 0 or len(self.ca.of("newOrder")) != again:
            outcome.faults.append(f"nothing is due, and renew says: {result}")

    def _run_again(self, outcome, verb, env):
        result = self._run(verb, env=env)
        if result.code != 0:
            outcome.faults.append(f"recovery by {verb}: {result}")

    def _rests(self):
        """After a failure that may be the CA's or the plugin's: it is left alone first."""
        try:
            state = json.loads((self.home / "state.json").read_text())
        except FileNotFoundError:
            return False
        moment = state.get("trouble", {}).get("next_attempt_at", "")
        return moment > f"{datetime.datetime.utcnow():%Y-%m-%dT%H:%M:%SZ}"

    # ---- checks

    def _check_documents(self, outcome):
        for path in self.state.rglob("*.json"):
            try:
                json.loads(path.read_text())
            except ValueError:
                outcome.blame("damaged", path)
        for path in self.state.rglob("*damaged*"):
            outcome.blame("damaged", path)

    def _check_between(self, outcome):
        """Right after the kill: what a server reads then."""
        self._check_documents(outcome)
        version = contents_of(self.home / "current")
        if version is None and self.old is None and not (self.home / "current").is_symlink():
            return
        if version is None:
            outcome.blame("lost", "nothing is current")
        elif not is_whole(version):
            outcome.blame("mismatched", "current/")
        self._check_old(outcome)

    def _check_old(self, outcome):
        if self.old and contents_of(self.home / "versions/0001") != self.old:
            outcome.blame("lost", "the version before")

    def _check_orders(self, outcome, begun):
        kinds = [request.resource for request in self.ca.requests[begun:]
                 if request.method == "POST"]
        if self.verb == "finalized":
            kinds.insert(0, "finalize")
        sent = kinds.index("finalize") if "finalize" in kinds else len(kinds)
        first = 0 if self.verb in BEGUN else 1
        outcome.orders_before = max(0, kinds[:sent].count("newOrder") - first)
        outcome.orders_after = kinds[sent:].count("newOrder")
        if outcome.orders_after:
            outcome.faults.append(f"orders_after: {outcome.orders_after}")
        if len(self.ca.mini.accounts) > 1:
            outcome.faults.append(f"{len(self.ca.mini.accounts)} accounts")

    def _check_after(self, outcome):
        self._check_documents(outcome)
        self._check_old(outcome)
        version = contents_of(self.home / "current")
        if version is None:
            outcome.blame("lost", "nothing is current at the end")
        elif not is_whole(version):
            outcome.blame("mismatched", "current/ at the end")
        elif not self._is_good(version):
            outcome.faults.append("what is current at the end is not new, or not good")
        self._check_issued(outcome, version)
        self._check_leftovers(outcome)

    def _is_good(self, version):
        chain = version["fullchain.pem"]
        return chain != (self.old or {}).get("fullchain.pem") and names_of(chain) == {
            f"DNS:{NAME}"} and verifies(self.folder, self.ca.mini.root.pem(), chain)

    def _check_issued(self, outcome, version):
        """What the CA issued is what we have, and there is one of it."""
        made = [self.ca.mini.certificates[number].encode()
                for number in list(self.ca.mini.orders)[self.ordered:]
                if number in self.ca.mini.certificates]
        for chain in made:
            if version and chain != version["fullchain.pem"]:
                outcome.blame("lost", "a certificate that the CA issued")
        count = len(list((self.home / "versions").glob("*")))
        if count != (2 if self.old else 1):
            outcome.faults.append(f"{count} versions")

    def _check_challenges(self, outcome):
        for path in self.web.rglob("*"):
            if not path.is_dir():
                outcome.blame("challenges", path.relative_to(self.web))

    def _check_leftovers(self, outcome):
        self._check_challenges(outcome)
        for path in self.state.rglob("*"):
            if path.name.startswith(".") or path.name.endswith(".tmp"):
                outcome.blame("litter", path.relative_to(self.state))
        for name in ("order.json", "order-key.pem"):
            if (self.home / name).exists():
                outcome.blame("litter", name)
