"""Celery and seendr-peer on one Redis: tasks of each run by workers of the other."""

import json
import time
import unittest
from datetime import datetime, timedelta, timezone

from celery.exceptions import NotRegistered, TaskRevokedError

from celery_support import SERVER, PythonWorker, SeendrWorker, app, becomes, left_over, send
from support import LIMIT, peer

EVERYTHING = {
    "text": "Grüße, 東京, 🎥, \x00, " + "x" * 70000,
    "integers": [0, 2**63 - 1, -(2**63), 2**53 + 1],
    "floats": [0.5, 1.5, 0.1, -1e300],
    "nothing": None,
    "flags": [True, False],
    "nested": {"a": {"b": [{"c": []}]}, "": {}},
}


class SeendrRuns(unittest.TestCase):
    """Python enqueues, Seendr runs."""

    @classmethod
    def setUpClass(cls):
        SERVER.client.flushall()
        cls.worker = SeendrWorker()

    @classmethod
    def tearDownClass(cls):
        cls.worker.end()

    def tearDown(self):
        self.assertTrue(becomes(lambda: not left_over()), left_over())

    def test_a_value_comes_back(self):
        self.assertEqual(send("probe.add", 2, 3).get(timeout=LIMIT), 5)
        self.assertEqual(send("probe.add", 2, kwargs={"y": 5}).get(timeout=LIMIT), 7)

    def test_arguments_survive(self):
        result = send("probe.echo", EVERYTHING, kwargs=EVERYTHING).get(timeout=LIMIT)
        self.assertEqual(result, {"args": [EVERYTHING], "kwargs": EVERYTHING})

    def test_a_compressed_body_is_read(self):
        result = send("probe.echo", "x" * 10000, compression="zlib")
        self.assertEqual(result.get(timeout=LIMIT)["args"], ["x" * 10000])

    def test_an_exception_comes_back_as_itself(self):
        result = send("probe.fail", "boom")
        with self.assertRaises(ValueError) as caught:
            result.get(timeout=LIMIT)
        self.assertEqual(caught.exception.args, ("boom", 42))
        self.assertEqual(result.state, "FAILURE")

    def test_an_unknown_task_is_not_registered(self):
        with self.assertRaises(NotRegistered):
            send("nobody.knows").get(timeout=LIMIT)

    def test_a_task_is_retried(self):
        self.assertEqual(send("probe.retry", 2).get(timeout=LIMIT), {"retries": 2})

    def test_a_delayed_task_waits(self):
        start = time.monotonic()
        self.assertEqual(send("probe.add", 1, countdown=0.5).get(timeout=LIMIT), 1)
        self.assertGreaterEqual(time.monotonic() - start, 0.45)
        self.assertLess(time.monotonic() - start, 5)

    def test_an_eta_in_another_zone_is_the_same_moment(self):
        zone = timezone(timedelta(hours=-7))
        eta = datetime.now(zone) + timedelta(seconds=0.5)
        start = time.monotonic()
        send("probe.add", 1, eta=eta).get(timeout=LIMIT)
        self.assertGreaterEqual(time.monotonic() - start, 0.45)
        self.assertLess(time.monotonic() - start, 5)

    def test_an_expired_task_is_revoked(self):
        with self.assertRaises(TaskRevokedError) as caught:
            send("probe.add", 1, expires=datetime.now(timezone.utc)).get(timeout=LIMIT)
        self.assertEqual(caught.exception.args, ("expired",))

    def test_a_revoked_task_is_not_run(self):
        result = send("probe.add", 1, countdown=1)
        app.control.revoke(result.id)
        with self.assertRaises(TaskRevokedError):
            result.get(timeout=LIMIT)

    def test_a_worker_knows_what_it_runs(self):
        result = send("probe.info", priority=6)
        info = result.get(timeout=LIMIT)
        self.assertEqual(info["id"], result.id)
        self.assertEqual(info["task"], "probe.info")
        self.assertEqual(info["priority"], 6)
        self.assertEqual(info["root_id"], result.id)
        self.assertEqual(info["delivery_info"]["routing_key"], "celery")

    def test_it_survives_messages_that_hurt_pythons_workers(self):
        good = {
            "body": "W1tdLCB7fSwgbnVsbF0=",
            "content-type": "application/json",
            "content-encoding": "utf-8",
            "headers": {"task": "probe.add", "id": "i"},
            "properties": {"delivery_tag": "t", "delivery_info": {}, "body_encoding": "base64"},
        }

        def without(*path):
            message = json.loads(json.dumps(good))
            inner = message
            for name in path[:-1]:
                inner = inner[name]
            del inner[path[-1]]
            return message

        def having(value, *path):
            message = without(*path)
            inner = message
            for name in path[:-1]:
                inner = inner[name]
            inner[path[-1]] = value
            return message

        bad = [
            "no json",
            "[1, 2]",
            json.dumps(without("properties")),
            json.dumps(without("properties", "delivery_tag")),
            json.dumps(without("content-type")),
            json.dumps(without("headers")),
            json.dumps(without("headers", "id")),
            json.dumps(having("application/x-python-serialize", "content-type")),
            json.dumps(having("W10=", "body")),
            json.dumps(having("*", "body")),
        ]
        for eta in ("yesterday", 5):
            message = having(None, "body")
            message["body"] = good["body"]
            message["headers"]["eta"] = eta
            bad.append(json.dumps(message))
        before = SERVER.client.hlen("seendr:tasks:buried")
        for message in bad:
            SERVER.client.lpush("celery", message)
        self.assertEqual(send("probe.add", 1).get(timeout=LIMIT), 1)
        buried = SERVER.client.hlen("seendr:tasks:buried") - before
        self.assertEqual(buried, len(bad))

    def test_what_pythons_workers_do_without_is_not_needed(self):
        plain = {
            "body": '[[1, 2], {}, null]',
            "content-type": "application/json",
            "headers": {"task": "probe.add", "id": "plain"},
            "properties": {"delivery_tag": "t", "delivery_info": {"routing_key": "celery"}},
        }
        SERVER.client.lpush("celery", json.dumps(plain))
        self.assertEqual(app.AsyncResult("plain").get(timeout=LIMIT), 3)


