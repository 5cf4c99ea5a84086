# SPDX-License-Identifier: Apache-2.0
"""dns01-exec and http01-exec: a hook for each contract, that really changes the zone."""
import json
import os

import pytest

from dns_world import *  # noqa: F403
from dns_world import assert_issued, executable, left_over, options

# Each calls my-dns (HOOK in dns_world.py); {dns} stands for it.
HOOKS = {
    "native": """
        [ "$1" = present ] && verb=add || verb=delete
        [ "$1" != probe ] || exit 0
        shift
        while [ $# -gt 0 ]; do {dns} $verb "$3" "$4" || exit 1; shift 4; done""",
    "certbot": """
        [ -z "$CERTBOT_TOKEN" ] || exit 1
        if [ -n "${{CERTBOT_AUTH_OUTPUT+set}}" ]; then
            {dns} delete "_acme-challenge.$CERTBOT_DOMAIN" "${{CERTBOT_AUTH_OUTPUT#id }}"
        else
            {dns} add "_acme-challenge.$CERTBOT_DOMAIN" "$CERTBOT_VALIDATION"
            echo "id $CERTBOT_VALIDATION"
        fi""",
    "dehydrated": """
        case $1 in
            deploy_challenge) {dns} add "_acme-challenge.$2" "$4" ;;
            clean_challenge) {dns} delete "_acme-challenge.$2" "$4" ;;
        esac""",
    "dehydrated-chain": """
        case $1 in
            deploy_challenge) verb=add ;;
            clean_challenge) verb=delete ;;
            *) exit 0 ;;
        esac
        shift
        while [ $# -gt 0 ]; do
            {dns} $verb "_acme-challenge.$1" "$3" || exit 1
            shift 3
        done""",
    "lego": """
        case $1 in
            present) {dns} add "${{2%.}}" "$3" ;;
            cleanup) {dns} delete "${{2%.}}" "$3" ;;
        esac""",
    "lego-raw": """
        [ "$2" = -- ] || exit 1
        value=$(printf %s "$5" | openssl dgst -sha256 -binary | openssl base64 \\
            | tr '+/' '-_' | tr -d '=')
        case $1 in
            present) {dns} add "_acme-challenge.${{3%.}}" "$value" ;;
            cleanup) {dns} delete "_acme-challenge.${{3%.}}" "$value" ;;
        esac""",
    "uacme": """
        [ "$2" = dns-01 ] || exit 1
        case $1 in
            begin) {dns} add "_acme-challenge.$3" "$5" ;;
            done | failed) {dns} delete "_acme-challenge.$3" "$5" ;;
        esac""",
    "mod_md": """
        case $1 in
            setup) {dns} add "_acme-challenge.$2" "$3" ;;
            teardown) [ $# -eq 2 ] && {dns} delete "_acme-challenge.$2" ;;
        esac""",
    "mod_md-2": """
        case $1 in
            setup) {dns} add "_acme-challenge.$2" "$3" ;;
            teardown) {dns} delete "_acme-challenge.$2" "$3" ;;
        esac""",
    # --delegated=ZONE PROVIDER create|delete ZONE TXT --name=FQDN. --content=VALUE
    "lexicon": """
        [ "$1" = --delegated=one.test ] && [ "$2" = mock ] && [ "$5" = TXT ] || exit 1
        [ "$LEXICON_MOCK_TOKEN" = "a b" ] || exit 1
        name=${{6#--name=}} value=${{7#--content=}}
        case $3 in
            create) {dns} add "${{name%.}}" "$value" ;;
            delete) {dns} delete "${{name%.}}" "$value" ;;
        esac""",
}
# As much of acme.sh as its provider scripts rely on: it ends with main "$@".
ACME_SH = """#!/bin/sh
_initpath() { [ -d "$LE_WORKING_DIR" ] && ACCOUNT_CONF=$LE_WORKING_DIR/account.conf; }
_info() { echo "$@"; }
_saveaccountconf_mutable() { echo "$1='$2'" >> "$ACCOUNT_CONF"; }
main() { "$@"; }
main "$@"
"""
PROVIDER = """
dns_mock_add() {{
    [ -n "$MOCK_Token" ] || return 1
    _saveaccountconf_mutable MOCK_Token "$MOCK_Token"
    _info adding "$1"
    {dns} add "$1" "$2"
}}
dns_mock_rm() {{ {dns} delete "$1" "$2"; }}
"""


