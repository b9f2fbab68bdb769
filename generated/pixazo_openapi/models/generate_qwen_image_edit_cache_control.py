# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from typing import Literal

GenerateQwenImageEditCacheControl = Literal["no-cache"]

GENERATE_QWEN_IMAGE_EDIT_CACHE_CONTROL_VALUES: set[GenerateQwenImageEditCacheControl] = {
    "no-cache",
}


def check_generate_qwen_image_edit_cache_control(value: str) -> GenerateQwenImageEditCacheControl:
    if value in GENERATE_QWEN_IMAGE_EDIT_CACHE_CONTROL_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {GENERATE_QWEN_IMAGE_EDIT_CACHE_CONTROL_VALUES!r}"
    )
