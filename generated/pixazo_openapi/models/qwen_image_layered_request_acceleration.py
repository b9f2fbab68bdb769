# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from typing import Literal

QwenImageLayeredRequestAcceleration = Literal["fast", "regular"]

QWEN_IMAGE_LAYERED_REQUEST_ACCELERATION_VALUES: set[QwenImageLayeredRequestAcceleration] = {
    "fast",
    "regular",
}


def check_qwen_image_layered_request_acceleration(
    value: str,
) -> QwenImageLayeredRequestAcceleration:
    if value in QWEN_IMAGE_LAYERED_REQUEST_ACCELERATION_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {QWEN_IMAGE_LAYERED_REQUEST_ACCELERATION_VALUES!r}"
    )
