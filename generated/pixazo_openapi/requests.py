# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
"""One request class for each model: documented names, checked values.

R12 and the like name rulings, what was decided where the gateway's pages leave room: their texts
are in ``spec/RULINGS.md`` of the repository, in ``rulings.json`` beside this module, and printed by
``pixazo explain R12``.
"""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from types import MappingProxyType
from typing import Any, ClassVar, Final, Literal

from attrs import define

from .catalogue import MODELS, Model
from .request import Request, choose, json_object, parsed
from .values import JSON

__all__ = [
    "REQUESTS",
    "QwenImage",
    "QwenImageEdit",
    "QwenImageEditPlusLora",
    "QwenImageEditPlusTrainer",
    "QwenImageLayered",
    "QwenImageMax",
    "QwenImageMaxEdit",
    "Request",
    "request_class",
    "request_from_dict",
    "request_from_json",
]


@define(frozen=True, init=False, repr=False, slots=True)
class QwenImageMaxEdit(Request):
    """Edit a picture with Qwen Image Max.

    Queues an edit of one source picture as a text describes it. Up to four variants a request.

    The documents name no price (R11, R12).
    Queued. Source: Qwen Image Max Edit Image to Image (Image Editing) API Documentation. Rulings:
    R01, R07, R08, R19, R87, R89 (spec/RULINGS.md, or ``pixazo explain R01``).

    Args:
        prompt: The edit to make, in words. Required. At least 1 character. Source: Qwen Image
            Max Edit › Request Parameters › prompt (R59).
        negative_prompt: What the result shall not show. Source: Qwen Image Max Edit › Request
            Parameters › negative_prompt (R60).
        enable_prompt_expansion: Let the gateway enrich the prompt. Server default: True.
            Source: Qwen Image Max Edit › Request Parameters › enable_prompt_expansion (R100).
        enable_safety_checker: Filter unsafe results. Server default: True. Source: Qwen Image
            Max Edit › Request Parameters › enable_safety_checker (R67).
        num_images: Number of variants. 1 to 4. Server default: 1. Source: Qwen Image Max Edit
            › Request Parameters › num_images.
        output_format: File format of the result. Server default: 'png'. Source: Qwen Image
            Max Edit › Request Parameters › output_format (R72).
        image_urls: The source picture; of several only the first is used. Required. At least
            1 item. Source: Qwen Image Max Edit › Request Parameters › image_urls (R68, R69).
        undocumented: Further fields of the body, sent as they are.

    Raises:
        InvalidRequest: with everything that the documents do not allow.
    """

    model_id: ClassVar[str] = "qwen-image-max-edit"
    model: ClassVar[Model] = MODELS["qwen-image-max-edit"]

    prompt: str
    """The edit to make, in words. Required. At least 1 character. Source: Qwen Image Max Edit ›
    Request Parameters › prompt (R59)."""

    negative_prompt: str | None
    """What the result shall not show. Source: Qwen Image Max Edit › Request Parameters ›
    negative_prompt (R60)."""

    enable_prompt_expansion: bool | None
    """Let the gateway enrich the prompt. Server default: True. Source: Qwen Image Max Edit ›
    Request Parameters › enable_prompt_expansion (R100)."""

    enable_safety_checker: bool | None
    """Filter unsafe results. Server default: True. Source: Qwen Image Max Edit › Request
    Parameters › enable_safety_checker (R67)."""

    num_images: int | None
    """Number of variants. 1 to 4. Server default: 1. Source: Qwen Image Max Edit › Request
    Parameters › num_images."""

    output_format: Literal["png", "jpeg", "webp"] | None
    """File format of the result. Server default: 'png'. Source: Qwen Image Max Edit › Request
    Parameters › output_format (R72)."""

    image_urls: tuple[str, ...]
    """The source picture; of several only the first is used. Required. At least 1 item. Source:
    Qwen Image Max Edit › Request Parameters › image_urls (R68, R69)."""

    undocumented: Mapping[str, JSON]
    """Further fields of the body, sent as they are."""

    def __init__(
        self,
        *,
        prompt: str,
        image_urls: list[str] | tuple[str, ...],
        negative_prompt: str | None = None,
        enable_prompt_expansion: bool | None = None,
        enable_safety_checker: bool | None = None,
        num_images: int | None = None,
        output_format: Literal["png", "jpeg", "webp"] | None = None,
        undocumented: Mapping[str, JSON] | None = None,
    ) -> None:
        self._fill(
            prompt=prompt,
            negative_prompt=negative_prompt,
            enable_prompt_expansion=enable_prompt_expansion,
            enable_safety_checker=enable_safety_checker,
            num_images=num_images,
            output_format=output_format,
            image_urls=image_urls,
            undocumented=undocumented,
        )


