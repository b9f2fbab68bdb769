"""First pass: openapi-python-client turns the document into wire models and pure operations."""

from __future__ import annotations

from pathlib import Path

from codegen import tools

__all__ = ["write"]

_HERE = Path(__file__).parent
_NOT_OURS = ("__init__.py", "client.py", "errors.py")  # upstream's client sends requests itself


def write(document: Path, out: Path) -> None:
    """Write ``models/``, ``api/`` and ``types.py`` into a folder that does not exist yet.

    Args:
        document: the OpenAPI document as JSON, so that every pass reads the same values.
        out: the folder to make.

    Raises:
        ToolError: the document holds something that the tool would leave out.
    """
    tools.run(
        "openapi_python_client",
        "generate",
        *("--path", document),
        *("--config", _HERE / "opc.yaml"),
        *("--custom-template-path", _HERE / "templates" / "wire"),
        *("--output-path", out),
        *("--meta", "none"),
        "--fail-on-warning",
    )
    for name in _NOT_OURS:
        (out / name).unlink()
