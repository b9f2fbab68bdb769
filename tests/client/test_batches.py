"""Batches: a thousand jobs with faults of every kind, all accounted for, none paid twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from pixazo import (
    AsyncPixazo,
    ClientClosed,
    InsufficientBalance,
    InvalidConfiguration,
    Ledger,
    PixazoError,
    QwenImage,
    QwenImageEditPlusLora,
    RateLimited,
    SpendLimitReached,
)
from pixazo.batches import Item, Outcome, Outcomes, Run, Saver, Shard, items_of
from pixazo.sandbox import Sandbox, ScaledClock
from pixazo.sandbox.fault_table import FAULTS
from tests.client.quick import QuickClock

SHARE = 0.05
STOPPING = ("401", "402", "403")  # each ends the run, so that they come together
LONG = {"job:stuck", "media:hang", "media:endless-media"}  # minutes each; tested where they belong


def requests(count: int) -> list[QwenImageEditPlusLora]:
    """Small pictures; every tenth request is equal to another."""
    return [
        QwenImageEditPlusLora(
            prompt=f"prompt {number - number % 10 // 9}",
            image_urls=["https://example.com/a.png"],
            image_size={"width": 8, "height": 8},
        )
        for number in range(count)
    ]


def faults_of_every_kind() -> list[dict[str, Any]]:
    """Every fault at each of its stages, so that 5 % of the requests of a stage meet one."""
    every = [
        (stage, fault.name)
        for fault in FAULTS.values()
        for stage in fault.stages
        if stage != "callback" and f"{stage}:{fault.name}" not in LONG
    ]
    rules = [rule for rule in every if rule[1] not in STOPPING]
    per_stage = Counter(stage for stage, _ in rules)
    drawn = [
        {"fault": f"{stage}:{name}", "probability": SHARE / per_stage[stage]}
        for stage, name in rules
    ]
    return [
        *drawn,
        *({"fault": f"submit:{name}", "nth": 300 + at} for at, name in enumerate(STOPPING)),
    ]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(latency=12, balance="1000", clock=ScaledClock(20)) as sandbox:
        yield sandbox


@pytest.fixture
def at_once() -> Iterator[Sandbox]:
    """A sandbox whose jobs are done when they are asked for; goes with a `QuickClock`."""
    with Sandbox(latency=0, balance="1000") as sandbox:
        yield sandbox


async def run_once(
    sandbox: Sandbox, items: Sequence[Item], folder: Path, outcomes: Outcomes, **more: Any
) -> PixazoError | None:
    """Run the batch as the command does; return what stopped it."""
    clock = more.pop("clock", sandbox.client_clock)
    client = AsyncPixazo(
        "any-key",
        base_url=sandbox.url,
        clock=clock,
        attempts=1,
        timeout_s=5,
        ledger=folder / "ledger",
    )
    async with client:
        save = Saver(folder / "out", client.ledger, lambda id_: client.job(id_).wait()).save
        run = Run(client, items, clock=clock, **{"concurrency": 64, "save": save, **more})
        try:
            async for outcome in run.outcomes():
                outcomes.take(outcome)
        except PixazoError as error:
            return error
    return None


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_a_thousand_jobs_with_faults_of_every_kind_are_all_accounted_for(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Run again until nothing is open: each line has its end, each charge its line, none twice."""
    sandbox.faults.load(faults_of_every_kind())
    items = items_of(requests(1000), sandbox.url)
    outcomes = Outcomes(items)

    stops = [asyncio.run(run_once(sandbox, items, tmp_path, outcomes)) for _ in range(3)]

    counts, ends = outcomes.counts(), outcomes.all()
    told = {outcome.to_dict()["request_id"] for outcome in ends}
    done = {outcome.result.request_id for outcome in ends if outcome.result}
    paid = {charge.request_id for charge in sandbox.wallet.charges if not charge.refunded}
    assert stops[-1] is None
    assert sum(counts.values()) == 1000
    assert counts["done"] >= 900
    assert sandbox.wallet.double_charges == ()
    assert done <= paid
    assert len(done) == sum(outcome.result is not None for outcome in ends)
    assert len(paid - told) <= counts["unknown"]
    open_ = [outcome.error for outcome in ends if outcome.state == "open"]
    assert all(error is not None and error.charged != "no" for error in open_)


