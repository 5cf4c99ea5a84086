# SPDX-License-Identifier: Apache-2.0
"""The configuration as a person meets it: all that is wrong at once, and what is right used."""
import pytest

from issuing import WebServer, standalone

GOOD = """
contact   = {"mailto:ops@example.com"}
agree-tos = true
ca "lab" { directory = "%(url)s"  ca-file = "%(roots)s" }
ca = "lab"
solver "web" { plugin = "http01-standalone"  options { port = %(port)s } }
certificate "www" { identifiers = {"www.example.test"}  solvers = {"web"} }
"""


def write(folder, text, name="acmecore.conf"):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o644)
    return path


def check(acmecore, path, *options):
    return acmecore("config", "check", "--config", path, *options, state=None)


def faults_of(acmecore, folder, text):
    """[(line, message)] of one file."""
    result = check(acmecore, write(folder, text), "--json")
    assert result.code == (2 if result.json["faults"] else 0), result
    return [(fault["line"], fault["message"]) for fault in result.json["faults"]]


@pytest.mark.parametrize("text, line, message", [
    ("contct = a", 1, 'unknown setting "contct"; did you mean "contact"?'),
    ("agree-tos = perhaps", 1, 'agree-tos is true or false, not "perhaps"'),
    ("\nagree-tos true", 2, 'agree-tos "true": a setting has "=" before its value'),
    ("contact = {a@b.test\nkey-type = rsa-2048", 2,
     'after a value of a list comes "," or "}", not "key-type"'),
    ('contact = "x', 1, "a text in quotes does not end in its line"),
    ("solver s { plugin = http01-standalone", 1,
     'solver "s" is not closed: a "}" is missing'),
    ('solver s { plugin = "http01-standalon" }', 1,
     "there is no plugin http01-standalon in"),
    ('solver s { plugin = "http01-standalone"\noptions { prt = 80 } }', 2,
     'option "prt" of http01-standalone is unknown; did you mean "port"?'),
    ('solver s { plugin = "http01-standalone"\noptions { port = 0 } }', 2,
     'option "port" of http01-standalone is "0", not a number from 1 to 65535'),
    ('solver s { plugin = "http01-standalone" }\ncertificate c { solvers = s\n'
     'identifiers = "*.a.test" }', 3,
     'no solver of certificate "c" can prove *.a.test: a wildcard needs a dns-01'),
    ("ca = letsencript", 1,
     'there is no CA "letsencript"; did you mean "letsencrypt"?'),
    ("solvers = web", 1, 'there is no solver "web": solver "web" { plugin = … } makes one'),
    ("ca c { directory = https://c\nca-file = /nowhere/ca.pem }", 2,
     "ca-file: cannot read /nowhere/ca.pem: No such file or directory"),
    ("state-dir = state", 1, 'state-dir is an absolute path, not "state"'),
    ("solver s { plugin = http01-standalone }\nkey-type = rsa-1\n"
     "certificate c { identifiers = a.test solvers = s }", 2,
     'key-type: key type "rsa-1" is none of'),
    ("include = nowhere.conf", 1, "nowhere.conf is not there"),
])
def test_each_kind_of_fault_has_its_place_and_words(acmecore, tmp_path, text, line,
                                                    message):
    found = faults_of(acmecore, tmp_path, text)

    assert any(line == at and message in said for at, said in found), found


def test_everything_wrong_is_told_at_once_in_the_order_of_the_lines(acmecore, tmp_path):
    path = write(tmp_path, 'contct = a\nagree-tos = x\nsolver "s" { plugin = none }\n')

    result = check(acmecore, path)

    assert result.code == 2
    assert [line.split(": ")[0] for line in result.stdout.splitlines()] == [
        f"{path}:1", f"{path}:2", f"{path}:3"]
    assert f"3 things are wrong with {path}" in result.stderr


def test_included_files_count_and_are_named(acmecore, tmp_path):
    path = write(tmp_path, 'include = "conf.d/*.conf"\n')
    write(tmp_path, "agree-tos = x\n", "conf.d/a.conf")
    write(tmp_path, "nonsense nonsense\n", "conf.d/b.txt")

    result = check(acmecore, path, "--json")

    assert [fault["file"] for fault in result.json["faults"]] == [
        str(tmp_path / "conf.d/a.conf")]
    assert result.json["files"] == [str(path), str(tmp_path / "conf.d/a.conf")]


