# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from typing import Literal

QwenImageRequestModel = Literal["qwen-image"]

QWEN_IMAGE_REQUEST_MODEL_VALUES: set[QwenImageRequestModel] = {
    "qwen-image",
}


def check_qwen_image_request_model(value: str) -> QwenImageRequestModel:
    if value in QWEN_IMAGE_REQUEST_MODEL_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {QWEN_IMAGE_REQUEST_MODEL_VALUES!r}"
    )
