"""Request classes are values: what they take, keep, send and say."""

from __future__ import annotations

import copy
import inspect
import json
import os
import threading
from pathlib import Path
from typing import Any

import attrs
import pytest
from pixazo_openapi.catalogue import MODELS
from pixazo_openapi.errors import InvalidRequest
from pixazo_openapi.inline import data_uri
from pixazo_openapi.requests import (
    REQUESTS,
    QwenImage,
    QwenImageEdit,
    QwenImageEditPlusLora,
    QwenImageEditPlusTrainer,
    QwenImageMax,
    QwenImageMaxEdit,
    request_class,
    request_from_dict,
    request_from_json,
)
from pixazo_openapi.values import JSON

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
URL = "https://pictures.example.com/shed.png"


def _refused(make: Any, **given: Any) -> list[str]:
    with pytest.raises(InvalidRequest) as caught:
        make(**given)
    return [str(problem) for problem in caught.value.problems]


def test_a_flat_body_holds_only_what_was_given() -> None:
    """Parameters that were not given are not sent: the server's defaults are the server's."""
    request = QwenImageMax(prompt="a tiger", num_images=2)

    assert request.to_body() == {"prompt": "a tiger", "num_images": 2}


def test_nested_bodies_are_built_from_flat_arguments() -> None:
    """The caller never sees messages, roles and parts."""
    edit = QwenImageEdit(image=URL, prompt="walk", watermark=False)
    draw = QwenImage(prompt="a lake", size="512*512")

    message = {"role": "user", "content": [{"image": URL}, {"text": "walk"}]}
    assert edit.to_body() == {
        "model": "qwen-image-edit",
        "input": {"messages": [message]},
        "parameters": {"watermark": False},
    }
    assert draw.to_body() == {
        "model": "qwen-image",
        "input": {"messages": [{"role": "user", "content": [{"text": "a lake"}]}]},
        "parameters": {"size": "512*512"},
    }
    assert "parameters" not in QwenImage(prompt="a lake").to_body()


def test_every_name_and_class_is_the_documented_one() -> None:
    """Signature, attributes and catalogue name the same parameters in the same order."""
    for model_id, kind in REQUESTS.items():
        model = MODELS[model_id]
        names = [parameter.name for parameter in model.parameters]
        signature = inspect.signature(kind.__init__)
        assert kind.__name__ == model.class_name
        assert kind.model is model
        assert kind.model_id == model_id
        assert [field.name for field in attrs.fields(kind)] == [*names, "undocumented"]  # type: ignore[arg-type]  # attrs cannot know
        assert set(signature.parameters) == {"self", *names, "undocumented"}
        assert {p.kind for n, p in signature.parameters.items() if n != "self"} == {
            inspect.Parameter.KEYWORD_ONLY
        }


def test_a_missing_parameter_is_refused_with_everything_else() -> None:
    """What is missing, misspelt and out of bounds stands in one error."""
    wrong: Any = {"promt": "a tiger", "num_images": 9, "output_format": "gif"}

    assert _refused(QwenImageMax, **wrong) == [
        "prompt: is required",
        "num_images=9: must be at most 4",
        "output_format='gif': must be one of png, jpeg, webp",
        "promt='a tiger': is not documented; did you mean prompt?",
    ]
    assert _refused(QwenImageMax) == ["prompt: is required"]
    assert _refused(QwenImageMax, prompt=None) == ["prompt: is required"]


def test_arguments_are_keyword_only() -> None:
    """A prompt by position is a slip that Python itself reports."""
    with pytest.raises(TypeError):
        QwenImageMax("a tiger")  # type: ignore[call-arg]  # the slip under test


def test_requests_are_frozen_hashable_and_comparable() -> None:
    """Equal requests are one key; nothing about them can be changed."""
    one = QwenImageMaxEdit(prompt="a", image_urls=[URL])
    other = QwenImageMaxEdit(prompt="a", image_urls=(URL,))

    assert one == other
    assert one.image_urls == (URL,)
    assert len({one, other, QwenImageMaxEdit(prompt="b", image_urls=[URL])}) == 2
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        one.prompt = "b"  # type: ignore[misc]  # the slip under test


def test_a_list_given_is_a_list_sent() -> None:
    """Changing the caller's list afterwards changes nothing."""
    urls = [URL]
    request = QwenImageMaxEdit(prompt="a", image_urls=urls)
    urls.append("https://elsewhere.example.com/")

    assert request.to_body()["image_urls"] == [URL]


