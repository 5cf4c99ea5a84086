# SPDX-License-Identifier: Apache-2.0
"""delete --revoke: first the CA, then the files, also when a run is cut short between."""
import json

import pytest

from replies import problem

NAME = "a.test"


@pytest.fixture
def held(good_ca, issuer, dns_solver):
    own = issuer(good_ca(), solver=dns_solver)
    result = own(NAME)
    assert result.code == 0, result
    return own


def revocations(own):
    return [request.payload for request in own.ca.of("revokeCert")]


def is_whole(own):
    return own.current(NAME).startswith(b"-----BEGIN") and (
        own.folder_of(NAME) / "certificate.json").exists()


def refuse(own, kind="unauthorized", status=403):
    own.ca.always("revokeCert", problem(kind, "no", status))


def test_it_is_revoked_with_its_reason_and_gone(held):
    result = held.acmecore("delete", NAME, "--revoke", "--reason", "superseded", "--yes")

    assert result.code == 0 and "revoked and deleted" in result.stdout, result
    assert [each["reason"] for each in revocations(held)] == [4]
    assert not held.folder_of(NAME).exists()


def test_it_is_revoked_and_kept_in_the_archive(held):
    result = held.acmecore("delete", NAME, "--revoke", "--archive", "--yes", "--json")

    assert result.code == 0, result
    assert result.json["revoked"] is True
    state = json.loads((held.state / "archive" / NAME / "state.json").read_text())
    assert state["revoked"][0]["reason"] == "unspecified"


def test_a_ca_that_refuses_leaves_all_in_place(held):
    refuse(held)

    result = held.acmecore("delete", NAME, "--revoke", "--yes")

    assert result.code == 3 and "neither revoked nor deleted" in result.stderr, result
    assert is_whole(held)
    state = json.loads((held.folder_of(NAME) / "state.json").read_text())
    assert "revoked" not in state
    assert held.acmecore("renew").code == 0 and is_whole(held)


def test_a_ca_that_is_down_leaves_all_in_place(held):
    held.ca.stop()

    result = held.acmecore("delete", NAME, "--revoke", "--yes", "--timeout", "5")

    assert result.code == 5, result
    assert is_whole(held)


@pytest.mark.parametrize("word", ["--archive", "--yes"])
def test_a_run_that_ends_between_both_is_taken_up_by_renew(held, word):
    """What stops it here stops it where a kill would."""
    group = held.state / ("archive" if word == "--archive" else "deleted")
    group.symlink_to(held.state / "nowhere")
    cut = held.acmecore("delete", NAME, "--revoke", "--yes", word)
    assert cut.code == 9 and is_whole(held), cut
    assert len(revocations(held)) == 1
    group.unlink()

    result = held.acmecore("renew", "--json")

    assert result.code == 0, result
    assert [each["result"] for each in result.json["certificates"]] == [
        "archived" if word == "--archive" else "deleted"]
    assert not held.folder_of(NAME).exists()
    assert len(revocations(held)) == 1


def test_the_same_command_takes_it_up_as_well(held):
    (held.state / "deleted").symlink_to(held.state / "nowhere")
    held.acmecore("delete", NAME, "--revoke", "--yes")
    assert len(revocations(held)) == 1
    (held.state / "deleted").unlink()
    refuse(held, "alreadyRevoked", 400)

    result = held.acmecore("delete", NAME, "--revoke", "--yes")

    assert result.code == 0, result
    assert not held.folder_of(NAME).exists()


def test_a_reason_needs_the_revocation(held):
    alone = held.acmecore("delete", NAME, "--reason", "superseded", "--yes")
    wrong = held.acmecore("delete", NAME, "--revoke", "--reason", "boredom", "--yes")
    unasked = held.acmecore("delete", NAME, "--revoke", "--archive")

    assert alone.code == 2 and "add --revoke" in alone.stderr
    assert wrong.code == 2 and "boredom" in wrong.stderr
    assert unasked.code == 2
    assert is_whole(held) and revocations(held) == []
