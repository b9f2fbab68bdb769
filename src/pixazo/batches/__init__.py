"""Many requests as one piece of work: checked whole, sent in measure, gone on with after a crash.

`lines`, `shards`, `outcomes` and `folders` know files and do not send; `run` is the machine behind
both `pixazo batch` and `AsyncPixazo.batch`.
"""

from pixazo.batches.folders import Folder
from pixazo.batches.items import Item, items_of
from pixazo.batches.leavable import Leavable
from pixazo.batches.lines import read_lines
from pixazo.batches.outcomes import Outcome, Outcomes, State
from pixazo.batches.run import TRIES, Run
from pixazo.batches.saving import Saver
from pixazo.batches.shards import Shard

__all__ = [
    "TRIES",
    "Folder",
    "Item",
    "Leavable",
    "Outcome",
    "Outcomes",
    "Run",
    "Saver",
    "Shard",
    "State",
    "items_of",
    "read_lines",
]
