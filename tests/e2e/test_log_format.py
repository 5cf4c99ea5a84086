# SPDX-License-Identifier: Apache-2.0
"""What goes to standard error: lines, one object a line, or the journal."""
import json
import os
import subprocess

import pytest

from replies import problem

REFUSED = problem("rejectedIdentifier", "not \x1b[31mthis\nPRIORITY=0", status=403)


@pytest.fixture
def ca(good_ca):
    return good_ca()


@pytest.fixture
def own(issuer, ca, dns_solver):
    return issuer(ca, solver=dns_solver)


def records(result):
    return [json.loads(line) for line in result.stderr.splitlines()]


def test_each_line_is_an_object(acmecore, own, ca):
    assert own("a.test").code == 0
    good = acmecore("renew", "--force", "-v", "--log-format", "json")
    ca.always("newOrder", REFUSED)
    bad = acmecore("renew", "--force", "--log-format", "json", "--json")

    assert good.code == 0 and bad.code == 3
    (renewed,) = [each for each in records(good) if each.get("event") == "certificate.renewed"]
    assert (renewed["certificate"], renewed["version"], renewed["level"]) == ("a.test", "2", "info")
    assert renewed["identifiers_count"] == "1" and renewed["time"].endswith("Z")
    failed = [each for each in records(bad) if each.get("event") == "certificate.failed"][0]
    assert (failed["code"], failed["hint"], failed["level"]) == ("problem", "rejected-name", "error")
    assert "\x1b" not in bad.stderr and "\\x1B[31m" in failed["text"]
    assert records(bad)[-1]["level"] in ("error", "warning")
    assert bad.json["failed"] == 1


def test_error_at_the_end_is_a_record_too(acmecore):
    result = acmecore("renew", "nobody", "--log-format", "json")

    assert result.code == 2
    (record,) = records(result)
    assert record["level"] == "error" and 'no certificate "nobody"' in record["message"]


def test_configuration_says_it_and_the_option_wins(acmecore, own, ca, tmp_path):
    assert own("a.test").code == 0
    ca.always("newOrder", REFUSED)
    config = tmp_path / "acmecore.conf"
    config.write_text("log-format = json\n")
    config.chmod(0o644)

    configured = acmecore("renew", "--force", "--config", config)
    option = acmecore("renew", "--force", "--config", config, "--log-format", "lines")

    assert records(configured)
    assert option.stderr.startswith("acmecore: a.test: ")


def test_words_that_are_none_are_refused(acmecore, tmp_path):
    config = tmp_path / "acmecore.conf"
    config.write_text("log-format = xml\n")
    config.chmod(0o644)

    option = acmecore("list", "--log-format", "xml")
    configured = acmecore("config", "check", "--config", config, state=None)

    assert option.code == 2 and 'lines, json or journal, not "xml"' in option.stderr
    assert configured.code == 2 and f"{config}:1: log-format is lines" in configured.stdout


def test_journal_that_is_not_reached_is_a_warning(own):
    if os.path.exists("/run/systemd/journal/socket"):
        pytest.skip("a journal is here, and is not ours to fill")

    result = own("a.test", "--log-format", "journal")

    assert result.code == 0
    assert "the log goes on as lines" in result.stderr, result


def test_standard_error_that_is_the_journal_is_known(acmecore, own, tmp_path):
    """systemd names the stream by device and inode."""
    if os.path.exists("/run/systemd/journal/socket"):
        pytest.skip("a journal is here, and is not ours to fill")
    path = tmp_path / "stream"
    with path.open("wb") as stream:
        status = os.fstat(stream.fileno())
        subprocess.run([acmecore.program, "list", "--state-dir", own.state], stderr=stream,
                       stdout=subprocess.DEVNULL, check=True, timeout=20,
                       env={"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"})

    assert "the log goes on as lines" in path.read_text()
