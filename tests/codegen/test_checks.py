"""A wrong edit of the spec is answered with its line and with what to do about it."""
# ruff: noqa: E501, RUF001 - a table is read row by row, and the documents use odd signs

from __future__ import annotations

import copy
import re
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen.__main__ import main
from codegen.checks import check
from codegen.document import Document, SpecError, load, tokens
from tests.codegen.conftest import ROOT, SpecCopy

SPEC = load(ROOT / "spec" / "openapi.yaml")
POINTERS = [pointer for pointer, _ in SPEC.walk() if pointer]

MAX = "    QwenImageMaxRequest:\n"
LORA = "    QwenImageEditPlusLoraRequest:\n"
EDIT = "/qwen-image/v1/generateMultimodeTextToImageEditRequest:\n"
MAX_PATH = "/qwen-image-max/v1/qwen-image-max-request:\n"
TRAINER = "/qwen-image-edit-plus-trainer/v1/qwen-image-edit-plus-trainer/generate:\n"
NEW = """\
        {}:
          type: string
          description: Anything.
          x-pixazo: {{source: nowhere}}
        negative_prompt:
"""
STATUS = "/v2/requests/status/{request_id}:\n"


@dataclass(frozen=True, slots=True)
class Slip:
    """One wrong edit and what codegen answers.

    Args:
        name: the test's id.
        after: a text that stands before the edit.
        old: what is replaced.
        new: what it is replaced by.
        at: a text on the line that is named, in the changed document, behind ``after``.
        advice: a part of the answer.
    """

    name: str
    after: str
    old: str
    new: str
    at: str
    advice: str


