# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from typing import Literal

SubmitQwenImageLayeredCacheControl = Literal["no-cache"]

SUBMIT_QWEN_IMAGE_LAYERED_CACHE_CONTROL_VALUES: set[SubmitQwenImageLayeredCacheControl] = {
    "no-cache",
}


def check_submit_qwen_image_layered_cache_control(value: str) -> SubmitQwenImageLayeredCacheControl:
    if value in SUBMIT_QWEN_IMAGE_LAYERED_CACHE_CONTROL_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {SUBMIT_QWEN_IMAGE_LAYERED_CACHE_CONTROL_VALUES!r}"
    )
