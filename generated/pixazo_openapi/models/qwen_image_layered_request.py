# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.qwen_image_layered_request_acceleration import (
    QwenImageLayeredRequestAcceleration,
    check_qwen_image_layered_request_acceleration,
)
from ..models.qwen_image_layered_request_output_format import (
    QwenImageLayeredRequestOutputFormat,
    check_qwen_image_layered_request_output_format,
)
from ..types import UNSET, Unset

T = TypeVar("T", bound="QwenImageLayeredRequest")


@_attrs_define
class QwenImageLayeredRequest:
    """Parameters of qwen-image-layered.

    Attributes:
        image_url (str): A public http or https URL; https is advised (R68, R92).
        num_inference_steps (int | Unset): Steps of denoising; more are finer and slower.
        guidance_scale (float | Unset): How strictly the structure of the picture is followed.
        num_images (int | Unset): Number of layer sets; only one at present.
        enable_safety_checker (bool | Unset): Filter unsafe results.
        output_format (QwenImageLayeredRequestOutputFormat | Unset): File format of the layers; only
            png at present.
        acceleration (QwenImageLayeredRequestAcceleration | Unset): How much to hurry; faster is
            coarser.
    """

    image_url: str
    num_inference_steps: int | Unset = UNSET
    guidance_scale: float | Unset = UNSET
    num_images: int | Unset = UNSET
    enable_safety_checker: bool | Unset = UNSET
    output_format: QwenImageLayeredRequestOutputFormat | Unset = UNSET
    acceleration: QwenImageLayeredRequestAcceleration | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """Return the model as it stands on the wire, without the fields that were not given."""
        image_url = self.image_url

        num_inference_steps = self.num_inference_steps

        guidance_scale = self.guidance_scale

        num_images = self.num_images

        enable_safety_checker = self.enable_safety_checker

        output_format: str | Unset = UNSET
        if not isinstance(self.output_format, Unset):
            output_format = self.output_format

        acceleration: str | Unset = UNSET
        if not isinstance(self.acceleration, Unset):
            acceleration = self.acceleration

        field_dict: dict[str, Any] = {}
        field_dict["image_url"] = image_url
        if num_inference_steps is not UNSET:
            field_dict["num_inference_steps"] = num_inference_steps
        if guidance_scale is not UNSET:
            field_dict["guidance_scale"] = guidance_scale
        if num_images is not UNSET:
            field_dict["num_images"] = num_images
        if enable_safety_checker is not UNSET:
            field_dict["enable_safety_checker"] = enable_safety_checker
        if output_format is not UNSET:
            field_dict["output_format"] = output_format
        if acceleration is not UNSET:
            field_dict["acceleration"] = acceleration
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Return the model of a decoded JSON object.

        Raises:
            KeyError, TypeError, ValueError: the object is not what the document says.
        """
        d = dict(src_dict)
        image_url = d.pop("image_url")

        num_inference_steps = d.pop("num_inference_steps", UNSET)

        guidance_scale = d.pop("guidance_scale", UNSET)

        num_images = d.pop("num_images", UNSET)

        enable_safety_checker = d.pop("enable_safety_checker", UNSET)

        _output_format = d.pop("output_format", UNSET)
        output_format: QwenImageLayeredRequestOutputFormat | Unset
        if isinstance(_output_format, Unset):
            output_format = UNSET
        else:
            output_format = check_qwen_image_layered_request_output_format(_output_format)

        _acceleration = d.pop("acceleration", UNSET)
        acceleration: QwenImageLayeredRequestAcceleration | Unset
        if isinstance(_acceleration, Unset):
            acceleration = UNSET
        else:
            acceleration = check_qwen_image_layered_request_acceleration(_acceleration)

        qwen_image_layered_request = cls(
            image_url=image_url,
            num_inference_steps=num_inference_steps,
            guidance_scale=guidance_scale,
            num_images=num_images,
            enable_safety_checker=enable_safety_checker,
            output_format=output_format,
            acceleration=acceleration,
        )
        return qwen_image_layered_request
