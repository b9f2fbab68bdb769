# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from typing import Any, cast

from ...models.error_body import ErrorBody
from ...models.qwen_image_max_edit_request import QwenImageMaxEditRequest
from ...models.submit_qwen_image_max_edit_cache_control import (
    SubmitQwenImageMaxEditCacheControl,
)
from ...models.submit_receipt import SubmitReceipt
from ...types import UNSET, Call, Unset


def build(
    *,
    body: QwenImageMaxEditRequest,
    cache_control: SubmitQwenImageMaxEditCacheControl | Unset = UNSET,
    x_webhook_url: str | Unset = UNSET,
) -> Call:
    """Return the call of this operation: Edit a picture with Qwen Image Max."""
    headers: dict[str, str] = {}
    if not isinstance(cache_control, Unset):
        headers["Cache-Control"] = str(cache_control)

    if not isinstance(x_webhook_url, Unset):
        headers["X-Webhook-URL"] = x_webhook_url

    return Call(
        method="post",
        path="/qwen-image-max-edit/v1/qwen-image-max-edit-request",
        headers=headers,
        body=body.to_dict(),
    )


def parse(status_code: int, body: Any) -> ErrorBody | SubmitReceipt | None:
    """Return the answer as its model; None when the document knows no such status.

    Args:
        status_code: the HTTP status.
        body: the decoded JSON body.

    Raises:
        KeyError, TypeError, ValueError: the body is not what the document says.
    """
    if status_code == 202:
        response_202 = SubmitReceipt.from_dict(cast("dict[str, Any]", body))

        return response_202
    if status_code == 400:
        response_400 = ErrorBody.from_dict(cast("dict[str, Any]", body))

        return response_400
    if status_code == 401:
        response_401 = ErrorBody.from_dict(cast("dict[str, Any]", body))

        return response_401
    if status_code == 402:
        response_402 = ErrorBody.from_dict(cast("dict[str, Any]", body))

        return response_402
    if status_code == 403:
        response_403 = ErrorBody.from_dict(cast("dict[str, Any]", body))

        return response_403
    if status_code == 404:
        response_404 = ErrorBody.from_dict(cast("dict[str, Any]", body))

        return response_404
    if status_code == 429:
        response_429 = ErrorBody.from_dict(cast("dict[str, Any]", body))

        return response_429
    if status_code == 500:
        response_500 = ErrorBody.from_dict(cast("dict[str, Any]", body))

        return response_500
    return None
