# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.request_status_status import RequestStatusStatus, check_request_status_status
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.media_output import MediaOutput


T = TypeVar("T", bound="RequestStatus")


@_attrs_define
class RequestStatus:
    """What is known of a queued request. Which fields must be there depends on the status (R32, R33).

    Attributes:
        request_id (str): Identifies a request; opaque, begins with the model id (R28).
        status (RequestStatusStatus): The state; an ERROR is not charged, a FAILED request may be
            (R14, R15).
        model_id (str): The model at work, in lower case (R05).
        error (None | str | Unset): Why the request failed (R36).
        output (MediaOutput | None | Unset): The result, once COMPLETED (R35).
        created_at (datetime.datetime | Unset): A moment with its zone, ISO 8601 (R44).
        updated_at (datetime.datetime | Unset): A moment with its zone, ISO 8601 (R44).
        completed_at (datetime.datetime | None | Unset): When the request ended (R44).
    """

    request_id: str
    status: RequestStatusStatus
    model_id: str
    error: None | str | Unset = UNSET
    output: MediaOutput | None | Unset = UNSET
    created_at: datetime.datetime | Unset = UNSET
    updated_at: datetime.datetime | Unset = UNSET
    completed_at: datetime.datetime | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict[str, Any])

    def to_dict(self) -> dict[str, Any]:
        """Return the model as it stands on the wire, without the fields that were not given."""
        from ..models.media_output import MediaOutput

        request_id = self.request_id

        status: str = self.status

        model_id = self.model_id

        error: None | str | Unset
        if isinstance(self.error, Unset):
            error = UNSET
        else:
            error = self.error

        output: dict[str, Any] | None | Unset
        if isinstance(self.output, Unset):
            output = UNSET
        elif isinstance(self.output, MediaOutput):
            output = self.output.to_dict()

        else:
            output = self.output

        created_at: str | Unset = UNSET
        if not isinstance(self.created_at, Unset):
            created_at = self.created_at.isoformat()

        updated_at: str | Unset = UNSET
        if not isinstance(self.updated_at, Unset):
            updated_at = self.updated_at.isoformat()

        completed_at: None | str | Unset
        if isinstance(self.completed_at, Unset):
            completed_at = UNSET
        elif isinstance(self.completed_at, datetime.datetime):
            completed_at = self.completed_at.isoformat()
        else:
            completed_at = self.completed_at

        field_dict: dict[str, Any] = {**self.additional_properties}
        field_dict["request_id"] = request_id
        field_dict["status"] = status
        field_dict["model_id"] = model_id
        if error is not UNSET:
            field_dict["error"] = error
        if output is not UNSET:
            field_dict["output"] = output
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if updated_at is not UNSET:
            field_dict["updated_at"] = updated_at
        if completed_at is not UNSET:
            field_dict["completed_at"] = completed_at
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Return the model of a decoded JSON object.

        Raises:
            KeyError, TypeError, ValueError: the object is not what the document says.
        """
        from ..models.media_output import MediaOutput

        d = dict(src_dict)
        request_id = d.pop("request_id")

        status = check_request_status_status(d.pop("status"))

        model_id = d.pop("model_id")

        def _parse_error(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        error = _parse_error(d.pop("error", UNSET))

        def _parse_output(data: object) -> MediaOutput | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                output_type_0 = MediaOutput.from_dict(cast("dict[str, Any]", data))

                return output_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(MediaOutput | None | Unset, data)

        output = _parse_output(d.pop("output", UNSET))

        _created_at = d.pop("created_at", UNSET)
        created_at: datetime.datetime | Unset
        if isinstance(_created_at, Unset):
            created_at = UNSET
        else:
            created_at = datetime.datetime.fromisoformat(_created_at)

        _updated_at = d.pop("updated_at", UNSET)
        updated_at: datetime.datetime | Unset
        if isinstance(_updated_at, Unset):
            updated_at = UNSET
        else:
            updated_at = datetime.datetime.fromisoformat(_updated_at)

        def _parse_completed_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                completed_at_type_0 = datetime.datetime.fromisoformat(data)

                return completed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        completed_at = _parse_completed_at(d.pop("completed_at", UNSET))

        request_status = cls(
            request_id=request_id,
            status=status,
            model_id=model_id,
            error=error,
            output=output,
            created_at=created_at,
            updated_at=updated_at,
            completed_at=completed_at,
        )
        request_status.additional_properties = d
        return request_status
