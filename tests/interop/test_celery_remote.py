"""What Celery's tools see of a Seendr worker."""

import threading
import time
import unittest

from celery.events.state import State

from celery_support import SERVER, SeendrWorker, app, becomes, send
from support import LIMIT


class Monitor:
    """What Flower and `celery events` keep of what they hear: a context manager."""

    def __init__(self):
        self.state = State()
        self.events = []

    def __enter__(self):
        before = SERVER.client.pubsub_numpat()
        self.connection = app.connection()
        self.receiver = app.events.Receiver(self.connection, handlers={"*": self.hear})
        self.thread = threading.Thread(target=self.receiver.capture, daemon=True)
        self.thread.start()
        assert becomes(lambda: SERVER.client.pubsub_numpat() > before)
        return self

    def __exit__(self, *_):
        self.receiver.should_stop = True
        self.thread.join(LIMIT)
        self.connection.release()

    def hear(self, event):
        self.events.append(dict(event))
        self.state.event(event)

    def types(self):
        return {event["type"] for event in self.events}

    def task(self, result, state):
        """The task, once it is in that state."""
        tasks = self.state.tasks

        def arrived():
            return result.id in tasks and tasks[result.id].state == state

        assert becomes(arrived), (state, self.events)
        return tasks[result.id]


class Remote(unittest.TestCase):
    """What Celery's tools see of a Seendr worker."""

    @classmethod
    def setUpClass(cls):
        SERVER.client.flushall()
        cls.worker = SeendrWorker("--name", "peer@interop")

    @classmethod
    def tearDownClass(cls):
        cls.worker.end()

    def asked(self, method, *args, **options):
        inspect = app.control.inspect(timeout=1, **options)
        return getattr(inspect, method)(*args)

    def of_node(self, method, *args):
        answers = self.asked(method, *args)
        self.assertEqual(list(answers), ["peer@interop"])
        return answers["peer@interop"]

    def test_it_answers_to_ping(self):
        self.assertEqual(self.of_node("ping"), {"ok": "pong"})
        self.assertEqual(app.control.ping(timeout=1), [{"peer@interop": {"ok": "pong"}}])

    def test_it_answers_only_when_it_is_meant(self):
        self.assertIsNone(self.asked("ping", destination=["other@host"]))
        self.assertIsNotNone(self.asked("ping", destination=["peer@interop"]))
        self.assertIsNone(self.asked("ping", pattern="other@*", matcher="glob"))
        self.assertIsNotNone(self.asked("ping", pattern="peer@*", matcher="glob"))

    def test_it_tells_what_it_knows_and_does(self):
        self.assertIn("probe.add", self.of_node("registered"))
        result = send("probe.sleep", 2.5)
        self.assertTrue(becomes(lambda: SERVER.client.zcard("seendr:tasks:leases") == 1))
        (active,) = self.of_node("active")
        self.assertEqual(active["id"], result.id)
        self.assertEqual(active["name"], "probe.sleep")
        self.assertEqual(active["args"], [2.5])
        self.assertAlmostEqual(active["time_start"], time.time(), delta=10)
        self.assertEqual(self.of_node("query_task", result.id)[result.id][0], "active")
        self.assertEqual(self.of_node("reserved"), [])
        self.assertEqual(self.of_node("scheduled"), [])
        self.assertEqual([queue["name"] for queue in self.of_node("active_queues")], ["celery"])
        self.assertGreaterEqual(self.of_node("stats")["total"]["probe.sleep"], 1)
        self.assertIsInstance(self.of_node("clock")["clock"], int)
        self.assertEqual(self.of_node("conf"), {})
        result.get(timeout=LIMIT)

    def test_it_tells_what_is_revoked(self):
        app.control.revoke("somebody")
        self.assertTrue(becomes(lambda: "somebody" in self.of_node("revoked")))
        self.assertIn("somebody", self.asked("hello", "other@host")["peer@interop"]["revoked"])

    def test_it_refuses_what_it_cannot_do(self):
        (answer,) = app.control.pool_grow(1, reply=True, timeout=1)
        self.assertIn("error", answer["peer@interop"])

    def test_its_events_are_heard(self):
        with Monitor() as monitor:
            good = send("probe.add", 1, 2)
            bad = send("probe.fail", "boom")
            send("probe.retry", 1)
            wanted = {
                "worker-heartbeat",
                "task-received",
                "task-started",
                "task-succeeded",
                "task-failed",
                "task-retried",
            }
            self.assertTrue(becomes(lambda: wanted <= monitor.types()), monitor.events)
        heard = monitor.events
        of_good = [event["type"] for event in heard if event.get("uuid") == good.id]
        self.assertEqual(of_good, ["task-received", "task-started", "task-succeeded"])
        failed = [event for event in heard if event["type"] == "task-failed"]
        self.assertEqual([event["uuid"] for event in failed], [bad.id])
        self.assertEqual(failed[0]["exception"], "ValueError: boom, 42")
        self.assertEqual({event["hostname"] for event in heard}, {"peer@interop"})

    def test_a_monitor_sees_the_worker(self):
        with Monitor() as monitor:
            send("probe.sleep", 4.5)  # More than two heartbeats.
            workers = monitor.state.workers
            self.assertTrue(becomes(lambda: "peer@interop" in workers))
            worker = workers["peer@interop"]
            self.assertTrue(becomes(lambda: worker.active == 1), monitor.events)
            self.assertTrue(worker.alive)
            self.assertEqual(worker.status_string, "ONLINE")
            self.assertGreaterEqual(worker.processed, 1)
            self.assertEqual(worker.pid, self.worker.process.pid)
            self.assertEqual(worker.freq, 2.0)
            self.assertEqual([type(load) for load in worker.loadavg], [float] * 3)
            self.assertEqual((worker.sw_ident, worker.sw_sys), ("seendr", "Linux"))
            self.assertTrue(worker.sw_ver)
            self.assertTrue(becomes(lambda: worker.active == 0))

    def test_a_monitor_sees_every_field_of_tasks(self):
        before = time.time()
        with Monitor() as monitor:
            good = send("probe.add", 1, kwargs={"y": 2}, expires=600)
            task = monitor.task(good, "SUCCESS")
            self.assertEqual(task.name, "probe.add")
            self.assertEqual((task.args, task.kwargs), ("[1]", '{"y":2}'))
            self.assertEqual(task.result, "3")
            self.assertGreaterEqual(task.runtime, 0)
            self.assertLessEqual(before - 1, task.received)
            self.assertLessEqual(task.received, task.started)
            self.assertLessEqual(task.started, task.succeeded)
            self.assertLessEqual(task.succeeded, time.time() + 1)
            self.assertEqual((task.retries, task.eta), (0, None))
            self.assertRegex(task.expires, "^20")
            self.assertEqual((task.root_id, task.parent_id), (good.id, None))
            self.assertEqual(task.worker.hostname, "peer@interop")

            task = monitor.task(send("probe.fail", "Grüße"), "FAILURE")
            self.assertEqual(task.exception, "ValueError: Grüße, 42")
            self.assertTrue(task.traceback)
            self.assertGreaterEqual(task.failed, task.started)

            again = monitor.task(send("probe.retry", 1), "SUCCESS")
            self.assertGreaterEqual(again.retried, before - 1)
            self.assertGreaterEqual(again.succeeded, again.retried)
            self.assertEqual(again.retries, 1)

            revoked = send("probe.add", 1, countdown=1)
            app.control.revoke(revoked.id)
            self.assertGreaterEqual(monitor.task(revoked, "REVOKED").revoked, before - 1)
            late = send("probe.add", 1, countdown=0.4, expires=0.1)
            self.assertTrue(monitor.task(late, "REVOKED").expired)

    def test_a_long_argument_does_not_hurt_the_events_told_with_it(self):
        with Monitor() as monitor:
            results = [send("probe.echo", "x" * n + "ü" * 600) for n in range(2)]
            for result in results:
                task = monitor.task(result, "SUCCESS")
                self.assertLessEqual(len(task.args.encode()), 1024)
                self.assertTrue(task.args.endswith("ü..."))

    def test_a_monitor_sees_the_end_of_a_worker_and_of_what_it_ran(self):
        with Monitor() as monitor, SeendrWorker("--name", "leaving@interop", queue="leaving") as one:
            result = send("probe.sleep", 0.5, queue="leaving")
            monitor.task(result, "STARTED")
            self.assertTrue(monitor.state.workers["leaving@interop"].alive)
            one.end()
            monitor.task(result, "SUCCESS")
            workers = monitor.state.workers
            self.assertTrue(becomes(lambda: not workers["leaving@interop"].alive))
            self.assertIn("worker-offline", monitor.types())


if __name__ == "__main__":
    unittest.main()
