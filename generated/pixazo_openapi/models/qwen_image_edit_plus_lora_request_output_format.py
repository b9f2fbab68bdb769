# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from typing import Literal

QwenImageEditPlusLoraRequestOutputFormat = Literal["jpeg", "png"]

QWEN_IMAGE_EDIT_PLUS_LORA_REQUEST_OUTPUT_FORMAT_VALUES: set[
    QwenImageEditPlusLoraRequestOutputFormat
] = {
    "jpeg",
    "png",
}


def check_qwen_image_edit_plus_lora_request_output_format(
    value: str,
) -> QwenImageEditPlusLoraRequestOutputFormat:
    if value in QWEN_IMAGE_EDIT_PLUS_LORA_REQUEST_OUTPUT_FORMAT_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {QWEN_IMAGE_EDIT_PLUS_LORA_REQUEST_OUTPUT_FORMAT_VALUES!r}"
    )
