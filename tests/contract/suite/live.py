"""The paid gateway: a plan first, free checks, then one small job per model under a cap."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
from pixazo_openapi.catalogue import MODELS, SERVER, SPEC_SHA256, Model

from tests.contract.suite.cap import (
    CappedTransport,
    CapReached,
    PriceUnknown,
    Spending,
    known_prices,
)
from tests.contract.suite.checks import errors, money, results
from tests.contract.suite.exchange import Exchange
from tests.contract.suite.lab import ACCEPTED, GaveUp, Job, Lab
from tests.contract.suite.options import Options, gateway
from tests.contract.suite.reports.report import Report
from tests.contract.suite.runner import judge_lives, probe
from tests.contract.suite.samples import plain_body
from tests.contract.suite.spec import spec
from tests.contract.suite.targets import CouldNotRun, NotRun, Target, of_url
from tests.contract.suite.verdicts import RULES
from tests.contract.suite.wire import connections

__all__ = ["Planned", "plan", "plan_text", "run_live"]

FREE = (
    "without a key: 401 on every operation",
    "unknown ids and unknown paths: 404",
    "other methods: 404 or 405",
    "broken JSON and missing fields: 400 (reserved under the cap, given back with the 4xx)",
)


@dataclass(frozen=True, slots=True)
class Planned:
    """One paid call.

    Args:
        usd: its price; None when it is unknown.
        lacks: what must be given before it can be made; empty when nothing.
    """

    model: Model
    usd: Decimal | None
    lacks: str


def plan(options: Options) -> list[Planned]:
    """The paid calls, cheapest first, those that cannot be made last."""
    prices = known_prices(options.prices)
    wanted = [m for name, m in MODELS.items() if not options.only or name in options.only]
    priced = [(model, prices[model.model_id]) for model in wanted]
    planned = [Planned(model, usd, _lacks(model, usd, options)) for model, usd in priced]
    return sorted(planned, key=lambda call: (bool(call.lacks), call.usd or Decimal(0)))


def _lacks(model: Model, usd: Decimal | None, options: Options) -> str:
    lacks = [] if usd is not None else [f"--assume-price {model.model_id}=USD"]
    if "input" in model.render:
        archive = model.media_kind == "lora"
        given = options.archive if archive else options.picture
        lacks += [] if given else ["--archive URL" if archive else "--picture URL"]
    return " and ".join(lacks)


def plan_text(options: Options) -> str:
    """What would be done, what each call costs, and the worst case."""
    calls = plan(options)
    lines = ["plan for live, nothing is sent:", "  free"]
    lines += [f"    {text}" for text in FREE]
    lines += ["  paid: one small job for each model, followed to its end"]
    for call in calls:
        price = f"${call.usd}" if call.usd is not None else "price unknown"
        lacks = f"  (not without {call.lacks})" if call.lacks else ""
        lines.append(f"    {call.model.model_id:<32} {price}{lacks}")
    worst = sum((call.usd or Decimal(0) for call in calls if not call.lacks), Decimal(0))
    lines += [f"  worst case ${worst}; the cap is ${options.max_spend}"]
    return "\n".join(lines)


def run_live(options: Options, environment: Mapping[str, str] = os.environ) -> Report:
    """Make the plan's calls.

    Raises:
        CouldNotRun: no key, no cap, or a cap below the cheapest call.
    """
    if options.key is None or not options.max_spend:
        lacks = " and ".join(
            name
            for name, given in (("--key", options.key), ("--max-spend", options.max_spend))
            if not given
        )
        raise NotRun(f"{plan_text(options)}\nnot run: live needs {lacks}")
    calls = plan(options)
    payable = [call for call in calls if not call.lacks and call.usd is not None]
    cheapest = min((call.usd for call in payable if call.usd is not None), default=None)
    if cheapest is None:
        raise NotRun(f"{plan_text(options)}\nnot run: no call can be made with what was given")
    if options.max_spend < cheapest:
        raise CouldNotRun(
            f"--max-spend {options.max_spend}: below the cheapest call, {cheapest}; raise it, "
            "or name other models with --only"
        )
    named = environment.get("PIXAZO_GATEWAY_URL")
    return _run(options, calls, gateway("PIXAZO_GATEWAY_URL", named) if named else SERVER)


def _run(options: Options, calls: list[Planned], url: str) -> Report:
    began = time.perf_counter()
    spending, kept = _memory(options)
    inner = connections(url)
    transport = CappedTransport(inner, spending, known_prices(options.prices))
    lab = Lab(_target(options, url, transport), spec(), only=options.only, seed=options.seed)
    try:
        probe(lab, looks_only=True)
        _free(lab)
        _paid(lab, calls, kept)
    except GaveUp as reason:
        lab.notes.append(f"ended early: {reason}")
    finally:
        lab.close()
        transport.close()
    judge_lives(lab)
    lab.notes = list(dict.fromkeys(lab.notes))
    lab.notes.append(f"${spending.spent()} of ${options.max_spend} spent, by {options.ledger}")
    for rule in RULES.values():
        if not any(verdict.rule is rule for verdict in lab.verdicts):
            lab.unchecked.setdefault((rule.name, ""), "live is not fuzzed: one small job per model")
    return Report.of(lab, layers=(1, 2, 4, 6, 7), seconds=time.perf_counter() - began)


def _memory(options: Options) -> tuple[Spending, Kept]:
    """What was spent and kept so far, in files that can be written."""
    spending = Spending(options.ledger, options.max_spend)
    kept = Kept(options.ledger.with_suffix(".exchanges.jsonl"))
    try:
        spending.spent()
        kept.check()
    except OSError as error:
        raise CouldNotRun(f"--ledger {options.ledger} cannot be used: {error.strerror}") from error
    except CapReached as error:
        raise CouldNotRun(f"--ledger {options.ledger}: {error}") from error
    return spending, kept


def _target(options: Options, url: str, transport: httpx2.BaseTransport) -> Target:
    return of_url(
        url,
        options.key or "",
        second_key=options.second_key,
        job_timeout_s=options.job_timeout_s,
        picture=options.picture,
        archive=options.archive,
        transport=transport,
    )


def _free(lab: Lab) -> None:
    """What costs nothing: no key, unknown ids and paths, other methods, bodies that are refused."""
    known: list[Callable[[Lab], Any]] = [money.keys, errors.whatever_is_accepted]
    for check in known:
        _guarded(lab, partial(check, lab))
    for model in lab.models:
        lab.send("GET", model.path, probe=True)
        lab.send("GET", model.path + "x", probe=True)
        for raw in (b'{"cut": ', b"{}"):
            _guarded(lab, partial(errors.refused, lab, model, raw))


def _guarded(lab: Lab, call: Callable[[], Any]) -> None:
    try:
        call()
    except (CapReached, PriceUnknown) as error:
        lab.notes.append(f"not sent: {error}")


def _paid(lab: Lab, calls: list[Planned], kept: Kept) -> None:
    jobs: list[Job] = []
    for call in calls:
        name = call.model.model_id
        if call.lacks:
            lab.not_here(ACCEPTED, f"not without {call.lacks}", name)
            continue
        try:
            jobs += _one(lab, call.model, kept)
        except (CapReached, PriceUnknown) as error:
            lab.not_here(ACCEPTED, str(error), name)
    lab.wait(jobs)
    for job in jobs:
        for look in job.looks:
            kept.keep(job.model, job.body, look)
        if job.completed and job.end:
            results.judge_result(lab, job.model, job.body, job.end)


def _one(lab: Lab, model: Model, kept: Kept) -> list[Job]:
    """Submit one small job, or go on with the one that an earlier run paid for."""
    body = plain_body(model, lab.target)
    receipt = kept.find(model, lab.target.url + model.path, body)
    if receipt is None:
        with lab.wire.heard_by(partial(kept.keep, model, body)):
            receipt = lab.post(model, body)
        if not lab.taken(model, receipt):
            return []
    else:
        lab.notes.append(f"{model.model_id}: paid for before, not submitted again")
        lab.exchanges.append(receipt)
    if model.mode == "direct":
        results.judge_result(lab, model, body, receipt)
        return []
    request_id = receipt.json.get("request_id") if isinstance(receipt.json, dict) else None
    if not isinstance(request_id, str):
        return []
    return [lab.adopt(Job(model, body, receipt, request_id, True, "COMPLETED"))]


@dataclass(frozen=True, slots=True)
class Kept:
    """Exchanges of earlier runs, so that no cent is spent twice."""

    path: Path

    def check(self) -> None:
        """Make sure that everything reads and more can be written.

        Raises:
            CouldNotRun: a line does not read.
            OSError: the file cannot be used.
        """
        for _ in self._rows():
            pass
        with self.path.open("a", encoding="utf-8"):
            pass

    def keep(self, model: Model, body: Any, exchange: Exchange) -> None:
        """Write an exchange down."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        row = {"model": model.model_id, "spec": SPEC_SHA256, "asked": body, **exchange.to_dict()}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def find(self, model: Model, url: str, body: Any) -> Exchange | None:
        """The accepted submission of this very body, if an earlier run made it at this place."""
        for row in self._rows():
            same = (row["model"], row["url"], row["asked"]) == (model.model_id, url, body)
            if same and row["method"] == "POST" and row["status"] == model.success_status:
                return Exchange(
                    method="POST",
                    url=row["url"],
                    status=row["status"],
                    request_headers=row["request_headers"],
                    request_body=row["request_body"].encode(),
                    headers=row["headers"],
                    body=row["body"].encode(),
                    at=row["at"],
                    elapsed_s=row["elapsed_s"],
                )
        return None

    def _rows(self) -> Iterator[dict[str, Any]]:
        if self.path.exists():
            for number, line in enumerate(self.path.read_text("utf-8").splitlines(), 1):
                try:
                    yield json.loads(line)
                except ValueError as error:
                    raise CouldNotRun(
                        f"{self.path}:{number}: does not read, so nobody knows what was paid for; "
                        "put the line right or move the file away"
                    ) from error
