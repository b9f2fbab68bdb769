"""Every command a person needs: `nox -l` is the manual."""

from __future__ import annotations

import os
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "virtualenv"
nox.options.reuse_venv = "yes"
nox.options.stop_on_first_error = False
nox.options.sessions = ["lint", "types", "drift", "tests"]

PROJECT = nox.project.load_toml("pyproject.toml")
CONSTRAINTS = ("--constraint", "constraints.txt")
# Neighbours share fixtures, so that each worker begins with a quarter of the tests as they stand.
SPREAD = ("--numprocesses=4", "--dist=worksteal")
# Half of the tests wait for a clock; a busy machine gets more than the 20 s of pyproject.toml.
PYTEST = ("-p", "no:cacheprovider", "-p", "no:schemathesis", "--timeout=120", *SPREAD)
THOROUGH = ("--hypothesis-profile=thorough", "--timeout=600")
QUIET = ("--quiet", "--disable-pip-version-check")
# Where a shell forbids it, half of a test run would be compiling the same modules.
BYTECODE = {"PYTHONDONTWRITEBYTECODE": ""}
# Pyright makes much garbage that lives shortly: a larger nursery saves a tenth of its time.
ROOMY = {"NODE_OPTIONS": "--max-semi-space-size=128"}
# The packages as they stand here, for what reads them and needs no installed distribution.
HERE = {"PYTHONPATH": os.pathsep.join(["src", "generated"])}


def install(session: nox.Session, *requirements: str, groups: tuple[str, ...] = ()) -> None:
    """Install requirements and dependency groups, every version pinned by constraints.txt."""
    session.env.update(BYTECODE)
    wanted = [*requirements, *nox.project.dependency_groups(PROJECT, *groups)]
    session.install(*QUIET, *CONSTRAINTS, *wanted)


def install_pixazo(session: nox.Session, *options: str, groups: tuple[str, ...] = ()) -> None:
    """Install the library with all extras, built by a pinned builder, and dependency groups."""
    install(session, *PROJECT["build-system"]["requires"], *needed("cli", "sandbox"), groups=groups)
    session.install(*QUIET, "--no-deps", "--no-build-isolation", *options, ".")


def needed(*extras: str) -> list[str]:
    """What the library itself asks for, with some extras."""
    project = PROJECT["project"]
    optional = project["optional-dependencies"]
    return [*project["dependencies"], *(name for extra in extras for name in optional[extra])]


@nox.session
def lint(session: nox.Session) -> None:
    """Style, import directions (ruff, import-linter)."""
    install(session, groups=("lint",))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports", "--no-cache", env=HERE)


@nox.session
def types(session: nox.Session) -> None:
    """Types of written and generated code (mypy --strict, pyright strict)."""
    install(session, *needed("cli", "sandbox"), groups=("types", "test", "codegen"))
    session.run("mypy")
    session.run("pyright", "--warnings", env=ROOMY)


@nox.session
def drift(session: nox.Session) -> None:
    """What is made of the spec is up to date: generated/, docs/models/, docs/cli.md."""
    make(session, "--check")


def make(session: nox.Session, *words: str) -> None:
    """Make everything that is made of the spec, in one go; with --check only compare."""
    install(session, *needed("cli"), groups=("codegen",))
    session.run("python", "-m", "codegen", *words)
    session.run("python", "-m", "pixazo.cli.reference", "docs/cli.md", *words, env=HERE)


@nox.session
def tests(session: nox.Session) -> None:
    """The tests, against the built and installed wheel. Arguments go to pytest."""
    install_pixazo(session, groups=("test", "codegen"))
    session.run("pytest", *PYTEST, "-m", "not slow", *session.posargs)


@nox.session
def slow(session: nox.Session) -> None:
    """The tests that take long (a thousand jobs with faults, mypy, …), and hypothesis at length."""
    install_pixazo(session, groups=("test", "codegen"))
    session.run("pytest", *PYTEST, "-m", "slow", "--timeout=600", *session.posargs)
    session.run("pytest", *PYTEST, "-m", "hypothesis and not slow", *THOROUGH, *session.posargs)


@nox.session(name="try")
def try_(session: nox.Session) -> None:
    """All seven models end to end against the sandbox: files under out/, and a table."""
    install_pixazo(session)
    session.run("python", "-m", "pixazo", "tour", *(session.posargs or ["--out", "out"]))


@nox.session
def generate(session: nox.Session) -> None:
    """From the spec to everything made of it: generated/, docs/models/, docs/cli.md."""
    make(session, *session.posargs)


@nox.session
def contract(session: nox.Session) -> None:
    """Hold a gateway to the spec: -- [--target sandbox|cassettes|URL|live] …; see --help."""
    install_pixazo(session, "--editable", groups=("test", "codegen"))
    session.run("python", "-m", "tests.contract", *session.posargs)


@nox.session(name="contract-full", default=False)
def contract_full(session: nox.Session) -> None:
    """The contract suite with every phase of schemathesis; minutes where answers take time."""
    install_pixazo(session, "--editable", groups=("test", "codegen"))
    session.run("python", "-m", "tests.contract", "--full", *session.posargs)


@nox.session
def record(session: nox.Session) -> None:
    """Record cassettes: -- [--target sandbox|URL|live] [--only MODEL] [JOURNEY]."""
    install_pixazo(session, "--editable", groups=("test", "codegen"))
    session.run("python", "-m", "tests.deck", "record", *session.posargs)


@nox.session
def cassettes(session: nox.Session) -> None:
    """What the cassettes show and the spec says: broken rules, drift in three columns."""
    install_pixazo(session, "--editable", groups=("test", "codegen"))
    session.run("python", "-m", "tests.deck", "check")
    session.run("python", "-m", "tests.deck", "drift")


@nox.session
def mutants(session: nox.Session) -> None:
    """Gateways that break the spec on purpose: does the contract suite see every one?"""
    install_pixazo(session, "--editable", groups=("test", "codegen"))
    session.run("python", "-m", "tests.mutants", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Waiting and importing beside other clients, as a table of ratios (some minutes)."""
    install_pixazo(session)
    environments = Path(session.cache_dir, "bench")
    session.run("python", "-m", "benchmarks", "--envs", str(environments), *session.posargs)


@nox.session
def changes(session: nox.Session) -> None:
    """What changed since the last release, rated; the versions and CHANGELOG must agree."""
    install(session, groups=("codegen", "changes"))
    redocly = Path(session.cache_dir, "portability", "node_modules", ".bin", "redocly")
    second = ("--redocly", str(redocly)) if redocly.exists() else ()
    session.run("python", "-m", "changes", *second, *session.posargs)


@nox.session
def portability(session: nox.Session) -> None:
    """The spec in ten foreign tools: linters without a warning, generators that compile."""
    tools = Path(session.cache_dir, "portability")
    session.run("python", "portability/check.py", "--tools", str(tools), *session.posargs)


@nox.session(reuse_venv=False)
def constraints(session: nox.Session) -> None:
    """Pin anew what every session installs (constraints.txt), from the newest releases."""
    groups = nox.project.dependency_groups(PROJECT, *PROJECT["dependency-groups"])
    builder = PROJECT["build-system"]["requires"]
    session.install("--quiet", "nox", ".[all]", *builder, *groups)
    frozen = session.run("python", "-m", "pip", "freeze", "--exclude=pixazo", silent=True)
    head = "# Exact pins of everything the nox sessions install; made by: nox -s constraints\n"
    Path("constraints.txt").write_text(head + str(frozen))
