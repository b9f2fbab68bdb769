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

        async def part(count: int, apart_s: float) -> dict[str, object]:
            ends: list[tuple[str, float]] = []
            began = time.process_time()

            async def one(number: int) -> None:
                await asyncio.sleep(number * apart_s)
                job = await client.submit(REQUEST, webhook=calls)
                await job.wait()
                ends.append((job.request_id, time.time()))

            await asyncio.gather(*(one(number) for number in range(count)))
            return {"ends": ends, "cpu_s": time.process_time() - began}

        parts = [(1, 0.0), (FEW, APART_S)] if JOBS == 1 else [(JOBS, 0.0)]
        print(json.dumps([await part(count, apart_s) for count, apart_s in parts]))


if __name__ == "__main__":
    asyncio.run(main())
