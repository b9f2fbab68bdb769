# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.text_to_image_parameters_size import (
    TextToImageParametersSize,
    check_text_to_image_parameters_size,
)
from ..types import UNSET, Unset

T = TypeVar("T", bound="TextToImageParameters")


@_attrs_define
class TextToImageParameters:
    """Optional settings (R80).

    Attributes:
        negative_prompt (str | Unset): What the picture shall not show. Default: ''.
        prompt_extend (bool | Unset): Let the gateway enrich the prompt. Default: True.
        watermark (bool | Unset): Mark the picture. Default: True.
        size (TextToImageParametersSize | Unset): Width and height in pixels, joined by an asterisk.
            Default: '1328*1328'.
    """

    negative_prompt: str | Unset = UNSET
    prompt_extend: bool | Unset = UNSET
    watermark: bool | Unset = UNSET
    size: TextToImageParametersSize | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """Return the model as it stands on the wire, without the fields that were not given."""
        negative_prompt = self.negative_prompt

        prompt_extend = self.prompt_extend

        watermark = self.watermark

        size: str | Unset = UNSET
        if not isinstance(self.size, Unset):
            size = self.size

        field_dict: dict[str, Any] = {}
        if negative_prompt is not UNSET:
            field_dict["negative_prompt"] = negative_prompt
        if prompt_extend is not UNSET:
            field_dict["prompt_extend"] = prompt_extend
        if watermark is not UNSET:
            field_dict["watermark"] = watermark
        if size is not UNSET:
            field_dict["size"] = size
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Return the model of a decoded JSON object.

        Raises:
            KeyError, TypeError, ValueError: the object is not what the document says.
        """
        d = dict(src_dict)
        negative_prompt = d.pop("negative_prompt", UNSET)

        prompt_extend = d.pop("prompt_extend", UNSET)

        watermark = d.pop("watermark", UNSET)

        _size = d.pop("size", UNSET)
        size: TextToImageParametersSize | Unset
        if isinstance(_size, Unset):
            size = UNSET
        else:
            size = check_text_to_image_parameters_size(_size)

        text_to_image_parameters = cls(
            negative_prompt=negative_prompt,
            prompt_extend=prompt_extend,
            watermark=watermark,
            size=size,
        )
        return text_to_image_parameters
