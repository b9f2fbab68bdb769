# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ImagePart")


@_attrs_define
class ImagePart:
    """A picture.

    Attributes:
        image (str): The picture to edit, as a public URL or a data URI.
    """

    image: str

    def to_dict(self) -> dict[str, Any]:
        """Return the model as it stands on the wire, without the fields that were not given."""
        image = self.image

        field_dict: dict[str, Any] = {}
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

        image_part = cls(
            image=image,
        )
        return image_part
