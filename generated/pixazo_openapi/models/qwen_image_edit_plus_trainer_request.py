# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.webhook_event import WebhookEvent, check_webhook_event
from ..types import UNSET, Unset

T = TypeVar("T", bound="QwenImageEditPlusTrainerRequest")


@_attrs_define
class QwenImageEditPlusTrainerRequest:
    """Parameters of qwen-image-edit-plus-trainer.

    Attributes:
        image_data_url (str): A public http or https URL; https is advised (R68, R92).
        learning_rate (float | Unset): Learning rate of the adapter.
        steps (int | Unset): Steps of training.
        default_caption (str | Unset): The caption of pictures that have none.
        reference_image_count (int | Unset): Reference pictures an entry.
        webhook (str | Unset): An absolute http or https URL that the gateway can reach (R57).
        webhook_events_filter (list[WebhookEvent] | Unset): The events to report.
    """

    image_data_url: str
    learning_rate: float | Unset = UNSET
    steps: int | Unset = UNSET
    default_caption: str | Unset = UNSET
    reference_image_count: int | Unset = UNSET
    webhook: str | Unset = UNSET
    webhook_events_filter: list[WebhookEvent] | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """Return the model as it stands on the wire, without the fields that were not given."""
        image_data_url = self.image_data_url

        learning_rate = self.learning_rate

        steps = self.steps

        default_caption = self.default_caption

        reference_image_count = self.reference_image_count

        webhook = self.webhook

        webhook_events_filter: list[str] | Unset = UNSET
        if not isinstance(self.webhook_events_filter, Unset):
            webhook_events_filter = []
            for webhook_events_filter_item_data in self.webhook_events_filter:
                webhook_events_filter_item: str = webhook_events_filter_item_data
                webhook_events_filter.append(webhook_events_filter_item)

        field_dict: dict[str, Any] = {}
        field_dict["image_data_url"] = image_data_url
        if learning_rate is not UNSET:
            field_dict["learning_rate"] = learning_rate
        if steps is not UNSET:
            field_dict["steps"] = steps
        if default_caption is not UNSET:
            field_dict["default_caption"] = default_caption
        if reference_image_count is not UNSET:
            field_dict["reference_image_count"] = reference_image_count
        if webhook is not UNSET:
            field_dict["webhook"] = webhook
        if webhook_events_filter is not UNSET:
            field_dict["webhook_events_filter"] = webhook_events_filter
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Return the model of a decoded JSON object.

        Raises:
            KeyError, TypeError, ValueError: the object is not what the document says.
        """
        d = dict(src_dict)
        image_data_url = d.pop("image_data_url")

        learning_rate = d.pop("learning_rate", UNSET)

        steps = d.pop("steps", UNSET)

        default_caption = d.pop("default_caption", UNSET)

        reference_image_count = d.pop("reference_image_count", UNSET)

        webhook = d.pop("webhook", UNSET)

        _webhook_events_filter = d.pop("webhook_events_filter", UNSET)
        webhook_events_filter: list[WebhookEvent] | Unset = UNSET
        if _webhook_events_filter is not UNSET:
            webhook_events_filter = []
            for webhook_events_filter_item_data in _webhook_events_filter:
                webhook_events_filter_item = check_webhook_event(webhook_events_filter_item_data)

                webhook_events_filter.append(webhook_events_filter_item)

        qwen_image_edit_plus_trainer_request = cls(
            image_data_url=image_data_url,
            learning_rate=learning_rate,
            steps=steps,
            default_caption=default_caption,
            reference_image_count=reference_image_count,
            webhook=webhook,
            webhook_events_filter=webhook_events_filter,
        )
        return qwen_image_edit_plus_trainer_request
