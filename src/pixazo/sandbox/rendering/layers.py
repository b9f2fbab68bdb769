"""A picture taken apart: transparent layers that compose back to it, pixel by pixel."""

from __future__ import annotations

from PIL import Image, ImageChops

from pixazo.sandbox.rendering.pictures import Size, draw_scene, label, mask_of, sky
from pixazo.sandbox.rendering.scenes import Scene

__all__ = ["compose", "split"]


def split(scene: Scene, size: Size, caption: str) -> list[Image.Image]:
    """Layers from back to front; `compose` of them is `draw_picture` of the same scene.

    Alpha is 0 or 255 below the label, and where a layer is the topmost one it holds the picture's
    own pixels: nothing is lost by blending. What lies behind other layers is filled in.
    """
    picture = draw_scene(scene, size)
    masks = [mask_of(plane, size) for plane in scene.planes]
    hidden = [Image.new("L", size)]
    for mask in reversed(masks):
        hidden.append(ImageChops.lighter(hidden[-1], mask))
    hidden.reverse()
    background = sky(scene, size)
    background.paste(picture, mask=ImageChops.invert(hidden[0]))
    layers = [background.convert("RGBA")]
    for plane, mask, above in zip(scene.planes, masks, hidden[1:], strict=True):
        layer = Image.new("RGB", size, plane.colour)
        layer.paste(picture, mask=ImageChops.subtract(mask, above))
        layer.putalpha(mask)
        layers.append(layer)
    return [*layers, label(size, caption)]


def compose(layers: list[Image.Image]) -> Image.Image:
    """The opaque picture that `layers`, from back to front, make together."""
    whole = layers[0].copy()
    for layer in layers[1:]:
        whole.alpha_composite(layer)
    return whole.convert("RGB")
