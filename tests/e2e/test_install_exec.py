# SPDX-License-Identifier: Apache-2.0
"""
installer-exec: a hook for each contract that really brings the certificate somewhere,
and an enterprise example: an appliance with an HTTPS API, and the hook of the docs.
"""
import http.server
import json
import os
import re
import signal
import ssl
import threading

import pytest

from dns_world import executable
from installing import forget_backoff, settings
from issuing import is_alive
from running import ROOT, wait_until

# Each brings key and chain to {to}.key and {to}.pem, with what its contract gives it.
COPY = """cat "$key" > {to}.key && cat "$chain" > {to}.pem"""
HOOKS = {
    "native": """[ "$1" = commit ] || exit 64
        key=$ACMECORE_KEY_PATH_1 chain=$ACMECORE_FULLCHAIN_PATH_1
        [ "$ACMECORE_NAME_1 $ACMECORE_COUNT" = "a.test 1" ] || exit 1""",
    "certbot": """key=$RENEWED_LINEAGE/privkey.pem chain=$RENEWED_LINEAGE/fullchain.pem
        [ "${{RENEWED_LINEAGE##*/}} $RENEWED_DOMAINS" = "a.test a.test b.test" ] || exit 1
        [ -s "$RENEWED_LINEAGE/cert.pem" ] && [ -s "$RENEWED_LINEAGE/chain.pem" ] || exit 1""",
    "dehydrated": """case $1 in
            sync_cert) sync "$2" "$3" "$4" "$5" "$6"; exit ;;
            deploy_cert) key=$3 chain=$5 ;;
            *) exit 0 ;;
        esac
        [ "$2" = a.test ] && [ "$7" -gt 1000000000 ] || exit 1
        cmp "$key" "$CERTDIR/$2/privkey.pem" && cmp "$chain" "$CERTDIR/$alias/fullchain.pem" \\
            && [ -d "$BASEDIR" ] || exit 1""",
    "lego": """key=$LEGO_HOOK_CERT_KEY_PATH chain=$LEGO_HOOK_CERT_PATH
        [ "$LEGO_HOOK_CERT_DOMAINS" = a.test,b.test ] || exit 1
        [ "$LEGO_CERT_PATH" = "$chain" ] || exit 1""",
    "acme.sh-reload": """key=$CERT_KEY_PATH chain=$CERT_FULLCHAIN_PATH
        [ -s fullchain.pem ] && [ "$Le_Domain" = a.test ] || exit 1""",
}
SCRIPT = """
mock_deploy() {{
    _getdeployconf DEPLOY_MOCK_TO
    [ "$1 $DEPLOY_MOCK_TO" = "a.test {to}" ] || return 1
    _info "deploying $1"
    cat "$2" > "$DEPLOY_MOCK_TO.key" && cat "$5" > "$DEPLOY_MOCK_TO.pem"
}}
"""


@pytest.fixture
def issue(issuer, good_ca):
    return issuer(good_ca())


def secret_file(path, text):
    path.touch(mode=0o600)
    path.write_text(text)
    return path


def assert_brought(issue, to):
    assert to.with_suffix(".key").read_bytes() == issue.current("a.test", "privkey.pem")
    assert to.with_suffix(".pem").read_bytes() == issue.current("a.test")


@pytest.mark.parametrize("dialect", HOOKS)
def test_each_dialect_brings_the_certificate(issue, tmp_path, dialect):
    to = tmp_path / "site"
    hook = executable(tmp_path / "hook", "#!/bin/sh\n"
                      + (HOOKS[dialect] + "\n" + COPY + "\n").format(to=to))

    result = issue("a.test", "b.test",
                   *settings("installer-exec", command=hook, dialect=dialect))

    assert result.code == 0, result
    assert_brought(issue, to)


def test_a_folder_of_certbot_s_hooks_runs_in_order(issue, tmp_path):
    folder, to = tmp_path / "renewal-hooks/deploy", tmp_path / "site"
    folder.mkdir(parents=True)
    executable(folder / "20-copy", "#!/bin/sh\n"
               + (HOOKS["certbot"] + "\n[ -e {to}.first ] || exit 1\n" + COPY).format(to=to))
    executable(folder / "10-first", f"#!/bin/sh\ntouch {to}.first\n")
    executable(folder / "30-left~", "#!/bin/sh\nexit 1\n")

    result = issue("a.test", "b.test", *settings("installer-exec", command=folder,
                                                 dialect="certbot"))

    assert result.code == 0, result
    assert_brought(issue, to)


