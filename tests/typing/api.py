"""The public names as their users write them; only type-checked, never run."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing, closing
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import assert_type

import pixazo
from pixazo import (
    AsyncJob,
    AsyncPixazo,
    CallbackSource,
    Charged,
    Clock,
    Deviation,
    Durations,
    Job,
    Ledger,
    Media,
    Outcome,
    PastDurations,
    Pixazo,
    Problem,
    QwenImage,
    QwenImageEdit,
    QwenImageEditPlusLora,
    QwenImageEditPlusTrainer,
    QwenImageLayered,
    QwenImageMax,
    QwenImageMaxEdit,
    Receiver,
    Request,
    Result,
    Status,
    SystemClock,
    request_class,
    request_from_dict,
    request_from_json,
)


def a_picture() -> None:
    """The first screen of the README."""
    with Pixazo() as client:
        result = client.generate(QwenImageMax(prompt="a white tiger"))
        assert_type(result, Result)
        assert_type(result.save("out/"), list[Path])
        assert_type(result.media, tuple[Media, ...])
        assert_type(result.price_usd, Decimal | None)
        assert_type(result.created_at, datetime | None)
        assert_type(result.deviations, tuple[Deviation, ...])
        assert_type(client.estimate(QwenImage(prompt="a lake")), Decimal | None)


def a_job() -> None:
    """A job is watched, waited for and found again."""
    client = Pixazo("key", base_url="http://127.0.0.1:8787", timeout_s=30, attempts=2)
    job = client.submit(QwenImageMax(prompt="…"), webhook="https://me.example/hook")
    assert_type(job, Job)
    for status in job.watch(timeout=60):
        assert_type(status, Status)
        assert_type(status.status, str)
    with closing(job.watch()) as seen:
        assert_type(next(seen), Status)
    assert_type(job.wait(300, on_status=print), Result)
    assert_type(job.token(), str)
    assert_type(client.job(job.token()).status(), Status)
    client.close()


async def in_asyncio() -> None:
    """The same in the other colour."""
    async with AsyncPixazo("key", clock=SystemClock(), durations=PastDurations()) as client:
        job = await client.submit(QwenImageMax(prompt="…"))
        assert_type(job, AsyncJob)
        async with aclosing(job.watch()) as seen:
            async for status in seen:
                assert_type(status, Status)
        result = await job.wait()
        assert_type(await result.save_async("out"), list[Path])
        results = await asyncio.gather(*(client.generate(request) for request in requests()))
        assert_type(results, list[Result])


def with_a_ledger(path: Path) -> None:
    """A ledger is a path or an open one; limits are dollars in any form."""
    with Ledger(path) as ledger, Pixazo(ledger=ledger, spend_limit="1.50", run="mine") as client:
        assert_type(client.ledger, Ledger | None)
        assert_type(client.generate(QwenImageMax(prompt="…"), key="one"), Result)
        assert_type(client.submit(QwenImageMax(prompt="…"), key="one"), Job)
    AsyncPixazo(ledger="a", spend_limit=1, spend_limit_day=Decimal(5), assume_price=0.1)
    Pixazo(spend_limit_call="0.05", retry_server_errors=False)


def requests() -> list[Request]:
    """Each model has a class; all are requests."""
    asked: list[Request] = [
        QwenImage(prompt="a lake", size="1328*1328"),
        QwenImageEdit(image=Path("lake.png"), prompt="at night"),
        QwenImageEditPlusLora(prompt="p", image_urls=["https://a.example/a.png"]),
        QwenImageEditPlusTrainer(image_data_url="https://a.example/a.zip", steps=10),
        QwenImageLayered(image_url="https://a.example/a.png"),
        QwenImageMax(prompt="p", image_size="landscape_hd"),
        QwenImageMaxEdit(prompt="p", image_urls=["https://a.example/a.png"]),
        request_from_dict({"model": "qwen-image", "prompt": "p"}),
        request_from_json('{"model": "qwen-image", "prompt": "p"}'),
    ]
    assert_type(request_class("qwen-image"), type[Request])
    return asked


async def batches(client: AsyncPixazo) -> None:
    """A batch yields an outcome for each request."""
    async for outcome in client.batch([QwenImage(prompt="p")]):
        assert_type(outcome, Outcome)


def callbacks(receiver: Receiver) -> CallbackSource:
    """A receiver is a source of callback addresses."""
    return receiver


class Mine:
    """A clock and a store of one's own fit."""

    def now(self) -> float:
        """Seconds."""
        return 0.0

    def time(self) -> float:
        """Seconds."""
        return 0.0

    def sleep(self, seconds: float) -> None:
        """Sleep."""

    async def sleep_async(self, seconds: float) -> None:
        """Sleep."""

    def past(self, model: str) -> Sequence[float]:
        """Durations."""
        return [len(model)]

    def learn(self, model: str, seconds: float) -> None:
        """Remember."""


mine_is_a_clock: Clock = Mine()
mine_is_a_store: Durations = Mine()
ledger: type[Ledger] = Ledger


def every_error() -> list[type[BaseException]]:
    """Every error is public."""
    return [
        pixazo.BadRequest,
        pixazo.BatchBusy,
        pixazo.BatchError,
        pixazo.ClientClosed,
        pixazo.ConfigurationError,
        pixazo.DownloadError,
        pixazo.DownloadRefused,
        pixazo.DownloadTimedOut,
        pixazo.FolderUnusable,
        pixazo.Forbidden,
        pixazo.GatewayFailure,
        pixazo.GatewayUnreachable,
        pixazo.InsufficientBalance,
        pixazo.InvalidBatch,
        pixazo.InvalidCallbackBase,
        pixazo.InvalidConfiguration,
        pixazo.InvalidRequest,
        pixazo.JobErrored,
        pixazo.JobFailed,
        pixazo.LedgerBroken,
        pixazo.LedgerError,
        pixazo.LedgerMoveRefused,
        pixazo.LedgerReadOnly,
        pixazo.LedgerTooNew,
        pixazo.MediaBroken,
        pixazo.MediaTooLarge,
        pixazo.MissingKey,
        pixazo.ModelNotFound,
        pixazo.NothingToDeliver,
        pixazo.OutcomeUnknown,
        pixazo.PixazoError,
        pixazo.PriceUnknown,
        pixazo.RateLimited,
        pixazo.RedirectRefused,
        pixazo.RequestNotFound,
        pixazo.RequestRefused,
        pixazo.SpendLimitReached,
        pixazo.Unauthorized,
        pixazo.UnknownToken,
        pixazo.UnsafeAddress,
        pixazo.WaitInterrupted,
        pixazo.WaitTimedOut,
        pixazo.WrongMode,
    ]


def what_errors_hold() -> None:
    """What stands on an error is typed."""
    try:
        a_picture()
    except pixazo.OutcomeUnknown as error:
        assert_type(error.charged, Charged)
        assert_type(error.amount_usd, Decimal | None)
        assert_type(error.token, str | None)
    except pixazo.InvalidRequest as error:
        assert_type(error.problems, tuple[Problem, ...])
    except pixazo.RateLimited as error:
        assert_type(error.retry_after_s, float | None)
    except pixazo.WaitInterrupted as error:
        assert_type(error.token, str)