def test_running_again_sends_nothing_that_was_sent(at_once: Sandbox, tmp_path: Path) -> None:
    """The second run brings the same results without a request to the gateway."""
    items = items_of(requests(20), at_once.url)
    first, second = Outcomes(items), Outcomes(items)
    asyncio.run(run_once(at_once, items, tmp_path, first, clock=QuickClock()))
    sent = len(at_once.wallet.charges)

    asyncio.run(run_once(at_once, items, tmp_path, second, clock=QuickClock(), save=None))

    assert len(at_once.wallet.charges) == sent == 20
    ids = [[o.result.request_id for o in found.all() if o.result] for found in (first, second)]
    assert ids[0] == ids[1]
    assert len(ids[0]) == 20


def test_an_empty_wallet_stops_the_batch_and_the_rest_is_open(tmp_path: Path) -> None:
    """What was accepted is finished, nothing more is sent, and filling the wallet goes on."""
    with Sandbox(latency=1, balance="0.30", clock=ScaledClock(20)) as sandbox:
        items = items_of(requests(12), sandbox.url)
        outcomes = Outcomes(items)
        stopped = asyncio.run(run_once(sandbox, items, tmp_path, outcomes, concurrency=2))
        assert isinstance(stopped, InsufficientBalance)
        assert outcomes.counts() == {"done": 5, "failed": 0, "unknown": 0, "open": 7}

        sandbox.wallet.set_balance("10")
        assert asyncio.run(run_once(sandbox, items, tmp_path, outcomes)) is None
        assert outcomes.counts()["done"] == 12
        assert len(sandbox.wallet.charges) == 12


def test_a_job_that_ended_as_error_is_sent_again_because_it_cost_nothing(
    at_once: Sandbox, tmp_path: Path
) -> None:
    """ERROR gives the money back, so the line gets a new key and its picture."""
    at_once.faults.add("job:error", times=3)
    items = items_of(requests(5), at_once.url)
    outcomes = Outcomes(items)
    asyncio.run(run_once(at_once, items, tmp_path, outcomes, clock=QuickClock()))
    assert outcomes.counts()["done"] == 5
    assert sum(charge.refunded for charge in at_once.wallet.charges) == 3


def test_garbled_media_are_asked_for_again_until_the_batch_has_them(tmp_path: Path) -> None:
    """Lines whose media never come stay open, paid for; run again they are done at no cost."""
    with Sandbox(latency=0, balance="10") as sandbox:
        items = items_of(requests(4), sandbox.url)
        sandbox.faults.add("status:wrong-types")
        outcomes = Outcomes(items)
        assert asyncio.run(run_once(sandbox, items, tmp_path, outcomes, clock=QuickClock())) is None
        assert outcomes.counts()["open"] == 4
        assert {outcome.to_dict()["charged"] for outcome in outcomes.all()} == {"yes"}

        sandbox.faults.clear()
        sandbox.faults.add("status:wrong-types", times=6)
        asyncio.run(run_once(sandbox, items, tmp_path, outcomes, clock=QuickClock()))

        assert outcomes.counts()["done"] == 4
        assert len(sandbox.wallet.charges) == 4


def test_an_address_that_has_expired_is_asked_for_anew(tmp_path: Path) -> None:
    """A batch whose links are refused looks at the job, which is free, and saves what it names."""
    with Sandbox(latency=0, balance="10") as sandbox:
        items = items_of(requests(2), sandbox.url)
        sandbox.faults.add("media:expired-media", times=1)
        outcomes = Outcomes(items)
        asyncio.run(run_once(sandbox, items, tmp_path, outcomes, clock=QuickClock()))

        assert outcomes.counts()["done"] == 2
        assert len(sandbox.wallet.charges) == 2


def test_the_rate_holds_exactly(sandbox: Sandbox, tmp_path: Path) -> None:
    """At 2/s the charges of a batch lie half a second apart, the client's clock says."""
    items = items_of(requests(8), sandbox.url)
    began = sandbox.clock.now()
    asyncio.run(run_once(sandbox, items, tmp_path, Outcomes(items), per_s=2))
    assert sandbox.clock.now() - began >= 3.5
    times = [entry.sent_at or 0.0 for entry in Ledger(tmp_path / "ledger").entries()]
    assert len(times) == 8


def test_shards_split_without_overlap() -> None:
    """The parts of any count together hold each line once, under the same keys."""
    items = items_of(requests(101), "https://gateway.example")
    for count in (1, 2, 7, 200):
        parts = [Shard(index, count).of(items) for index in range(1, count + 1)]
        assert sorted(i.number for part in parts for i in part) == list(range(1, 102))
        assert {i.key for part in parts for i in part} == {i.key for i in items}


