"""What a check of a copy found."""

from __future__ import annotations

from dataclasses import dataclass

from pixazo.vendoring.bundle import Bundle, fingerprint
from pixazo.vendoring.folder import Manifest

__all__ = ["Report", "compare"]


@dataclass(frozen=True, slots=True)
class Report:
    """How a copy differs from what was written, and from what would be written today.

    Args:
        version: The version that the copy was made from.
        installed: The version that is installed.
        edited: Files that were changed since.
        missing: Files that are gone.
        added: Files that nobody wrote there.
        outdated: Whether the installed version would write something else.
    """

    version: str
    installed: str
    edited: tuple[str, ...]
    missing: tuple[str, ...]
    added: tuple[str, ...]
    outdated: bool

    @property
    def touched(self) -> bool:
        """Whether somebody worked in the copy."""
        return bool(self.edited or self.missing or self.added)

    @property
    def clean(self) -> bool:
        """Whether the copy is untouched and up to date."""
        return not (self.touched or self.outdated)

    def lines(self) -> list[str]:
        """Return a line for each difference."""
        found = [
            f"{kind}: {path}"
            for kind in ("edited", "missing", "added")
            for path in getattr(self, kind)
        ]
        if self.outdated:
            same = self.version == self.installed
            which = f"another build of {self.version}" if same else self.version
            found.append(f"outdated: made from {which}, {self.installed} is installed")
        return found


def compare(manifest: Manifest, found: dict[str, str], today: Bundle) -> Report:
    """Return how a copy differs.

    Args:
        manifest: What was written.
        found: What stands there now, SHA-256 by path.
        today: What would be written now.
    """
    wanted = manifest.files
    fresh = {path: fingerprint(content) for path, content in today.files.items()}
    return Report(
        version=manifest.version,
        installed=today.version,
        edited=tuple(path for path in wanted if found.get(path, wanted[path]) != wanted[path]),
        missing=tuple(path for path in wanted if path not in found),
        added=tuple(path for path in found if path not in wanted),
        outdated=manifest.version != today.version or fresh != wanted,
    )
