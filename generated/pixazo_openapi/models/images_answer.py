# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.answer_image import AnswerImage


T = TypeVar("T", bound="ImagesAnswer")


@_attrs_define
class ImagesAnswer:
    """A direct answer with a list of images (R83).

    Attributes:
        images (list[AnswerImage]): The pictures, no two alike (R91).
        description (str | Unset): Empty at present, and optional (R88).
    """

    images: list[AnswerImage]
    description: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict[str, Any])

    def to_dict(self) -> dict[str, Any]:
        """Return the model as it stands on the wire, without the fields that were not given."""
        images: list[dict[str, Any]] = []
        for images_item_data in self.images:
            images_item = images_item_data.to_dict()

            images.append(images_item)

        description = self.description

        field_dict: dict[str, Any] = {**self.additional_properties}
        field_dict["images"] = images
        if description is not UNSET:
            field_dict["description"] = description
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Return the model of a decoded JSON object.

        Raises:
            KeyError, TypeError, ValueError: the object is not what the document says.
        """
        from ..models.answer_image import AnswerImage

        d = dict(src_dict)
        _images = d.pop("images")
        images: list[AnswerImage] = []
        for images_item_data in _images:
            images_item = AnswerImage.from_dict(cast("dict[str, Any]", images_item_data))

            images.append(images_item)

        description = d.pop("description", UNSET)

        images_answer = cls(
            images=images,
            description=description,
        )
        images_answer.additional_properties = d
        return images_answer
