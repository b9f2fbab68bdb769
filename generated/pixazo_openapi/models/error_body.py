# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ErrorBody")


@_attrs_define
class ErrorBody:
    """What went wrong, as a title and a sentence (R22, R27).

    Attributes:
        error (str): Title of the error, never blank (R22).
        message (str): What happened, in a sentence, never blank (R22).
    """

    error: str
    message: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict[str, Any])

    def to_dict(self) -> dict[str, Any]:
        """Return the model as it stands on the wire, without the fields that were not given."""
        error = self.error

        message = self.message

        field_dict: dict[str, Any] = {**self.additional_properties}
        field_dict["error"] = error
        field_dict["message"] = message
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Return the model of a decoded JSON object.

        Raises:
            KeyError, TypeError, ValueError: the object is not what the document says.
        """
        d = dict(src_dict)
        error = d.pop("error")

        message = d.pop("message")

        error_body = cls(
            error=error,
            message=message,
        )
        error_body.additional_properties = d
        return error_body
