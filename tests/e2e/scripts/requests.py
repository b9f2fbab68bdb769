"""Requests of two models that this repository has never heard of (test_new_models.py)."""

from __future__ import annotations

import json
from typing import Any

from pixazo_openapi.catalogue import MODELS
from pixazo_openapi.errors import InvalidRequest
from pixazo_openapi.requests import (
    Haiku,
    InkWash,
    request_from_dict,
)


def refused(make: Any, **given: Any) -> list[str]:
    """Return what is wrong with a request."""
    try:
        make(**given)
    except InvalidRequest as error:
        return [str(problem) for problem in error.problems]
    return []


wash = InkWash(prompt="heron", wetness=1, strokes=["dry", "wet"])
haiku = Haiku(first_line="a", second_line="b", last_line="c", seal=b"GIF89a")
print(
    json.dumps(
        {
            "models": [*MODELS],
            "waiting": MODELS["ink-wash"].waiting.hint_s,
            "price": str(MODELS["ink-wash"].price.usd),
            "default": MODELS["ink-wash"].parameter("strokes").default,
            "wash": wash.to_body(),
            "haiku": haiku.to_body(),
            "again": request_from_dict(haiku.to_dict()) == haiku,
            "refused": refused(InkWash, prompt="h", wetness=0, strokes=["dry", "wet", "dry"]),
            "lacking": refused(Haiku, first_line="a", last_line=""),
            "doc": InkWash.__doc__,
        }
    )
)
