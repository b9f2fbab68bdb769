"""Recording: the same bytes each time, from the sandbox or any gateway, and never a secret."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import httpx2
import pytest
from pixazo_openapi.catalogue import MODELS

from pixazo.connections import sync_transport
from pixazo.sandbox import Sandbox
from tests.contract.suite.cap import CappedTransport, CapReached, Spending, known_prices
from tests.deck import __main__ as command
from tests.deck import targets
from tests.deck.faults import NotRecordable, SecretFound
from tests.deck.journeys import Journey, journeys_of, request_of
from tests.deck.recording import record
from tests.deck.tapes import CASSETTES, paths, read_tape
from tests.deck.targets import GATEWAY, MEDIA, RECEIVER, SandboxTarget, UrlTarget

KEY = "a-key-of-the-tests"


def journey(model_id: str, name: str) -> Journey:
    return next(j for j in journeys_of(MODELS[model_id]) if j.name == name)


def undated(path: Path) -> str:
    """The cassette without day, versions and the hash of the spec, which any comment changes."""
    text = path.read_text(encoding="utf-8")
    return re.sub(r"recorded from: .*|date: .*|version: .*|sha256: .*", "", text, count=4)


@pytest.mark.parametrize(
    ("model_id", "name"),
    [  # no pictures: their true hash hangs on the installed Pillow
        ("qwen-image-edit-plus-trainer", "completed"),
        ("qwen-image-edit-plus-lora", "called-back"),
        ("qwen-image-max", "failed"),
        ("qwen-image-edit-plus-trainer", "rate-limited"),
        ("qwen-image", "bad-request"),
        ("qwen-image-layered", "empty-wallet"),
        ("qwen-image-max-edit", "not-found"),
    ],
)
def test_recording_again_gives_the_same_bytes(model_id: str, name: str, tmp_path: Path) -> None:
    """Ids, moments, polls, callbacks and addresses do not hang on ports, chance or the day."""
    path = record(model_id, journey(model_id, name), SandboxTarget(), tmp_path, today="2001-01-01")

    assert undated(path) == undated(CASSETTES / model_id / f"{name}.yaml")


def test_an_unchanged_recording_is_not_touched(tmp_path: Path) -> None:
    """A recording that says what the old one says leaves file and day alone."""
    wanted = journey("qwen-image-max", "error")
    path = record("qwen-image-max", wanted, SandboxTarget(), tmp_path, today="2001-01-01")
    before = path.read_bytes()

    record("qwen-image-max", wanted, SandboxTarget(), tmp_path, today="2002-02-02")

    assert path.read_bytes() == before
    assert read_tape(path).origin.date == "2001-01-01"


def test_only_fixed_names_stand_on_a_sandbox_cassette(tmp_path: Path) -> None:
    """Gateway, media and receiver have names of their own instead of whatever port was free."""
    model_id = "qwen-image-edit-plus-lora"
    called = record(model_id, journey(model_id, "called-back"), SandboxTarget(), tmp_path)
    done = record(model_id, journey(model_id, "completed"), SandboxTarget(), tmp_path)

    found = set(re.findall(r"http://127\.0\.0\.1:\d+", called.read_text() + done.read_text()))

    assert found == {GATEWAY, MEDIA, RECEIVER}


def test_callbacks_stand_beside(tmp_path: Path) -> None:
    """By header once, by body field at the start and the end, in order of time."""
    model_id = "qwen-image-edit-plus-lora"

    tape = read_tape(record(model_id, journey(model_id, "called-back"), SandboxTarget(), tmp_path))

    told = [
        (call.asked.url.rpartition("/")[2], b'"COMPLETED"' in call.asked.body)
        for call in tape.callbacks
    ]
    assert told == [("field", False), ("field", True), ("header", True)]


class Interrupted(httpx2.BaseTransport):
    """Somebody presses Ctrl-C at the first poll."""

    def __init__(self, inner: httpx2.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.method == "GET":
            raise KeyboardInterrupt
        return self._inner.handle_request(request)


def capped(sandbox: Sandbox, folder: Path, usd: str) -> tuple[Spending, CappedTransport]:
    """What sends to a sandbox as live recording sends to the real gateway."""
    spending = Spending(folder / "spent.jsonl", Decimal(usd))
    sender = sync_transport(keep_alive=False, proxy=None)
    return spending, CappedTransport(sender, spending, known_prices({}))


class TestAnyGateway:
    """A target that is only an address."""

    def test_what_it_does_by_itself_is_recorded(self, tmp_path: Path) -> None:
        """A refusal and a finished job of a gateway at an address become cassettes."""
        with Sandbox(latency=0, key=KEY) as sandbox:
            target = UrlTarget(sandbox.url, KEY)
            names = ("completed", "bad-request", "unauthorized", "called-back")
            wanted = [journey("qwen-image-max", name) for name in names]
            tapes = [read_tape(record("qwen-image-max", w, target, tmp_path)) for w in wanted]

            assert {tape.origin.recorded_from for tape in tapes} == {
                f"the gateway at {sandbox.url}"
            }
            assert [next(iter(t.journey["ends"].get("error", {}).values()), "") for t in tapes] == [
                "", "BadRequest", "Unauthorized", "",
            ]  # fmt: skip
            assert len(tapes[3].callbacks) == 1

    def test_under_a_cap_it_is_paid_once(self, tmp_path: Path) -> None:
        """A capped recording is whole; the next one that the cap does not cover is not sent."""
        wanted = journey("qwen-image", "completed")
        with Sandbox(latency=0, key=KEY) as sandbox:
            spending, cap = capped(sandbox, tmp_path, "0.08")
            target = UrlTarget(sandbox.url, KEY, cap=cap)
            path = record("qwen-image", wanted, target, tmp_path)

            with pytest.raises(CapReached, match="raise --max-spend"):
                record("qwen-image", wanted, target, tmp_path / "again")

            assert path.name == "gateway-completed.yaml"
            assert read_tape(path).journey["ends"]["result"]["saved"] == ["png"]
            assert sandbox.wallet.spent == spending.spent() == Decimal("0.045")
        assert not list((tmp_path / "again").rglob("*.yaml"))

    def test_what_was_paid_for_is_kept(self, tmp_path: Path) -> None:
        """When a capped recording is interrupted, what was said until then is on the cassette."""
        wanted = journey("qwen-image-layered", "completed")
        with Sandbox(latency=0, key=KEY) as sandbox:
            _, cap = capped(sandbox, tmp_path, "1")
            target = UrlTarget(sandbox.url, KEY, cap=Interrupted(cap))

            with pytest.raises(KeyboardInterrupt):
                record("qwen-image-layered", wanted, target, tmp_path)

        tape = read_tape(tmp_path / "qwen-image-layered" / "gateway-completed.yaml")
        assert [i.answered.status for i in tape.interactions] == [202]
        assert tape.journey["ends"] == {"interrupted": True}

    def test_inputs_that_can_be_fetched_take_the_place_of_invented_ones(self) -> None:
        """A picture, and an archive for the trainer, stand in the request where inputs belong."""
        inputs = {
            "picture": "https://a.example.com/p.png",
            "archive": "https://a.example.com/z.zip",
        }

        bodies = {
            model_id: json.dumps(
                request_of(model_id, journey(model_id, "completed"), "", inputs).to_body()
            )
            for model_id, model in MODELS.items()
            if "input" in model.render
        }

        assert len(bodies) == 5
        for model_id, body in bodies.items():
            wanted = "z.zip" if model_id.endswith("trainer") else "p.png"
            assert body.count("https://") == body.count(f"https://a.example.com/{wanted}") == 1

    def test_what_needs_luck_is_refused(self, tmp_path: Path) -> None:
        """A failure on demand, an empty wallet, a callback from afar: not recordable here."""
        target = UrlTarget("https://gateway.example.com", KEY)

        for name in ("failed", "rate-limited", "empty-wallet"):
            with pytest.raises(NotRecordable, match="only a sandbox fails on demand"):
                record("qwen-image-max", journey("qwen-image-max", name), target, tmp_path)
        with pytest.raises(NotRecordable, match="cannot call this machine"):
            record("qwen-image-max", journey("qwen-image-max", "called-back"), target, tmp_path)

    def test_a_gateway_that_repeats_the_key_is_not_recorded(self, tmp_path: Path) -> None:
        """When the answer holds the key, nothing is written."""
        fault = f"failed=the key {targets.KEY} has no luck"
        wanted = Journey("odd", "A failure that repeats the key.", faults=(fault,))

        with pytest.raises(SecretFound, match="a key that was used"):
            record("qwen-image-max", wanted, SandboxTarget(), tmp_path)

        assert not list(tmp_path.rglob("*.yaml"))


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["record", "--target", "gopher"], "target 'gopher' is no address"),
        (
            ["record", "--only", "qwen-image-mx"],
            "no model 'qwen-image-mx'; there are qwen-image-max-edit",
        ),
        (["record", "complete"], "no journey complete; there are completed"),
    ],
)
def test_wrong_words_get_one_line(
    words: list[str], line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An unknown target, model or journey is named in one line with what there is."""
    code = command.main([*words, "--cassettes", str(tmp_path)])

    told = capsys.readouterr().err
    assert code == 2
    assert line in told
    assert told.count("\n") == 1


