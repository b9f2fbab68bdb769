# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from typing import Literal

EditMessageRole = Literal["user"]

EDIT_MESSAGE_ROLE_VALUES: set[EditMessageRole] = {
    "user",
}


def check_edit_message_role(value: str) -> EditMessageRole:
    if value in EDIT_MESSAGE_ROLE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {EDIT_MESSAGE_ROLE_VALUES!r}")
