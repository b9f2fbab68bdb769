# Made by `python -m codegen` from spec/openapi.yaml. Do not edit: change what it is made from.
from typing import Literal

TextToImageParametersSize = Literal["1024*1024", "1328*1328", "512*512", "768*768"]

TEXT_TO_IMAGE_PARAMETERS_SIZE_VALUES: set[TextToImageParametersSize] = {
    "1024*1024",
    "1328*1328",
    "512*512",
    "768*768",
}


def check_text_to_image_parameters_size(value: str) -> TextToImageParametersSize:
    if value in TEXT_TO_IMAGE_PARAMETERS_SIZE_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {TEXT_TO_IMAGE_PARAMETERS_SIZE_VALUES!r}"
    )
