"""Reports: every failure names rule, line, ruling and source, and no key."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from pixazo.sandbox import ManualClock, Sandbox
from tests.contract.suite import Report, of_sandbox, run
from tests.contract.suite.exchange import NOT_JSON, Exchange
from tests.contract.suite.main import main
from tests.contract.suite.reports import machine_readable, page, terminal
from tests.contract.suite.spec import spec
from tests.contract.suite.targets import KEYS, SANDBOX_LATENCY_S
from tests.contract.suite.verdicts import RULES


@pytest.fixture(scope="module")
def broken() -> Iterator[Report]:
    """A run over a sandbox that goes wrong in two ways."""
    with Sandbox(
        latency=SANDBOX_LATENCY_S,
        clock=ManualClock(),
        balance="100000",
        faults=["submit:foreign-polling-url", "job:null-output"],
    ) as sandbox:
        yield run(of_sandbox(sandbox), layers=[2, 6], quick=True, only=["qwen-image-max"])


def test_a_block_says_everything(broken: Report) -> None:
    """A broken rule comes with what was seen, line, ruling, source, curl, effect and advice."""
    text = terminal.render([broken])

    block = next(part for part in text.split("\n\n") if "BROKEN polling-url" in part)
    assert re.search(r"spec/openapi\.yaml:\d+", block)
    assert "R31 in spec/RULINGS.md" in block
    assert "/canary/status/qwen-image-max_" in block
    assert "Clients that follow it" in block
    assert 'curl -sS -i -X POST -H "Ocp-Apim-Subscription-Key: $PIXAZO_API_KEY"' in block
    assert "nox -s generate" in block


def test_the_line_is_the_rules_own(broken: Report) -> None:
    """The line that a finding names is where the document states what was broken."""
    finding = next(f for f in broken.findings if f.rule.name == "polling-url")
    lines = Path("spec/openapi.yaml").read_text().splitlines()

    assert lines[int(finding.line.rpartition(":")[2]) - 1].strip() == "polling_url:"


def test_the_table_says_what_was_not_checked(broken: Report) -> None:
    """A rule that the target cannot show stands in the table with its reason."""
    told = terminal.render([broken])

    state, why = broken.rule_state("key-checked")
    assert (state in ("held", "not checked here")) is True
    assert why == "" or why in told


def test_no_key_is_in_any_report(broken: Report) -> None:
    """Keys stand in reports as the names of variables."""
    texts = [
        terminal.render([broken]),
        page.render([broken]),
        machine_readable.as_json([broken]),
        machine_readable.as_junit([broken]),
    ]

    assert all(key not in text for text in texts for key in KEYS.values())


def test_json_says_what_the_terminal_says(broken: Report) -> None:
    """The JSON report has the exit code, every finding with its line, and every cell."""
    told = json.loads(machine_readable.as_json([broken]))["runs"][0]

    assert told["exit_code"] == 1
    assert {finding["rule"] for finding in told["broken"]} == set(broken.broken_rules)
    assert all(finding["line"].startswith("spec/openapi.yaml:") for finding in told["broken"])
    assert len(told["rules"]) == len(broken.cells)


def test_an_answer_is_told_by_status_and_message() -> None:
    """Status and message are said; an answer without a message is its status alone."""
    url = "http://127.0.0.1/"

    refused = Exchange("POST", url, 400, body=b'{"message": "num_images is 9"}')
    taken = Exchange("POST", url, 202, body=b'{"request_id": "a"}')
    silent = Exchange("POST", url, 0, failure="nothing within 1 s")

    assert refused.told == "400 num_images is 9"
    assert (taken.told, silent.told) == ("202", "nothing within 1 s")


def test_two_runs_are_joined(broken: Report) -> None:
    """Joined runs count together, group equal findings, and come through a pickle unchanged."""
    beside = pickle.loads(pickle.dumps(broken))  # noqa: S301 - our own

    both = broken.joined(beside, spec())

    assert both.exchanges == 2 * broken.exchanges
    assert [f.count for f in both.findings] == [2 * f.count for f in broken.findings]
    assert both.broken_rules == broken.broken_rules
    assert {key: cell.held for key, cell in both.cells.items()} == {
        key: 2 * cell.held for key, cell in broken.cells.items()
    }
    assert pickle.loads(pickle.dumps(NOT_JSON)) is NOT_JSON  # noqa: S301 - our own


def test_a_rule_that_is_broken_everywhere_is_not_shown_everywhere(broken: Report) -> None:
    """Three places of a rule are shown in full, the lines of the others in one paragraph."""
    first = next(f for f in broken.findings if f.rule.name == "polling-url")
    many = [replace(first, pointer=f"/{n}", line=f"spec/openapi.yaml:{n}") for n in range(1, 9)]

    text = terminal.render([replace(broken, findings=tuple(many))])

    assert text.count("  exchange ") == 3
    told = " ".join(text.split())
    assert "BROKEN polling-url at 5 more places as well" in told
    assert "spec/openapi.yaml:4, 5, 6, 7, 8 rule" in told


def test_nothing_of_an_answer_works_on_the_reader(broken: Report) -> None:
    """Control characters and changes of direction in an answer are shown and do nothing."""
    first = broken.findings[0]
    assert first.smallest.exchange is not None
    nasty = replace(first.smallest.exchange, body="\x1b[2J\x00\u202eabc\r\n\ttail".encode())
    found = replace(first, smallest=replace(first.smallest, exchange=nasty, seen="\x1b]0;x\x07"))
    report = replace(broken, findings=(found,))

    texts = [terminal.render([report]), page.render([report])]

    assert all(not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", text) for text in texts)
    assert all("\\x1b[2J\\x00\\u202eabc" in text for text in texts)


def test_an_early_end_is_told(broken: Report) -> None:
    """Why a run ended early stands above its last line."""
    ended = replace(broken, notes=("ended early: nobody answered",))

    assert "ended early: nobody answered\nsandbox: " in terminal.render([ended])


def test_junit_counts_rules(broken: Report) -> None:
    """The JUnit report fails a case for each broken cell and skips what was not checked."""
    root = ET.fromstring(machine_readable.as_junit([broken]))  # noqa: S314 - made by us

    states = [cell.state for cell in broken.cells.values()]
    assert len(list(root.iter("testcase"))) == len(states)
    assert len(list(root.iter("failure"))) == states.count("broken")
    assert len(list(root.iter("skipped"))) == states.count("not checked here")
    assert all("spec/openapi.yaml:" in str(failure.text) for failure in root.iter("failure"))


class _Page(HTMLParser):
    """Collects what a page loads, links to and names."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.names: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "href":
                self.links.append(str(value))
            elif name == "id":
                self.names.append(str(value))
            elif name == "src" or name.startswith("on"):
                self.loads.append(str(value))


