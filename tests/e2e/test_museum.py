# SPDX-License-Identifier: Apache-2.0
"""
Plugins that misbehave on purpose, each with a certificate of its own in one run of renew,
and good ones among them: each costs its own certificate an honest sentence, and the
others nothing. What comes of the runs is asked once; each exhibit is a test.
"""
import concurrent.futures
import functools
import json
import pathlib

import pytest

from issuing import peaks
from museum import furnish
from program import Acmecore, build_folder, is_sanitized
from running import free_port, wait_until

FINE = [f"fine-{number}" for number in range(6)]
AUTHOR = "install another version of it, or tell its author"
AGAIN = "install it again"
REBUILT = "built for another machine"
MESSAGE_MAX_KIB = 4 << 10
MANY_VALUES_MAX_KIB = 48 << 10      # 320 MiB, were nobody to count them

# What is refused before anything of it has run: a person must act, and the CA is never
# asked. The words are of the sentence.
REFUSED = {
    "text-file": ["no ELF file", "shared object"], "not-elf": ["no ELF file"],
    "nothing": ["is empty", AGAIN], "empty": ["is empty", AGAIN],
    "cut-off": ["truncated", AGAIN], "cut-header": ["truncated", AGAIN],
    "far-sections": ["truncated", AGAIN],
    "far-symbols": ["symbol table is damaged", AGAIN],
    "huge-symbols": ["symbol table is damaged", AGAIN],
    "lost-names": ["symbol table is damaged", AGAIN],
    "other-machine": [REBUILT, "64-bit", "this acmecore for 64-bit", "build it here"],
    "unknown-machine": [REBUILT, "64-bit machine 4711", "this acmecore for"],
    "narrow": [REBUILT, "32-bit ARM", "this acmecore for"],
    "big-endian": [REBUILT, "other byte order, 64-bit S/390"],
    "a-folder": ["no regular file"],
    "dangling": ["dangling.so cannot be used", "No such file"],
    "linked": ["elsewhere is not to be trusted", "others can write it", "chmod go-w"],
    "writable": ["writable.so is not to be trusted", "mode 0666", "chmod go-w"],
    "no-symbol": ["does not export acmecore_plugin", "acmecore_add_plugin"],
    "needs-library": ["needs the library libacmecore-absent.so.1", "install the package"],
    "needs-function": ['needs "acmecore_absent"', "no library here has", "no-undefined"],
    "major": ["plugin ABI 2.0", "this acmecore has 1.", "update acmecore"],
    "needs-newer": ["needs a newer acmecore", "1.99", "update acmecore"],
    "misnamed": ['calls itself "another"', "its file must be called another.so"],
    "short-struct": ["descriptor says it has 16 bytes", AUTHOR],
    "long-struct": ["descriptor says it has 65536 bytes", AUTHOR],
    "small-options": ["an option has 8 bytes", AUTHOR],
    "many-options": ["4000000000 options", AUTHOR],
    "null-name": ["has no name", AUTHOR], "endless-name": ["name is over 64", AUTHOR],
    "null-version": ["version is missing", AUTHOR],
    "endless-version": ["version is missing or over 64 bytes", AUTHOR],
    "null-option": ["option 0 has a bad name", AUTHOR],
    "endless-option": ["option 0 has a bad name", AUTHOR],
    "odd-option": ['option "word"', "unknown type 99", AUTHOR],
    "endless-type": ["challenge type", "is none", AUTHOR],
    "odd-types": ['challenge type "HTTP 01" is none', AUTHOR],
    "no-types": ["no entries", AUTHOR], "many-types": ["too many entries", AUTHOR],
    "no-open": ["no open operation", AUTHOR], "no-cleanup": ["no cleanup operation", AUTHOR],
    "odd-kind": ["kind 9 is unknown", "update acmecore"],
    "store-kind": ["it is a store, which no acmecore loads yet"],
    "installer-kind": ["installer-kind is"],
}

