"""pixazo: generate, with default settings; learned durations as an earlier job leaves them."""

import asyncio
import json
import sys
import time

from pixazo import AsyncPixazo, PastDurations, QwenImageEditPlusLora
from pixazo.plans import duration_key
from pixazo.settings import find_gateway

URL, JOBS, LEARNED = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


async def main() -> None:
    """Run the jobs and print when each was known to be done, and the CPU seconds."""
    past = PastDurations()
    for number in range(LEARNED):
        key = duration_key(find_gateway(URL, URL), QwenImageEditPlusLora.model_id)
        past.learn(key, 12.0 + number / 100)
    request = QwenImageEditPlusLora(prompt="x", image_urls=["https://example.com/a.png"])
    ends: list[tuple[str, float]] = []
    async with AsyncPixazo("any-key", base_url=URL, durations=past) as client:
        began = time.process_time()

        async def one() -> None:
            result = await client.generate(request)
            ends.append((result.request_id, time.time()))

        await asyncio.gather(*(one() for _ in range(JOBS)))
    print(json.dumps({"ends": ends, "cpu_s": time.process_time() - began}))


asyncio.run(main())
