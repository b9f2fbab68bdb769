"""What a job makes: a list of files, planned from the request and rendered when fetched."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from PIL import Image

from pixazo.sandbox.rendering.layers import LAND_LAYERS, split
from pixazo.sandbox.rendering.lora import train_lora
from pixazo.sandbox.rendering.pictures import FORMATS, draw_picture, encode, finish
from pixazo.sandbox.rendering.scenes import Scene, plan_scene
from pixazo.sandbox.rendering.sources import read_source, recolour

__all__ = ["Work", "render_work"]

Size = tuple[int, int]

LAYERS = LAND_LAYERS + 2
LONGEST_SUBJECT = 2_000
PREVIEW_SIDE = 512
STEP = 7919
"""From the seed of a picture to that of the next one."""


@dataclass(frozen=True, slots=True)
class Work:
    """Everything that the files of one job depend on.

    Args:
        kind: `image`, `layers` or `lora`, as the spec says.
        prompt: what was asked for, in words; may be empty.
        source: the input picture or archive, a URL or a data URI; may be empty.
        seed: the request's own seed, or the sandbox's.
        size: width and height in pixels.
        format: `png`, `jpeg` or `webp`.
        count: pictures, or sets of layers.
        details: other parameters by name, told in a LoRA file.
    """

    kind: str
    prompt: str = ""
    source: str = ""
    seed: int = 0
    size: Size = (1024, 1024)
    format: str = "png"
    count: int = 1
    details: tuple[tuple[str, str], ...] = ()

    @property
    def file_names(self) -> tuple[str, ...]:
        """One name a file, in order."""
        if self.kind == "lora":
            return ("output.safetensors",)
        number = self.count * (LAYERS if self.kind == "layers" else 1)
        return tuple(f"output-{index}.{self.format}" for index in range(number))

    @property
    def media_type(self) -> str:
        """The true media type of the files."""
        return FORMATS.get(self.format, "image/png") if self.kind != "lora" else BINARY

    @property
    def caption(self) -> str:
        """The words that stand in the picture."""
        return self.prompt or (self.source if not self.source.startswith("data:") else "")

    def scene(self, index: int = 0) -> Scene:
        """The plan of one picture of the job."""
        subject = _short(self.source or self.prompt)
        return plan_scene(subject, _short(self.prompt or self.source), self.seed + STEP * index)

    @property
    def preview(self) -> Work:
        """The same files with smaller pictures, which take a tenth of the time."""
        scale = min(1.0, PREVIEW_SIDE / max(self.size))
        width, height = (max(1, round(side * scale)) for side in self.size)
        return replace(self, size=(width, height))

    def part(self, index: int) -> tuple[Work, int]:
        """The least work that makes the file at `index`, and the file's place in that."""
        if self.kind == "lora":
            return self, index
        turn, place = divmod(index, LAYERS if self.kind == "layers" else 1)
        return replace(self, count=1, seed=self.seed + STEP * turn, details=()), place


BINARY = "application/octet-stream"


def render_work(work: Work) -> tuple[bytes, ...]:
    """The files of `work`, in the order of its names."""
    return RENDERERS[work.kind](work)


def _images(work: Work) -> tuple[bytes, ...]:
    return tuple(encode(_image(work, index), work.format) for index in range(work.count))


def _image(work: Work, index: int) -> Image.Image:
    scene, source = work.scene(index), read_source(work.source)
    if source is None:
        return draw_picture(scene, work.size, work.caption)
    if source.size != work.size:
        source = source.resize(work.size)  # pyright: ignore[reportUnknownMemberType] # numpy
    return finish(recolour(source, scene.palette), work.caption, band=True)


def _layers(work: Work) -> tuple[bytes, ...]:
    return tuple(
        encode(layer, work.format)
        for index in range(work.count)
        for layer in split(work.scene(index), work.size, work.caption)
    )


def _lora(work: Work) -> tuple[bytes, ...]:
    told = dict(work.details)
    subject = json.dumps([work.prompt, _short(work.source), work.seed, told], sort_keys=True)
    return (train_lora(subject, {"format": "pt", "made_by": "pixazo sandbox", **told}),)


RENDERERS: dict[str, Callable[[Work], tuple[bytes, ...]]] = {
    "image": _images,
    "layers": _layers,
    "lora": _lora,
}


def _short(text: str) -> str:
    if len(text) <= LONGEST_SUBJECT:
        return text
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
