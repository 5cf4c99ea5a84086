# SPDX-License-Identifier: Apache-2.0
"""docs/installers.md and the READMEs of the installers, against the plugins."""
import re

import pytest

from running import ROOT

INSTALLERS = ["apache", "exec", "files", "haproxy", "nginx"]
# Those of every installer have a table of their own.
COMMON = {"probe", "probe-name", "probe-starttls", "probe-timeout"}
ROW = re.compile(r"^\| (`[^|]*`) \|", re.MULTILINE)


def section(text, name):
    return text.split(f"\n## installer-{name}\n", 1)[1].split("\n## ", 1)[0]


def options_in(text):
    return {word for row in ROW.findall(text) for word in re.findall(r"`([^`]+)`", row)}


@pytest.fixture
def options(acmecore):
    def ask(name):
        result = acmecore("plugin", "show", f"installer-{name}", "--json")
        assert result.code == 0, result
        return {option["name"]: option for option in result.json["plugin"]["options"]}
    return ask


@pytest.mark.parametrize("name", INSTALLERS)
def test_each_option_is_in_its_readme_and_no_other(options, name):
    text = (ROOT / f"plugins/installer-{name}/README.md").read_text()
    table = text.split("## Options", 1)[1].split("\n## ", 1)[0]

    assert set(options(name)) - COMMON <= options_in(table)
    assert options_in(table) <= set(options(name))


@pytest.mark.parametrize("name", [each for each in INSTALLERS if each != "exec"])
def test_each_option_and_its_default_is_in_the_document(options, name):
    text = section((ROOT / "docs/installers.md").read_text(), name)
    known = options(name)

    assert options_in(text) == set(known) - COMMON
    for option in known.values():
        if option["default"] is not None and option["name"] not in COMMON:
            row, = [line for line in text.splitlines() if line.startswith("| ")
                    and f"`{option['name']}`" in line.split("|")[1]]
            assert f"`{option['default']}`" in row, option


def test_the_options_of_every_installer_are_in_the_document(options):
    text = (ROOT / "docs/installers.md").read_text()
    table = text.split("## Options of every installer", 1)[1].split("\n## ", 1)[0]

    assert options_in(table) >= COMMON
    for name in INSTALLERS:
        assert COMMON <= set(options(name))


@pytest.mark.parametrize("name", INSTALLERS)
def test_the_example_is_a_configuration(acmecore, tmp_path, name):
    blocks = re.findall(r"```\n(installer .*?)```",
                        section((ROOT / "docs/installers.md").read_text(), name), re.DOTALL)
    config = tmp_path / "acmecore.conf"
    instance = re.match(r'installer "(\w+)"', blocks[0]).group(1)
    config.write_text("agree-tos = true\n"
                      'solver "web" { plugin = "http01-webroot" options { path = "/srv" } }\n'
                      f"{blocks[0]}\n"
                      'certificate "www" { identifiers = {"a.test"} solvers = web\n'
                      f"    installers = {instance} }}\n")

    result = acmecore("renew", "--dry-run", "--config", str(config))

    assert len(blocks) == 1
    assert result.code == 0, result
