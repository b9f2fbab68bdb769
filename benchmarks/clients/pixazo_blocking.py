"""pixazo's blocking client: submit and wait, with default settings, past durations known."""

from common import URL, run
from pixazo_ import REQUEST, durations

from pixazo import Pixazo

with Pixazo("any-key", base_url=URL, durations=durations()) as client:

    def job() -> str:
        """Run one job and return its id."""
        submitted = client.submit(REQUEST)
        submitted.wait()
        return submitted.request_id

    run(job)
