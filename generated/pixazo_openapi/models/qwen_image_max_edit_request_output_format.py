# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from typing import Literal

QwenImageMaxEditRequestOutputFormat = Literal["jpeg", "png", "webp"]

QWEN_IMAGE_MAX_EDIT_REQUEST_OUTPUT_FORMAT_VALUES: set[QwenImageMaxEditRequestOutputFormat] = {
    "jpeg",
    "png",
    "webp",
}


def check_qwen_image_max_edit_request_output_format(
    value: str,
) -> QwenImageMaxEditRequestOutputFormat:
    if value in QWEN_IMAGE_MAX_EDIT_REQUEST_OUTPUT_FORMAT_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {QWEN_IMAGE_MAX_EDIT_REQUEST_OUTPUT_FORMAT_VALUES!r}"
    )
