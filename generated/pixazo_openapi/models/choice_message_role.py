# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from typing import Literal

ChoiceMessageRole = Literal["assistant"]

CHOICE_MESSAGE_ROLE_VALUES: set[ChoiceMessageRole] = {
    "assistant",
}


def check_choice_message_role(value: str) -> ChoiceMessageRole:
    if value in CHOICE_MESSAGE_ROLE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {CHOICE_MESSAGE_ROLE_VALUES!r}")
