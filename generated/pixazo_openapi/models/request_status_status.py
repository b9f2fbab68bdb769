# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from typing import Literal

RequestStatusStatus = Literal["COMPLETED", "ERROR", "FAILED", "PROCESSING", "QUEUED"]

REQUEST_STATUS_STATUS_VALUES: set[RequestStatusStatus] = {
    "COMPLETED",
    "ERROR",
    "FAILED",
    "PROCESSING",
    "QUEUED",
}


def check_request_status_status(value: str) -> RequestStatusStatus:
    if value in REQUEST_STATUS_STATUS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {REQUEST_STATUS_STATUS_VALUES!r}")
