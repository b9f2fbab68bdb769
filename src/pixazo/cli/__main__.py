"""Lets `python -m pixazo.cli` do what `pixazo` does."""

import sys

from pixazo.cli import main

sys.exit(main())
