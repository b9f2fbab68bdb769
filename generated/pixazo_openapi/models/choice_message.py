# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.choice_message_role import ChoiceMessageRole, check_choice_message_role
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.answer_part import AnswerPart


T = TypeVar("T", bound="ChoiceMessage")


@_attrs_define
class ChoiceMessage:
    """The model's message.

    Attributes:
        content (list[AnswerPart]): The parts of the message, no two alike (R91).
        role (ChoiceMessageRole | Unset): Who speaks.
    """

    content: list[AnswerPart]
    role: ChoiceMessageRole | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict[str, Any])

    def to_dict(self) -> dict[str, Any]:
        """Return the model as it stands on the wire, without the fields that were not given."""
        content: list[dict[str, Any]] = []
        for content_item_data in self.content:
            content_item = content_item_data.to_dict()

            content.append(content_item)

        role: str | Unset = UNSET
        if not isinstance(self.role, Unset):
            role = self.role

        field_dict: dict[str, Any] = {**self.additional_properties}
        field_dict["content"] = content
        if role is not UNSET:
            field_dict["role"] = role
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Return the model of a decoded JSON object.

        Raises:
            KeyError, TypeError, ValueError: the object is not what the document says.
        """
        from ..models.answer_part import AnswerPart

        d = dict(src_dict)
        _content = d.pop("content")
        content: list[AnswerPart] = []
        for content_item_data in _content:
            content_item = AnswerPart.from_dict(cast("dict[str, Any]", content_item_data))

            content.append(content_item)

        _role = d.pop("role", UNSET)
        role: ChoiceMessageRole | Unset
        if isinstance(_role, Unset):
            role = UNSET
        else:
            role = check_choice_message_role(_role)

        choice_message = cls(
            content=content,
            role=role,
        )
        choice_message.additional_properties = d
        return choice_message
