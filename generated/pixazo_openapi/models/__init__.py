# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
"""Contains all the data models used in inputs/outputs"""

from .answer_image import AnswerImage
from .answer_part import AnswerPart
from .choice import Choice
from .choice_message import ChoiceMessage
from .choice_message_role import ChoiceMessageRole
from .choices_answer import ChoicesAnswer
from .choices_output import ChoicesOutput
from .edit_input import EditInput
from .edit_message import EditMessage
from .edit_message_role import EditMessageRole
from .edit_parameters import EditParameters
from .error_body import ErrorBody
from .generate_qwen_image_cache_control import GenerateQwenImageCacheControl
from .generate_qwen_image_edit_cache_control import GenerateQwenImageEditCacheControl
from .image_part import ImagePart
from .images_answer import ImagesAnswer
from .media_output import MediaOutput
from .pixel_size import PixelSize
from .qwen_image_edit_plus_lora_request import QwenImageEditPlusLoraRequest
from .qwen_image_edit_plus_lora_request_acceleration import QwenImageEditPlusLoraRequestAcceleration
from .qwen_image_edit_plus_lora_request_output_format import (
    QwenImageEditPlusLoraRequestOutputFormat,
)
from .qwen_image_edit_plus_trainer_request import QwenImageEditPlusTrainerRequest
from .qwen_image_edit_request import QwenImageEditRequest
from .qwen_image_edit_request_model import QwenImageEditRequestModel
from .qwen_image_layered_request import QwenImageLayeredRequest
from .qwen_image_layered_request_acceleration import QwenImageLayeredRequestAcceleration
from .qwen_image_layered_request_output_format import QwenImageLayeredRequestOutputFormat
from .qwen_image_max_edit_request import QwenImageMaxEditRequest
from .qwen_image_max_edit_request_output_format import QwenImageMaxEditRequestOutputFormat
from .qwen_image_max_request import QwenImageMaxRequest
from .qwen_image_max_request_image_size import QwenImageMaxRequestImageSize
from .qwen_image_max_request_output_format import QwenImageMaxRequestOutputFormat
from .qwen_image_request import QwenImageRequest
from .qwen_image_request_model import QwenImageRequestModel
from .request_status import RequestStatus
from .request_status_status import RequestStatusStatus
from .submit_qwen_image_layered_cache_control import SubmitQwenImageLayeredCacheControl
from .submit_qwen_image_max_cache_control import SubmitQwenImageMaxCacheControl
from .submit_qwen_image_max_edit_cache_control import SubmitQwenImageMaxEditCacheControl
from .submit_receipt import SubmitReceipt
from .submit_receipt_status import SubmitReceiptStatus
from .text_input import TextInput
from .text_message import TextMessage
from .text_message_role import TextMessageRole
from .text_part import TextPart
from .text_to_image_parameters import TextToImageParameters
from .text_to_image_parameters_size import TextToImageParametersSize
from .usage import Usage
from .webhook_event import WebhookEvent

__all__ = (
    "AnswerImage",
    "AnswerPart",
    "Choice",
    "ChoiceMessage",
    "ChoiceMessageRole",
    "ChoicesAnswer",
    "ChoicesOutput",
    "EditInput",
    "EditMessage",
    "EditMessageRole",
    "EditParameters",
    "ErrorBody",
    "GenerateQwenImageCacheControl",
    "GenerateQwenImageEditCacheControl",
    "ImagePart",
    "ImagesAnswer",
    "MediaOutput",
    "PixelSize",
    "QwenImageEditPlusLoraRequest",
    "QwenImageEditPlusLoraRequestAcceleration",
    "QwenImageEditPlusLoraRequestOutputFormat",
    "QwenImageEditPlusTrainerRequest",
    "QwenImageEditRequest",
    "QwenImageEditRequestModel",
    "QwenImageLayeredRequest",
    "QwenImageLayeredRequestAcceleration",
    "QwenImageLayeredRequestOutputFormat",
    "QwenImageMaxEditRequest",
    "QwenImageMaxEditRequestOutputFormat",
    "QwenImageMaxRequest",
    "QwenImageMaxRequestImageSize",
    "QwenImageMaxRequestOutputFormat",
    "QwenImageRequest",
    "QwenImageRequestModel",
    "RequestStatus",
    "RequestStatusStatus",
    "SubmitQwenImageLayeredCacheControl",
    "SubmitQwenImageMaxCacheControl",
    "SubmitQwenImageMaxEditCacheControl",
    "SubmitReceipt",
    "SubmitReceiptStatus",
    "TextInput",
    "TextMessage",
    "TextMessageRole",
    "TextPart",
    "TextToImageParameters",
    "TextToImageParametersSize",
    "Usage",
    "WebhookEvent",
)
