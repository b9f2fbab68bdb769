"""Never lose a paid job, never pay twice: each step is on the disk before it happens."""

from pixazo.ledger.changes import Facts
from pixazo.ledger.entries import Entry
from pixazo.ledger.intents import IntentFacts
from pixazo.ledger.ledger import Ledger
from pixazo.ledger.moves import FINAL_STATES, MOVES, STATES, State
from pixazo.ledger.permits import Permit
from pixazo.ledger.places import default_path
from pixazo.ledger.readonly import ReadOnlyLedger
from pixazo.ledger.reports import Reports, Spent
from pixazo.ledger.reservations import Limits

__all__ = [
    "FINAL_STATES",
    "MOVES",
    "STATES",
    "Entry",
    "Facts",
    "IntentFacts",
    "Ledger",
    "Limits",
    "Permit",
    "ReadOnlyLedger",
    "Reports",
    "Spent",
    "State",
    "default_path",
]
