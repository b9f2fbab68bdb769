"""RULINGS.md: every ruling complete, listed, and named in the spec where it takes effect."""

from __future__ import annotations

import re

import pytest

HEADING = re.compile(r"^## (R\d{2,3}): (.+)$", re.M)
NAMED = re.compile(r"\bR\d{2,3}\b")


@pytest.fixture(scope="session")
def sections(rulings: str) -> dict[str, str]:
    """The text under each ruling's heading."""
    parts = HEADING.split(rulings)
    return {
        number: re.split(r"^# ", body, flags=re.M)[0]
        for number, body in zip(parts[1::3], parts[3::3], strict=True)
    }


def test_every_ruling_that_is_named_exists(text: str, sections) -> None:
    """No place of the spec rests on a ruling that nobody made."""
    assert set(NAMED.findall(text)) - set(sections) == set()


def test_every_ruling_is_named_in_the_spec_or_says_why_not(text: str, sections) -> None:
    """A ruling takes effect at a place of the spec, or states the reason why it has none there."""
    absent = {number for number, body in sections.items() if "\n- Not in the spec: " in body}
    assert set(sections) - set(NAMED.findall(text)) == absent


def test_rulings_name_rulings_that_exist(rulings: str, sections) -> None:
    """Rulings that point at each other point at something."""
    assert set(NAMED.findall(rulings)) - set(sections) == set()


def test_numbers_are_given_once_and_without_gaps(rulings: str) -> None:
    """Numbers run from R01 on; none is reused and none has vanished."""
    numbers = [int(number[1:]) for number, _ in HEADING.findall(rulings)]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_a_ruling_has_its_three_lines(sections) -> None:
    """Each ruling says what the documents say, what is ruled, and what would change it."""
    labels = ["Documents", "Ruling", "Would change it"]
    for number, body in sections.items():
        found = re.findall(r"^- ([A-Z][^:]+): \S", body, re.M)
        assert found[:3] == labels, number
        assert found[3:] in ([], ["Not in the spec"]), number
        assert len(body.strip().splitlines()) == len(found), number


def test_the_contents_list_every_ruling_in_order(rulings: str) -> None:
    """The table of contents has every ruling with its title, and links that lead to it."""
    listed = re.findall(r"^  - \[(R\d{2,3})\]\(#([^)]+)\) (.+)$", rulings, re.M)
    headings = HEADING.findall(rulings)
    assert [(number, title) for number, _, title in listed] == headings
    for number, anchor, title in listed:
        heading = f"{number}: {title}".lower().replace(" ", "-")
        assert anchor == re.sub(r"[^\w-]", "", heading)


def test_the_extension_lists_a_ruling_wherever_it_is_given_a_list(walk, sections) -> None:
    """Lists of rulings in x-pixazo hold existing rulings only."""
    lists = [node["rulings"] for _, node in walk() if isinstance(node.get("rulings"), list)]
    assert len(lists) > 50
    assert {number for one in lists for number in one} <= set(sections)


def test_ruled_codes_rest_on_the_ruling_they_name(operations) -> None:
    """A status code that no page lists names a ruling that its operation lists as well."""
    for operation in operations.values():
        extension = operation["x-pixazo"]
        for source in extension["codes"].values():
            assert set(NAMED.findall(source)) <= set(extension["rulings"])


def test_the_document_says_which_text_it_was_made_from(spec) -> None:
    """The hash of the pages' text stands in the document, so that a newer text is noticed."""
    assert re.fullmatch(r"[0-9a-f]{64}", spec["x-pixazo"]["documents"]["sha256"])
