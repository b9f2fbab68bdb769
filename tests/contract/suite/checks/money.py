"""Layer 6: whose key may what, and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from pixazo_openapi.catalogue import Model

from tests.contract.suite.checks.errors import RESPONSES, to_the_letter
from tests.contract.suite.exchange import Exchange
from tests.contract.suite.lab import POOR, SECOND, WRONG, Job, Lab
from tests.contract.suite.samples import at, plain_body
from tests.contract.suite.targets import WalletView
from tests.contract.suite.verdicts import rule

__all__ = ["CHECKS", "judge_free"]

PLENTY = Decimal(100_000)

REFUSALS = {"403", "429", "model-not-found"}

NO_KEY = rule(
    "key-needed",
    6,
    "Without a key every operation is answered 401",
    "Anybody spends, or reads, what is somebody else's.",
    pointer="/components/securitySchemes/subscriptionKey",
    rulings=("R07",),
)
WRONG_KEY = rule(
    "key-checked",
    6,
    "A key that nobody was given is answered 401",
    "Anybody spends, or reads, what is somebody else's.",
    pointer="/components/securitySchemes/subscriptionKey",
    rulings=("R07",),
)
STRANGER = rule(
    "strangers-see-nothing",
    6,
    "Another key does not see a job: 403 or 404",
    "Prompts and pictures are open to strangers.",
    pointer="/paths/~1v2~1requests~1status~1{request_id}/get/responses/403",
    rulings=("R21",),
)
PRICE = rule(
    "price",
    6,
    "A request costs its price, whatever it asks for",
    "Estimates and limits are wrong.",
    rulings=("R12", "R13"),
)
EXACT = rule(
    "balance-exact",
    6,
    "A balance of just the price is enough, and less is answered 402",
    "Wallets go below zero, or money in them cannot be spent.",
    pointer=f"{RESPONSES}/InsufficientBalance",
    rulings=("R17",),
)
EMPTY = rule(
    "empty-wallet",
    6,
    "On an empty wallet nothing is queued, and the documented body says why",
    "Callers cannot tell an empty wallet from an error.",
    pointer=f"{RESPONSES}/InsufficientBalance",
    rulings=("R17",),
)
RETURNED = rule(
    "error-returned",
    6,
    "The money of a job that ends ERROR comes back",
    "Callers pay for the gateway's failures.",
    pointer="/paths/~1v2~1requests~1status~1{request_id}/get/x-pixazo/states/ERROR",
    rulings=("R15",),
)
FREE = rule(
    "refusals-free",
    6,
    "Refused requests and looks at jobs cost nothing",
    "Mistakes and polling empty the wallet.",
    pointer=f"{RESPONSES}/BadRequest",
    rulings=("R95",),
)


def keys(lab: Lab) -> None:
    """No operation works without a key or with one that nobody was given."""
    status = lab.spec.status.path.replace("{request_id}", "no-such-request")
    calls: list[tuple[str, Callable[[str | None], Exchange]]] = [
        ("status", lambda key: lab.send("GET", status, key=key))
    ]
    calls += [(model.model_id, _submission(lab, model)) for model in lab.models]
    for name, call in calls:
        for key in (None, ""):
            answer = call(key)
            lab.hold(NO_KEY, _not(answer, 401), answer, operation=name)
        if lab.target.refuses_unknown_keys:
            answer = call(WRONG)
            lab.hold(WRONG_KEY, _not(answer, 401), answer, operation=name)
        else:
            lab.not_here(WRONG_KEY, "this target takes any key", name)


def _submission(lab: Lab, model: Model) -> Callable[[str | None], Exchange]:
    body = plain_body(model, lab.target)
    return lambda key: lab.send(model.method, model.path, body, key=key)


def _not(answer: Exchange, *wanted: int) -> str:
    return "" if answer.status in wanted else f"{answer.status or answer.failure}"


def strangers(lab: Lab) -> Iterator[Sequence[Job]]:
    """A second person sees a job neither while it works nor after its end."""
    if lab.target.second_key is None:
        lab.not_here(STRANGER, "no second key: give one with --second-key", "status")
        return
    jobs = [
        job for model in lab.queued if (job := lab.submit(model, plain_body(model, lab.target)))
    ]
    for _ in range(2):
        for job in jobs:
            path = lab.spec.status.path.replace("{request_id}", job.request_id)
            answer = lab.send("GET", path, key=None)
            lab.hold(NO_KEY, _not(answer, 401), answer, operation="status")
            answer = lab.send("GET", path, key=SECOND)
            seen = _not(answer, 403, 404) and f"{answer.status} to another key"
            told = job.request_id.encode() in answer.body
            lab.hold(
                STRANGER, seen or ("its id is repeated" if told else ""), answer, operation="status"
            )
        yield jobs


def _poor_key(lab: Lab) -> None:
    """A key without money gets the documented 402, where the wallet cannot be seen."""
    for model in lab.models:
        if lab.target.poor_key is None:
            lab.not_here(EMPTY, "no key without money: give one with --poor-key", model.model_id)
            for hidden in (PRICE, EXACT, RETURNED, FREE):
                lab.not_here(hidden, "the wallet cannot be seen", model.model_id)
            continue
        answer = lab.post(model, plain_body(model, lab.target), key=POOR)
        _judge_empty(lab, model, answer)


def _judge_empty(lab: Lab, model: Model, answer: Exchange) -> None:
    queued = at(answer.json, "/request_id")
    seen = _not(answer, 402) or (f"a 402 that names job {queued}" if queued else "")
    pointer = f"{lab.spec.models[model.model_id].pointer}/responses/402"
    lab.hold(EMPTY, seen, answer, operation=model.model_id, pointer=pointer)
    wanted = lab.spec.get(
        f"{RESPONSES}/InsufficientBalance/content/application~1json/examples/empty_wallet/value"
    )
    if answer.status == 402:
        to_the_letter(lab, answer, wanted, model.model_id, "InsufficientBalance")


def wallet(lab: Lab) -> Iterator[Sequence[Job]]:
    """Prices, exact balances, free refusals and refunds, where the wallet can be seen."""
    purse = lab.target.wallet
    if purse is None:
        _poor_key(lab)
        return
    try:
        for model in lab.models:
            _prices(lab, model, purse)
            _exact(lab, model, purse)
            _free(lab, model, purse)
            purse.set_balance(PLENTY)
        yield from _refunds(lab, purse)
    finally:
        purse.set_balance(PLENTY)


def _prices(lab: Lab, model: Model, purse: WalletView) -> None:
    for body in _cheap_and_dear(lab, model):
        before = purse.balance()
        answer = lab.post(model, body)
        paid = before - purse.balance()
        seen = (
            ""
            if paid == purse.price(model.model_id)
            else f"paid {paid}, the price is {purse.price(model.model_id)}"
        )
        pointer = f"{lab.spec.models[model.model_id].pointer}/x-pixazo/price"
        if lab.taken(model, answer):
            lab.hold(PRICE, seen, answer, operation=model.model_id, pointer=pointer)


def _cheap_and_dear(lab: Lab, model: Model) -> list[Any]:
    """The smallest request, and one with every count at its most."""
    most = {
        p.name: int(p.maximum)
        for p in model.parameters
        if p.types == ("integer",) and p.maximum is not None
    }
    bodies = [plain_body(model, lab.target)]
    return [*bodies, plain_body(model, lab.target, **most)] if most else bodies


def _exact(lab: Lab, model: Model, purse: WalletView) -> None:
    body, price = plain_body(model, lab.target), purse.price(model.model_id)
    purse.set_balance(price - Decimal("0.001"))
    answer = lab.post(model, body)
    _judge_empty(lab, model, answer)
    paid = price - Decimal("0.001") - purse.balance()
    seen = "" if paid == 0 else f"{paid} paid for a 402"
    lab.hold(FREE, seen, answer, operation=model.model_id)
    purse.set_balance(price)
    answer = lab.post(model, body)
    success = lab.spec.models[model.model_id].success
    left = purse.balance()
    seen = _not(answer, success) or ("" if left == 0 else f"{left} left of just the price")
    lab.hold(EXACT, seen, answer, operation=model.model_id)
    again = lab.post(model, body)
    seen = _not(again, 402) or ("" if purse.balance() == 0 else f"{purse.balance()} after a 402")
    lab.hold(EXACT, seen, again, operation=model.model_id)


def _free(lab: Lab, model: Model, purse: WalletView) -> None:
    purse.set_balance(PLENTY)
    body = plain_body(model, lab.target)
    refused = [
        lab.send(model.method, model.path, b"{"),
        lab.send(model.method, model.path, {}),
        lab.send(model.method, model.path, {**body, "no_such_field": 1}),
        lab.send(model.method, model.path, body, key=None),
        lab.send("GET", lab.spec.status.path.replace("{request_id}", "no-such-request")),
    ]
    provoked = [lab.target.provoke[n] for n in sorted(REFUSALS & lab.target.provoke.keys())]
    refused += [lab.post(model, body, headers=headers) for headers in provoked]
    paid = PLENTY - purse.balance()
    seen = "" if paid == 0 else f"{paid} paid for requests that were refused"
    lab.hold(FREE, seen, refused[2], operation=model.model_id)
    if model.mode == "queued" and (job := lab.submit(model, body)):
        before = lab.balance()
        for _ in range(3):
            lab.look(job)
        judge_free(lab, before, "three looks at a job")


def judge_free(lab: Lab, before: Decimal | None, what: str) -> None:
    """Hold the balance to what it was, where it can be seen."""
    now = lab.balance()
    if before is not None and now is not None:
        seen = "" if now == before else f"{before - now} paid for {what}"
        lab.hold(FREE, seen, lab.exchanges[-1], operation="status")


def _refunds(lab: Lab, purse: WalletView) -> Iterator[Sequence[Job]]:
    headers = lab.target.provoke.get("error")
    for model in lab.queued:
        if headers is None:
            lab.not_here(RETURNED, "no way to make a job end ERROR", model.model_id)
            continue
        purse.set_balance(PLENTY)
        job = lab.submit(model, plain_body(model, lab.target), headers=headers, wanted="ERROR")
        if job is None:
            continue
        yield [job]
        paid = PLENTY - purse.balance()
        seen = "" if paid == 0 else f"{paid} not given back"
        lab.hold(RETURNED, seen, job.end or job.receipt, operation=model.model_id)
        lab.look(job)
        seen = "" if purse.balance() == PLENTY else "the balance changed after the end"
        lab.hold(RETURNED, seen, job.end or job.receipt, operation=model.model_id)


wallet.alone = True  # type: ignore[attr-defined] # nobody else may spend meanwhile

CHECKS = (keys, strangers, wallet)
