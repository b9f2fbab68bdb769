# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from typing import Literal

SubmitReceiptStatus = Literal["QUEUED"]

SUBMIT_RECEIPT_STATUS_VALUES: set[SubmitReceiptStatus] = {
    "QUEUED",
}


def check_submit_receipt_status(value: str) -> SubmitReceiptStatus:
    if value in SUBMIT_RECEIPT_STATUS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {SUBMIT_RECEIPT_STATUS_VALUES!r}")