@define(frozen=True, init=False, repr=False, slots=True)
class QwenImageMax(Request):
    """Draw pictures from a text with Qwen Image Max.

    Queues up to four pictures drawn from one prompt, in one of three named sizes.

    The documents name no price (R11, R12).
    Queued. Source: Qwen Image Max t2i Text to Image API Documentation. Rulings: R01, R07, R08,
    R19 (spec/RULINGS.md, or ``pixazo explain R01``).

    Args:
        prompt: The picture to draw, in words. Required. At least 1 character. Source: Qwen
            Image Max t2i › Request Parameters › prompt (R59).
        negative_prompt: What the picture shall not show. Source: Qwen Image Max t2i › Request
            Parameters › negative_prompt (R60).
        image_size: Size and orientation, by name. Server default: 'square_hd'. Source: Qwen
            Image Max t2i › Request Parameters › image_size (R62).
        enable_prompt_expansion: Let the gateway enrich the prompt. Server default: True.
            Source: Qwen Image Max t2i › Request Parameters › enable_prompt_expansion (R100).
        enable_safety_checker: Filter unsafe results. Server default: True. Source: Qwen Image
            Max t2i › Request Parameters › enable_safety_checker (R67).
        num_images: Number of pictures. 1 to 4. Server default: 1. Source: Qwen Image Max t2i
            › Request Parameters › num_images (R70).
        output_format: File format of the pictures. Server default: 'png'. Source: Qwen Image
            Max t2i › Request Parameters › output_format (R72).
        undocumented: Further fields of the body, sent as they are.

    Raises:
        InvalidRequest: with everything that the documents do not allow.
    """

    model_id: ClassVar[str] = "qwen-image-max"
    model: ClassVar[Model] = MODELS["qwen-image-max"]

    prompt: str
    """The picture to draw, in words. Required. At least 1 character. Source: Qwen Image Max t2i ›
    Request Parameters › prompt (R59)."""

    negative_prompt: str | None
    """What the picture shall not show. Source: Qwen Image Max t2i › Request Parameters ›
    negative_prompt (R60)."""

    image_size: Literal["square_hd", "portrait_hd", "landscape_hd"] | None
    """Size and orientation, by name. Server default: 'square_hd'. Source: Qwen Image Max t2i ›
    Request Parameters › image_size (R62)."""

    enable_prompt_expansion: bool | None
    """Let the gateway enrich the prompt. Server default: True. Source: Qwen Image Max t2i ›
    Request Parameters › enable_prompt_expansion (R100)."""

    enable_safety_checker: bool | None
    """Filter unsafe results. Server default: True. Source: Qwen Image Max t2i › Request Parameters
    › enable_safety_checker (R67)."""

    num_images: int | None
    """Number of pictures. 1 to 4. Server default: 1. Source: Qwen Image Max t2i › Request
    Parameters › num_images (R70)."""

    output_format: Literal["png", "jpeg", "webp"] | None
    """File format of the pictures. Server default: 'png'. Source: Qwen Image Max t2i › Request
    Parameters › output_format (R72)."""

    undocumented: Mapping[str, JSON]
    """Further fields of the body, sent as they are."""

    def __init__(
        self,
        *,
        prompt: str,
        negative_prompt: str | None = None,
        image_size: Literal["square_hd", "portrait_hd", "landscape_hd"] | None = None,
        enable_prompt_expansion: bool | None = None,
        enable_safety_checker: bool | None = None,
        num_images: int | None = None,
        output_format: Literal["png", "jpeg", "webp"] | None = None,
        undocumented: Mapping[str, JSON] | None = None,
    ) -> None:
        self._fill(
            prompt=prompt,
            negative_prompt=negative_prompt,
            image_size=image_size,
            enable_prompt_expansion=enable_prompt_expansion,
            enable_safety_checker=enable_safety_checker,
            num_images=num_images,
            output_format=output_format,
            undocumented=undocumented,
        )


