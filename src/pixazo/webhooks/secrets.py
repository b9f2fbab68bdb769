"""The file that keeps the secrets of callback addresses between processes."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path
from tempfile import mkstemp

from pixazo_openapi import files

from pixazo.errors import InvalidConfiguration
from pixazo.webhooks.tokens import LEAST_SECRET_BYTES, new_secret

__all__ = ["read_secrets"]

LARGEST_FILE = 64 * 1024
_MAKER = "pixazo.webhooks.new_secret() makes one."
_ANOTHER = f"Name another file, a secret a line: {_MAKER}"
log = logging.getLogger("pixazo")


def read_secrets(path: Path, *, make: bool = False) -> tuple[str, ...]:
    """Return the secrets of a file, a line each: the first signs, the others still check.

    Args:
        path: The file.
        make: Whether a missing file is made, with a fresh secret that only its owner can read.

    Raises:
        InvalidConfiguration: It cannot be read or made, or holds no secret, or a short one.
    """
    try:
        if make and not path.exists():
            _make(path)
        mode = path.stat().st_mode
        lines = files.read(path, LARGEST_FILE).decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        message = f"cannot use the webhook secrets in {path}: {_said(error)}"
        raise InvalidConfiguration(message, hint=_ANOTHER) from error
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        log.warning("%s can be read by others; run: chmod 600 %s", path, path)
    secrets = {number: secret for number, line in enumerate(lines, 1) if (secret := line.strip())}
    for number, secret in secrets.items():
        if len(secret.encode()) < LEAST_SECRET_BYTES:
            raise _unusable(path, f"line {number} is shorter than {LEAST_SECRET_BYTES} bytes")
    if not secrets:
        raise _unusable(path, "the file is empty")
    return tuple(secrets.values())


def _unusable(path: Path, why: str) -> InvalidConfiguration:
    hint = f"Write a secret of at least {LEAST_SECRET_BYTES} bytes into it; {_MAKER}"
    return InvalidConfiguration(f"the webhook secrets in {path}: {why}", hint=hint)


def _make(path: Path) -> None:
    """Make the file whole or not at all: another process may read it at this moment."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = mkstemp(prefix=f".{path.name}-", dir=path.parent)  # for its owner alone
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(new_secret() + "\n")
        _name(draft, path)
    finally:
        Path(draft).unlink(missing_ok=True)


def _name(draft: str, path: Path) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        return  # another process was faster
    except (OSError, AttributeError):  # no hard links on this disk, or on this system (Android)
        Path(draft).rename(path)


def _said(error: OSError | UnicodeDecodeError) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else "it is no text"
