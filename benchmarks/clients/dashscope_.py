"""dashscope: one call for an image, with its default settings."""

import dashscope
from common import URL, run

dashscope.base_http_api_url = f"{URL}/dashscope"
dashscope.api_key = "key"


def job() -> str:
    """Return the id of a finished job."""
    answer = dashscope.ImageSynthesis.call(model="wanx-v1", prompt="x", n=1)
    return str(answer.output["task_id"])


run(job)