def test_a_deploy_script_of_acme_sh_runs_without_acme_sh(issue, tmp_path):
    to = tmp_path / "site"
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy/mock.sh").write_text(SCRIPT.format(to=to))

    result = issue("a.test", *settings(
        "installer-exec", command=tmp_path, dialect="acme.sh", provider="mock",
        environment_file=secret_file(tmp_path / "env", f"DEPLOY_MOCK_TO={to}\n")))

    assert result.code == 0, result
    assert_brought(issue, to)


# How a hook of each dialect does `body` where it is to install.
PHASES = {
    "native": """[ "$1" = commit ] || exit 64\n{}""",
    "certbot": "{}",
    "renewal-hooks": "{}",
    "dehydrated": """[ "$1" = deploy_cert ] || exit 0\n{}""",
    "lego": "{}",
    "acme.sh": "mock_deploy() {{\n{}\n}}",
    "acme.sh-reload": "{}",
}
VERBS = {"native": "commit", "dehydrated": "deploy_cert", "acme.sh-reload": "reloadcmd"}


def hook_of(tmp_path, dialect, body):
    """Options of an installer whose hook does that."""
    text = "#!/bin/sh\n" + PHASES[dialect].format(body) + "\n"
    folder = tmp_path / "hooks"
    folder.mkdir()
    if dialect == "acme.sh":
        executable(folder / "mock.sh", text)
        return {"command": folder, "dialect": dialect, "provider": "mock"}
    hook = executable(folder / "hook", text)
    if dialect == "renewal-hooks":
        return {"command": folder, "dialect": "certbot"}
    return {"command": hook, "dialect": dialect}


# What it does, and the sentence about it.
MISDEEDS = {
    "fails": ("echo 'no such pool' >&2; exit 3", "it ended with exit code 3; it said: no such pool"),
    "hangs": ("exec sleep 60", "it did not end within 1 s (option timeout) and was killed"),
    "floods": ("yes flood | head -c 120000000 >&2; echo the end >&2; exit 1",
               "flood | the end (120000008 bytes in all)"),
    "is-killed": ("kill -9 $$", "it was ended by signal 9 (SIGKILL)"),
    "prints-binary": ("head -c 3000 /bin/sh >&2; printf '\\377\\033[31m\\001no' >&2; exit 4",
                      "it ended with exit code 4; it said: "),
}
# All of them with each dialect take a while.
EACH = [pytest.param(dialect, misdeed, id=f"{dialect}-{misdeed}",
                     marks=[] if dialect == "native" or misdeed == "fails"
                     else [pytest.mark.deep])
        for dialect in PHASES for misdeed in MISDEEDS]


@pytest.mark.parametrize("dialect, misdeed", EACH)
def test_a_hook_that_misbehaves_is_told(issue, tmp_path, dialect, misdeed):
    body, words = MISDEEDS[misdeed]
    limit = 1 if misdeed == "hangs" else 60

    result = issue("a.test", *settings("installer-exec", timeout=limit,
                                       **hook_of(tmp_path, dialect, body)))

    named = "certbot" if dialect == "renewal-hooks" else dialect
    assert result.code == 7 and words in result.stderr, result
    assert f"(dialect {named}), {VERBS.get(dialect, 'deploy')} for a.test" in result.stderr
    assert not any(ord(letter) < 32 and letter != "\n" for letter in result.stderr)
    assert result.elapsed_s < 30 and result.max_rss_kib < 65536


@pytest.mark.parametrize("dialect", PHASES)
def test_a_hook_gets_no_key_but_by_path_and_need_not_read(issue, tmp_path, dialect):
    read = f"cat > {tmp_path}/stdin" if dialect == "native" else "exec <&-"
    body = f"env > {tmp_path}/env\ncat /proc/$$/cmdline > {tmp_path}/argv\n{read}\nexit 0"

    result = issue("a.test", *settings("installer-exec", **hook_of(tmp_path, dialect, body)))

    key = issue.current("a.test", "privkey.pem").decode().splitlines()
    assert result.code == 0, result
    for seen in tmp_path / "env", tmp_path / "argv", tmp_path / "stdin":
        text = seen.read_text() if seen.exists() else ""
        assert "PRIVATE" not in text and not any(line in text for line in key[1:-1])
    assert "privkey.pem" in (tmp_path / "env").read_text()


