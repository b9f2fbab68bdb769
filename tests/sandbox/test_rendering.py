"""Pictures, layers and LoRA files."""

from __future__ import annotations

import base64
import io
import json
import struct
from dataclasses import replace
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from pixazo.sandbox.rendering.layers import compose
from pixazo.sandbox.rendering.pictures import draw_picture, draw_scene
from pixazo.sandbox.rendering.scenes import plan_scene
from pixazo.sandbox.rendering.sizes import pixels
from pixazo.sandbox.rendering.works import Work, render_work

SMALL = (320, 200)
BOAT = Work("image", prompt="a paper boat on a lake at dawn", size=SMALL)


def opened(file: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(file))
    picture.load()
    return picture


@pytest.mark.parametrize("kind", ["image", "layers", "lora"])
def test_the_same_work_gives_the_same_bytes(kind: str) -> None:
    """Rendering twice gives equal files, one for each name."""
    work = replace(BOAT, kind=kind, source="https://pictures.example.com/boat.png")

    assert render_work(work) == render_work(work)
    assert len(render_work(work)) == len(work.file_names)


@pytest.mark.parametrize("kind", ["image", "layers", "lora"])
def test_a_file_alone_is_the_same_as_with_all(kind: str) -> None:
    """Each file of a work is what its part makes, at the place that the part names."""
    work = replace(BOAT, kind=kind, count=2, size=(64, 40), details=(("steps", "9"),))
    parts = [work.part(index) for index in range(len(work.file_names))]

    assert [render_work(part)[place] for part, place in parts] == list(render_work(work))


@pytest.mark.parametrize(
    "other",
    [
        replace(BOAT, prompt="a paper boat on a lake at night"),
        replace(BOAT, seed=1),
        replace(BOAT, source="https://pictures.example.com/boat.png"),
    ],
)
def test_another_prompt_seed_or_input_gives_another_picture(other: Work) -> None:
    """What the request says decides the picture."""
    assert render_work(other) != render_work(BOAT)


def test_pictures_of_one_request_differ() -> None:
    """Four pictures of one request are four different ones."""
    assert len(set(render_work(replace(BOAT, count=4)))) == 4


@pytest.mark.parametrize("name", ["png", "jpeg", "webp"])
@pytest.mark.parametrize("size", [(1328, 1328), (512, 512), (1, 1), (4096, 3), (33, 777)])
def test_a_picture_has_the_format_and_size_that_were_asked_for(
    name: str, size: tuple[int, int]
) -> None:
    """The file is of the named format and has exactly the pixels."""
    (file,) = render_work(replace(BOAT, size=size, format=name))

    picture = opened(file)
    assert picture.format == name.upper()
    assert picture.size == size
    assert picture.mode == "RGB"


def test_the_word_sandbox_is_in_the_picture() -> None:
    """The label changes the upper left corner, and only pixels of labels differ."""
    scene = plan_scene("a boat", "a boat")

    difference = ImageChops.difference(
        draw_scene(scene, (640, 480)), draw_picture(scene, (640, 480), "")
    )

    box = difference.getbbox()
    assert box is not None
    assert box[2] < 200
    assert box[3] < 60


def test_a_caption_that_the_font_cannot_show_is_left_out() -> None:
    """A prompt in characters beyond the bundled font gives the picture without a caption."""
    scene = plan_scene("山水", "山水")

    assert draw_picture(scene, SMALL, "山水画 🎨") == draw_picture(scene, SMALL, "")


def test_a_picture_is_worth_looking_at() -> None:
    """A picture is neither flat nor noise: it has many colours and a wide range of light."""
    picture = opened(render_work(replace(BOAT, size=(512, 512)))[0])

    assert 200 < len(picture.getcolors(512 * 512) or []) < 60_000
    assert max(ImageStat.Stat(picture).stddev) > 20


def test_a_large_picture_is_quick() -> None:
    """Three pictures of 1328 by 1328 pixels take less than a second of computing."""
    work = replace(BOAT, size=(1328, 1328), count=3)
    render_work(work)

    start = process_time()
    render_work(work)

    assert process_time() - start < 1


