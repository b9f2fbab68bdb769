"""Record one journey: walk it with the public client and keep what was said."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import cast

from pixazo_openapi.catalogue import MODELS

from pixazo import GatewayFailure, Job, Pixazo, RateLimited
from pixazo.pace import PastDurations
from tests.deck.bodies import media_type, write_body
from tests.deck.journeys import UNKNOWN_ID, Journey, request_of
from tests.deck.library import RecordMode
from tests.deck.names import Names
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
) -> Path:
    """Record a journey of a model and return its cassette, untouched when nothing has changed.

    Args:
        model_id: The model.
        journey: What happens.
        target: Where.
        folder: The folder of all cassettes.
        today: The date in the origin block.

    Raises:
        NotRecordable: The target cannot show this journey.
        SecretFound: A secret would be written.
    """
    path = folder / model_id / f"{target.prefix}{journey.name}.yaml"
    with Receiver() as receiver, target.place(model_id, journey) as place:
        names = Names({**place.names, receiver.url: RECEIVER})
        told = _told(model_id, journey, place, receiver.url if journey.calls_back else "")
        persister = Persister(origin=_origin(place, today), secrets=(place.key,))
        persister.journey = cast("Tree", names.value({**told, "ends": {"interrupted": True}}))
        with opened(
            path,
            persister,
            RecordMode.ALL,
            before_record_request=names.request,
            before_record_response=lambda told: names.response(told) | {AT: _now(place)},
            paid=place.transport is not None,
        ):
            with _same_dice(path):
                ending = _walk(place, told)
            if journey.calls_back:
                receiver.wait(_calls_expected(told))
            persister.journey = cast("Tree", names.value({**told, "ends": ending}))
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


def _walk(place: Place, told: Tree) -> Tree:
    with (
        tempfile.TemporaryDirectory() as media,
        Pixazo(
            place.key,
            base_url=place.url,
            clock=place.clock,
            durations=PastDurations(),
            attempts=place.attempts,
            transport=place.transport,
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


def _now(place: Place) -> str:
    moment = datetime.fromtimestamp(round(place.clock.time(), 3), UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _callback(call: Asked, names: Names, path: Path) -> Tree:
    check = partial(refuse_secrets, name=f"{path}, a callback", secrets=())
    body = names.body(call.body, call.headers)
    told: Tree = {
        "method": call.method,
        "url": names.text(call.url),
        "headers": cast("Json", call.headers),
        "body": write_body(body, media_type(call.headers), path.parent.parent, check),
    }
    return {"request": told}
