"""What copies are made of: the files of the installed packages, and where they come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.resources import files
from importlib.resources.abc import Traversable

from pixazo_openapi.catalogue import SPEC_SHA256, SPEC_VERSION

from pixazo.vendoring.faults import VendorError

__all__ = ["LEFT_OUT", "Source", "installed"]

LEFT_OUT = ("__main__", "cli", "drift", "pytest_plugin", "sandbox", "vendoring")
"""Modules of pixazo that no copy holds: tools around the library, with needs of their own."""


@dataclass(frozen=True, slots=True)
class Source:
    """The two packages as they are installed.

    Args:
        version: The version of the distribution.
        spec_version: The version of the document that the packages describe.
        spec_sha256: The hash of that document.
        python: The Python versions it runs on, as packaging writes it.
        requires: What the library needs besides Python, one requirement each.
        licence: The text of the licence.
        written: The files of `pixazo` by path; without what `LEFT_OUT` names.
        made: The files of `pixazo_openapi` by path.
    """

    version: str
    spec_version: str
    spec_sha256: str
    python: str
    requires: tuple[str, ...]
    licence: str
    written: Mapping[str, bytes]
    made: Mapping[str, bytes]


def installed() -> Source:
    """Return what this interpreter has installed.

    Raises:
        VendorError: The packages are there without their metadata, as inside a vendored copy.
    """
    try:
        facts = distribution("pixazo")
    except PackageNotFoundError as error:
        raise VendorError(
            "pixazo is not installed as a distribution, so its version and licence are unknown",
            hint="Run the command where `pip install pixazo` was done.",
        ) from error
    return Source(
        version=facts.version,
        spec_version=SPEC_VERSION,
        spec_sha256=SPEC_SHA256,
        python=facts.metadata["Requires-Python"],
        requires=tuple(line for line in facts.requires or () if "extra ==" not in line),
        licence=_licence(facts),
        written=dict(_files(files("pixazo"), left_out=LEFT_OUT)),
        made=dict(_files(files("pixazo_openapi"))),
    )


def _licence(facts: Distribution) -> str:
    for place in ("licenses/LICENSE", "LICENSE"):
        if text := facts.read_text(place):
            return text
    raise VendorError(
        f"the installed pixazo {facts.version} has lost its licence file",
        hint="Install it anew; a copy without its licence must not be passed on.",
    )


def _files(
    folder: Traversable, prefix: str = "", left_out: tuple[str, ...] = ()
) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name == "__pycache__" or entry.name.removesuffix(".py") in left_out:
            continue
        if entry.is_dir():
            yield from _files(entry, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry.read_bytes()