@pytest.mark.parametrize("body, words", [
    ("echo 'no such pool' >&2; exit 3", "no such pool"),
    ("echo '{\"results\": 1}'", "results"),
])
def test_a_hook_that_fails_is_told_and_retried(issue, tmp_path, body, words):
    hook = executable(tmp_path / "hook",
                      f"#!/bin/sh\n[ -e {tmp_path}/good ] && exit 0\n"
                      f"[ \"$1\" = commit ] || exit 64\n{body}\n")

    result = issue("a.test", *settings("installer-exec", command=hook, timeout=1))

    assert result.code == 7, result
    assert words in result.stderr
    (tmp_path / "good").touch()
    forget_backoff(issue)
    assert issue.acmecore("renew").code == 0


class Appliance:
    """A load balancer with a small HTTPS API, as docs/examples/appliance.py has it."""

    TOKEN = "s3cret"

    def __init__(self, certificate):
        self.files, self.profiles, self.asked, self.refuses = {}, {}, [], None
        appliance = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self, code, body=b""):
                self.send_response(code)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do(self):
                size = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(size)
                _, kind, name = self.path.split("/")
                appliance.asked.append(f"{self.command} {self.path}")
                if self.headers.get("Authorization") != f"Bearer {appliance.TOKEN}":
                    return self.answer(401, b"who are you")
                if appliance.refuses and re.match(appliance.refuses, appliance.asked[-1]):
                    return self.answer(409, b"the configuration is locked")
                return self.answer(*appliance.do(self.command, kind, name, body))

            do_GET = do_PUT = do_DELETE = do

            def log_message(self, format, *args):
                """Quiet."""

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://localhost:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,),
                         daemon=True).start()

    def do(self, method, kind, name, body):
        held = getattr(self, kind)
        if method == "PUT":
            held[name] = body if kind == "files" else json.loads(body)
            return (200,)
        if name not in held:
            return (404,)
        if method == "DELETE":
            del held[name]
            return (200,)
        return 200, json.dumps(held[name]).encode()

    def serves(self, profile):
        """(key, chain) that visitors of it see."""
        names = self.profiles[profile]
        return self.files[names["key"]], self.files[names["chain"]]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def appliance(server_certificate):
    made = Appliance(server_certificate)
    yield made
    made.stop()


@pytest.fixture
def enterprise(issue, appliance, tmp_path):
    command = (f"{ROOT}/docs/examples/appliance.py --api {appliance.url} "
               f"--ca-file {issue.ca.ca_file}")
    environment = secret_file(tmp_path / "env", f"APPLIANCE_TOKEN={appliance.TOKEN}\n")
    return settings("installer-exec", command=command, environment_file=environment)


def test_an_appliance_gets_the_certificate_and_keeps_no_old_one(issue, appliance,
                                                                enterprise):
    result = issue("a.test", *enterprise)

    assert result.code == 0, result
    assert appliance.serves("a.test") == (issue.current("a.test", "privkey.pem"),
                                          issue.current("a.test"))
    assert issue.acmecore("renew", "--force").code == 0
    assert appliance.serves("a.test") == (issue.current("a.test", "privkey.pem"),
                                          issue.current("a.test"))
    assert len(appliance.files) == 2


@pytest.mark.parametrize("refused", ["PUT /profiles", "PUT /files"])
def test_an_appliance_that_refuses_serves_what_it_served(issue, appliance, enterprise,
                                                         refused):
    assert issue("a.test", *enterprise).code == 0
    before = appliance.serves("a.test")
    appliance.refuses = refused

    result = issue.acmecore("renew", "--force")

    assert result.code == 7, result
    assert "409 the configuration is locked" in result.stderr
    assert appliance.serves("a.test") == before
    assert len(appliance.files) == 2 or refused == "PUT /profiles"
    appliance.refuses = None
    forget_backoff(issue)
    assert issue.acmecore("renew").code == 0
    assert appliance.serves("a.test")[1] == issue.current("a.test")
    assert len(appliance.files) == 2


