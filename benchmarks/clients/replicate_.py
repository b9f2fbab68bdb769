"""replicate: create a prediction and wait, with its default settings."""

import replicate
from common import URL, run

client = replicate.Client(api_token="key", base_url=f"{URL}/replicate")  # noqa: S106


def job() -> str:
    """Return the id of a finished job."""
    prediction = client.models.predictions.create(model=("a", "b"), input={"prompt": "x"})
    prediction.wait()
    return str(prediction.id)


run(job)
