"""What a client does, written into a ledger: the plans of the client between the ledger's moves."""

from pixazo.books.keeping import Keeping, Kept
from pixazo.books.paying import Books, idempotency_key

__all__ = ["Books", "Keeping", "Kept", "idempotency_key"]
