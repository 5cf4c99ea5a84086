# SPDX-License-Identifier: Apache-2.0
"""`status`: what a person sees, what a monitor reads, and the page in a real browser."""
import html
import html.parser
import json
import re
import subprocess
import time

import pytest

from held_store import HeldStore

ANGRY = "<script>alert(1)</script> & \"quotes\""


def days_ago(days):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - days * 86400))


@pytest.fixture
def store(acmecore):
    return HeldStore(acmecore.state)


@pytest.fixture
def mixed(store):
    """One of each level."""
    store.add("fine.test", [(-130, -40), (-75, 15), (-12, 78)])
    store.add("late.test", [(-70, 20)])
    store.add("bad.test", [(-65, 25)], store.trouble(4, 5, ANGRY))
    store.add("gone.test", [(-94, -4)], store.trouble(30, 20, "caa: forbidden"))
    return store


def test_nothing_held_is_nothing_wrong(acmecore):
    result = acmecore("status")

    assert result.code == 0 and result.stdout == "No certificates are held or wanted.\n"


def test_the_most_urgent_comes_first_with_its_bar_and_error(acmecore, mixed):
    result = acmecore("status")

    lines = result.stdout.splitlines()
    assert result.code == 21
    assert [line.split()[0] for line in lines[1:-1]] == [
        "expired", "failed", "failing", "failing", "failed", "fine"]
    assert "########## 100%" in lines[1] and "caa: forbidden" in lines[2]
    assert lines[-1] == "4 certificates: 1 expired, 2 failing, 1 fine"
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize("life, code", [((-1, 89), 0), ((-65, 25), 20), ((-91, -1), 21)])
def test_the_exit_code_tells_a_monitor(acmecore, store, life, code):
    store.add("www.test", [life])

    assert acmecore("status", "-q").code == code
    assert acmecore("status", "--json").code == code


@pytest.mark.parametrize("looks, watched, code", [
    (None, None, 0), ((3, 4, 5), None, 20), ((1, 2, 3), None, 0), (None, 3, 20),
    ((0.1,), 3, 0), (None, 1, 0)])
def test_a_wanted_one_that_nobody_looks_at_is_told(acmecore, tmp_path, looks, watched, code):
    """Days ago. Since when it is wanted is not known; that the timer has stopped is."""
    config = tmp_path / "a.conf"
    config.write_text("ca \"x\" { directory = \"https://localhost:1/dir\" }\n"
                      "solver \"web\" { plugin = http01-webroot options { path = /tmp } }\n"
                      "certificate www { identifiers = {a.test} ca = {x} solvers = {web} }\n")
    pace = {"schema": 1, "looks": [days_ago(each) for each in looks or ()]}
    if watched:
        pace["watched_at"] = days_ago(watched)
    (acmecore.state / "runs/renew").mkdir(parents=True, mode=0o700)
    for folder in (acmecore.state, acmecore.state / "runs"):
        folder.chmod(0o700)
    (acmecore.state / "runs/renew/pace.json").write_text(json.dumps(pace))

    result = acmecore("status", "--config", config)

    assert result.code == code, result
    assert ("overdue: nobody looks (not issued yet)" in result.stdout) == (code == 20)


def test_json_has_what_the_table_shows(acmecore, mixed):
    document = acmecore("status", "--json").json

    first = document["certificates"][0]
    assert document["levels"] == {"fine": 1, "due": 0, "failing": 2, "expired": 1}
    assert (first["name"], first["level"], first["trouble"]["failures"]) == (
        "gone.test", "expired", 30)
    assert document["error"]["exit"] == 21


NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*"'
SAMPLE = re.compile(rf"({NAME})(?:{{{LABEL}(?:,{LABEL})*}})? (-?[0-9]+(?:\.[0-9]+)?)")
HELP = re.compile(rf"# HELP ({NAME}) [^\n]+")
TYPE = re.compile(rf"# TYPE ({NAME}) (gauge|counter|untyped)")


def test_metrics_follow_the_grammar_of_the_textfile_collector(acmecore, mixed):
    """Exposition format 0.0.4: each family once, HELP, TYPE and then its samples."""
    result = acmecore("status", "--format", "prometheus")

    assert result.code == 21 and result.stdout.endswith("\n")
    families, current, series = set(), None, set()
    for line in result.stdout.splitlines():
        if match := HELP.fullmatch(line):
            current = match.group(1)
            assert current not in families
            families.add(current)
        elif match := TYPE.fullmatch(line):
            assert match.group(1) == current
        else:
            match = SAMPLE.fullmatch(line)
            assert match and match.group(1) == current, line
            assert line.rsplit(" ", 1)[0] not in series
            series.add(line.rsplit(" ", 1)[0])
    assert 'acmecore_certificate_level{name="bad.test",level="failing"}' in series
    assert 'acmecore_certificates{level="expired"}' in series