class SeendrWorkers(unittest.TestCase):
    """Workers that come and go."""

    def setUp(self):
        SERVER.client.flushall()

    def test_lower_priorities_are_served_first(self):
        results = {p: send("probe.sleep", 0.05, priority=p) for p in (9, 6, 3, 0)}
        with SeendrWorker(concurrency=1) as worker:
            done = {p: results[p] for p in results}
            for result in done.values():
                result.get(timeout=LIMIT)
            worker.end()
        order = sorted(results, key=lambda p: results[p].date_done)
        self.assertEqual(order, [0, 3, 6, 9])
        self.assertEqual(left_over(), {})

    def test_what_a_killed_worker_held_is_run_by_another(self):
        with SeendrWorker() as dying, SeendrWorker() as other:
            results = [send("probe.sleep", 1.5) for _ in range(6)]
            self.assertTrue(becomes(lambda: SERVER.client.zcard("seendr:tasks:leases") == 6))
            dying.process.kill()
            start = time.monotonic()
            for result in results:
                self.assertEqual(result.get(timeout=LIMIT), 1.5)
            self.assertLess(time.monotonic() - start, 15)  # Celery alone: an hour.
            other.end()
        self.assertEqual(left_over(), {})

    def test_a_stopped_worker_finishes_what_it_runs(self):
        with SeendrWorker() as worker:
            result = send("probe.sleep", 0.5)
            self.assertTrue(becomes(lambda: SERVER.client.zcard("seendr:tasks:leases") == 1))
            worker.end()
        self.assertEqual(result.get(timeout=1), 0.5)
        self.assertEqual(left_over(), {})


class PythonRuns(unittest.TestCase):
    """Seendr enqueues, Python runs."""

    @classmethod
    def setUpClass(cls):
        SERVER.client.flushall()
        cls.worker = PythonWorker()

    @classmethod
    def tearDownClass(cls):
        cls.worker.end()

    def tearDown(self):
        self.assertTrue(becomes(lambda: not left_over()), left_over())

    def sent(self, *words):
        return peer(SERVER, "celery_send", *words, "--wait", str(LIMIT))

    def test_a_value_comes_back(self):
        answer = self.sent("py.add", "[2, 3]")
        self.assertEqual((answer["state"], answer["result"]), ("SUCCESS", 5))
        answer = self.sent("py.add", "[2]", "--kwargs", '{"y": 5}')
        self.assertEqual((answer["state"], answer["result"]), ("SUCCESS", 7))

    def test_arguments_survive(self):
        answer = self.sent("py.echo", [EVERYTHING])
        self.assertEqual(answer["result"]["args"], [EVERYTHING])

    def test_an_exception_comes_back(self):
        answer = self.sent("py.fail", '["boom"]')
        self.assertEqual(answer["state"], "FAILURE")
        self.assertEqual(answer["result"]["exc_type"], "ValueError")
        self.assertEqual(answer["result"]["exc_message"], ["boom", 42])
        self.assertEqual(answer["result"]["exc_module"], "builtins")

    def test_an_unknown_task_is_not_registered(self):
        answer = self.sent("nobody.knows")
        self.assertEqual(answer["result"]["exc_type"], "NotRegistered")

    def test_a_task_is_retried(self):
        self.assertEqual(self.sent("py.retry", "[2]")["result"], {"retries": 2})

    def test_a_delayed_task_waits(self):
        start = time.monotonic()
        answer = self.sent("py.info", "--countdown", "1", "--task-id", "delayed")
        self.assertGreaterEqual(time.monotonic() - start, 1)
        self.assertEqual(answer["result"]["id"], "delayed")
        self.assertEqual(answer["result"]["root_id"], "delayed")
        self.assertIsNotNone(answer["result"]["eta"])

    def test_an_expired_task_is_revoked(self):
        answer = self.sent("py.add", "[1, 1]", "--countdown", "0.5", "--expires", "0.1")
        self.assertEqual(answer["state"], "REVOKED")
        self.assertEqual(answer["result"]["exc_message"], ["expired"])

    def test_a_revoked_task_is_not_run(self):
        sent = peer(SERVER, "celery_send", "py.add", "[1, 1]", "--countdown", "1.5")
        self.assertEqual(peer(SERVER, "celery_revoke", sent["id"]), {"revoked": sent["id"]})
        with self.assertRaises(TaskRevokedError):
            app.AsyncResult(sent["id"]).get(timeout=LIMIT)

    def test_every_priority_is_served(self):
        for priority in "0369":
            answer = self.sent("py.add", "[1, 1]", "--priority", priority)
            self.assertEqual(answer["result"], 2)

    def test_a_result_that_does_not_come_is_a_timeout(self):
        answer = peer(
            SERVER, "celery_send", "py.add", "[1, 1]", "--countdown", "1", "--wait", "0.1"
        )
        self.assertTrue(answer["timeout"])
        self.assertEqual(app.AsyncResult(answer["id"]).get(timeout=LIMIT), 2)


if __name__ == "__main__":
    unittest.main()
