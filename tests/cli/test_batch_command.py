"""`pixazo batch`: checked whole, resumable by the same command, one result line per input line."""

from __future__ import annotations

import io
import json
import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pixazo.batches import Folder, Shard
from pixazo.cli import main
from pixazo.sandbox import Sandbox
from tests.cli.forks import Forks

Capture = pytest.CaptureFixture[str]
LORA = "qwen-image-edit-plus-lora"


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox of direct models that answer soon, named by the environment."""
    with Sandbox(latency=0.05, balance="100") as sandbox:
        monkeypatch.setenv("PIXAZO_GATEWAY_URL", sandbox.url)
        monkeypatch.setenv("PIXAZO_API_KEY", "a-key-of-the-tests")
        yield sandbox


def direct(number: int, **more: Any) -> dict[str, Any]:
    return {"model": "qwen-image", "prompt": f"fog {number}", "size": "512*512", **more}


def queued(number: int) -> dict[str, Any]:
    small = {"width": 8, "height": 8}
    address = ["https://example.com/a.png"]
    return {"model": LORA, "prompt": f"p{number}", "image_urls": address, "image_size": small}


def batch_file(folder: Path, *lines: dict[str, Any] | str) -> Path:
    file = folder / "prompts.jsonl"
    written = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    file.write_text("\n".join(written) + "\n", encoding="utf-8")
    return file


def results(folder: Path, name: str = "results.jsonl") -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / name).read_text("utf-8").splitlines()]


def test_each_line_has_its_result_in_order(
    gateway: Sandbox, tmp_path: Path, capsys: Capture
) -> None:
    """Files lie in the folder, results.jsonl names them line by line, stdout names it."""
    file = batch_file(tmp_path, direct(1), "", direct(2), direct(1))
    code = main(["batch", str(file), "-o", str(tmp_path / "out")])

    said = capsys.readouterr()
    told = results(tmp_path / "out")
    assert code == 0
    assert said.out.strip() == str(tmp_path / "out" / "results.jsonl")
    assert "3 done" in said.err
    assert [line["line"] for line in told] == [1, 3, 4]
    assert {line["state"] for line in told} == {"done"}
    assert all((tmp_path / "out" / name).is_file() for line in told for name in line["files"])
    assert len({line["key"] for line in told}) == 3


def test_without_saving_the_results_name_the_addresses(
    gateway: Sandbox, tmp_path: Path, capsys: Capture
) -> None:
    """With --no-save a batch is over: resume fetches nothing; without it, later, it saves."""
    file = batch_file(tmp_path, direct(1), direct(2))
    command = ["batch", str(file), "-q", "-o", str(tmp_path / "out")]

    assert main([*command, "--no-save"]) == 0
    told = results(tmp_path / "out")
    assert main(["resume", "-o", str(tmp_path / "other")]) == 0
    assert main(command) == 0

    assert all(line["media"] and not line["files"] for line in told)
    assert not (tmp_path / "other").exists()
    assert all(line["files"] for line in results(tmp_path / "out"))
    assert len(gateway.wallet.charges) == 2


def test_the_same_command_again_costs_nothing(gateway: Sandbox, tmp_path: Path) -> None:
    """The second run brings the same results.jsonl, sends nothing and fetches nothing."""
    file = batch_file(tmp_path, *(direct(number) for number in range(4)))
    command = ["batch", str(file), "-o", str(tmp_path / "out"), "-q"]
    assert main(command) == 0
    first, seen = results(tmp_path / "out"), len(gateway.journal)

    assert main(command) == 0

    assert results(tmp_path / "out") == first
    assert len(gateway.journal) == seen
    assert len(gateway.wallet.charges) == 4


def test_a_bad_line_731_stops_everything_before_the_first_cent(
    gateway: Sandbox, tmp_path: Path, capsys: Capture
) -> None:
    """Every bad line is named with its number and what is wrong; nothing is sent."""
    lines: list[dict[str, Any] | str] = [direct(number) for number in range(1000)]
    lines[730] = {"model": "qwen-image", "prompt": "fog", "size": "1x1"}
    lines[41] = "not json"
    lines[999] = {"model": "qwen-imago", "prompt": "fog"}
    file = batch_file(tmp_path, *lines)

    code = main(["batch", str(file), "-o", str(tmp_path / "out"), "--json"])

    said = capsys.readouterr()
    assert code == 2
    assert "line 731: size=" in said.err
    assert "line 42: is not JSON: Expecting value at column 1" in said.err
    assert "line 1000: model=" in said.err
    assert json.loads(said.out)["error"]["type"] == "InvalidBatch"
    assert gateway.wallet.charges == ()
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((), "has no line"),
        (("[1]",), "line 1: must be a JSON object"),
        ((direct(1, key="a"), direct(2, key="a")), "line 2: key='a': stands at line 1"),
        ((direct(1, key="a~2"),), "line 1: key='a~2': must not end in ~ and a number"),
        ((direct(1, key=""),), "line 1: key='': must be 1 to 150 printable characters (a job that"),
        ((direct(1, key=5),), "line 1: key=5: must be a string"),
        (('{"model": 1, "model": 2}',), "line 1: 'model' is given twice in one object"),
        (("[" * 100_000,), "line 1: is nested too deeply"),
        (('{"model": ' + "9" * 6000 + "}",), "line 1: a number of 6000 digits is too long"),
        (
            ({"model": "qwen-image-edit", "prompt": "red", "image": "none.png"},),
            "none.png': must be a readable file: ",
        ),
        (({"prompt": "fog"},), "line 1: model"),
    ],
)
def test_a_wrong_file_is_refused(
    lines: tuple[Any, ...], said: str, gateway: Sandbox, tmp_path: Path, capsys: Capture
) -> None:
    """The error names the line and the rule, and the exit code is 2."""
    file = batch_file(tmp_path, *lines)
    assert main(["batch", str(file), "-o", str(tmp_path / "out")]) == 2
    assert said in capsys.readouterr().err


def test_the_lines_may_come_from_stdin(
    gateway: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They have the same keys as in a file; a mark and the line ends of Windows are no matter."""
    file = batch_file(tmp_path, direct(1), direct(2))
    words = ["-o", str(tmp_path / "out"), "-q"]
    assert main(["batch", str(file), *words]) == 0
    text = b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))

    assert main(["batch", "-", *words]) == 0
    assert len(gateway.wallet.charges) == 2
    assert [line["line"] for line in results(tmp_path / "out")] == [1, 2]


