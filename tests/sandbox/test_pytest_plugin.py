"""The fixture `pixazo_sandbox`, in a project of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(120)

IMPORTS = """
import httpx2
import pytest

HEADERS = {"Ocp-Apim-Subscription-Key": "any"}
PATH = "/qwen-image-max/v1/qwen-image-max-request"

def submit(sandbox):
    return httpx2.post(sandbox.url + PATH, json={"prompt": "x"}, headers=HEADERS)
"""


NO_OTHERS = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
"""Other plugins of this environment take seconds to load and import half of the sandbox."""


def run(
    folder: Path, tests: str, *options: str, found: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run `tests` as a foreign project would; `found`: with the plugin found by its entry point."""
    options += ("-p", "no:schemathesis") if found else ("-p", "pixazo.pytest_plugin")
    (folder / "test_foreign.py").write_text(IMPORTS + tests)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--strict-markers", "-p", "no:cacheprovider",
         "-W", "error", *options, str(folder)],
        cwd=folder, env=os.environ | ({} if found else NO_OTHERS),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_a_foreign_project_gets_a_sandbox_of_its_own_for_every_test(tmp_path: Path) -> None:
    """Two tests that share a fixture name share no money."""
    done = run(
        tmp_path,
        """
@pytest.mark.parametrize("turn", [1, 2])
def test_wallet(pixazo_sandbox, turn):
    assert submit(pixazo_sandbox).status_code == 202
    assert str(pixazo_sandbox.wallet.balance) == "9.90"
""",
        found=True,
    )

    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_the_marker_sets_it_up(tmp_path: Path) -> None:
    """Latency, balance, key and a manual clock come from the marker, the nearest one first."""
    done = run(
        tmp_path,
        """
pytestmark = pytest.mark.pixazo_sandbox(clock="manual", balance="1")

@pytest.mark.pixazo_sandbox(latency=60, key="any")
def test_marker(pixazo_sandbox):
    url = submit(pixazo_sandbox).json()["polling_url"]
    pixazo_sandbox.clock.advance(60)
    assert httpx2.get(url, headers=HEADERS).json()["status"] == "COMPLETED"
    assert str(pixazo_sandbox.wallet.balance) == "0.90"

@pytest.mark.pixazo_sandbox(clock=1000, latency=20)
def test_factor(pixazo_sandbox):
    import time
    url = submit(pixazo_sandbox).json()["polling_url"]
    time.sleep(0.1)
    assert httpx2.get(url, headers=HEADERS).json()["status"] == "COMPLETED"
""",
    )

    assert "2 passed" in done.stdout, done.stdout + done.stderr


def test_wrong_markers_are_said_clearly(tmp_path: Path) -> None:
    """A clock that does not exist and positional arguments fail with one line of advice."""
    done = run(
        tmp_path,
        """
@pytest.mark.pixazo_sandbox(clock="sundial")
def test_clock(pixazo_sandbox):
    pass

@pytest.mark.pixazo_sandbox(5)
def test_positional(pixazo_sandbox):
    pass
""",
    )

    assert "clock='sundial'): give 'real', 'manual', a factor or a Clock" in done.stdout
    assert "takes keyword arguments only" in done.stdout


def test_a_missing_extra_fails_the_test_with_the_command_that_helps(tmp_path: Path) -> None:
    """Without the extra, a test that asks for the fixture fails and names the extra."""
    (tmp_path / "uvicorn.py").write_text("raise ModuleNotFoundError(name='uvicorn')")

    done = run(tmp_path, "\ndef test_it(pixazo_sandbox):\n    pass\n")

    assert "pip install 'pixazo[sandbox]'" in done.stdout
    assert "Traceback" not in done.stdout
    assert "another exception" not in done.stdout


def test_projects_that_do_not_use_it_pay_nothing(tmp_path: Path) -> None:
    """The plugin imports none of the sandbox before a test asks for it."""
    done = run(
        tmp_path,
        """
def test_light():
    import sys
    assert "pixazo.pytest_plugin" in sys.modules
    heavy = {"starlette", "uvicorn", "PIL", "jsonschema_rs", "pixazo.sandbox"}
    assert not heavy & set(sys.modules)
""",
    )

    assert "1 passed" in done.stdout, done.stdout + done.stderr
