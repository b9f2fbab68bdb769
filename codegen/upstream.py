"""What openapi-python-client's templates looked like when ours were last compared with them.

    python -m codegen.upstream             name every template that is not as recorded
    python -m codegen.upstream --record    record the installed ones: they were compared

Exit status: 0 all as recorded, 1 something moved.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

__all__ = ["RECORD", "installed", "main", "moved", "recorded"]

TOOL = "openapi-python-client"
RECORD = Path(__file__).with_name("upstream.json")
_OURS = Path(__file__).parent / "templates" / "wire"
_OF_PROJECTS = (".gitignore", "README", "pyproject", "setup")  # `--meta none` makes none of these


def installed() -> dict[str, str]:
    """Return the hash of every template of the installed release that has a part in the output."""
    spec = find_spec("openapi_python_client")
    assert spec is not None and spec.origin is not None  # noqa: PT018, S101 (codegen's own need)
    folder = Path(spec.origin).parent / "templates"
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.jinja"))
        if not path.name.startswith(_OF_PROJECTS)
    }


def recorded() -> tuple[str, dict[str, str]]:
    """Return the recorded release and the hash of each of its templates."""
    found = json.loads(RECORD.read_text(encoding="utf-8"))
    return found["version"], found["templates"]


def moved(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence for every template that changed, came or went.

    Args:
        old: hashes by template, as recorded.
        new: hashes by template, as installed.
    """
    for name in sorted(old.keys() | new.keys()):
        ours = (_OURS / name).exists()
        if name not in new:
            advice = "remove ours, or find what replaced it" if ours else "see what replaced it"
            yield f"{name} is gone: {advice}"
        elif name not in old:
            yield f"{name} is new: see who includes it"
        elif old[name] != new[name] and ours:
            yield f"{name} changed: compare it with ours, codegen/templates/wire/{name}"
        elif old[name] != new[name]:
            yield f"{name} changed: used as it is, read the diff of generated/"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status.

    Args:
        arguments: what follows the module's name; None takes it from the process.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    here = version(TOOL)
    if words == ["--record"]:
        record = {"version": here, "templates": installed()}
        RECORD.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8", newline="\n")
        print(f"recorded {len(installed())} templates of {TOOL} {here}")
        return 0
    if words:
        print(f"python -m codegen.upstream takes --record or nothing, not {' '.join(words)}")
        return 1
    release, templates = recorded()
    found = list(moved(templates, installed()))
    print("\n".join([f"{TOOL}: recorded {release}, installed {here}", *found]))
    print(f"{len(found)} of {len(templates)} templates moved")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