@pytest.mark.parametrize("text", ["", "0/2", "3/2", "1/0", "1", "a/b", "-1/2", "1/2/3"])
def test_a_wrong_shard_is_refused(text: str) -> None:
    """The error shows what a shard looks like."""
    with pytest.raises(InvalidConfiguration, match="no shard"):
        Shard.parse(text)


def test_equal_requests_have_keys_of_their_own_that_never_change() -> None:
    """A key depends on the gateway, the request and its how-manieth it is, on nothing else."""
    same = requests(10)[-2:]
    first, second = items_of(same, "https://gateway.example")
    assert same[0] == same[1]
    assert first.key != second.key
    assert first.key == "batch-" + first.key.split("-")[1] + "-1"
    assert items_of(same[:1], "https://gateway.example")[0].key == first.key
    assert items_of(same[:1], "http://127.0.0.1:1")[0].key != first.key


def test_the_client_runs_batches_too(sandbox: Sandbox, tmp_path: Path) -> None:
    """`AsyncPixazo.batch` yields an outcome for each request, with its place."""

    async def main() -> list[int]:
        client = AsyncPixazo("any-key", base_url=sandbox.url, clock=sandbox.client_clock)
        async with client:
            found = [outcome async for outcome in client.batch(requests(6), concurrency=3)]
        assert all(outcome.state == "done" for outcome in found)
        return sorted(outcome.item.number for outcome in found)

    assert asyncio.run(main()) == [1, 2, 3, 4, 5, 6]


def test_a_spend_limit_ends_the_batch_at_the_cent(sandbox: Sandbox, tmp_path: Path) -> None:
    """Five requests of 0.055 fit under 0.30; the sixth is not sent."""

    async def main() -> Counter[str]:
        states: Counter[str] = Counter()
        client = AsyncPixazo(
            "any-key",
            base_url=sandbox.url,
            clock=sandbox.client_clock,
            ledger=tmp_path / "ledger",
            spend_limit="0.30",
        )
        async with client:
            with pytest.raises(SpendLimitReached):  # noqa: PT012 (a loop is one statement)
                async for outcome in client.batch(requests(9)):
                    states[outcome.state] += 1
        return states

    assert asyncio.run(main()) == {"done": 5, "open": 4}
    assert len(sandbox.wallet.charges) == 5


