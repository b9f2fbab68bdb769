"""From a scene to pixels, fast: drawn at twice the size, then reduced."""

from __future__ import annotations

import io
import textwrap
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from pixazo.sandbox.rendering.scenes import Disc, Plane, Scene

__all__ = ["FORMATS", "draw_picture", "draw_scene", "encode", "finish", "label", "mask_of", "sky"]

Size = tuple[int, int]

FORMATS = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
"""Formats that pictures can be encoded in, with their media types."""

SAVE_OPTIONS: dict[str, dict[str, int]] = {
    "png": {"compress_level": 1},
    "jpeg": {"quality": 90},
    "webp": {"quality": 88, "method": 0},
}
LARGEST_DOUBLED = 4_500_000
"""Pixels up to which a picture is drawn at twice the size; beyond that memory costs too much."""


def draw_picture(scene: Scene, size: Size, caption: str) -> Image.Image:
    """The finished picture: the scene with the SANDBOX label and its caption."""
    return finish(draw_scene(scene, size), caption)


def finish(picture: Image.Image, caption: str, *, band: bool = False) -> Image.Image:
    """A picture with the SANDBOX label and its caption, on a dark band if asked for."""
    whole = picture.convert("RGBA")
    whole.alpha_composite(label(picture.size, caption, band=band))
    return whole.convert("RGB")


def draw_scene(scene: Scene, size: Size) -> Image.Image:
    """The scene alone, opaque."""
    factor = 2 if size[0] * size[1] <= LARGEST_DOUBLED else 1
    large = (size[0] * factor, size[1] * factor)
    canvas = _resized(sky(scene, size), large, Image.Resampling.NEAREST)
    pen = ImageDraw.Draw(canvas)
    for light in scene.lights:
        _draw_disc(pen, light, large)
    for plane in scene.planes:
        _draw_plane(pen, plane, large)
    return canvas.reduce(factor) if factor > 1 else canvas


def sky(scene: Scene, size: Size) -> Image.Image:
    """The sky without its lights, but with their halos: a gradient from top to horizon."""
    colours = scene.palette.sky
    column = Image.new("RGB", (1, len(colours)))
    for row, colour in enumerate(colours):
        column.putpixel((0, row), colour)
    height = max(1, int(size[1] * 0.72))
    gradient = _resized(column, (1, height), Image.Resampling.BILINEAR)
    whole = Image.new("RGB", (1, size[1]), colours[-1])
    whole.paste(gradient, (0, 0))
    whole = _resized(whole, size, Image.Resampling.NEAREST)
    for light in scene.lights:
        if light.glow:
            _paste_halo(whole, light)
    return whole


def mask_of(plane: Plane, size: Size) -> Image.Image:
    """Where a plane is: 255 inside, 0 outside, nothing between."""
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).polygon(_points(plane, size), fill=255)
    return mask


def label(size: Size, caption: str, *, band: bool = False) -> Image.Image:
    """A clear layer with the word SANDBOX and the caption."""
    layer = Image.new("RGBA", size)
    pen = ImageDraw.Draw(layer)
    unit = max(9, min(size) // 38)
    margin = unit
    _pill(pen, (margin, margin), "SANDBOX", unit)
    words = _readable(caption)
    if words and min(size) >= 160:
        columns = max(12, int((size[0] - 2 * margin) / (unit * 0.62)))
        lines = textwrap.wrap(words, columns)[:3]
        if band:
            height = round(len(lines) * unit * 1.35) + 2 * margin
            pen.rectangle((0, size[1] - height, *size), fill=(10, 14, 24, 215))
        top = size[1] - margin - round(len(lines) * unit * 1.35)
        pen.multiline_text(
            (margin, top), "\n".join(lines), font=_font(unit), fill=(255, 255, 255, 235),
            stroke_width=max(1, unit // 12), stroke_fill=(10, 14, 24, 150), spacing=unit * 0.25,
        )  # fmt: skip
    return layer


def encode(picture: Image.Image, format_name: str) -> bytes:
    """The file of a picture; `format_name` is one of `FORMATS`."""
    if format_name == "jpeg" and picture.mode != "RGB":
        picture = picture.convert("RGB")
    file = io.BytesIO()
    picture.save(file, format_name.upper(), **SAVE_OPTIONS[format_name])
    return file.getvalue()


def _points(plane: Plane, size: Size) -> list[tuple[float, float]]:
    width, height = size
    line = [(x * width, y * height) for x, y in plane.outline]
    return [*line, (width, height), (0, height)]


def _draw_plane(pen: ImageDraw.ImageDraw, plane: Plane, size: Size) -> None:
    pen.polygon(_points(plane, size), fill=plane.colour)
    for light in plane.lights:
        _draw_spark(pen, light, size)


def _draw_spark(pen: ImageDraw.ImageDraw, light: Disc, size: Size) -> None:
    x, y, radius = light.x * size[0], light.y * size[1], light.radius * min(size)
    pen.rectangle(
        (x - radius * 2.4, y - radius * 0.6, x + radius * 2.4, y + radius * 0.6), light.colour
    )


def _draw_disc(pen: ImageDraw.ImageDraw, disc: Disc, size: Size) -> None:
    x, y, radius = disc.x * size[0], disc.y * size[1], disc.radius * min(size)
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=disc.colour)


def _paste_halo(canvas: Image.Image, disc: Disc) -> None:
    reach = max(1, round(disc.radius * disc.glow * min(canvas.size)))
    halo = _resized(_halo(), (2 * reach, 2 * reach), Image.Resampling.BILINEAR)
    corner = (round(disc.x * canvas.width) - reach, round(disc.y * canvas.height) - reach)
    canvas.paste(disc.colour, corner, halo)


@lru_cache(maxsize=1)
def _halo() -> Image.Image:
    """Light that fades from the middle to nothing at the rim."""
    fade = [round(190 * max(0.0, 1 - distance / 180) ** 2.2) for distance in range(256)]
    return Image.radial_gradient("L").point(fade)  # pyright: ignore[reportUnknownMemberType] # numpy


def _resized(picture: Image.Image, size: Size, how: Image.Resampling) -> Image.Image:
    return picture.resize(size, how)  # pyright: ignore[reportUnknownMemberType] # Pillow names numpy


def _pill(pen: ImageDraw.ImageDraw, corner: tuple[int, int], text: str, unit: int) -> None:
    font = _font(unit)
    left, top, right, bottom = pen.textbbox((0, 0), text, font=font)
    x, y = corner
    box = (x, y, x + right - left + unit * 1.2, y + bottom - top + unit * 0.8)
    pen.rounded_rectangle(box, radius=unit * 0.5, fill=(10, 14, 24, 170))
    pen.text(
        (x + unit * 0.6 - left, y + unit * 0.4 - top), text, font=font, fill=(255, 255, 255, 255)
    )


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)


def _readable(text: str) -> str:
    """The part of a caption that the bundled font can show."""
    shown = "".join(c if c.isprintable() and ord(c) < 0x250 else " " for c in text[:600])
    return " ".join(shown.split())
