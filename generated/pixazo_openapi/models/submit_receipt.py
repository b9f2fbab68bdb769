# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.submit_receipt_status import SubmitReceiptStatus, check_submit_receipt_status

T = TypeVar("T", bound="SubmitReceipt")


@_attrs_define
class SubmitReceipt:
    """The answer to a queued submission (R29, R30).

    Attributes:
        request_id (str): Identifies a request; opaque, begins with the model id (R28).
        status (SubmitReceiptStatus): Always QUEUED at this point (R30).
        polling_url (str): The status operation's URL for this request (R31).
    """

    request_id: str
    status: SubmitReceiptStatus
    polling_url: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict[str, Any])

    def to_dict(self) -> dict[str, Any]:
        """Return the model as it stands on the wire, without the fields that were not given."""
        request_id = self.request_id

        status: str = self.status

        polling_url = self.polling_url

        field_dict: dict[str, Any] = {**self.additional_properties}
        field_dict["request_id"] = request_id
        field_dict["status"] = status
        field_dict["polling_url"] = polling_url
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Return the model of a decoded JSON object.

        Raises:
            KeyError, TypeError, ValueError: the object is not what the document says.
        """
        d = dict(src_dict)
        request_id = d.pop("request_id")

        status = check_submit_receipt_status(d.pop("status"))

        polling_url = d.pop("polling_url")

        submit_receipt = cls(
            request_id=request_id,
            status=status,
            polling_url=polling_url,
        )
        submit_receipt.additional_properties = d
        return submit_receipt
