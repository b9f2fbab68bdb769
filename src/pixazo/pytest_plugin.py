"""The pytest fixture `pixazo_sandbox`: an offline gateway for one test, in any project."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # the plugin is loaded by every pytest run of the environment
    from pixazo.sandbox import Clock, Sandbox

__all__ = ["pixazo_sandbox"]

MARKER = "pixazo_sandbox"
LATENCY_S = 0.2


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest of the marker."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(latency=0.2, balance='10', key=None, prices={{}}, clock='real', …): "
        "how the fixture pixazo_sandbox is set up; clock is 'real', 'manual' or a factor",
    )


@pytest.fixture
def pixazo_sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox of its own for the test: `Pixazo(api_key="any", base_url=pixazo_sandbox.url)`.

    `@pytest.mark.pixazo_sandbox(latency=5, balance="0.1", clock="manual")` sets it up: every
    argument of `Sandbox`; `clock` may also be `"real"`, `"manual"` or a factor.
    """
    if missing := _missing():
        pytest.fail(f"the fixture pixazo_sandbox: {missing}", pytrace=False)
    from pixazo.sandbox import Sandbox

    with Sandbox(**_settings(request)) as sandbox:
        yield sandbox


def _missing() -> str:
    """What the sandbox lacks here; empty when it lacks nothing."""
    try:
        import_module("pixazo.sandbox")
    except ImportError as error:
        return str(error)
    return ""


def _settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the nearest markers say, over the fixture's own defaults."""
    settings: dict[str, Any] = {"latency": LATENCY_S}
    for marker in reversed(list(request.node.iter_markers(MARKER))):
        if marker.args:
            pytest.fail(f"@pytest.mark.{MARKER} takes keyword arguments only", pytrace=False)
        settings |= marker.kwargs
    settings["clock"] = _clock(settings.get("clock", "real"))
    return settings


def _clock(wanted: object) -> Clock:
    from pixazo.sandbox import Clock, ManualClock, RealClock, ScaledClock

    if isinstance(wanted, Clock):
        return wanted
    if isinstance(wanted, int | float):
        return ScaledClock(wanted)
    if wanted not in ("real", "manual"):
        pytest.fail(
            f"@pytest.mark.{MARKER}(clock={wanted!r}): give 'real', 'manual', a factor or a Clock",
            pytrace=False,
        )
    return ManualClock() if wanted == "manual" else RealClock()