def test_of_several_the_one_that_an_appliance_refuses_leaves_no_key_there(issue, appliance,
                                                                          enterprise):
    for name in "a.test", "b.test":
        assert issue(name, *enterprise).code == 0
    before = appliance.serves("b.test")
    appliance.refuses = r"PUT /files/b\.test.*\.pem"

    result = issue.acmecore("renew", "--force")

    assert result.code == 7, result
    assert appliance.serves("a.test")[1] == issue.current("a.test")
    assert appliance.serves("b.test") == before
    assert len(appliance.files) == 4


API_SCRIPT = """
mock_deploy() {
    _getdeployconf DEPLOY_MOCK_URL
    export HTTPS_INSECURE=1
    export _H1="Authorization: Bearer $DEPLOY_MOCK_TOKEN"
    response=$(_post "$(cat "$2")" "$DEPLOY_MOCK_URL/files/site.key" "" PUT) || return 1
    _post "$(cat "$5")" "$DEPLOY_MOCK_URL/files/site.pem" "" PUT application/x-pem-file
    _post '{"key":"site.key","chain":"site.pem"}' "$DEPLOY_MOCK_URL/profiles/site" "" PUT
    response=$(_get "$DEPLOY_MOCK_URL/profiles/site" | _normalizeJson)
    _contains "$response" '"chain":"site.pem"' || { _err "not taken: $response"; return 1; }
    grep -q '^HTTP/1.0 200' "$HTTP_HEADER"
}
"""


def test_a_deploy_script_of_acme_sh_speaks_to_an_api(issue, appliance, tmp_path):
    (tmp_path / "mock.sh").write_text(API_SCRIPT)
    environment = secret_file(tmp_path / "env", f"""DEPLOY_MOCK_URL={appliance.url}
DEPLOY_MOCK_TOKEN={appliance.TOKEN}
""")

    result = issue("a.test", *settings("installer-exec", command=tmp_path, dialect="acme.sh",
                                       provider="mock", environment_file=environment))

    assert result.code == 0, result
    key, chain = appliance.serves("site")
    assert key.strip() == issue.current("a.test", "privkey.pem").strip()
    assert chain.strip() == issue.current("a.test").strip()


def not_to_be_run(tmp_path):
    """[(what is wrong with it, what a person is told)]"""
    plain = executable(tmp_path / "plain", "#!/bin/sh\n")
    plain.chmod(0o644)
    shared = executable(tmp_path / "shared", "#!/bin/sh\n")
    shared.chmod(0o757)
    return [(tmp_path / "nothing", "No such file"), ("hook", "absolute path"),
            (plain, "not executable"), (shared, "everybody may write it")]


def test_a_command_that_cannot_be_run_is_told_before_the_ca_is_asked(issue, tmp_path):
    for command, words in not_to_be_run(tmp_path):
        result = issue("a.test", *settings("installer-exec", command=command))

        assert result.code == 2 and words in result.stderr, result
        assert "--set installer-exec.command" in result.stderr, result
    assert not issue.ca.requests and not issue.has_certificate("a.test")


def test_a_solver_s_command_that_cannot_be_run_is_told_before_the_ca_is_asked(issuer, good_ca,
                                                                             tmp_path):
    ca = good_ca()

    for command, words in not_to_be_run(tmp_path):
        own = issuer(ca, solver=["--solver", "dns01-exec", "--set",
                                 f"dns01-exec.command={command}"])
        result = own("a.test")

        assert result.code == 2 and words in result.stderr, result
        assert "--set dns01-exec.command" in result.stderr, result
    assert not any(each.resource == "newOrder" for each in ca.requests)


