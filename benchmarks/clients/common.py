"""What the client scripts share: so many jobs at once in threads, timed."""

import json
import sys
import threading
import time
from collections.abc import Callable

URL, JOBS = sys.argv[1], int(sys.argv[2])


def run(job: Callable[[], str]) -> None:
    """Run the jobs and print when each was known to be done, and the CPU seconds."""
    ends: list[tuple[str, float]] = []
    began = time.process_time()

    def one() -> None:
        name = job()
        ends.append((name, time.time()))

    threads = [threading.Thread(target=one) for _ in range(JOBS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"ends": ends, "cpu_s": time.process_time() - began}))