# What fails while it works, and how its sentence says so: the operation and what happened.
BROKEN = {
    "crash-at-load": ["crashed in load (SIGSEGV)"],
    "exit-at-load": ["ended in load with exit code 0"],
    "write-at-load": ["flooded its socket in load", "unknown message", "killed"],
    "wild-name": ["crashed in load (SIGSEGV)"], "wild-type": ["crashed in load (SIGSEGV)"],
    "crash-open": ["crashed in open (SIGSEGV)"],
    "open-and-exit": ["ended in open with exit code 3"],
    "crash-present": ["crashed in present (SIGSEGV)"],
    "crash-both": ["crashed in present (SIGSEGV)"],
    "crash-probe": ["crashed in probe (SIGSEGV)"],
    "crash-watch": ["crashed between operations (SIGSEGV)"],
    "crash-serve": ["crashed between operations (SIGSEGV)"],
    "watch-too-much": ["ended between operations with exit code 1"],
    "abort-present": ["crashed in present (SIGABRT)"],
    "free-twice": ["crashed in present (SIGABRT)"],
    "overflow-stack": ["crashed in present (SIGSEGV)"],
    "scribble": ["crashed in present (SIGSEGV)"],
    "raise-signals": ["crashed in present (SIGUSR1)"],
    "fork-away": ["was killed in present (SIGKILL)"],
    "exit-present": ["ended in present with exit code 3"],
    "call-exit": ["ended in present with exit code 0"],
    "close-all": ["in present"],
    "close-socket": ["closed its socket in present", "killed"],
    "garbage": ["flooded its socket in present", "too long", "killed"],
    "forge": ["flooded its socket in present", "a reply nobody asked for", "killed"],
    "fork-and-return-twice": ["flooded its socket", "a reply nobody asked for"],
    "flood-log": ["flooded its socket in present", "too many log lines", "killed"],
    "long-lines": ["flooded its socket in present", "too many log lines", "killed"],
    "many-values": ["flooded its socket in present", "too many values", "killed"],
    "flood-output": ["flooded its output in present", "killed"],
    "eat-memory": ["could not present", "no memory"],
    "lie-about-batches": ["could not present", "2 at once are too many"],
    "invent": ["could not present", "it returned 77, which is no result"],
    "pending-present": ["could not present", "it returned 1, which is no result"],
    "refuse": ["could not present", "not on my"],
    "refuse-second": ["could not present", "no usable answer"],
}

# What never comes to an end by itself.
HUNG = {
    "hang-present": ["hung in present"], "hang-probe": ["hung in probe"],
    "hang-serve": ["hung in probe"],
    "hang-with-child": ["hung in present"], "spin": ["hung in present"],
    "stop-itself": ["hung in present"],
}

# The same before there is anything to clean up: the time is that of the run.
SLOW = {
    "hang-at-load": ["did not finish load", "--timeout"],
    "hang-open": ["did not finish open", "--timeout"],
}

# What harms its own process alone, or nothing at all: the certificate is issued. The
# words are of a warning, where there is one.
HARMLESS = {
    "crash-cleanup": ["crash-cleanup", "could not be cleaned up", "crashed in cleanup",
                      "the next run tries again"],
    "crash-close": [], "hang-close": [], "change-surroundings": [], "print": [],
    "print-to-both": [], "leak": [], "leak-memory": [], "leak-descriptor": [],
    "leave-thread": [], "leave-child": [], "ignore-time": [], "null-help": [],
    "small-batches": [],
}

# An installer for each way to fail in each operation (lines of its mood), and the words
# of what is said of it; its certificate is issued all the same.
INSTALLERS = {
    "open-crash": (["open crash"], ["crashed in open (SIGSEGV)"]),
    "open-leave": (["open leave"], ["ended in open with exit code 3"]),
    "stage-crash": (["stage crash"], ["crashed in stage (SIGSEGV)"]),
    "stage-leave": (["stage leave"], ["ended in stage with exit code 3"]),
    "stage-odd": (["stage odd"], ["stage", "77, which is no result"]),
    "stage-flood": (["stage flood"], ["flooded its output in stage", "killed"]),
    "commit-crash": (["commit crash"], ["crashed in commit (SIGSEGV)"]),
    "commit-leave": (["commit leave"], ["ended in commit with exit code 3"]),
    "commit-odd": (["commit odd"], ["commit", "77, which is no result"]),
    "commit-flood": (["commit flood"], ["flooded its output in commit", "killed"]),
    "committed-crash": (["after-commit crash"], ["crashed in commit (SIGSEGV)"]),
    "probe-crash": (["probe crash"], ["crashed in probe (SIGSEGV)"]),
    "probe-odd": (["probe odd"], ["probe", "77, which is no result"]),
    "rollback-crash": (["commit fail", "rollback crash"],
                       ["commit is in no mood", "nor could it be rolled back",
                        "crashed in rollback (SIGSEGV)", "look at the server"]),
}


