# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.qwen_image_max_edit_request_output_format import (
    QwenImageMaxEditRequestOutputFormat,
    check_qwen_image_max_edit_request_output_format,
)
from ..types import UNSET, Unset

T = TypeVar("T", bound="QwenImageMaxEditRequest")


@_attrs_define
class QwenImageMaxEditRequest:
    """Parameters of qwen-image-max-edit.

    Attributes:
        prompt (str): The edit to make, in words.
        image_urls (list[str]): The source picture; of several only the first is used.
        negative_prompt (str | Unset): What the result shall not show.
        enable_prompt_expansion (bool | Unset): Let the gateway enrich the prompt. Default: True.
        enable_safety_checker (bool | Unset): Filter unsafe results. Default: True.
        num_images (int | Unset): Number of variants. Default: 1.
        output_format (QwenImageMaxEditRequestOutputFormat | Unset): File format of the result.
            Default: 'png'.
    """

    prompt: str
    image_urls: list[str]
    negative_prompt: str | Unset = UNSET
    enable_prompt_expansion: bool | Unset = UNSET
    enable_safety_checker: bool | Unset = UNSET
    num_images: int | Unset = UNSET
    output_format: QwenImageMaxEditRequestOutputFormat | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """Return the model as it stands on the wire, without the fields that were not given."""
        prompt = self.prompt

        image_urls = self.image_urls

        negative_prompt = self.negative_prompt

        enable_prompt_expansion = self.enable_prompt_expansion

        enable_safety_checker = self.enable_safety_checker

        num_images = self.num_images

        output_format: str | Unset = UNSET
        if not isinstance(self.output_format, Unset):
            output_format = self.output_format

        field_dict: dict[str, Any] = {}
        field_dict["prompt"] = prompt
        field_dict["image_urls"] = image_urls
        if negative_prompt is not UNSET:
            field_dict["negative_prompt"] = negative_prompt
        if enable_prompt_expansion is not UNSET:
            field_dict["enable_prompt_expansion"] = enable_prompt_expansion
        if enable_safety_checker is not UNSET:
            field_dict["enable_safety_checker"] = enable_safety_checker
        if num_images is not UNSET:
            field_dict["num_images"] = num_images
        if output_format is not UNSET:
            field_dict["output_format"] = output_format
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Return the model of a decoded JSON object.

        Raises:
            KeyError, TypeError, ValueError: the object is not what the document says.
        """
        d = dict(src_dict)
        prompt = d.pop("prompt")

        image_urls = cast(list[str], d.pop("image_urls"))

        negative_prompt = d.pop("negative_prompt", UNSET)

        enable_prompt_expansion = d.pop("enable_prompt_expansion", UNSET)

        enable_safety_checker = d.pop("enable_safety_checker", UNSET)

        num_images = d.pop("num_images", UNSET)

        _output_format = d.pop("output_format", UNSET)
        output_format: QwenImageMaxEditRequestOutputFormat | Unset
        if isinstance(_output_format, Unset):
            output_format = UNSET
        else:
            output_format = check_qwen_image_max_edit_request_output_format(_output_format)

        qwen_image_max_edit_request = cls(
            prompt=prompt,
            image_urls=image_urls,
            negative_prompt=negative_prompt,
            enable_prompt_expansion=enable_prompt_expansion,
            enable_safety_checker=enable_safety_checker,
            num_images=num_images,
            output_format=output_format,
        )
        return qwen_image_max_edit_request