def test_the_command_records(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`record JOURNEY --only MODEL` writes that cassette and counts."""
    words = ["record", "unauthorized", "--only", "qwen-image", "--cassettes", str(tmp_path)]

    code = command.main(words)

    told = capsys.readouterr()
    assert code == 0
    assert told.out.endswith("qwen-image/unauthorized.yaml\n")
    assert told.err == "1 recorded, 0 not recordable here\n"


def test_the_list_names_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each cassette: its name, where it comes from, what it tells."""
    code = command.main(["list"])

    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert len(lines) == len(paths())
    (line,) = [line for line in lines if line.startswith("qwen-image-max/error ")]
    assert re.search(r" sandbox \d\S+ +The job ends ERROR and is not charged\.$", line)


def test_the_command_makes_the_documented_cassettes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`documented` writes every answer shape of the spec into an empty folder."""
    code = command.main(["documented", "--cassettes", str(tmp_path)])

    made = capsys.readouterr().out.splitlines()
    assert code == 0
    assert sorted(made) == sorted(str(path) for path in paths(tmp_path))
    assert {path.name for path in paths(tmp_path)} == {
        path.name for path in paths() if path.stem.startswith("documented-")
    }


def test_our_own_cassettes_pass_the_check(capsys: pytest.CaptureFixture[str]) -> None:
    """`check` and `drift` find nothing wrong with what is in the repository."""
    assert command.main(["check"]) == 0
    assert command.main(["drift"]) == 0

    told = capsys.readouterr()
    assert "findings, 0 broken" in told.err
    assert told.out.startswith("| seen, but not in the spec |")
