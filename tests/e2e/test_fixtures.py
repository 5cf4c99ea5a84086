# SPDX-License-Identifier: Apache-2.0
"""The fixtures themselves, against real programs, without acmecore."""
import http.client
import json
import os
import ssl
import subprocess
import urllib.error
import urllib.request

import pytest

import replies
from certificates import make_key, run
from mini_ca import base64url, thumbprint
from running import free_port, is_listening

JWK = {"kty": "EC", "crv": "P-256", "x": "eA", "y": "eQ"}


class Client:
    """As much of an ACME client as the scripted CA looks at: nothing is signed."""

    def __init__(self, ca):
        self.ca, self.kid, self.nonce = ca, None, None
        self.context = ssl.create_default_context(cafile=str(ca.ca_file))

    def send(self, method, url, data=None):
        request = urllib.request.Request(url, data=data, method=method)
        try:
            answer = urllib.request.urlopen(request, timeout=5, context=self.context)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            body = answer.read()
        self.nonce = answer.headers.get("Replay-Nonce", self.nonce)
        return answer.status, answer.headers, body

    def post(self, url, payload=None, **protected):
        key = {"kid": self.kid} if self.kid else {"jwk": JWK}
        header = {"alg": "ES256", "nonce": self.nonce, "url": url, **key, **protected}
        text = "" if payload is None else json.dumps(payload)
        jws = {"protected": base64url(json.dumps(header).encode()),
               "payload": base64url(text.encode()), "signature": "AA"}
        return self.send("POST", url, json.dumps(jws).encode())

    def register(self):
        self.send("HEAD", self.ca.url("newNonce"))
        _, headers, _ = self.post(self.ca.url("newAccount"), {})
        self.kid = headers["Location"]
        return self


def order(client, *names):
    _, headers, body = client.post(client.ca.url("newOrder"), {"identifiers": [
        {"type": "dns", "value": name} for name in names]})
    return headers["Location"], json.loads(body)


def csr_of(folder, name):
    key = make_key(folder / "leaf.key")
    return base64url(run("openssl", "req", "-new", "-key", key, "-subj", "/", "-addext",
                         f"subjectAltName=DNS:{name}", "-outform", "DER"))


def issue(client, folder, name="a.test"):
    """The certificate's PEM, by way of every resource."""
    location, body = order(client, name)
    for authorization in body["authorizations"]:
        found = json.loads(client.post(authorization)[2])
        challenge = next(each for each in found["challenges"]
                         if each["type"] == "http-01")
        client.post(challenge["url"], {})
    assert json.loads(client.post(location)[2])["status"] == "ready"
    client.post(body["finalize"], {"csr": csr_of(folder, name)})
    return client.post(json.loads(client.post(location)[2])["certificate"])[2]


def verify(folder, root, chain):
    (folder / "root.pem").write_bytes(root)
    (folder / "chain.pem").write_bytes(chain)
    return subprocess.run(["openssl", "verify", "-CAfile", folder / "root.pem",
                           "-untrusted", folder / "chain.pem", folder / "chain.pem"],
                          capture_output=True, check=False).returncode == 0


def test_pebble_answers_with_its_directory_and_counts_requests(pebble):
    server = pebble()

    directory = server.directory()

    assert {"newNonce", "newAccount", "newOrder"} <= set(directory)
    assert "renewalInfo" in directory
    assert server.counts()["GET", "/dir"] == 1
    server.fetch(directory["newNonce"])
    assert server.counts()["GET", "/nonce-plz"] == 1


def test_pebble_hands_out_its_roots(pebble):
    server = pebble(env={"PEBBLE_ALTERNATE_ROOTS": "1", "PEBBLE_CHAIN_LENGTH": "2"})

    assert server.root(0).startswith(b"-----BEGIN CERTIFICATE-----")
    assert server.root(1) != server.root(0)
    assert b"BEGIN CERTIFICATE" in server.intermediate()


def test_pebble_is_not_trusted_without_its_ca_file(pebble):
    server = pebble()

    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(server.directory_url, timeout=5)


def test_several_pebbles_run_at_once_and_stop_by_themselves(pebble):
    first, second = pebble(arguments=["-strict"]), pebble()

    assert first.directory() != second.directory()
    first.stop()
    assert not is_listening(first.port)
    assert is_listening(second.port)


def test_pebble_restarts_on_its_ports_with_another_root(pebble):
    server = pebble()
    before = server.root()

    server.restart()

    assert server.directory()
    assert server.root() != before


def test_pebble_takes_configuration_and_environment(pebble):
    server = pebble(config={"externalAccountBindingRequired": True,
                            "externalAccountMACKeys": {"kid-1": "c2VjcmV0"}})

    assert server.directory()["meta"]["externalAccountRequired"] is True