def configure(ca, plugins, more=()):
    """Text of a configuration: a certificate for each plugin, with two names."""
    lines = ["agree-tos = true", "self-check = off",
             f'ca "lab" {{ directory = "{ca.directory_url}"  ca-file = "{ca.ca_file}" }}',
             'ca = {"lab"}']
    for name in sorted({*plugins, "good"}):
        lines.append(f'solver "{name}" {{ plugin = "{name}" }}')
    for name in plugins:
        lines.append(f'certificate "{name}" {{ solvers = {{"{name}"}}  '
                     f'identifiers = {{"{name}.test", "b.{name}.test"}} }}')
    for name in FINE:
        lines.append(f'certificate "{name}" {{ solvers = {{"good"}}  '
                     f'identifiers = {{"{name}.test"}} }}')
    return "\n".join([*lines, *more, ""])


def processes_of(folder):
    """Ids of the processes that have mapped something of the folder."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/maps"):
        try:
            if str(folder) in path.read_text():
                found.append(int(path.parent.name))
        except (OSError, UnicodeDecodeError):       # it has ended, or is none of ours
            continue
    return found


class Visit:
    """One run of renew with these exhibits and the good plugin, at a CA."""

    def __init__(self, folder, plugins, ca, exhibits, *words, more=()):
        self.program = Acmecore(folder)
        self.plugins, self.config = plugins, folder / "acmecore.conf"
        self.config.write_text(configure(ca, exhibits, more))
        self.result = self("renew", "--json", "--jobs", 100, *words)

    @functools.cached_property
    def certificates(self):
        return {each["name"]: each for each in self.result.json["certificates"]}

    def __call__(self, *words):
        return self.program(*words, "--config", self.config, "--plugin-dir", self.plugins)

    def error(self, name):
        return self.certificates[name]["error"]

    def issued(self):
        return {name for name, each in self.certificates.items()
                if each["result"] == "renewed"}


@pytest.fixture(scope="module")
def museum(tmp_path_factory):
    """The plugin folder of all exhibits."""
    return furnish(tmp_path_factory.mktemp("museum") / "plugins")


@pytest.fixture(scope="module")
def ca(tmp_path_factory, authority, calm_pebble):
    """It believes all answers: what is asked here is what becomes of ours."""
    from conftest import QUICK
    from pebble import Pebble
    server = Pebble(tmp_path_factory.mktemp("believing"), authority,
                    calm_pebble.dns_server.dns, {"PEBBLE_VA_ALWAYS_VALID": "1"}, QUICK)
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(scope="module")
def visit(tmp_path_factory, museum, ca):
    """A run at a CA that lived through it: that a CA stops is the matter of other tests."""
    def make(exhibits, *words, **options):
        for _ in range(3):
            made = Visit(tmp_path_factory.mktemp("visit"), museum, ca, exhibits, *words,
                         **options)
            wait_until(lambda: not processes_of(museum),
                       lambda: f"left running: {processes_of(museum)}", 5)
            if not ca.is_wedged():
                return made
            ca.restart()
        pytest.fail("Pebble stopped in each of three runs")
    return make


@pytest.fixture(scope="module")
def refused(visit):
    return visit(REFUSED)


@pytest.fixture(scope="module")
def broken(visit):
    return visit(BROKEN)


@pytest.fixture(scope="module")
def hung(visit):
    return visit({**HUNG, **SLOW}, "--timeout", 8)


@pytest.fixture(scope="module")
def harmless(visit):
    return visit(HARMLESS)


@pytest.mark.skipif(is_sanitized(), reason="its heap tells nothing")
def test_a_message_of_many_values_takes_little_more_memory_than_it_is_long(
        museum, acmecore):
    run = acmecore.start("plugin", "check", "many-values", "--plugin-dir", museum)

    peak_kib = peaks(run)[run.pid]

    assert run.wait().code == 6
    assert MESSAGE_MAX_KIB < peak_kib < MANY_VALUES_MAX_KIB


def assert_says(text, plugin, words):
    for word in (plugin, *words):
        assert word in text, text


# ---- all at once: the good ones are issued, and the exit code is that of the bad ones

def test_what_is_refused_costs_the_others_nothing(refused):
    assert refused.result.code == 2, refused.result
    assert refused.issued() == set(FINE)


def test_what_breaks_costs_the_others_nothing(broken):
    assert broken.result.code == 6, broken.result
    assert broken.issued() == set(FINE)
    assert len(broken.result.stderr) < 200000


def test_what_hangs_costs_the_others_nothing_and_comes_to_an_end(hung):
    assert hung.result.code == 6, hung.result
    assert hung.issued() == set(FINE)
    assert hung.result.elapsed_s < 25


def test_what_harms_only_itself_costs_nobody_anything(harmless):
    assert harmless.result.code == 0, harmless.result
    assert harmless.issued() == {*FINE, *HARMLESS}
    assert "\033" not in harmless.result.stdout + harmless.result.stderr


# ---- each of them

@pytest.mark.parametrize("plugin", REFUSED)
def test_refused(refused, plugin):
    error = refused.error(plugin)

    assert error["exit"] == 2, json.dumps(error)
    assert_says(error["message"], plugin, REFUSED[plugin])


@pytest.mark.parametrize("plugin", BROKEN)
def test_broken(broken, plugin):
    error = broken.error(plugin)

    assert error["exit"] == 6, json.dumps(error)
    assert_says(error["message"], f"plugin {plugin} ", BROKEN[plugin])
    assert error["advice"], error


@pytest.mark.parametrize("plugin", HUNG)
def test_hung(hung, plugin):
    error = hung.error(plugin)

    assert error["exit"] == 6, json.dumps(error)
    assert_says(error["message"], f"plugin {plugin} ",
                [*HUNG[plugin], "no answer within", "killed"])
    assert "acmecore plugin check" in error["advice"], error


@pytest.mark.parametrize("plugin", SLOW)
def test_slow(hung, plugin):
    error = hung.error(plugin)

    assert error["exit"] == 6, json.dumps(error)
    assert_says(error["message"], f"plugin {plugin} ", SLOW[plugin])


@pytest.mark.deep
def test_with_time_to_wait_it_is_told_how_it_hung(visit):
    """Loading has 10 s, cleaning up 30 s, also when the run's time is over."""
    long = visit(["hang-at-load", "hang-open", "hang-watch", "hang-cleanup"], "--timeout", 20)

    assert long.result.code == 6, long.result
    assert long.issued() == {*FINE, "hang-cleanup"}
    assert long.result.elapsed_s < 45
    for plugin, operation in (("hang-at-load", "load"), ("hang-open", "open"),
                              ("hang-watch", "present")):
        assert_says(long.error(plugin)["message"], f"plugin {plugin} ",
                    [f"hung in {operation}", "no answer within", "killed"])
    assert_says(" ".join(long.certificates["hang-cleanup"]["warnings"]), "hang-cleanup",
                ["could not be cleaned up", "hung in cleanup", "the next run tries again"])


