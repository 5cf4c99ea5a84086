# SPDX-License-Identifier: Apache-2.0
"""What a monitor is told by exit codes, of renew and of status."""
import datetime
import json

import pytest

from replies import problem

NAME = "a.test"


@pytest.fixture
def own(good_ca, issuer, dns_solver):
    return issuer(good_ca(), solver=dns_solver)


def utc(days):
    moment = datetime.datetime.now(datetime.timezone.utc)
    return (moment + datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def grow_old(own):
    """As if two thirds of its life were over."""
    path = own.folder_of(NAME) / "state.json"
    state = json.loads(path.read_text())
    state.update(not_before=utc(-80), not_after=utc(10))
    path.write_text(json.dumps(state))


def refuse(own):
    own.ca.always("newOrder", problem("rejectedIdentifier", "no", 403))


def test_a_failure_that_is_backed_off_stays_red(own):
    assert own(NAME).code == 0
    fine = own.acmecore("status").code, own.acmecore("renew").code
    grow_old(own)
    refuse(own)

    failed = own.acmecore("renew")
    resting = own.acmecore("renew", "--json")
    status = own.acmecore("status")

    assert fine == (0, 0)
    assert failed.code == 3, failed
    assert resting.code == 20 and resting.json["resting"] == 1, resting
    assert resting.json["due"] == 0
    assert status.code == 20, status
    assert own.acmecore("renew", "--dry-run").code == 0


def test_status_of_a_configuration_that_is_wrong_is_not_green(own, tmp_path):
    assert own(NAME).code == 0
    config = tmp_path / "acmecore.conf"
    config.write_text('certificate "www" { identifiers = {"w.test"} solver = "x" }\n')

    result = own.acmecore("status", "--config", config)

    assert result.code == 2, result
    assert NAME in result.stdout


def test_what_was_asked_for_in_vain_is_in_list_and_status(good_ca, issuer, dns_solver):
    own = issuer(good_ca(validation_polls=1000), solver=dns_solver)
    assert own(NAME, "--timeout", "2").code != 0

    listed = own.acmecore("list")
    status = own.acmecore("status", "--json")
    table = own.acmecore("status")
    renewed = own.acmecore("renew")

    assert NAME in listed.stdout, listed
    one, = status.json["certificates"]
    assert one["name"] == NAME and one["unissued"] is True
    assert NAME in table.stdout and "may be given again" in table.stdout
    assert status.code == renewed.code == 0