def test_a_whole_float_is_an_integer_and_true_is_not() -> None:
    """JSON has one kind of number: 2.0 is sent as 2; booleans are no numbers."""
    request = QwenImageMax(prompt="a", num_images=2.0)  # type: ignore[arg-type]  # as from JSON

    assert json.dumps(request.to_body()["num_images"]) == "2"
    assert _refused(QwenImageMax, prompt="a", num_images=True) == [
        "num_images=True: must be an integer"
    ]


@pytest.mark.parametrize(("whole", "pointed"), [(4, 4.0), (2, 2.0), (1, 1.0)])
def test_equal_requests_are_written_alike(whole: int, pointed: float) -> None:
    """A file that says 4 and one that says 4.0 ask for one picture, not for two."""
    one = QwenImageEditPlusLora(prompt="a", image_urls=[URL], guidance_scale=whole)
    other = QwenImageEditPlusLora(prompt="a", image_urls=[URL], guidance_scale=pointed)

    assert one == other
    assert one.to_json() == other.to_json()
    assert json.dumps(one.to_body()) == json.dumps(other.to_body())


def test_a_union_takes_either_arm() -> None:
    """The size of the LoRA model is a name or a pair of pixels, and each arm has its own rules."""
    by_name = QwenImageEditPlusLora(prompt="a", image_urls=[URL], image_size="square_hd")
    in_pixels = QwenImageEditPlusLora(
        prompt="a", image_urls=[URL], image_size={"width": 1280, "height": 720}
    )

    assert by_name.to_body()["image_size"] == "square_hd"
    assert in_pixels.to_body()["image_size"] == {"width": 1280, "height": 720}
    assert hash(in_pixels) == hash(copy.deepcopy(in_pixels))
    assert in_pixels.image_size == {"height": 720, "width": 1280}
    refused = _refused(
        QwenImageEditPlusLora, prompt="a", image_urls=[URL], image_size={"width": 0, "height": 1}
    )
    assert refused == ["image_size.width=0: must be at least 1"]


def test_one_url_is_no_list_of_urls() -> None:
    """The usual slip with ``image_urls`` is named, not split into letters."""
    refused = _refused(QwenImageMaxEdit, prompt="a", image_urls=URL)

    assert refused == [f"image_urls={URL!r}: must be a list"]


def test_a_picture_may_be_a_path_or_bytes_where_the_documents_allow_it(tmp_path: Path) -> None:
    """Both become a data URI with the type that the bytes betray, whatever the file's name."""
    path = tmp_path / "holiday.jpg"
    path.write_bytes(PNG)

    from_path = QwenImageEdit(image=path, prompt="walk")
    from_bytes = QwenImageEdit(image=PNG, prompt="walk")

    assert from_path == from_bytes
    assert from_path.image == "data:image/png;base64,iVBORw0KGgoAAAAAAAAAAA=="


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    """A missing file, a folder and a text file each get a reason."""
    note = tmp_path / "note.txt"
    note.write_text("hello")

    (missing,) = _refused(QwenImageEdit, image=tmp_path / "gone.png", prompt="walk")
    (folder,) = _refused(QwenImageEdit, image=tmp_path, prompt="walk")
    (text,) = _refused(QwenImageEdit, image=note, prompt="walk")

    assert "must be a readable file: no such file" in missing
    assert "must be a readable file: is a directory" in folder
    assert "must be a picture (png, jpeg, gif, bmp, tiff, webp); its first bytes are" in text


