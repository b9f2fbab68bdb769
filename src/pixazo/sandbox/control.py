"""The control plane under `/_sandbox/`: look inside and move things, in JSON."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from importlib import resources
from typing import TypeVar

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from pixazo.sandbox.fault_table import FAULTS
from pixazo.sandbox.media import SHELF
from pixazo.sandbox.replies import Reply, deliver, json_reply
from pixazo.sandbox.types import Json
from pixazo.sandbox.wallet import DoubleCharge
from pixazo.sandbox.world import STAND_IN_PRICE, World, is_loopback

__all__ = ["PREFIX", "Control"]

PREFIX = "/_sandbox/"
PREVIEW = "preview/"
SHOWN = 200
MOST_SHOWN = 20_000

T = TypeVar("T")
Body = dict[str, Json]


class Control:
    """ASGI application: `/_sandbox/…` and the page at `/`.

    Only pages of this machine may use it: the Host must be a loopback name, and a body must say
    that it is JSON, which no other site's page can send unasked.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self._actions: Mapping[tuple[str, str], Callable[[Request, Body], Mapping[str, object]]] = {
            ("GET", "state"): self._state,
            ("POST", "reset"): self._reset,
            ("GET", "clock"): self._clock,
            ("POST", "clock"): self._move_clock,
            ("GET", "wallet"): self._wallet,
            ("POST", "wallet"): self._set_wallet,
            ("GET", "faults"): self._faults,
            ("POST", "faults"): self._add_faults,
            ("DELETE", "faults"): self._clear_faults,
            ("GET", "journal"): self._journal,
            ("GET", "deliveries"): self._deliveries,
            ("GET", "examples"): self._examples,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            reply = await self._answer(request)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            reply = json_reply(400, {"error": "Bad Request", "message": str(error)})
        await deliver(reply, scope, receive, send)

    async def _answer(self, request: Request) -> Reply:
        if not is_loopback(f"http://{request.headers.get('host', '')}/"):
            return _refused(403, "Forbidden", "open the sandbox as 127.0.0.1 or localhost")
        if request.headers.get("origin", _origin(request)) != _origin(request):
            return _refused(403, "Forbidden", "the page of another site may not do this")
        path = request.url.path
        if path == "/":
            return page()
        name = path.removeprefix(PREFIX).strip("/")
        if name.startswith(PREVIEW):
            return await self._preview(name.removeprefix(PREVIEW))
        methods = [method for method, known in self._actions if known == name]
        if not methods:
            known = sorted({f"{PREFIX}{n}" for _, n in self._actions})
            return _refused(404, "Not Found", f"there are {', '.join(known)}")
        if request.method not in methods:
            return _refused(405, "Method Not Allowed", f"{path} takes {', '.join(methods)}")
        body = await _body(request) if request.method == "POST" else {}
        return json_reply(200, self._actions[request.method, name](request, body))

    async def _preview(self, name: str) -> Reply:
        """A small picture for whoever looks on: no entry, and no fault meant for a client."""
        request_id, _, file = name.partition("/")
        job = self.world.jobs.get(request_id)
        made = job is not None and job.made(self.world.clock.now()) and not job.faded
        if job is None or not made or file not in job.work.file_names:
            return _refused(404, "Not Found", f"{PREFIX}{PREVIEW}ID/FILE shows what a job made")
        index = job.work.file_names.index(file)
        body = await asyncio.to_thread(SHELF.file, job.work.preview, index)
        return Reply(200, body, job.work.media_type, {"Cache-Control": "no-store"})

    def _state(self, _request: Request, _body: Body) -> dict[str, object]:
        world, now = self.world, self.world.clock.now()
        jobs = [job for job in world.jobs if job.timeline.created_at <= now][-SHOWN:]
        return {
            "gateway": world.gateway_url,
            "media": world.media_url,
            "spec_version": world.document.version,
            "latency_s": world.latency,
            "prices_usd": {m: str(world.price_of(o)) for m, o in world.document.models.items()},
            "stand_in_price_usd": str(STAND_IN_PRICE),
            "clock": self._clock_facts(),
            "wallet": self._wallet_facts(),
            "number_of_jobs": len(world.jobs),
            "number_of_requests": len(world.journal),
            "number_of_deliveries": len(world.deliveries),
            "leaks": [entry.to_dict() for entry in world.journal.leaks][-SHOWN:],
            "jobs": [world.journal.clean(job.to_dict(now)) for job in reversed(jobs)],
        }

    def _reset(self, request: Request, body: Body) -> dict[str, object]:
        self.world.reset()
        return self._state(request, body)

    def _clock(self, _request: Request, _body: Body) -> dict[str, object]:
        return self._clock_facts()

    def _move_clock(self, _request: Request, body: Body) -> dict[str, object]:
        seconds = body.get("advance")
        if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not seconds >= 0:
            raise ValueError('send {"advance": seconds} with 0 or more seconds')
        self.world.clock.advance(seconds)
        return self._clock_facts()

    def _wallet(self, _request: Request, _body: Body) -> dict[str, object]:
        charges = [
            {"request_id": c.request_id, "model_id": c.model_id, "usd": str(c.usd),
             "refunded": c.refunded}
            for c in self.world.wallet.charges[-MOST_SHOWN:]
        ]  # fmt: skip
        return {**self._wallet_facts(), "charges": charges}

    def _set_wallet(self, _request: Request, body: Body) -> dict[str, object]:
        balance = body.get("balance")
        if not isinstance(balance, str | int | float) or isinstance(balance, bool):
            raise ValueError('send {"balance": "10"} in US dollars')
        self.world.wallet.set_balance(str(balance))
        return self._wallet_facts()

    def _faults(self, _request: Request, _body: Body) -> dict[str, object]:
        known = [
            {"name": f.name, "stages": f.stages, "value": f.value, "summary": f.summary}
            for f in FAULTS.values()
        ]
        return {"rules": self.world.faults.to_list(), "known": known}

    def _add_faults(self, request: Request, body: Body) -> dict[str, object]:
        given = body.get("rules", [body])
        self.world.faults.load(given)
        return self._faults(request, body)

    def _clear_faults(self, request: Request, body: Body) -> dict[str, object]:
        self.world.faults.clear()
        return self._faults(request, body)

    def _journal(self, request: Request, _body: Body) -> dict[str, object]:
        since, limit = _number(request, "since", 0), _number(request, "limit", SHOWN)
        entries = [entry for entry in self.world.journal if entry.number > since]
        return {"entries": [entry.to_dict() for entry in _latest(entries, limit)]}

    def _deliveries(self, request: Request, _body: Body) -> dict[str, object]:
        made = _latest(list(self.world.deliveries), _number(request, "limit", SHOWN))
        return {"deliveries": [self.world.journal.clean(d.to_dict()) for d in made]}

    def _examples(self, _request: Request, _body: Body) -> dict[str, object]:
        """For each model how to ask, with the documented example of a body."""
        models = {
            model_id: {
                "method": operation.method,
                "path": operation.path,
                "key_header": self.world.document.key_header,
                "usd": str(self.world.price_of(operation)),
                "body": operation.example,
            }
            for model_id, operation in self.world.document.models.items()
        }
        return {"models": models}

    def _clock_facts(self) -> dict[str, object]:
        clock = self.world.clock
        return {"now": clock.now(), "rate": clock.rate, "running": clock.running}

    def _wallet_facts(self) -> dict[str, object]:
        wallet = self.world.wallet
        return {
            "balance_usd": str(wallet.balance),
            "spent_usd": str(wallet.spent),
            "double_charges": [_told(double) for double in wallet.double_charges],
        }


