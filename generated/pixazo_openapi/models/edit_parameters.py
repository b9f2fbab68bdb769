# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="EditParameters")


@_attrs_define
class EditParameters:
    """Optional settings (R80).

    Attributes:
        negative_prompt (str | Unset): What the result shall not show. Default: ''.
        watermark (bool | Unset): Mark the result. Default: False.
    """

    negative_prompt: str | Unset = UNSET
    watermark: bool | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """Return the model as it stands on the wire, without the fields that were not given."""
        negative_prompt = self.negative_prompt

        watermark = self.watermark

        field_dict: dict[str, Any] = {}
        if negative_prompt is not UNSET:
            field_dict["negative_prompt"] = negative_prompt
        if watermark is not UNSET:
            field_dict["watermark"] = watermark
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Return the model of a decoded JSON object.

        Raises:
            KeyError, TypeError, ValueError: the object is not what the document says.
        """
        d = dict(src_dict)
        negative_prompt = d.pop("negative_prompt", UNSET)

        watermark = d.pop("watermark", UNSET)

        edit_parameters = cls(
            negative_prompt=negative_prompt,
            watermark=watermark,
        )
        return edit_parameters
