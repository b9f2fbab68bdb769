"""Layer 9: schemathesis, which reads the same document with other eyes."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pixazo_openapi.catalogue import KEY_HEADER, Model

from codegen.document import escape
from tests.contract.suite import answers
from tests.contract.suite.exchange import Exchange
from tests.contract.suite.lab import TOO_MANY, Lab
from tests.contract.suite.samples import plain_body
from tests.contract.suite.verdicts import ELSEWHERE, RULES, Rule, Verdict, rule

__all__ = ["CHECKS", "PREFIX"]

PREFIX = "schemathesis-"
SEED_EXAMPLES = {True: 60, False: 20}
SLOW_S = 0.5
EMPTY = 402
NOWHERE = "http://127.0.0.1:9/hook"

OPINION = rule(
    f"{PREFIX}runs",
    9,
    "schemathesis comes to its end without an error of its own",
    "The second opinion is missing.",
    pointer="/paths",
)


def second_opinion(lab: Lab) -> None:
    """Examples and coverage of every operation; all phases in a full run."""
    if lab.target.receiver_url is None:
        why = "invented callback addresses could be called: give --receiver URL"
        lab.not_here(OPINION, why)
        return
    with tempfile.TemporaryDirectory() as folder:
        refused = sum(_take(lab, event) for event in _events(lab, Path(folder)))
    if refused * 2 > lab.others:
        lab.not_here(
            OPINION,
            f"{refused} of {lab.others} met a 429 or an empty wallet: give the key more",
        )
    else:
        lab.hold(OPINION, "", operation=ELSEWHERE)


def _events(lab: Lab, folder: Path) -> Iterator[Any]:
    import schemathesis
    from schemathesis.config import SchemathesisConfig
    from schemathesis.engine import from_schema

    config = SchemathesisConfig.from_dict(_config(lab, folder))
    schema = schemathesis.openapi.from_dict(_document(lab), config=config)
    yield from from_schema(schema).execute()


def _config(lab: Lab, folder: Path) -> dict[str, Any]:
    full = lab.full
    return {
        "seed": lab.seed,
        "base-url": lab.target.url,
        "request-timeout": 60,
        "continue-on-failure": True,
        "cache": {"enabled": False},
        "workers": 1 if lab.target.quick else 4,
        "auth": _auth(lab, folder),
        "generation": {"database": "none", "max-examples": SEED_EXAMPLES[full]},
        "checks": {"ignored_auth": {"enabled": lab.target.refuses_unknown_keys}},
        "phases": {
            "examples": {"enabled": True},
            "coverage": {"enabled": True},
            "fuzzing": {"enabled": full},
            "stateful": {"enabled": full},
        },
    }


def _auth(lab: Lab, folder: Path) -> dict[str, Any]:
    """One user, or two who must not see each other's jobs."""
    if lab.target.second_key is None:
        return {"openapi": {"subscriptionKey": {"api_key": lab.target.key}}}
    users = {"first": lab.target.key, "second": lab.target.second_key}
    entries = [
        {"name": name, "fixedHeaders": [{"name": KEY_HEADER, "value": key}]}
        for name, key in users.items()
    ]
    path = folder / "peers.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps({"auth": entries}))
    return {"wfc": {"path": str(path), "user": "first", "peers": list(users)}}


def _document(lab: Lab) -> Any:
    """The document with the chosen models, and one callback address that leads to this machine."""
    address = lab.receiver.box() if lab.receiver else NOWHERE
    text = json.dumps(lab.spec.document.root)
    document = json.loads(text.replace("https://hooks.example.com/pixazo", address))
    document["components"]["schemas"]["CallbackUrl"]["enum"] = [address]
    wanted = {model.path for model in _asked(lab)} | {lab.spec.status.path}
    document["paths"] = {path: item for path, item in document["paths"].items() if path in wanted}
    for item in document["paths"].values():
        for operation in item.values():
            operation.pop("callbacks", None)
    return document


def _asked(lab: Lab) -> Iterator[Model]:
    """The models to ask: direct ones that take their time only in a full run."""
    for model in lab.models:
        slow = model.mode == "direct" and not lab.full and not lab.target.quick
        took_s = lab.post(model, plain_body(model, lab.target)).elapsed_s if slow else 0.0
        if took_s < SLOW_S:
            yield model
        else:
            lab.not_here(OPINION, f"each answer takes {took_s:.1f} s: give --full", model.model_id)


def _take(lab: Lab, event: Any) -> int:
    """Judge what a scenario sent, and take its checks down; returns how many met a limit."""
    from schemathesis.engine import events

    if isinstance(event, events.NonFatalError | events.FatalError):
        error = getattr(event, "value", None) or getattr(event, "exception", event)
        seen = lab.keys.hidden(f"{type(error).__name__}: {error}")[:400]
        lab.hold(OPINION, seen, operation=ELSEWHERE)
    if not isinstance(event, events.ScenarioFinished):
        return 0
    shown = {
        case: _exchange(lab, interaction)
        for case, interaction in event.recorder.interactions.items()
        if interaction.response is not None
    }
    lab.others += len(shown)
    for exchange in shown.values():
        lab.say(answers.judge(lab.spec, exchange))
    idle = (TOO_MANY,) if lab.target.wallet else (TOO_MANY, EMPTY)
    refused = {case for case, exchange in shown.items() if exchange.status in idle}
    for case, nodes in event.recorder.checks.items():
        for node in nodes if case not in refused else ():  # which says nothing of what was asked
            failure = node.failure_info.failure if node.failure_info else None
            lab.say([_verdict(lab, event.label or "", node.name, failure, shown.get(case))])
    return len(refused)


def _exchange(lab: Lab, interaction: Any) -> Exchange:
    """An interaction of theirs as an exchange of ours, without keys."""
    request, answer = interaction.request, interaction.response
    return lab.keys.kept(
        Exchange(
            method=request.method,
            url=request.uri,
            status=answer.status_code,
            request_headers=_flat(request.headers),
            request_body=request.body or b"",
            headers=_flat(answer.headers),
            body=answer.content or b"",
            at=lab.target.clock.time(),
            elapsed_s=answer.elapsed,
        )
    )


def _flat(headers: Mapping[str, Any]) -> dict[str, str]:
    return {
        name.lower(): ", ".join(value) if isinstance(value, list) else str(value)
        for name, value in headers.items()
    }


def _verdict(lab: Lab, label: str, check: str, failure: Any, exchange: Exchange | None) -> Verdict:
    method, _, path = label.partition(" ")
    pointer = f"/paths/{escape(path)}/{method.lower()}"
    operation = lab.spec.operation(method, path.replace("{request_id}", "x"))
    name = operation.name if operation else ELSEWHERE
    seen = "" if failure is None else lab.keys.hidden(" ".join(str(failure).split()))[:400]
    return Verdict(_rule(check), name, pointer if operation else "", seen, exchange)


def _rule(check: str) -> Rule:
    name = f"{PREFIX}{check}"
    if name not in RULES:
        says = f"schemathesis finds nothing to say about {check.replace('_', ' ')}"
        rule(name, 9, says, "A second reader of the document comes to another judgement.")
    return RULES[name]


second_opinion.alone = True  # type: ignore[attr-defined] # it sends as fast as it can

CHECKS = (second_opinion,)
