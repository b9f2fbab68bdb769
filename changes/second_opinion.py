"""What redocly says of the same two documents, where somebody has it (npm: @redocly/cli).

It knows nothing of `x-pixazo` and takes a changed default for a detail, so its word raises no
version by itself. Where it is graver than ours it is worth a look.
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from changes.findings import Level
from changes.history import HistoryError

__all__ = ["Opinion", "ask"]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What redocly says.

    Args:
        level: Its rating of the whole; None when it sees no change.
        graver: What it says of each change that it rates as it rates the whole.
    """

    level: Level | None
    graver: tuple[str, ...]


def ask(program: str, old: Path, new: Path) -> Opinion:
    """Return what redocly says of two documents.

    Args:
        program: The executable, such as `node_modules/.bin/redocly`.
        old: The document as it was released.
        new: The document as it is.

    Raises:
        HistoryError: It cannot be run, or says nothing that can be read.
    """
    command = [program, "diff", str(old), str(new), "--format", "json", "--fail-on", "none"]
    quiet = {"REDOCLY_TELEMETRY": "off", "NO_COLOR": "1"}
    try:
        done = subprocess.run(  # noqa: S603 (the program that was asked for)
            command, capture_output=True, text=True, env={**os.environ, **quiet}, check=False
        )
        return _read(json.loads(done.stdout))
    except OSError as error:
        raise HistoryError(f"{program} cannot be run: {error.strerror}") from error
    except (ValueError, KeyError) as error:
        raise HistoryError(f"{program} diff said nothing that can be read") from error


def _read(report: dict[str, Any]) -> Opinion:
    changes = report["changes"]
    if not changes:
        return Opinion(None, ())
    level = max(Level[change["impact"].upper()] for change in changes)
    told = {
        verdict["message"]: None
        for change in changes
        for verdict in change["verdicts"]
        if Level[verdict["impact"].upper()] is level
    }
    return Opinion(level, tuple(told))
