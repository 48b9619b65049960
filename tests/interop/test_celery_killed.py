"""Workers of both sides on one queue: what a killed one held is run by the other."""

import time
import unittest

from celery_support import SERVER, PythonWorker, SeendrWorker, becomes, left_over, send
from support import LIMIT

VISIBILITY = 2  # Seconds, on both sides.
LONG = 10.0  # Longer than that, and than a worker of Python takes to start.


class Killed(unittest.TestCase):
    def setUp(self):
        SERVER.client.flushall()

    def python_worker(self):
        worker = PythonWorker(VISIBILITY_TIMEOUT=str(VISIBILITY))
        self.addCleanup(worker.kill)
        return worker

    def test_what_a_worker_of_python_held_is_run_by_seendr(self):
        dying = self.python_worker()
        held = [send("probe.sleep", 1.5) for _ in range(2)]
        self.assertTrue(becomes(lambda: SERVER.client.hlen("unacked") >= 1))
        dying.kill()
        with SeendrWorker(visibility_timeout=VISIBILITY) as worker:
            for result in held:
                self.assertEqual(result.get(timeout=LIMIT), 1.5)
            self.assertTrue(becomes(lambda: not left_over()), left_over())
            worker.end()

    def test_what_a_worker_of_seendr_held_is_run_by_python(self):
        with SeendrWorker(visibility_timeout=VISIBILITY) as dying:
            held = [send("probe.sleep", 0.7) for _ in range(3)]
            self.assertTrue(becomes(lambda: SERVER.client.zcard("seendr:tasks:leases") == 3))
            self.assertEqual(SERVER.client.hlen("unacked"), 3)
            dying.process.kill()
            killed = time.time()
        oldest = VISIBILITY + 0.1
        self.assertTrue(becomes(lambda: time.time() - killed > oldest))  # Looked at when it starts.
        worker = self.python_worker()
        done = []
        for result in held:
            self.assertEqual(result.get(timeout=LIMIT), 0.7)
            done.append(result.date_done)
        worker.end()

        with SeendrWorker(visibility_timeout=VISIBILITY) as another:  # Forgets, and runs nothing again.
            self.assertTrue(becomes(lambda: not left_over()), left_over())
            another.end()
        self.assertEqual(SERVER.client.scard("seendr:tasks:mirrored"), 0)
        for result, before in zip(held, done):
            result._cache = None
            self.assertEqual(result.date_done, before)

    def test_a_living_worker_of_seendr_keeps_what_takes_longer(self):
        with SeendrWorker(visibility_timeout=VISIBILITY) as worker:
            long = send("probe.sleep", LONG)
            self.assertTrue(becomes(lambda: SERVER.client.zcard("seendr:tasks:leases") == 1))
            began = time.time()
            self.assertTrue(becomes(lambda: time.time() - began > 1.5 * VISIBILITY))
            other = self.python_worker()  # Restores what is too old.
            self.assertEqual(SERVER.client.zcard("seendr:tasks:leases"), 1)
            self.assertEqual(long.get(timeout=LIMIT), LONG)
            other.end()
            worker.end()
        self.assertEqual(left_over(), {})


if __name__ == "__main__":
    unittest.main()
