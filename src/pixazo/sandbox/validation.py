"""Whether a value keeps to a schema, and in plain words where it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import jsonschema_rs

from pixazo.sandbox.types import Json

__all__ = ["Validator"]

MOST_PROBLEMS = 5
LONGEST_PROBLEM = 240


@dataclass(frozen=True, slots=True)
class Validator:
    """One compiled schema; formats are asserted."""

    compiled: jsonschema_rs.Draft202012Validator

    @classmethod
    def of(cls, document: dict[str, Json], schema: dict[str, Json]) -> Validator:
        """Compile `schema`, whose `$ref`s lead into `document`'s components."""
        whole = {**schema, "components": document.get("components", {})}
        return cls(jsonschema_rs.Draft202012Validator(whole, validate_formats=True))

    def problems(self, value: Json) -> list[str]:
        """What is wrong with `value`, as `place: rule`; empty when all is well."""
        try:
            if self.compiled.is_valid(value):
                return []
            errors = list(self.compiled.iter_errors(value))
        except (ValueError, OverflowError, RecursionError) as error:
            return [f"body: cannot be checked ({error})"]
        return [_told(error) for error in errors[:MOST_PROBLEMS]]


def _told(error: jsonschema_rs.ValidationError) -> str:
    place = ".".join(str(part) for part in cast("list[object]", error.instance_path)) or "body"
    message = error.message
    if len(message) > LONGEST_PROBLEM:
        message = f"{message[:80]} … {message[-120:]}"
    return f"{place}: {message}"
