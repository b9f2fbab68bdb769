"""openai: create a video and poll, with its default settings."""

import openai
from common import URL, run

client = openai.OpenAI(api_key="key", base_url=f"{URL}/openai")


def job() -> str:
    """Return the id of a finished job."""
    return str(client.videos.create_and_poll(prompt="x", model="sora-2").id)


run(job)
