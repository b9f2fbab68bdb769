# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="AnswerImage")


@_attrs_define
class AnswerImage:
    """One picture.

    Attributes:
        file_name (str): A name, not to be trusted (R42).
        content_type (str): A MIME type, not to be trusted (R41).
        url (str): Where a result can be fetched, without a key (R43, R94).
    """

    file_name: str
    content_type: str
    url: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict[str, Any])

    def to_dict(self) -> dict[str, Any]:
        """Return the model as it stands on the wire, without the fields that were not given."""
        file_name = self.file_name

        content_type = self.content_type

        url = self.url

        field_dict: dict[str, Any] = {**self.additional_properties}
        field_dict["file_name"] = file_name
        field_dict["content_type"] = content_type
        field_dict["url"] = url
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Return the model of a decoded JSON object.

        Raises:
            KeyError, TypeError, ValueError: the object is not what the document says.
        """
        d = dict(src_dict)
        file_name = d.pop("file_name")

        content_type = d.pop("content_type")

        url = d.pop("url")

        answer_image = cls(
            file_name=file_name,
            content_type=content_type,
            url=url,
        )
        answer_image.additional_properties = d
        return answer_image
