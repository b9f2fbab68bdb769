"""A model that nobody has heard of needs a spec edit and a regeneration, and no line of code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from codegen.__main__ import main
from tests.codegen.conftest import ROOT, SpecCopy

INVENTED = Path(__file__).with_name("invented.yaml")
CODE = """
import json
from pixazo_openapi.catalogue import MODELS
from pixazo_openapi.errors import InvalidRequest
from pixazo_openapi.requests import Haiku, InkWash, request_from_dict

def refused(make, **given):
    try:
        make(**given)
    except InvalidRequest as error:
        return [str(problem) for problem in error.problems]

wash = InkWash(prompt="heron", wetness=1, strokes=["dry", "wet"])
haiku = Haiku(first_line="a", second_line="b", last_line="c", seal=b"GIF89a")
print(json.dumps({
    "models": [*MODELS],
    "waiting": MODELS["ink-wash"].waiting.hint_s,
    "price": str(MODELS["ink-wash"].price.usd),
    "default": MODELS["ink-wash"].parameter("strokes").default,
    "wash": wash.to_body(),
    "haiku": haiku.to_body(),
    "again": request_from_dict(haiku.to_dict()) == haiku,
    "refused": refused(InkWash, prompt="herons", wetness=0, strokes=["dry", "wet", "dry"]),
    "lacking": refused(Haiku, first_line="a", last_line=""),
    "doc": InkWash.__doc__,
}))
"""


@pytest.fixture
def made(spec: SpecCopy) -> Any:
    """What a process sees that uses the package made from the extended spec."""
    invented = yaml.safe_load(INVENTED.read_text())
    for key, anchor in (("paths", "  /v2/requests/status"), ("schemas", "    SubmitReceipt:\n")):
        spec.edit(anchor, invented[key] + anchor)
    folder = spec.path.parents[1]
    assert main(["--spec", str(spec.path), "--out", str(folder / "pixazo_openapi")]) == 0
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_invented_models_work_without_a_line_of_code(made: Any) -> None:
    """A queued flat model and a direct nested one get class, catalogue entry, checks and words."""
    document = (ROOT / "spec" / "openapi.yaml").read_text()
    known = yaml.load(document, Loader=yaml.CSafeLoader)["paths"]

    assert made["models"][-2:] == ["ink-wash", "haiku"]
    assert len(made["models"]) == len(known) + 1
    assert (made["waiting"], made["price"], made["default"]) == (5, "0.01", ["dry"])
    assert made["wash"] == {"wetness": 1, "prompt": "heron", "strokes": ["dry", "wet"]}
    assert made["haiku"] == {
        "kind": "haiku",
        "poem": {
            "lines": [{"words": "a"}, {"words": "b"}, {"words": "c"}],
            "seal": "data:image/gif;base64,R0lGODlh",
        },
    }
    assert made["again"] is True
    assert made["refused"] == [
        "wetness=0: must be more than 0",
        "prompt='herons': must have at most 5 characters, has 6",
        "strokes=['dry', 'wet', 'dry']: must have at most 2 items, has 3",
    ]
    assert made["lacking"] == ["last_line='': must not be empty", "second_line: is required"]
    assert 'What to paint, in words "quoted" and \\escaped. Required.' in " ".join(
        made["doc"].split()
    )