def test_the_page_stands_alone(broken: Report) -> None:
    """The page has no script and loads nothing; every cell leads to its exchange on the page."""
    read = _Page()
    read.feed(page.render([broken]))

    assert "script" not in read.tags
    assert read.loads == []
    assert "link" not in read.tags
    assert len(read.names) == len(set(read.names))
    assert {link.removeprefix("#") for link in read.links} <= set(read.names)
    assert sum(link.startswith("#x") for link in read.links) == len(
        [cell for cell in broken.cells.values() if cell.state != "not tried"]
    )


def test_files_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The options name files, and folders are made."""
    names = {"--report": "r.html", "--json": "r.json", "--junit-xml": "r.xml"}
    options = [part for name, file in names.items() for part in (name, str(tmp_path / "a" / file))]

    code = main(["--quick", "--layers", "2", "--only", "qwen-image-layered", *options])

    assert code == 0, capsys.readouterr()
    assert {path.name for path in (tmp_path / "a").iterdir()} == set(names.values())


def test_every_rule_explains_itself() -> None:
    """A rule says what holds and what a caller suffers, and names a place or gets one."""
    for rule in RULES.values():
        assert rule.says, rule.name
        assert rule.effect.endswith("."), rule.name
        assert not rule.says.endswith("."), rule.name
