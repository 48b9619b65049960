"""What the tests of tasks share: a Redis, Celery's application on it, and workers of both sides."""

import os
import signal
import subprocess
import sys
import tempfile
import time

from support import LIMIT, Peer, Redis, _end_with_parent

SERVER = Redis()
os.environ["REDIS_SOCKET"] = SERVER.socket
from celery_probe import app  # noqa: E402  It reads the environment.

STEPS = ["", "\x06\x163", "\x06\x166", "\x06\x169"]


def send(task, *args, **options):
    return app.send_task(task, args, **options)


def sig(task, *args, **options):
    return app.signature(task, args=args, options=options)


def left_over():
    """What workers that have done everything leave behind, which is nothing."""
    client = SERVER.client
    names = [queue + step for queue in ("celery", "seendr") for step in STEPS]
    lists = {name: client.llen(name) for name in names}
    counts = {key: client.zcard(key) for key in ("seendr:tasks:leases", "seendr:tasks:timers")}
    counts["unacked"] = client.hlen("unacked")
    return {key: count for key, count in {**lists, **counts}.items() if count}


def becomes(condition, limit=LIMIT):
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


class SeendrWorker(Peer):
    """One that is ready. A context manager, too."""

    def __init__(self, *words, **flags):
        super().__init__(SERVER, "celery_worker", *words, **flags)
        assert self.line()["ready"]

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.rest()
        self.__exit__()


class PythonWorker:
    """One that is ready, of one process."""

    def __init__(self, **environment):
        self.log = tempfile.TemporaryFile()
        command = [sys.executable, "-B", "-m", "celery", "-A", "celery_probe", "worker"]
        self.process = subprocess.Popen(
            command + ["-P", "solo", "-l", "INFO", "--without-gossip", "--without-mingle"],
            cwd=os.path.dirname(os.path.abspath(__file__)),
            stdout=self.log,
            stderr=subprocess.STDOUT,
            preexec_fn=_end_with_parent,
            env={**os.environ, **environment},
        )
        assert becomes(self._answers, 2 * LIMIT), "the worker of Python does not start"

    @staticmethod
    def _answers():
        names = [name for answer in app.control.ping(timeout=0.5) for name in answer]
        return any(name.startswith("celery@") for name in names)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def end(self):
        alive = self.process.poll() is None
        self.process.kill()
        self.process.wait()
        self.log.close()
        assert alive, "the worker of Python ended"