def test_a_file_that_is_not_there_is_one_clear_error(
    gateway: Sandbox, tmp_path: Path, capsys: Capture
) -> None:
    """No traceback: the name and the reason."""
    assert main(["batch", str(tmp_path / "none.jsonl")]) == 2
    assert "none.jsonl cannot be read: No such file" in capsys.readouterr().err


def test_two_batches_on_one_folder_exclude_each_other(
    gateway: Sandbox, tmp_path: Path, capsys: Capture
) -> None:
    """The second is refused before it sends anything; other shards may share the folder."""
    file = batch_file(tmp_path, direct(1), direct(2))
    with Folder(tmp_path / "out", Shard()):
        assert main(["batch", str(file), "-o", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert f"error: another batch works on {tmp_path / 'out'}" in said
    assert "hint: Wait for it, or give this one another folder with -o." in said
    assert gateway.wallet.charges == ()
    with Folder(tmp_path / "out", Shard(1, 2)):
        assert main(["batch", str(file), "-o", str(tmp_path / "out"), "--shard", "1/2"]) == 2
        assert main(["batch", str(file), "-o", str(tmp_path / "out"), "--shard", "2/2"]) == 0
    assert [line["line"] for line in results(tmp_path / "out", "results-2-of-2.jsonl")] == [2]


def test_a_shard_without_lines_says_so(gateway: Sandbox, tmp_path: Path, capsys: Capture) -> None:
    """With more parts than lines the last parts have nothing to do, which is no error."""
    file = batch_file(tmp_path, direct(1), direct(2), direct(3))

    code = main(["batch", str(file), "-o", str(tmp_path / "out"), "--shard", "5/5"])

    said = capsys.readouterr()
    assert (code, said.err) == (0, "the shard has no lines\n")
    assert said.out == f"{tmp_path / 'out' / 'results-5-of-5.jsonl'}\n"
    assert results(tmp_path / "out", "results-5-of-5.jsonl") == []


def test_a_line_that_fails_is_told_and_the_exit_code_says_so(
    gateway: Sandbox, tmp_path: Path, capsys: Capture
) -> None:
    """One refused line of three: 11, and the others are done."""
    gateway.faults.add("submit:404", nth=2)
    file = batch_file(tmp_path, *(direct(number) for number in range(3)))
    command = ["batch", str(file), "-o", str(tmp_path / "out"), "--concurrency", "1"]
    assert main(command) == 11
    assert "line 2: failed:" in capsys.readouterr().err
    assert [line["state"] for line in results(tmp_path / "out")] == ["done", "failed", "done"]


def test_a_spend_limit_stops_the_batch_and_says_how_to_go_on(
    gateway: Sandbox, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of 0.045 fit under 0.10; the exit code is that of money, the rest is open."""
    file = batch_file(tmp_path, *(direct(number) for number in range(4)))
    command = ["batch", str(file), "-o", str(tmp_path / "out"), "--max-spend", "0.10"]
    monkeypatch.setattr(sys, "argv", ["pixazo", *command])
    assert main(command) == 5
    said = capsys.readouterr().err
    assert "2 done, 2 open" in said
    assert "resume: pixazo batch" in said
    assert len(gateway.wallet.charges) == 2

    assert main(command[:-2]) == 0
    assert len(gateway.wallet.charges) == 4


def test_a_limit_and_an_unknown_price_are_refused_before_the_first_cent(
    gateway: Sandbox, tmp_path: Path, capsys: Capture
) -> None:
    """The first line of such a model is named; --assume-price is the way out."""
    file = batch_file(tmp_path, direct(1), {"model": "qwen-image-max", "prompt": "fog"})
    assert main(["batch", str(file), "-o", str(tmp_path / "out"), "--max-spend", "1"]) == 5
    assert "the first: 2" in capsys.readouterr().err
    assert gateway.wallet.charges == ()


def test_a_folder_that_cannot_be_made_is_one_clear_error(
    gateway: Sandbox, tmp_path: Path, capsys: Capture
) -> None:
    """A file stands where the folder should be: nothing is sent."""
    file = batch_file(tmp_path, direct(1))
    assert main(["batch", str(file), "-o", str(file)]) != 0
    assert main(["batch", str(file), "-o", str(file / "below")]) == 9
    assert "cannot be written to" in capsys.readouterr().err
    assert gateway.wallet.charges == ()


def test_results_that_cannot_be_written_are_known_before_the_first_cent(
    gateway: Sandbox, tmp_path: Path, capsys: Capture
) -> None:
    """A folder stands where results.jsonl goes: nothing is sent."""
    (tmp_path / "out" / "results.jsonl").mkdir(parents=True)
    code = main(["batch", str(batch_file(tmp_path, direct(1))), "-o", str(tmp_path / "out")])

    said = capsys.readouterr()
    assert (code, said.out) == (9, "")
    assert "results.jsonl is a folder" in said.err
    assert "charged: no" in said.err
    assert not gateway.wallet.charges


def test_a_current_folder_that_is_removed_meanwhile_calls_nothing_uncharged(
    gateway: Sandbox, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative folder is gone with the current one when the answer comes: one error, `yes`."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    gateway.faults.add("submit:slow-drip=1")
    words = ["batch", str(batch_file(tmp_path, direct(1))), "-o", "out"]
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(main, words)
        wait_for_charges(gateway, 1)
        shutil.rmtree(here)
        code = running.result()

    said = capsys.readouterr().err
    assert (code, len(gateway.wallet.charges)) == (9, 1)
    assert said.count("error: ") == 1
    assert "charged: yes" in said


def test_results_that_cannot_be_written_afterwards_call_nothing_uncharged(
    gateway: Sandbox, tmp_path: Path, capsys: Capture
) -> None:
    """What was paid for is told with the way on, though the results are not there."""
    out = tmp_path / "out"
    gateway.faults.add("submit:slow-drip=1")
    words = ["batch", str(batch_file(tmp_path, direct(1))), "-o", str(out)]
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(main, words)
        wait_for_charges(gateway, 1)
        (out / "results.jsonl").mkdir()
        code = running.result()

    said = capsys.readouterr().err
    assert code == 9
    assert "charged: yes" in said
    assert "note: 1 done; $0.045" in said
    assert "resume: pixazo " in said
    assert sorted(file.suffix for file in out.iterdir() if file.is_file()) == [
        ".json",
        ".lock",
        ".png",
    ]


def test_what_has_no_price_is_not_summed_up_as_nothing(
    gateway: Sandbox, tmp_path: Path, capsys: Capture
) -> None:
    """The sum says how many pictures of unknown price are not in it."""
    file = batch_file(tmp_path, direct(1), {"model": "qwen-image-max", "prompt": "fog"})
    words = ["batch", str(file), "-o", str(tmp_path / "out"), "-q"]

    assert main([*words, "--max-spend", "1", "--assume-price", "0.10"]) == 0
    assert "2 done; $0.045 and 1 of unknown price" in capsys.readouterr().err
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["of_unknown_price"] == 1


@pytest.mark.parametrize("rate", ["0/s", "-1/s", "5/day", "fast", "5/", "nan"])
def test_a_wrong_rate_is_refused(rate: str, tmp_path: Path, capsys: Capture) -> None:
    """The error shows what a rate looks like."""
    assert main(["batch", "p.jsonl", "--rate", rate]) == 2
    assert "like 5/s" in capsys.readouterr().err


def test_a_picture_may_be_a_path_beside_the_file(gateway: Sandbox, tmp_path: Path) -> None:
    """A path is read relative to the batch file, wherever the command is run."""
    png = (
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89"
        b"\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\5\0\1\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82"
    )
    (tmp_path / "a.png").write_bytes(png)
    line = {"model": "qwen-image-edit", "image": "a.png", "prompt": "fog"}
    file = batch_file(tmp_path, line)
    assert main(["batch", str(file), "-o", str(tmp_path / "out"), "-q"]) == 0


def test_what_is_not_done_is_told_with_the_way_on(
    gateway: Sandbox, tmp_path: Path, capsys: Capture
) -> None:
    """The command that is named finds the job, because it names the ledger that was given."""
    for at, fault in enumerate(("lost-answer", "disabled-model", "429"), 1):
        gateway.faults.add(f"submit:{fault}", nth=at)
    file, ledger = batch_file(tmp_path, *map(direct, range(3))), str(tmp_path / "a ledger")
    words = ["batch", str(file), "-o", str(tmp_path / "out"), "--attempts", "1", "--json"]
    code = main([*words, "--ledger", ledger, "--concurrency", "1"])
    said = capsys.readouterr()
    _, _, command = said.err.partition("to decide about: pixazo ")
    main(shlex.split(command.splitlines()[0]))

    assert (code, json.loads(said.out)["open"]) == (11, 1)
    assert "1 failed, 1 unknown, 1 open" in said.err
    assert "hint: a failed line is sent again under a new key, or when it changes" in said.err
    assert "\nresume: pixazo " in said.err
    assert "at stake: $0.045" in capsys.readouterr().err


def test_a_gateway_that_cannot_be_reached_is_told_at_once(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why nothing moves is a line on stderr, not one for each request that waits."""
    monkeypatch.setenv("PIXAZO_API_KEY", "a-key-of-the-tests")
    file, gone = batch_file(tmp_path, *map(direct, range(3))), "http://127.0.0.1:9"
    words = ["batch", str(file), "-o", str(tmp_path / "out"), "--gateway", gone, "--attempts", "2"]
    code = main(words)

    told = [line for line in capsys.readouterr().err.splitlines() if " again in " in line]
    assert code == 11
    assert len(told) == 1
    assert "the gateway cannot be reached" in told[0]


def wait_for_charges(gateway: Sandbox, count: int) -> None:
    until = time.monotonic() + 30
    while len(gateway.wallet.charges) < count:
        assert time.monotonic() < until, "the batch did not get going"
        time.sleep(0.02)


@pytest.mark.timeout(120)
def test_killed_in_the_middle_and_run_again_no_line_is_paid_twice(
    tmp_path: Path, forks: Forks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGKILL three times, then to the end: each line told, each charge once, the rest in doubt."""
    file = batch_file(tmp_path, *(queued(number) for number in range(24)))
    out = tmp_path / "out"
    words = ["batch", str(file), "-o", str(out), "--ledger", str(tmp_path / "ledger")]
    with Sandbox(latency=0.1, balance="100") as gateway:
        monkeypatch.setenv("PIXAZO_GATEWAY_URL", gateway.url)
        monkeypatch.setenv("PIXAZO_API_KEY", "a-key-of-the-tests")
        for charges in (4, 10, 17):
            process = forks.start(words)
            wait_for_charges(gateway, charges)
            process.kill()
            process.communicate()
        process = forks.start(words)
        process.communicate()

        told = results(out)
        unknown = [line for line in told if line["state"] == "unknown"]
        paid = {charge.request_id for charge in gateway.wallet.charges}
        assert process.returncode == (11 if unknown else 0)
        assert len(told) == 24
        assert {line["state"] for line in told} <= {"done", "unknown"}
        assert gateway.wallet.double_charges == ()
        assert len(paid) <= 24
        assert len(paid - {line["request_id"] for line in told}) <= len(unknown)
