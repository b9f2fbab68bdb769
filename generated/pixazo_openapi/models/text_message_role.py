# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from typing import Literal

TextMessageRole = Literal["user"]

TEXT_MESSAGE_ROLE_VALUES: set[TextMessageRole] = {
    "user",
}


def check_text_message_role(value: str) -> TextMessageRole:
    if value in TEXT_MESSAGE_ROLE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {TEXT_MESSAGE_ROLE_VALUES!r}")
