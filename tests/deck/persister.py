"""How vcrpy keeps a cassette: reviewable YAML in, wire bytes out, and never a secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from pixazo_openapi.catalogue import KEY_HEADER

from tests.deck.bodies import media_type, write_body
from tests.deck.faults import CassetteBroken, SecretFound
from tests.deck.leaks import find_leaks
from tests.deck.library import CassetteNotFoundError, Recorded
from tests.deck.notation import parse, render
from tests.deck.origin import Origin, hashes, operation_at
from tests.deck.tapes import Tape, read_tape
from tests.deck.types import Json, Tree

__all__ = ["AT", "SAME_AGAIN", "Persister", "refuse_secrets"]

AT = "at"  # where a recorded response carries its moment
ASKED_HEADERS = frozenset({"content-type", "cache-control", "x-webhook-url"})
ANSWERED_HEADERS = frozenset({"content-type", "retry-after", "location", "allow"})
VARIES = frozenset({"recorded from", "date", "spec"})  # of an origin, while all else is the same
SAME_AGAIN = frozenset({"GET", "HEAD"})  # equal answers in a row stand there once


@dataclass
class Persister:
    """Reads and writes one cassette; vcrpy calls it.

    Args:
        origin: Where a recording comes from; the operations are filled in.
        journey: What the caller does and how it ends, for a recording.
        secrets: Keys that must not be written, besides those on the requests themselves.
        callbacks: What the gateway called, in order: `{at, request: {method, url, …}}`.
        tape: The cassette that was read.
    """

    origin: Origin | None = None
    journey: Tree = field(default_factory=dict[str, Json])
    secrets: tuple[str, ...] = ()
    callbacks: list[Tree] = field(default_factory=list[Tree])
    tape: Tape | None = None

    def load_cassette(
        self,
        cassette_path: Path,
        serializer: object,  # noqa: ARG002 - as vcrpy calls it
    ) -> tuple[list[Recorded], list[dict[str, Any]]]:
        """Return every request and answer as vcrpy wants them, polls as often as they came.

        Raises:
            CassetteBroken: The cassette cannot be used.
        """
        if self.origin is not None or not Path(cassette_path).is_file():
            raise CassetteNotFoundError  # a recording begins with nothing
        self.tape = read_tape(Path(cassette_path))
        requests: list[Recorded] = []
        responses: list[dict[str, Any]] = []
        for interaction in self.tape.interactions:
            asked, answered = interaction.asked, interaction.answered
            response = {
                "status": {"code": answered.status, "message": None},
                "headers": {name: [value] for name, value in answered.headers.items()},
                "body": {"string": answered.body},
            }
            request = Recorded(asked.method, asked.url, asked.body, asked.headers)
            requests += [request] * interaction.polls
            responses += [response] * interaction.polls
        return requests, responses

    def save_cassette(
        self,
        cassette_path: Path,
        cassette_dict: Mapping[str, list[Any]],
        serializer: object,  # noqa: ARG002 - as vcrpy calls it
    ) -> None:
        """Write what was recorded.

        Raises:
            SecretFound: Something that looks like a secret would be written.
        """
        path = Path(cassette_path)
        pairs = list(zip(cassette_dict["requests"], cassette_dict["responses"], strict=True))
        keys = {str(q.headers[KEY_HEADER]) for q, _ in pairs if KEY_HEADER in q.headers}
        secrets = (*self.secrets, *sorted(keys))
        interactions = _collapsed([_interaction(q, r, path, secrets) for q, r in pairs])
        assert self.origin is not None, "a recording has an origin"
        used = [operation_at(str(q.method), urlsplit(str(q.uri)).path) for q, _ in pairs]
        origin = replace(self.origin, operations=hashes(name for name in used if name))
        self._write(path, origin, interactions, secrets)

    def _write(
        self, path: Path, origin: Origin, interactions: list[Json], secrets: tuple[str, ...]
    ) -> None:
        sections: Tree = {
            "origin": origin.to_tree(),
            "journey": self.journey,
            "interactions": interactions,
        }
        if self.callbacks:
            sections["callbacks"] = cast("Json", self.callbacks)
        text = render(sections)
        refuse_secrets(text.encode(), str(path), secrets)
        if path.is_file() and _sayings(path.read_text("utf-8"), path) == _sayings(text, path):
            return  # nothing has changed but the day
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(text, encoding="utf-8")
        part.replace(path)


def refuse_secrets(content: bytes, name: str, secrets: tuple[str, ...]) -> None:
    """Raise when something that looks like a secret stands in `content`; it is not told.

    Args:
        content: What would be written.
        name: What the message calls it.
        secrets: Keys that were used.

    Raises:
        SecretFound: There is one.
    """
    leaks = find_leaks(content, secrets)
    if leaks:
        line = content.count(b"\n", 0, leaks[0].offset) + 1
        message = f"{name}:{line}: {leaks[0]}; nothing was written, take it out of the answer"
        raise SecretFound(message)


def _interaction(
    request: Recorded, response: dict[str, Any], path: Path, secrets: tuple[str, ...]
) -> Tree:
    asked = _headers(request.headers, ASKED_HEADERS)
    answered = _headers(response["headers"], ANSWERED_HEADERS)
    content = response["body"]["string"]
    name = f"{path}, the answer to {request.method} {request.uri.partition('?')[0]}"
    folder, check = path.parent.parent, partial(refuse_secrets, name=name, secrets=secrets)
    told: Tree = {"at": response[AT]} if AT in response else {}
    return told | {
        "request": _message(
            {"method": request.method, "url": request.uri},
            asked,
            write_body(request.body_bytes or b"", media_type(asked), folder, check),
        ),
        "response": _message(
            {"status": response["status"]["code"]},
            answered,
            write_body(content, media_type(answered), folder, check),
        ),
    }


def _message(first: Tree, headers: dict[str, str], body: Tree | None) -> Tree:
    message = dict(first)
    if headers:
        message["headers"] = cast("Json", headers)
    if body is not None:
        message["body"] = body
    return message


def _headers(headers: Mapping[str, Any], allowed: frozenset[str]) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, value in headers.items():
        if name.lower() in allowed:
            kept[name.lower()] = value if isinstance(value, str) else ", ".join(value)
    return dict(sorted(kept.items()))


def _collapsed(interactions: list[Tree]) -> list[Json]:
    """The interactions, equal answers in a row to the same question as one with a count."""
    kept: list[Tree] = []
    for told in interactions:
        before = kept[-1] if kept else None
        request = cast("Tree", told["request"])
        same = before is not None and all(before[n] == told[n] for n in ("request", "response"))
        if before is not None and same and request["method"] in SAME_AGAIN:
            before["polls"] = cast("int", before.get("polls", 1)) + 1
        else:
            kept.append(told)
    return cast("list[Json]", kept)


def _sayings(text: str, path: Path) -> object:
    """What a cassette says, apart from the day, the versions and the hash of the whole spec."""
    try:
        content, _ = parse(path, text)
    except CassetteBroken:
        return None
    origin = content.get("origin")
    if isinstance(origin, dict):
        content["origin"] = {n: v for n, v in origin.items() if n not in VARIES}
    return content