def test_leaving_a_batch_loses_no_request_that_was_on_its_way(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    """Whoever breaks out of the loop leaves submitted jobs behind, never ones in doubt."""

    async def main() -> None:
        client = AsyncPixazo(
            "any-key", base_url=sandbox.url, clock=sandbox.client_clock, ledger=tmp_path / "ledger"
        )
        async with client:
            told = client.batch(requests(60), concurrency=8)
            async for _ in told:
                break
            await told.aclose()

    asyncio.run(main())
    with Ledger(tmp_path / "ledger") as ledger:
        states = Counter(entry.state for entry in ledger.entries())
        assert set(states) <= {"intent", "submitted", "completed"}
        ids = {entry.request_id for entry in ledger.entries() if entry.request_id}
    assert {charge.request_id for charge in sandbox.wallet.charges} == ids


def test_a_client_is_closed_in_another_event_loop_than_that_of_its_batch(tmp_path: Path) -> None:
    """What a batch has left behind in a loop that has ended is not waited for in the next one."""

    async def use(client: AsyncPixazo) -> list[str]:
        asked = [QwenImage(prompt=f"fog {number}", size="512*512") for number in range(2)]
        return [outcome.state async for outcome in client.batch(asked)]

    with Sandbox(balance="0") as box:
        client = AsyncPixazo("any-key", base_url=box.url, ledger=tmp_path / "ledger")
        with pytest.raises(InsufficientBalance) as stopped:  # which keeps the batch alive
            asyncio.run(use(client))
        asyncio.run(client.close())

    assert stopped.value.charged == "no"


@pytest.mark.parametrize("way", ["break", "error", "close"])
def test_a_client_that_ends_waits_for_the_batch_it_was_in(tmp_path: Path, way: str) -> None:
    """Whoever leaves the loop and the client at once loses no answer to what has left."""

    async def use(client: AsyncPixazo) -> None:
        asked = [QwenImage(prompt=f"fog {number}", size="512*512") for number in range(12)]
        async for _ in client.batch(asked, concurrency=4, rate=20):
            if way == "break":
                return
            if way == "error":
                raise KeyError(way)
            await client.close()

    async def main(box: Sandbox) -> BaseException | None:
        client = AsyncPixazo("any-key", base_url=box.url, ledger=tmp_path / "ledger")
        try:
            async with client:
                await use(client)
        except (KeyError, ClientClosed) as error:
            return error
        return None

    with Sandbox(latency=1, balance="1000") as box:
        ended = asyncio.run(main(box))
        paid = len(box.wallet.charges)

    assert type(ended) is {"break": type(None), "error": KeyError, "close": ClientClosed}[way]
    assert getattr(ended, "charged", "unknown") == "unknown"
    with Ledger(tmp_path / "ledger") as ledger:
        states = Counter(entry.state for entry in ledger.entries())
    assert paid < 12
    assert (states["completed"], states["unknown"], states["sending"]) == (paid, 0, 0)


@pytest.mark.parametrize("ledger", [True, False], ids=["ledger", "no ledger"])
def test_leaving_a_batch_sends_nothing_that_waits(tmp_path: Path, *, ledger: bool) -> None:
    """Neither what pauses after a 429 nor what waits for its turn costs money afterwards."""

    async def main(box: Sandbox) -> float:
        client = AsyncPixazo(
            "any-key", base_url=box.url, ledger=tmp_path / "ledger" if ledger else None
        )
        async with client:
            told = client.batch(requests(90), concurrency=60)
            first = asyncio.ensure_future(anext(told))
            while len(box.wallet.charges) < 5:
                await asyncio.sleep(0.01)
            box.faults.add("submit:429=30")
            while box.journal[-1].status != 429:
                await asyncio.sleep(0.01)
            first.cancel()
            began_s = asyncio.get_running_loop().time()
            await asyncio.gather(first, return_exceptions=True)
            await told.aclose()
            return asyncio.get_running_loop().time() - began_s

    with Sandbox(latency=300, balance="1000") as box:
        assert asyncio.run(main(box)) < 10
        ids = {charge.request_id for charge in box.wallet.charges}
        assert len(ids) < 50
        asked = [entry for entry in box.journal if entry.method == "POST"]
        assert len(asked) < 60
        if ledger:
            with Ledger(tmp_path / "ledger") as book:
                states = Counter(entry.state for entry in book.entries())
                assert set(states) <= {"intent", "submitted"}
                assert {entry.request_id for entry in book.entries() if entry.request_id} == ids


def test_a_429_slows_the_whole_batch_down_and_loses_nothing(
    at_once: Sandbox, tmp_path: Path
) -> None:
    """Eight refusals in a row: every request is sent in the end, and paid once."""
    at_once.faults.add("submit:429=2", times=8)
    items = items_of(requests(12), at_once.url)
    outcomes = Outcomes(items)
    assert asyncio.run(run_once(at_once, items, tmp_path, outcomes, clock=QuickClock())) is None
    assert outcomes.counts()["done"] == 12
    assert len(at_once.wallet.charges) == 12


@pytest.mark.parametrize(
    "settings", [{"attempts": 1}, {"retry_server_errors": False}], ids=["once", "no 500s"]
)
@pytest.mark.parametrize("fault", ["submit:500", "submit:429=1"])
def test_sending_again_can_be_switched_off(
    sandbox: Sandbox, settings: dict[str, Any], fault: str
) -> None:
    """A batch keeps to its client: what was refused is told, not sent again."""
    sandbox.faults.add(fault)

    async def main() -> list[Outcome]:
        client = AsyncPixazo("k", base_url=sandbox.url, clock=sandbox.client_clock, **settings)
        async with client:
            return [outcome async for outcome in client.batch(requests(3))]

    assert {outcome.state for outcome in asyncio.run(main())} == {"open"}
    assert len(sandbox.journal) == 3


def test_a_gateway_that_refuses_for_ever_leaves_the_line_open(
    at_once: Sandbox, tmp_path: Path
) -> None:
    """After eight tries the line is told as open, with the refusal; nothing was charged."""
    at_once.faults.add("submit:429=1")
    items = items_of(requests(1), at_once.url)
    outcomes = Outcomes(items)
    asyncio.run(run_once(at_once, items, tmp_path, outcomes, clock=QuickClock()))
    (outcome,) = outcomes.all()
    assert outcome.state == "open"
    assert isinstance(outcome.error, RateLimited)
    assert at_once.wallet.charges == ()
