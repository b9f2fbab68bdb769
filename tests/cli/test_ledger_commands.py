"""The ledger on the command line: what was sent, what became of it, what it cost."""

from __future__ import annotations

import json
import os
import shlex
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pixazo import Ledger, QwenImage, QwenImageLayered
from pixazo.cli import main
from pixazo.ledger import Entry, State, default_path
from pixazo.sandbox import Sandbox
from tests.cli.forks import Forks


@dataclass(frozen=True)
class Said:
    """How a command line ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Said]


@pytest.fixture
def run(
    pixazo_sandbox: Sandbox, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Return what runs a command line against a sandbox."""
    monkeypatch.setenv("PIXAZO_API_KEY", "any")
    monkeypatch.setenv("PIXAZO_GATEWAY_URL", pixazo_sandbox.url)

    def call(*words: str | Path) -> Said:
        code = main([str(word) for word in words])
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return call


def entries(path: Path | None = None) -> list[Entry]:
    with Ledger(path or default_path(os.environ)) as ledger:
        return ledger.entries()


def left_behind(sandbox: Sandbox, key: str, *states: State, **facts: Any) -> None:
    """Bring a job into a state, as a process did that has ended."""
    with Ledger(default_path(os.environ)) as ledger:
        request = facts.pop("request", QwenImage(prompt="a white tiger"))
        price = request.model.price.usd
        base_url = facts.pop("base_url", sandbox.url)
        ledger.intend(request, key=key, price_usd=price, base_url=base_url)
        for state in states:
            ledger.move(key, state, **(facts if state == states[-1] else {}))


def test_everything_sent_is_in_the_ledger(run: Run, tmp_path: Path) -> None:
    """A run writes its job down in the state folder, with id, files and price."""
    ran = run("run", "qwen-image", "fog", "-q", "-o", tmp_path)

    (entry,) = entries()
    assert (ran.code, entry.state, entry.charged) == (0, "downloaded", "yes")
    assert list(entry.files) == ran.out.splitlines()


