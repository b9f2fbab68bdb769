"""Record what the installed openapi-python-client makes: `python -m tests.codegen.golden`."""

from __future__ import annotations

from tests.codegen.golden import RECORD, made, together

RECORD.write_text(together(made()), "utf-8", newline="\n")
