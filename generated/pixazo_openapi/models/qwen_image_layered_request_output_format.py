# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from typing import Literal

QwenImageLayeredRequestOutputFormat = Literal["png"]

QWEN_IMAGE_LAYERED_REQUEST_OUTPUT_FORMAT_VALUES: set[QwenImageLayeredRequestOutputFormat] = {
    "png",
}


def check_qwen_image_layered_request_output_format(
    value: str,
) -> QwenImageLayeredRequestOutputFormat:
    if value in QWEN_IMAGE_LAYERED_REQUEST_OUTPUT_FORMAT_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {QWEN_IMAGE_LAYERED_REQUEST_OUTPUT_FORMAT_VALUES!r}"
    )
