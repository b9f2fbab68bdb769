"""pixazo: generate, with default settings; learned durations as an earlier job leaves them."""

import asyncio
import json
import socket
import sys
import time
from contextlib import AsyncExitStack

from pixazo import AsyncPixazo, PastDurations, QwenImageEditPlusLora, Receiver
from pixazo.plans import duration_key
from pixazo.settings import find_gateway
from pixazo.webhooks import Server

URL, JOBS, HOW = sys.argv[1], int(sys.argv[2]), sys.argv[3]
FEW, APART_S = 5, 0.7
ALONE = 3
REQUEST = QwenImageEditPlusLora(prompt="x", image_urls=["https://example.com/a.png"])


def durations() -> PastDurations:
    """Return what is known of past jobs: nothing, or five of twelve seconds."""
    past = PastDurations()
    for number in range(0 if HOW == "new" else 5):
        key = duration_key(find_gateway(URL, URL), QwenImageEditPlusLora.model_id)
        past.learn(key, 12.0 + number / 100)
    return past


async def receiver(stack: AsyncExitStack) -> Receiver | None:
    """Return a receiver of callbacks, served here, when jobs shall call back."""
    if HOW != "webhook":
        return None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = Receiver(f"http://127.0.0.1:{port}")
    await stack.enter_async_context(Server(found, port=port))
    return found


async def main() -> None:
    """Run the jobs and print when each was known to be done, and the CPU seconds."""
    async with AsyncExitStack() as stack:
        calls = await receiver(stack)
        client = await stack.enter_async_context(
            AsyncPixazo("any-key", base_url=URL, durations=durations())
        )

        async def one(after_s: float = 0.0) -> tuple[str, float]:
            await asyncio.sleep(after_s)
            job = await client.submit(REQUEST, webhook=calls)
            await job.wait()
            return job.request_id, time.time()

        async def alone(count: int) -> dict[str, object]:
            began = time.process_time()
            ends = [await one() for _ in range(count)]
            return {"ends": ends, "cpu_s": time.process_time() - began}

        async def part(count: int, apart_s: float) -> dict[str, object]:
            began = time.process_time()
            ends = await asyncio.gather(*(one(number * apart_s) for number in range(count)))
            return {"ends": ends, "cpu_s": time.process_time() - began}

        if JOBS == 1:
            print(json.dumps([await alone(1), await alone(ALONE), await part(FEW, APART_S)]))
        else:
            print(json.dumps([await part(JOBS, 0.0)]))


if __name__ == "__main__":
    asyncio.run(main())
