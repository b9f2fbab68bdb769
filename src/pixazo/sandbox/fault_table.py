"""Everything that can go wrong on purpose, in one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["CHARGED", "FAULTS", "NUMBERED", "Fault", "as_markdown"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that can go wrong.

    Args:
        name: what the header and rules call it.
        stages: where it can happen (`submit`, `status`, `job`, `media`, `callback`); the first is
            meant when none is said.
        value: what a value after `=` means; empty when it takes none.
        summary: what the client gets to see.
    """

    name: str
    stages: tuple[str, ...]
    value: str
    summary: str


EVERYWHERE, ANSWER = ("submit", "status", "media"), ("submit", "status")
SUBMIT, JOB, MEDIA, CALL = ("submit",), ("job",), ("media",), ("callback",)

_TABLE = (
    Fault("429", EVERYWHERE, "seconds of Retry-After, or `date`; without: no header",
          "Too Many Requests; nothing is charged"),
    Fault("500", EVERYWHERE, "`charged`: accepted and paid before", "the documented error body"),
    Fault("502", EVERYWHERE, "`charged`", "Bad Gateway as a proxy writes it: HTML"),
    Fault("503", EVERYWHERE, "`charged`", "Service Unavailable as a proxy writes it: HTML"),
    Fault("504", EVERYWHERE, "`charged`", "Gateway Timeout as a proxy writes it: HTML"),
    Fault("401", ANSWER, "", "the key is refused"),
    Fault("402", ANSWER, "", "the wallet is empty"),
    Fault("403", EVERYWHERE, "", "the key may not do this"),
    Fault("404", EVERYWHERE, "", "not found, though it exists"),
    Fault("disabled-model", SUBMIT, "", "the model is unknown or switched off; nothing is charged"),
    Fault("lost-answer", EVERYWHERE, "",
          "a submission is accepted and paid; then the connection closes without a byte"),
    Fault("reset", EVERYWHERE, "`charged`", "the connection is reset (RST)"),
    Fault("hang", EVERYWHERE, "`charged`", "no answer until the client gives up, or 120 s"),
    Fault("slow-drip", EVERYWHERE, "seconds it takes (5)", "the answer comes in small pieces"),
    Fault("html-body", ANSWER, "", "the good status, but a page of HTML"),
    Fault("empty-body", ANSWER, "", "the good status, but no body"),
    Fault("broken-json", ANSWER, "", "the good answer, cut in the middle"),
    Fault("wrong-types", ANSWER, "", "the good answer, with lists and texts exchanged"),
    Fault("odd-case", ANSWER, "", "status words in lower case"),
    Fault("extra-fields", ANSWER, "", "fields that the documents do not know"),
    Fault("other-shape", SUBMIT, "name of the documented example (the last)",
          "a direct answer in its other documented shape"),
    Fault("no-id", SUBMIT, "", "accepted and paid, but the receipt has no id"),
    Fault("foreign-polling-url", SUBMIT, "",
          "the receipt names a status URL on another origin, which notes who brings a key"),
    Fault("redirect", ANSWER, "", "307 to another origin, which notes who brings a key"),
    Fault("late", JOB, "seconds (2)", "the id is not found until then"),
    Fault("slow", JOB, "factor (10)", "the job takes that many times as long"),
    Fault("stuck", JOB, "the word to be stuck at", "the job never ends"),
    Fault("unknown-status", JOB, "the word (`WARMING_UP`)", "an undocumented word before the end"),
    Fault("backwards", JOB, "", "the status falls back to the queue once"),
    Fault("failed", JOB, "the error text", "the job ends FAILED; the money stays taken"),
    Fault("error", JOB, "the error text", "the job ends ERROR; the money comes back"),
    Fault("null-output", JOB, "", "completed, but `output` is null"),
    Fault("bare-url", JOB, "", "the media list is a bare string"),
    Fault("no-media", JOB, "", "completed, but the media list is empty"),
    Fault("no-times", JOB, "", "every time stamp is missing"),
    Fault("missing-media", MEDIA, "", "404"),
    Fault("expired-media", MEDIA, "", "403 with an XML body, as object stores answer"),
    Fault("truncated-media", MEDIA, "", "half the bytes, then the connection closes"),
    Fault("wrong-media", MEDIA, "", "bytes that are no picture, under a picture's type"),
    Fault("html-media", MEDIA, "", "200 with a page of HTML"),
    Fault("endless-media", MEDIA, "", "bytes without end and without a length"),
    Fault("no-length", MEDIA, "", "no Content-Length"),
    Fault("no-range", MEDIA, "", "a Range header is ignored: everything again"),
    Fault("media-redirect", MEDIA, "number of hops (1)", "redirects within the media origin"),
    Fault("media-loop", MEDIA, "", "a redirect to itself"),
    Fault("media-to", MEDIA, "the address (a metadata service)",
          "a redirect to a place where no client may go"),
    Fault("callback-drop", CALL, "", "the call is never made"),
    Fault("callback-duplicate", CALL, "times (2, at most 100)",
          "the call is made several times at once"),
    Fault("callback-delay", CALL, "seconds (5)", "the call comes late"),
    Fault("callback-reorder", CALL, "", "the end is told before the start"),
    Fault("callback-early", CALL, "", "the end is told when the job is still at work"),
    Fault("callback-forged", CALL, "", "a second call, with an id and media of somebody else"),
    Fault("callback-garbage", CALL, "", "the body is no JSON"),
)  # fmt: skip

FAULTS: Mapping[str, Fault] = {fault.name: fault for fault in _TABLE}

NUMBERED = frozenset(
    {"slow-drip", "late", "slow", "media-redirect", "callback-duplicate", "callback-delay"}
)
"""Faults whose value is a number."""

CHARGED = "`charged`"
"""How the meaning of a value begins that is this word or nothing."""


def as_markdown() -> str:
    """The table as it stands in docs/sandbox.md."""
    rows = [
        f"| `{fault.name}` | {', '.join(fault.stages)} | {fault.value} | {fault.summary} |"
        for fault in FAULTS.values()
    ]
    return "\n".join(["| fault | stage | value | what happens |", "|---|---|---|---|", *rows])
