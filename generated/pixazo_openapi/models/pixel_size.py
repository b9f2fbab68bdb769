# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="PixelSize")


@_attrs_define
class PixelSize:
    """A size in pixels; its fields are ruled, not documented (R71).

    Attributes:
        width (int): Width in pixels.
        height (int): Height in pixels.
    """

    width: int
    height: int

    def to_dict(self) -> dict[str, Any]:
        """Return the model as it stands on the wire, without the fields that were not given."""
        width = self.width

        height = self.height

        field_dict: dict[str, Any] = {}
        field_dict["width"] = width
        field_dict["height"] = height
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Return the model of a decoded JSON object.

        Raises:
            KeyError, TypeError, ValueError: the object is not what the document says.
        """
        d = dict(src_dict)
        width = d.pop("width")

        height = d.pop("height")

        pixel_size = cls(
            width=width,
            height=height,
        )
        return pixel_size
