"""Pages for people: one for each model of the document, and an index of them."""

from __future__ import annotations

from codegen.pages.folder import put, stands
from codegen.pages.writing import render

__all__ = ["put", "render", "stands"]
