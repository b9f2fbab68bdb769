"""`python -m pixazo.sandbox`: the offline gateway as a process."""

import sys

from pixazo.sandbox.serving import main

sys.exit(main())
