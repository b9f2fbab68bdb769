"""Record one journey: walk it with the public client and keep what was said."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import httpx2
from pixazo_openapi.catalogue import MODELS

from pixazo import GatewayFailure, Job, Pixazo, RateLimited
from pixazo.polling import PastDurations
from tests.deck.bodies import media_type, write_body
from tests.deck.journeys import UNKNOWN_ID, Journey, request_of
from tests.deck.library import Recorded, RecordMode
from tests.deck.origin import Origin
from tests.deck.persister import AT, Persister, refuse_secrets
from tests.deck.playing import opened
from tests.deck.receiver import Receiver
from tests.deck.tapes import CASSETTES, Asked
from tests.deck.targets import RECEIVER, Place, Target
from tests.deck.types import Json, Tree
from tests.deck.walks import walk

__all__ = ["record"]


def record(
    model_id: str,
    journey: Journey,
    target: Target,
    folder: Path = CASSETTES,
    *,
    today: str | None = None,
    transport: httpx2.BaseTransport | None = None,
) -> Path:
    """Record a journey of a model and return its cassette, untouched when nothing has changed.

    Args:
        model_id: The model.
        journey: What happens.
        target: Where.
        folder: The folder of all cassettes.
        today: The date in the origin block.
        transport: Sends instead of plain sockets; must send by httpx2's own transport.

    Raises:
        NotRecordable: The target cannot show this journey.
        SecretFound: A secret would be written.
    """
    path = folder / model_id / f"{journey.name}.yaml"
    with Receiver() as receiver, target.place(model_id, journey) as place:
        names = {**place.names, receiver.url: RECEIVER}
        told = _told(model_id, journey, place, receiver.url if journey.calls_back else "")
        persister = Persister(origin=_origin(place, today), secrets=(place.key,))
        with opened(
            path,
            persister,
            RecordMode.ALL,
            before_record_request=lambda request: _renamed_request(request, names),
            before_record_response=lambda response: _renamed_response(response, names, place),
        ):
            with _same_dice(path):
                ending = _walk(place, told, transport)
            if journey.calls_back:
                receiver.wait(_calls_expected(told))
            persister.journey = cast("Tree", _renamed({**told, "ends": ending}, names))
            persister.callbacks = [_callback(call, names, path) for call in receiver.calls()]
            persister.origin = replace(_origin(place, today), cost=place.cost())
    return path


def _told(model_id: str, journey: Journey, place: Place, hook: str) -> Tree:
    """The journey block: all that is needed to walk it again."""
    told: Tree = {"model": model_id, "about": journey.about}
    if journey.look:
        return told | {"look": f"{model_id}_{UNKNOWN_ID}"}
    request = request_of(model_id, journey, f"{hook}/field" if hook else "", place.inputs)
    if hook:
        told["webhook"] = f"{hook}/header"
    return told | {"request": cast("Json", request.to_dict()), "saves": not hook}


def _calls_expected(told: Tree) -> int:
    model = MODELS[str(told["model"])]
    return 3 if model.webhook and model.webhook.body_field else 1


def _origin(place: Place, today: str | None) -> Origin:
    date = today or datetime.now(UTC).date().isoformat()
    return Origin(place.recorded_from, place.gateway, date, "")


@contextmanager
def _same_dice(path: Path) -> Generator[None, None, None]:
    """Let the client's jitter fall the same way each time a cassette is recorded."""
    before = random.getstate()
    random.seed(f"{path.parent.name}/{path.stem}")
    try:
        yield
    finally:
        random.setstate(before)


def _walk(place: Place, told: Tree, transport: httpx2.BaseTransport | None) -> Tree:
    with (
        tempfile.TemporaryDirectory() as media,
        Pixazo(
            place.key,
            base_url=place.url,
            clock=place.clock,
            durations=PastDurations(),
            transport=transport,
        ) as client,
    ):
        follow = partial(_looked_at, place) if place.pauses else None
        return walk(client, told, Path(media), follow=follow)


def _looked_at(place: Place, job: Job) -> list[str]:
    """Look at a job after each pause; a look that is refused for now is one that shows nothing."""
    words: list[str] = []
    for pause in place.pauses:
        place.clock.sleep(pause)
        with suppress(RateLimited, GatewayFailure):
            words.append(str(job.status()))
    return words


def _renamed(value: Json, names: Mapping[str, str]) -> Json:
    text = json.dumps(value)
    for actual, fixed in names.items():
        text = text.replace(actual, fixed)
    return cast("Json", json.loads(text))


def _renamed_text(text: str, names: Mapping[str, str]) -> str:
    for actual, fixed in names.items():
        text = text.replace(actual, fixed)
    return text


def _renamed_bytes(content: bytes, headers: Mapping[str, Any], names: Mapping[str, str]) -> bytes:
    if "json" not in str(headers.get("content-type", "")):
        return content
    for actual, fixed in names.items():
        content = content.replace(actual.encode(), fixed.encode())
    return content


def _renamed_request(request: Recorded, names: Mapping[str, str]) -> Recorded:
    """The request as it stands on the cassette; a pinned download gets its host's name back."""
    host, parts = str(request.headers.get("host", "")), urlsplit(str(request.uri))
    uri = parts._replace(netloc=host).geturl() if host else str(request.uri)
    headers = {name: _renamed_text(str(v), names) for name, v in request.headers.items()}
    body = _renamed_bytes(request.body_bytes or b"", request.headers, names)
    return Recorded(str(request.method), _renamed_text(uri, names), body, headers)


def _renamed_response(
    response: dict[str, Any], names: Mapping[str, str], place: Place
) -> dict[str, Any]:
    headers = {
        name.lower(): [_renamed_text(value, names) for value in values]
        for name, values in response["headers"].items()
    }
    body = _renamed_bytes(response["body"]["string"], headers, names)
    moment = datetime.fromtimestamp(round(place.clock.time(), 3), UTC)
    at = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return response | {"headers": headers, "body": {"string": body}, AT: at}


def _callback(call: Asked, names: Mapping[str, str], path: Path) -> Tree:
    check = partial(refuse_secrets, name=f"{path}, a callback", secrets=())
    body = _renamed_bytes(call.body, call.headers, names)
    told: Tree = {
        "method": call.method,
        "url": _renamed_text(call.url, names),
        "headers": cast("Json", call.headers),
        "body": write_body(body, media_type(call.headers), path.parent.parent, check),
    }
    return {"request": told}
