"""Many waiting jobs of one client.

`Budget` and `Line` decide and do no I/O; `Fleet` is their driver for asyncio, `Turns` for threads,
each of which waits by itself and shares nothing but the budget. In a fleet, a few waits are left
alone. Many share one sleeping task, and tell each other how long their model takes just now: a job
that was found done ends the pauses of those that should be done by then, once for each. As long as
none of a model has ended, a few of its waits look at their own pace and the others hardly at all.
"""

from pixazo.fleet.budget import Budget
from pixazo.fleet.driver import Fleet
from pixazo.fleet.line import Line
from pixazo.fleet.turns import Turns

__all__ = ["Budget", "Fleet", "Line", "Turns"]