@pytest.mark.parametrize("by", ["option", "variable", "state folder"])
def test_the_ledger_lies_where_it_is_told(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    """--ledger, PIXAZO_LEDGER and XDG_STATE_HOME name the file."""
    path, option = tmp_path / "here" / "mine", ()
    if by == "option":
        option = ("--ledger", path)
    elif by == "variable":
        monkeypatch.setenv("PIXAZO_LEDGER", str(path))
    else:
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
        path = tmp_path / "pixazo" / "ledger.sqlite3"

    run("run", "qwen-image", "fog", "-q", "-o", tmp_path, *option)

    assert len(entries(path)) == 1
    assert len(run("jobs", "--json", *option).json) == 1


def test_a_time_that_cannot_be_shown_is_none(run: Run, pixazo_sandbox: Sandbox) -> None:
    """A completion before all calendars, as an old answer may have taught it, spoils no report."""
    done = {"media": ["https://a.example/b.png"], "completed_at": -62135625600.0}
    left_behind(pixazo_sandbox, "odd", "sending", "completed", **done)

    told = run("jobs", "--json")

    (job,) = told.json
    assert (told.code, job["key"], job["completed_at"]) == (0, "odd", None)


def test_the_sandbox_leaves_the_ledger_alone(run: Run, tmp_path: Path) -> None:
    """Jobs of the built-in sandbox end with it and are written down nowhere."""
    ran = run("run", "qwen-image", "fog", "-q", "--sandbox", "-o", tmp_path, "--max-spend-day", "1")

    assert ran.code == 0
    assert not default_path(os.environ).exists()


def test_addresses_that_were_told_are_not_fetched_later(run: Run, tmp_path: Path) -> None:
    """--no-save ends the job, so that resume does not download it."""
    run("run", "qwen-image", "fog", "-q", "--no-save")

    assert entries()[0].state == "downloaded"
    assert run("resume", "-o", tmp_path).out == ""


# jobs


def test_jobs_lists_what_there_is(run: Run, pixazo_sandbox: Sandbox) -> None:
    """A line a job, oldest first, with state, money and the prompt or the trouble."""
    left_behind(pixazo_sandbox, "first")
    left_behind(pixazo_sandbox, "second", "sending", "rejected", error="no tigers")

    said = run("jobs")

    lines = said.out.splitlines()
    assert lines[0].split()[:3] == ["KEY", "STATE", "MODEL"]
    assert lines[1].startswith("first   intent    qwen-image")
    assert lines[1].endswith("$0.045  no       a white tiger")
    assert lines[2].startswith("second  rejected")
    assert lines[2].endswith("no tigers")
    assert run("jobs", "--state", "rejected").out.splitlines()[1:] == [
        line for line in run("jobs").out.splitlines() if line.startswith("second")
    ]


def test_jobs_as_json_have_every_field(run: Run, pixazo_sandbox: Sandbox) -> None:
    """--json is one document with a list, an empty one when there is nothing."""
    assert run("jobs", "--json").json == []

    left_behind(pixazo_sandbox, "first")
    (job,) = run("jobs", "--json").json

    assert (job["key"], job["state"], job["price_usd"]) == ("first", "intent", "0.045")
    assert datetime.fromisoformat(job["created_at"]).tzinfo == UTC
    assert job["prompt"] == "a white tiger"


def test_jobs_makes_no_ledger(run: Run) -> None:
    """A report does not write anything where there is nothing."""
    for words in (["jobs"], ["spend"], ["jobs", "unknown"]):
        assert (run(*words).code, run(*words).out) == (0, "")
    assert not default_path(os.environ).exists()


# resume


def test_resume_brings_home_what_was_paid_for(
    run: Run, pixazo_sandbox: Sandbox, tmp_path: Path
) -> None:
    """Without an ID all jobs that nobody works on are waited for and saved, and none is sent."""
    assert run("run", "qwen-image-max", "fog", "-q", "--timeout", "0.01").code == 8
    run("run", "qwen-image", "fog", "-q", "-o", tmp_path / "file")
    left_behind(pixazo_sandbox, "never")
    paid = len(pixazo_sandbox.wallet.charges)

    said = run("resume", "-o", tmp_path / "out")

    assert said.code == 0
    assert [Path(line).exists() for line in said.out.splitlines()] == [True]
    assert {entry.state for entry in entries() if entry.key != "never"} == {"downloaded"}
    assert "1 job was never sent: pixazo resume --unsent" in said.err
    assert len(pixazo_sandbox.wallet.charges) == paid


@pytest.mark.parametrize("command", ["resume", "wait"])
def test_a_job_that_another_version_sent_is_brought_home(
    run: Run, pixazo_sandbox: Sandbox, tmp_path: Path, command: str
) -> None:
    """A paid job of a model that this version does not know is asked for by its id."""
    assert run("run", "qwen-image-max", "fog", "-q", "--timeout", "0.01").code == 8
    with sqlite3.connect(default_path(os.environ)) as connection:
        connection.execute("update job set model_id = 'qwen-image-9'")
        connection.execute('update request set json = \'{"model": "qwen-image-9"}\'')
    connection.close()

    said = run(command, entries()[0].key, "-q", "-o", tmp_path)

    assert (said.code, len(said.out.splitlines())) == (0, 1)
    assert [entry.state for entry in entries()] == ["downloaded"]
    assert len(pixazo_sandbox.wallet.charges) == 1


def test_a_job_in_doubt_of_another_version_is_never_called_free(
    run: Run, pixazo_sandbox: Sandbox
) -> None:
    """What this version cannot send once more may have been charged all the same."""
    left_behind(pixazo_sandbox, "lost", "sending", "unknown")
    with sqlite3.connect(default_path(os.environ)) as connection:
        connection.execute('update request set json = \'{"model": "qwen-image-9"}\'')
    connection.close()

    said = run("jobs", "unknown", "--resend", "lost")

    assert "charged: unknown" in said.err


@pytest.mark.parametrize("words", [["resume", "twice", "twic"], ["jobs", "unknown"]])
def test_a_job_that_is_named_twice_is_one(
    run: Run, pixazo_sandbox: Sandbox, tmp_path: Path, words: list[str]
) -> None:
    """A key and how it begins are the same job: sent, saved or given up once."""
    left_behind(pixazo_sandbox, "twice", *(["sending", "unknown"] if "jobs" in words else []))
    more = ["--resend", "twice", "--resend", "twic"] if "jobs" in words else []

    said = run(*words, *more, "-q", "-o", tmp_path)

    assert (said.code, len(said.out.splitlines())) == (0, 1)
    assert len(pixazo_sandbox.wallet.charges) == 1


def test_the_key_that_a_table_shows_is_one_that_wait_and_status_take(
    run: Run, tmp_path: Path
) -> None:
    """A key that was made up is shown by its beginning, and asked for by it."""
    run("run", "qwen-image-max", "fog", "-q", "--timeout", "0.01")
    shown = run("jobs").out.splitlines()[1].split()[0]

    assert len(shown) < len(entries()[0].key)
    assert run("status", shown).code == 0
    assert run("wait", shown, "-q", "-o", tmp_path).code == 0


def test_resume_sends_what_it_is_told_to(run: Run, pixazo_sandbox: Sandbox, tmp_path: Path) -> None:
    """A job that was never sent is sent when it is named, or with --unsent; a limit holds."""
    for key in ("one-and", "two-and", "three"):
        left_behind(pixazo_sandbox, key)

    assert run("resume", "one-", "-q", "-o", tmp_path).code == 0
    limited = run("resume", "--unsent", "--max-spend", "0.05", "-q", "-o", tmp_path, "--json")

    assert limited.code == 5
    assert sorted(str(job["error"] and job["error"]["type"]) for job in limited.json["jobs"]) == [
        "None",
        "SpendLimitReached",
    ]
    assert len(pixazo_sandbox.wallet.charges) == 2


@pytest.mark.parametrize(
    ("words", "charged"),
    [
        ("resume --unsent", "no"),
        ("resume one", "no"),
        ("resume one lost", "unknown"),
        ("jobs unknown --resend lost", "unknown"),
    ],
)
def test_nothing_is_sent_that_could_not_be_saved(
    run: Run, pixazo_sandbox: Sandbox, tmp_path: Path, words: str, charged: str
) -> None:
    """A folder that cannot be written to is known before a job is sent, or sent again."""
    left_behind(pixazo_sandbox, "one")
    left_behind(pixazo_sandbox, "lost", "sending", "unknown")
    (tmp_path / "file").write_text("in the way")

    said = run(*words.split(), "-q", "-o", tmp_path / "file" / "out")

    assert said.code == 9
    assert "is not a folder" in said.err
    assert f"charged: {charged}\n" in said.err
    assert not pixazo_sandbox.wallet.charges
    assert sorted(entry.state for entry in entries()) == ["intent", "unknown"]
    assert run("resume", "--unsent", "-q", "-o", tmp_path / "out").code == 0


def test_resume_of_an_unknown_job_says_how_to_decide(run: Run, pixazo_sandbox: Sandbox) -> None:
    """A lost answer is not sent again by resume."""
    left_behind(pixazo_sandbox, "lost", "sending", "unknown", error="reset")

    said = run("resume", "lost", "-q")

    assert said.code == 7
    assert "pixazo jobs unknown --resend lost" in said.err
    assert not pixazo_sandbox.wallet.charges


@pytest.mark.parametrize("option", [("--ledger", "{}"), ("--ledger={}",)])
def test_the_commands_that_are_named_name_the_ledger(
    option: tuple[str, ...], run: Run, pixazo_sandbox: Sandbox, tmp_path: Path
) -> None:
    """Followed to the letter they find the job; without the ledger they would say there is none."""
    pixazo_sandbox.faults.add("submit:lost-answer", nth=1)
    ledger = tmp_path / "a ledger"
    words = [word.format(ledger) for word in option]

    lost = run("run", "qwen-image", "fog", "--key", "tiger", "-q", *words)
    noted = run("resume", *words).err
    told = run("wait", "tiger", *words).err
    _, _, decide = lost.err.partition("then decide: pixazo ")
    said = run(*shlex.split(decide.partition(",")[0]), "-q", "-o", tmp_path)

    assert (lost.code, said.code) == (7, 0)
    assert f"pixazo jobs unknown --ledger '{ledger}'" in noted
    assert f"pixazo resume --ledger '{ledger}' tiger" in told
    assert [entry.state for entry in entries(ledger)] == ["downloaded"]


@pytest.mark.parametrize("option", [("--gateway", "{}"), ("--gateway={}",)])
def test_the_commands_that_are_named_name_the_gateway(
    option: tuple[str, ...],
    run: Run,
    pixazo_sandbox: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Followed to the letter they ask the gateway that has the job; what asks nobody names none."""
    monkeypatch.setenv("PIXAZO_GATEWAY_URL", "http://127.0.0.1:9")
    pixazo_sandbox.faults.add("submit:lost-answer", nth=1)
    words = [word.format(pixazo_sandbox.url) for word in option]

    lost = run("run", "qwen-image", "fog", "--key", "tiger", "-q", *words)
    noted = run("resume", *words).err
    _, _, decide = lost.err.partition("then decide: pixazo ")
    said = run(*shlex.split(decide.partition(",")[0]), "-q", "-o", tmp_path)

    assert (lost.code, said.code) == (7, 0)
    assert f"jobs unknown --gateway {pixazo_sandbox.url} --resend tiger" in lost.err
    assert "pixazo jobs unknown\n" in noted


def test_resume_leaves_jobs_of_other_gateways_alone(
    run: Run, pixazo_sandbox: Sandbox, tmp_path: Path
) -> None:
    """The key goes to no gateway that was not asked for; the note says which one it would be."""
    left_behind(
        pixazo_sandbox,
        "far",
        "sending",
        "completed",
        base_url="https://far.example",
        answer={},
    )

    said = run("resume", "-o", tmp_path)

    assert said.code == 0
    assert "pixazo resume --gateway https://far.example" in said.err
    assert run("resume", "far", "-q").code == 3


def test_resume_leaves_jobs_of_other_gateways_to_others(
    run: Run, pixazo_sandbox: Sandbox, tmp_path: Path
) -> None:
    """What it does not go on with stays free for the command that does, at the same time."""
    left_behind(pixazo_sandbox, "far", "sending", "completed", base_url="https://far.example")
    with Ledger(default_path(os.environ)) as meanwhile:
        run("resume", "-o", tmp_path)

        assert [entry.key for entry in meanwhile.claim(base_url="https://far.example")] == ["far"]
        assert meanwhile.gateways(["completed"]) == []


def test_resume_knows_gateways_whole(run: Run, pixazo_sandbox: Sandbox) -> None:
    """An address that only begins like ours is another gateway's."""
    left_behind(
        pixazo_sandbox,
        "near",
        "sending",
        "submitted",
        request=QwenImageLayered(image_url="https://example.com/a.png"),
        base_url=pixazo_sandbox.url[:-1],
        request_id="qwen-image-layered_1",
    )

    said = run("resume")

    assert said.code == 0
    assert f"jobs of {pixazo_sandbox.url[:-1]} are left alone" in said.err


@pytest.mark.parametrize("command", ["wait", "status"])
def test_a_key_names_its_job(run: Run, tmp_path: Path, command: str) -> None:
    """`wait` and `status` take a key of the ledger, too."""
    words = ("run", "qwen-image-max", "fog", "-q", "-o", tmp_path, "--key", "hero")
    assert run(*words).code == 0

    said = run(command, "hero", "--json", *(("-o", tmp_path) if command == "wait" else ()))

    assert said.code == 0
    assert entries()[0].request_id in said.out


@pytest.mark.parametrize("command", ["wait", "status"])
@pytest.mark.parametrize("by", ["key", "request id"])
def test_what_the_gateway_does_not_know_is_left_to_the_ledger(
    run: Run, tmp_path: Path, command: str, by: str
) -> None:
    """A direct model has no job: the error names the command that saves its media again."""
    words = ("run", "qwen-image", "fog", "-q", "-o", tmp_path, "--key", "hero")
    assert run(*words).code == 0

    said = run(command, "hero" if by == "key" else str(entries()[0].request_id))

    assert said.code == 2
    assert "`pixazo resume hero` goes on with it" in said.err


def test_an_answer_that_could_not_be_saved_names_the_way_on(
    run: Run, pixazo_sandbox: Sandbox, tmp_path: Path
) -> None:
    """A direct model's picture whose download fails is saved by the command that is printed."""
    pixazo_sandbox.faults.load([{"fault": "missing-media"}])
    failed = run("run", "qwen-image", "fog", "-q", "-o", tmp_path)
    (resume,) = [line for line in failed.err.splitlines() if line.startswith("resume: ")]
    pixazo_sandbox.faults.clear()

    said = run(*resume.removeprefix("resume: pixazo ").split(), "-q")

    assert (failed.code, said.code) == (9, 0)
    assert Path(said.out.strip()).is_file()
    assert len(pixazo_sandbox.wallet.charges) == 1


@pytest.mark.parametrize(("word", "says"), [("nope", "no job 'nope'"), ("same", "2 jobs begin")])
def test_a_name_that_fits_nothing_is_told(
    run: Run, pixazo_sandbox: Sandbox, word: str, says: str
) -> None:
    """An ID that names no job, or several, is a usage error."""
    for key in ("same-1", "same-2"):
        left_behind(pixazo_sandbox, key)

    for command in (["resume", word], ["forget", word], ["jobs", "unknown", "--abandon", word]):
        said = run(*command)
        assert said.code == 2
        assert says in said.err


def test_an_expired_address_is_asked_for_again(
    run: Run, pixazo_sandbox: Sandbox, tmp_path: Path
) -> None:
    """When the kept address is refused, a free look at the job brings a fresh one."""
    pixazo_sandbox.faults.load([{"fault": "expired-media", "times": 2}])
    assert run("run", "qwen-image-max", "fog", "-q", "-o", tmp_path).code == 9

    assert run("resume", "-q", "-o", tmp_path).code == 0
    assert entries()[0].state == "downloaded"


def test_garbled_media_are_brought_by_resume(
    run: Run, pixazo_sandbox: Sandbox, tmp_path: Path
) -> None:
    """A job that is done without usable media stays on its way, and resume saves them later."""
    pixazo_sandbox.faults.load([{"fault": "status:wrong-types"}])
    said = run("run", "qwen-image-edit-plus-lora", "fog", "--image-urls", "https://a.example/a.png",
               "--timeout", "0.2", "-o", tmp_path, "--json")  # fmt: skip
    error = said.json["error"]
    assert (said.code, error["type"], error["charged"]) == (1, "NothingToDeliver", "yes")
    assert error["resume"].startswith(f"pixazo wait {error['request_id']}")
    assert (entries()[0].state, entries()[0].charged) == ("submitted", "yes")

    pixazo_sandbox.faults.clear()

    assert run("resume", "-q", "-o", tmp_path).code == 0
    assert (entries()[0].state, len(entries()[0].files)) == ("downloaded", 1)
    assert len(pixazo_sandbox.wallet.charges) == 1


def test_a_job_whose_media_never_come_can_be_given_up(
    run: Run, pixazo_sandbox: Sandbox, tmp_path: Path
) -> None:
    """`jobs unknown --abandon` ends it as paid; a job that is under way is not given up."""
    left_behind(pixazo_sandbox, "under way", "sending", "submitted", request_id="id-1")
    left_behind(
        pixazo_sandbox, "bare", "sending", "submitted",
        request_id="id-2", charged="yes", error="COMPLETED, and the answer names no media to fetch",
    )  # fmt: skip

    refused = run("jobs", "unknown", "--abandon", "under way")
    ended = run("jobs", "unknown", "--abandon", "bare")

    assert (refused.code, ended.code) == (2, 0)
    assert [(e.state, e.charged) for e in entries()] == [
        ("submitted", "unknown"),
        ("failed", "yes"),
    ]


# unknown


def test_unknown_lists_the_money_at_stake(run: Run, pixazo_sandbox: Sandbox) -> None:
    """The sum of what may have been charged is told, and what has no price."""
    left_behind(pixazo_sandbox, "one", "sending", "unknown")
    left_behind(
        pixazo_sandbox, "two", "sending", "unknown",
        request=QwenImageLayered(image_url="https://a.example/a.png"),
    )  # fmt: skip

    said = run("jobs", "unknown")

    assert said.out.count("unknown") == 4
    assert "at stake: $0.095" in said.err

    left_behind(pixazo_sandbox, "one", "sending", "unknown")  # once more

    assert "at stake: $0.14. " in run("jobs", "unknown").err


def test_a_job_is_given_up(run: Run, pixazo_sandbox: Sandbox) -> None:
    """--abandon ends a job; the money stays unknown unless a person knows better."""
    for key in ("one", "two"):
        left_behind(pixazo_sandbox, key, "sending", "unknown")

    run("jobs", "unknown", "--abandon", "one")
    run("jobs", "unknown", "--abandon", "two", "--charged", "no")

    assert [(e.state, e.charged) for e in entries()] == [("failed", "unknown"), ("failed", "no")]
    assert run("jobs", "unknown", "--abandon", "one").code == 2


def test_a_job_is_sent_again_on_request(run: Run, pixazo_sandbox: Sandbox, tmp_path: Path) -> None:
    """--resend sends, waits and saves; the first attempt's money stays at stake."""
    pixazo_sandbox.faults.load([{"fault": "lost-answer", "times": 1}])
    assert run("run", "qwen-image", "fog", "-q").code == 7
    key = entries()[0].key

    said = run("jobs", "unknown", "--resend", key[:8], "-q", "-o", tmp_path)

    assert said.code == 0
    assert Path(said.out.strip()).exists()
    (line,) = run("spend", "--json").json["rows"]
    assert (line["charged_usd"], line["unknown_usd"], line["attempts"]) == ("0.045", "0.045", 2)


def lost(run: Run, sandbox: Sandbox) -> str:
    """Lose the answer to a request, and return its key."""
    sandbox.faults.load([{"fault": "lost-answer", "times": 1}])
    assert run("run", "qwen-image", "fog", "-q", "--key", "hero").code == 7
    return "hero"


@pytest.mark.parametrize(
    ("options", "fault", "code"),
    [(["--max-spend", "0.01"], None, 5), ([], "402", 5), ([], "disabled-model", None)],
)
def test_a_refused_resend_leaves_the_job_to_be_decided(
    run: Run, pixazo_sandbox: Sandbox, options: list[str], fault: str | None, code: int | None
) -> None:
    """Whatever forbids it, the job is still unknown, cannot be forgotten, and is never sent."""
    key = lost(run, pixazo_sandbox)
    if fault:
        pixazo_sandbox.faults.load([{"fault": fault, "times": 1}])

    said = run("jobs", "unknown", "--resend", key, "-q", *options)

    assert said.code == code or (code is None and said.code)
    assert [(e.state, e.charged) for e in entries()] == [("unknown", "unknown")]
    assert run("forget", key).code == 10
    assert run("run", "qwen-image", "fog", "-q", "--key", key).code == 7
    assert len(pixazo_sandbox.wallet.charges) == 1


def test_an_unknown_job_says_why_once(run: Run, pixazo_sandbox: Sandbox) -> None:
    """Asked again, the error is the one that the ledger keeps, not that one in itself."""
    lost(run, pixazo_sandbox)

    said = run("run", "qwen-image", "fog", "-q", "--key", "hero")

    assert said.err.count("its fate is unknown") == 1


def test_what_is_decided_is_one_document(run: Run, pixazo_sandbox: Sandbox, tmp_path: Path) -> None:
    """--json names what was given up and what came of what was sent once more."""
    for key in ("one", "two", "three"):
        left_behind(pixazo_sandbox, key, "sending", "unknown")

    given_up = run("jobs", "unknown", "--abandon", "one", "--json").json
    both = run(
        "jobs", "unknown", "--abandon", "two", "--resend", "three", "--json", "-o", tmp_path
    ).json

    assert given_up == {"jobs": [], "given_up": ["one"]}
    assert both["given_up"] == ["two"]
    (job,) = both["jobs"]
    assert (job["key"], job["state"], job["error"]) == ("three", "downloaded", None)
    assert job["request_id"]


def test_a_job_is_either_given_up_or_sent(run: Run, pixazo_sandbox: Sandbox) -> None:
    """Both at once is a mistake, noticed before anything is done."""
    left_behind(pixazo_sandbox, "one", "sending", "unknown")

    assert run("jobs", "unknown", "--abandon", "one", "--resend", "one").code == 2
    assert [entry.state for entry in entries()] == ["unknown"]


# forget, spend, limits


def test_a_forgotten_key_may_be_used_again(run: Run, tmp_path: Path) -> None:
    """After `forget` the same command is a new job, and both are in the sum."""
    words = ("run", "qwen-image", "fog", "-q", "-o", tmp_path, "--key", "hero")
    assert run(*words).code == 0
    assert run("forget", "hero", "hero").err == "forgotten: 1\n"

    assert run(*words).code == 0
    assert run("forget", "hero").code == 0
    assert run(*words).code == 0

    assert run("spend", "--json").json["sum"]["charged_usd"] == "0.135"


def test_what_is_forgotten_is_told_as_json(run: Run, pixazo_sandbox: Sandbox) -> None:
    """With --json stdout names the keys, each once, or the error, and nothing else."""
    for key in ("one", "two"):
        left_behind(pixazo_sandbox, key, "sending", "rejected")
    left_behind(pixazo_sandbox, "lost", "sending", "unknown")

    refused = run("forget", "lost", "--json")
    told = run("forget", "two", "one", "two", "--json")
    missing = run("forget", "two", "--json")

    assert (refused.code, refused.json["error"]["type"]) == (10, "LedgerMoveRefused")
    assert (told.code, told.json) == (0, {"forgotten": ["two", "one"]})
    assert (missing.code, missing.json["error"]["exit_code"]) == (2, 2)


def test_forgetting_keeps_the_money(run: Run, tmp_path: Path) -> None:
    """A forgotten job is out of the list and still in the sum."""
    run("run", "qwen-image", "fog", "-q", "-o", tmp_path)

    said = run("forget", entries()[0].key)

    assert (said.code, said.err) == (0, "forgotten: 1\n")
    assert entries() == []
    assert run("spend", "--json").json["sum"]["charged_usd"] == "0.045"


def test_a_job_that_may_cost_is_not_forgotten(run: Run, pixazo_sandbox: Sandbox) -> None:
    """forget refuses what is on its way, all or none."""
    left_behind(pixazo_sandbox, "done", "sending", "rejected")
    left_behind(pixazo_sandbox, "lost", "sending", "unknown")

    assert run("forget", "done", "lost").code == 10
    assert len(entries()) == 2


def test_spend_sums_up(run: Run, pixazo_sandbox: Sandbox) -> None:
    """By day or model, with a sum; --since leaves earlier days out."""
    left_behind(pixazo_sandbox, "one", "sending", "completed")
    left_behind(pixazo_sandbox, "two", "sending", "intent")

    lines = run("spend", "--by", "model").out.splitlines()
    assert lines[1].split() == ["qwen-image", "2", "$0.045", "$0.00", "$0.00", "$0.045", "$0.045"]
    assert lines[2].split()[:3] == ["sum", "2", "$0.045"]
    today = datetime.now(UTC).date().isoformat()
    assert run("spend").out.splitlines()[1].startswith(today)
    told = run("spend", "--since", "1h", "--json").json
    (row,) = told["rows"]
    assert {*told["sum"]} == {*row} - {"label"}
    assert run("spend", "--since", "2999-01-01", "--json").json["rows"] == []
    assert run("spend", "--since", "yesterday").code == 2


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--max-spend", "0.04"], "limit for this run"),
        (["--max-spend-day", "0.04"], "limit for today"),
        (["--max-spend-call", "0.04"], "limit for one request"),
    ],
)
def test_a_limit_below_the_estimate_sends_nothing(
    run: Run, pixazo_sandbox: Sandbox, options: list[str], says: str
) -> None:
    """One clear error with the limit; nothing was sent, nothing charged."""
    said = run("run", "qwen-image", "fog", "-q", *options)

    assert said.code == 5
    assert says in said.err
    assert "charged: no" in said.err
    assert not pixazo_sandbox.wallet.charges


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["qwen-image", "--max-spend", "0.01"], 5),
        (["qwen-image-max", "--max-spend", "9"], 5),
        (["qwen-image-max", "--webhook-url", "ftp://x"], 2),
        (["qwen-image", "--key", ""], 2),
    ],
)
def test_what_is_refused_here_is_not_called_sent(
    run: Run, pixazo_sandbox: Sandbox, options: list[str], code: int
) -> None:
    """The progress says `sending` when a request is about to leave, and not before."""
    said = run("run", *options, "--prompt", "fog")

    assert said.code == code
    assert said.err.startswith("error: ")
    assert "sending" not in said.err
    assert len(pixazo_sandbox.journal) == 0