def test_a_file_that_others_can_change_is_not_used(acmecore, tmp_path):
    path = write(tmp_path, "agree-tos = yes\n")
    path.chmod(0o666)

    result = check(acmecore, path)

    assert result.code == 2
    assert str(path) in result.stderr and "chmod" in result.stderr


def test_a_secret_is_never_echoed(acmecore, tmp_path):
    text = ('solver "s" { plugin = "dns01-rfc2136"\n'
            'options { server = "127.0.0.1" tsig-name = "k" tsig-secret = "c2VjcmV0" } }\n'
            'ca zerossl { eab-kid = k eab-hmac-key = "aHVzaA" }\n')

    result = check(acmecore, write(tmp_path, text), "-vv")

    assert result.code == 2
    assert "the secret itself is not written here" in result.stdout
    assert "c2VjcmV0" not in result.stdout + result.stderr
    assert "aHVzaA" not in result.stdout + result.stderr


@pytest.mark.parametrize("source", ["file", "env", "credential"])
def test_secrets_come_from_a_file_the_environment_or_systemd(acmecore, tmp_path, source):
    secret = tmp_path / "tsig"
    secret.write_text("c2VjcmV0c2VjcmV0")
    secret.chmod(0o600)
    value = {"file": f"file:{secret}", "env": "env:TSIG", "credential": "credential:tsig"}
    env = {"TSIG": "c2VjcmV0c2VjcmV0", "CREDENTIALS_DIRECTORY": str(tmp_path)}
    text = ('solver "s" { plugin = "dns01-rfc2136"  options { server = "127.0.0.1"\n'
            f'tsig-name = "k" tsig-secret = "{value[source]}" }} }}\n')

    result = acmecore("config", "check", "--config", write(tmp_path, text), state=None,
                      env=env)

    assert result.code == 0, result


@pytest.mark.parametrize("plugin", ["http01-standalone", "tlsalpn01-standalone"])
def test_a_port_that_is_in_use_is_no_fault_of_the_configuration(acmecore, issuer, good_ca,
                                                                tmp_path, plugin):
    (tmp_path / "served").mkdir()
    server = WebServer(tmp_path / "served").start()
    options = f"port = {server.port}  address = \"127.0.0.1\""
    try:
        faults = faults_of(acmecore, tmp_path,
                           f'solver "s" {{ plugin = "{plugin}"  options {{ {options} }} }}\n')
        issue = issuer(good_ca(), solver=standalone(server.port))
        refused = issue("a.test", "--json")
    finally:
        server.stop()

    assert faults == []
    assert refused.code == 6, refused
    assert f"127.0.0.1:{server.port}" in refused.json["error"]["message"]
    assert issue.ca.of("newOrder") == []


def test_the_ca_of_the_configuration_is_asked_and_its_account_made(acmecore, pebble,
                                                                   tmp_path):
    ca = pebble()
    path = write(tmp_path, GOOD % {"url": ca.directory_url, "roots": ca.ca_file,
                                   "port": ca.http_port})

    checked = check(acmecore, path)
    shown = acmecore("directory", "--config", path, "--json", state=None)
    account = acmecore("account", "register", "--config", path, "--json")
    issued = acmecore("-d", "www.example.test", *standalone(ca.http_port), "--config", path)

    assert checked.code == 0 and "nothing is wrong" in checked.stdout, checked
    assert shown.code == 0, shown
    assert account.code == 0, account
    assert issued.code == 0, issued


def test_a_command_that_acts_does_not_begin_with_a_wrong_configuration(acmecore, tmp_path):
    path = write(tmp_path, "agree-tos = x\n")

    acts = acmecore("account", "register", "--config", path)
    looks = acmecore("list", "--config", path)

    assert acts.code == 2 and f"{path}:1: agree-tos" in acts.stderr
    assert looks.code == 0 and "going on without" in looks.stderr
