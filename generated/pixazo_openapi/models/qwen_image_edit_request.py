# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.qwen_image_edit_request_model import (
    QwenImageEditRequestModel,
    check_qwen_image_edit_request_model,
)
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.edit_input import EditInput
    from ..models.edit_parameters import EditParameters


T = TypeVar("T", bound="QwenImageEditRequest")


@_attrs_define
class QwenImageEditRequest:
    """Body of qwen-image-edit, nested.

    Attributes:
        model (QwenImageEditRequestModel): The model's own name.
        input_ (EditInput): What to edit.
        parameters (EditParameters | Unset): Optional settings (R80).
    """

    model: QwenImageEditRequestModel
    input_: EditInput
    parameters: EditParameters | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        """Return the model as it stands on the wire, without the fields that were not given."""
        model: str = self.model

        input_ = self.input_.to_dict()

        parameters: dict[str, Any] | Unset = UNSET
        if not isinstance(self.parameters, Unset):
            parameters = self.parameters.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict["model"] = model
        field_dict["input"] = input_
        if parameters is not UNSET:
            field_dict["parameters"] = parameters
        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        """Return the model of a decoded JSON object.

        Raises:
            KeyError, TypeError, ValueError: the object is not what the document says.
        """
        from ..models.edit_input import EditInput
        from ..models.edit_parameters import EditParameters

        d = dict(src_dict)
        model = check_qwen_image_edit_request_model(d.pop("model"))

        input_ = EditInput.from_dict(cast("dict[str, Any]", d.pop("input")))

        _parameters = d.pop("parameters", UNSET)
        parameters: EditParameters | Unset
        if isinstance(_parameters, Unset):
            parameters = UNSET
        else:
            parameters = EditParameters.from_dict(cast("dict[str, Any]", _parameters))

        qwen_image_edit_request = cls(
            model=model,
            input_=input_,
            parameters=parameters,
        )
        return qwen_image_edit_request