@pytest.mark.parametrize("plugin", HARMLESS)
def test_harmless(harmless, plugin):
    warnings = " ".join(harmless.certificates[plugin].get("warnings", []))

    assert_says(warnings, "", HARMLESS[plugin])
    assert bool(warnings) == bool(HARMLESS[plugin])


# ---- installers

def install_at(folder, name, mood):
    """Sections of a configuration: an installer in that mood, and a certificate for it."""
    (folder / name / "live").mkdir(parents=True)
    (folder / name / "mood").write_text("".join(f"{line}\n" for line in mood))
    return [f'installer "{name}" {{ plugin = "installer-test"  '
            f'options {{ folder = "{folder / name}" }} }}',
            f'certificate "c-{name}" {{ solvers = {{"good"}}  installers = {{"{name}"}}  '
            f'identifiers = {{"{name}.test"}} }}']


WELL = {"well": [], "finish-crash": ["finish crash"]}


@pytest.fixture(scope="module")
def installed(visit, tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    moods = {**{name: mood for name, (mood, _) in INSTALLERS.items()}, **WELL}
    return visit([], more=[line for name, mood in moods.items()
                           for line in install_at(folder, name, mood)])


def deployments(installed):
    return {each["installer"]: each for each in installed.result.json["deployments"]}


def test_what_an_installer_breaks_costs_no_certificate_and_no_other_installer(installed):
    assert installed.result.code == 7, installed.result
    assert installed.issued() == {*FINE, *(f"c-{name}" for name in [*INSTALLERS, *WELL])}
    assert {name for name, each in deployments(installed).items()
            if each["result"] == "live"} == set(WELL)
    assert "finish-crash (installer-test) crashed in finish" in installed.result.stderr


@pytest.mark.parametrize("installer", INSTALLERS)
def test_installer(installed, installer):
    deployment = deployments(installed)[installer]

    assert deployment["result"] == "failed" and "next_attempt_at" in deployment
    assert_says(deployment["error"]["message"], f"plugin {installer} (installer-test) ",
                INSTALLERS[installer][1])


# ---- nothing stays presented, where the plugin can clean up at all

@pytest.mark.parametrize("plugin", ["crash-present", "crash-probe", "exit-present", "garbage",
                                    "flood-log", "eat-memory", "invent"])
def test_nothing_stays_presented(broken, plugin):
    result = broken("cleanup", plugin, "--json")

    # What its one cleanup could not do is still noted, and that is said.
    assert result.json["cleaned"] == [] or plugin == "invent", result


def test_what_could_not_be_cleaned_up_stays_noted(broken):
    result = broken("cleanup", "crash-both", "--json")

    assert result.code == 6, result
    assert "crashed in cleanup" in str(result.json), result


# ---- before the CA is asked, and in every command that looks at plugins

@pytest.mark.parametrize("plugin", REFUSED)
def test_no_ca_is_asked_for_what_is_refused(refused, plugin):
    result = refused("issue", "--server", "https://127.0.0.1:1/dir", "--agree-tos", "-d",
                     "a.test", "--solver", plugin)

    assert result.code == 2, result
    assert_says(result.stderr, plugin, REFUSED[plugin])


def test_config_check_has_a_line_for_each(refused):
    result = refused("config", "check", "--json")

    assert result.code == 2, result
    text = "\n".join(fault["message"] for fault in result.json["faults"])
    for plugin, words in REFUSED.items():
        assert_says(text, plugin, words)


def test_list_has_a_line_for_each(refused, museum, tmp_path):
    for plugin in REFUSED:
        (tmp_path / f"{plugin}.so").symlink_to(museum / f"{plugin}.so")
    result = refused.program("plugin", "list", "--json", "--plugin-dir", tmp_path)
    listed = {each["name"]: each for each in result.json["plugins"]}

    assert result.code == 0, result
    for plugin, words in REFUSED.items():
        if plugin != "installer-kind":      # that one is fine, as what it says it is
            assert_says(listed[plugin]["problem"], plugin, words)


@pytest.mark.parametrize("plugin", REFUSED)
def test_show_and_check_say_it_too(refused, plugin):
    shown = refused("plugin", "show", plugin)
    checked = refused("plugin", "check", plugin, "--json")

    if plugin != "installer-kind":
        assert shown.code == 2, shown
        assert_says(shown.stderr, plugin, REFUSED[plugin])
        assert checked.code in (2, 6), checked
        assert_says(json.dumps(checked.json, ensure_ascii=False).replace('\\"', '"'),
                    plugin, REFUSED[plugin])


# ---- plugin check finds them, and nothing in our own

# Which check each exhibit fails at least; None: it does nothing wrong there.
CHECKED = {
    **dict.fromkeys(["crash-at-load", "exit-at-load", "write-at-load", "wild-name",
                     "wild-type"], "load"),
    **dict.fromkeys(["crash-open", "open-and-exit"], "open"),
    **dict.fromkeys(["crash-present", "crash-both", "crash-cleanup", "crash-watch",
                     "crash-serve", "watch-too-much", "abort-present", "free-twice",
                     "overflow-stack", "scribble", "raise-signals", "fork-away",
                     "exit-present", "call-exit", "close-all", "close-socket", "garbage",
                     "forge", "flood-log", "flood-output", "many-values", "long-lines",
                     "invent", "pending-present"], "one"),
    # When the second answer comes is the system's to say: it is heard then, or later.
    "fork-and-return-twice": {"one", "many", "present-twice", "cleanup-twice"},
    "crash-probe": "probe", "crash-close": "close", "hang-close": "close",
    "lie-about-batches": "many", "refuse-second": "many",
    "ignore-time": "spent-deadline",
    **dict.fromkeys(["trust-services", "trust-secret", "ignore-services"],
                    "failing-services"),
    **dict.fromkeys(["leak", "leak-descriptor", "bell"], "leaks"),
    **dict.fromkeys(["print", "print-to-both"], "silence"),
    **dict.fromkeys(["leave-thread", "leave-child", "leave-daemon"], "leftovers"),
    "change-surroundings": "surroundings",
    **dict.fromkeys(["good", "refuse", "open-badly", "eat-memory", "null-help",
                     "small-batches", "tolerant-0", "tolerant-1"]),
}
if not is_sanitized():      # its heap tells nothing
    CHECKED.update(dict.fromkeys(["leak-memory", "leak-little"], "leaks"))
CHECKED_LONG = {"hang-at-load": "load", "hang-open": "open", "hang-present": "one",
                "hang-cleanup": "one", "hang-watch": "one", "hang-serve": "one",
                "hang-probe": "probe", "spin": "one", "stop-itself": "one"}


@pytest.fixture(scope="module")
def check(museum, tmp_path_factory):
    """check({plugin: options}): {plugin: (Result, failed ids)}, several side by side."""
    def one(program, plugin, options):
        result = program("plugin", "check", plugin, "--json", "--plugin-dir", museum,
                         *[word for option in options for word in ("--set", option)],
                         env={"TMPDIR": str(program.folder)})     # often in memory
        return plugin, result, {each["id"] for each in result.json["verdicts"]
                                if each["verdict"] == "failed"}

    def run(plugins, workers=4):
        programs = [Acmecore(tmp_path_factory.mktemp("check")) for _ in plugins]
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            done = pool.map(one, programs, plugins, plugins.values())
            return {plugin: (result, failed) for plugin, result, failed in done}
    return run


def assert_found(results, wanted):
    for plugin, (result, failed) in results.items():
        if wanted[plugin] is None:
            assert result.code == 0 and not failed, f"{plugin}: {result}"
            continue
        any_of = wanted[plugin] if isinstance(wanted[plugin], set) else {wanted[plugin]}
        assert result.code == 6 and failed & any_of, f"{plugin}: {result}"


def test_check_finds_each(check):
    assert_found(check(dict.fromkeys(CHECKED, [])), CHECKED)


@pytest.mark.deep
def test_check_finds_what_hangs(check):
    assert_found(check(dict.fromkeys(CHECKED_LONG, []), len(CHECKED_LONG)), CHECKED_LONG)


def test_check_finds_nothing_in_our_own(check, tmp_path):
    """Nobody answers at these addresses: what needs an answer is skipped."""
    nobody = f"127.0.0.1:{free_port()}"
    secret, hook, accounts = (tmp_path / name for name in ("secret", "hook", "accounts"))
    for path, text, mode in ((secret, "secret", 0o600), (hook, "#!/bin/sh\nexit 0\n", 0o755),
                             (accounts, '{"example.com": {"fulldomain": "a.example.net", '
                              '"subdomain": "a", "username": "u", "password": "p"}}', 0o600)):
        path.touch(mode=mode)
        path.write_text(text)
    resolver = f"resolver={nobody}"
    own = {
        "http01-webroot": [f"path={tmp_path}"], "http01-exec": [f"command={hook}"],
        "http01-standalone": [f"port={free_port()}", "address=127.0.0.1"],
        "tlsalpn01-standalone": [f"port={free_port()}", "address=127.0.0.1"],
        "dns01-exec": [f"command={hook}", resolver],
        "dns01-rfc2136": [f"server={nobody}", resolver],
        "dns01-powerdns": [f"api-key={secret}", f"url=http://{nobody}", resolver],
        "dns01-cloudflare": [f"api-token={secret}", f"url=http://{nobody}", resolver],
        "dns01-acmedns": [f"url=http://{nobody}", f"accounts={accounts}", resolver],
        "installer-apache": [], "installer-nginx": [],
        "installer-exec": [f"command={hook}"],
        "installer-files": [f"fullchain={tmp_path}/full.pem"],
        "installer-haproxy": [f"file={tmp_path}/haproxy.pem"],
    }

    results = check(own)

    assert len(own) == len(list((build_folder() / "lib/acmecore/plugins").glob("*.so")))
    assert_found(results, dict.fromkeys(own))
    for plugin, (result, _) in results.items():
        opened, = [each for each in result.json["verdicts"] if each["id"] == "open"]
        assert opened["verdict"] == "passed", f"{plugin}: {result}"