def test_a_file_is_judged_by_its_first_bytes_and_read_to_a_limit(tmp_path: Path) -> None:
    """A device without an end is refused at once; a picture that goes on for ever, at the limit."""
    huge, at_most = tmp_path / "huge.png", tmp_path / "at-most.png"
    for path, size in ((huge, 2**40), (at_most, 100 * 2**20)):
        path.write_bytes(PNG)
        os.truncate(path, size)

    (endless,) = _refused(QwenImageEdit, image=Path("/dev/zero"), prompt="walk")
    (large,) = _refused(QwenImageEdit, image=huge, prompt="walk")
    (known,) = _refused(QwenImageEdit, image=PNG + bytes(100 * 2**20), prompt="walk")

    assert "must be a readable file: is a device" in endless
    assert large.endswith("must be at most 100 MiB; pass a URL that the gateway can fetch")
    assert known.endswith("must be at most 100 MiB; pass a URL that the gateway can fetch")
    assert data_uri(at_most).startswith("data:image/png;base64,iVBORw0KGgo")


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    """What another program writes, as with ``<(convert …)`` in a shell, is as good as a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(PNG,))
    writer.start()

    request = QwenImageEdit(image=pipe, prompt="walk")
    writer.join()

    assert request == QwenImageEdit(image=PNG, prompt="walk")


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (Path("a\0b.png"), "embedded null "),
        (Path("~nobody-of-that-name/a.png"), "must be a readable file: could not determine home"),
        (Path("\ud800.png"), "must be a readable file: "),
        (bytearray(PNG), "must be a string, bytes or a pathlib.Path"),
        ("data:image/png;base64,?", "must match the pattern ^(https?://"),
    ],
)
def test_a_picture_of_an_odd_kind_or_name_is_refused(image: Any, said: str) -> None:
    """What a path, or a library's own type, may hold besides a file's name is no crash."""
    (refused,) = _refused(QwenImageEdit, image=image, prompt="walk")

    assert said in refused


def test_a_path_given_as_a_string_gets_the_way_out(tmp_path: Path) -> None:
    """A file's name as a string is not guessed at; the error says what to write instead."""
    path = tmp_path / "holiday.png"
    path.write_bytes(PNG)

    (inline,) = _refused(QwenImageEdit, image=str(path), prompt="walk")
    (remote,) = _refused(QwenImageMaxEdit, image_urls=[str(path)], prompt="walk")
    (absent,) = _refused(QwenImageEdit, image="holidays.png", prompt="walk")
    (broken,) = _refused(QwenImageEdit, image="ftp://example.com/holiday.png", prompt="walk")

    assert inline.endswith("this is a file: pass pathlib.Path(…) to send it")
    assert absent.endswith("a file is sent as pathlib.Path(…), and there is none of this name")
    assert broken.endswith("must have the form http://… or https://… or data:image/…")
    assert remote.endswith("this is a file: put it where the gateway can fetch it and pass the URL")


def test_a_local_file_is_refused_where_only_urls_are_documented(tmp_path: Path) -> None:
    """The trainer fetches its archive itself."""
    (refused,) = _refused(QwenImageEditPlusTrainer, image_data_url=tmp_path / "pairs.zip")

    assert "must be a URL that the gateway can fetch; this parameter takes no local file" in refused
    (refused,) = _refused(QwenImageMaxEdit, prompt="a", image_urls=tmp_path / "shed.png")
    assert "must be a list of URLs that the gateway can fetch" in refused


def test_no_end_of_digits_or_brackets_is_a_crash() -> None:
    """What Python can hold and JSON cannot carry is one refusal, with the value cut short."""
    endless: list[Any] = []
    endless.append(endless)
    deep = request_from_json('{"model": "qwen-image", "prompt": "a"}').to_json()[:-1]

    (seed,) = _refused(QwenImageEditPlusLora, prompt="a", image_urls=[URL], seed=10**5000)
    (images,) = _refused(QwenImageMax, prompt="a", num_images=10**5000)
    (number,) = _refused(QwenImageMax, prompt="a", undocumented={"x": -(10**400)})
    (urls,) = _refused(QwenImageMaxEdit, prompt="a", image_urls=endless)
    (extra,) = _refused(QwenImageMax, prompt="a", undocumented={"x": endless})

    assert seed == "seed=<an integer of 16610 bits>: must be a number of at most 400 digits"
    assert images == "num_images=<an integer of 16610 bits>: must be at most 4"
    assert number.endswith("must be a number of at most 400 digits")
    assert urls.startswith("image_urls=[[[[")
    assert extra.endswith("must not nest deeper than 100, or hold itself")
    with pytest.raises(InvalidRequest, match="must be JSON"):
        request_from_json(f'{deep}, "undocumented": {{"x": {"[" * 100_000}{"]" * 100_000}}}}}')


@pytest.mark.parametrize("odd", [[], None, 5, "x"])
def test_what_is_no_object_makes_no_request(odd: Any) -> None:
    """Something else than a mapping, or than a text, is refused like any other slip."""
    with pytest.raises(InvalidRequest, match="must be an object"):
        request_from_dict(odd)
    with pytest.raises(InvalidRequest, match=r"must be (JSON|an object)"):
        request_from_json(odd)


