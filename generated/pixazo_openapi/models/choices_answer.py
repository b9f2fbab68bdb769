# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.choices_output import ChoicesOutput
    from ..models.usage import Usage


T = TypeVar("T", bound="ChoicesAnswer")


@_attrs_define
class ChoicesAnswer:
    """A direct answer with choices; the short form leaves most fields out (R84).

    Attributes:
        status_code (int): Repeats the HTTP status (R93).
        request_id (str): Identifies the call; has no model prefix and cannot be polled (R85).
        output (ChoicesOutput): The choices, one a picture.
        code (str | Unset): Empty on success (R86).
        message (str | Unset): Empty on success (R86).
        usage (Usage | Unset): What the call used (R86).
    """

    status_code: int
    request_id: str
    output: ChoicesOutput
    code: str | Unset = UNSET
    message: str | Unset = UNSET
    usage: Usage | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict[str, Any])

    def to_dict(self) -> dict[str, Any]:
        """Return the model as it stands on the wire, without the fields that were not given."""
        status_code = self.status_code

        request_id = self.request_id

        output = self.output.to_dict()

        code = self.code

        message = self.message

        usage: dict[str, Any] | Unset = UNSET
        if not isinstance(self.usage, Unset):
            usage = self.usage.to_dict()

        field_dict: dict[str, Any] = {**self.additional_properties}
        field_dict["status_code"] = status_code
        field_dict["request_id"] = request_id
        field_dict["output"] = output
        if code is not UNSET:
            field_dict["code"] = code
        if message is not UNSET:
            field_dict["message"] = message
        if usage is not UNSET:
            field_dict["usage"] = usage
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Return the model of a decoded JSON object.

        Raises:
            KeyError, TypeError, ValueError: the object is not what the document says.
        """
        from ..models.choices_output import ChoicesOutput
        from ..models.usage import Usage

        d = dict(src_dict)
        status_code = d.pop("status_code")

        request_id = d.pop("request_id")

        output = ChoicesOutput.from_dict(cast("dict[str, Any]", d.pop("output")))

        code = d.pop("code", UNSET)

        message = d.pop("message", UNSET)

        _usage = d.pop("usage", UNSET)
        usage: Usage | Unset
        if isinstance(_usage, Unset):
            usage = UNSET
        else:
            usage = Usage.from_dict(cast("dict[str, Any]", _usage))

        choices_answer = cls(
            status_code=status_code,
            request_id=request_id,
            output=output,
            code=code,
            message=message,
            usage=usage,
        )
        choices_answer.additional_properties = d
        return choices_answer
