# SPDX-License-Identifier: Apache-2.0
"""docs/acme-v2.md tells what --trace tells and what is on the wire, in the same order."""
import base64
import hashlib
import json
import re
import subprocess

import pytest

from issuing import standalone
from mini_ca import thumbprint
from running import ROOT

PAGE = ROOT / "docs/acme-v2.md"
TOLD = re.compile(r"^\[(?:\d+|-)\] (\w+) \((RFC \d+) ([\d.]+)\): ", re.MULTILINE)
BLOCK = re.compile(r"^```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STEP = re.compile(r"^### (\w+)$", re.MULTILINE)


def part(heading):
    """The text below "## heading"."""
    return PAGE.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]


def steps():
    """{"directory": its text, …} of "The steps", in their order."""
    pieces = STEP.split(part("The steps"))[1:]
    return dict(zip(pieces[::2], pieces[1::2]))


def blocks(text):
    return [json.loads(block) for block in BLOCK.findall(text)]


def members(value, path=""):
    """
    The names of all members, wherever they are: {"identifiers", "identifiers.type"};
    but for those of profiles, which each CA has its own.
    """
    if isinstance(value, dict):
        return set().union(*({path + name} | members(inner, f"{path}{name}.")
                             for name, inner in value.items()
                             if path != "meta.profiles."))
    if isinstance(value, list):
        return set().union(*(members(inner, path) for inner in value))
    return set()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.fixture(scope="module")
def told(tmp_path_factory, request):
    """A run at Pebble like the one on the page: (its --trace, its exchanges)."""
    from gate import Gate
    from issuing import Issuer
    from program import Acmecore
    ca = request.getfixturevalue("calm_pebble")
    folder = tmp_path_factory.mktemp("told")
    way = Gate(ca, request.getfixturevalue("server_certificate")).start()
    program = Acmecore(folder)
    try:
        issue = Issuer(program, way, folder, solver=standalone(ca.http_port))
        result = issue("www.example.test", "--trace", "--profile", "default",
                       "--contact", "mailto:ops@example.test")
        assert result.code == 0, result
        shown = program("account", "show", "--trace", *issue.at_ca())
        assert shown.code == 0, shown
        changed = program("account", "rollover", "--trace", *issue.at_ca())
        assert changed.code == 0, changed
        revoked = program("revoke", "www.example.test", "--reason", "superseded",
                          *issue.at_ca())
        assert revoked.code == 0, revoked
    finally:
        program.stop()
        way.stop()
    return result.stderr, way.exchanges


def test_the_steps_are_those_of_a_run_in_its_order(told):
    trace, _ = told

    names = list(dict.fromkeys(name for name, _, _ in TOLD.findall(trace)))

    assert list(steps()) == names
    table = re.findall(r"^\| \[(\w+)\]", part("The whole way in one table"), re.MULTILINE)
    assert list(dict.fromkeys(table)) == names


def test_each_step_names_the_section_that_the_trace_names(told):
    trace, _ = told
    texts = steps()

    for name, document, section in TOLD.findall(trace):
        wanted = f"§{section}" if document == "RFC 8555" else document
        assert wanted in texts[name], f"{name} does not name {document} {section}"


def test_everything_that_a_trace_can_tell_is_on_the_page():
    names = set()
    for path in sorted((ROOT / "core").rglob("*.c")):
        text = path.read_text()
        names |= set(re.findall(r'\.what = "(\w+)"', text))
        names |= set(re.findall(r'ac_trace_fetch\([^,]+, "(\w+)"', text))
        if re.search(r"\.what = WHAT,|ac_trace_fetch\([^;]*\bWHAT\b", text):
            names |= set(re.findall(r'#define WHAT\s+"(\w+)"', text))

    headings = set(re.findall(r"^### (\w+)", PAGE.read_text(), re.MULTILINE))

    assert {"directory", "newOrder", "authorization", "order", "revokeCert"} <= names
    assert names - headings == set()


def test_each_example_is_well_formed():
    found = blocks(PAGE.read_text())

    assert len(found) > 20
    assert PAGE.read_text().count("```json") == len(found)


def match(text, exchange):
    """The first example with a payload is the request, the next one the answer."""
    examples = blocks(text)
    if exchange.protected:
        request = examples.pop(0)
        assert members(request["protected"]) == members(exchange.protected)
        assert members(request["payload"]) == members(exchange.payload)
        assert (request["payload"] == "") == (exchange.payload == "")
    lines = re.findall(r"^(?:GET|HEAD|POST) \S+ HTTP/1.1$", text, re.MULTILINE)
    assert lines[0].split()[0] == exchange.method
    assert f"HTTP/1.1 {exchange.status} " in text
    if "json" in exchange.headers["Accept"] and exchange.answer:
        assert members(examples[0]) == members(as_pending(exchange))


