"""What the client scripts share: so many jobs in threads, timed."""

import json
import sys
import threading
import time
from collections.abc import Callable

URL, JOBS = sys.argv[1], int(sys.argv[2])
FEW, APART_S = 5, 0.7


def run(job: Callable[[], str]) -> None:
    """Run the jobs and print when each was known to be done, and the CPU seconds.

    For one job: the first of the process by itself, then a few that begin at different times.
    """
    parts = [(1, 0.0), (FEW, APART_S)] if JOBS == 1 else [(JOBS, 0.0)]
    print(json.dumps([_part(job, count, apart_s) for count, apart_s in parts]))


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
