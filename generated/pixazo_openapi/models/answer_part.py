# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="AnswerPart")


@_attrs_define
class AnswerPart:
    """A picture in an answer.

    Attributes:
        image (str): Where a result can be fetched, without a key (R43, R94).
    """

    image: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict[str, Any])

    def to_dict(self) -> dict[str, Any]:
        """Return the model as it stands on the wire, without the fields that were not given."""
        image = self.image

        field_dict: dict[str, Any] = {**self.additional_properties}
        field_dict["image"] = image
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Return the model of a decoded JSON object.

        Raises:
            KeyError, TypeError, ValueError: the object is not what the document says.
        """
        d = dict(src_dict)
        image = d.pop("image")

        answer_part = cls(
            image=image,
        )
        answer_part.additional_properties = d
        return answer_part
