"""Turns the OpenAPI document into the generated package and the pages on its models.

    python -m codegen            check spec/openapi.yaml, write generated/ and docs/models/
    python -m codegen --check    fail, naming the files, when they are not what codegen makes

Exit status: 0 fine, 1 the document is wrong or the folder drifted, 2 a tool is missing or failed,
or a folder cannot be written or holds files of somebody else.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from codegen import manifest, package, pages
from codegen.checks import check
from codegen.document import Document, SpecError, load, shown
from codegen.tools import ToolError

_ROOT = Path(__file__).parent.parent
_SPEC = _ROOT / "spec" / "openapi.yaml"
_OUT = _ROOT / "generated" / "pixazo_openapi"
_PAGES = _ROOT / "docs" / "models"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = _options(arguments)
    try:
        document = load(options.spec)
        if problems := check(document):
            raise SpecError(problems)
        drifts = [_package(document, options.out, write=not options.check)]
        if options.pages:
            drifts.append(_pages(document, options.pages, write=not options.check))
    except SpecError as error:
        return _say(f"{error}\n{_count(len(error.problems), 'problem')}; nothing was written", 1)
    except ToolError as error:
        return _say(str(error), 2)
    except OSError as error:
        return _say(_reason(error), 2)
    except KeyboardInterrupt:
        return _say("interrupted; run it again", 130)
    return _report(drifts, check=options.check)


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
    parser.add_argument("--out", type=Path, help=f"the package's folder (default: {_OUT})")
    parser.add_argument(
        "--pages", type=Path, help=f"the pages' folder (default: {_PAGES}; with --out: no pages)"
    )
    options = parser.parse_args(arguments)
    if options.out is None:
        options.pages = options.pages or _PAGES
    options.out = options.out or _OUT
    return options


def _package(document: Document, out: Path, *, write: bool) -> _Drift:
    """Make the package aside, and put it where it belongs when it is to be written."""
    if write:
        manifest.claim(out, manifest.NAME, "__init__.py")
    with TemporaryDirectory() as folder:
        fresh = Path(folder) / out.name
        package.make(document, fresh)
        words = manifest.drift(manifest.contents(out), manifest.contents(fresh))
        if words and write:
            package.swap(fresh, out)
    return _Drift(out, words)


def _pages(document: Document, folder: Path, *, write: bool) -> _Drift:
    if write:
        manifest.claim(folder, "*.md", others=False)
    fresh = pages.made(document)
    words = manifest.drift(pages.stands(folder), fresh)
    if words and write:
        pages.put(fresh, folder)
    return _Drift(folder, words)


@dataclass(frozen=True, slots=True)
class _Drift:
    """What is wrong with the files of a folder, by name."""

    folder: Path
    words: dict[str, str]


def _report(drifts: Sequence[_Drift], *, check: bool) -> int:
    if not check:
        return _say("\n".join(map(_written, drifts)), 0)
    lines = [
        f"{shown(each.folder / name)} {word}"
        for each in drifts
        for name, word in each.words.items()
    ]
    if lines:
        command = "run python -m codegen (or nox -s generate)"
        return _say("\n".join([*lines, f"{_count(len(lines), 'file')} drifted; {command}"]), 1)
    return _say("\n".join(map(_written, drifts)), 0)


def _written(drift: _Drift) -> str:
    if not drift.words:
        return f"{drift.folder.name} is what the document says"
    return f"{drift.folder.name}: {_count(len(drift.words), 'file')} written or removed"


def _reason(error: OSError) -> str:
    """Return which file could not be read or written, and why."""
    if isinstance(error, shutil.Error):  # many at once, each with source, target and reason
        return f"cannot be written: {error.args[0][0][2]}"
    return f"{error.filename}: {error.strerror}" if error.filename else str(error)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _say(text: str, status: int) -> int:
    print(text, file=sys.stderr if status else sys.stdout)
    return status


if __name__ == "__main__":
    sys.exit(main())
