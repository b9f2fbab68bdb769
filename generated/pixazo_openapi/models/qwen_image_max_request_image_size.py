# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from typing import Literal

QwenImageMaxRequestImageSize = Literal["landscape_hd", "portrait_hd", "square_hd"]

QWEN_IMAGE_MAX_REQUEST_IMAGE_SIZE_VALUES: set[QwenImageMaxRequestImageSize] = {
    "landscape_hd",
    "portrait_hd",
    "square_hd",
}


def check_qwen_image_max_request_image_size(value: str) -> QwenImageMaxRequestImageSize:
    if value in QWEN_IMAGE_MAX_REQUEST_IMAGE_SIZE_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {QWEN_IMAGE_MAX_REQUEST_IMAGE_SIZE_VALUES!r}"
    )
