"""Values from the document's schemas: valid ones to draw, and listed ones on and past every bound.

``valid(schema)`` is a hypothesis strategy. ``boundaries(schema)`` and ``invalid(schema)`` list
cases, each labelled with the place it changes and the keyword it sits on or breaks. The
``*_arguments`` functions do the same for the request class of a model.
"""

from __future__ import annotations

from tests.strategies.arguments import (
    boundary_arguments,
    invalid_arguments,
    requests,
    valid_arguments,
)
from tests.strategies.breaks import invalid
from tests.strategies.drawn import valid
from tests.strategies.edges import boundaries
from tests.strategies.schemas import Case, minimal

__all__ = [
    "Case",
    "boundaries",
    "boundary_arguments",
    "invalid",
    "invalid_arguments",
    "minimal",
    "requests",
    "valid",
    "valid_arguments",
]
