"""The page at `/`, in a real browser."""

from __future__ import annotations

import re
import shutil
import subprocess
from tempfile import TemporaryDirectory

import httpx2
import pytest

from pixazo.sandbox import Sandbox

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((path for name in NAMES if (path := shutil.which(name))), None)
MAX = "/qwen-image-max/v1/qwen-image-max-request"

pytestmark = [
    pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed on this machine"),
    pytest.mark.timeout(90),
]


def shown(url: str) -> tuple[str, str]:
    """The page's text after its scripts have run, and what the browser had to say."""
    with TemporaryDirectory(prefix="pixazo-page-") as profile:
        done = subprocess.run(
            [str(BROWSER), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-sync",
             "--disable-component-update", "--disable-background-networking", "--disable-quic",
             "--no-first-run", "--enable-logging=stderr", f"--user-data-dir={profile}",
             "--virtual-time-budget=4000", "--dump-dom", url],
            capture_output=True, text=True, timeout=80, check=True,
        )  # fmt: skip
    return done.stdout, done.stderr


def test_a_person_sees_jobs_pictures_requests_callbacks_and_faults(
    sandbox: Sandbox, gateway: httpx2.Client
) -> None:
    """Everything that happened stands on the page, no script fails, and looking is no request."""
    sandbox.faults.add("status:503", probability=0.25)
    done = gateway.post(
        MAX, json={"prompt": "a <b>boat</b>"}, headers={"X-Webhook-URL": "http://127.0.0.1:9/x"}
    ).json()
    gateway.post(MAX, json={"prompt": "dark"}, headers={"X-Sandbox-Fault": "failed=too dark"})
    sandbox.clock.advance(10)
    sandbox.deliveries.settle()
    gateway.post(MAX, json={"prompt": "still at work"})

    dom, said = shown(sandbox.url)

    text = " ".join(
        re.sub(r"<script.*?</script>|<style.*?</style>|<[^>]+>", " ", dom, flags=re.S).split()
    )
    for piece in ("COMPLETED", "FAILED", "QUEUED", "too dark", "still at work", f"POST {MAX}",
                  "complete → http://127.0.0.1:9/x", "ConnectionRefusedError", "status:503", "25 %",
                  "$9.70", done["request_id"].partition("_")[2], "Time stands still",
                  "At work 1", "Done 1", "Failed 1", "10 s to go"):  # fmt: skip
        assert piece in text, piece
    assert "a &lt;b&gt;boat&lt;/b&gt;" in dom
    assert "CONSOLE" not in said, said
    assert f"/_sandbox/preview/{done['request_id']}/output-0.png" in dom
    assert not any(e.origin == "media" for e in sandbox.journal)


def test_an_empty_sandbox_says_how_to_begin(sandbox: Sandbox) -> None:
    """Without jobs the page says what to do, and offers every model with its example."""
    dom, said = shown(sandbox.url)

    assert "No jobs yet" in dom
    assert all(f"<option>{model}</option>" in dom for model in sandbox.app.world.document.models)
    assert "CONSOLE" not in said, said


@pytest.mark.slow
def test_keys_and_double_charges_raise_an_alarm(sandbox: Sandbox, gateway: httpx2.Client) -> None:
    """A leaked key and a job paid twice stand on top of the page in words."""
    for _ in range(2):
        gateway.post(MAX, json={"prompt": "x"}, headers={"Idempotency-Key": "one"})
    gateway.get(f"{sandbox.media_url}/canary")

    dom, _ = shown(sandbox.url)

    assert "Paid 2 times for one Idempotency-Key ($0.10 too much)." in dom
    assert "A key was brought to the media origin 1 times." in dom


def test_what_people_write_is_text(sandbox: Sandbox, gateway: httpx2.Client) -> None:
    """Prompts, paths, headers, error texts and callbacks that look like HTML are shown as text."""
    bad = "<img src=x onerror=console.error(1)>"
    fault = {"X-Sandbox-Fault": f"failed={bad}", "X-Webhook-URL": "http://127.0.0.1:9/<svg>"}
    gateway.post(MAX, json={"prompt": bad}, headers=fault)
    gateway.get(f"/{bad}", headers={"X-Odd": bad})
    sandbox.clock.advance(10)
    sandbox.deliveries.settle()

    dom, said = shown(sandbox.url)

    assert "&lt;img src=x" in dom
    assert "<img src=" not in re.sub('<script>.*</script>|"[^"]*"', "", dom, flags=re.S)
    assert "CONSOLE" not in said, said


def test_the_page_holds_many_jobs_at_once(sandbox: Sandbox, gateway: httpx2.Client) -> None:
    """Of many jobs the newest are shown; rules of single jobs are counted, not listed."""
    for number in range(20):
        headers = {"X-Sandbox-Fault": "status:503*2"}
        gateway.post(MAX, json={"prompt": f"boat {number}"}, headers=headers)

    dom, _ = shown(sandbox.url)

    assert dom.count("<article") == 12
    assert "Show 8 more" in dom
    assert "and 20 asked for by single jobs" in dom
