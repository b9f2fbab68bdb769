"""What the generated package is, seen from outside."""

from __future__ import annotations

import ast
import importlib
import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from pixazo_openapi.catalogue import (
    KEY_HEADER,
    MODELS,
    NO_DEFAULT,
    SERVER,
    SIZES,
    SPEC_SHA256,
    STATUS,
    Model,
)
from pixazo_openapi.requests import REQUESTS
from pixazo_openapi.schema import document

from tests.codegen.conftest import ROOT

MADE = ROOT / "generated" / "pixazo_openapi"
MODULES = sorted(MADE.rglob("*.py"))
ALLOWED = {"attrs", "pixazo_openapi"} | sys.stdlib_module_names


@pytest.fixture(scope="module")
def said() -> Any:
    """The document, read by another YAML reader than codegen's."""
    return yaml.load((ROOT / "spec" / "openapi.yaml").read_text(), Loader=yaml.CSafeLoader)


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found


def test_every_module_says_what_made_it() -> None:
    """Whoever opens a file learns in its first line not to edit it."""
    for path in MODULES:
        assert path.read_text().startswith("# Made by `python -m codegen` from "), path


def test_only_attrs_and_the_standard_library_are_imported() -> None:
    """The package sends nothing: there is no HTTP library in it, and no client of upstream's."""
    for path in MODULES:
        assert _imports(path) <= ALLOWED, path
        assert "httpx" not in path.read_text(), path
    assert not (MADE / "client.py").exists()
    assert (MADE / "py.typed").exists()


def test_the_catalogue_loads_the_standard_library_alone() -> None:
    """Reading what models there are does not cost an import of attrs."""
    code = (
        "import sys, pixazo_openapi.catalogue; print('attrs' in sys.modules, 'attr' in sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert done.stdout == "False False\n"


def test_operations_build_and_parse_and_do_nothing_else() -> None:
    """Each operation module holds two pure functions."""
    for path in MODULES:
        if path.parent.parent.name == "api" and path.name != "__init__.py":
            tree = ast.parse(path.read_text())
            names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
            assert names == ["build", "parse"], path


def test_the_package_carries_the_whole_document(said: Any) -> None:
    """``openapi.json`` says what the YAML says, in its order."""
    assert document() == said
    assert list(document()["paths"]) == list(said["paths"])


def test_the_package_carries_every_ruling_that_the_catalogue_names() -> None:
    """Each has a title and says what was ruled, so that a program can explain itself."""
    rulings = json.loads((MADE / "rulings.json").read_text())
    named = {name for model in MODELS.values() for name in model.rulings}
    named |= {name for m in MODELS.values() for p in m.parameters for name in p.rulings}

    assert named <= rulings.keys()
    assert rulings["R01"]["title"] == "One server, the bare host"
    assert all({"title", "documents", "ruling"} <= ruling.keys() for ruling in rulings.values())


def test_the_catalogue_knows_every_model_of_the_document(said: Any) -> None:
    """Ids, classes, modes, paths, prices and statuses are the document's."""
    found = {}
    for path, item in said["paths"].items():
        for method, operation in item.items():
            extension = operation["x-pixazo"]
            if "model" in extension:
                usd = extension["price"]["usd"]
                codes = [int(code) for code in operation["responses"]]
                found[extension["model"]] = (
                    extension["class"], extension["mode"], method.upper(), path,
                    usd and Decimal(usd), codes, operation["operationId"],
                )  # fmt: skip

    ours = {
        model.model_id: (
            model.class_name, model.mode, model.method, model.path, model.price.usd,
            [model.success_status, *model.error_statuses], model.operation_id,
        )
        for model in MODELS.values()
    }  # fmt: skip

    assert ours == found
    assert list(ours) == list(found)


def test_the_golden_facts() -> None:
    """What the pages say of the gateway, written down a second time."""
    assert SERVER == "https://gateway.pixazo.ai"
    assert KEY_HEADER == "Ocp-Apim-Subscription-Key"
    assert {name: model.price.usd for name, model in MODELS.items()} == {
        "qwen-image-max-edit": None,
        "qwen-image-max": None,
        "qwen-image-edit": Decimal("0.045"),
        "qwen-image": Decimal("0.045"),
        "qwen-image-edit-plus-lora": Decimal("0.055"),
        "qwen-image-edit-plus-trainer": Decimal("0.04"),
        "qwen-image-layered": Decimal("0.05"),
    }
    assert {name for name, model in MODELS.items() if model.mode == "direct"} == {
        "qwen-image-edit",
        "qwen-image",
    }
    assert STATUS.path == "/v2/requests/status/{request_id}"
    assert STATUS.outcomes["ERROR"] == "failed-not-charged"
    assert STATUS.charged == {"COMPLETED": "yes", "FAILED": "unknown", "ERROR": "no"}
    assert SIZES["square_hd"] == (1024, 1024)
    assert len(SPEC_SHA256) == 64


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.model_id)
def test_queued_models_wait_and_direct_ones_do_not(model: Model) -> None:
    """Waiting and callbacks belong to queued models alone."""
    queued = model.mode == "queued"

    assert (model.waiting is not None) is queued
    assert (model.webhook is not None) is queued
    assert model.success_status == (202 if queued else 200)


