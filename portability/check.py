"""Read spec/openapi.yaml with every tool that people point at OpenAPI documents; any warning fails.

    python portability/check.py [--require-all] [--tools DIR] [SPEC]

Tools are installed in the versions of package.json and requirements.txt, into a temporary folder
or into DIR, which is then used again. A missing program (npm, Java) skips its tools visibly:
skipped is not passed; --require-all makes it a failure.
"""

# ruff: noqa: S603, T201 - a script: its work is to run programs and to print a table

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

HERE = Path(__file__).parent
SPEC = HERE.parent / "spec" / "openapi.yaml"
QUIET = {
    "REDOCLY_TELEMETRY": "off",
    "SCARF_ANALYTICS": "false",
    "DO_NOT_TRACK": "1",
    "NO_COLOR": "1",
}
SUSPICIOUS = re.compile(r"warn|error|deprecat|ignor|unsupported|invalid|fail|not supported", re.I)

# Lines that no document can avoid; each with the reason why it says nothing about ours.
KNOWN: dict[str, str] = {
    r"OpenAPI 3\.1 support is still in beta": "openapi-generator prints it for every 3.1 document",
    r"Failed to get the schema name: null": "openapi-generator prints it for every document, even "
    "for one operation that answers a string",
    r"Ignoring complex example on request body": "the Java generator has no place for an example "
    "that is an object; nothing else is left out",
    r"Deprecation warning: Node\.js \d+ support is ending": "redocly means this machine's Node.js",
    r"^No results with a severity of 'hint' found": "spectral's way to say that all is well",
}


class ToolError(Exception):
    """A tool did not accept the document, or could not be installed."""


@dataclass(frozen=True)
class Box:
    """The folder that the tools are installed in, and the one that they write to."""

    tools: Path
    out: Path
    spec: Path

    def python(self, name: str) -> str:
        """The path of a program of the virtual environment."""
        return str(self.tools / "python" / ("Scripts" if os.name == "nt" else "bin") / name)

    def node(self, name: str) -> str:
        """The path of a program of the npm packages."""
        return str(self.tools / "node_modules" / ".bin" / name)

    def run(self, *command: str) -> str:
        """What the command prints; raises ToolError unless it ends with 0."""
        done = subprocess.run(
            command,
            cwd=self.out,
            env=os.environ | QUIET,
            capture_output=True,
            text=True,
            check=False,
        )
        text = done.stdout + done.stderr
        if done.returncode:
            raise ToolError(f"{Path(command[0]).name} ended with {done.returncode}\n{text.strip()}")
        return text


Needs = Literal["python", "npm", "java"]


@dataclass(frozen=True)
class Tool:
    """One reader of the document: its package, what it needs, and how it is run."""

    name: str
    package: str
    needs: Needs
    run: Callable[[Box], str]


def spec_validator(box: Box) -> str:
    """Validate against the OpenAPI meta-schema."""
    return box.run(box.python("openapi-spec-validator"), str(box.spec))


def redocly(box: Box) -> str:
    """Lint with redocly's strictest set of rules, where every warning is an error."""
    config = box.out / "redocly.yaml"
    config.write_text("extends: [recommended-strict]\n", encoding="utf-8")
    return box.run(box.node("redocly"), "lint", "--config", str(config), str(box.spec))


def spectral(box: Box) -> str:
    """Lint with spectral's OpenAPI rules; a hint is enough to fail."""
    rules = box.out / "spectral.yaml"
    rules.write_text("extends: ['spectral:oas']\n", encoding="utf-8")
    options = ("--fail-severity", "hint", "--display-only-failures", "-r", str(rules))
    return box.run(box.node("spectral"), "lint", *options, str(box.spec))


def openapi_typescript(box: Box) -> str:
    """Make TypeScript types and compile them."""
    target = box.out / "openapi-typescript" / "types.ts"
    target.parent.mkdir()
    text = box.run(box.node("openapi-typescript"), str(box.spec), "-o", str(target))
    return text + compile_typescript(box, target)


def hey_api(box: Box) -> str:
    """Make a TypeScript client and compile it."""
    target = box.out / "hey-api"
    text = box.run(box.node("openapi-ts"), "-i", str(box.spec), "-o", str(target))
    return text + compile_typescript(box, target / "index.ts")


def datamodel(box: Box) -> str:
    """Make pydantic models and import them."""
    target = box.out / "models.py"
    kind = ("--input-file-type", "openapi", "--output-model-type", "pydantic_v2.BaseModel")
    options = (*kind, "--formatters", "builtin", "--target-python-version", "3.11")
    program = box.python("datamodel-codegen")
    text = box.run(program, "--input", str(box.spec), "--output", str(target), *options)
    return text + box.run(box.python("python"), str(target))


def openapi_generator(generator: str) -> Callable[[Box], str]:
    """A run of openapi-generator for one language; Python and TypeScript are compiled as well."""

    def run(box: Box) -> str:
        target = box.out / generator
        program = box.python("openapi-generator-cli")
        text = box.run(program, "generate", "-i", str(box.spec), "-g", generator, "-o", str(target))
        if generator == "python":
            text += box.run(
                box.python("python"), "-W", "error", "-m", "compileall", "-q", str(target)
            )
        if generator == "typescript-fetch" and Path(box.node("tsc")).exists():
            text += compile_typescript(box, target / "index.ts")
        return "\n".join(line for line in text.splitlines() if "] INFO " not in line)

    return run