def test_wrong_configuration_is_a_metric(acmecore, store, tmp_path):
    store.add("www.test", [(-1, 89)])
    path = tmp_path / "acmecore.conf"
    counts = []
    for text in ("", "no-such-setting = 1\n"):
        path.write_text(text)
        path.chmod(0o644)
        result = acmecore("status", "--format", "prometheus", "--config", path)
        counts.append((result.code, "\nacmecore_configuration_faults 0\n" in result.stdout))

    assert counts == [(0, True), (2, False)]


class Page(html.parser.HTMLParser):
    """What is open, what is asked for, and the tags that were seen."""

    VOID = {"meta", "link", "br"}

    def __init__(self, text):
        super().__init__()
        self.open, self.seen, self.asked = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.asked += [value for name, value in attrs if name in ("src", "href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_whole_escaped_and_needs_nothing_else(acmecore, mixed, tmp_path):
    path = tmp_path / "status.html"

    result = acmecore("status", "--html", path)

    page = Page(path.read_text())
    assert result.code == 21 and result.stdout == ""
    assert page.open == [] and page.asked == []
    assert page.seen.count("article") == 4 and page.seen.count("rect") == 6
    assert "script" not in page.seen
    assert path.stat().st_mode & 0o777 == 0o644


BROWSER = ["/usr/bin/chromium", "--headless", "--no-sandbox", "--disable-gpu",
           "--no-first-run", "--hide-scrollbars", "--virtual-time-budget=2000"]
PROBE = """<script>
const wide = document.documentElement.scrollWidth;
const bars = [...document.querySelectorAll('rect')].map(
    (bar) => bar.getBoundingClientRect().width);
document.title = JSON.stringify({
    wide, narrow: bars.filter((width) => width < 1).length, bars: bars.length,
    back: getComputedStyle(document.body).backgroundColor,
    text: [...document.querySelectorAll('.trouble')].map((p) => p.textContent)});
</script></body>"""


def look(path, folder, *options):
    """What a phone of 390 points sees of the page."""
    probe = folder / "probe.html"
    text = path.read_text().replace("</body>", PROBE)
    probe.write_text(re.sub(r"<meta http-equiv[^>]*>", "", text))
    done = subprocess.run(
        [*BROWSER, f"--user-data-dir={folder}/browser", "--window-size=390,1200",
         *options, "--dump-dom", f"file://{probe}"],
        capture_output=True, text=True, timeout=60, check=True)
    return json.loads(re.search(r"<title>(\{.*?\})</title>", done.stdout, re.S).group(1)
                      .replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


def test_the_page_fits_a_phone_dark_and_light(acmecore, mixed, tmp_path):
    path = tmp_path / "status.html"
    acmecore("status", "--html", path)

    light = look(path, tmp_path)
    dark = look(path, tmp_path, "--blink-settings=preferredColorScheme=0")

    assert light["wide"] <= 500 and light["bars"] == 6 and light["narrow"] == 0
    assert len(light["text"]) == 2 and light["text"][1].endswith(ANGRY)
    assert light["back"] == "rgb(255, 255, 255)"
    assert dark["back"] == "rgb(13, 17, 23)"


@pytest.mark.parametrize("file, how", [
    ("current/privkey.pem", "missing"), ("current/chain.pem", "missing"),
    ("certificate.json", "damaged"), ("certificate.json", "missing"),
    ("state.json", "damaged")])
def test_damage_is_told_before_the_certificate_is_due(acmecore, store, file, how):
    store.add("www.test", [(-1, 89)])
    path = store.folder / "certs/www.test" / file
    path.unlink(missing_ok=True)
    if how == "damaged":
        path.write_text('{"schema": 1,')
    result = acmecore("status", "--json")

    assert result.code == 20, result
    item, = result.json["certificates"]
    assert item["level"] == "failing" and file.split("/")[-1] in item["damage"]
    assert f"    damaged: {item['damage']}\n" in acmecore("status").stdout
    page = store.folder.parent / "page.html"
    assert acmecore("status", "--html", page).code == 20
    assert f"damaged: {item['damage']}</p>" in html.unescape(page.read_text())
    if file != "certificate.json" or how == "missing":
        assert file.split("/")[-1] in acmecore("renew", "--dry-run").stderr
