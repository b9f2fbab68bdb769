"""Turns the OpenAPI document into the generated package.

    python -m codegen            check spec/openapi.yaml, write generated/pixazo_openapi
    python -m codegen --check    fail, naming the files, when the folder is not what codegen makes

Exit status: 0 fine, 1 the document is wrong or the folder drifted, 2 a tool is missing or failed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from codegen import manifest, package
from codegen.checks import check
from codegen.document import SpecError, load
from codegen.tools import ToolError

_ROOT = Path(__file__).parent.parent
_SPEC = _ROOT / "spec" / "openapi.yaml"
_OUT = _ROOT / "generated" / "pixazo_openapi"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = _options(arguments)
    try:
        document = load(options.spec)
        if problems := check(document):
            raise SpecError(problems)
        with TemporaryDirectory() as folder:
            fresh = Path(folder) / options.out.name
            package.make(document, fresh)
            drift = manifest.drift(manifest.contents(options.out), manifest.contents(fresh))
            if drift and not options.check:
                package.swap(fresh, options.out)
    except SpecError as error:
        return _say(f"{error}\n{_count(len(error.problems), 'problem')}; nothing was written", 1)
    except ToolError as error:
        return _say(str(error), 2)
    return _report(drift, options.out, check=options.check)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m codegen", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing, fail when files drifted"
    )
    parser.add_argument(
        "--spec", type=Path, default=_SPEC, help="the document (default: %(default)s)"
    )
    parser.add_argument("--out", type=Path, default=_OUT, help="the folder (default: %(default)s)")
    return parser.parse_args(arguments)


def _report(drift: dict[str, str], out: Path, *, check: bool) -> int:
    if not drift:
        return _say(f"{out.name} is what the document says", 0)
    if not check:
        return _say(f"{out.name}: {_count(len(drift), 'file')} written or removed", 0)
    lines = [f"{out / name} {word}" for name, word in drift.items()]
    return _say(
        "\n".join([*lines, f"{_count(len(drift), 'file')} drifted; run python -m codegen"]), 1
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _say(text: str, status: int) -> int:
    print(text, file=sys.stderr if status else sys.stdout)
    return status


if __name__ == "__main__":
    sys.exit(main())