def test_a_key_pays_once(run: Run, pixazo_sandbox: Sandbox, tmp_path: Path) -> None:
    """`--key`: the same command again saves the same picture and sends nothing."""
    words = ("run", "qwen-image", "fog", "-o", tmp_path, "--key", "hero")
    first, second = run(*words), run(*words)

    assert (first.code, second.code) == (0, 0)
    assert first.out == second.out
    assert "sending" in first.err
    assert "sending" not in second.err
    assert [entry.key for entry in entries()] == ["hero"]
    assert len(pixazo_sandbox.wallet.charges) == 1
    other = run("run", "qwen-image", "rain", "-q", "-o", tmp_path, "--key", "hero")
    assert other.code == 10
    assert "belongs to a different request" in other.err
    assert len(pixazo_sandbox.wallet.charges) == 1


@pytest.mark.parametrize(
    ("fault", "why"),
    [("429", "429 Too Many Requests"), ("500", "500 Internal Server Error"), ("", "")],
)
def test_a_pause_before_another_attempt_is_told(
    run: Run, pixazo_sandbox: Sandbox, tmp_path: Path, fault: str, why: str
) -> None:
    """The progress says why it waits, how long, and which attempt comes; the error counts them."""
    pixazo_sandbox.faults.load([{"fault": f"submit:{fault}"}] if why else [])
    gateway = () if why else ("--gateway", "http://127.0.0.1:9")

    said = run("run", "qwen-image", "fog", "--attempts", "2", "-o", tmp_path, *gateway)

    assert said.code == 6
    (pause,) = [line for line in said.err.splitlines() if "again in" in line]
    assert f"s] qwen-image: {why or 'no connection'}, again in 0." in pause
    assert pause.endswith(" s (2 of 2)")
    assert said.err.count("qwen-image: sending") == 2
    assert "; tried 2 times\n" in said.err


