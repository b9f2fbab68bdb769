"""Every model of the catalogue, from the documented example to files, over real sockets."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pixazo_openapi.catalogue import MODELS, Model
from pixazo_openapi.request import Request
from pixazo_openapi.requests import request_class
from pixazo_openapi.schema import document

from pixazo import AsyncPixazo, Pixazo, Result
from pixazo.sandbox import ManualClock, Sandbox

JOB_S = 12.0


class SandboxTime:
    """A client's clock on which sleeping moves the sandbox's time, so that nobody waits."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._clock = sandbox.clock

    def now(self) -> float:
        return self._clock.now()

    def time(self) -> float:
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        self._clock.advance(seconds)

    async def sleep_async(self, seconds: float) -> None:
        await asyncio.to_thread(self._clock.advance, seconds)


def _find(body: Any, pointer: str) -> Any:
    for part in pointer.removeprefix("/").split("/"):
        try:
            body = body[int(part)] if isinstance(body, list) else body[part]
        except (KeyError, IndexError):
            return None
    return body


def _request(model: Model, example: str) -> Request:
    """The documented example as a request; callbacks go to hosts that are not here."""
    body = document()["paths"][model.path]["post"]["requestBody"]["content"]["application/json"]
    found = {p.name: _find(body["examples"][example]["value"], p.pointer) for p in model.parameters}
    own = {name: value for name, value in found.items() if value is not None}
    hook = model.webhook
    for name in (hook.body_field, hook.filter_field) if hook else ():
        own.pop(name, None)
    return request_class(model.model_id)(**own)


@pytest.fixture(scope="module")
def gateway() -> Iterator[Sandbox]:
    """One gateway for all models; each test begins anew with it."""
    with Sandbox(latency=JOB_S, clock=ManualClock()) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(gateway: Sandbox) -> Sandbox:
    gateway.reset()
    return gateway


def _generate(
    colour: str, sandbox: Sandbox, request: Request, folder: Path
) -> tuple[Result, list[Path]]:
    if colour == "sync":
        with Pixazo("any-key", base_url=sandbox.url, clock=SandboxTime(sandbox)) as client:
            result = client.generate(request)
            return result, result.save(folder)

    async def run() -> tuple[Result, list[Path]]:
        clock = SandboxTime(sandbox)
        async with AsyncPixazo("any-key", base_url=sandbox.url, clock=clock) as client:
            result = await client.generate(request)
            return result, await result.save_async(folder)

    return asyncio.run(run())


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("example", ["minimum", "full"])
@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
def test_a_documented_example_becomes_files(
    model: Model, example: str, colour: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    """A request of every model ends as whole files of the asked kind, charged once."""
    request = _request(model, example)

    result, paths = _generate(colour, sandbox, request, tmp_path)

    assert result.model_id == model.model_id
    assert result.deviations == ()
    assert [path for path in tmp_path.iterdir() if path.suffix == ".part"] == []
    assert len(paths) == len(result.media) >= 1
    assert all(path.name.startswith(f"{result.request_id}-") for path in paths)
    _check_kind(model, request, paths)
    assert len([entry for entry in sandbox.journal if entry.method == "POST"]) == 1
    assert not sandbox.double_charges


def _check_kind(model: Model, request: Request, paths: list[Path]) -> None:
    if model.media_kind == "lora":
        length = int.from_bytes(paths[0].read_bytes()[:8], "little")
        assert json.loads(paths[0].read_bytes()[8 : 8 + length])
        return
    pictures = [Image.open(io.BytesIO(path.read_bytes())) for path in paths]
    assert {picture.format for picture in pictures} == {_meant(model, request, "format", "png")}
    if model.media_kind == "layers":
        assert {picture.mode for picture in pictures} == {"RGBA"}
    else:
        assert len(paths) == _meant(model, request, "count", 1)


def _meant(model: Model, request: Request, what: str, otherwise: Any) -> Any:
    """What a request says of its pictures; the model tells which parameter that is."""
    value = _find(request.to_body(), model.render.get(what, "/-"))
    value = otherwise if value is None else value
    return value.upper() if isinstance(value, str) else value


def test_the_tour_visits_every_model(tmp_path: Path) -> None:
    """What `nox -s try` runs writes at least one file for each model of the catalogue."""
    from click.testing import CliRunner

    from pixazo.cli.tour import tour

    done = CliRunner().invoke(tour, ["--out", str(tmp_path), "--latency", "0.1"])

    assert done.exit_code == 0, done.output
    for model_id in MODELS:
        assert any(path.name.startswith(f"{model_id}_") for path in tmp_path.iterdir()), model_id