@define(frozen=True, init=False, repr=False, slots=True)
class QwenImageEdit(Request):
    """Edit a picture with Qwen Image Edit, answered directly.

    Edits one picture as a text describes it and answers with the edited picture's URL.

    Costs 0.045 USD a request (R12, R16).
    Direct. Source: Qwen Image Edit Image to Image (Image Editing) API Documentation. Rulings:
    R01, R03, R07, R08, R16, R17, R50, R58, R85, R89, R90, R91 (spec/RULINGS.md, or ``pixazo
    explain R01``).

    Args:
        image: The picture to edit, as a public URL or a data URI. Required. A path or bytes
            are sent as a data URI. Source: Qwen Image Edit › Request Parameters ›
            input.messages[].content[].image (R79, R82).
        prompt: The picture or the edit, in words. Required. At least 1 character. Source:
            Qwen Image and Qwen Image Edit › Request Parameters › input.messages[].content[].text
            (R59, R79).
        negative_prompt: What the result shall not show. Server default: ''. Source: Qwen
            Image Edit › Request Parameters › parameters.negative_prompt (R60).
        watermark: Mark the result. Server default: False. Source: Qwen Image Edit › Request
            Parameters › parameters.watermark (R100).
        undocumented: Further fields of the body, sent as they are.

    Raises:
        InvalidRequest: with everything that the documents do not allow.
    """

    model_id: ClassVar[str] = "qwen-image-edit"
    model: ClassVar[Model] = MODELS["qwen-image-edit"]

    image: str
    """The picture to edit, as a public URL or a data URI. Required. A path or bytes are sent as a
    data URI. Source: Qwen Image Edit › Request Parameters › input.messages[].content[].image
    (R79, R82)."""

    prompt: str
    """The picture or the edit, in words. Required. At least 1 character. Source: Qwen Image and
    Qwen Image Edit › Request Parameters › input.messages[].content[].text (R59, R79)."""

    negative_prompt: str | None
    """What the result shall not show. Server default: ''. Source: Qwen Image Edit › Request
    Parameters › parameters.negative_prompt (R60)."""

    watermark: bool | None
    """Mark the result. Server default: False. Source: Qwen Image Edit › Request Parameters ›
    parameters.watermark (R100)."""

    undocumented: Mapping[str, JSON]
    """Further fields of the body, sent as they are."""

    def __init__(
        self,
        *,
        image: str | bytes | PathLike[str],
        prompt: str,
        negative_prompt: str | None = None,
        watermark: bool | None = None,
        undocumented: Mapping[str, JSON] | None = None,
    ) -> None:
        self._fill(
            image=image,
            prompt=prompt,
            negative_prompt=negative_prompt,
            watermark=watermark,
            undocumented=undocumented,
        )


