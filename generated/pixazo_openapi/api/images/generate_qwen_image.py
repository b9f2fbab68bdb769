# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from typing import Any, cast

from ...models.choices_answer import ChoicesAnswer
from ...models.error_body import ErrorBody
from ...models.generate_qwen_image_cache_control import (
    GenerateQwenImageCacheControl,
)
from ...models.images_answer import ImagesAnswer
from ...models.qwen_image_request import QwenImageRequest
from ...types import UNSET, Call, Unset


def build(
    *,
    body: QwenImageRequest,
    cache_control: GenerateQwenImageCacheControl | Unset = UNSET,
) -> Call:
    """Return the call of this operation: Draw a picture from a text with Qwen Image, answered directly."""
    headers: dict[str, str] = {}
    if not isinstance(cache_control, Unset):
        headers["Cache-Control"] = str(cache_control)

    return Call(
        method="post",
        path="/qwen-image/v1/generateMultimodeTextToImageRequest",
        headers=headers,
        body=body.to_dict(),
    )


def parse(status_code: int, body: Any) -> ChoicesAnswer | ImagesAnswer | ErrorBody | None:
    """Return the answer as its model; None when the document knows no such status.

    Args:
        status_code: the HTTP status.
        body: the decoded JSON body.

    Raises:
        KeyError, TypeError, ValueError: the body is not what the document says.
    """
    if status_code == 200:

        def _parse_response_200(data: object) -> ChoicesAnswer | ImagesAnswer:
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_text_to_image_answer_type_0 = ImagesAnswer.from_dict(
                    cast("dict[str, Any]", data)
                )

                return componentsschemas_text_to_image_answer_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, dict):
                raise TypeError()
            componentsschemas_text_to_image_answer_type_1 = ChoicesAnswer.from_dict(
                cast("dict[str, Any]", data)
            )

            return componentsschemas_text_to_image_answer_type_1

        response_200 = _parse_response_200(body)

        return response_200
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
