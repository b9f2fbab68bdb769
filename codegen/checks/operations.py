"""Are operations named once, and does each have one answer of success?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from codegen.document import Document, SpecProblem

__all__ = ["check"]


def check(document: Document) -> Iterator[SpecProblem]:
    """Yield operation ids that stand twice, and operations without exactly one success."""
    yield from _unique(document)
    for pointer, _, _, operation in document.operations():
        codes = [code for code in operation["responses"] if code.startswith("2")]
        if len(codes) != 1:
            advice = f"{len(codes)} responses of success; describe exactly one"
            yield document.problem(f"{pointer}/responses", advice)
        yield from _bare(document, f"{pointer}/responses")


def _unique(document: Document) -> Iterator[SpecProblem]:
    first: dict[str, int] = {}
    for pointer, node in document.walk("/paths"):
        if isinstance(node, Mapping) and "operationId" in node:
            at = f"{pointer}/operationId"
            name = str(document.get(at))
            if name in first:
                advice = f"operationId {name} is taken by line {first[name]}; rename one of the two"
                yield document.problem(at, advice)
            first.setdefault(name, document.line(at))


def _bare(document: Document, responses: str) -> Iterator[SpecProblem]:
    """Yield responses that describe no JSON."""
    for code in document.get(responses):
        where, response = document.follow(f"{responses}/{code}")
        if "application/json" not in response.get("content", {}):
            yield document.problem(where, f"response {code} has no JSON content; describe it")