@define(frozen=True, init=False, repr=False, slots=True)
class QwenImage(Request):
    """Draw a picture from a text with Qwen Image, answered directly.

    Draws one picture from a prompt in one of four sizes and answers with its URL.

    Costs 0.045 USD a request (R12, R16).
    Direct. Source: Qwen Image Text to Image API Documentation. Rulings: R01, R02, R07, R08, R16,
    R17, R50, R58, R85, R90, R91 (spec/RULINGS.md, or ``pixazo explain R01``).

    Args:
        prompt: The picture or the edit, in words. Required. At least 1 character. Source:
            Qwen Image and Qwen Image Edit › Request Parameters › input.messages[].content[].text
            (R59, R79).
        negative_prompt: What the picture shall not show. Server default: ''. Source: Qwen
            Image › Request Parameters › parameters.negative_prompt (R60).
        prompt_extend: Let the gateway enrich the prompt. Server default: True. Source: Qwen
            Image › Request Parameters › parameters.prompt_extend (R100).
        watermark: Mark the picture. Server default: True. Source: Qwen Image › Request
            Parameters › parameters.watermark (R100).
        size: Width and height in pixels, joined by an asterisk. Server default: '1328*1328'.
            Source: Qwen Image › Request Parameters › parameters.size (R81).
        undocumented: Further fields of the body, sent as they are.

    Raises:
        InvalidRequest: with everything that the documents do not allow.
    """

    model_id: ClassVar[str] = "qwen-image"
    model: ClassVar[Model] = MODELS["qwen-image"]

    prompt: str
    """The picture or the edit, in words. Required. At least 1 character. Source: Qwen Image and
    Qwen Image Edit › Request Parameters › input.messages[].content[].text (R59, R79)."""

    negative_prompt: str | None
    """What the picture shall not show. Server default: ''. Source: Qwen Image › Request Parameters
    › parameters.negative_prompt (R60)."""

    prompt_extend: bool | None
    """Let the gateway enrich the prompt. Server default: True. Source: Qwen Image › Request
    Parameters › parameters.prompt_extend (R100)."""

    watermark: bool | None
    """Mark the picture. Server default: True. Source: Qwen Image › Request Parameters ›
    parameters.watermark (R100)."""

    size: Literal["1328*1328", "1024*1024", "768*768", "512*512"] | None
    """Width and height in pixels, joined by an asterisk. Server default: '1328*1328'. Source: Qwen
    Image › Request Parameters › parameters.size (R81)."""

    undocumented: Mapping[str, JSON]
    """Further fields of the body, sent as they are."""

    def __init__(
        self,
        *,
        prompt: str,
        negative_prompt: str | None = None,
        prompt_extend: bool | None = None,
        watermark: bool | None = None,
        size: Literal["1328*1328", "1024*1024", "768*768", "512*512"] | None = None,
        undocumented: Mapping[str, JSON] | None = None,
    ) -> None:
        self._fill(
            prompt=prompt,
            negative_prompt=negative_prompt,
            prompt_extend=prompt_extend,
            watermark=watermark,
            size=size,
            undocumented=undocumented,
        )


