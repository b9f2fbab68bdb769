# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="MediaOutput")


@_attrs_define
class MediaOutput:
    """Where the media are.

    Attributes:
        media_url (list[str]): One URL a picture, layer or file, in order (R40, R43).
        media_type (str): A MIME type, not to be trusted (R41).
    """

    media_url: list[str]
    media_type: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict[str, Any])

    def to_dict(self) -> dict[str, Any]:
        """Return the model as it stands on the wire, without the fields that were not given."""
        media_url = self.media_url

        media_type = self.media_type

        field_dict: dict[str, Any] = {**self.additional_properties}
        field_dict["media_url"] = media_url
        field_dict["media_type"] = media_type
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Return the model of a decoded JSON object.

        Raises:
            KeyError, TypeError, ValueError: the object is not what the document says.
        """
        d = dict(src_dict)
        media_url = cast(list[str], d.pop("media_url"))

        media_type = d.pop("media_type")

        media_output = cls(
            media_url=media_url,
            media_type=media_type,
        )
        media_output.additional_properties = d
        return media_output