def test_undocumented_fields_are_sent_as_they_are() -> None:
    """Fields that the documents do not know stand at the top of the body."""
    extra: dict[str, JSON] = {"seed": 7, "style": {"tags": ["ink", "wash"]}}
    request = QwenImageMax(prompt="a", undocumented=extra)
    extra["seed"] = 8

    assert request.to_body() == {"prompt": "a", "seed": 7, "style": {"tags": ["ink", "wash"]}}
    assert request_from_dict(request.to_dict()) == request
    assert len({request, copy.deepcopy(request)}) == 1


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ({"num_images": 2}, "undocumented.num_images=2: is documented; pass it as itself"),
        ({"x": float("inf")}, "undocumented.x=inf: must be JSON"),
        ({"x": [{"y": object}]}, "undocumented.x[0].y=<class 'object'>: must be JSON"),
        ({7: 1}, "undocumented.7=1: must have a text as its name"),
        ({"x": "\ud800"}, "must be Unicode text"),
        (["x"], "undocumented=['x']: must be an object"),
    ],
)
def test_undocumented_fields_are_checked_too(extra: Any, said: str) -> None:
    """They may not shadow a documented field, and must be JSON."""
    (refused,) = _refused(QwenImageMax, prompt="a", undocumented=extra)

    assert said in refused


def test_undocumented_fields_cannot_replace_a_constant() -> None:
    """The nested bodies' own fields are out of reach as well."""
    for name in ("model", "input", "parameters"):
        (refused,) = _refused(QwenImage, prompt="a", undocumented={name: 1})
        assert "is documented" in refused


def test_a_request_prints_what_was_given_and_no_more() -> None:
    """A repr can be read and pasted; pictures are abbreviated in it."""
    assert repr(QwenImageMax(prompt="a tiger", num_images=2)) == (
        "QwenImageMax(prompt='a tiger', num_images=2)"
    )
    assert len(repr(QwenImageEdit(image=PNG + bytes(5_000_000), prompt="walk"))) < 250


def test_a_changed_copy_is_checked_again() -> None:
    """``attrs.evolve`` makes a new request under the same rules."""
    request = QwenImageMax(prompt="a", num_images=1)

    assert attrs.evolve(request, num_images=4).num_images == 4
    with pytest.raises(InvalidRequest, match="num_images=5: must be at most 4"):
        attrs.evolve(request, num_images=5)


def test_the_flat_form_names_the_model() -> None:
    """A batch file's line is the model, the parameters that were given, and nothing else."""
    request = QwenImageMax(prompt="ein weißer Tiger")

    assert request.to_json() == '{"model": "qwen-image-max", "prompt": "ein weißer Tiger"}'
    assert QwenImageMax.from_dict({"prompt": "ein weißer Tiger"}) == request


@pytest.mark.parametrize(
    ("flat", "said"),
    [
        ({"prompt": "a"}, "model: is required"),
        ({"model": "qwen-image-mx", "prompt": "a"}, "did you mean qwen-image-max?"),
        ({"model": 7}, "model=7: must be one of qwen-image-max-edit, "),
        ({"model": "qwen-image", "prompt": "a", "cls": 1}, "cls=1: is not documented"),
        ({"model": "qwen-image", "prompt": "a", "self": 1}, "self=1: is not documented"),
        ({"model": "qwen-image", "prompt": "a", 7: 1}, "7=1: must have a text as its name"),
        ({"model": "qwen-image", "prompt": "a", "sze": "512*512"}, "did you mean size?"),
    ],
)
def test_a_bad_flat_form_is_refused_with_advice(flat: Any, said: str) -> None:
    """An unknown model or name is answered with the one that was probably meant."""
    with pytest.raises(InvalidRequest) as caught:
        request_from_dict(flat)

    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["", "[1]", '"x"', "{", b"\xff"])
def test_what_is_no_json_object_is_refused(text: Any) -> None:
    """A broken line of a batch file is an invalid request, not a crash."""
    with pytest.raises(InvalidRequest, match="must be"):
        request_from_json(text)


def test_a_class_refuses_the_flat_form_of_another_model() -> None:
    """``from_dict`` of one class does not make requests of another."""
    with pytest.raises(InvalidRequest, match="model='qwen-image': must be qwen-image-max"):
        QwenImageMax.from_dict({"model": "qwen-image", "prompt": "a"})


def test_an_unknown_model_has_no_class() -> None:
    """``request_class`` says what there is."""
    assert request_class("qwen-image") is QwenImage
    with pytest.raises(InvalidRequest, match="must be one of"):
        request_class("qwen")


def test_docstrings_state_bounds_defaults_sources_and_rulings() -> None:
    """What an editor shows beside the cursor is what the document says."""
    text = " ".join((QwenImageMax.__doc__ or "").split())

    assert "num_images: Number of pictures. 1 to 4. Server default: 1." in text
    assert "Source: Qwen Image Max t2i › Request Parameters › num_images (R70)." in text  # noqa: RUF001 (the documents' own sign)
    assert "The documents name no price (R11, R12)." in text
    assert "Costs 0.045 USD a request" in " ".join((QwenImage.__doc__ or "").split())