def as_pending(exchange):
    """A CA may be further already than in the example, and then there is one member more:
    when it began to look at a challenge, and where the certificate of an order is."""
    answer = exchange.json
    if exchange.url.startswith("/chalZ/"):
        # Pebble writes the time when it begins: so with "processing" too (RFC 8555 §8).
        assert "validated" in answer or answer["status"] != "valid", answer
        further = "validated"
    elif exchange.url.startswith("/finalize-order/"):
        assert ("certificate" in answer) == (answer["status"] == "valid"), answer
        further = "certificate"
    else:
        return answer
    return {name: value for name, value in answer.items() if name != further}


def test_the_examples_have_the_members_of_a_real_run(told):
    _, exchanges = told
    paths = {"directory": "/dir", "newNonce": "/nonce", "newAccount": "/sign-me-up",
             "newOrder": "/order-plz", "authorization": "/authZ/", "challenge": "/chalZ/",
             "finalize": "/finalize-order/", "certificate": "/certZ/",
             "renewalInfo": "/draft-ietf-acme-ari-03/renewalInfo/", "order": "/my-order/"}
    texts = steps()

    for name, path in paths.items():
        exchange = next(each for each in exchanges if each.url.startswith(path))
        match(texts[name], exchange)
    assert set(texts) - set(paths) == {"proof"}


@pytest.mark.parametrize("name, path", [("account", "/my-account/"),
                                        ("keyChange", "/rollover-account-key"),
                                        ("revokeCert", "/revoke-cert")])
def test_the_requests_beside_the_way_are_real_too(told, name, path):
    _, exchanges = told
    pieces = STEP.split(part("Beside the way"))

    match(pieces[pieces.index(name) + 1],
          next(each for each in exchanges if each.url.startswith(path)))


def test_the_inner_request_of_a_key_change_is_what_it_is_said_to_be(told):
    pieces = STEP.split(part("Beside the way"))
    outer, inner = blocks(pieces[pieces.index("keyChange") + 1])
    real = next(each for each in told[1] if each.url == "/rollover-account-key").payload

    for name in ("protected", "payload"):
        assert members(inner[name]) == members(json.loads(decode(real[name])))
    assert inner["protected"]["url"] == outer["protected"]["url"]
    assert inner["payload"]["account"] == outer["protected"]["kid"]
    assert inner["payload"]["oldKey"] == blocks(steps()["newAccount"])[0]["protected"]["jwk"]


def test_the_signed_request_is_what_it_is_said_to_be(tmp_path):
    """Undone and verified with the key of the page's newAccount."""
    raw, undone = blocks(part("Every request"))[:2]
    jwk = blocks(steps()["newAccount"])[0]["protected"]["jwk"]

    assert json.loads(decode(raw["protected"])) == undone["protected"]
    assert json.loads(decode(raw["payload"])) == undone["payload"]

    # SubjectPublicKeyInfo of a P-256 key, and the signature as openssl wants it.
    point = b"\x04" + decode(jwk["x"]) + decode(jwk["y"])
    (tmp_path / "key.der").write_bytes(bytes.fromhex(
        "3059301306072a8648ce3d020106082a8648ce3d030107034200") + point)
    both = decode(raw["signature"])
    r, s = (int.from_bytes(half, "big") for half in (both[:32], both[32:]))
    numbers = b"".join(b"\x02%c%b" % (len(one), one) for one in (
        number.to_bytes(number.bit_length() // 8 + 1, "big") for number in (r, s)))
    (tmp_path / "signature").write_bytes(b"\x30%c%b" % (len(numbers), numbers))
    subprocess.run(
        ["openssl", "dgst", "-sha256", "-verify", tmp_path / "key.der", "-keyform", "DER",
         "-signature", tmp_path / "signature"],
        input=f"{raw['protected']}.{raw['payload']}".encode(), check=True)


def test_the_key_authorization_is_made_as_it_is_said():
    text = steps()["proof"]
    jwk = blocks(steps()["newAccount"])[0]["protected"]["jwk"]
    offered = blocks(steps()["authorization"])[1]["challenges"]
    token = next(each["token"] for each in offered if each["type"] == "http-01")
    whole = f"{token}.{thumbprint(jwk)}"

    assert blocks(text) == [jwk]
    assert f"`{thumbprint(jwk)}`" in text and f"`{whole}`" in text
    assert f"/.well-known/acme-challenge/{token}\n" in text
    digest = hashlib.sha256(whole.encode()).digest()
    assert base64.urlsafe_b64encode(digest).decode().rstrip("=") in text


def test_each_link_within_the_page_leads_somewhere():
    text = PAGE.read_text()
    places = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
              for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)}

    wanted = set(re.findall(r"\]\(#([\w-]+)\)", text))

    assert wanted and wanted <= places
