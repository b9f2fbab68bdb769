"""What the client scripts share: so many jobs in threads, timed."""

import json
import sys
import threading
import time
from collections.abc import Callable

URL, JOBS = sys.argv[1], int(sys.argv[2])
FEW, APART_S = 5, 0.7
ALONE = 3


def run(job: Callable[[], str]) -> None:
    """Run the jobs and print when each was known to be done, and the CPU seconds.

    For one job: the first of the process, others one after another, then a few that begin at
    different times.
    """
    if JOBS == 1:
        print(json.dumps([_alone(job, 1), _alone(job, ALONE), _part(job, FEW, APART_S)]))
    else:
        print(json.dumps([_part(job, JOBS, 0.0)]))


def _alone(job: Callable[[], str], count: int) -> dict[str, object]:
    began = time.process_time()
    ends = [(job(), time.time()) for _ in range(count)]
    return {"ends": ends, "cpu_s": time.process_time() - began}


def _part(job: Callable[[], str], count: int, apart_s: float) -> dict[str, object]:
    ends: list[tuple[str, float]] = []
    began = time.process_time()

    def one(number: int) -> None:
        time.sleep(number * apart_s)
        name = job()
        ends.append((name, time.time()))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"ends": ends, "cpu_s": time.process_time() - began}
