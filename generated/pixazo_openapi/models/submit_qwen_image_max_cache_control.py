# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from typing import Literal

SubmitQwenImageMaxCacheControl = Literal["no-cache"]

SUBMIT_QWEN_IMAGE_MAX_CACHE_CONTROL_VALUES: set[SubmitQwenImageMaxCacheControl] = {
    "no-cache",
}


def check_submit_qwen_image_max_cache_control(value: str) -> SubmitQwenImageMaxCacheControl:
    if value in SUBMIT_QWEN_IMAGE_MAX_CACHE_CONTROL_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {SUBMIT_QWEN_IMAGE_MAX_CACHE_CONTROL_VALUES!r}"
    )
