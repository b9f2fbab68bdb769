"""Jobs of two models that this repository has never heard of (test_new_models.py)."""

from __future__ import annotations

import asyncio
import json

from pixazo import AsyncPixazo, Haiku, InkWash, Ledger, Pixazo
from pixazo.sandbox import ManualClock, Sandbox

wash = InkWash(prompt="heron", wetness=1, strokes=["dry", "wet"], num_images=2)
haiku = Haiku(first_line="a", second_line="b", last_line="c", seal=b"GIF89a")


async def batch(url: str, ledger: Ledger, clock: object) -> list[list[object]]:
    """Run both as a batch; gives number, state, model and number of files of each."""
    requests = [InkWash(prompt="reed", wetness=0.25), haiku]
    found = []
    async with AsyncPixazo("any", base_url=url, ledger=ledger, clock=clock) as client:
        async for outcome in client.batch(requests):
            saved = await outcome.result.save_async("out")
            found.append([outcome.item.number, "downloaded", outcome.result.model_id, len(saved)])
    return sorted(found)


with (
    Sandbox(latency=12, balance="1", clock=ManualClock()) as sandbox,
    Ledger("ledger.sqlite3") as ledger,
):
    clock = sandbox.client_clock
    with Pixazo("any", base_url=sandbox.url, ledger=ledger, clock=clock) as client:
        estimate = client.estimate(wash)
        job = client.submit(wash)
        resumed = client.job(job.token())
        words = [resumed.status().status, *(status.status for status in resumed.watch())]
        results = [resumed.wait(), client.generate(haiku)]
        saved = [[path.read_bytes()[:4].hex() for path in each.save("out")] for each in results]
    outcomes = asyncio.run(batch(sandbox.url, ledger, clock))
    entries = sorted((entry.model_id, entry.state) for entry in ledger.entries())
    spent = {each.label: str(each.charged_usd.normalize()) for each in ledger.spent(by="model")}
print(
    json.dumps(
        {
            "estimate": str(estimate),
            "words": sorted(set(words)),
            "prices": [str(result.price_usd) for result in results],
            "deviations": [str(each) for result in results for each in result.deviations],
            "saved": saved,
            "batch": outcomes,
            "entries": entries,
            "spent": spent,
            "left": str(sandbox.wallet.balance),
            "double_charges": len(sandbox.double_charges),
        }
    )
)
