# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.qwen_image_edit_plus_lora_request_acceleration import (
    QwenImageEditPlusLoraRequestAcceleration,
    check_qwen_image_edit_plus_lora_request_acceleration,
)
from ..models.qwen_image_edit_plus_lora_request_output_format import (
    QwenImageEditPlusLoraRequestOutputFormat,
    check_qwen_image_edit_plus_lora_request_output_format,
)
from ..models.webhook_event import WebhookEvent, check_webhook_event
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.pixel_size import PixelSize


T = TypeVar("T", bound="QwenImageEditPlusLoraRequest")


@_attrs_define
class QwenImageEditPlusLoraRequest:
    """Parameters of qwen-image-edit-plus-lora.

    Attributes:
        prompt (str): The picture or the edit, in words.
        image_urls (list[str]): One to ten reference pictures.
        image_size (PixelSize | str | Unset): Size of the result, by name or in pixels.
        num_inference_steps (int | Unset): Steps of inference; more are better and slower.
        seed (int | Unset): Makes the result repeatable.
        guidance_scale (float | Unset): How strictly the prompt is followed.
        num_images (int | Unset): Number of pictures.
        output_format (QwenImageEditPlusLoraRequestOutputFormat | Unset): File format of the
            pictures.
        negative_prompt (str | Unset): What the result shall not show.
        acceleration (QwenImageEditPlusLoraRequestAcceleration | Unset): How much to hurry.
        enable_safety_checker (bool | Unset): Filter unsafe results.
        webhook (str | Unset): An absolute http or https URL that the gateway can reach (R57).
        webhook_events_filter (list[WebhookEvent] | Unset): The events to report.
    """

    prompt: str
    image_urls: list[str]
    image_size: PixelSize | str | Unset = UNSET
    num_inference_steps: int | Unset = UNSET
    seed: int | Unset = UNSET
    guidance_scale: float | Unset = UNSET
    num_images: int | Unset = UNSET
    output_format: QwenImageEditPlusLoraRequestOutputFormat | Unset = UNSET
    negative_prompt: str | Unset = UNSET
    acceleration: QwenImageEditPlusLoraRequestAcceleration | Unset = UNSET
    enable_safety_checker: bool | Unset = UNSET
    webhook: str | Unset = UNSET
    webhook_events_filter: list[WebhookEvent] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """Return the model as it stands on the wire, without the fields that were not given."""
        from ..models.pixel_size import PixelSize

        prompt = self.prompt

        image_urls = self.image_urls

        image_size: dict[str, Any] | str | Unset
        if isinstance(self.image_size, Unset):
            image_size = UNSET
        elif isinstance(self.image_size, PixelSize):
            image_size = self.image_size.to_dict()

        else:
            image_size = self.image_size

        num_inference_steps = self.num_inference_steps

        seed = self.seed

        guidance_scale = self.guidance_scale

        num_images = self.num_images

        output_format: str | Unset = UNSET
        if not isinstance(self.output_format, Unset):
            output_format = self.output_format

        negative_prompt = self.negative_prompt

        acceleration: str | Unset = UNSET
        if not isinstance(self.acceleration, Unset):
            acceleration = self.acceleration

        enable_safety_checker = self.enable_safety_checker

        webhook = self.webhook

        webhook_events_filter: list[str] | Unset = UNSET
        if not isinstance(self.webhook_events_filter, Unset):
            webhook_events_filter = []
            for webhook_events_filter_item_data in self.webhook_events_filter:
                webhook_events_filter_item: str = webhook_events_filter_item_data
                webhook_events_filter.append(webhook_events_filter_item)

        field_dict: dict[str, Any] = {}
        field_dict["prompt"] = prompt
        field_dict["image_urls"] = image_urls
        if image_size is not UNSET:
            field_dict["image_size"] = image_size
        if num_inference_steps is not UNSET:
            field_dict["num_inference_steps"] = num_inference_steps
        if seed is not UNSET:
            field_dict["seed"] = seed
        if guidance_scale is not UNSET:
            field_dict["guidance_scale"] = guidance_scale
        if num_images is not UNSET:
            field_dict["num_images"] = num_images
        if output_format is not UNSET:
            field_dict["output_format"] = output_format
        if negative_prompt is not UNSET:
            field_dict["negative_prompt"] = negative_prompt
        if acceleration is not UNSET:
            field_dict["acceleration"] = acceleration
        if enable_safety_checker is not UNSET:
            field_dict["enable_safety_checker"] = enable_safety_checker
        if webhook is not UNSET:
            field_dict["webhook"] = webhook
        if webhook_events_filter is not UNSET:
            field_dict["webhook_events_filter"] = webhook_events_filter
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Return the model of a decoded JSON object.

        Raises:
            KeyError, TypeError, ValueError: the object is not what the document says.
        """
        from ..models.pixel_size import PixelSize

        d = dict(src_dict)
        prompt = d.pop("prompt")

        image_urls = cast(list[str], d.pop("image_urls"))

        def _parse_image_size(data: object) -> PixelSize | str | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                image_size_type_1 = PixelSize.from_dict(cast("dict[str, Any]", data))

                return image_size_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(PixelSize | str | Unset, data)

        image_size = _parse_image_size(d.pop("image_size", UNSET))

        num_inference_steps = d.pop("num_inference_steps", UNSET)

        seed = d.pop("seed", UNSET)

        guidance_scale = d.pop("guidance_scale", UNSET)

        num_images = d.pop("num_images", UNSET)

        _output_format = d.pop("output_format", UNSET)
        output_format: QwenImageEditPlusLoraRequestOutputFormat | Unset
        if isinstance(_output_format, Unset):
            output_format = UNSET
        else:
            output_format = check_qwen_image_edit_plus_lora_request_output_format(_output_format)

        negative_prompt = d.pop("negative_prompt", UNSET)

        _acceleration = d.pop("acceleration", UNSET)
        acceleration: QwenImageEditPlusLoraRequestAcceleration | Unset
        if isinstance(_acceleration, Unset):
            acceleration = UNSET
        else:
            acceleration = check_qwen_image_edit_plus_lora_request_acceleration(_acceleration)

        enable_safety_checker = d.pop("enable_safety_checker", UNSET)

        webhook = d.pop("webhook", UNSET)

        _webhook_events_filter = d.pop("webhook_events_filter", UNSET)
        webhook_events_filter: list[WebhookEvent] | Unset = UNSET
        if _webhook_events_filter is not UNSET:
            webhook_events_filter = []
            for webhook_events_filter_item_data in _webhook_events_filter:
                webhook_events_filter_item = check_webhook_event(webhook_events_filter_item_data)

                webhook_events_filter.append(webhook_events_filter_item)

        qwen_image_edit_plus_lora_request = cls(
            prompt=prompt,
            image_urls=image_urls,
            image_size=image_size,
            num_inference_steps=num_inference_steps,
            seed=seed,
            guidance_scale=guidance_scale,
            num_images=num_images,
            output_format=output_format,
            negative_prompt=negative_prompt,
            acceleration=acceleration,
            enable_safety_checker=enable_safety_checker,
            webhook=webhook,
            webhook_events_filter=webhook_events_filter,
        )
        return qwen_image_edit_plus_lora_request
