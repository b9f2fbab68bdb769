"""The contract suite from the command line: `python -m tests.contract --help`."""

from __future__ import annotations

import sys

from tests.contract.suite.main import main

sys.exit(main(sys.argv[1:]))