@pytest.fixture
def hooked(my_dns, tmp_path, issue):
    """Factory: hooked(body) gives an Issuer whose dns01-exec runs this hook."""
    def make(body, **values):
        path = executable(tmp_path / "hook", "#!/bin/sh\n" + body.format(dns=my_dns()))
        values = {"command": path, **values}
        return issue(["--solver", "dns01-exec", *options("dns01-exec", **values)])
    return make


def secret_file(path, text):
    path.touch(mode=0o600)
    path.write_text(text)
    return path


@pytest.mark.parametrize("dialect", HOOKS)
def test_each_dialect_changes_the_zone(world, hooked, tmp_path, dialect):
    name = f"{dialect.replace('_', '-')}.one.test"
    more = {"provider": "mock", "environment_file": secret_file(
        tmp_path / "env", "LEXICON_MOCK_TOKEN='a b'\n")} if dialect == "lexicon" else {}
    run = hooked(HOOKS[dialect], dialect=dialect, **more)

    result = run(name, f"*.{name}")

    assert_issued(result, run, world, name, f"*.{name}")


def test_acme_sh_runs_its_own_provider_script(world, issue, my_dns, tmp_path):
    folder = tmp_path / "acme.sh"
    (folder / "dnsapi").mkdir(parents=True)
    executable(folder / "acme.sh", ACME_SH)
    executable(folder / "dnsapi/dns_mock.sh", PROVIDER.format(dns=my_dns()))
    run = issue(["--solver", "dns01-exec", *options(
        "dns01-exec", dialect="acme.sh", command=folder, provider="dns_mock",
        environment_file=secret_file(tmp_path / "env", "MOCK_Token=abc\n"))])

    result = run("sh.one.test", "*.sh.one.test")

    assert_issued(result, run, world, "sh.one.test", "*.sh.one.test")
    assert sorted(os.listdir(folder)) == ["acme.sh", "dnsapi"]


def test_an_alias_is_followed_for_a_hook_that_gets_the_whole_name(world, hooked):
    run = hooked(HOOKS["lego"], dialect="lego")

    assert_issued(run("away.one.test"), run, world, "away.one.test")


def test_native_has_the_whole_batch_in_one_call(world, hooked, tmp_path):
    names = [f"batch{number}.one.test" for number in range(5)]
    run = hooked(f"cat > {tmp_path}/$1.json; env > {tmp_path}/$1.env" + HOOKS["native"])

    assert_issued(run(*names), run, world, *names)
    document = json.loads((tmp_path / "present.json").read_text())
    assert document["schema"] == 1 and document["operation"] == "present"
    assert {each["identifier"] for each in document["challenges"]} == set(names)
    assert {each["record_zone"] for each in document["challenges"]} == {"one.test"}
    environment = (tmp_path / "cleanup.env").read_text().splitlines()
    assert "ACMECORE_COUNT=5" in environment
    assert not [line for line in environment if line.startswith("ASAN_OPTIONS")]


PERSIST = ["--experimental", "dns-persist-01", "--challenge", "dns-persist-01"]


@pytest.mark.parametrize("dialect", ["native", "lexicon"])
def test_a_hook_writes_records_that_stay(world, hooked, tmp_path, dialect):
    name = f"stays-{dialect}.one.test"
    more = {"provider": "mock", "environment_file": secret_file(
        tmp_path / "env", "LEXICON_MOCK_TOKEN='a b'\n")} if dialect == "lexicon" else {}
    run = hooked(HOOKS[dialect], dialect=dialect, **more)

    result = run(name, f"*.{name}", *PERSIST)
    written = world.txt(f"_validation-persist.{name}")
    cleaned = run.acmecore("cleanup", name, "--persistent")

    assert_issued(result, run, world, name, f"*.{name}")
    assert len(written) == 2 and all("; accounturi=" in value for value in written)
    assert cleaned.code == 0, str(cleaned)
    assert world.txt(f"_validation-persist.{name}") == []


@pytest.mark.parametrize("dialect", ["certbot", "dehydrated", "lego", "uacme", "mod_md"])
def test_a_dialect_that_knows_digests_only_says_so(world, hooked, dialect):
    result = hooked("exit 0", dialect=dialect)("stays.one.test", *PERSIST)

    assert result.code == 2, str(result)
    assert f"dialect {dialect}" in result.stderr
    assert "use native or lexicon" in result.stderr


