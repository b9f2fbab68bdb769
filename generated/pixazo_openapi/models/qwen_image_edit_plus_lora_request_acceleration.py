# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from typing import Literal

QwenImageEditPlusLoraRequestAcceleration = Literal["none", "regular"]

QWEN_IMAGE_EDIT_PLUS_LORA_REQUEST_ACCELERATION_VALUES: set[
    QwenImageEditPlusLoraRequestAcceleration
] = {
    "none",
    "regular",
}


def check_qwen_image_edit_plus_lora_request_acceleration(
    value: str,
) -> QwenImageEditPlusLoraRequestAcceleration:
    if value in QWEN_IMAGE_EDIT_PLUS_LORA_REQUEST_ACCELERATION_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {QWEN_IMAGE_EDIT_PLUS_LORA_REQUEST_ACCELERATION_VALUES!r}"
    )
