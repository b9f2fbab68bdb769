"""The command line with two models that this repository has never heard of."""

from __future__ import annotations

import contextlib
import io
import json

from pixazo.cli import main
from pixazo.cli.reference import reference


def said(*words: str) -> tuple[int, str]:
    """Return exit code and output of a command."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        code = main(list(words))
    return code, output.getvalue()


WASH = ("run", "ink-wash", "heron", "--wetness")
print(
    json.dumps(
        {
            "models": said("models"),
            "help": said("run", "ink-wash", "--help"),
            "explain": said("explain", "ink-wash.strokes"),
            "drawn": said(*WASH, "1", "--sandbox", "-o", "out"),
            "refused": said(*WASH, "2", "--strokes", "dry", "--sandbox"),
            "page": (0, reference()),
        }
    )
)
