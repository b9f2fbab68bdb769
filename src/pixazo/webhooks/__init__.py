"""Receive the gateway's callbacks: hints that something moved, never the news itself.

The documents name no signature, so nothing in a callback's body is believed. Each job's callback
address holds a token that only this side can make; a callback to it wakes whoever waits for the
job, who then asks the gateway with the key. Forged, repeated, reordered and lost callbacks are all
harmless: the first are refused, the next cost at most one look, the last are caught by polling.
"""

from __future__ import annotations

from pixazo.webhooks.hints import Hint, Hints
from pixazo.webhooks.receiver import Receiver
from pixazo.webhooks.serving import Server, listening
from pixazo.webhooks.tokens import Tokens, new_secret

__all__ = ["Hint", "Hints", "Receiver", "Server", "Tokens", "listening", "new_secret"]
