# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from typing import Literal

SubmitQwenImageMaxEditCacheControl = Literal["no-cache"]

SUBMIT_QWEN_IMAGE_MAX_EDIT_CACHE_CONTROL_VALUES: set[SubmitQwenImageMaxEditCacheControl] = {
    "no-cache",
}


def check_submit_qwen_image_max_edit_cache_control(
    value: str,
) -> SubmitQwenImageMaxEditCacheControl:
    if value in SUBMIT_QWEN_IMAGE_MAX_EDIT_CACHE_CONTROL_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {SUBMIT_QWEN_IMAGE_MAX_EDIT_CACHE_CONTROL_VALUES!r}"
    )
