"""What Celery's tools see of a Seendr worker."""

import threading
import time
import unittest

from celery_support import SERVER, SeendrWorker, app, becomes, send
from support import LIMIT


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
        heard = []
        before = SERVER.client.pubsub_numpat()
        with app.connection() as connection:
            receiver = app.events.Receiver(connection, handlers={"*": heard.append})
            capture = threading.Thread(target=receiver.capture, daemon=True)
            capture.start()
            self.assertTrue(becomes(lambda: SERVER.client.pubsub_numpat() > before))
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
            self.assertTrue(becomes(lambda: wanted <= {event["type"] for event in heard}), heard)
            receiver.should_stop = True
            capture.join(LIMIT)
        of_good = [event["type"] for event in heard if event.get("uuid") == good.id]
        self.assertEqual(of_good, ["task-received", "task-started", "task-succeeded"])
        failed = [event for event in heard if event["type"] == "task-failed"]
        self.assertEqual([event["uuid"] for event in failed], [bad.id])
        self.assertEqual(failed[0]["exception"], "ValueError: boom, 42")
        self.assertEqual({event["hostname"] for event in heard}, {"peer@interop"})


if __name__ == "__main__":
    unittest.main()
