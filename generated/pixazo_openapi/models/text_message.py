# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.text_message_role import TextMessageRole, check_text_message_role

if TYPE_CHECKING:
    from ..models.text_part import TextPart


T = TypeVar("T", bound="TextMessage")


@_attrs_define
class TextMessage:
    """A message by the user.

    Attributes:
        role (TextMessageRole): Who speaks.
        content (list[TextPart]): The prompt as a text part.
    """

    role: TextMessageRole
    content: list[TextPart]

    def to_dict(self) -> dict[str, Any]:
        """Return the model as it stands on the wire, without the fields that were not given."""
        role: str = self.role

        content: list[dict[str, Any]] = []
        for content_item_data in self.content:
            content_item = content_item_data.to_dict()

            content.append(content_item)

        field_dict: dict[str, Any] = {}
        field_dict["role"] = role
        field_dict["content"] = content
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Return the model of a decoded JSON object.

        Raises:
            KeyError, TypeError, ValueError: the object is not what the document says.
        """
        from ..models.text_part import TextPart

        d = dict(src_dict)
        role = check_text_message_role(d.pop("role"))

        _content = d.pop("content")
        content: list[TextPart] = []
        for content_item_data in _content:
            content_item = TextPart.from_dict(cast("dict[str, Any]", content_item_data))

            content.append(content_item)

        text_message = cls(
            role=role,
            content=content,
        )
        return text_message