@define(frozen=True, init=False, repr=False, slots=True)
class QwenImageEditPlusLora(Request):
    """Edit or combine up to ten pictures with Qwen Image Edit Plus LoRA.

    Queues pictures made from one to ten reference pictures and a prompt.

    Costs 0.055 USD a request (R12).
    Queued. Source: Qwen LoRA v1 Text to Image (LoRA) API Documentation. Rulings: R01, R05, R07,
    R08, R20, R89, R97 (spec/RULINGS.md, or ``pixazo explain R01``).

    Args:
        prompt: The picture or the edit, in words. Required. At least 1 character. Source:
            Qwen LoRA v1 Text to Image › Request Parameters › prompt (R59).
        image_urls: One to ten reference pictures. Required. 1 to 10 items. Source: Qwen LoRA
            v1 Text to Image › Request Parameters › image_urls (R68, R101).
        image_size: Size of the result, by name or in pixels. Source: Qwen LoRA v1 Text to
            Image › Request Parameters › image_size (R62, R64, R71).
        num_inference_steps: Steps of inference; more are better and slower. At least 1.
            Source: Qwen LoRA v1 Text to Image › Request Parameters › num_inference_steps (R63,
            R64, R65).
        seed: Makes the result repeatable. Source: Qwen LoRA v1 Text to Image › Request
            Parameters › seed (R63, R64, R66).
        guidance_scale: How strictly the prompt is followed. 1 to 20. Source: Qwen LoRA v1
            Text to Image › Request Parameters › guidance_scale (R64).
        num_images: Number of pictures. 1 to 4. Source: Qwen LoRA v1 Text to Image › Request
            Parameters › num_images (R63, R64).
        output_format: File format of the pictures. Source: Qwen LoRA v1 Text to Image ›
            Request Parameters › output_format (R64, R72).
        negative_prompt: What the result shall not show. Source: Qwen LoRA v1 Text to Image ›
            Request Parameters › negative_prompt (R60, R64).
        acceleration: How much to hurry. Source: Qwen LoRA v1 Text to Image › Request
            Parameters › acceleration (R64, R73).
        enable_safety_checker: Filter unsafe results. Source: Qwen LoRA v1 Text to Image ›
            Request Parameters › enable_safety_checker (R64, R67).
        webhook: Where the gateway shall report events. Source: Qwen LoRA v1 Text to Image ›
            Request Parameters › webhook (R53, R57).
        webhook_events_filter: The events to report. At least 1 item. Source: Qwen LoRA v1
            Text to Image › Request Parameters › webhook_events_filter (R54, R101).
        undocumented: Further fields of the body, sent as they are.

    Raises:
        InvalidRequest: with everything that the documents do not allow.
    """

    model_id: ClassVar[str] = "qwen-image-edit-plus-lora"
    model: ClassVar[Model] = MODELS["qwen-image-edit-plus-lora"]

    prompt: str
    """The picture or the edit, in words. Required. At least 1 character. Source: Qwen LoRA v1 Text
    to Image › Request Parameters › prompt (R59)."""

    image_urls: tuple[str, ...]
    """One to ten reference pictures. Required. 1 to 10 items. Source: Qwen LoRA v1 Text to Image ›
    Request Parameters › image_urls (R68, R101)."""

    image_size: str | Mapping[str, int] | None
    """Size of the result, by name or in pixels. Source: Qwen LoRA v1 Text to Image › Request
    Parameters › image_size (R62, R64, R71)."""

    num_inference_steps: int | None
    """Steps of inference; more are better and slower. At least 1. Source: Qwen LoRA v1 Text to
    Image › Request Parameters › num_inference_steps (R63, R64, R65)."""

    seed: int | None
    """Makes the result repeatable. Source: Qwen LoRA v1 Text to Image › Request Parameters › seed
    (R63, R64, R66)."""

    guidance_scale: float | None
    """How strictly the prompt is followed. 1 to 20. Source: Qwen LoRA v1 Text to Image › Request
    Parameters › guidance_scale (R64)."""

    num_images: int | None
    """Number of pictures. 1 to 4. Source: Qwen LoRA v1 Text to Image › Request Parameters ›
    num_images (R63, R64)."""

    output_format: Literal["png", "jpeg"] | None
    """File format of the pictures. Source: Qwen LoRA v1 Text to Image › Request Parameters ›
    output_format (R64, R72)."""

    negative_prompt: str | None
    """What the result shall not show. Source: Qwen LoRA v1 Text to Image › Request Parameters ›
    negative_prompt (R60, R64)."""

    acceleration: Literal["none", "regular"] | None
    """How much to hurry. Source: Qwen LoRA v1 Text to Image › Request Parameters › acceleration
    (R64, R73)."""

    enable_safety_checker: bool | None
    """Filter unsafe results. Source: Qwen LoRA v1 Text to Image › Request Parameters ›
    enable_safety_checker (R64, R67)."""

    webhook: str | None
    """Where the gateway shall report events. Source: Qwen LoRA v1 Text to Image › Request
    Parameters › webhook (R53, R57)."""

    webhook_events_filter: tuple[Literal["start", "complete", "*"], ...] | None
    """The events to report. At least 1 item. Source: Qwen LoRA v1 Text to Image › Request
    Parameters › webhook_events_filter (R54, R101)."""

    undocumented: Mapping[str, JSON]
    """Further fields of the body, sent as they are."""

    def __init__(
        self,
        *,
        prompt: str,
        image_urls: list[str] | tuple[str, ...],
        image_size: str | Mapping[str, int] | None = None,
        num_inference_steps: int | None = None,
        seed: int | None = None,
        guidance_scale: float | None = None,
        num_images: int | None = None,
        output_format: Literal["png", "jpeg"] | None = None,
        negative_prompt: str | None = None,
        acceleration: Literal["none", "regular"] | None = None,
        enable_safety_checker: bool | None = None,
        webhook: str | None = None,
        webhook_events_filter: list[Literal["start", "complete", "*"]]
        | tuple[Literal["start", "complete", "*"], ...]
        | None = None,
        undocumented: Mapping[str, JSON] | None = None,
    ) -> None:
        self._fill(
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
            undocumented=undocumented,
        )