def page() -> Reply:
    """The page at `/`: one file, and nothing from elsewhere."""
    text = resources.files("pixazo.sandbox").joinpath("page.html").read_text(encoding="utf-8")
    policy = (
        "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; "
        "script-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
    return Reply(200, text.encode(), "text/html; charset=utf-8", headers)


def _origin(request: Request) -> str:
    """What a browser names as the origin of the sandbox's own page."""
    return f"http://{request.headers['host']}"


async def _body(request: Request) -> Body:
    raw = await request.body()
    if not raw and request.url.path.strip("/").endswith("reset"):
        return {}
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise ValueError("send Content-Type: application/json, as no other site's page can")
    try:
        body: Json = json.loads(raw)
    except json.JSONDecodeError as error:
        raise ValueError(f"the body is not JSON ({error}); send a JSON object") from error
    if not isinstance(body, dict):
        raise TypeError("the body is no JSON object; send one")
    return body


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isdecimal():
        raise ValueError(f"{name}={text}: give a whole number")
    return min(int(text), MOST_SHOWN)


def _latest(items: list[T], number: int) -> list[T]:
    return items[max(0, len(items) - number) :]


def _told(double: DoubleCharge) -> dict[str, object]:
    return {
        "idempotency_key": double.idempotency_key,
        "request_ids": double.request_ids,
        "usd": str(double.usd),
    }


def _refused(status: int, error: str, message: str) -> Reply:
    return json_reply(status, {"error": error, "message": message})
