"""The clients: from a request to a result."""

from pixazo.client.asynchronous import AsyncPixazo
from pixazo.client.blocking import Pixazo
from pixazo.client.shared import CallbackSource

__all__ = ["AsyncPixazo", "CallbackSource", "Pixazo"]