@define(frozen=True, init=False, repr=False, slots=True)
class QwenImageEditPlusTrainer(Request):
    """Train a LoRA adapter for Qwen Image Edit Plus.

    Queues a training run on an archive of picture pairs; the result is an adapter file.

    Costs 0.04 USD a request (R12, R13).
    Queued. Source: Qwen LoRA v1 Image to Image (LoRA Trainer) API Documentation. Rulings: R01,
    R05, R07, R08, R13, R20 (spec/RULINGS.md, or ``pixazo explain R01``).

    Args:
        image_data_url: A zip archive of picture pairs. Required. Source: Qwen LoRA v1 Trainer
            › Request Parameters › image_data_url (R68, R77).
        learning_rate: Learning rate of the adapter. 0 to 1. Source: Qwen LoRA v1 Trainer ›
            Request Parameters › learning_rate (R64, R76).
        steps: Steps of training. 1 to 10000. Source: Qwen LoRA v1 Trainer › Request
            Parameters › steps (R63, R64).
        default_caption: The caption of pictures that have none. Source: Qwen LoRA v1 Trainer
            › Request Parameters › default_caption (R60, R64).
        reference_image_count: Reference pictures an entry. 1 to 10. Source: Qwen LoRA v1
            Trainer › Request Parameters › reference_image_count (R63, R64).
        webhook: Where the gateway shall report events. Source: Qwen LoRA v1 Trainer › Request
            Parameters › webhook (R53, R57).
        webhook_events_filter: The events to report. At least 1 item. Source: Qwen LoRA v1
            Trainer › Request Parameters › webhook_events_filter (R54, R101).
        undocumented: Further fields of the body, sent as they are.

    Raises:
        InvalidRequest: with everything that the documents do not allow.
    """

    model_id: ClassVar[str] = "qwen-image-edit-plus-trainer"
    model: ClassVar[Model] = MODELS["qwen-image-edit-plus-trainer"]

    image_data_url: str
    """A zip archive of picture pairs. Required. Source: Qwen LoRA v1 Trainer › Request Parameters
    › image_data_url (R68, R77)."""

    learning_rate: float | None
    """Learning rate of the adapter. 0 to 1. Source: Qwen LoRA v1 Trainer › Request Parameters ›
    learning_rate (R64, R76)."""

    steps: int | None
    """Steps of training. 1 to 10000. Source: Qwen LoRA v1 Trainer › Request Parameters › steps
    (R63, R64)."""

    default_caption: str | None
    """The caption of pictures that have none. Source: Qwen LoRA v1 Trainer › Request Parameters ›
    default_caption (R60, R64)."""

    reference_image_count: int | None
    """Reference pictures an entry. 1 to 10. Source: Qwen LoRA v1 Trainer › Request Parameters ›
    reference_image_count (R63, R64)."""

    webhook: str | None
    """Where the gateway shall report events. Source: Qwen LoRA v1 Trainer › Request Parameters ›
    webhook (R53, R57)."""

    webhook_events_filter: tuple[Literal["start", "complete", "*"], ...] | None
    """The events to report. At least 1 item. Source: Qwen LoRA v1 Trainer › Request Parameters ›
    webhook_events_filter (R54, R101)."""

    undocumented: Mapping[str, JSON]
    """Further fields of the body, sent as they are."""

    def __init__(
        self,
        *,
        image_data_url: str,
        learning_rate: float | None = None,
        steps: int | None = None,
        default_caption: str | None = None,
        reference_image_count: int | None = None,
        webhook: str | None = None,
        webhook_events_filter: list[Literal["start", "complete", "*"]]
        | tuple[Literal["start", "complete", "*"], ...]
        | None = None,
        undocumented: Mapping[str, JSON] | None = None,
    ) -> None:
        self._fill(
            image_data_url=image_data_url,
            learning_rate=learning_rate,
            steps=steps,
            default_caption=default_caption,
            reference_image_count=reference_image_count,
            webhook=webhook,
            webhook_events_filter=webhook_events_filter,
            undocumented=undocumented,
        )


