"""Names of ours become relative, whatever they look like; what cannot is refused."""

from __future__ import annotations

import pytest

from pixazo.vendoring import VendorError
from pixazo.vendoring.relocation import Place, relocate

MODULES = {"pixazo", "pixazo.errors", "pixazo.client", "pixazo.client.shared", "pixazo_openapi"}


def at(path: str, text: str) -> str:
    """Return the text as it reads at a place of the copy."""
    return relocate(text.encode(), Place(path, MODULES, ("cli", "sandbox"), "9.8.7")).decode()


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("jobs.py", "from pixazo.errors import A", "from .errors import A"),
        ("jobs.py", "from pixazo import errors", "from . import errors"),
        ("jobs.py", "from pixazo_openapi import schema", "from .pixazo_openapi import schema"),
        ("__init__.py", "from pixazo.errors import A", "from .errors import A"),
        ("client/a.py", "from pixazo.errors import A", "from ..errors import A"),
        ("client/__init__.py", "from pixazo.client.a import A", "from ..client.a import A"),
        ("a/b/c.py", "from pixazo import jobs as j", "from ... import jobs as j"),
        ("jobs.py", "from  pixazo.errors  import (\n  A,\n)", "from  .errors  import (\n  A,\n)"),
        ("jobs.py", "def f():\n\tfrom pixazo.errors import A", "def f():\n\tfrom .errors import A"),
        ("jobs.py", 'n = "é"; from pixazo.errors import A', 'n = "é"; from .errors import A'),
        ("jobs.py", "if T: from pixazo.errors import A", "if T: from .errors import A"),
        ("jobs.py", "from pixazo.errors import *  # noqa", "from .errors import *  # noqa"),
        ("jobs.py", "a\r\nfrom pixazo.errors import A\r\n", "a\r\nfrom .errors import A\r\n"),
        ("jobs.py", "from .errors import pixazo", "from .errors import pixazo"),
        ("jobs.py", "from pixazology import A", "from pixazology import A"),
        ("jobs.py", '"""from pixazo.errors import A"""', '"""from pixazo.errors import A"""'),
        ("jobs.py", "# from pixazo.errors import A", "# from pixazo.errors import A"),
        ("jobs.py", 'getLogger("pixazo.client")', 'getLogger("pixazo.client")'),
        ("jobs.py", 'Thread(name="pixazo-ledger")', 'Thread(name="pixazo-ledger")'),
        ("jobs.py", 'v = version("pixazo")', 'v = "9.8.7"'),
        ("jobs.py", "v = f\"pixazo/{version('pixazo')}\"", "v = f\"pixazo/{'9.8.7'}\""),
        ("jobs.py", 'import_module("importlib.metadata").version("pixazo")', '"9.8.7"'),
        ("jobs.py", 'importlib.metadata.version(\n  "pixazo"\n)', '"9.8.7"'),
        ("jobs.py", 'version("attrs")', 'version("attrs")'),
    ],
)  # fmt: skip
def test_names_become_relative(path: str, text: str, expected: str) -> None:
    """Imports and questions for the version change, and not a byte beside them."""
    assert at(path, text) == expected


@pytest.mark.parametrize(
    ("path", "expression", "name"),
    [
        ("jobs.py", 'files("pixazo_openapi")', "root.pixazo_openapi"),
        ("jobs.py", "resources.files('pixazo')", "root"),
        ("__init__.py", 'files("pixazo_openapi")', "root.pixazo_openapi"),
        ("client/a.py", 'import_module("pixazo.errors")', "root.errors"),
        ("client/__init__.py", 'find_spec("pixazo.client.shared")', "root.client.shared"),
        ("jobs.py", 'run([executable, "-m", "pixazo.client"])[2]', "root.client"),
    ],
)
def test_strings_that_name_modules_follow_the_copy(path: str, expression: str, name: str) -> None:
    """An anchor, a lazily imported module and a `python -m` name lead into the copy."""
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    place = "root" if path == "__init__.py" else f"root.{module}"
    code = compile(at(path, f"found = {expression}"), path, "exec")

    class Resources:
        files = staticmethod(str)

    scope = {
        "__name__": place,
        "files": str,
        "resources": Resources,
        "import_module": str,
        "find_spec": str,
        "run": list,
        "executable": "python",
    }
    exec(code, scope)  # noqa: S102  (the very text that a copy would run)

    assert scope["found"] == name


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\nimport pixazo", "jobs.py:2: `import pixazo`"),
        ("import pixazo_openapi.schema as s", "`import pixazo_openapi.schema`"),
        ("from pixazo.sandbox import Sandbox", "pixazo.sandbox is used, which no copy holds"),
        ("from pixazo import cli", "pixazo.cli is used, which no copy holds"),
        ("def f():\n  from pixazo.cli.words import size", "jobs.py:2: pixazo.cli is used"),
        ('files("pixazo.sandbox")', "pixazo.sandbox is used"),
        ("from pixazo . errors import A", "spelt oddly"),
        ('distribution("pixazo")', "asks for an installed distribution"),
        ('import_module("pixazo" ".errors")', "is named oddly"),
    ],
)
def test_what_cannot_be_made_relative_is_refused(text: str, told: str) -> None:
    """An unknown form is an error with file, line and advice; it is never copied as it is."""
    with pytest.raises(VendorError) as caught:
        at("jobs.py", text)

    assert told in caught.value.message
    assert caught.value.message.startswith("jobs.py:")
    assert caught.value.hint
