"""Errors for people and for programs: what happened, whether it was charged, what to do."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from pixazo import errors
from pixazo.cli.exits import Exit, exit_for
from pixazo.cli.flags import flag
from pixazo.cli.trail import with_options
from pixazo.cli.words import dumped, printable

__all__ = ["Complaint", "Unusable", "complain", "tell"]

# Where the library's advice speaks of Python, the command line has its own.
_HINTS: tuple[tuple[type[BaseException], str], ...] = (
    (
        errors.MissingKey,
        "set PIXAZO_API_KEY or put the key into ~/.pixazo/api-key; pixazo run --sandbox needs none",
    ),
    (errors.WaitTimedOut, "the job goes on at the gateway; resume it, or give a longer --timeout"),
    (errors.InvalidRequest, "pixazo run {model_id} --help lists every option with its bounds"),
    (errors.Unauthorized, "check the key in PIXAZO_API_KEY or ~/.pixazo/api-key"),
    (errors.RequestNotFound, "check the request id, and that this gateway gave it"),
)


class Unusable(click.ClickException):
    """What was given cannot be used: exit code 2, told in the words of the error that found it.

    Args:
        cause: What was found.
    """

    exit_code = int(Exit.USAGE)

    def __init__(self, cause: errors.PixazoError) -> None:
        super().__init__(cause.message)
        self.cause = cause


NOTED = ("media", "resume", "gateway", "charged", "request")


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error, ready to be told.

    Args:
        kind: The name of the error's class.
        message: What happened.
        problems: What is wrong with a request.
        lines: What is wrong with a batch, by line number; the message names the first of them.
        media: Addresses of media that are paid for and were not saved.
        notes: What else was noted on the way.
        hint: What to do next; may be empty.
        resume: The command that goes on; may be empty.
        charged: `no`, `yes` or `unknown`; None when no request is concerned.
        gateway: The gateway's address, where it matters.
        request_id: The gateway's id of the request, where one exists.
        token: What resumes the job, where one exists.
        code: The exit code.
    """

    kind: str
    message: str
    problems: tuple[errors.Problem, ...] = ()
    lines: Mapping[int, str] = field(default_factory=dict[int, str])
    media: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    hint: str = ""
    resume: str = ""
    charged: str | None = None
    gateway: str = ""
    request_id: str | None = None
    token: str | None = None
    code: Exit = Exit.BUG

    def words(self) -> str:
        """Return the lines for stderr."""
        lines = [
            f"error: {self.message}",
            *(f"  {_as_option(problem)}" for problem in self.problems),
        ]
        if self.request_id and self.request_id not in self.message:
            lines.append(f"request: {self.request_id}")
        if self.gateway:
            lines.append(f"gateway: {self.gateway}")
        if self.charged:
            lines.append(f"charged: {self.charged}")
        lines.extend(f"media: {url}" for url in self.media)
        lines.extend(f"note: {note}" for note in self.notes)
        if self.hint:
            lines.append(f"hint: {self.hint}")
        if self.resume:
            lines.append(f"resume: {self.resume}")
        return printable("\n".join(lines))

    def document(self) -> dict[str, object]:
        """Return the same as JSON says it."""
        return {
            "type": self.kind,
            "message": self.message,
            "problems": [
                {"parameter": problem.parameter, "rule": problem.rule, "text": str(problem)}
                for problem in self.problems
            ]
            + [{"line": number, "text": text} for number, text in self.lines.items()],
            "media": list(self.media),
            "notes": list(self.notes),
            "hint": self.hint or None,
            "resume": self.resume or None,
            "charged": self.charged,
            "gateway": self.gateway or None,
            "request_id": self.request_id,
            "token": self.token,
            "exit_code": int(self.code),
        }


def complain(
    error: BaseException, ledger: Path | None = None, gateway: str | None = None
) -> Complaint:
    """Return what there is to say about an error.

    Args:
        error: The error.
        ledger: The ledger's path, where one was given: the commands that are named name it, too.
        gateway: The gateway's address, where one was given: so do those that ask it.
    """
    if isinstance(error, Unusable):
        return replace(complain(error.cause, ledger, gateway), code=Exit.USAGE, charged=None)
    if isinstance(error, click.ClickException):
        return _usage(error, ledger, gateway)
    notes = _notes_of(error)
    return Complaint(
        kind=type(error).__name__,
        message=with_options(_message(error), ledger, gateway),
        problems=error.problems if isinstance(error, errors.InvalidRequest) else (),
        lines=error.problems if isinstance(error, errors.InvalidBatch) else {},
        media=notes["media"],
        notes=notes["note"],
        hint=with_options(_hint(error), ledger, gateway),
        resume="".join(notes["resume"][-1:]),
        gateway="".join(notes["gateway"][-1:]),
        charged="".join(notes["charged"][-1:]) or getattr(error, "charged", None),
        request_id=getattr(error, "request_id", None) or "".join(notes["request"]) or None,
        token=getattr(error, "token", None),
        code=exit_for(error),
    )


def tell(complaint: Complaint, *, as_json: bool) -> None:
    """Print a complaint: words on stderr and, when asked for, one JSON document on stdout."""
    click.echo(complaint.words(), err=True)
    if as_json:
        click.echo(dumped({"error": complaint.document()}))
        sys.stdout.flush()


def _usage(error: click.ClickException, ledger: Path | None, gateway: str | None) -> Complaint:
    context = error.ctx if isinstance(error, click.UsageError) else None
    hint = f"{context.command_path} --help" if context else ""
    message = with_options(error.format_message(), ledger, gateway)
    return Complaint(kind="UsageError", message=message, hint=hint, code=Exit.USAGE)


def _message(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    if isinstance(error, errors.InvalidRequest):
        return f"invalid request for {error.model_id}"
    return error.message if isinstance(error, errors.PixazoError) else str(error)


def _as_option(problem: errors.Problem) -> str:
    """Return a problem in the words of the command line: `--num-images=9: must be at most 4`."""
    name = problem.parameter
    option = flag(name)
    if name.startswith("undocumented."):
        option = name.replace("undocumented.", "--param ", 1)
    if isinstance(problem.value, Path):
        return f"{option}={str(problem.value)!r}: {problem.rule}"
    return option + str(problem).removeprefix(name)


def _hint(error: BaseException) -> str:
    for kind, hint in _HINTS:
        if isinstance(error, kind):
            return hint.format(model_id=getattr(error, "model_id", "MODEL"))
    return error.hint if isinstance(error, errors.PixazoError) else ""


def _notes_of(error: BaseException) -> Mapping[str, tuple[str, ...]]:
    """Return what was noted on an error (`add_note`) by name; what has no name is a `note`."""
    found: dict[str, tuple[str, ...]] = dict.fromkeys((*NOTED, "note"), ())
    texts: list[str] = getattr(error, "__notes__", [])
    for text in texts:
        name, _, rest = text.partition(": ")
        name, rest = (name, rest) if name in NOTED else ("note", text)
        found[name] += (rest,)
    return found