@define(frozen=True, init=False, repr=False, slots=True)
class QwenImageLayered(Request):
    """Split a picture into transparent layers.

    Queues the decomposition of one picture; each result is one layer with transparency.

    Costs 0.05 USD a request (R12).
    Queued. Source: Qwen LoRA v1 Image to Image (Image Editing — Layered) API Documentation.
    Rulings: R01, R05, R07, R08, R20, R89 (spec/RULINGS.md, or ``pixazo explain R01``).

    Args:
        image_url: The picture to split. Required. Source: Qwen LoRA v1 Layered › Request
            Parameters › image_url (R68).
        num_inference_steps: Steps of denoising; more are finer and slower. At least 1.
            Source: Qwen LoRA v1 Layered › Request Parameters › num_inference_steps (R64, R65).
        guidance_scale: How strictly the structure of the picture is followed. Source: Qwen
            LoRA v1 Layered › Request Parameters › guidance_scale (R64, R65).
        num_images: Number of layer sets; only one at present. Only 1. Source: Qwen LoRA v1
            Layered › Request Parameters › num_images (R64, R74).
        enable_safety_checker: Filter unsafe results. Source: Qwen LoRA v1 Layered › Request
            Parameters › enable_safety_checker (R64, R67).
        output_format: File format of the layers; only png at present. Source: Qwen LoRA v1
            Layered › Request Parameters › output_format (R64, R72, R74).
        acceleration: How much to hurry; faster is coarser. Source: Qwen LoRA v1 Layered ›
            Request Parameters › acceleration (R64, R73).
        undocumented: Further fields of the body, sent as they are.

    Raises:
        InvalidRequest: with everything that the documents do not allow.
    """

    model_id: ClassVar[str] = "qwen-image-layered"
    model: ClassVar[Model] = MODELS["qwen-image-layered"]

    image_url: str
    """The picture to split. Required. Source: Qwen LoRA v1 Layered › Request Parameters ›
    image_url (R68)."""

    num_inference_steps: int | None
    """Steps of denoising; more are finer and slower. At least 1. Source: Qwen LoRA v1 Layered ›
    Request Parameters › num_inference_steps (R64, R65)."""

    guidance_scale: float | None
    """How strictly the structure of the picture is followed. Source: Qwen LoRA v1 Layered ›
    Request Parameters › guidance_scale (R64, R65)."""

    num_images: int | None
    """Number of layer sets; only one at present. Only 1. Source: Qwen LoRA v1 Layered › Request
    Parameters › num_images (R64, R74)."""

    enable_safety_checker: bool | None
    """Filter unsafe results. Source: Qwen LoRA v1 Layered › Request Parameters ›
    enable_safety_checker (R64, R67)."""

    output_format: Literal["png"] | None
    """File format of the layers; only png at present. Source: Qwen LoRA v1 Layered › Request
    Parameters › output_format (R64, R72, R74)."""

    acceleration: Literal["regular", "fast"] | None
    """How much to hurry; faster is coarser. Source: Qwen LoRA v1 Layered › Request Parameters ›
    acceleration (R64, R73)."""

    undocumented: Mapping[str, JSON]
    """Further fields of the body, sent as they are."""

    def __init__(
        self,
        *,
        image_url: str,
        num_inference_steps: int | None = None,
        guidance_scale: float | None = None,
        num_images: int | None = None,
        enable_safety_checker: bool | None = None,
        output_format: Literal["png"] | None = None,
        acceleration: Literal["regular", "fast"] | None = None,
        undocumented: Mapping[str, JSON] | None = None,
    ) -> None:
        self._fill(
            image_url=image_url,
            num_inference_steps=num_inference_steps,
            guidance_scale=guidance_scale,
            num_images=num_images,
            enable_safety_checker=enable_safety_checker,
            output_format=output_format,
            acceleration=acceleration,
            undocumented=undocumented,
        )


REQUESTS: Final[Mapping[str, type[Request]]] = MappingProxyType(
    {
        "qwen-image-max-edit": QwenImageMaxEdit,
        "qwen-image-max": QwenImageMax,
        "qwen-image-edit": QwenImageEdit,
        "qwen-image": QwenImage,
        "qwen-image-edit-plus-lora": QwenImageEditPlusLora,
        "qwen-image-edit-plus-trainer": QwenImageEditPlusTrainer,
        "qwen-image-layered": QwenImageLayered,
    }
)
"""Every request class by the id of its model, in the order of the document."""


def request_class(model_id: str) -> type[Request]:
    """Return the request class of the model.

    Raises:
        InvalidRequest: the catalogue has no such model.
    """
    return choose(REQUESTS, model_id)


def request_from_dict(flat: Mapping[str, Any]) -> Request:
    """Return the request that ``to_dict`` wrote, of whichever class it was.

    Raises:
        InvalidRequest: no model or an unknown one is named, or the request is not allowed.
    """
    named = json_object("a model", flat)
    return choose(REQUESTS, named.get("model")).from_dict(named)


def request_from_json(text: str | bytes) -> Request:
    """Return the request that ``to_json`` wrote, of whichever class it was.

    Raises:
        InvalidRequest: as ``request_from_dict``, and for a text that is no JSON object.
    """
    return request_from_dict(parsed(text, "a model"))