def test_a_pebble_that_cannot_start_says_why(pebble):
    with pytest.raises(RuntimeError, match="(?s)ended with"):
        pebble(config={"keyAlgorithm": "none"})


def test_challtestsrv_is_managed(challtestsrv):
    server = challtestsrv()

    server.set("set-txt", host="_acme-challenge.a.test.", value="hello")
    server.set("clear-txt", host="_acme-challenge.a.test.")

    assert server.history("dns-request-history", "a.test.") == []


def test_free_ports_are_free():
    ports = {free_port() for _ in range(200)}

    assert len(ports) == 200
    assert not any(is_listening(port) for port in ports)


def test_the_scripted_ca_issues_what_openssl_verifies(scripted_ca, tmp_path):
    ca = scripted_ca()

    chain = issue(Client(ca).register(), tmp_path)

    assert verify(tmp_path, ca.mini.root.pem(), chain)
    assert ca.counts()["POST", "newOrder"] == 1
    assert ca.of("newAccount")[0].protected["jwk"] == JWK
    assert ca.of("certificate")[0].payload is None
    assert ca.nonces_twice == []


@pytest.mark.parametrize("leaf", [
    {"broken_signature": True},
    {"start": "2020-01-01 00:00:00", "end": "2020-02-01 00:00:00"},
])
def test_the_scripted_ca_issues_bad_leaves(scripted_ca, tmp_path, leaf):
    ca = scripted_ca(leaf=leaf)

    chain = issue(Client(ca).register(), tmp_path)

    assert not verify(tmp_path, ca.mini.root.pem(), chain)


def test_the_scripted_ca_issues_for_other_keys_and_names(scripted_ca, tmp_path):
    ca = scripted_ca(leaf={"foreign_key": True, "names": ["evil.test"]},
                     change_chain=lambda chain: "".join(reversed(chain[:2])))

    chain = issue(Client(ca).register(), tmp_path).decode()
    leaf = chain[chain.rindex("-----BEGIN"):].encode()

    text = run("openssl", "x509", "-noout", "-text", input=leaf).decode()
    assert "DNS:evil.test" in text
    ours = run("openssl", "pkey", "-in", tmp_path / "leaf.key", "-pubout")
    assert run("openssl", "x509", "-noout", "-pubkey", input=leaf) != ours


def test_a_script_comes_before_what_is_always(scripted_ca):
    ca = scripted_ca()
    ca.script("directory", replies.problem("serverInternal", "no", 500),
              replies.reply(503, "<html>later</html>", [("Retry-After", "7")]))
    ca.always("directory", replies.merge(meta={"website": "x"}))
    client = Client(ca)

    assert client.send("GET", ca.directory_url)[0] == 500
    status, headers, body = client.send("GET", ca.directory_url)
    assert (status, headers["Retry-After"], body) == (503, "7", b"<html>later</html>")
    for _ in range(2):
        assert b"website" in client.send("GET", ca.directory_url)[2]


def test_order_states_follow_the_script(scripted_ca):
    ca = scripted_ca()
    client = Client(ca).register()
    location, _ = order(client, "a.test")
    ca.states("order", {"status": "processing"}, {"status": "canceled"})

    states = [json.loads(client.post(location)[2])["status"] for _ in range(3)]

    assert states == ["processing", "canceled", "canceled"]


@pytest.mark.parametrize("behaviour", [
    replies.drop_before(), replies.drop_before(reset=True), replies.drop_after(),
    replies.truncated(5),
])
def test_connections_end_early(scripted_ca, behaviour):
    ca = scripted_ca()
    ca.script("directory", behaviour)
    client = Client(ca)

    with pytest.raises((OSError, http.client.HTTPException)):
        client.send("GET", ca.directory_url)
    assert client.send("GET", ca.directory_url)[0] == 200


def test_connections_are_closed_before_anything_is_read(scripted_ca):
    ca = scripted_ca()
    ca.drop_connections(1)

    with pytest.raises((OSError, http.client.HTTPException)):
        Client(ca).send("GET", ca.directory_url)
    assert not ca.requests
    assert Client(ca).send("GET", ca.directory_url)[0] == 200


def test_a_lost_answer_has_had_its_effect(scripted_ca):
    ca = scripted_ca()
    client = Client(ca).register()
    ca.script("newOrder", replies.drop_after())

    with pytest.raises((OSError, http.client.HTTPException)):
        order(client, "a.test")

    assert len(ca.mini.orders) == 1


def test_bodies_are_slow_or_huge(scripted_ca):
    ca = scripted_ca()
    ca.script("directory", replies.slow(0.001), replies.delayed(0.2),
              replies.huge(3 << 20), replies.deep_json(1000), replies.huge_headers(20))
    client = Client(ca)

    assert json.loads(client.send("GET", ca.directory_url)[2])["newOrder"]
    assert client.send("GET", ca.directory_url)[0] == 200
    assert len(client.send("GET", ca.directory_url)[2]) > 3 << 20
    assert client.send("GET", ca.directory_url)[2].startswith(b"[[[[")
    assert client.send("GET", ca.directory_url)[1]["X-19"]


