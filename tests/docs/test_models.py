"""The pages on the models: made from the spec, whole, and true when they are followed."""

from __future__ import annotations

import re
import shlex
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pixazo_openapi.catalogue import MODELS, NO_DEFAULT, STATUS, Model

from pixazo.cli.app import pixazo

FOLDER = Path(__file__).parents[2] / "docs" / "models"
COMMAND = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)


def page(model: Model) -> str:
    """The page of a model."""
    return (FOLDER / f"{model.model_id}.md").read_text("utf-8")


def test_every_model_has_a_page_and_a_line_in_the_index() -> None:
    """There is a page for each model and no other one; the index links them all."""
    index = (FOLDER / "README.md").read_text("utf-8")

    assert {path.stem for path in FOLDER.glob("*.md")} == {*MODELS, "README"}
    assert [name for name in MODELS if f"[{name}]({name}.md)" not in index] == []
    assert [word for word in STATUS.outcomes if f"| `{word}` |" not in index] == []


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
def test_a_page_tells_all_that_is_known(model: Model) -> None:
    """Address, mode, price, codes, media and sources stand there; an unknown price is no number."""
    text = page(model)
    price = "unknown, not free" if model.price.usd is None else f"{model.price.usd} USD a request"

    assert f"| call | `{model.method} https://gateway.pixazo.ai{model.path}` |" in text
    assert f"| mode | {model.mode}: " in text
    assert f"| price | {price}" in text
    assert f"| price's source | {model.price.source} |" in text
    assert f"| source | {model.source} |" in text
    for code in (model.success_status, *model.error_statuses):
        assert re.search(rf"^\| {code} \| .+ \| \S.+ \|$", text, re.MULTILINE), code
    assert all(f"| `{pointer}` |" in text for pointer in model.media)
    assert ("waiting" in text or "stops waiting" in text) == (model.waiting is not None)
    assert ("A callback may be asked for" in text) == (model.webhook is not None)


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
def test_every_parameter_has_its_row(model: Model) -> None:
    """A row names type, need, default, words, bounds, source and rulings, which are linked."""
    text = page(model)

    for parameter in model.parameters:
        found = re.search(rf"^\| `{parameter.name}` \| .*Source: .*$", text, re.MULTILINE)
        assert found is not None, parameter.name
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", found[0])[1:-1]]
        assert cells[2] == ("yes" if parameter.required else "no")
        assert (cells[3] == "-") == (parameter.default is NO_DEFAULT)
        assert all(f"`{word}`" in cells[4] for word in parameter.enum)
        for bound in (parameter.minimum, parameter.maximum, parameter.max_items):
            assert bound is None or str(bound) in cells[4]
        assert parameter.source in cells[5]
        for ruling in parameter.rulings:
            assert f"[{ruling}]" in cells[5]
            assert f"\n[{ruling}]: ../../spec/RULINGS.md#{ruling.lower()}-" in text


def _run(command: str) -> str:
    try:
        pixazo.main(shlex.split(command)[1:], prog_name="pixazo", standalone_mode=False)
    except Exception as error:  # noqa: BLE001 (whatever goes wrong is the page's fault)
        return f"{command}: {error!r}"
    return ""


@pytest.mark.timeout(90)
def test_the_commands_of_the_pages_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command on each page runs as it stands, offline and without a key, and saves files."""
    monkeypatch.chdir(tmp_path)
    commands = [COMMAND.findall(page(model)) for model in MODELS.values()]

    with ThreadPoolExecutor(len(commands)) as threads:
        faults = list(threads.map(_run, (line for lines in commands for line in lines)))

    assert [fault for fault in faults if fault] == []
    assert {len(lines) for lines in commands} == {1}
    saved = [path.name for path in (tmp_path / "out").iterdir()]
    assert all(any(name.startswith(f"{model}_") for name in saved) for model in MODELS)
