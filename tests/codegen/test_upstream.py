"""An upgrade of openapi-python-client tells what it moved: in its templates and in our output."""

from __future__ import annotations

import difflib
import json
from pathlib import Path

import pytest

from codegen import tools, upstream
from tests.codegen import golden


def test_upstreams_templates_are_those_that_ours_were_compared_with() -> None:
    """The pinned release is the recorded one, and none of its templates looks otherwise."""
    release, templates = upstream.recorded()

    assert release == tools.pins()[upstream.TOOL]
    assert list(upstream.moved(templates, upstream.installed())) == []


def test_every_template_of_ours_has_one_upstream() -> None:
    """An override whose upstream template is gone or renamed would do nothing; there is none."""
    ours = Path(upstream.__file__).parent / "templates" / "wire"
    names = {path.relative_to(ours).as_posix() for path in ours.rglob("*.jinja")}

    assert len(names) == 5
    assert names <= upstream.installed().keys()


@pytest.mark.timeout(60)
def test_a_small_document_becomes_what_is_recorded() -> None:
    """What the first pass makes of every kind of schema is the golden record, file by file."""
    now, then = golden.made(), golden.recorded()
    advice = ["look it through, then: python -m tests.codegen.golden"]

    moved = [
        f"{name} moved:\n" + "".join(_difference(then.get(name, ""), now.get(name, "")))
        for name in sorted(now.keys() | then.keys())
        if now.get(name) != then.get(name)
    ]

    assert moved == [], "\n".join(moved + advice)
    assert {"models/status.py", "api/images/paint.py", "types.py"} <= now.keys()


def _difference(old: str, new: str) -> list[str]:
    return list(difflib.unified_diff(old.splitlines(True), new.splitlines(True), n=1))


def test_a_moved_template_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An overridden, a used, a new and a vanished template are told apart; --record settles it."""
    _, templates = upstream.recorded()
    other = {**templates, "endpoint_module.py.jinja": "0", "helpers.jinja": "0", "gone.jinja": "0"}
    del other["types.py.jinja"]
    record = tmp_path / "upstream.json"
    record.write_text(json.dumps({"version": "0.1.0", "templates": other}), "utf-8")
    monkeypatch.setattr(upstream, "RECORD", record)

    first = upstream.main([])
    told = capsys.readouterr().out.splitlines()
    settled = upstream.main(["--record"]), upstream.main([])

    assert (first, settled) == (1, (0, 0))
    assert told[1:] == [
        (
            "endpoint_module.py.jinja changed: compare it with ours,"
            " codegen/templates/wire/endpoint_module.py.jinja"
        ),
        "gone.jinja is gone: see what replaced it",
        "helpers.jinja changed: used as it is, read the diff of generated/",
        "types.py.jinja is new: see who includes it",
        f"4 of {len(templates)} templates moved",
    ]
