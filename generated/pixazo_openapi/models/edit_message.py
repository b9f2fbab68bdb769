# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.edit_message_role import EditMessageRole, check_edit_message_role

if TYPE_CHECKING:
    from ..models.image_part import ImagePart
    from ..models.text_part import TextPart


T = TypeVar("T", bound="EditMessage")


@_attrs_define
class EditMessage:
    """A message by the user.

    Attributes:
        role (EditMessageRole): Who speaks.
        content (list[ImagePart | TextPart]): The picture and the instruction, a part each.
    """

    role: EditMessageRole
    content: list[ImagePart | TextPart]

    def to_dict(self) -> dict[str, Any]:
        """Return the model as it stands on the wire, without the fields that were not given."""
        from ..models.image_part import ImagePart

        role: str = self.role

        content: list[dict[str, Any]] = []
        for content_item_data in self.content:
            content_item: dict[str, Any]
            if isinstance(content_item_data, ImagePart):
                content_item = content_item_data.to_dict()

            else:
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
        from ..models.image_part import ImagePart
        from ..models.text_part import TextPart

        d = dict(src_dict)
        role = check_edit_message_role(d.pop("role"))

        _content = d.pop("content")
        content: list[ImagePart | TextPart] = []
        for content_item_data in _content:

            def _parse_content_item(data: object) -> ImagePart | TextPart:
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    componentsschemas_edit_part_type_0 = ImagePart.from_dict(
                        cast("dict[str, Any]", data)
                    )

                    return componentsschemas_edit_part_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_edit_part_type_1 = TextPart.from_dict(
                    cast("dict[str, Any]", data)
                )

                return componentsschemas_edit_part_type_1

            content_item = _parse_content_item(content_item_data)

            content.append(content_item)

        edit_message = cls(
            role=role,
            content=content,
        )
        return edit_message
