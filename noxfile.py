"""Every command a person needs: `nox -l` is the manual."""

from __future__ import annotations

from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "virtualenv"
nox.options.reuse_venv = "yes"
nox.options.stop_on_first_error = False
nox.options.sessions = ["lint", "types", "drift", "tests"]

PROJECT = nox.project.load_toml("pyproject.toml")
CONSTRAINTS = ("--constraint", "constraints.txt")
QUIET = ("--quiet", "--disable-pip-version-check")


def install(session: nox.Session, *requirements: str, groups: tuple[str, ...] = ()) -> None:
    """Install requirements and dependency groups, every version pinned by constraints.txt."""
    wanted = [*requirements, *nox.project.dependency_groups(PROJECT, *groups)]
    session.install(*QUIET, *CONSTRAINTS, *wanted)


@nox.session
def lint(session: nox.Session) -> None:
    """Style, import directions (ruff, import-linter)."""
    install(session, groups=("lint",))
    session.install(*QUIET, "--no-deps", "--editable", ".")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports", "--no-cache")


@nox.session
def types(session: nox.Session) -> None:
    """Types of written and generated code (mypy --strict, pyright strict)."""
    install(session, "--editable", ".[all]", groups=("types", "test", "codegen"))
    session.run("mypy")
    session.run("pyright", "--warnings")


@nox.session
def drift(session: nox.Session) -> None:
    """The generated package is exactly what the spec says (codegen --check)."""
    install(session, groups=("codegen",))
    session.run("python", "-m", "codegen", "--check")


@nox.session
def tests(session: nox.Session) -> None:
    """The tests, against the built and installed wheel. Arguments go to pytest."""
    install(session, ".[all]", groups=("test", "codegen"))
    session.run("pytest", "-p", "no:cacheprovider", "--numprocesses=2", *session.posargs)


@nox.session(name="try")
def try_(session: nox.Session) -> None:
    """All seven models end to end against the sandbox: files under out/, and a table."""
    install(session, ".[all]")
    session.run("python", "-m", "pixazo.cli.tour", *(session.posargs or ["--out", "out"]))


@nox.session
def generate(session: nox.Session) -> None:
    """From the spec to everything made of it: generated/, then docs/cli.md."""
    install(session, "--editable", ".[all]", groups=("codegen",))
    session.run("python", "-m", "codegen", *session.posargs)
    session.run("python", "-m", "pixazo.cli.reference", "docs/cli.md")


@nox.session
def portability(session: nox.Session) -> None:
    """The spec in ten foreign tools: linters without a warning, generators that compile."""
    tools = Path(session.cache_dir, "portability")
    session.run("python", "portability/check.py", "--tools", str(tools), *session.posargs)


@nox.session(reuse_venv=False)
def constraints(session: nox.Session) -> None:
    """Pin anew what every session installs (constraints.txt), from the newest releases."""
    groups = nox.project.dependency_groups(PROJECT, *PROJECT["dependency-groups"])
    session.install("--quiet", "nox", ".[all]", *groups)
    frozen = session.run("python", "-m", "pip", "freeze", "--exclude=pixazo", silent=True)
    head = "# Exact pins of everything the nox sessions install; made by: nox -s constraints\n"
    Path("constraints.txt").write_text(head + str(frozen))
