"""Celery reads what Seendr writes for Celery 5.3 to 5.6 (tests/unit/tasks/celery_golden_test.cpp)."""

import json
import os
import unittest
import uuid
from datetime import datetime, timezone

from celery.exceptions import TaskRevokedError

from celery_support import SERVER, PythonWorker, app
from support import LIMIT

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden", "celery")
TASK = "c1eba7a6-09b0-4150-8793-2acd988a93df"
NOON = datetime(2026, 11, 27, 12, 0, 0, 250000, timezone.utc)


def golden(name):
    """The text, for a task of its own, because Celery keeps results that it has read; and its id."""
    task = str(uuid.uuid4())
    with open(os.path.join(GOLDEN, name + ".json"), encoding="utf-8") as file:
        return file.read().replace(TASK, task), task


def refuse_tags(value):
    """kombu 5.3 and later fail where it is not one of their types."""
    assert value.keys() != {"__type__", "__value__"}, value
    return value


class Results(unittest.TestCase):
    """Each result as it is stored, read by AsyncResult."""

    def result(self, name):
        text, task = golden(name)
        json.loads(text, object_hook=refuse_tags)
        SERVER.client.set("celery-task-meta-" + task, text)
        return app.AsyncResult(task)

    def assert_done(self, result):
        done = result.date_done
        done = done if isinstance(done, datetime) else datetime.fromisoformat(done)
        self.assertEqual(done, NOON)

    def test_a_success(self):
        result = self.result("seendr_success")
        self.assertEqual(result.get(timeout=LIMIT), {"sum": 5, "text": "Grüße"})
        self.assertEqual(result.state, "SUCCESS")
        self.assertEqual(result.children, [])
        self.assert_done(result)

    def test_a_failure(self):
        result = self.result("seendr_failure")
        with self.assertRaises(ValueError) as caught:
            result.get(timeout=LIMIT)
        self.assertEqual(caught.exception.args, ("boom", 42))
        self.assert_done(result)

    def test_a_retry(self):
        result = self.result("seendr_retry")
        self.assertEqual(result.state, "RETRY")
        self.assertEqual(result.info.args, ("boom", 42))
        self.assertIsNone(result.date_done)

    def test_a_revocation(self):
        result = self.result("seendr_revoked")
        with self.assertRaises(TaskRevokedError):
            result.get(timeout=LIMIT)


class Retries(unittest.TestCase):
    """The message of another attempt, served to a Python worker."""

    @classmethod
    def setUpClass(cls):
        SERVER.client.flushall()
        cls.worker = PythonWorker()

    @classmethod
    def tearDownClass(cls):
        cls.worker.end()

    def served(self, name):
        text, task = golden(name)
        message = json.loads(text)
        message["headers"]["eta"] = None  # It lies ahead, or behind.
        SERVER.client.lpush("celery", json.dumps(message))
        return app.AsyncResult(task).get(timeout=LIMIT)

    def test_with_stamps(self):
        self.assertEqual(self.served("seendr_retry_stamped"), {"args": [2], "kwargs": {"y": 3}})

    def test_with_what_was_tagged(self):
        found = self.served("seendr_retry_tagged")
        self.assertEqual(found["args"], [["2024-01-02"]])
        self.assertEqual(found["kwargs"]["decimal"], "1.10")


if __name__ == "__main__":
    unittest.main()
