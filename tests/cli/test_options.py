"""One option for each documented parameter."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from pixazo_openapi.catalogue import MODELS, Model
from pixazo_openapi.request import Request

from pixazo.cli import flags, main
from pixazo.cli.app import pixazo
from pixazo.cli.example import example_body, example_request
from pixazo.cli.run import command_for
from tests.strategies import invalid_arguments, requests

EVERY_MODEL = pytest.mark.parametrize("model", [pytest.param(m, id=i) for i, m in MODELS.items()])


def words_of(request: Request) -> Iterator[str]:
    """Yield the command line that stands for a request."""
    for name, value in request.to_dict().items():
        if name != "model":
            yield from typing(name, value)


def typing(name: str, value: Any) -> Iterator[str]:
    """Yield the words for one parameter."""
    for item in value if isinstance(value, list) else [value]:
        yield from option(flags.flag(name), item)


def option(name: str, value: Any) -> list[str]:
    """Return the words for one value."""
    if isinstance(value, bool):
        return [name if value else name.replace("--", "--no-", 1)]
    if isinstance(value, dict):
        return [name, f"{value['width']}x{value['height']}"]
    return [name, str(value)]


def dry_run(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """Return what would be sent."""
    assert main(["run", *words, "--dry-run", "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@EVERY_MODEL
def test_every_parameter_has_an_option(model: Model) -> None:
    """Every documented parameter of every model has exactly one option, of its own name."""
    documented = [o for o in command_for(model).params if isinstance(o, click.Option)]
    names = [o.opts[0] for o in documented if flags.is_documented(o)]

    assert names == [flags.flag(parameter.name) for parameter in model.parameters]


@EVERY_MODEL
def test_the_richest_example_can_be_typed(model: Model, capsys: pytest.CaptureFixture[str]) -> None:
    """The documented example, typed as options, becomes the documented body but for callbacks."""
    request = example_request(model)

    sent = dry_run(capsys, model.model_id, *words_of(request))

    left_out = {model.webhook.body_field, model.webhook.filter_field} if model.webhook else set()
    body = {name: value for name, value in example_body(model).items() if name not in left_out}
    assert sent["body"] == body
    assert sent["url"] == f"https://gateway.pixazo.ai{model.path}"


@EVERY_MODEL
@settings(max_examples=25, deadline=None)
@given(drawn=st.data())
def test_every_valid_request_can_be_typed(model: Model, drawn: st.DataObject) -> None:
    """Whatever request the documents allow, its options make the same body."""
    request = drawn.draw(requests(model).filter(lambda r: r.given().get("prompt") != "-"))

    words = ["run", model.model_id, *words_of(request), "--dry-run", "--json"]
    ran = CliRunner().invoke(pixazo, words, catch_exceptions=False)

    assert json.loads(ran.output)["body"] == request.to_body()


@EVERY_MODEL
def test_every_forbidden_text_is_refused(model: Model) -> None:
    """Whatever single value breaks a documented bound, typing it is refused."""
    cases = [case for case in invalid_arguments(model) if case.keyword not in ("type", "anyOf")]
    typed = [case for case in cases if _can_be_typed(case.value)]

    for case in typed:
        words = [word for name, value in case.value.items() for word in typing(name, value)]
        code = main(["run", model.model_id, *words, "--dry-run"])
        assert code == 2, case
    assert typed


def _can_be_typed(arguments: Mapping[str, Any]) -> bool:
    """Return whether arguments are texts, numbers and lists of them, as a shell can pass them."""
    lists = [value if isinstance(value, list) else [value] for value in arguments.values()]
    flat = [item for items in lists for item in items]
    if [] in lists:
        return False
    return all(isinstance(i, str | int | float) and not isinstance(i, bool) for i in flat)


@EVERY_MODEL
def test_the_examples_use_every_parameter_but_callbacks(model: Model) -> None:
    """The requests of the tour leave out no parameter but those of callbacks."""
    callbacks = {"webhook", "webhook_events_filter"}

    given = set(example_request(model).given())

    assert given == {parameter.name for parameter in model.parameters} - callbacks


def test_what_is_not_given_is_not_sent(capsys: pytest.CaptureFixture[str]) -> None:
    """The server's defaults stay the server's."""
    assert dry_run(capsys, "qwen-image-max", "--prompt", "fog")["body"] == {"prompt": "fog"}


def test_the_prompt_may_stand_alone_and_the_model_anywhere(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A lone word is the prompt, and options may come before the model."""
    first = dry_run(capsys, "--num-images", "2", "qwen-image-max", "a white tiger")

    assert first["body"] == {"prompt": "a white tiger", "num_images": 2}


