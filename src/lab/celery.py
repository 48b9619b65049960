"""Celery, as `seendr bench tasks` measures it: an application, and what enqueues with it.

As a program it says what a second of `delay()` gets done, one caller who waits for each answer: a
JSON object {"per_s", "version"}. As a module it is what `celery -A celery_bench worker` runs. The
environment: BENCH_SOCKET, the Redis; BENCH_DATABASE; BENCH_SECONDS of the measurement;
BENCH_STAMPS, a folder where each process of a worker writes as they run how long tasks waited: in
microseconds, each a native double, so that the size of a file says how many.
"""

import json
import os
import struct
import time

import celery

DATABASE = os.environ["BENCH_DATABASE"]
app = celery.Celery(
    "bench", broker=f"redis+socket://{os.environ['BENCH_SOCKET']}?virtual_host={DATABASE}"
)
stamps = {}  # One file a process: a pool forks.


@app.task(name="bench.nothing", ignore_result=True)
def nothing():
    pass


@app.task(name="bench.stamp", ignore_result=True)
def stamp(sent_us):
    waited_us = time.monotonic() * 1e6 - sent_us
    process = os.getpid()
    if process not in stamps:
        path = os.path.join(os.environ["BENCH_STAMPS"], str(process))
        stamps[process] = open(path, "wb", buffering=0)
    stamps[process].write(struct.pack("d", waited_us))


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