def compile_typescript(box: Box, entry: Path) -> str:
    """Compile strictly, writing nothing."""
    options = (
        "--noEmit",
        "--strict",
        "--skipLibCheck",
        "--target",
        "es2022",
        "--lib",
        "es2022,dom,dom.iterable",
    )
    modules = ("--module", "esnext", "--moduleResolution", "bundler")
    return box.run(box.node("tsc"), *options, *modules, str(entry))


TOOLS = (
    Tool("openapi-spec-validator", "openapi-spec-validator", "python", spec_validator),
    Tool("redocly lint", "@redocly/cli", "npm", redocly),
    Tool("spectral lint", "@stoplight/spectral-cli", "npm", spectral),
    Tool("openapi-typescript", "openapi-typescript", "npm", openapi_typescript),
    Tool("@hey-api/openapi-ts", "@hey-api/openapi-ts", "npm", hey_api),
    Tool("datamodel-code-generator", "datamodel-code-generator", "python", datamodel),
    *(
        Tool(f"openapi-generator {name}", "openapi-generator-cli", "java", openapi_generator(name))
        for name in ("python", "typescript-fetch", "java", "go")
    ),
)


def versions() -> dict[str, str]:
    """The pinned version of each package."""
    pins = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["dependencies"]
    lines = (HERE / "requirements.txt").read_text(encoding="utf-8").split()
    return dict(pins) | dict(line.split("==") for line in lines)


def suspicious(text: str) -> list[str]:
    """The lines that sound like a warning and are not known to be unavoidable."""
    known = [re.compile(pattern) for pattern in KNOWN]
    lines = [line.strip() for line in text.splitlines()]
    return [
        line for line in lines if SUSPICIOUS.search(line) and not any(p.search(line) for p in known)
    ]


def missing(needs: Needs) -> str | None:
    """Why a tool cannot run here, or None."""
    if needs == "npm" and not shutil.which("npm"):
        return "no npm"
    return "no Java" if needs == "java" and not shutil.which("java") else None


def install(box: Box, needs: Needs) -> None:
    """Install the pinned packages of one kind, unless they are there in these versions."""
    kind, pins = ("npm", "package.json") if needs == "npm" else ("python", "requirements.txt")
    wanted, stamp = (HERE / pins).read_text(encoding="utf-8"), box.tools / f"installed-{pins}"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    if kind == "npm":
        shutil.copy(HERE / pins, box.tools / pins)
        quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock")
        box.run(shutil.which("npm") or "npm", "install", *quiet, "--prefix", str(box.tools))
    else:
        box.run(sys.executable, "-m", "venv", "--clear", str(box.tools / "python"))
        pip = (box.python("python"), "-m", "pip", "install", "--quiet")
        box.run(*pip, "--disable-pip-version-check", "-r", str(HERE / pins))
    stamp.write_text(wanted, encoding="utf-8")


def verdict(box: Box, tool: Tool) -> str:
    """`passed`, `skipped: …` or `FAILED: …`."""
    if reason := missing(tool.needs):
        return f"skipped: {reason}"
    try:
        install(box, tool.needs)
        found = suspicious(tool.run(box))
    except ToolError as error:
        return f"FAILED: {error}"
    return "FAILED: " + "\n".join(found) if found else "passed"


def rows(box: Box) -> Iterator[tuple[str, str, str]]:
    """Tool, version and result, one after the other."""
    pinned = versions()
    for tool in TOOLS:
        yield tool.name, pinned[tool.package], verdict(box, tool)


def report(box: Box) -> list[str]:
    """Print the table as it comes about, then the texts of failures; return the results."""
    results: list[str] = []
    details: list[str] = []
    print(f"{'tool':34} | {'version':8} | result", flush=True)
    print(f"{'-' * 34} | {'-' * 8} | ------", flush=True)
    for name, version, result in rows(box):
        print(f"{name:34} | {version:8} | {result.splitlines()[0]}", flush=True)
        results.append(result)
        if result.startswith("FAILED"):
            details.append(f"\n{name} {version}\n{result}")
    print("\n".join(details))
    return results


def main() -> int:
    """Run every tool; 0 when none failed (and, with --require-all, none was skipped)."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("spec", nargs="?", type=Path, default=SPEC, help="the document to read")
    parser.add_argument("--require-all", action="store_true", help="a skipped tool is a failure")
    parser.add_argument(
        "--tools", type=Path, help="folder of the installed tools, kept for next time"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="portability-") as scratch:
        tools = (given.tools or Path(scratch) / "tools").resolve()
        out = Path(scratch) / "out"
        for folder in (tools, out):
            folder.mkdir(parents=True, exist_ok=True)
        results = report(Box(tools, out, given.spec.resolve()))
    failed = sum(result.startswith("FAILED") for result in results)
    skipped = sum(result.startswith("skipped") for result in results)
    print(f"{len(results) - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return int(bool(failed or (skipped and given.require_all)))


if __name__ == "__main__":
    raise SystemExit(main())
