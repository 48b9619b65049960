"""A Celery application and its tasks; REDIS_SOCKET names the Redis."""

import os
import time

from celery import Celery

URL = "redis+socket://" + os.environ.get("REDIS_SOCKET", "/nowhere")
app = Celery("probe", broker=URL, backend=URL)
app.conf.update(
    broker_connection_retry_on_startup=True,
    result_expires=600,
    task_default_queue=os.environ.get("CELERY_QUEUE", "celery"),
    worker_prefetch_multiplier=1,
)
if "VISIBILITY_TIMEOUT" in os.environ:
    seconds = float(os.environ["VISIBILITY_TIMEOUT"])
    app.conf.broker_transport_options = {"visibility_timeout": seconds}


@app.task(name="py.add")
def add(x, y):
    return x + y


@app.task(name="py.echo")
def echo(*args, **kwargs):
    return {"args": args, "kwargs": kwargs}


@app.task(name="py.fail")
def fail(message):
    raise ValueError(message, 42)


@app.task(name="py.nested")
def nested(depth):
    value = []
    for _ in range(depth - 1):
        value = [value]
    return value


@app.task(name="py.nan")
def nan():
    return float("nan")


@app.task(name="py.retry", bind=True, max_retries=5)
def retry(self, times):
    if self.request.retries < times:
        raise self.retry(countdown=0.1)
    return {"retries": self.request.retries}


@app.task(name="py.info", bind=True)
def info(self):
    return {"id": self.request.id, "root_id": self.request.root_id, "eta": self.request.eta}


@app.task(name="probe.sleep", acks_late=True)
def sleep(seconds):
    """Both sides know it, so that each can run what the other held."""
    time.sleep(seconds)
    return seconds
