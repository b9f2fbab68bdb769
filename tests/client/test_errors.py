"""The tree of errors: drawn, whole, picklable."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal

import pytest

import pixazo.errors as errors
from pixazo import PixazoError, WaitInterrupted

EVERY = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type)
    and issubclass(kind, BaseException)
    and not kind.__name__.startswith("_")
]
MORE: dict[str, dict[str, object]] = {
    "DownloadRefused": {"status_code": 403, "url": "https://m.example/a"},
    "OutcomeUnknown": {"amount_usd": Decimal("0.05"), "model_id": "m", "idempotency_key": "k"},
    "RateLimited": {"retry_after_s": 3.0},
    "SpendLimitReached": {"limit_usd": Decimal(1), "asked_usd": Decimal(2)},
    "InvalidBatch": {"problems": {731: "bad"}},
    "WaitTimedOut": {"status": "QUEUED", "waited_s": 3.0},
    "NothingToDeliver": {"raw": {"a": [1]}},
}


def make(kind: type[BaseException]) -> BaseException:
    """Return an error of the class with everything that it can hold."""
    if kind is WaitInterrupted:
        return WaitInterrupted("stopped", request_id="id", token="t")
    if kind is errors.InvalidRequest:
        problem = errors.Problem("steps", 0, "must be at least 1", "/steps", "minimum")
        return errors.InvalidRequest("m", [problem])
    more = dict(MORE.get(kind.__name__, {}))
    answered = (errors.RequestRefused, errors.GatewayFailure)
    if issubclass(kind, answered) and kind is not errors.RateLimited:
        more["status_code"] = 418
    return kind("what happened", hint="Do this.", request_id="id", token="t", **more)


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("how", ["pickle", "copy"])
def test_every_error_survives_a_journey(kind: type[BaseException], how: str) -> None:
    """Pickled or copied, an error keeps its class, its words and all that it holds."""
    error = make(kind)

    again = pickle.loads(pickle.dumps(error)) if how == "pickle" else copy.copy(error)  # noqa: S301

    assert type(again) is kind
    assert str(again) == str(error)
    assert again.args == error.args
    for name, value in vars(error).items():
        assert getattr(again, name) == value or name == "problems"


@pytest.mark.parametrize("kind", [kind for kind in EVERY if issubclass(kind, PixazoError)])
def test_every_error_says_who_what_and_what_next(kind: type[PixazoError]) -> None:
    """An error's text holds the request, whether it was charged, and the advice."""
    error = make(kind)

    assert isinstance(error, PixazoError)
    if kind is not errors.InvalidRequest:
        assert "request id" in str(error)
        assert "Do this." in str(error)
    assert error.charged in ("no", "yes", "unknown")
    assert "charged" in str(error)


def test_every_error_is_in_the_drawing_where_the_classes_have_it() -> None:
    """The tree at the top of the module has every class below its base, and nothing else."""
    drawn: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        bare = line.lstrip(" │├└─")
        name = bare.split(" ")[0]
        if not name or (not hasattr(errors, name) and name != "KeyboardInterrupt"):
            continue
        depth = len(line) - len(bare)
        above = [(other, parent) for other, parent in above if other < depth]
        drawn[name] = above[-1][1] if above else ""
        above.append((depth, name))

    bases = {kind.__name__: [base.__name__ for base in kind.__mro__[1:]] for kind in EVERY}
    drawn.pop("KeyboardInterrupt")
    assert set(drawn) == set(bases)
    for name, parent in drawn.items():
        assert not parent or parent in bases[name], name


def test_what_was_charged_by_default() -> None:
    """What never arrived cost nothing; what arrived and was lost may have."""
    charged = {kind.__name__: kind.charged for kind in EVERY if issubclass(kind, PixazoError)}

    assert {name for name, said in charged.items() if said == "yes"} == {
        "NothingToDeliver",
        *(kind.__name__ for kind in EVERY if issubclass(kind, errors.DownloadError)),
    }
    unknown = {name for name, said in charged.items() if said == "unknown"}
    assert unknown == {"OutcomeUnknown", "JobFailed", "WaitTimedOut"}


def test_timeouts_are_timeouts_of_python_too() -> None:
    """Whoever catches TimeoutError catches ours."""
    assert issubclass(errors.WaitTimedOut, TimeoutError)
    assert issubclass(errors.DownloadTimedOut, TimeoutError)
    assert issubclass(errors.InvalidRequest, ValueError)
    assert not issubclass(errors.WaitInterrupted, Exception)