@pytest.mark.parametrize("fault", ["submit:500", "submit:429=0"])
def test_attempts_1_sends_once(run: Run, pixazo_sandbox: Sandbox, fault: str) -> None:
    """`--attempts 1` switches the repetition after 429 and a documented 500 off."""
    pixazo_sandbox.faults.load([{"fault": fault}])
    words = ("run", "qwen-image", "fog", "-q")

    said = run(*words, "--attempts", "1")

    assert said.code == 6
    assert "tried" not in said.err
    assert len(pixazo_sandbox.journal) == 1


def test_an_unknown_price_needs_an_assumption(
    run: Run, pixazo_sandbox: Sandbox, tmp_path: Path
) -> None:
    """Under a limit a model without a documented price is refused, unless a price is assumed."""
    words = ["run", "qwen-image-max", "fog", "-q", "-o", tmp_path, "--max-spend", "1"]

    assert run(*words).code == 5
    assert not pixazo_sandbox.wallet.charges
    assert run(*words, "--assume-price", "0.10").code == 0
    assert run("run", "qwen-image", "fog", "--max-spend", "-1").code == 2


# A ledger that cannot be used


def broken(path: Path) -> None:
    path.write_bytes(b"this is no database, only a text of some length " * 100)


def newer(path: Path) -> None:
    Ledger(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("pragma user_version = 99")
    connection.close()


def foreign(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("create table mine(a)")
    connection.close()


def folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("make", "kind", "says"),
    [
        (broken, "LedgerBroken", "is not a ledger"),
        (newer, "LedgerTooNew", "has version 99"),
        (foreign, "LedgerBroken", "of another program"),
        (folder, "UsageError", "is a directory"),
    ],
)
def test_a_ledger_that_cannot_be_used_is_one_clear_error(
    run: Run, pixazo_sandbox: Sandbox, tmp_path: Path, make: Any, kind: str, says: str
) -> None:
    """Nothing is sent, and the error names the file."""
    path = tmp_path / "ledger"
    make(path)

    for words in (["run", "qwen-image", "fog"], ["resume"], ["jobs"], ["spend"], ["wait", "id"]):
        said = run(*words, "--ledger", path, "--json")
        error = said.json["error"]
        assert said.code == (2 if kind == "UsageError" else 10)
        assert error["type"] == kind
        assert says in error["message"]
        assert str(path) in error["message"]
        assert said.err.count("error: ") == 1
    assert not pixazo_sandbox.wallet.charges


def test_a_ledger_on_a_full_disk_sends_nothing(
    pixazo_sandbox: Sandbox, forks: Forks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the ledger cannot be written the request does not leave."""
    monkeypatch.setenv("PIXAZO_API_KEY", "any")
    words = ["run", "qwen-image", "fog", "-q", "--no-save", "--gateway", pixazo_sandbox.url]

    ran = forks.start(words, most_file_bytes=20_000)
    _, said = ran.communicate()

    assert ran.returncode == 10
    assert said.count("error: ") == 1
    assert "charged: no" in said
    assert "hint: " in said
    assert not pixazo_sandbox.wallet.charges


# Processes


@pytest.mark.pixazo_sandbox(latency=60)
def test_a_killed_command_is_resumed(
    run: Run, pixazo_sandbox: Sandbox, forks: Forks, tmp_path: Path
) -> None:
    """After kill -9 while waiting, `pixazo resume` goes on with the job and pays nothing."""
    killed = forks.start(["run", "qwen-image-max", "fog"])
    assert killed.stderr is not None
    assert any("under way" in line for line in killed.stderr)
    killed.kill()
    killed.communicate()
    pixazo_sandbox.clock.advance(120)

    ran = run("resume", "-q", "-o", tmp_path / "out")

    assert (ran.code, ran.err) == (0, "")
    assert Path(ran.out.strip()).exists()
    assert len(pixazo_sandbox.wallet.charges) == 1