def test_one_wrong_installer_is_told_with_file_and_line_and_stops_no_other(issue, tmp_path):
    hook = executable(tmp_path / "hook", "#!/bin/sh\n[ \"$1\" = commit ] || exit 64\n")
    config = tmp_path / "acmecore.conf"
    config.write_text(f"""
agree-tos = true
self-check = "off"
ca "c" {{ directory = "{issue.ca.directory_url}" ca-file = "{issue.ca.ca_file}" }}
solver "w" {{ plugin = "http01-webroot" options {{ path = "{issue.web}" }} }}
installer "right" {{ plugin = "installer-exec" options {{ command = "{hook}" }} }}
installer "wrong" {{ plugin = "installer-exec" options {{
    timeout = 10
    command = "{tmp_path}/gone"
}} }}
certificate "a.test" {{ identifiers = "a.test" ca = "c" solvers = "w" installers = "wrong" }}
certificate "b.test" {{ identifiers = "b.test" ca = "c" solvers = "w" installers = "right" }}
""")
    config.chmod(0o644)

    checked = issue.acmecore("config", "check", "--config", config)
    renewed = issue.acmecore("renew", "--config", config)

    assert checked.code == 2 and f"{config}:9: " in checked.stdout, checked
    assert "option command" in checked.stdout
    assert renewed.code == 2 and f"{config}:9: " in renewed.stderr, renewed
    assert issue.has_certificate("b.test") and not issue.has_certificate("a.test")


# Two children: in the group of the hook, and in a session of its own.
CHILDREN = """
sleep 60 & echo $! > {folder}/member
setsid sh -c 'echo $$ > {folder}/server.new; mv {folder}/server.new {folder}/server
              exec sleep 60' &
while ! [ -e {folder}/server ]; do :; done
"""


def children(tmp_path):
    return [int((tmp_path / name).read_text()) for name in ("member", "server")]


def hook_with_children(tmp_path, body):
    return executable(tmp_path / "hook", "#!/bin/sh\n[ \"$1\" = commit ] || exit 64\n"
                      + CHILDREN.format(folder=tmp_path) + body + "\n")


def test_a_server_that_a_hook_starts_is_left_alone(issue, tmp_path):
    hook = hook_with_children(tmp_path, "exit 0")

    result = issue("a.test", *settings("installer-exec", command=hook))

    member, server = children(tmp_path)
    assert result.code == 0, result
    assert is_alive(server) and not is_alive(member)
    os.kill(server, signal.SIGKILL)


def test_a_hook_that_hangs_leaves_nothing_of_any_session(issue, tmp_path):
    hook = hook_with_children(tmp_path, "sleep 60")

    result = issue("a.test", *settings("installer-exec", command=hook, timeout=1))

    assert result.code == 7 and "did not end within 1 s" in result.stderr, result
    assert not any(is_alive(pid) for pid in children(tmp_path))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_ended_amid_a_hook_leaves_nothing_of_any_session(issue, tmp_path, number):
    hook = hook_with_children(tmp_path, f"touch {tmp_path}/ready; sleep 60")
    run = issue.start("a.test", *settings("installer-exec", command=hook))
    wait_until(lambda: (tmp_path / "ready").exists(), "the hook")

    run.send(number)
    run.wait()

    wait_until(lambda: not any(is_alive(pid) for pid in children(tmp_path)),
               "the end of its children")


@pytest.mark.parametrize("body", [
    "echo \"the token $TOKEN is refused\" >&2; exit 1",
    "head -c 1000 /dev/zero | tr '\\0' x; echo $TOKEN$TOKEN; exit 1",
    "echo '{\"results\": [{\"status\": \"error\", \"detail\": \"bad '$TOKEN'\"}]}'",
])
def test_what_the_environment_file_says_is_in_no_message(issue, tmp_path, body):
    hook = executable(tmp_path / "hook", f"#!/bin/sh\n[ \"$1\" = commit ] || exit 64\n{body}\n")
    tell = executable(tmp_path / "tell", f"#!/bin/sh\ncat > {tmp_path}/told\n")
    environment = secret_file(tmp_path / "env", "TOKEN=geheim-0815\n")

    result = issue("a.test", "--json", "-vvv", "--notify", tell,
                   *settings("installer-exec", command=hook, environment_file=environment))

    assert result.code == 7, result
    told = (tmp_path / "told").read_text()
    kept = (issue.folder_of("a.test") / "state.json").read_text()
    for text in result.stdout, result.stderr, told, kept:
        assert "geheim" not in text and "0815" not in text
    assert "***" in result.json["error"]["message"] and "***" in told and "***" in kept
