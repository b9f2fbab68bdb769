"""A picture taken apart: transparent layers that compose back to it, pixel by pixel."""

from __future__ import annotations

from PIL import Image, ImageChops

from pixazo.sandbox.rendering.pictures import Size, draw_scene, label, mask_of, sky
from pixazo.sandbox.rendering.scenes import Plane, Scene

__all__ = ["compose", "split"]

LAND_LAYERS = 2
"""Layers that land and water are spread over; with sky and label that makes four (R75)."""


def split(scene: Scene, size: Size, caption: str) -> list[Image.Image]:
    """Four layers, the bottom one first; `compose` of them is `draw_picture` of the same scene.

    Alpha is 0 or 255 below the label, and where a layer is the topmost one it holds the picture's
    own pixels: nothing is lost by blending. What lies behind other layers is filled in.
    """
    picture = draw_scene(scene, size)
    half = -(-len(scene.planes) // LAND_LAYERS)
    far, near = _land(scene.planes[:half], size), _land(scene.planes[half:], size)
    background = sky(scene, size)
    covered = ImageChops.lighter(far.getchannel("A"), near.getchannel("A"))
    background.paste(picture, mask=ImageChops.invert(covered))
    far.paste(picture, mask=ImageChops.subtract(far.getchannel("A"), near.getchannel("A")))
    near.paste(picture, mask=near.getchannel("A"))
    return [background.convert("RGBA"), far, near, label(size, caption)]


def _land(planes: tuple[Plane, ...], size: Size) -> Image.Image:
    layer = Image.new("RGBA", size)
    for plane in planes:
        layer.paste((*plane.colour, 255), mask=mask_of(plane, size))
    return layer


def compose(layers: list[Image.Image]) -> Image.Image:
    """The opaque picture that `layers`, from back to front, make together."""
    whole = layers[0].copy()
    for layer in layers[1:]:
        whole.alpha_composite(layer)
    return whole.convert("RGB")
