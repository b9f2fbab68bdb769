"""Request classes hold to every bound of the document, no tighter and no looser."""

from __future__ import annotations

import json
import pickle
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pixazo_openapi.catalogue import MODELS, Model
from pixazo_openapi.errors import InvalidRequest
from pixazo_openapi.requests import request_class, request_from_dict, request_from_json
from pixazo_openapi.schema import document

from tests.strategies import Case, boundary_arguments, invalid_arguments, requests

ON = [(model, case) for model in MODELS.values() for case in boundary_arguments(model)]
PAST = [(model, case) for model in MODELS.values() for case in invalid_arguments(model)]


def _label(value: object) -> str:
    return value.model_id if isinstance(value, Model) else str(value)


def _judge(model: Model) -> jsonschema_rs.Draft202012Validator:
    """The document's own words, read by a library that shares no line with ours."""
    schema = {**document(), "$ref": f"#/components/schemas/{model.request_schema}"}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


JUDGES = {name: _judge(model) for name, model in MODELS.items()}


def _make(model: Model, arguments: dict[str, Any]) -> Any:
    kind: Any = request_class(model.model_id)
    return kind(**arguments)


@pytest.mark.parametrize("model", MODELS.values(), ids=_label)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_drawn_requests_have_bodies_that_the_document_allows(
    model: Model, data: st.DataObject
) -> None:
    """Whatever is drawn within the bounds becomes a body that an independent judge accepts."""
    request = data.draw(requests(model))

    body = request.to_body()

    JUDGES[model.model_id].validate(json.loads(json.dumps(body)))


@pytest.mark.parametrize("model", MODELS.values(), ids=_label)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_drawn_requests_survive_every_round_trip(model: Model, data: st.DataObject) -> None:
    """A request equals what comes back from a dict, from JSON and from a pickle, hash included."""
    request = data.draw(requests(model))

    copies = [
        request_from_dict(json.loads(json.dumps(request.to_dict()))),
        request_from_json(request.to_json()),
        type(request).from_json(request.to_json().encode()),
        pickle.loads(pickle.dumps(request)),  # noqa: S301 (our own bytes)
    ]

    assert all(copy == request and hash(copy) == hash(request) for copy in copies)
    assert all(copy.to_body() == request.to_body() for copy in copies)


@pytest.mark.parametrize(("model", "case"), ON, ids=_label)
def test_a_value_on_a_bound_is_sent(model: Model, case: Case) -> None:
    """A value that sits exactly on a rule is accepted here and by the independent judge."""
    request = _make(model, case.value)

    assert JUDGES[model.model_id].is_valid(request.to_body())


@pytest.mark.parametrize(("model", "case"), PAST, ids=_label)
def test_a_value_past_a_bound_is_refused_with_its_rule(model: Model, case: Case) -> None:
    """A value that breaks one rule is refused, and the error names the parameter and the rule."""
    with pytest.raises(InvalidRequest) as caught:
        _make(model, case.value)

    named = [
        p
        for p in caught.value.problems
        if p.parameter.partition("[")[0] == case.name or p.parameter.startswith(f"{case.name}.")
    ]
    assert named == list(caught.value.problems)
    assert case.keyword in {problem.keyword for problem in named}
    assert all(problem.rule in str(caught.value) for problem in named)


@pytest.mark.parametrize("model", MODELS.values(), ids=_label)
def test_everything_wrong_is_said_at_once(model: Model) -> None:
    """One error holds a problem for each parameter that is wrong, in document order."""
    first = {case.name: case.value[case.name] for _, case in reversed(PAST) if _ is model}

    with pytest.raises(InvalidRequest) as caught:
        _make(model, first)

    names = [p.parameter.partition("[")[0].partition(".")[0] for p in caught.value.problems]
    assert list(dict.fromkeys(names)) == [parameter.name for parameter in model.parameters]


@pytest.mark.parametrize("model", MODELS.values(), ids=_label)
def test_every_parameter_has_cases_on_and_past_its_bounds(model: Model) -> None:
    """The generator leaves no parameter out."""
    for cases in (ON, PAST):
        covered = {case.name for owner, case in cases if owner is model}
        assert covered == {parameter.name for parameter in model.parameters}


@given(text=st.text(st.characters(), max_size=20))
@example(text="\ud800")
@settings(max_examples=200, deadline=None)
def test_any_prompt_is_either_sent_or_refused(text: str) -> None:
    """No text whatever gets into a body that cannot be encoded."""
    model = MODELS["qwen-image-max"]
    broken = text == "" or any("\ud800" <= letter <= "\udfff" for letter in text)

    if broken:
        with pytest.raises(InvalidRequest, match="prompt="):
            _make(model, {"prompt": text})
    else:
        body = _make(model, {"prompt": text}).to_body()
        assert json.loads(json.dumps(body, ensure_ascii=False).encode()) == {"prompt": text}
