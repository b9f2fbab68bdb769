"""Pages for people: one for each model of the document, and an index of them."""

from __future__ import annotations

from codegen.pages.folder import made, put, stands

__all__ = ["made", "put", "stands"]
