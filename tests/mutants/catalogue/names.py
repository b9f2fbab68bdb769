"""Short names of the models and of the states of a job."""

from __future__ import annotations

EDIT, LAYERED, LORA = "qwen-image-edit", "qwen-image-layered", "qwen-image-edit-plus-lora"
MAX, MAX_EDIT = "qwen-image-max", "qwen-image-max-edit"
T2I, TRAINER = "qwen-image", "qwen-image-edit-plus-trainer"

PENDING, ENDED = ("QUEUED", "PROCESSING"), ("COMPLETED", "FAILED", "ERROR")
FAILURES = ("FAILED", "ERROR")