BAD_HOOKS = {
    "fails": ("echo out; echo 'quota exceeded' >&2; exit 3", {},
              ["quota exceeded", "3", "hook"]),
    "is killed": ("kill -9 $$", {}, ["signal", "9"]),
    "hangs": ("exec sleep 60", {"timeout": 1}, ["1 s"]),
    "ignores TERM": ("trap '' TERM; while :; do :; done", {"timeout": 1}, ["1 s"]),
    "prints escape codes": (r"printf 'bad \033[31mred\033]0;title\007\n' >&2; exit 1", {},
                            ["bad", "red"]),
    "floods": ("head -c 100000000 /dev/zero | tr '\\0' x; exit 1", {}, ["hook"]),
}


@pytest.mark.parametrize("kind", BAD_HOOKS)
def test_a_hook_that_misbehaves_is_told(world, hooked, kind):
    body, more, expected = BAD_HOOKS[kind]
    run = hooked(body.replace("{", "{{").replace("}", "}}"), dialect="lego", **more)

    result = run("bad.one.test")

    assert result.code == 6, str(result)[:4000]
    missing = [word for word in expected if word not in result.stderr]
    assert missing == [], str(result)[:4000]
    assert "\033" not in result.stderr and "\007" not in result.stderr
    assert len(result.stderr) < 20000 and result.elapsed_s < 15
    assert left_over(world, "bad.one.test") == []


def test_a_background_child_with_stdout_open_holds_nobody_up(world, hooked, tmp_path):
    run = hooked(f"(echo $$; exec sleep 300) & echo $! >> {tmp_path}/pids\n"
                 + HOOKS["lego"], dialect="lego")

    result = run("background.one.test")

    assert_issued(result, run, world, "background.one.test")
    assert result.elapsed_s < 10
    pids = (tmp_path / "pids").read_text().split()
    assert len(pids) == 2
    assert [pid for pid in pids if is_sleeping(pid)] == []


def is_sleeping(pid):
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
            return "sleep" in file.read()
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("setting, word", [
    ({"dialect": "perl"}, "dialect"), ({"command": "hook"}, "command"),
    ({"command": "/nowhere/hook"}, "/nowhere/hook"), ({"dialect": "lexicon"}, "provider")])
def test_a_wrong_setting_never_reaches_the_ca(world, hooked, setting, word):
    before = len(world.ca.requests())

    result = hooked("exit 0", **setting)("wrong.one.test")

    assert result.code == 2, str(result)
    assert word in result.stderr
    assert len(world.ca.requests()) == before


HTTP_HOOKS = {
    "native": """
        verb=$1; shift
        case $verb in
            present) while [ $# -gt 0 ]; do printf %s "$4" > "{web}/$3"; shift 4; done ;;
            cleanup) while [ $# -gt 0 ]; do rm -f "{web}/$3"; shift 4; done ;;
        esac""",
    "certbot": """
        if [ -n "${{CERTBOT_AUTH_OUTPUT+set}}" ]; then rm -f "{web}/$CERTBOT_TOKEN"
        else printf %s "$CERTBOT_VALIDATION" > "{web}/$CERTBOT_TOKEN"; fi""",
    "dehydrated": """
        case $1 in
            deploy_challenge) printf %s "$4" > "$WELLKNOWN/$3" ;;
            clean_challenge) rm -f "$WELLKNOWN/$3" ;;
        esac""",
    "dehydrated-chain": """
        verb=$1; shift
        while [ $# -gt 0 ]; do
            case $verb in
                deploy_challenge) printf %s "$3" > "$WELLKNOWN/$2" ;;
                clean_challenge) rm -f "$WELLKNOWN/$2" ;;
            esac
            shift 3
        done""",
    "uacme": """
        [ "$2" = http-01 ] || exit 1
        case $1 in
            begin) printf %s "$5" > "{web}/$4" ;;
            done | failed) rm -f "{web}/$4" ;;
        esac""",
}


@pytest.mark.parametrize("dialect", HTTP_HOOKS)
def test_http01_exec_writes_into_a_served_folder(world, issue, web, tmp_path, dialect):
    run = issue([])
    folder = run.web / ".well-known/acme-challenge"
    folder.mkdir(parents=True)
    hook = executable(tmp_path / "hook",
                      "#!/bin/sh\n" + HTTP_HOOKS[dialect].format(web=folder))
    web(run.web, world.ca.http_port)
    run.solver = ["--solver", "http01-exec", "--self-check", "off"]
    for setting in (f"command={hook}", f"dialect={dialect}", "environment-file=" + str(
            secret_file(tmp_path / "env", f"WELLKNOWN={folder}\n"))):
        run.solver += ["--set", f"http01-exec.{setting}"]

    result = run("www.one.test", "web.one.test")

    assert_issued(result, run, world, "www.one.test", "web.one.test")
    assert list(folder.iterdir()) == []