def test_parameters_carry_their_bounds() -> None:
    """A few parameters in full, as the command line and the docs read them."""
    count = MODELS["qwen-image-max"].parameter("num_images")
    image = MODELS["qwen-image-edit"].parameter("image")
    size = MODELS["qwen-image-edit-plus-lora"].parameter("image_size")
    urls = MODELS["qwen-image-edit-plus-lora"].parameter("image_urls")

    assert (count.types, count.minimum, count.maximum, count.default) == (("integer",), 1, 4, 1)
    assert (image.pointer, image.inline) == ("/input/messages/0/content/0/image", True)
    assert (size.types, size.default) == (("string", "object"), NO_DEFAULT)
    assert (urls.min_items, urls.max_items, urls.schema["items"]["format"]) == (1, 10, "uri")
    assert MODELS["qwen-image-max"].parameter("image_size").enum == (
        "square_hd",
        "portrait_hd",
        "landscape_hd",
    )
    assert len({*MODELS["qwen-image"].parameters}) == len(MODELS["qwen-image"].parameters)
    with pytest.raises(KeyError):
        MODELS["qwen-image"].parameter("seed")


def test_wire_models_read_and_write_the_documented_examples(said: Any) -> None:
    """``parse`` takes every example answer, and its model writes the same object again."""
    for item in said["paths"].values():
        for operation in item.values():
            name = _snake(operation["operationId"])
            module: Any = importlib.import_module(
                f"pixazo_openapi.api.{operation['tags'][0]}.{name}"
            )
            code, answer = next(iter(operation["responses"].items()))
            for example in answer["content"]["application/json"]["examples"].values():
                parsed = module.parse(int(code), example["value"])
                assert _same(parsed.to_dict(), example["value"])
            assert module.parse(418, {}) is None


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _same(ours: Any, theirs: Any) -> bool:
    """Compare two JSON values, times by their moment."""
    if isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(_same(ours[n], v) for n, v in theirs.items())
    if isinstance(theirs, str) and theirs.endswith("Z"):
        return str(ours).replace("+00:00", "") == theirs.removesuffix("Z").removesuffix(".000")
    return bool(ours == theirs)


def test_build_puts_a_call_together() -> None:
    """The pure half of an operation: method, path, headers and body, and neither key nor server."""
    from pixazo_openapi.api.images.submit_qwen_image_max import build
    from pixazo_openapi.api.requests.get_request_status import build as ask
    from pixazo_openapi.models import QwenImageMaxRequest

    submitted = build(body=QwenImageMaxRequest(prompt="a tiger"), cache_control="no-cache")
    asked = ask("a/b c")

    assert (submitted.method, submitted.path) == ("post", MODELS["qwen-image-max"].path)
    assert submitted.headers == {"Cache-Control": "no-cache"}
    assert submitted.body == {"prompt": "a tiger"}
    assert (asked.method, asked.path) == ("get", "/v2/requests/status/a%2Fb%20c")
    assert asked.body is None


def test_docstrings_lead_to_the_rulings() -> None:
    """Every request class names its rulings and the way to their texts, and each has one."""
    texts = json.loads((MADE / "rulings.json").read_text("utf-8"))

    for model_id, made in REQUESTS.items():
        told = " ".join((made.__doc__ or "").split())
        first = made.model.rulings[0]
        assert f"(spec/RULINGS.md, or ``pixazo explain {first}``)" in told, model_id
        assert set(re.findall(r"\bR\d{2,3}\b", told)) <= texts.keys()
    assert "pixazo explain" in (sys.modules["pixazo_openapi.requests"].__doc__ or "")
