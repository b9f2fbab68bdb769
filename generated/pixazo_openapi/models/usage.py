# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Usage")


@_attrs_define
class Usage:
    """What the call used (R86).

    Attributes:
        input_tokens (int | Unset): Tokens read.
        output_tokens (int | Unset): Tokens written.
        width (int | Unset): Width of the picture in pixels.
        height (int | Unset): Height of the picture in pixels.
        image_count (int | Unset): Number of pictures.
    """

    input_tokens: int | Unset = UNSET
    output_tokens: int | Unset = UNSET
    width: int | Unset = UNSET
    height: int | Unset = UNSET
    image_count: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict[str, Any])

    def to_dict(self) -> dict[str, Any]:
        """Return the model as it stands on the wire, without the fields that were not given."""
        input_tokens = self.input_tokens

        output_tokens = self.output_tokens

        width = self.width

        height = self.height

        image_count = self.image_count

        field_dict: dict[str, Any] = {**self.additional_properties}
        if input_tokens is not UNSET:
            field_dict["input_tokens"] = input_tokens
        if output_tokens is not UNSET:
            field_dict["output_tokens"] = output_tokens
        if width is not UNSET:
            field_dict["width"] = width
        if height is not UNSET:
            field_dict["height"] = height
        if image_count is not UNSET:
            field_dict["image_count"] = image_count
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Return the model of a decoded JSON object.

        Raises:
            KeyError, TypeError, ValueError: the object is not what the document says.
        """
        d = dict(src_dict)
        input_tokens = d.pop("input_tokens", UNSET)

        output_tokens = d.pop("output_tokens", UNSET)

        width = d.pop("width", UNSET)

        height = d.pop("height", UNSET)

        image_count = d.pop("image_count", UNSET)

        usage = cls(
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            width=width,
            height=height,
            image_count=image_count,
        )
        usage.additional_properties = d
        return usage
