"""What is public: one list, held together with docs and types, and quick to import."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pixazo_openapi import requests
from pixazo_openapi.catalogue import MODELS

import pixazo
from pixazo import errors

ROOT = Path(__file__).parents[2]
# Adding a model changes no hand-written line, so that pages and examples need not name it.
MADE = {model.class_name for model in MODELS.values()}
ERRORS = [
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, BaseException) and not name.startswith("_")
]


def test_every_public_name_is_there_and_once() -> None:
    """Each name of `__all__` can be had, and dir() tells the same list."""
    assert len(set(pixazo.__all__)) == len(pixazo.__all__)
    assert all(getattr(pixazo, name) is not None for name in pixazo.__all__)
    assert sorted(dir(pixazo)) == sorted(pixazo.__all__)


def test_a_package_without_metadata_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frozen into a program it is asked for a version by tools, which `hasattr` must not end."""
    monkeypatch.delitem(vars(pixazo), "__version__", raising=False)
    monkeypatch.setattr(sys, "meta_path", [])

    assert not hasattr(pixazo, "__version__")


def test_every_error_and_every_request_class_is_public() -> None:
    """A new error and a new model's class are public without a second list."""
    assert set(ERRORS) <= set(pixazo.__all__)
    assert set(pixazo.__all__) >= MADE


def test_type_checkers_see_what_is_loaded_lazily() -> None:
    """The imports for type checkers name the same things as the table of homes."""
    tree = ast.parse((ROOT / "src" / "pixazo" / "__init__.py").read_text("utf-8"))
    named = {
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pixazo.")
        for alias in node.names
    }

    assert named | set(requests.__all__) >= set(pixazo.__all__)
    assert named <= set(pixazo.__all__)


def test_the_typed_examples_use_every_name() -> None:
    """tests/typing/api.py, which type checkers read, leaves no public name out."""
    tree = ast.parse((ROOT / "tests" / "typing" / "api.py").read_text("utf-8"))
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    used |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}

    assert set(pixazo.__all__) - used - MADE == set()


def test_the_reference_page_has_every_name() -> None:
    """docs/api.md names what is public and nothing that is not."""
    page = (ROOT / "docs" / "api.md").read_text("utf-8")
    named = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    named |= set(re.findall(r"\[`(\w+)`\]\(errors\.md#\w+\)", page))

    assert named == set(pixazo.__all__) - MADE


def test_every_error_has_a_heading() -> None:
    """docs/errors.md has a heading for each error, and what to do below it."""
    page = (ROOT / "docs" / "errors.md").read_text("utf-8")
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))

    assert set(sections) == set(ERRORS)
    assert all("*What to do:*" in text for text in sections.values())


def test_an_unknown_name_is_an_attribute_error() -> None:
    """A typing error is told as for any module."""
    with pytest.raises(AttributeError, match="has no attribute 'Pixaso'"):
        pixazo.Pixaso  # noqa: B018
    assert not hasattr(pixazo, "_private")


def run(code: str) -> str:
    command = [sys.executable, "-I", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_import_is_quick_and_light() -> None:
    """`import pixazo` takes 30 ms at most and loads neither HTTP nor attrs."""
    code = """
import sys, time
began = time.perf_counter()
import pixazo
print((time.perf_counter() - began) * 1000)
heavy = {"attr", "attrs", "httpx", "httpx2", "httpcore2", "ssl", "asyncio", "sqlite3", "click"}
assert not heavy & {name.split(".")[0] for name in sys.modules}, heavy & set(sys.modules)
"""
    took_ms = min(float(run(code)) for _ in range(5))

    assert took_ms <= 30


def test_a_client_without_a_key_loads_no_http_library() -> None:
    """The commonest mistake is told before anything heavy is loaded."""
    run("""
import os, sys
os.environ.pop("PIXAZO_API_KEY", None)
os.environ["HOME"] = "/nonexistent"
from pixazo import MissingKey, Pixazo
try:
    Pixazo()
except MissingKey:
    assert "httpx2" not in sys.modules
else:
    raise AssertionError
""")


def test_a_star_import_brings_the_public_names() -> None:
    """`from pixazo import *` works with names that are loaded lazily."""
    run("from pixazo import *; Pixazo, QwenImageMax, JobFailed, request_from_dict")