@pytest.mark.parametrize(
    "words",
    [
        ["-o", "qwen-image", "qwen-image-max", "fog"],
        ["--key", "qwen-image", "--dry-run", "qwen-image-max", "fog"],
        ["qwen-image-max", "-o", "qwen-image", "fog"],
        ["--output-format", "png", "--prompt", "qwen-image", "qwen-image-max"],
    ],
)
def test_a_value_that_is_called_like_a_model_is_none(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """What an option takes names no model: another one would be paid for."""
    sent = dry_run(capsys, *words)

    assert sent["url"].endswith("/qwen-image-max-request")


def test_a_value_called_like_a_model_stands_for_no_model(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without a model nothing is sent, whatever the folder is called."""
    assert main(["run", "-o", "qwen-image", "--prompt", "fog"]) == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--prompt fog", "no model is named; `pixazo models` lists them"),
        ("-o out --sandbox", "no model is named; `pixazo models` lists them"),
        ("--prompt fog qwen-imag", "unknown model 'qwen-imag'; did you mean qwen-image"),
    ],
)
def test_a_missing_or_misspelt_model_is_what_is_told(
    words: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Options before the model are not called unknown: it is the model that is missing."""
    assert main(["run", *words.split()]) == 2

    assert says in capsys.readouterr().err


def test_two_prompts_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A prompt given twice is a usage error, not a guess."""
    code = main(["run", "qwen-image-max", "one", "--prompt", "two", "--dry-run"])

    assert code == 2
    assert "given twice" in capsys.readouterr().err


def test_a_picture_file_is_sent_along(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file given as an inline picture becomes a data URI of the type that its bytes betray."""
    picture = tmp_path / "teapot.bin"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 600)

    sent = dry_run(capsys, "qwen-image-edit", "blue", "--image", str(picture))
    main(["run", "qwen-image-edit", "blue", "--image", str(picture), "--dry-run"])

    image = sent["body"]["input"]["messages"][0]["content"][0]["image"]
    assert image.startswith("data:image/png;base64,iVBOR")
    assert len(capsys.readouterr().out) < 1000  # the text form abbreviates


def test_undocumented_fields_are_json_or_text(capsys: pytest.CaptureFixture[str]) -> None:
    """`--param` takes JSON, and takes a text that is no JSON as it is."""
    words = ("--param", 'style={"a": [1]}', "--param", "mood=calm", "--param", "n=1.5")

    sent = dry_run(capsys, "qwen-image-max", "fog", *words)

    assert sent["body"] == {"prompt": "fog", "style": {"a": [1]}, "mood": "calm", "n": 1.5}


@pytest.mark.parametrize("pairs", [["mood"], ["=1"], ["a=1", "a=2"]])
def test_a_malformed_param_is_refused(pairs: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """`--param` without a key, without a value or with a key twice is a usage error."""
    words = [word for pair in pairs for word in ("--param", pair)]

    code = main(["run", "qwen-image-max", "fog", "--dry-run", *words])

    assert code == 2
    assert "--param" in capsys.readouterr().err


def test_a_callback_goes_into_the_header(capsys: pytest.CaptureFixture[str]) -> None:
    """`--webhook` is the header where no parameter has that name, the parameter where one has."""
    url = "https://hooks.example.com/x"

    header = dry_run(capsys, "qwen-image-max", "fog", "--webhook", url)
    model = example_request(MODELS["qwen-image-edit-plus-lora"])
    field = dry_run(capsys, "qwen-image-edit-plus-lora", *words_of(model), "--webhook", url)

    assert header["headers"]["X-Webhook-URL"] == url
    assert "webhook" not in header["body"]
    assert field["body"]["webhook"] == url
    assert "X-Webhook-URL" not in field["headers"]


def test_a_parameter_never_hides_an_option_of_the_command_line() -> None:
    """A parameter whose name the command line uses itself becomes --body-NAME."""
    model = MODELS["qwen-image-max"]
    odd = replace(model, parameters=(replace(model.parameters[0], name="sandbox"),))

    (option,) = flags.options(odd, taken={"--sandbox"})

    assert option.opts == ["--body-sandbox"]


def test_a_boolean_never_hides_an_option_with_the_word_that_says_no() -> None:
    """`save` would be --save and --no-save, which is the command line's own."""
    model = MODELS["qwen-image-max"]
    boolean = replace(model.parameters[0], name="save", types=("boolean",))

    (option,) = flags.options(replace(model, parameters=(boolean,)), taken={"--no-save"})

    assert (option.opts, option.secondary_opts) == (["--body-save"], ["--no-body-save"])


@pytest.mark.parametrize(
    ("words", "incomplete", "offered"),
    [
        (["run"], "qwen-image-max", ["qwen-image-max-edit", "qwen-image-max"]),
        (["run", "qwen-image-max"], "--num", ["--num-images"]),
        (["run", "qwen-image-max", "--output-format"], "p", ["png"]),
    ],
)
def test_the_shell_completes(words: list[str], incomplete: str, offered: list[str]) -> None:
    """Models, options and documented values complete in the shell."""
    shell = ShellComplete(pixazo, {}, "pixazo", "_PIXAZO_COMPLETE")

    assert [item.value for item in shell.get_completions(words, incomplete)] == offered
