"""Celery, as `seendr bench tasks` measures it: an application, and what enqueues with it.

As a program it says what a second of `delay()` gets done, one caller who waits for each answer: a
JSON object {"per_s", "version"}. As a module it is what `celery -A celery_bench worker` runs. The
environment: BENCH_SOCKET, the Redis; BENCH_DATABASE; BENCH_SECONDS of the measurement;
BENCH_STAMPS, where each process of a worker leaves, when it ends, how long tasks waited, in
microseconds, one a line.
"""

import json
import os
import time

import celery
from celery import signals

DATABASE = os.environ["BENCH_DATABASE"]
app = celery.Celery(
    "bench", broker=f"redis+socket://{os.environ['BENCH_SOCKET']}?virtual_host={DATABASE}"
)
waited = []


@app.task(name="bench.nothing", ignore_result=True)
def nothing():
    pass


@app.task(name="bench.stamp", ignore_result=True)
def stamp(sent_us):
    waited.append(time.monotonic() * 1e6 - sent_us)


def leave(**_):
    if waited:
        with open(os.path.join(os.environ["BENCH_STAMPS"], str(os.getpid())), "w") as file:
            file.writelines(f"{time_us:.1f}\n" for time_us in waited)


signals.worker_process_shutdown.connect(leave)  # One of the pool.
signals.worker_shutdown.connect(leave)  # One without a pool.


def main():
    nothing.delay()
    seconds = float(os.environ["BENCH_SECONDS"])
    count, start = 0, time.perf_counter()
    now = start
    while now < start + seconds:
        nothing.delay()
        count += 1
        now = time.perf_counter()
    print(json.dumps({"per_s": count / (now - start), "version": celery.__version__}))


if __name__ == "__main__":
    main()