# fmt: off
SLIPS = (
    Slip("missing-maximum", MAX, "          maximum: 4\n", "", "num_images:",
         "num_images has no maximum; state one or rule it unbounded (x-pixazo.rulings)"),
    Slip("missing-minimum", LORA, "          minimum: 1\n          maximum: 4\n", "          maximum: 4\n",
         "num_images:", "num_images has no minimum; state one or rule it unbounded"),
    Slip("dangling-ruling", MAX, "rulings: [R59]", "rulings: [R59, R999]", "R999",
         "R999 has no heading in RULINGS.md; write the ruling or correct the name"),
    Slip("dangling-ruling-in-words", MAX, "The picture to draw, in words.", "See R998.", "R998",
         "R998 has no heading in RULINGS.md"),
    Slip("default-outside-the-enum", MAX, "default: square_hd", "default: square", "default: square",
         "image_size has a default that breaks its own schema"),
    Slip("default-of-another-type", MAX, "          default: 1\n", "          default: one\n",
         "default: one", "num_images has a default that breaks its own schema"),
    Slip("unknown-extension-key", MAX_PATH, "        timeout_s: 60\n",
         "        timeout_s: 60\n        time_out_s: 60\n", "time_out_s",
         "x-pixazo.time_out_s is unknown; remove it; did you mean timeout_s?"),
    Slip("unknown-key-of-a-parameter", MAX, "x-pixazo: {source:", "x-pixazo: {sauce: x, source:",
         "sauce", "x-pixazo.sauce is unknown; remove it; did you mean source?"),
    Slip("missing-source", MAX, "          x-pixazo: {source: 'Qwen Image Max t2i › Request Parameters › prompt', rulings: [R59]}\n",
         "", "prompt:", "prompt has no source; add x-pixazo: {source: …}"),
    Slip("missing-description", MAX, "          description: The picture to draw, in words.\n", "",
         "prompt:", "prompt has no description; say what it does"),
    Slip("price-as-a-float", EDIT, "usd: '0.045'", "usd: 0.045", "usd: 0.045",
         "usd does not fit: 0.045; correct it. US dollars as a decimal text, never a float"),
    Slip("price-left-out", MAX_PATH, "        price: {usd: null, per: request, source: 'Qwen Image Max t2i › Pricing', rulings: [R11, R12]}\n",
         "", "      x-pixazo:", "x-pixazo has no price; add it"),
    Slip("mode-misspelt", MAX_PATH, "mode: queued", "mode: queue", "mode: queue", "mode:"),
    Slip("duplicate-operation-id", MAX_PATH, "operationId: submitQwenImageMax\n",
         "operationId: submitQwenImageMaxEdit\n", "operationId: submitQwenImageMaxEdit",
         "operationId submitQwenImageMaxEdit is taken by line"),
    Slip("duplicate-operation-id-of-a-callback", MAX_PATH, "operationId: qwenImageMaxEnded",
         "operationId: submitQwenImageMaxEdit", "operationId: submitQwenImageMaxEdit",
         "rename one of the two"),
    Slip("duplicate-model", MAX_PATH, "model: qwen-image-max\n", "model: qwen-image-max-edit\n",
         "model: qwen-image-max-edit", "model qwen-image-max-edit is taken by another operation"),
    Slip("duplicate-class", MAX_PATH, "class: QwenImageMax\n", "class: QwenImageMaxEdit\n",
         "class: QwenImageMaxEdit", "class QwenImageMaxEdit is taken by another operation"),
    Slip("duplicate-key", MAX, "      properties:\n", "      type: string\n      properties:\n",
         "type: string", "type stands twice in one mapping; remove one of the two"),
    Slip("argument-points-at-nothing", EDIT, "prompt: /input/messages/0/content/1/text\n          negative_prompt: /parameters/negative_prompt\n          watermark",
         "prompt: /input/messages/0/content/1/texts\n          negative_prompt: /parameters/negative_prompt\n          watermark",
         "prompt: /input/messages/0/content/1/texts",
         "arguments.prompt points at /input/messages/0/content/1/texts, which the body does not have"),
    Slip("argument-left-out", EDIT, "          prompt: /input/messages/0/content/1/text\n          negative_prompt: /parameters/negative_prompt\n          watermark",
         "          negative_prompt: /parameters/negative_prompt\n          watermark", "        arguments:",
         "qwen-image-edit needs /input/messages/0/content/1, which no argument fills"),
    Slip("media-points-at-nothing", MAX_PATH, "/output/media_url/*", "/output/media_urls/*",
         "/output/media_urls", "media points at /output/media_urls/*, which the answer does not have"),
    Slip("render-points-at-nothing", MAX_PATH, "count: /num_images", "count: /images", "count: /images",
         "render.count points at /images, which the body does not have"),
    Slip("webhook-field-missing", TRAINER, "body_field: webhook", "body_field: hook", "body_field: hook",
         "body_field names hook, which the body does not have"),
    Slip("webhook-header-missing", MAX_PATH, "header: X-Webhook-URL", "header: X-Hook-URL",
         "header: X-Hook-URL", "X-Hook-URL is no parameter of the operation"),
    Slip("waiting-for-nothing", MAX_PATH, "status: getRequestStatus", "status: getState",
         "status: getState", "waiting.status names getState, which is no status operation"),
    Slip("state-without-moves", STATUS, "ERROR: failed-not-charged", "ERROR: failed-not-charged\n          GONE: failed",
         "GONE: failed", "GONE has no moves; list what may follow"),
    Slip("status-code-without-source", MAX_PATH, "          '404': Qwen Image Max t2i", "          '409': Qwen Image Max t2i",
         "        codes:", "no source for status 404; add it to x-pixazo.codes"),
    Slip("nullable-parameter", MAX, "type: string", "type: [string, 'null']", "type: [string",
         "prompt may be null, but what is not given is not sent; remove null"),
    Slip("open-request", MAX, "      additionalProperties: false\n", "", "QwenImageMaxRequest:",
         "QwenImageMaxRequest is part of a request and open; add additionalProperties: false"),
    Slip("parameter-called-model", MAX, "        negative_prompt:\n", NEW.format("model"), "model:",
         "model is taken by the request classes; give it another argument name"),
    Slip("parameter-called-undocumented", MAX, "        negative_prompt:\n", NEW.format("undocumented"),
         "undocumented:", "undocumented is taken by the request classes"),
    Slip("parameter-called-like-a-keyword", MAX, "        negative_prompt:\n", NEW.format("class"),
         "class:", "class is no name that Python allows"),
    Slip("required-but-not-described", MAX, "required: [prompt]", "required: [promt]", "required:",
         "promt is required but not described; describe it or drop it; did you mean prompt?"),
    Slip("bounds-swapped", MAX, "          minimum: 1\n          maximum: 4\n",
         "          minimum: 4\n          maximum: 1\n", "minimum: 4",
         "num_images has minimum above maximum; swap or correct them"),
    Slip("keyword-nobody-understands", MAX, "          minLength: 1\n", "          minLenght: 1\n",
         "minLenght", "minLenght is no keyword that the client and other tools understand; did you mean minLength?"),
    Slip("enum-of-mixed-types", MAX, "[png, jpeg, webp]", "[png, jpeg, 7]", "enum: [png, jpeg, 7]",
         "output_format mixes types; split the enum"),
    Slip("enum-differing-by-case", MAX, "[png, jpeg, webp]", "[png, PNG, webp]", "enum: [png, PNG",
         "output_format has two words that differ by case only"),
    Slip("enum-with-a-word-twice", MAX, "[png, jpeg, webp]", "[png, png, webp]", "enum: [png, png",
         "png stands twice in output_format; remove one of the two"),
    Slip("exclusive-bounds-swapped", MAX, "          minimum: 1\n          maximum: 4\n",
         "          minimum: 1\n          maximum: 4\n          exclusiveMinimum: 9\n          exclusiveMaximum: 2\n",
         "exclusiveMinimum: 9", "num_images has exclusiveMinimum above exclusiveMaximum"),
    Slip("state-without-a-word", STATUS, "ERROR: failed-not-charged\n        moves:", "ERROR: failed-not-charged\n          GONE: failed\n        moves:",
         "GONE: failed", "GONE is not in the enum of status; add it there or remove it"),
    Slip("word-without-a-state", STATUS, "          ERROR: failed-not-charged\n", "", "        states:",
         "ERROR is in the enum of status and has no meaning; add it"),
    Slip("invariant-twice", STATUS, "id: pending-has-times", "id: pending-has-no-outcome", "id: pending-has-no-outcome\n            rulings: [R32, R33]",
         "pending-has-no-outcome is the id of an invariant above; rename one of the two"),
    Slip("floor-above-ceiling", MAX_PATH, "floor_s: ", "floor_s: 9", "floor_s: 9",
         "waiting has a floor_s above its ceiling_s; swap or correct them"),
    Slip("class-that-is-a-keyword", MAX_PATH, "class: QwenImageMax\n", "class: None\n",
         "class: None", "class None means something else in the module; rename it"),
    Slip("list-without-items", LORA, "          items: {$ref: '#/components/schemas/PublicUrl'}\n", "",
         "image_urls:", "image_urls is a list without items; describe them"),
    Slip("reference-to-nothing", LORA, "schemas/SizeName'", "schemas/SizeNames'", "SizeNames",
         "#/components/schemas/SizeNames leads nowhere; name what exists; did you mean SizeName?"),
    Slip("reference-in-a-circle", "    TextPart:\n", "        text:\n", "        more: {$ref: '#/components/schemas/TextPart'}\n        text:\n",
         "TextPart:", "TextPart contains itself; break the circle"),
    Slip("type-nobody-knows", MAX, "type: boolean", "type: bool", "type: bool",
         "type does not fit: \"bool\"; correct it. A JSON type, or several."),
    Slip("pattern-that-is-none", "    SizeName:\n", "pattern: ^[a-z]", "pattern: ^([a-z]", "pattern: ^([a-z]",
         "pattern: "),
    Slip("pattern-that-python-does-not-read", MAX, "          minLength: 1\n", "          pattern: '^\\p{L}+$'\n",
         "pattern: ", "prompt has a pattern that Python does not read: bad escape \\p; write it otherwise"),
    Slip("format-that-nobody-checks", MAX, "          minLength: 1\n", "          format: email\n",
         "format: ", "prompt has a format that the client does not check (uri, date-time); write a pattern"),
    Slip("fractions-to-choose-from", LORA, "          minimum: 1\n          maximum: 20\n", "          enum: [1.5, 2]\n",
         "enum: [1.5, 2]", "guidance_scale lists fractions, which are no choices in Python; state bounds"),
    Slip("missing-type", MAX, "          type: string\n", "", "prompt:", "prompt has no type; state one"),
    Slip("several-types", MAX, "          type: string\n", "          type: [string, integer]\n",
         "type: [string, integer]", "prompt has several types, which a request cannot tell apart; write anyOf"),
    Slip("keyword-nobody-knows", MAX, "          minLength: 1\n", "          not: x\n", "not: x",
         "not is no keyword that the client and other tools understand"),
    Slip("word-that-is-none", "    RequestStatus:\n", "enum: [QUEUED, ", "enum: [[QUEUED], ", "enum:",
         "status mixes types; split the enum"),
    Slip("name-of-a-batch-line", MAX, "        negative_prompt:\n", NEW.format("key"), "key:",
         "key is taken by the request classes; give it another argument name"),
    Slip("number-without-end", MAX, "          maximum: 4\n", f"          maximum: {'9' * 5000}\n", "maximum: ",
         "is a number that no reader of JSON keeps; write a smaller one"),
    Slip("number-beyond-floats", MAX, "          maximum: 4\n", "          maximum: 1e999\n", "maximum: ",
         "is a number that no reader of JSON keeps; write a smaller one"),
    Slip("key-that-is-a-list", "", "tags:\n", "? [a]\n: x\ntags:\n", "? [a]", "a key that is a list or a mapping; write a text"),
    Slip("server-with-a-slash", "servers:\n", "gateway.pixazo.ai\n", "gateway.pixazo.ai/\n", "url: https",
         "the gateway's bare host"),
    Slip("key-header-with-a-space", "  securitySchemes:\n", "name: Ocp-Apim-Subscription-Key", "name: X Key", "name: X Key",
         "The name of a header."),
    Slip("model-path-with-a-parameter", "paths:\n", "/qwen-image-max/v1/", "/{tenant}/qwen-image-max/v1/", "/{tenant}/",
         "must hold no parameter; write it so"),
    Slip("status-path-with-another-parameter", "      timeout_s: 60\n", "status/{request_id}", "status/{id}", "status/{id}",
         "must hold {request_id} and no other parameter; write it so"),
    Slip("no-word-for-success", STATUS, "COMPLETED: succeeded", "COMPLETED: failed", "        states:",
         "no word means succeeded, so no request would ever end well"),
    Slip("deadline-before-the-first-look", MAX_PATH, "deadline_s: 600", "deadline_s: 2", "waiting:",
         "waiting has a deadline_s that ends before the first look"),
    Slip("tag-without-a-name", "tags:\n", "  - name: images\n    desc", "  - desc", "description: Text to image.",
         "has no name; add it"),
    Slip("licence-without-a-name", "info:\n", "    name: MIT\n", "", "  license:", "license has no name; add it"),
    Slip("reference-with-a-neighbour", LORA, "- $ref: '#/components/schemas/SizeName'",
         "- $ref: '#/components/schemas/SizeName'\n              description: x", "$ref: '#/components/schemas/SizeName'",
         "$ref stands beside description, which tools ignore; write allOf: [$ref] instead"),
    Slip("unused-component", "  schemas:\n", "    RequestId:\n", "    Spare: {type: string}\n    RequestId:\n",
         "Spare", "nothing refers to Spare; remove it"),
    Slip("untrue-example-of-a-body", MAX_PATH, "num_images: 2", "num_images: 5", "full:",
         "example full breaks its schema (5 is greater than the maximum of 4)"),
    Slip("untrue-example-of-a-schema", "    SizeName:\n", "examples: [square_hd]", "examples: [Square]",
         "examples: [Square]", "SizeName has an example that breaks its schema"),
    Slip("missing-summary", MAX_PATH, "      summary: Draw pictures from a text with Qwen Image Max\n",
         "", "post:", "post has no summary; add it"),
    Slip("two-answers-of-success", MAX_PATH, "        '400':", "        '200':", "responses:",
         "2 responses of success; describe exactly one"),
    Slip("no-extension", MAX_PATH, "      x-pixazo:\n", "      x-pixazzo:\n", "post:",
         "post has no x-pixazo; add it"),
    Slip("another-openapi", "", "openapi: 3.1.0", "openapi: 3.0.3", "openapi: 3.0.3",
         "openapi: \"3.1.0\" was expected; correct it"),
    Slip("broken-yaml", MAX, "      type: object\n", "      type: [object\n", "description:", "is not YAML"),
)
# fmt: on


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip.name)
def test_a_wrong_edit_is_answered_with_its_line_and_a_way_out(
    slip: Slip, spec: SpecCopy, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command fails, names file and line, says what to do, and writes nothing."""
    spec.edit(slip.old, slip.new, after=slip.after)
    out = spec.path.parent / "out"

    status = main(["--spec", str(spec.path), "--out", str(out)])

    answer = capsys.readouterr().err
    line = spec.line(slip.at, after=slip.after)
    assert status == 1
    said = [words for words in answer.splitlines() if words.startswith(f"{spec.path}:{line}: ")]
    assert any(slip.advice in words for words in said), answer
    assert answer.endswith("nothing was written\n")
    assert not out.exists()


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_no_edit_whatever_ends_in_a_traceback(data: st.DataObject) -> None:
    """Any one value replaced by any other gives problems or none, each with a line, never a crash."""
    pointer = data.draw(st.sampled_from(POINTERS))
    root = copy.deepcopy(SPEC.root)
    last = tokens(pointer)[-1]
    node = Document(SPEC.path, SPEC.text, root, SPEC.lines).get(pointer.rpartition("/")[0])
    key = int(last) if isinstance(node, list) else last

    node[key] = data.draw(st.sampled_from([None, [], {}, "x", "", 7, -0.5, True, [1], {"a": 1}]))

    problems = check(Document(SPEC.path, SPEC.text, root, SPEC.lines))
    assert all(problem.line >= 1 and problem.advice for problem in problems)


def test_a_class_takes_no_name_of_its_module(spec: SpecCopy) -> None:
    """Whatever the template of the request classes imports or defines is no name for one of them."""
    template = (ROOT / "codegen/templates/facade/requests.py.jinja").read_text(encoding="utf-8")
    imports = "\n".join(re.findall(r"^from .* import .*", template, re.MULTILINE))
    before = spec.path.read_text(encoding="utf-8")

    for name in sorted({*re.findall(r"\b[A-Z]\w+", imports), "REQUESTS"}):
        spec.path.write_text(before.replace("class: QwenImageMax\n", f"class: {name}\n"), "utf-8")
        (problem,) = check(load(spec.path))
        assert f"class {name} means something else" in problem.advice


def test_a_ruling_has_one_heading(spec: SpecCopy) -> None:
    """A second heading of one number names both lines."""
    path = spec.path.with_name("RULINGS.md")
    text = path.read_text(encoding="utf-8")
    first = text[: text.index("## R12:")].count("\n") + 1
    path.write_text(f"{text}\n## R12: Again\n- Ruling: no.\n", encoding="utf-8")

    (problem,) = check(load(spec.path))

    assert problem.path == path
    assert problem.line == text.count("\n") + 2
    assert problem.advice.startswith(f"R12 stands in line {first} already")


def test_the_spec_itself_has_no_problem(spec: SpecCopy) -> None:
    """What stands in the repository passes every check."""
    assert check(load(spec.path)) == []


def test_all_problems_of_a_stage_are_said_at_once(spec: SpecCopy) -> None:
    """Two slips are two lines, in the order of the file."""
    spec.edit("          maximum: 4\n", "", after=MAX)
    spec.edit("additionalProperties: false", "additionalProperties: true", after=LORA)

    problems = check(load(spec.path))

    assert [problem.line for problem in problems] == sorted(
        [
            spec.line("num_images:", after=MAX),
            spec.line("QwenImageEditPlusLoraRequest:\n      type"),
        ]
    )


@pytest.mark.parametrize("name", ["RULINGS.md", "x-pixazo.schema.json"])
def test_a_missing_neighbour_is_named(spec: SpecCopy, name: str) -> None:
    """The document is not checked by halves."""
    spec.path.with_name(name).unlink()

    (problem,) = check(load(spec.path))

    assert problem.advice == f"{name} is missing beside the document; write it"


def test_a_missing_document_is_named(spec: SpecCopy) -> None:
    """A wrong path is a sentence, not a traceback."""
    with pytest.raises(SpecError, match=r"nowhere\.yaml:1: cannot be read: No such file"):
        load(spec.path.with_name("nowhere.yaml"))
