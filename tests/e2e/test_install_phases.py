# SPDX-License-Identifier: Apache-2.0
"""installer-exec: a hook of its own that fails or hangs in one of its phases."""
import pytest

from dns_world import executable
from installing import forget_backoff, settings

# Each call is written down; what $mood says of a phase is done in it.
HOOK = """#!/bin/sh
echo "$1" >> {folder}/calls
touch {folder}/mood
while read -r phase what; do
    [ "$phase" = "$1" ] || continue
    echo "in no mood for $1" >&2
    [ "$what" = hang ] && exec sleep 60
    exit "$what"
done < {folder}/mood
[ "$1" != commit ] || cat "$ACMECORE_FULLCHAIN_PATH_1" > {folder}/live.pem
[ "$1" != rollback ] || cp {folder}/before.pem {folder}/live.pem
[ "$1" != stage ] || cp {folder}/live.pem {folder}/before.pem
"""


class Hook:
    def __init__(self, issue, folder):
        self.issue, self.folder = issue, folder
        (folder / "live.pem").write_text("what was there")
        self.path = executable(folder / "hook", HOOK.format(folder=folder))

    def run(self, *more):
        return self.issue("a.test", *settings("installer-exec", command=self.path,
                                              timeout=1), *more)

    def mood(self, *lines):
        (self.folder / "mood").write_text("".join(f"{line}\n" for line in lines))

    def calls(self):
        """Since this was asked last."""
        path = self.folder / "calls"
        words = path.read_text().split() if path.exists() else []
        path.write_text("")
        return words

    def live(self):
        return (self.folder / "live.pem").read_bytes()

    def renew(self):
        forget_backoff(self.issue)
        return self.issue.acmecore("renew")


@pytest.fixture
def hook(issuer, good_ca, tmp_path):
    (tmp_path / "site").mkdir()
    return Hook(issuer(good_ca()), tmp_path / "site")


@pytest.mark.parametrize("what", ["3", "hang"])
def test_a_stage_that_fails_is_rolled_back_by_the_hook_itself(hook, what):
    hook.mood(f"stage {what}")

    result = hook.run()

    assert result.code == 7, result
    assert "stage for a.test: it " in result.stderr
    assert hook.calls() == ["stage", "rollback"]
    hook.mood()
    assert hook.renew().code == 0
    assert hook.calls() == ["stage", "commit", "probe", "finish"]
    assert hook.live() == hook.issue.current("a.test")


@pytest.mark.parametrize("what", ["3", "hang"])
def test_a_probe_that_fails_is_rolled_back_by_the_hook_itself(hook, what):
    hook.mood(f"probe {what}")

    result = hook.run()

    assert result.code == 7 and "probe for a.test: it " in result.stderr, result
    assert hook.calls() == ["stage", "commit", "probe", "rollback"]
    assert hook.live() == b"what was there"


@pytest.mark.parametrize("what", ["3", "hang"])
def test_a_rollback_that_fails_is_done_by_the_next_run(hook, what):
    hook.mood("commit 3", f"rollback {what}")

    result = hook.run()

    assert result.code == 7 and "nor could it be rolled back" in result.stderr, result
    hook.calls()
    hook.mood()
    assert hook.renew().code == 0
    assert hook.calls() == ["rollback", "stage", "commit", "probe", "finish"]
    assert hook.live() == hook.issue.current("a.test")


@pytest.mark.parametrize("what", ["3", "hang"])
def test_a_finish_that_fails_undoes_nothing(hook, what):
    hook.mood(f"finish {what}")

    result = hook.run()

    assert result.code == 0 and "finish for a.test: it " in result.stderr, result
    assert hook.live() == hook.issue.current("a.test")
    hook.mood()
    hook.calls()
    assert hook.issue.acmecore("renew", "--force").code == 0
    assert "rollback" not in hook.calls()
    assert hook.live() == hook.issue.current("a.test")


@pytest.mark.parametrize("depth, is_in_environment", [
    pytest.param(8, "yes", marks=pytest.mark.deep), (12, "no")])
def test_a_batch_that_no_environment_takes_comes_on_stdin(issuer, good_ca, tmp_path, depth,
                                                          is_in_environment):
    """Long paths make it large."""
    issue = issuer(good_ca())
    issue.acmecore.state = tmp_path.joinpath(*["d" * 250] * depth)
    issue.state.mkdir(parents=True, mode=0o700)
    hook = executable(tmp_path / "hook", f"""#!/bin/sh
[ "$1" = commit ] || exit 64
[ -n "$ACMECORE_KEY_PATH_1" ] && seen=yes || seen=no
echo "$ACMECORE_COUNT $seen $(grep -o '"key_path"' | wc -l)" >> {tmp_path}/calls
""")
    config = tmp_path / "acmecore.conf"
    blocks = "".join(f"""certificate "n{number}" {{
    identifiers = "n{number}.test" ca = "c" solvers = "w" installers = "h" }}
""" for number in range(50))
    config.write_text(f"""
agree-tos = true
self-check = "off"
ca "c" {{ directory = "{issue.ca.directory_url}" ca-file = "{issue.ca.ca_file}" }}
solver "w" {{ plugin = "http01-webroot" options {{ path = "{issue.web}" }} }}
installer "h" {{ plugin = "installer-exec" options {{ command = "{hook}" }} }}
{blocks}""")
    config.chmod(0o644)

    result = issue.acmecore("renew", "--config", config, "--jobs", "50")

    assert result.code == 0, str(result)
    assert (tmp_path / "calls").read_text() == f"50 {is_in_environment} 50\n"