def test_nonces_are_checked_and_spoiled(scripted_ca):
    ca = scripted_ca()
    client = Client(ca).register()
    used = ca.of("newAccount")[0].protected["nonce"]

    answer = json.loads(client.post(ca.url("newOrder"), {}, nonce=used)[2])

    assert answer["type"].endswith(":badNonce")
    assert ca.nonces_twice == [used]
    ca.script("newNonce", replies.without_nonce(), replies.with_nonce("not/base64url"))
    assert "Replay-Nonce" not in client.send("HEAD", ca.url("newNonce"))[1]
    assert client.send("HEAD", ca.url("newNonce"))[1]["Replay-Nonce"] == "not/base64url"


def test_urls_may_be_odd_and_tokens_hostile(scripted_ca):
    ca = scripted_ca(paths={"order": "/odd%2fPath/%C3%A4/{id}?a=1&b="},
                     token=lambda: "../../x")
    client = Client(ca).register()

    location, body = order(client, "a.test")

    assert location.endswith("/odd%2fPath/%C3%A4/1?a=1&b=")
    assert client.post(location)[0] == 200
    found = json.loads(client.post(body["authorizations"][0])[2])
    assert found["challenges"][0]["token"] == "../../x"


def test_validation_may_refuse_and_take_its_time(scripted_ca):
    asked = []

    def validate(identifier, challenge, key_authorization):
        asked.append((identifier["value"], challenge["type"], key_authorization))
        return {"type": replies.PROBLEM + "unauthorized", "detail": "wrong"}

    ca = scripted_ca(validate=validate, validation_polls=1)
    client = Client(ca).register()
    _, body = order(client, "a.test")
    url = body["authorizations"][0]
    challenge = json.loads(client.post(url)[2])["challenges"][0]

    client.post(challenge["url"], {})
    first = client.post(url)
    second = json.loads(client.post(url)[2])

    assert (json.loads(first[2])["status"], first[1]["Retry-After"]) == ("pending", "0")
    assert second["status"] == "invalid"
    assert asked == [("a.test", "http-01", f"{challenge['token']}.{thumbprint(JWK)}")]


def test_a_plain_http_ca_and_a_foreign_certificate(scripted_ca, tmp_path):
    from certificates import Authority
    plain = scripted_ca(tls=False)
    foreign = scripted_ca(certificate=Authority(tmp_path / "foreign", "foreign").server())

    assert plain.directory_url.startswith("http://")
    assert Client(plain).send("GET", plain.directory_url)[0] == 200
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        Client(foreign).send("GET", foreign.directory_url)


def stand_in(acmecore, tmp_path, text):
    """A script in the place of the program, to try the runner alone."""
    acmecore.program = tmp_path / "program"
    acmecore.program.write_text(f"#!/bin/sh\n{text}\n")
    acmecore.program.chmod(0o755)


def test_the_runner_reports_how_a_run_ended(acmecore, tmp_path):
    stand_in(acmecore, tmp_path, 'echo "{\\"arguments\\": \\"$*\\"}"; echo no >&2; exit 3')

    result = acmecore("list", "--json")

    assert result.code == 3
    assert result.json == {"arguments": f"list --json --state-dir {acmecore.state}"}
    assert (result.stderr, result.was_killed, result.signal) == ("no\n", False, 0)
    assert 0 <= result.cpu_s < 5
    assert result.max_rss_kib > 100


def test_the_runner_kills_a_tree_after_the_deadline(acmecore, tmp_path):
    stand_in(acmecore, tmp_path, "sleep 100 & sleep 100")
    run_on = acmecore.start("issue")

    result = run_on.wait(deadline_s=0.3)

    assert (result.was_killed, result.code, result.signal) == (True, 137, 9)
    assert run_on.children() == []


def test_the_runner_waits_for_output_and_sends_signals(acmecore, tmp_path):
    stand_in(acmecore, tmp_path, "trap 'echo bye; exit 130' INT\necho ready\n"
                                 "while :; do sleep 0.05; done")
    run_on = acmecore.start("issue")
    run_on.wait_for("ready")

    run_on.send(2)

    assert run_on.wait(5).code == 130
    assert "bye" in run_on.stdout


def test_the_environment_of_the_caller_stays_outside(acmecore, tmp_path, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://nowhere.test")
    stand_in(acmecore, tmp_path, "env")

    assert "PROXY" not in acmecore("list").stdout
    assert os.environ["HTTPS_PROXY"]
