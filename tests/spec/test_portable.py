"""The rules that keep a dozen other tools happy with the document."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from openapi_spec_validator import validate

Node = dict[str, Any]
PORTABILITY = Path(__file__).parents[2] / "portability"
LOCATIONS = ("schemas", "parameters", "responses", "headers", "requestBodies", "examples")
AVOIDED = {
    "prefixItems",
    "if",
    "then",
    "else",
    "not",
    "patternProperties",
    "discriminator",
    "$defs",
    "nullable",
    "title",
    "const",
}


@pytest.fixture(scope="session")
def schemas(walk) -> list[tuple[tuple[str, ...], Node]]:
    """Every mapping inside a component schema, x-pixazo left out."""
    return [
        (path, node)
        for path, node in walk()
        if path[:2] == ("components", "schemas") and len(path) > 2 and "x-pixazo" not in path
    ]


@pytest.fixture(scope="session")
def check() -> ModuleType:
    """portability/check.py as a module."""
    found = importlib.util.spec_from_file_location("portability_check", PORTABILITY / "check.py")
    assert found
    assert found.loader
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module
    found.loader.exec_module(module)
    return module


def fields(path: tuple[str, ...]) -> bool:
    """Whether a path leads to the names of properties, which are free."""
    return path[-1] == "properties"


def test_the_document_is_valid_openapi_3_1_0(spec) -> None:
    """The document follows the meta-schema of the version that most tools read."""
    assert spec["openapi"] == "3.1.0"
    validate(spec)


def test_components_are_pascal_case_and_none_is_called_error(spec) -> None:
    """Names become class names in every language."""
    names = spec["components"]["schemas"]
    assert [n for n in names if not re.fullmatch(r"([A-Z][a-z0-9]+)+", n) or n == "Error"] == []


def test_names_differ_by_more_than_case(spec, schemas) -> None:
    """Case-insensitive file systems and enums do not mix up two names."""
    enums = [node["enum"] for _, node in schemas if "enum" in node]
    for words in [list(spec["components"]["schemas"]), *enums]:
        folded = Counter(str(word).lower() for word in words)
        assert [word for word, count in folded.items() if count > 1] == []


def test_a_ref_stands_alone(walk) -> None:
    """Older readers drop whatever stands beside a $ref."""
    assert [path for path, node in walk() if "$ref" in node and len(node) > 1] == []


def test_every_ref_leads_somewhere(walk, resolve) -> None:
    """Nothing points at a component that is not there, and nothing at another file."""
    refs = [node for _, node in walk() if "$ref" in node]
    assert all(node["$ref"].startswith("#/components/") for node in refs)
    assert all(resolve(node) for node in refs)


def test_no_component_is_unused(spec, text: str) -> None:
    """Every component is referred to from somewhere."""
    for kind in LOCATIONS:
        for name in spec["components"].get(kind, {}):
            assert f"#/components/{kind}/{name}'" in text, (kind, name)


def test_keywords_that_generators_do_not_read_are_avoided(schemas) -> None:
    """Schemas use the plain part of JSON Schema; rules by status stand in x-pixazo."""
    found = {(path, k) for path, node in schemas if not fields(path) for k in AVOIDED & set(node)}
    assert found == set()


def test_null_is_written_in_one_of_two_ways(schemas) -> None:
    """A nullable scalar has a list of two types, a nullable object a union with null."""
    for path, node in schemas:
        kind = node.get("type")
        if isinstance(kind, list) and not fields(path):
            assert len(kind) == 2, path
            assert kind[1] == "null", path
        if kind == "null":
            assert path[-2] == "anyOf", path


def test_unions_are_named_parts(schemas) -> None:
    """A union is of named components, or of one and null; a single allOf only renames."""
    for path, node in schemas:
        for arm in node.get("anyOf", []):
            assert "$ref" in arm or arm == {"type": "null"}, path
        assert len(node.get("allOf", [0])) == 1, path
        assert "oneOf" not in node, path


def test_only_requests_are_closed(spec, operations, resolve) -> None:
    """Answers may grow without breaking a reader; requests may not."""
    answers = {
        node["$ref"].rpartition("/")[2]
        for operation in operations.values()
        for response in operation["responses"].values()
        for node in [resolve(response)["content"]["application/json"]["schema"]]
    }
    everything = spec["components"]["schemas"]
    todo, seen = list(answers), set()
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += re.findall(r"#/components/schemas/(\w+)", json.dumps(everything[name]))
    assert [name for name in seen if "additionalProperties" in everything[name]] == []


def test_arrays_have_items_and_enums_one_type(schemas) -> None:
    """Some generators silently drop an operation over an array without items or a mixed enum."""
    for path, node in schemas:
        if fields(path):
            continue
        assert (node.get("type") == "array") == ("items" in node), path
        assert len({type(value) for value in node.get("enum", [])}) <= 1, path


def test_defaults_fit_their_schemas(schemas, errors) -> None:
    """A default of the wrong type or outside its enum makes generators drop whole operations."""
    given = [(path, node) for path, node in schemas if "default" in node and not fields(path)]
    assert len(given) > 10
    assert [path for path, node in given if errors(node["default"], node)] == []


def test_bounds_leave_room(schemas) -> None:
    """No lower bound is above its upper one."""
    for low, high in (("minimum", "maximum"), ("minItems", "maxItems"), ("minLength", "maxLength")):
        pairs = [
            (path, node[low], node[high]) for path, node in schemas if {low, high} <= set(node)
        ]
        assert [path for path, least, most in pairs if least > most] == []


def test_operations_have_words_and_names_of_their_own(spec, walk) -> None:
    """Each operation, callbacks included, has an id of its own, words and a declared tag."""
    tags = [tag["name"] for tag in spec["tags"]]
    found = [node for _, node in walk() if "operationId" in node]
    ids = [operation["operationId"] for operation in found]
    assert len(ids) == len(set(ids)) >= 15
    for operation in found:
        assert operation["summary"]
        assert operation["description"]
        assert len(operation["tags"]) == 1
        assert operation["tags"][0] in tags
        assert any(code.startswith("4") for code in operation["responses"])
    assert {operation["tags"][0] for operation in found} == set(tags)
    assert all(tag["description"] for tag in spec["tags"])


def test_callbacks_are_inline_keyless_and_under_their_own_tag(operations) -> None:
    """A callback is written out where it belongs; one generator overwrites files by tag."""
    for operation in operations.values():
        for expressions in operation.get("callbacks", {}).values():
            assert "$ref" not in expressions
            for item in expressions.values():
                assert item["post"]["tags"] == ["callbacks"]
                assert item["post"]["security"] == []
        assert operation["tags"] != ["callbacks"]


def test_the_head_says_who_and_under_which_licence(spec) -> None:
    """Linters ask for a contact, a licence identifier, words and an https server."""
    info = spec["info"]
    assert info["license"]["identifier"] == "MIT"
    assert info["contact"]["name"]
    assert info["description"]
    assert all(server["url"].startswith("https://") for server in spec["servers"])


def test_there_is_one_vendor_extension(walk) -> None:
    """Everything that OpenAPI has no word for stands under x-pixazo."""
    keys = {key for _, node in walk() for key in node if str(key).startswith("x-")}
    assert keys == {"x-pixazo"}


def test_yaml_reads_every_word_as_it_is_meant(text: str, walk) -> None:
    """No alias or merge is used, and all keys are texts, status codes included."""
    assert not re.search(r"(^|\s)[&*][A-Za-z]|<<:", text)
    assert [path for path, node in walk() if not all(isinstance(key, str) for key in node)] == []


def test_descriptions_are_everywhere(schemas) -> None:
    """Each component and each field says what it is, in a sentence of our own."""
    for path, node in schemas:
        if fields(path):
            silent = [n for n, f in node.items() if "$ref" not in f and not f.get("description")]
            assert silent == [], path
        if len(path) == 3:
            assert node["description"].endswith("."), path


def test_tools_are_pinned_exactly(check) -> None:
    """Every tool of the portability check has an exact version; nothing names a registry."""
    pinned = check.versions()
    assert {tool.package for tool in check.TOOLS} <= set(pinned)
    assert [v for v in pinned.values() if not re.fullmatch(r"\d+\.\d+\.\d+", v)] == []
    assert "://" not in (PORTABILITY / "package.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "line",
    [
        "[main] WARN  o.o.codegen.DefaultCodegen - something new",
        "warning  tag-description  Tag object must have description",
        "DeprecationWarning: use something else",
        "Ignoring the discriminator of Foo",
    ],
)
def test_a_line_that_sounds_like_a_warning_fails_a_tool(check, line: str) -> None:
    """Warnings count as failures, whichever tool prints them."""
    assert check.suspicious(f"all is well\n{line}\n") == [line]


def test_lines_that_no_document_avoids_are_excused_with_a_reason(check) -> None:
    """The excuses are few, each has a reason, and they excuse their own line only."""
    lines = [
        "[main] WARN - OpenAPI 3.1 support is still in beta. To report an issue",
        "Deprecation warning: Node.js 20 support is ending",
    ]
    assert check.suspicious("\n".join(lines)) == []
    assert all(len(reason) > 20 for reason in check.KNOWN.values())
    assert len(check.KNOWN) <= 6


def test_a_missing_program_skips_and_never_passes(check, monkeypatch, tmp_path) -> None:
    """Without npm and Java their tools are reported as skipped, with the reason."""
    monkeypatch.setenv("PATH", str(tmp_path))
    box = check.Box(tmp_path, tmp_path, tmp_path / "openapi.yaml")
    verdicts = {t.name: check.verdict(box, t) for t in check.TOOLS if t.needs != "python"}
    assert len(verdicts) == 8
    assert set(verdicts.values()) == {"skipped: no npm", "skipped: no Java"}
