"""Lets `python -m pixazo` do what `pixazo` does."""

import sys

from pixazo.cli import main

sys.exit(main())