@pytest.mark.parametrize("size", [(640, 480), (1024, 1024), (60, 500)])
@pytest.mark.parametrize("subject", ["harbour", "city at night", "forest", "desert dunes"])
def test_layers_compose_back_to_the_picture(subject: str, size: tuple[int, int]) -> None:
    """Four RGBA layers, put on each other, are the rendering of the input, pixel by pixel."""
    source = f"https://pictures.example.com/{subject}.png"
    work = Work("layers", source=source, size=size)

    layers = [opened(file) for file in render_work(work)]

    assert [layer.mode for layer in layers] == ["RGBA"] * 4
    assert compose(layers) == draw_picture(work.scene(), size, work.caption)


def test_every_layer_adds_something() -> None:
    """The bottom layer is opaque, the others are neither empty nor opaque."""
    work = Work("layers", source="https://pictures.example.com/harbour.png", size=SMALL)

    bottom, *others = (opened(file).getchannel("A").getextrema() for file in render_work(work))

    assert bottom == (255, 255)
    assert all(low == 0 and high > 0 for low, high in others)


def test_a_lora_file_is_a_valid_safetensors_file() -> None:
    """The header is JSON, the tensors lie back to back, and their sizes fit their shapes."""
    work = Work("lora", source="https://a.example.com/x.zip", details=(("steps", "7"),))

    (file,) = render_work(work)

    (length,) = struct.unpack("<Q", file[:8])
    header = json.loads(file[8 : 8 + length])
    metadata = header.pop("__metadata__")
    ends = 0
    for tensor in header.values():
        start, stop = tensor["data_offsets"]
        assert start == ends
        assert stop - start == 2 * tensor["shape"][0] * tensor["shape"][1]
        ends = stop
    assert length % 8 == 0
    assert 8 + length + ends == len(file)
    assert metadata["steps"] == "7"


def test_an_inline_picture_is_what_gets_edited() -> None:
    """An edit of a data URI keeps the input's size and its shapes, in other colours."""
    original = opened(render_work(replace(BOAT, size=(300, 180)))[0])
    buffer = io.BytesIO()
    original.save(buffer, "PNG")
    source = "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()

    edited = opened(render_work(replace(BOAT, source=source, prompt="winter", size=(300, 180)))[0])

    middle = (0, 60, 300, 120)
    assert edited.size == original.size
    assert edited.crop(middle) != original.crop(middle)
    assert similarity(edited.crop(middle), original.crop(middle)) > 0.8


def similarity(one: Image.Image, other: Image.Image) -> float:
    """Correlation of the two pictures' brightness."""
    a, b = (list(picture.convert("L").tobytes()) for picture in (one, other))
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    top = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True))
    spread = sum((x - mean_a) ** 2 for x in a) * sum((y - mean_b) ** 2 for y in b)
    return abs(top) / spread**0.5


@pytest.mark.parametrize(
    "source", ["data:image/png;base64,AAAA", "data:image/png;base64,%%%", "data:,x", "data:"]
)
def test_an_inline_input_that_is_no_picture_is_drawn_around(source: str) -> None:
    """A broken data URI still gives a picture of the asked size."""
    (file,) = render_work(replace(BOAT, source=source))

    assert opened(file).size == SMALL


NAMES = {"square_hd": (1024, 1024), "landscape_4_3": (1024, 768)}


@pytest.mark.parametrize(
    ("asked", "size"),
    [
        ("square_hd", (1024, 1024)),
        ("landscape_4_3", (1024, 768)),
        ("1328*1328", (1328, 1328)),
        ("640x480", (640, 480)),
        ({"width": 1280, "height": 720}, (1280, 720)),
        ({"width": 100_000, "height": 50_000}, (4096, 2048)),
        ({"width": 100_000, "height": 1}, (4096, 1)),
        ("no_such_size", (1024, 1024)),
        (None, (1024, 1024)),
        ({"width": "x"}, (1024, 1024)),
    ],
)
def test_sizes_are_read_in_every_notation(asked: object, size: tuple[int, int]) -> None:
    """Names, joined numbers and objects give pixels; too large ones keep their proportions."""
    assert pixels(asked, NAMES) == size  # type: ignore[arg-type] # whatever JSON brings


@settings(max_examples=40, deadline=None)
@given(prompt=st.text(max_size=300), seed=st.integers(-(2**70), 2**70))
def test_any_text_and_seed_can_be_drawn(prompt: str, seed: int) -> None:
    """No prompt and no seed stops the painter."""
    (file,) = render_work(Work("image", prompt=prompt, seed=seed, size=(64, 48)))

    assert opened(file).size == (64, 48)
