# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.text_message import TextMessage


T = TypeVar("T", bound="TextInput")


@_attrs_define
class TextInput:
    """What to draw.

    Attributes:
        messages (list[TextMessage]): The messages; one by the user is needed.
    """

    messages: list[TextMessage]

    def to_dict(self) -> dict[str, Any]:
        """Return the model as it stands on the wire, without the fields that were not given."""
        messages: list[dict[str, Any]] = []
        for messages_item_data in self.messages:
            messages_item = messages_item_data.to_dict()

            messages.append(messages_item)

        field_dict: dict[str, Any] = {}
        field_dict["messages"] = messages
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Return the model of a decoded JSON object.

        Raises:
            KeyError, TypeError, ValueError: the object is not what the document says.
        """
        from ..models.text_message import TextMessage

        d = dict(src_dict)
        _messages = d.pop("messages")
        messages: list[TextMessage] = []
        for messages_item_data in _messages:
            messages_item = TextMessage.from_dict(cast("dict[str, Any]", messages_item_data))

            messages.append(messages_item)

        text_input = cls(
            messages=messages,
        )
        return text_input
