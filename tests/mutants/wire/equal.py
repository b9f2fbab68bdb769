"""Changes that the documents allow, each with its reason: they do not count."""

from __future__ import annotations

import re

__all__ = ["EQUAL", "why_equal"]

WORDS = "upper-case|lower-case|other-word|padded|line-break"
GONE = "absent|renamed"

EQUAL: tuple[tuple[str, str, str, str], ...] = (
    ("ErrorBody", "/error|/message", WORDS, "the words of errors are free (R22)"),
    ("RequestStatus:(FAILED|ERROR)", "/error", WORDS, "the words of failures are free (R36)"),
    (".*", "/(created|updated|completed)_at", "lower-case",
     "RFC 3339 allows t and z in lower case"),
    ("RequestStatus.*|SubmitReceipt.*", "/request_id", "upper-case", "ids are opaque (R28)"),
    ("ChoicesAnswer|TextToImageAnswer", "/request_id", "upper-case", "ids are opaque (R85)"),
    ("RequestStatus:(QUEUED|PROCESSING|FAILED|ERROR)", "/output", GONE,
     "output is null or absent unless COMPLETED (R35)"),
    ("RequestStatus:(QUEUED|PROCESSING)", "/error", GONE,
     "error is null or absent unless a job failed (R36)"),
    ("RequestStatus:(QUEUED|PROCESSING)", "/(updated|completed)_at", GONE,
     "which times a pending job tells is not shown (R33, R34)"),
    ("RequestStatus:(FAILED|ERROR)", "/(created|updated|completed)_at", f"{GONE}|null",
     "failed jobs may come without times (R32, R33)"),
    ("ChoicesAnswer|TextToImageAnswer",
     "/code|/message|/usage|/output/text|/output/finish_reason|/output/choices/0/message/role",
     GONE, "the short form leaves these fields out (R84)"),
    ("ChoicesAnswer|TextToImageAnswer", "/usage/.*", GONE, "fields of usage are optional (R86)"),
    ("ChoicesAnswer|TextToImageAnswer", "/usage", "empty-object|in-an-object",
     "fields of usage are optional (R86)"),
    ("ChoicesAnswer|TextToImageAnswer", "/output/choices/0/finish_reason",
     f"{WORDS}|{GONE}|null|empty-text|blank-text", "why the model stopped is any text (R86)"),
    ("TextToImageAnswer", "/description", GONE, "the description is optional (R88)"),
    ("TextToImageAnswer", "/images/0/file_name", f"{WORDS}|blank-text",
     "file names are never used (R42)"),
)  # fmt: skip
"""Schema with status, place, operators (all patterns), and why the body keeps to the documents."""


def why_equal(schema: str, status: str, place: str, operator: str) -> str:
    """The reason why a changed body is still a good one; empty when it is not."""
    where = f"{schema.rpartition('/')[2]}{':' + status if status else ''}"
    for which, at, operators, reason in EQUAL:
        if (
            re.fullmatch(which, where)
            and re.fullmatch(at, place)
            and re.fullmatch(operators, operator)
        ):
            return reason
    return ""
