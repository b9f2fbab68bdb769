"""fal-client: subscribe to a queued job, with its default settings."""

import os

from common import URL, run

os.environ["FAL_KEY"] = "key"
import fal_client
from fal_client import client

client.QUEUE_URL_FORMAT = f"{URL}/fal/"


def job() -> str:
    """Return the id of a finished job."""
    ids: list[str] = []
    fal_client.subscribe("a/b", arguments={"prompt": "x"}, on_enqueue=ids.append)
    return ids[0]


run(job)
