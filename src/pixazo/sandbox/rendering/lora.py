"""A small, valid `.safetensors` file, written without the library."""

from __future__ import annotations

import hashlib
import json
import random
import struct
from collections.abc import Mapping

__all__ = ["train_lora"]

RANK, WIDTH, BLOCKS = 4, 64, 2


def train_lora(subject: str, metadata: Mapping[str, str]) -> bytes:
    """A LoRA adapter in the safetensors format: header length, JSON header, float16 tensors.

    Args:
        subject: decides the numbers; the same subject gives the same file.
        metadata: what the file says of itself.
    """
    chance = random.Random(hashlib.sha256(subject.encode("utf-8", "replace")).digest())  # noqa: S311
    header: dict[str, object] = {"__metadata__": dict(metadata)}
    tensors = bytearray()
    for name, shape in _tensors():
        count = shape[0] * shape[1]
        start = len(tensors)
        tensors += struct.pack(f"<{count}e", *(chance.gauss(0, 0.02) for _ in range(count)))
        header[name] = {"dtype": "F16", "shape": shape, "data_offsets": [start, len(tensors)]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + bytes(tensors)


def _tensors() -> list[tuple[str, list[int]]]:
    stem = "transformer.transformer_blocks"
    return [
        (f"{stem}.{block}.attn.to_{part}.lora_{side}.weight", shape)
        for block in range(BLOCKS)
        for part in ("q", "v")
        for side, shape in (("A", [RANK, WIDTH]), ("B", [WIDTH, RANK]))
    ]
