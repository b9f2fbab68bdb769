"""``schema.problems`` agrees with an independent judge, and says what is wrong in plain words."""

from __future__ import annotations

from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pixazo_openapi import schema, words
from pixazo_openapi.catalogue import STATUS

from tests.strategies import boundaries, invalid, valid

COMPONENTS = sorted(schema.document()["components"]["schemas"])


def _judge(name: str) -> jsonschema_rs.Draft202012Validator:
    whole = {**schema.document(), "$ref": f"#/components/schemas/{name}"}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


@cache
def _valid(name: str) -> st.SearchStrategy[Any]:
    return valid(schema.component(name))


JUDGES = {name: _judge(name) for name in COMPONENTS}


@pytest.mark.parametrize("name", COMPONENTS)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_nothing_is_wrong_with_what_the_document_allows(name: str, data: st.DataObject) -> None:
    """Drawn values of every component pass here and at the independent judge."""
    value = data.draw(_valid(name))

    assert schema.problems(value, schema.component(name)) == []
    assert JUDGES[name].is_valid(value)


@pytest.mark.parametrize("name", COMPONENTS)
def test_both_judges_agree_on_listed_values(name: str) -> None:
    """On each bound and past each bound the verdict is the independent judge's."""
    rules = schema.component(name)
    cases = [*boundaries(rules), *invalid(rules)]

    ours = {str(case): not schema.problems(case.value, rules) for case in cases}
    theirs = {str(case): _is_valid(name, case.value) for case in cases}

    assert len(cases) > 1
    assert ours == theirs


def _is_valid(name: str, value: Any) -> bool:
    try:
        return JUDGES[name].is_valid(value)
    except ValueError:  # NaN and the infinities are no JSON at all
        return False


@pytest.mark.parametrize(
    ("value", "rules", "text"),
    [
        (9, {"type": "integer", "maximum": 4}, "num=9: must be at most 4"),
        (0, {"type": "integer", "minimum": 1}, "num=0: must be at least 1"),
        (1, {"exclusiveMinimum": 1}, "num=1: must be more than 1"),
        (1, {"exclusiveMaximum": 1}, "num=1: must be less than 1"),
        (True, {"type": "integer"}, "num=True: must be an integer"),
        (1.5, {"type": "integer"}, "num=1.5: must be an integer"),
        (float("nan"), {"type": "number"}, "num=nan: must be a finite number"),
        ("gif", {"enum": ["png", "jpeg"]}, "num='gif': must be one of png, jpeg"),
        ("gif", {"enum": ["png"]}, "num='gif': must be png"),
        (1, {"const": "x"}, "num=1: must be x"),
        ("", {"type": "string", "minLength": 1}, "num='': must not be empty"),
        ("a", {"minLength": 2}, "num='a': must have at least 2 characters"),
        ("abc", {"maxLength": 2}, "num='abc': must have at most 2 characters, has 3"),
        ([], {"minItems": 1}, "num=[]: must not be empty"),
        ([1, 1], {"uniqueItems": True}, "num=[1, 1]: must not repeat an item"),
        ([1, "x"], {"items": {"type": "integer"}}, "num[1]='x': must be an integer"),
        ({}, {"required": ["width"]}, "num.width: is required"),
        (
            {"widht": 1},
            {"properties": {"width": {}}, "additionalProperties": False},
            "num.widht=1: is not documented; did you mean width?",
        ),
        (
            "ftp://x",
            {"type": "string", "pattern": "^https?://[^/]"},
            "num='ftp://x': must have the form http://… or https://…",
        ),
        ("a$\n", {"pattern": "^[a$]+$"}, "must match the pattern ^[a$]+$"),
        ("\\\n", {"pattern": r"^\\$"}, "must match the pattern"),
        ("http:///", {"pattern": "^https?://[^/]"}, "num='http:///': must match the pattern ^http"),
        ("A", {"pattern": "^[a-z]+$"}, "num='A': must match the pattern ^[a-z]+$"),
        (
            3,
            {"anyOf": [{"type": "string"}, {"type": "object", "required": ["a", "b"]}]},
            "num=3: must be a string, or an object with a and b",
        ),
        (
            {"a": "x"},
            {"anyOf": [{"type": "string"}, {"properties": {"a": {"type": "integer"}}}]},
            "num.a='x': must be an integer",
        ),
        (1, {"oneOf": [{"type": "integer"}, {"type": "number"}]}, "only one of them"),
        ("x", {"type": ["integer", "null"]}, "num='x': must be an integer or null"),
        ("soon", {"format": "date-time"}, "num='soon': must be a date and time"),
        ("a b", {"type": "string", "format": "uri"}, "num='a b': must be a URL"),
        ({"url": 1}, {"properties": {"url": False}}, "num.url=1: must not be there"),
    ],
)
def test_a_broken_rule_reads_like_a_sentence(value: Any, rules: Any, text: str) -> None:
    """Each keyword has words of its own, which name the place, the value and the rule."""
    found = schema.problems(value, rules, name="num")

    assert [str(problem) for problem in found if text in str(problem)], [*map(str, found)]
    assert len(found) == 1


def test_places_are_named_for_people_and_for_programs() -> None:
    """A problem deep in an answer carries the path as people write it and as a JSON pointer."""
    answer = {"output": {"media_url": ["https://a.example/x", 7], "media_type": "a/b"}}

    (found,) = schema.problems(
        answer["output"], schema.component("MediaOutput"), name="output", pointer="/output"
    )

    assert (found.parameter, found.pointer) == ("output.media_url[1]", "/output/media_url/1")
    assert words.place("/output/media_url/1") == "output.media_url[1]"
    assert words.place("/a~1b/~0") == "a/b.~"


@pytest.mark.parametrize("invariant", STATUS.invariants, ids=lambda rule: rule["id"])
def test_invariants_can_be_judged(invariant: Any) -> None:
    """The rules between fields use only what ``problems`` understands."""
    for name in ("when", "then"):
        assert set(invariant[name]) <= schema.KEYWORDS
        assert isinstance(schema.problems({"status": "QUEUED"}, invariant[name]), list)


@pytest.mark.parametrize("value", [10**400, -(10**400), 1e308])
def test_huge_numbers_are_numbers(value: float) -> None:
    """An integer that no float can hold neither crashes the check nor fails it."""
    assert schema.problems(value, {"type": "integer"}) == []


def test_a_line_break_does_not_slip_past_the_end_of_a_pattern() -> None:
    """``$`` means the end of the text, as in the other languages that read the document."""
    assert schema.problems("abc\n", {"pattern": "^[a-z]+$"})
    assert not schema.problems("a$", {"pattern": "^a\\$$"})
