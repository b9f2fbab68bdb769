# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from typing import Literal

WebhookEvent = Literal["*", "complete", "start"]

WEBHOOK_EVENT_VALUES: set[WebhookEvent] = {
    "*",
    "complete",
    "start",
}


def check_webhook_event(value: str) -> WebhookEvent:
    if value in WEBHOOK_EVENT_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {WEBHOOK_EVENT_VALUES!r}")
