"""The contract suite from the command line: `python -m tests.contract --help`."""

from __future__ import annotations

import sys

from tests.contract.suite.main import main

if __name__ == "__main__":  # the suite starts processes, which read this file again
    sys.exit(main(sys.argv[1:]))
