"""Runs the attack table against a receiver on this machine and says who got through."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from pixazo.sandbox.attacks import Attack, Mark, Rule, Wire, attacks, honest
from pixazo.sandbox.canary import Canary, canary
from pixazo.sandbox.strangers import ANSWER_S, Heard, connected, send

__all__ = ["PATIENCE_S", "CannotAttack", "Finding", "attack"]

PATIENCE_S: Final = 15.0
SETTLE_S: Final = 0.5
AT_ONCE: Final = 8
FLOODERS: Final = 20
SHORTEST_TOKEN: Final = 8
REFUSALS: Final = frozenset(range(400, 500)) | {501, 503, 505}


class CannotAttack(ValueError):  # noqa: N818 - reads as what happened
    """The address is not one that may be attacked, or nobody answers there as a receiver does."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one attack came to.

    Args:
        attack: which one.
        got_through: whether the receiver did what it must not do.
        saw: what it did, in a few words.
    """

    attack: Attack
    got_through: bool
    saw: str


def attack(url: str, *, patience_s: float = PATIENCE_S) -> tuple[Finding, ...]:
    """Run every attack against a receiver on this machine.

    Args:
        url: the genuine callback address of one job, token included.
        patience_s: how long a receiver may hold on to a request that does not come, in seconds.

    Raises:
        CannotAttack: the address is not on this machine, or an honest callback is not heard there.
    """
    mark = _mark(url)
    if not _is_heard(mark):
        raise CannotAttack(f"{url}: an honest callback gets no 2xx; is it a job's own address?")
    with canary() as bird:
        table = list(enumerate(attacks(replace(mark, canary=bird.address(0))), start=1))
        run = partial(_run, mark, bird, patience_s)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            findings = list(pool.map(run, [row for row in table if row[1].family != "flood"]))
        findings += map(run, [row for row in table if row[1].family == "flood"])
        time.sleep(SETTLE_S)  # a body may be believed after the answer
        findings = [
            _caught(bird, row[0], found) for row, found in zip(table, findings, strict=True)
        ]
    return (*findings, _afterwards(mark))


def _mark(url: str) -> Mark:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or 80
    except ValueError as error:
        raise CannotAttack(f"{url}: no web address ({error})") from error
    if parts.scheme != "http" or not host:
        raise CannotAttack(f"{url}: give the receiver's own http address, without its TLS proxy")
    if host != "localhost" and not _is_this_machine(host):
        raise CannotAttack(f"{url}: only receivers on this machine are attacked")
    if parts.query or parts.fragment or len(parts.path.rpartition("/")[2]) < SHORTEST_TOKEN:
        raise CannotAttack(f"{url}: give a job's callback address, its token as the last segment")
    return Mark("127.0.0.1" if host == "localhost" else host, port, parts.path, "")


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_heard(mark: Mark) -> bool:
    heard = send(mark, (honest(mark),), ANSWER_S)
    return bool(heard.statuses) and 200 <= heard.statuses[0] < 300


def _run(mark: Mark, bird: Canary, patience_s: float, row: tuple[int, Attack]) -> Finding:
    """Make one attack and judge what was heard; the canary is judged later."""
    number, each = row
    if each.rule == "alive":
        return _hold(mark, each)
    limit_s = patience_s if each.rule == "end" else ANSWER_S

    def one(wire: Wire) -> Heard:
        return send(mark, _numbered(wire, bird, number), limit_s)

    with ThreadPoolExecutor(FLOODERS if each.at_once else 1) as pool:
        heard = list(pool.map(one, each.wires))
    odd = [each_heard for each_heard in heard if not JUDGES[each.rule](each_heard)]
    return Finding(each, bool(odd), _summary(odd or heard))


def _numbered(wire: Wire, bird: Canary, number: int) -> Wire:
    """Let the addresses in a wire tell which attack they are from; lengths stay as they are."""
    before, after = bird.address(0).encode(), bird.address(number).encode()
    return tuple(p.replace(before, after) if isinstance(p, bytes) else p for p in wire)


def _hold(mark: Mark, each: Attack) -> Finding:
    """Keep connections open with half a request and try an honest callback meanwhile."""
    with ExitStack() as stack:
        for wire in each.wires:
            with suppress(OSError):
                line = stack.enter_context(connected(mark))
                line.sendall(b"".join(part for part in wire if isinstance(part, bytes)))
        heard = _is_heard(mark)
    return Finding(each, not heard, "heard meanwhile" if heard else "an honest callback is lost")


def _afterwards(mark: Mark) -> Finding:
    heard = _is_heard(mark)
    after = Attack("afterwards", "an honest callback", "alive", ())
    return Finding(after, not heard, "heard" if heard else "not heard any more")


def _caught(bird: Canary, number: int, finding: Finding) -> Finding:
    """The finding, unless the attack's canary was fetched: then it got through after all."""
    if not bird.fetched[number]:
        return finding
    key = " with a key" if number in bird.with_key else ""
    saw = f"{finding.saw}; fetched an address of the body{key}"
    return Finding(finding.attack, got_through=True, saw=saw)


def _summary(heard: Sequence[Heard]) -> str:
    words = list(dict.fromkeys(map(str, heard)))
    return ", ".join(words[:3]) + (", …" if len(words) > 3 else "")


def _is_refused(heard: Heard) -> bool:
    return heard.statuses[0] in REFUSALS if heard.statuses else heard.ended


def _is_calm(heard: Heard) -> bool:
    return any(200 <= status < 300 or 400 <= status < 500 for status in heard.statuses[:1])


def _is_let_go(heard: Heard) -> bool:
    return heard.ended and not any(status < 300 for status in heard.statuses)


def _is_single(heard: Heard) -> bool:
    return len(heard.statuses) <= 1 and not any(status >= 500 for status in heard.statuses)


JUDGES: Final[Mapping[Rule, Callable[[Heard], bool]]] = {
    "refuse": _is_refused,
    "calm": _is_calm,
    "end": _is_let_go,
    "single": _is_single,
}
