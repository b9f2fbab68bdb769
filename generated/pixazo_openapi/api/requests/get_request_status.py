# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from typing import Any, cast
from urllib.parse import quote

from ...models.error_body import ErrorBody
from ...models.request_status import RequestStatus
from ...types import Call


def build(
    request_id: str,
) -> Call:
    """Return the call of this operation: State and outcome of a queued request."""

    return Call(
        method="get",
        path="/v2/requests/status/{request_id}".format(
            request_id=quote(str(request_id), safe=""),
        ),
    )


def parse(status_code: int, body: Any) -> ErrorBody | RequestStatus | None:
    """Return the answer as its model; None when the document knows no such status.

    Args:
        status_code: the HTTP status.
        body: the decoded JSON body.

    Raises:
        KeyError, TypeError, ValueError: the body is not what the document says.
    """
    if status_code == 200:
        response_200 = RequestStatus.from_dict(cast("dict[str, Any]", body))

        return response_200
    if status_code == 401:
        response_401 = ErrorBody.from_dict(cast("dict[str, Any]", body))

        return response_401
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
